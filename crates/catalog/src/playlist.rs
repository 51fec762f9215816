//! Lists that people make of what can be played, in an order of their own.
//!
//! A list is its owner's. Others see it where it is shared and something in it exists for them; entries that do not are in no
//! page, no count and no running time. What vanished keeps its place, and is there again when it comes back.

pub(crate) mod api;
mod change;
mod service;
mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use kernel::id::ItemId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use change::{Place, put};
pub(crate) use store::{NewRow, brought, count_entries, count_lists, insert_playlist};

use crate::collection::CollectionId;
use crate::entered::Entered;
use crate::item::{ImageRef, ItemCard};

kernel::typed_id!(
    /// A list of what can be played.
    PlaylistId
);

kernel::typed_id!(
    /// An item's place in a list; the same item may have several.
    EntryId
);

/// Lists of one person at the most.
pub const MAX_LISTS: i64 = 200;
/// Entries of one list at the most.
pub const MAX_ENTRIES: i64 = 10_000;
/// Items, or entries, that one request may name.
pub const MAX_AT_ONCE: usize = 500;
/// Letters of a name at the most.
pub const MAX_NAME: usize = 200;
/// Letters of the words on a list at the most.
pub const MAX_OVERVIEW: usize = 5_000;

/// A list, as the page of all lists shows it, and its own.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PlaylistCard {
    /// Its id.
    pub id: PlaylistId,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub overview: Option<String>,
    /// Whether it is the caller's own.
    pub is_mine: bool,
    /// Whether those see it, too, who may see something in it.
    pub is_shared: bool,
    /// Whether the caller may change it.
    pub may_edit: bool,
    /// How many of its entries the caller sees.
    pub item_count: i64,
    /// How long these run together.
    pub runtime_ms: i64,
    /// The posters of the first of them, four different ones at the most.
    pub pictures: Vec<ImageRef>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// An item's place in a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PlaylistEntry {
    /// Its id: the same item may be in a list twice.
    pub id: EntryId,
    /// The item.
    pub item: ItemCard,
}

/// What comes next in a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NextEntry {
    /// Null when there is nothing more.
    pub entry: Option<PlaylistEntry>,
}

/// A list to make.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlaylist {
    /// Its name: 1 to 200 letters. Several lists may have the same.
    pub name: String,
    /// What it is about: 5000 letters at the most.
    #[serde(default)]
    pub overview: Option<String>,
    /// Whether those see it, too, who may see something in it.
    #[serde(default)]
    pub is_shared: bool,
    /// What is in it from the start; as in adding.
    #[serde(default)]
    pub item_ids: Vec<ItemId>,
    /// A set whose items are in it from the start, behind the others.
    #[serde(default)]
    pub collection_id: Option<CollectionId>,
}

/// What to change about a list. What is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlaylistPatch {
    /// Its name.
    pub name: Option<String>,
    /// What it is about; `null` for nothing.
    #[schema(value_type = Option<String>)]
    pub overview: Entered<String>,
    /// Whether others see it.
    pub is_shared: Option<bool>,
}

/// What to put into a list.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Addition {
    /// At most 500 items, in order. Series and seasons stand for all their episodes that are there.
    pub item_ids: Vec<ItemId>,
    /// A set of films, for all of them as they came out, behind the items.
    pub collection_id: Option<CollectionId>,
    /// The entry behind which it goes; at the end where none is named.
    pub after: Option<EntryId>,
}

/// What was put into a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Added {
    /// Entries that were made.
    pub n_entries: i64,
}

/// In which order a list is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Its own.
    Own,
    /// One that looks random, the same for the same number.
    Shuffled(i64),
}
