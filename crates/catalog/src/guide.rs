//! Episodes that providers know of and that are not there: missing ones, and those yet to come.

pub(crate) mod api;
mod service;
mod store;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An episode that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissingEpisode {
    /// Season in the order that the series counts by; 0 for specials.
    pub season_number: i32,
    /// Number in it.
    pub episode_number: i32,
    /// Its title.
    pub title: Option<String>,
    /// What it is about.
    pub overview: Option<String>,
    /// Day of broadcast.
    pub released_on: Option<NaiveDate>,
    /// Whether it is yet to come.
    pub is_upcoming: bool,
}
