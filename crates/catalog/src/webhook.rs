//! How programs that fetch files tell us of them: a call with a secret token, after which the folders it names are scanned.

pub mod api;
mod arr;
mod service;
mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use kernel::id::LibraryId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use arr::Call;

/// How other programs may call, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// The secret a caller must know.
    pub token: String,
    /// What other programs call our folders.
    pub path_mappings: Vec<PathMapping>,
    /// The last call.
    pub last_call: Option<LastCall>,
}

/// Two names of one folder: another program may see it elsewhere, in another container or on another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PathMapping {
    /// As the other program calls it: `/movies`, `D:\Movies`.
    pub from: String,
    /// As this server calls it: `/media/films`.
    pub to: String,
}

/// What to change about the webhook.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct WebhookPatch {
    /// All path mappings from now on; of several that fit a path, the longest counts.
    pub path_mappings: Vec<PathMapping>,
}

/// What another program last told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastCall {
    /// When.
    pub at: DateTime<Utc>,
    /// What it calls itself.
    pub application: Option<String>,
    /// What happened, in its words: `Download`.
    pub event: String,
    /// How many scans that led to.
    pub scans: usize,
    /// Paths it named that lie in no library, after the mappings.
    pub unknown_paths: Vec<String>,
}

/// What a call led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallAnswer {
    /// Scans that were asked for.
    pub scans: Vec<CalledScan>,
    /// Paths that lie in no library, after the mappings.
    pub unknown_paths: Vec<String>,
}

/// A scan that a call asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalledScan {
    /// Of this library.
    pub library_id: LibraryId,
    /// Of this folder of it, or of all of it.
    pub folder: Option<String>,
    /// Under this job.
    pub job_id: i64,
}
