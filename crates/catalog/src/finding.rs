//! Finding by words: the search engine proposes, PostgreSQL has the last word on what exists for whom.

pub mod api;
mod check;
mod complete;
mod curation;
mod document;
pub(crate) mod feed;
mod job;
mod narrow;
mod recent;
mod service;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use check::{Drift, SearchLag};
use chrono::{DateTime, Utc};
pub use curation::{SearchRules, SearchSettings};
pub use job::{CheckSearch, FeedSearch, register};
use serde::{Deserialize, Serialize};
pub use service::SearchFor;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::item::{ImageRef, ItemCard};

/// What was found.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// The best hits, best first.
    pub hits: Vec<SearchHit>,
    /// How many there are in all.
    pub found: u64,
    /// The words as they may have been meant, filters left out; absent where they are as they should be.
    pub did_you_mean: Option<String>,
    /// The filters that were read from the text, in its order.
    pub filters: Vec<SearchFilter>,
    /// Filters of the text that say nothing, or could not be asked for now.
    pub ignored: Vec<String>,
    /// People, collections, genres and the like with such a name, if asked for.
    pub names: Vec<NameHit>,
    /// How many hits have which values, if asked for.
    pub facets: Vec<FacetView>,
    /// The search engine is away: titles alike were looked for instead, without filters and counts.
    pub is_limited: bool,
}

/// An item that was found, and why.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SearchHit {
    /// The item.
    #[serde(flatten)]
    pub item: ItemCard,
    /// Its title in pieces; those that were looked for apart.
    pub pieces: Vec<TextPiece>,
    /// Where the words are, if not in the title.
    pub matched: Option<SearchMatch>,
}

/// A piece of a text; all of them one after the other are the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TextPiece {
    /// As it is in the text.
    pub text: String,
    /// Whether it was looked for.
    pub is_match: bool,
}

/// Where the words are of a hit that does not have them in its title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchMatch {
    /// `title` (another one), `person`, `character`, `label` or `overview`.
    pub place: String,
    /// The name, or a part of the overview.
    pub pieces: Vec<TextPiece>,
}

/// A name that items have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NameHit {
    /// Its id: of a person for `/cast/{id}`, of a collection for `/collections/{id}`.
    pub id: Uuid,
    /// `person`, `collection`, `genre`, `tag`, `studio`, `network`, `mood`, `country`.
    pub kind: String,
    /// The name in pieces.
    pub pieces: Vec<TextPiece>,
    /// Of a person: a picture of them.
    pub portrait: Option<ImageRef>,
    /// What finds its items when typed: `genre:comedy`. Absent where it has a page of its own.
    pub query: Option<String>,
}

/// A filter that was read from the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchFilter {
    /// `genre`, `year`, `is` ...
    pub key: String,
    /// What is asked for, in words.
    pub value: String,
    /// It leaves in what is not so.
    pub is_not: bool,
    /// The piece of the text it was read from; the text without it is the search without it.
    pub written: String,
}

/// Values that hits have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacetView {
    /// `genre`, `decade`, `is` ...
    pub key: String,
    /// The most frequent first.
    pub values: Vec<FacetValue>,
}

/// A value that hits have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacetValue {
    /// As it is written.
    pub value: String,
    /// How many hits have it.
    pub count: u64,
    /// What narrows the search to it when added to the text.
    pub query: String,
}

/// What the text may go on to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Completion {
    /// The whole text with it.
    pub text: String,
    /// What is added, as shown: `genre:`, `Science Fiction`.
    pub label: String,
    /// How many items have it, of a value.
    pub count: Option<u64>,
}

/// What somebody looked for before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecentSearch {
    /// As typed.
    pub text: String,
    /// When.
    pub searched_at: DateTime<Utc>,
}
