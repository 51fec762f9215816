//! Items: everything a person can meet, whatever its kind.
//!
//! Groups nest at most two deep: a root (a series), groups below it (its seasons), leaves (episodes). A leaf may hang on
//! the root itself, and may be a root (a film).

mod about;
pub mod api;
mod cards;
mod detail;
pub mod list;
mod service;
mod store;
mod summary;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Area;
use kernel::id::{ImageId, ItemId, LibraryId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use about::{About, Airs, ContentRatingView, RatingView, ReleaseView, TrailerView};
pub(crate) use cards::of_ids as cards_of_ids;
pub use detail::{Chapter, Credit, Extra, FileView, ItemDetail, StreamView};
pub use list::{Direction, ItemFilter, ItemSort, Listing};

use crate::personal::Progress;

/// How a client presents an item: closed and small, where kinds are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Form {
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
    /// Pages to turn.
    Pages,
    /// A picture.
    Image,
    /// A channel.
    Live,
    /// Holds other items.
    Group,
}

impl Form {
    /// As `item.form` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Pages => "pages",
            Self::Image => "image",
            Self::Live => "live",
            Self::Group => "group",
        }
    }
}

/// An item as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ItemCard {
    /// Its id.
    pub id: ItemId,
    /// What it is, in the words of its content kind: `movie`, `series`, `season`, `episode`.
    pub kind: String,
    /// How to present it.
    pub form: Form,
    /// The library it is in.
    pub library_id: LibraryId,
    /// The group it is in.
    pub parent_id: Option<ItemId>,
    /// Its title.
    pub title: String,
    /// By what lists put it in order.
    pub sort_title: String,
    /// When it came out.
    pub year: Option<i32>,
    /// When it came out, to the day.
    pub released_on: Option<NaiveDate>,
    /// How long it runs.
    pub runtime_ms: Option<i64>,
    /// Of a season its number, of an episode its season's. Specials are season 0.
    pub season_number: Option<i32>,
    /// Of an episode its number.
    pub episode_number: Option<i32>,
    /// Of several episodes in one file the last one's number.
    pub episode_number_end: Option<i32>,
    /// The series of a season or an episode.
    pub series: Option<SeriesRef>,
    /// Upright: its own, else that of the group it is in.
    pub poster: Option<ImageRef>,
    /// Lying: a frame or still, else its backdrop.
    pub thumb: Option<ImageRef>,
    /// How far the person is with it.
    pub progress: Progress,
    /// Whether it is among the person's favourites.
    pub is_favourite: bool,
    /// Of a group: what the person has not played yet.
    pub unplayed_count: Option<i32>,
    /// Of a group: the items right below it.
    pub child_count: Option<i32>,
    /// When it came into the library.
    pub added_at: DateTime<Utc>,
    /// Whether none of its files is there right now.
    pub is_missing: bool,
}

/// The series of a season or an episode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeriesRef {
    /// Its id.
    pub id: ItemId,
    /// Its title.
    pub title: String,
}

/// A picture and what to show until it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImageRef {
    /// Its id.
    pub id: ImageId,
    /// Where it is; add `?width=320` for one of about that width.
    pub url: String,
    /// Pixels of the original.
    pub width: Option<i32>,
    /// Pixels of the original.
    pub height: Option<i32>,
    /// A blurred preview in some thirty letters (blurha.sh).
    pub blurhash: Option<String>,
    /// Its dominant colour, `#rrggbb`.
    pub color: Option<String>,
}

impl ImageRef {
    /// The picture `id`, delivered where all of the area are.
    pub(crate) fn of(
        area: Area,
        id: ImageId,
        (width, height): (Option<i32>, Option<i32>),
        blurhash: Option<String>,
        color: Option<String>,
    ) -> Self {
        Self { id, url: format!("{}/images/{id}", area.address()), width, height, blurhash, color }
    }
}

/// What to watch next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NextItem {
    /// Null when there is nothing more.
    pub item: Option<ItemCard>,
}
