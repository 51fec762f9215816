//! What somebody may want to see: more like one thing, and more like what they watched and loved.
//!
//! The search engine knows what is near to what ([`search::Near`]); PostgreSQL has the last word on what exists for whom and
//! what they have seen.

pub mod api;
mod for_you;
mod job;
pub(crate) mod meaning;
mod rarity;
mod score;
mod similar;
mod store;
#[cfg(test)]
mod tests;

pub use job::{ReadTexts, WeighTraits, register};
use kernel::id::ItemId;
pub use meaning::TextsRead;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::item::ItemCard;

/// What is less like something than this has only ordinary things in common with it. On the judged set two films taken at
/// random are further apart five times of six.
const LEAST_LIKENESS: f32 = 0.2;

/// What is like an item.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Similar {
    /// The likest first.
    pub items: Vec<ItemCard>,
}

/// What somebody may want to see.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ForYou {
    /// The best first; nothing where they watched and loved nothing yet.
    pub items: Vec<Suggestion>,
}

/// Something to see, and why.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    /// What to see.
    pub item: ItemCard,
    /// Why.
    pub because: Because,
}

/// Why something is suggested: it is like this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Because {
    /// What it is like.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// What they made of that.
    pub reason: Reason,
}

/// What somebody made of an item for which others are suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// They watched it, or some of it.
    Watched,
    /// It is a favourite of theirs.
    Loved,
    /// They rated it well.
    Rated,
}
