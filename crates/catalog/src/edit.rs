//! What people change about items: fields, which are locked from then on; with a history, and a way back.

pub(crate) mod api;
mod arrange;
mod field;
pub(crate) mod history;
mod merge;
mod service;
mod split;
mod store;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::id::{FileId, ItemId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::entered::Entered;

pub(crate) use arrange::{Decision, apply};
pub(crate) use service::{adopt, overlay};
pub(crate) use store::list_decisions;

/// What to change about an item. What is left out stays; `null` empties a field. What is changed is locked: no source
/// overwrites it any more.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ItemPatch {
    /// Its title.
    pub title: Option<String>,
    /// By what lists put it in order; `null` for what its title gives.
    #[schema(value_type = Option<String>)]
    pub sort_title: Entered<String>,
    /// Its title where it was made.
    #[schema(value_type = Option<String>)]
    pub original_title: Entered<String>,
    /// One line about it.
    #[schema(value_type = Option<String>)]
    pub tagline: Entered<String>,
    /// What it is about.
    #[schema(value_type = Option<String>)]
    pub overview: Entered<String>,
    /// When it came out.
    #[schema(value_type = Option<i32>)]
    pub year: Entered<i32>,
    /// When it came out, to the day.
    #[schema(value_type = Option<NaiveDate>)]
    pub released_on: Entered<NaiveDate>,
    /// 0 to 10.
    #[schema(value_type = Option<f32>)]
    pub rating: Entered<f32>,
    /// As the rating board words it.
    #[schema(value_type = Option<String>)]
    pub content_rating: Entered<String>,
    /// Its genres, all of them.
    pub genres: Option<Vec<String>>,
    /// Further words on it, all of them.
    pub tags: Option<Vec<String>>,
    /// Who made it, all of them.
    pub studios: Option<Vec<String>>,
    /// Who broadcasts it, all of them.
    pub networks: Option<Vec<String>>,
    /// Where it was made, all of them.
    pub countries: Option<Vec<String>>,
    /// Cast and crew, all of them, in order.
    pub credits: Option<Vec<CreditEdit>>,
    /// Of a series: how the numbers of its files count: `aired`, `dvd`, `absolute`, `story`, `alternate`. Never locked: no
    /// source says it.
    pub episode_order: Option<String>,
    /// The fields that nothing overwrites, all of them. What is left out of it is made anew of what sources say.
    pub locked: Option<Vec<String>>,
}

/// Somebody's part in an item, as a person enters it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditEdit {
    /// Their name.
    pub name: String,
    /// `actor`, `director`, `writer`, ...
    pub role: String,
    /// Whom an actor plays.
    #[serde(default)]
    pub character: Option<String>,
}

/// One change of one field.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EditView {
    /// Its id.
    pub id: Uuid,
    /// Who did it.
    pub person_id: PersonId,
    /// When.
    pub edited_at: DateTime<Utc>,
    /// Which field; `match` for what the item is, `files` for splitting and merging.
    pub field: String,
    /// What was there before.
    #[schema(value_type = Object)]
    pub before: serde_json::Value,
    /// What is there since.
    #[schema(value_type = Object)]
    pub after: serde_json::Value,
    /// Whether the field was locked before.
    pub was_locked: bool,
    /// Whether it is since.
    pub is_locked: bool,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
    /// Whether it can be undone: it is the last change of its field.
    pub can_undo: bool,
}

/// The files that an item can be split by.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SplitFiles {
    /// What plays in it and in the episodes below it, by path.
    pub files: Vec<SplitFile>,
}

/// A file that plays in an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SplitFile {
    /// Its id.
    pub id: FileId,
    /// Where it is below its library's folder.
    pub path: String,
}

/// Files to take out of an item.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The files that become an item of their own: some of the item's, or of the episodes below it, but not all.
    pub file_ids: Vec<FileId>,
}

/// Items that are one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The item that stays first, then those that go into it.
    pub item_ids: Vec<ItemId>,
}
