//! Databases of other servers, made for tests from the statements in `fixtures/`.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::Connection;

pub const ENTITIES: &str = include_str!("../../fixtures/jellyfin-10.11.sql");
pub const LIBRARY: &str = include_str!("../../fixtures/jellyfin-10.9-library.sql");
pub const PEOPLE: &str = include_str!("../../fixtures/jellyfin-10.9-people.sql");
pub const PLEX: &str = include_str!("../../fixtures/plex.sql");

pub fn now() -> DateTime<Utc> {
    "2026-01-02T03:04:05Z".parse().expect("a time")
}

/// Makes a database of this name.
pub fn make(folder: &Path, name: &str, sql: &str) -> PathBuf {
    let path = folder.join(name);
    let database = Connection::open(&path).expect("a database");
    database.execute_batch(sql).expect("the statements");
    path
}
