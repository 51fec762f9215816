//! The first page: what to go on with, what comes next, what is new. Four statements for the rows and two for their
//! cards, whatever the libraries and the history hold.

pub mod api;
mod service;
mod store;
#[cfg(test)]
mod tests;

use kernel::id::LibraryId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::item::ItemCard;

/// The first page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Home {
    /// Its rows, from the top. A row with nothing in it is left out.
    pub rows: Vec<HomeRow>,
}

/// A row of the first page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HomeRow {
    /// What it shows.
    pub id: HomeRowId,
    /// Of which library, where it is about one.
    pub library: Option<LibraryRef>,
    /// What is in it.
    pub items: Vec<ItemCard>,
}

/// What a row of the first page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HomeRowId {
    /// What the person stopped in the middle of, the newest first; of a series only the newest.
    Continue,
    /// The next episode of each series they watch.
    NextUp,
    /// What came into a library lately; a series comes to the front with each new episode.
    Latest,
}

/// A library by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LibraryRef {
    /// Its id.
    pub id: LibraryId,
    /// What it is called.
    pub name: String,
    /// Its content kind.
    pub kind: String,
}
