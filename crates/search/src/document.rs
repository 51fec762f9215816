//! What is searched and what is found.

use std::collections::BTreeSet;

use kernel::Guard;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fold::{fold, joined_words};

/// Something a person can find. The database holds the truth; this is a copy made for searching.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The id of the item, and of the document: writing it again replaces it.
    pub id: Uuid,
    /// `movie`, `series`, `season`, `episode` ...
    pub kind: String,
    /// Who may see the library finds the document.
    pub library_id: Uuid,
    /// The title as shown.
    pub title: String,
    /// The title as sorted, without its article: "matrix" begins "The Matrix".
    pub sort_title: String,
    /// Further titles: original, alternative, of other languages.
    pub titles: Vec<String>,
    /// Names of people, the most important first.
    pub people: Vec<String>,
    /// Names of genres.
    pub genres: Vec<String>,
    /// The year of release.
    pub year: Option<i32>,
    /// What it is about; searched by whole words only.
    pub overview: Option<String>,
    /// Orders what matches equally well; larger is first.
    pub popularity: f32,
    /// Seconds since the epoch; orders what is equally popular, the newest first.
    pub added_at: i64,
    /// What keeps some people from it, as [`kernel::Guard`] has it.
    pub marks: Vec<i64>,
}

/// A search as a person types it, and what they may see.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// The words so far; the last one may be unfinished.
    pub text: &'a str,
    /// The libraries that exist for the one who asks. None: nothing is found.
    pub libraries: &'a [Uuid],
    /// What in them does not exist for the one who asks.
    pub guard: &'a Guard,
    /// Only these kinds; `None` for all.
    pub kinds: Option<Vec<String>>,
    /// How many hits at most. Hits beyond the first [`MAX_HITS`] are counted but cannot be asked for.
    pub limit: usize,
    /// How many hits to leave out first.
    pub offset: usize,
}

/// How deep into its hits a search can be read.
pub const MAX_HITS: usize = 250;

/// The hits of a query, best first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Those of the page asked for.
    pub hits: Vec<Hit>,
    /// How many documents match in all.
    pub found: u64,
}

/// A document that matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The document's id.
    pub id: Uuid,
    /// The document's kind.
    pub kind: String,
    /// How well it matches, from 1 (its very title) down to 0. Equal scores are ordered by popularity.
    pub score: f32,
    /// The name that matched where it was not the title: a person, a genre, another title.
    pub matched: Option<String>,
}

/// What an engine gives back of a document, so that hits are ordered and explained alike on all engines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Card {
    pub id: Uuid,
    pub kind: String,
    /// As shown; the main title first.
    pub titles: Vec<String>,
    pub sort_title: String,
    pub people: Vec<String>,
    pub genres: Vec<String>,
    pub year: Option<i32>,
    pub popularity: f32,
    pub added_at: i64,
}

/// A document as the engines index it: folded, so that they find the same whatever they fold themselves.
#[derive(Debug)]
pub(crate) struct Entry {
    pub card: Card,
    pub library_id: Uuid,
    /// Every title, folded.
    pub titles: Vec<String>,
    /// Neighbouring words of the titles written as one, for who leaves out the space or hyphen.
    pub joined: Vec<String>,
    pub people: Vec<String>,
    /// Genres and the year.
    pub tags: Vec<String>,
    pub overview: String,
    pub marks: Vec<i64>,
}

impl Entry {
    pub fn new(document: &Document) -> Self {
        let Document {
            id,
            kind,
            library_id,
            title,
            sort_title,
            titles,
            people,
            genres,
            year,
            overview,
            popularity,
            added_at,
            marks,
        } = document.clone();
        let shown: Vec<String> = std::iter::once(title).chain(titles).collect();
        let mut folded: Vec<String> = Vec::new();
        for title in shown.iter().chain([&sort_title]).map(|it| fold(it)) {
            if !title.is_empty() && !folded.contains(&title) {
                folded.push(title);
            }
        }
        let joined: BTreeSet<String> = folded.iter().flat_map(|it| joined_words(it)).collect();
        let tags = genres.iter().map(|it| fold(it)).chain(year.map(|it| it.to_string()));
        Self {
            library_id,
            marks,
            joined: joined.into_iter().collect(),
            people: people.iter().map(|it| fold(it)).collect(),
            tags: tags.collect(),
            overview: overview.as_deref().map(fold).unwrap_or_default(),
            titles: folded,
            card: Card {
                id,
                kind,
                titles: shown,
                sort_title,
                people,
                genres,
                year,
                // Neither engine orders what is not a number.
                popularity: if popularity.is_finite() { popularity } else { 0.0 },
                added_at,
            },
        }
    }
}
