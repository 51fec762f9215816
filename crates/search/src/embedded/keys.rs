//! What documents are ordered by while they are gathered.

use std::cmp::Ordering;

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentReader};

use crate::sort::{Sort, SortBy};

/// The first key of each document of a segment, larger for those that come first.
pub(super) enum Keys {
    /// How well it matches.
    Score,
    /// A number; a segment in which nothing has it has no column.
    Number(Option<Column<i64>>, Sort),
    /// The place of a text among those of the segment.
    Text(Option<StrColumn>, Sort),
}

impl Keys {
    pub fn of(sort: Option<Sort>, reader: &SegmentReader) -> tantivy::Result<Self> {
        let Some(sort) = sort else { return Ok(Self::Score) };
        let fast = reader.fast_fields();
        Ok(match sort.by {
            SortBy::Title => Self::Text(fast.str("sort_title")?, sort),
            SortBy::Year => Self::Number(fast.column_opt("year")?, sort),
            SortBy::Rating => Self::Number(fast.column_opt("rating")?, sort),
            SortBy::AddedAt => Self::Number(fast.column_opt("added_at")?, sort),
        })
    }

    pub fn of_document(&self, document: DocId, score: Score) -> f64 {
        let (number, sort) = match self {
            Self::Score => return f64::from(score),
            Self::Number(column, sort) => {
                (column.as_ref().and_then(|it| it.first(document)).map(|it| it as f64), sort)
            }
            Self::Text(column, sort) => {
                let place = column.as_ref().and_then(|it| it.term_ords(document).next());
                (place.map(|it| it as f64), sort)
            }
        };
        // What has none comes last in either direction.
        number.map_or(f64::NEG_INFINITY, |it| if sort.is_descending { it } else { -it })
    }

    /// The text behind a key, by which documents of several segments are compared.
    pub fn text(&self, key: f64) -> tantivy::Result<Option<String>> {
        let Self::Text(Some(column), _) = self else { return Ok(None) };
        let mut text = String::new();
        let is_there = key.is_finite() && column.ord_to_str(key.abs() as u64, &mut text)?;
        Ok(is_there.then_some(text))
    }
}

/// A document that may be among the first: by its key, then popularity, then the one written first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub key: f64,
    pub popularity: f64,
    pub address: DocAddress,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.total_cmp(&other.key).then_with(|| self.cmp_of_same_key(other))
    }
}

impl Candidate {
    fn cmp_of_same_key(&self, other: &Self) -> Ordering {
        self.popularity.total_cmp(&other.popularity).then_with(|| other.address.cmp(&self.address))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

/// One that is among the first of its segment.
#[derive(Debug)]
pub(super) struct Ranked {
    pub candidate: Candidate,
    pub text: Option<String>,
}

impl Ranked {
    /// What comes first is less.
    pub fn compare(&self, other: &Self, sort: Option<Sort>) -> Ordering {
        match (&self.text, &other.text, sort) {
            (Some(one), Some(another), Some(sort)) => sort
                .directed(one.cmp(another))
                .then_with(|| other.candidate.cmp_of_same_key(&self.candidate)),
            _ => other.candidate.cmp(&self.candidate),
        }
    }
}
