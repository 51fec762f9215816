//! Libraries: sets of folders that hold one kind of content.

pub mod api;
mod browse;
pub mod folders;
mod place;
mod schedule;
mod service;
mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::LibraryId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use browse::{FolderEntry, FolderListing};
pub(crate) use place::{Place, places_of};
pub use schedule::Schedule;
pub(crate) use schedule::Times;
pub(crate) use store::list_folders_unscoped;
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
    /// Whether changes in its folders are noticed as they happen; for administrators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_watched: Option<bool>,
    /// When it is scanned by itself; for administrators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Whether specials are shown among the episodes they were broadcast with, too; for administrators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places_specials: Option<bool>,
    /// What is found out about its files at leisure; for administrators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<AnalysisSettings>,
    /// How much of its films may be played; for administrators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LibraryLimits>,
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
    /// How changes in it are noticed now.
    pub watched_by: WatchedBy,
    /// Why they are not noticed as they happen, where they should be.
    pub watch_note: Option<String>,
}

/// How changes in a folder are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum WatchedBy {
    /// Not at all: the library is not watched, the folder is not there, or the server has just begun.
    Nothing,
    /// The system tells of each.
    Events,
    /// By looking again and again.
    Polling,
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
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct NewLibrary {
    /// What it is called; no two libraries have the same name.
    pub name: String,
    /// The content kind: `movies`, `shows`.
    pub kind: String,
    /// Absolute paths on the server.
    pub folders: Vec<String>,
    /// Whether changes in its folders are noticed as they happen: yes, if left out.
    pub is_watched: Option<bool>,
    /// When it is scanned by itself: daily at 04:00, if left out.
    pub schedule: Option<Schedule>,
    /// Whether specials are shown among the episodes they were broadcast with, too: yes, if left out.
    pub places_specials: Option<bool>,
    /// What is found out about its files at leisure: everything, if left out.
    pub analysis: Option<AnalysisSettings>,
    /// How much of its films may be played: everything, if left out.
    pub limits: Option<LibraryLimits>,
}

/// What to change about a library; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct LibraryPatch {
    /// A new name.
    pub name: Option<String>,
    /// All its folders from now on. What is known of files below a folder that is no longer named is forgotten; what
    /// people made of those items stays.
    pub folders: Option<Vec<String>>,
    /// Whether changes in its folders are noticed as they happen.
    pub is_watched: Option<bool>,
    /// When it is scanned by itself.
    pub schedule: Option<Schedule>,
    /// Whether specials are shown among the episodes they were broadcast with, too, and come next there.
    pub places_specials: Option<bool>,
    /// What is found out about its files at leisure. What was found out stays when it is no more.
    pub analysis: Option<AnalysisSettings>,
    /// How much of its films may be played; given, it replaces both limits.
    pub limits: Option<LibraryLimits>,
}

/// How much of a library's films may be played by anybody; what is left out is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LibraryLimits {
    /// Bits per second of a film that leaves the house, 1 to 10000000000.
    pub max_bitrate_bps: Option<i64>,
    /// Bits per second of a film that stays in the house, 1 to 10000000000.
    pub max_local_bitrate_bps: Option<i64>,
}

impl LibraryLimits {
    fn checked(self) -> Result<Self> {
        let rates = [
            ("limits.max_bitrate_bps", self.max_bitrate_bps),
            ("limits.max_local_bitrate_bps", self.max_local_bitrate_bps),
        ];
        for (field, bps) in rates {
            kernel::limits::check_bitrate(field, bps)?;
        }
        Ok(self)
    }
}

/// What is found out about the files of a library at leisure, after a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalysisSettings {
    /// Small pictures along films and of their chapters, for the seek bar.
    pub trickplay: bool,
    /// Where intro, recap and credits are.
    pub segments: bool,
    /// How loud the sound tracks are.
    pub loudness: bool,
}

impl Default for AnalysisSettings {
    fn default() -> Self {
        Self { trickplay: true, segments: true, loudness: true }
    }
}

/// Which part of a library to scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanRequest {
    /// Only this folder or file and what is beside it: an absolute path on the server, inside the library. The whole library,
    /// if left out.
    pub folder: Option<String>,
    /// Also read again the files that could not be read, though they did not change.
    #[serde(default)]
    pub retry_problems: bool,
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
