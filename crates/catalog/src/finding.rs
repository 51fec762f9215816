//! Finding by words: the search engine proposes, PostgreSQL has the last word on what exists for whom.

pub mod api;
mod feed;
mod job;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use job::{FeedSearch, register};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::item::ItemCard;

/// What was found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// The best hits, best first.
    pub hits: Vec<ItemCard>,
    /// How many there are in all.
    pub found: u64,
}
