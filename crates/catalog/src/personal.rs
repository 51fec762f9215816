//! What people make of items: how far they are, what they played, what they love.

pub mod api;
pub mod export;
mod rules;
mod service;
mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use kernel::id::FileId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use store::recount_roots;
pub use store::{adopt, carry_over, recount};

/// How far a person is with an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Where to go on; 0 at the start, and again when it was played to its end.
    pub position_ms: i64,
    /// How long it runs, as the player knows it.
    pub duration_ms: Option<i64>,
    /// Whether they have played it; of a group, all of it.
    pub is_played: bool,
    /// How often they have.
    pub play_count: i32,
    /// When they last did anything with it.
    pub last_played_at: Option<DateTime<Utc>>,
}

/// What a player tells every few seconds, and when it stops.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub struct ProgressReport {
    /// Where it is.
    pub position_ms: i64,
    /// How long the item runs, as the player knows it.
    pub duration_ms: Option<i64>,
    /// What it does.
    pub state: PlayState,
    /// Which file it plays.
    pub file_id: Option<FileId>,
}

/// What a player does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlayState {
    /// It plays.
    Playing,
    /// It stands still.
    Paused,
    /// It is over; the next report begins a new play.
    Stopped,
}
