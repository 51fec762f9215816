//! Films that are there twice: files with the same bytes, and files that look alike. Nothing is ever deleted for it; a person
//! sees both, and says whether they are the same.

mod group;
mod service;
mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use kernel::id::{FileId, LibraryId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::item::ItemCard;

/// What one file of a group is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DuplicateFile {
    /// Its id.
    pub id: FileId,
    /// What it is a film of.
    pub item: Option<ItemCard>,
    /// In which library.
    pub library_id: LibraryId,
    /// Where it is in the library.
    pub path: String,
    /// How large it is.
    pub size_bytes: i64,
    /// How long it plays.
    pub duration_ms: Option<i64>,
    /// Of all its streams.
    pub bitrate_bps: Option<i64>,
    /// Of its picture.
    pub codec: Option<String>,
    /// Of its picture.
    pub width: Option<i32>,
    /// Of its picture.
    pub height: Option<i32>,
    /// `hdr10`, `hlg` and so on, where it has a high range.
    pub hdr: Option<String>,
    /// Another of the group has the same bytes, as far as size and both ends tell.
    pub is_exact: bool,
    /// In how many of 64 bits its pictures differ from those of the nearest of the group.
    pub distance: i16,
    /// When it came.
    pub added_at: DateTime<Utc>,
}

/// Files that are the same or look the same.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DuplicateGroup {
    /// Its id, as long as it has the same first file.
    pub id: Uuid,
    /// How many files it has that are there.
    pub file_count: i64,
    /// The first of them, the largest picture first.
    pub files: Vec<DuplicateFile>,
}
