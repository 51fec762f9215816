//! What lists of items can be asked for. Closed: every sort has an index that serves it in both directions.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use kernel::id::{ItemId, LibraryId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// By what a list is in order. The id breaks ties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemSort {
    /// The title, folded and without its article.
    #[default]
    Title,
    /// When it came into the library.
    AddedAt,
    /// When it came out; the first day of its year where only that is known.
    ReleasedOn,
    /// How long it runs.
    RuntimeMs,
    /// The rating.
    Rating,
    /// When the person last played it, or something in it. Lists only what they have played.
    LastPlayedAt,
}

impl ItemSort {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Title,
        Self::AddedAt,
        Self::ReleasedOn,
        Self::RuntimeMs,
        Self::Rating,
        Self::LastPlayedAt,
    ];

    /// The direction people expect: titles from A, everything else from the newest, longest, best.
    pub fn usual_direction(self) -> Direction {
        if self == Self::Title { Direction::Asc } else { Direction::Desc }
    }
}

/// Which end of the order comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The smallest, oldest, first letter.
    Asc,
    /// The largest, newest, last letter.
    Desc,
}

/// What is listed, and in which order.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Narrows the viewer's libraries to this one. One they may not see has nothing in it.
    pub library_id: Option<LibraryId>,
    /// What is left in.
    pub filter: ItemFilter,
    /// The order.
    pub sort: ItemSort,
    /// Which end of the order comes first; the usual one where none is named.
    pub direction: Option<Direction>,
}

/// What a list leaves in.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ItemFilter {
    /// Items of this kind.
    pub kind: Option<String>,
    /// The children of this item, instead of what libraries show on top.
    pub parent_id: Option<ItemId>,
    /// Items with this genre, by its name.
    pub genre: Option<String>,
    /// Items from this year on.
    pub year_from: Option<i32>,
    /// Items up to this year.
    pub year_to: Option<i32>,
    /// Items the person has played, or has not.
    pub played: Option<bool>,
    /// The person's favourites only.
    pub favourite: bool,
    /// Items whose sort title begins so; `#` for those that begin with no letter.
    pub starts_with: Option<String>,
}

impl ItemFilter {
    /// Whether it depends on what the person made of items.
    pub(super) fn is_personal(&self) -> bool {
        self.played.is_some() || self.favourite
    }
}

/// A row's place in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub sort: ItemSort,
    pub direction: Direction,
    pub key: SortKey,
    pub id: ItemId,
}

/// What a row is sorted by, in the type its column has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum SortKey {
    Text(String),
    Time(DateTime<Utc>),
    Date(NaiveDate),
    Whole(i64),
    Real(f32),
}

/// Years that PostgreSQL can compare, generously.
const KNOWN_YEARS: std::ops::RangeInclusive<i32> = -4000..=99_999;

impl SortKey {
    /// Whether it is a value that `sort` can compare.
    pub(crate) fn fits(&self, sort: ItemSort) -> bool {
        match self {
            Self::Text(_) => sort == ItemSort::Title,
            Self::Time(at) => {
                matches!(sort, ItemSort::AddedAt | ItemSort::LastPlayedAt)
                    && KNOWN_YEARS.contains(&at.year())
            }
            Self::Date(on) => sort == ItemSort::ReleasedOn && KNOWN_YEARS.contains(&on.year()),
            Self::Whole(_) => sort == ItemSort::RuntimeMs,
            Self::Real(_) => sort == ItemSort::Rating,
        }
    }
}

/// The half-open range of sort titles that begin with `start`: from it, up to but without the second. None above for a
/// start that nothing comes after.
pub(crate) fn prefix_range(start: &str) -> (String, Option<String>) {
    if start == "#" {
        return (String::new(), Some("a".to_owned()));
    }
    let from = start.to_lowercase();
    let mut letters: Vec<char> = from.chars().collect();
    while let Some(last) = letters.pop() {
        // The surrogates are no letters: behind the last one before them comes the first one after them.
        let next =
            if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            letters.push(next);
            return (from, Some(letters.into_iter().collect()));
        }
    }
    (from, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_range_of_the_order() {
        for (start, from, to) in [
            ("A", "a", Some("b")),
            ("al", "al", Some("am")),
            ("#", "", Some("a")),
            ("z", "z", Some("{")),
            ("\u{D7FF}", "\u{D7FF}", Some("\u{E000}")),
            ("a\u{10FFFF}", "a\u{10FFFF}", Some("b")),
            ("\u{10FFFF}", "\u{10FFFF}", None),
        ] {
            assert_eq!(prefix_range(start), (from.to_owned(), to.map(str::to_owned)), "{start}");
        }
    }
}
