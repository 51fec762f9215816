//! What comes from other servers, as far as the spine is concerned: finding our items by what others know of them, giving
//! people what they had made of those elsewhere, and keeping what became of it. Who reads the other servers is not known here.
//!
//! What a person did here is never taken back: the later play has the word on a position, counts only grow, and what they
//! deleted here does not come again. Everything may be brought again and changes nothing then.

mod lists;
mod record;
mod service;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::id::{FileId, ItemId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use record::{Arrival, ArrivalState, NewArrival};
pub use service::{EnqueueArrival, Step};

kernel::typed_id!(
    /// What is brought from another server.
    ArrivalId
);

/// What an item is by its place among others, whatever its kind.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = ItemShape)]
pub enum Shape {
    /// It stands alone and plays.
    Film,
    /// It stands alone and holds others.
    Series,
    /// It is in another and holds others.
    Season,
    /// It is in another and plays.
    Episode,
}

/// An item of ours that another server may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The item.
    pub id: ItemId,
    /// The topmost item that it is in; itself where there is none.
    pub root_id: ItemId,
    /// What it is.
    pub shape: Shape,
    /// Of a season its own number, of an episode its season's.
    pub season: Option<i32>,
    /// Of an episode, in its season.
    pub episode: Option<i32>,
    /// The last number where it holds several.
    pub episode_end: Option<i32>,
}

/// A topmost item with what it is called.
#[derive(Clone, Debug)]
pub struct Named {
    /// The item.
    pub place: Place,
    /// Its title.
    pub title: String,
    /// Its title where it was made.
    pub original_title: Option<String>,
    /// When it came out.
    pub year: Option<i32>,
}

/// A file with the item that plays it.
#[derive(Clone, Debug)]
pub struct Filed {
    /// The file.
    pub file_id: FileId,
    /// Its whole path, as [`crate::stored_path`] writes it.
    pub path: String,
    /// The item.
    pub place: Place,
}

/// What somebody made of an item elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// Our item.
    pub item_id: ItemId,
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

/// A set of items that somebody put together elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// Folded, for order and for finding it again.
    pub sort_name: String,
    /// What it is about.
    pub overview: Option<String>,
    /// Its items here, in order.
    pub items: Vec<ItemId>,
}

/// A list of what can be played that somebody had elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct List {
    /// What it was there, of all servers: how it is known again.
    pub origin: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub overview: Option<String>,
    /// Whether others saw it, too.
    pub is_shared: bool,
    /// Its items here, in order; the same may be there twice.
    pub items: Vec<ItemId>,
}

/// What was, or would be, written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Brought {
    /// Items that the person had done nothing with here.
    pub progress_new: i64,
    /// Items of which more is known now.
    pub progress_changed: i64,
    /// Items of which everything was known here.
    pub progress_same: i64,
    /// Plays in the history.
    pub plays: i64,
    /// Favourites.
    pub favourites: i64,
    /// Ratings.
    pub ratings: i64,
    /// Sets that there were none of.
    pub collections: i64,
    /// Items put into sets.
    pub collection_items: i64,
    /// Playlists that the person did not have.
    pub playlists: i64,
    /// Items put into playlists.
    pub playlist_items: i64,
}

impl std::ops::AddAssign for Brought {
    fn add_assign(&mut self, other: Self) {
        let Self {
            progress_new,
            progress_changed,
            progress_same,
            plays,
            favourites,
            ratings,
            collections,
            collection_items,
            playlists,
            playlist_items,
        } = other;
        self.progress_new += progress_new;
        self.progress_changed += progress_changed;
        self.progress_same += progress_same;
        self.plays += plays;
        self.favourites += favourites;
        self.ratings += ratings;
        self.collections += collections;
        self.collection_items += collection_items;
        self.playlists += playlists;
        self.playlist_items += playlist_items;
    }
}

/// What was written, by the other server's id of the person it was for; sets stand under an empty one.
pub type BroughtBy = BTreeMap<String, Brought>;
