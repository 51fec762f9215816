//! Orders other than by how well something matches.

use std::cmp::Ordering;

use crate::document::Card;
use crate::fold::fold;

/// By what hits are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What is compared.
    pub by: SortBy,
    /// The largest, newest, last letter comes first.
    pub is_descending: bool,
}

/// What hits are ordered by. What has no such value comes last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// The title as sorted, folded.
    Title,
    /// The year of release.
    Year,
    /// The rating.
    Rating,
    /// When it came into the library.
    AddedAt,
}

impl Sort {
    /// The order of two documents, but for what is the same in both.
    pub(crate) fn compare(self, one: &Card, other: &Card) -> Ordering {
        match self.by {
            SortBy::Title => self.directed(fold(&one.sort_title).cmp(&fold(&other.sort_title))),
            SortBy::Year => self.known_first(one.year.map(i64::from), other.year.map(i64::from)),
            SortBy::Rating => self.known_first(one.rating, other.rating),
            SortBy::AddedAt => self.known_first(Some(one.added_at), Some(other.added_at)),
        }
    }

    /// An order that was found from the smallest to the largest.
    pub(crate) fn directed(self, order: Ordering) -> Ordering {
        if self.is_descending { order.reverse() } else { order }
    }

    fn known_first(self, one: Option<i64>, other: Option<i64>) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) => self.directed(one.cmp(&other)),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }
}
