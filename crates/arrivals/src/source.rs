//! What other servers have, in one form: people, items, what the people made of them, and sets. Pure but for the readers below.

pub mod jellyfin;
pub mod plex;
#[cfg(test)]
pub(crate) mod sample;
pub mod sqlite;
pub(crate) mod words;

use std::path::Path;

use catalog::arrival::Shape;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kinds of servers that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportSource)]
pub enum Source {
    /// Jellyfin 10.8 to 10.11.
    Jellyfin,
    /// Plex Media Server.
    Plex,
}

impl Source {
    /// As it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jellyfin => "jellyfin",
            Self::Plex => "plex",
        }
    }

    /// The one of this name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Jellyfin, Self::Plex].into_iter().find(|it| it.as_str() == name)
    }
}

/// Everything of a server that we bring.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Household {
    /// Who has an account there.
    pub people: Vec<Person>,
    /// Films, series, seasons and episodes.
    pub items: Vec<Thing>,
    /// Sets of items.
    pub collections: Vec<Collection>,
    /// Playlists that put themselves together, and those of nobody: these are only told, by name.
    pub playlists: Vec<String>,
    /// The other playlists.
    pub lists: Vec<Playlist>,
    /// What could not be read, in words for people.
    pub warnings: Vec<String>,
}

/// Somebody with an account there, and what they made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Their id there.
    pub id: String,
    /// Their name there.
    pub name: String,
    /// What they made of items.
    pub states: Vec<State>,
}

/// An item there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thing {
    /// Its id there.
    pub id: String,
    /// What it is; none where it is nothing that we have.
    pub shape: Option<Shape>,
    /// Provider (imdb, tmdb, tvdb) and id there.
    pub ids: Vec<(String, String)>,
    /// Its title.
    pub title: String,
    /// Its title where it was made.
    pub original_title: Option<String>,
    /// When it came out.
    pub year: Option<i32>,
    /// The series that a season or an episode is in: its place in [`Household::items`].
    pub series: Option<u32>,
    /// What that is called, where it is not among the items.
    pub series_title: Option<String>,
    /// Of a season its own number, of an episode its season's.
    pub season: Option<i32>,
    /// Of an episode, in its season.
    pub episode: Option<i32>,
    /// Its file, as that machine names it.
    pub path: Option<String>,
}

/// What somebody made of an item there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The item: its place in [`Household::items`].
    pub item: u32,
    /// They played it to its end.
    pub is_played: bool,
    /// How often.
    pub play_count: i32,
    /// Where to go on.
    pub position_ms: i64,
    /// When they last played it.
    pub last_played_at: Option<DateTime<Utc>>,
    /// It is among their favourites.
    pub is_favourite: bool,
    /// What they think of it, in half stars: 1 to 10.
    pub rating: Option<i16>,
    /// When they played it, each time that is known.
    pub plays: Vec<DateTime<Utc>>,
}

impl State {
    /// Whether it says anything.
    pub fn is_empty(&self) -> bool {
        let Self {
            item: _,
            is_played,
            play_count,
            position_ms,
            last_played_at: _,
            is_favourite,
            rating,
            plays,
        } = self;
        !is_played
            && !is_favourite
            && *play_count == 0
            && *position_ms == 0
            && rating.is_none()
            && plays.is_empty()
    }
}

/// A set of items there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collection {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub overview: Option<String>,
    /// Its items: their places in [`Household::items`].
    pub items: Vec<u32>,
}

/// A playlist there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Playlist {
    /// Its id there.
    pub id: String,
    /// The id of the person whose it is.
    pub person: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub overview: Option<String>,
    /// Whether everybody saw it.
    pub is_shared: bool,
    /// Its items in order: their places in [`Household::items`].
    pub items: Vec<u32>,
}

/// Items of a server at the most.
pub const MAX_ITEMS: usize = 1_000_000;
/// What people made of items at the most, all of them together.
pub const MAX_STATES: usize = 3_000_000;
/// Plays at the most, all of them together.
pub const MAX_PLAYS: usize = 3_000_000;
/// People at the most.
pub const MAX_PEOPLE: usize = 1_000;
/// Sets, and playlists, at the most.
pub const MAX_SETS: usize = 20_000;
/// Items of one set at the most.
pub const MAX_SET_ITEMS: usize = 20_000;

/// Why a source gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not what it was said to be.
    #[error("{0}")]
    Wrong(String),
    /// It has more than any household.
    #[error("it has more than {limit} {what}, which no household has")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many are the most.
        limit: usize,
    },
    /// The database is broken or took too long.
    #[error("the database cannot be read: {0}")]
    Database(#[from] rusqlite::Error),
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It was told to stop.
    #[error("it was stopped")]
    Stopped,
}

impl Unreadable {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), source }
    }
}

/// Refuses more than `limit` of something.
pub(crate) fn bounded(what: &'static str, n: usize, limit: usize) -> Result<(), Unreadable> {
    if n < limit { Ok(()) } else { Err(Unreadable::TooMuch { what, limit }) }
}
