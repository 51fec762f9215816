//! What a model reads of a title.

use xxhash_rust::xxh3::xxh3_64;

use super::RULE;
use crate::{Document, Facet};

/// Letters of an overview that are read; models read some two hundred words in all.
const OVERVIEW: usize = 2_000;
/// Tags that are read.
const TAGS: usize = 24;
/// People that are read, the first of them.
const PEOPLE: usize = 4;

/// The text that a model is given for a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelText(String);

impl ModelText {
    /// Of a document; `None` of what is not compared, or of which nothing is known but its name.
    pub fn of(document: &Document) -> Option<Self> {
        let overview = document.overview.as_deref().unwrap_or_default().trim();
        let tags = document.facets.iter().filter(|it| it.0 == Facet::Tag).map(|it| it.1.as_str());
        let tags: Vec<&str> = tags.take(TAGS).collect();
        if !document.is_compared || (overview.is_empty() && tags.is_empty()) {
            return None;
        }
        // A model reads so much and no more: what says most comes first.
        let end = overview.char_indices().nth(OVERVIEW).map_or(overview.len(), |it| it.0);
        let people: Vec<&str> = document.people.iter().take(PEOPLE).map(String::as_str).collect();
        let titles = [Some(&document.title), document.titles.first()];
        let titles: Vec<&str> = titles.into_iter().flatten().map(String::as_str).collect();
        let parts = [
            document.genres.join(", "),
            tags.join(", "),
            overview[..end].to_owned(),
            titles.join(", "),
            people.join(", "),
        ];
        let parts: Vec<&str> =
            parts.iter().map(|it| it.trim_end_matches('.')).filter(|it| !it.is_empty()).collect();
        Some(Self(parts.join(". ")))
    }

    /// As it is read.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells it from others.
    pub fn digest(&self) -> i64 {
        xxh3_64(self.0.as_bytes()).wrapping_add(u64::from(RULE)).cast_signed()
    }
}
