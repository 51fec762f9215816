//! Plex: its database of the library.
//!
//! What people made stands by the item's GUID, not by its row (`metadata_item_settings`, `metadata_item_views`), and so outlives
//! it there. Ids of providers are tags of kind 314, or, of older agents, in the GUID itself; sets are tags of kind 2. Dates are
//! text in old databases and seconds since 1970 in newer ones.

mod items;
mod lists;
mod people;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::sqlite::{Database, Fields};
use super::{Household, Unreadable, words};

/// What the file is called.
const LIBRARY: &str = "com.plexapp.plugins.library.db";
/// Where it lies below the folder that people know.
const FOLDERS: [&str; 3] = [
    "Plug-in Support/Databases",
    "Plex Media Server/Plug-in Support/Databases",
    "Library/Application Support/Plex Media Server/Plug-in Support/Databases",
];

/// The database, or that of an installation's folder.
pub fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let places = std::iter::once(path.to_owned()).chain(FOLDERS.map(|it| path.join(it)));
    places.map(|it| it.join(LIBRARY)).find(|it| it.is_file()).into_iter().collect()
}

/// Reads what a copy has.
pub fn read(files: &[PathBuf], now: DateTime<Utc>) -> Result<Household, Unreadable> {
    let Some(file) = files.first() else {
        return Err(Unreadable::Wrong(format!("there is no {LIBRARY}")));
    };
    let database = Database::open(file)?;
    let items = ["id", "guid", "title", "metadata_type", "parent_id", "index"];
    let settings = ["account_id", "guid", "view_count", "view_offset", "last_viewed_at"];
    let has_all = database.has("metadata_items", &items)?
        && database.has("metadata_item_settings", &settings)?
        && database.has("accounts", &["id", "name"])?;
    if !has_all {
        return Err(Unreadable::Wrong(format!(
            "this is no {LIBRARY}: it lacks metadata_items, metadata_item_settings or accounts"
        )));
    }
    let mut library = items::read(&database)?;
    people::read(&database, &mut library, now)?;
    Ok(library.household)
}

/// A moment, in either of its forms.
fn time(row: &Fields<'_>, at: usize, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match row.integer(at) {
        Some(seconds) => words::seconds(seconds, now),
        None => row.text(at).and_then(|it| words::date(it, now)),
    }
}
