//! Libraries: sets of folders that hold one kind of content.

pub mod api;
mod browse;
pub mod folders;
mod service;
mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use kernel::id::LibraryId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use browse::{FolderEntry, FolderListing};
pub use store::{bump_generation, list_library_ids_unscoped};

/// A library as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Library {
    /// Its id.
    pub id: LibraryId,
    /// What it is called.
    pub name: String,
    /// The content kind: `movies`, `shows`.
    pub kind: String,
    /// Things its list shows: films, shows.
    pub item_count: i64,
    /// Where its files are; for administrators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folders: Option<Vec<Folder>>,
    /// The latest scan, running or over.
    pub scan: Option<ScanView>,
    /// When a scan last came to its end.
    pub last_scanned_at: Option<DateTime<Utc>>,
    /// Why the last scan could not do its work as a whole.
    pub warning: Option<String>,
    /// Files and folders that could not be read.
    pub problem_count: i64,
}

/// A folder of a library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Folder {
    /// Absolute; bytes that are no UTF-8 stand as `\xHH`, a backslash as `\\`.
    pub path: String,
    /// Whether the server can list it right now.
    pub is_reachable: bool,
}

/// How far a scan is, or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScanView {
    /// The library being scanned.
    pub library_id: LibraryId,
    /// The job that does it.
    pub job_id: Option<i64>,
    /// `walking`, `reading`, `describing`, `done`, `failed` or `cancelled`.
    pub stage: String,
    /// Files done in this stage.
    pub done: i64,
    /// Files to do in this stage, once known.
    pub total: Option<i64>,
    /// Files found.
    pub found: i64,
    /// Files that are new.
    pub added: i64,
    /// Files that are not what they were.
    pub changed: i64,
    /// Files that are no longer there.
    pub missing: i64,
    /// Files and folders that could not be read.
    pub problems: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long this stage still takes at the present pace.
    pub eta_ms: Option<i64>,
}

/// A library to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewLibrary {
    /// What it is called; no two libraries have the same name.
    pub name: String,
    /// The content kind: `movies`, `shows`.
    pub kind: String,
    /// Absolute paths on the server.
    pub folders: Vec<String>,
}

/// What to change about a library; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct LibraryPatch {
    /// A new name.
    pub name: Option<String>,
    /// All its folders from now on. What is known of files below a folder that is no longer named is forgotten; what
    /// people made of those items stays.
    pub folders: Option<Vec<String>>,
}

/// Something a scan could not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LibraryProblem {
    /// The file or folder.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
    /// When that was found out.
    pub seen_at: DateTime<Utc>,
}

/// The job that was put on the queue.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct ScanStarted {
    /// Watch it under `/jobs`.
    pub job_id: i64,
}

/// What is left of a stage at its present pace; `None` while nothing is done or the end is unknown.
fn remaining_ms(
    started_at: DateTime<Utc>,
    now: DateTime<Utc>,
    done: i64,
    total: i64,
) -> Option<i64> {
    let elapsed_ms = (now - started_at).num_milliseconds().max(0);
    (done > 0 && total >= done)
        .then(|| (elapsed_ms as f64 / done as f64 * (total - done) as f64) as i64)
}
