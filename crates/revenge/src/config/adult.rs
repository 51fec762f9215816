//! The adult area.

use serde::{Deserialize, Serialize};

/// The adult area: a catalog of its own that nobody sees who did not open it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdultSection {
    /// Whether there is one. Its content stays where it is when it is switched off.
    pub enabled: bool,
}
