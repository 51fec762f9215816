//! How many requests somebody may make.

use serde::{Deserialize, Serialize};

/// Requests to the API in a minute, over all nodes; 0 is no limit. All of them may come at once, and more become free
/// evenly. Nobody is counted who asks from the server's own machine without a proxy between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestsSection {
    /// From one address, by who is not signed in.
    pub strangers: u32,
    /// By one person: what changes something.
    pub changes: u32,
    /// By one person: pages, lists, details.
    pub reads: u32,
    /// By one person: pictures, films and their parts.
    pub media: u32,
}

impl Default for RequestsSection {
    fn default() -> Self {
        Self { strangers: 300, changes: 3_000, reads: 30_000, media: 120_000 }
    }
}
