//! What is searched and what is found.

use std::collections::BTreeSet;

use kernel::Guard;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::curation::Curation;
use crate::facet::{Facet, FacetCounts, Filter, IdSet};
use crate::fold::{fold, joined_and_numbered};
use crate::likeness::{Rarity, Vector};
use crate::meaning::Meaning;
use crate::numerals;
use crate::sort::Sort;

/// Something a person can find. The database holds the truth; this is a copy made for searching.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The id of the item, and of the document: writing it again replaces it.
    pub id: Uuid,
    /// `movie`, `series`, `season`, `episode` ...; of a name what it names: `person`, `collection`, `genre` ...
    pub kind: String,
    /// Whether it is a name that items have (a person, a genre), not an item itself.
    pub is_name: bool,
    /// Whether it is compared with others: a film or a series is, what is a part of one is not.
    pub is_compared: bool,
    /// Who may see the library finds the document.
    pub library_id: Uuid,
    /// Of a name: the other libraries it is found in.
    pub other_libraries: Vec<Uuid>,
    /// The title as shown.
    pub title: String,
    /// The title as sorted, without its article: "matrix" begins "The Matrix".
    pub sort_title: String,
    /// Further titles: original, alternative, of other languages.
    pub titles: Vec<String>,
    /// Names of people, the most important first.
    pub people: Vec<String>,
    /// Names of those whom they play.
    pub characters: Vec<String>,
    /// Names of genres.
    pub genres: Vec<String>,
    /// Further words for it: tags, studios, networks.
    pub tags: Vec<String>,
    /// Values by which it is filtered and counted, as written. Kind, library, decade, age and rating come by themselves.
    pub facets: Vec<(Facet, String)>,
    /// The year of release.
    pub year: Option<i32>,
    /// 0 to 10.
    pub rating: Option<f32>,
    /// The age from which it may be seen.
    pub age: Option<i16>,
    /// What it is about; searched by whole words only.
    pub overview: Option<String>,
    /// What a text model made of it, if there is one and it did.
    pub meaning: Option<Meaning>,
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
    /// Items are looked for, or the names they have.
    pub of: Of,
    /// Only these kinds; `None` for all.
    pub kinds: Option<Vec<String>>,
    /// What hits must be besides; all of it. With a filter, no words find all.
    pub filters: &'a [Filter],
    /// Whether values of facets are counted.
    pub counts: Counts<'a>,
    /// In which order hits come; `None` for the best first.
    pub sort: Option<Sort>,
    /// How many hits at most. Hits beyond the first [`MAX_HITS`] are counted but cannot be asked for.
    pub limit: usize,
    /// How many hits to leave out first.
    pub offset: usize,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Of {
    /// What a person can open and play.
    #[default]
    Items,
    /// People, genres, collections.
    Names,
}

/// What is counted beside the hits.
#[derive(Clone, Copy, Debug, Default)]
pub enum Counts<'a> {
    /// Nothing.
    #[default]
    None,
    /// The values of all facets, and how many hits are in each of these sets.
    All(&'a [IdSet]),
    /// The values of one facet of which a word begins with this.
    Of(Facet, &'a str),
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
    /// The values of the facets that were to be counted.
    pub facets: Vec<FacetCounts>,
    /// How many hits are in each of the sets that were to be counted.
    pub in_sets: Vec<u64>,
    /// The words as the best hit has them, where they were typed otherwise.
    pub meant: Option<String>,
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
    pub matched: Option<Matched>,
}

/// Where the words are of what does not have them in its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// Another title.
    Title(String),
    /// A person's name.
    Person(String),
    /// The name of somebody who is played.
    Character(String),
    /// A genre, tag, studio or network.
    Label(String),
    /// The overview.
    Overview,
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub characters: Vec<String>,
    /// Genres, then tags.
    pub labels: Vec<String>,
    pub year: Option<i32>,
    /// Tenths.
    pub rating: Option<i64>,
    pub popularity: f32,
    pub added_at: i64,
    /// Other ways to write the titles, folded, by the place of the title: numbers, synonyms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<(usize, String)>,
    /// The same of the labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_variants: Vec<(usize, String)>,
    /// Folded, where the engine gives it back: what is in no name must be in it.
    #[serde(skip)]
    pub overview: Option<String>,
}

/// A document as the engines index it: folded, so that they find the same whatever they fold themselves.
#[derive(Debug)]
pub(crate) struct Entry {
    pub card: Card,
    /// The document's.
    pub digest: u64,
    /// As [`seen_in`] writes them.
    pub libraries: Vec<String>,
    /// Every title, folded, and the other ways to write it.
    pub titles: Vec<String>,
    /// Neighbouring words of the titles written as one, for who leaves out the space or hyphen.
    pub joined: Vec<String>,
    /// The same of those with a number in them, in which no typing error is forgiven: "rocky3" is not near "rocky2".
    pub numbered: Vec<String>,
    /// And those whom they play.
    pub people: Vec<String>,
    /// Genres, tags and the year.
    pub tags: Vec<String>,
    /// Each value once, as written.
    pub facets: Vec<(Facet, String)>,
    pub year: Option<i64>,
    pub age: Option<i64>,
    /// The title by which it is sorted.
    pub sort_title: String,
    pub overview: String,
    pub marks: Vec<i64>,
    /// Of what is compared, and of which something is known.
    pub vector: Option<Vector>,
}

/// How a library is written in an index for what is compared, beside how it is for all items.
pub(crate) fn compared_in(library: &Uuid) -> String {
    format!("{library}v")
}

/// How a library is written in an index: those who look for items shall not meet names.
pub(crate) fn seen_in(library: &Uuid, of: Of) -> String {
    match of {
        Of::Items => library.to_string(),
        Of::Names => format!("{library}n"),
    }
}

impl Entry {
    pub fn new(document: &Document, curation: &Curation, rarity: &Rarity) -> Self {
        let vector = document.is_compared.then(|| Vector::of(document, rarity)).flatten();
        let Document {
            id,
            kind,
            is_name,
            is_compared: _,
            library_id,
            other_libraries,
            title,
            sort_title,
            titles,
            people,
            characters,
            genres,
            tags,
            facets,
            year,
            rating,
            age,
            overview,
            meaning: _,
            popularity,
            added_at,
            marks,
        } = document.clone();
        let shown: Vec<String> = std::iter::once(title).chain(titles).collect();
        let mut folded: Vec<String> = Vec::new();
        let mut add = |title: String| {
            let is_new = !title.is_empty() && !folded.contains(&title);
            if is_new {
                folded.push(title);
            }
            is_new
        };
        for title in shown.iter().chain([&sort_title]) {
            add(fold(title));
        }
        let mut variants = Vec::new();
        for (at, title) in shown.iter().enumerate() {
            let title = fold(title);
            let others = numerals::variants(&title).into_iter().chain(curation.variants(&title));
            for other in others {
                if add(other.clone()) {
                    variants.push((at, other));
                }
            }
        }
        let (mut joined, mut numbered) = (BTreeSet::new(), BTreeSet::new());
        for title in &folded {
            let (words, numbers) = joined_and_numbered(title);
            joined.extend(words);
            numbered.extend(numbers);
        }
        let labels: Vec<String> = genres.into_iter().chain(tags).collect();
        let mut words: Vec<String> = labels.iter().map(|it| fold(it)).collect();
        let other = (0..).zip(&labels).flat_map(|(at, label)| {
            curation.variants(&fold(label)).into_iter().map(move |it| (at, it))
        });
        let label_variants: Vec<(usize, String)> = other.collect();
        words.extend(label_variants.iter().map(|it| it.1.clone()));
        words.extend(year.map(|it| it.to_string()));
        let of = if is_name { Of::Names } else { Of::Items };
        let rating = rating.filter(|it| it.is_finite()).map(|it| (it * 10.0).round() as i64);
        let year = year.map(i64::from);
        let age = age.map(i64::from);
        let own = [
            Some((Facet::Kind, kind.clone())),
            Some((Facet::Library, library_id.to_string())),
            year.map(|it| (Facet::Decade, format!("{}s", it.div_euclid(10) * 10))),
            rating.map(|it| (Facet::Rating, (it / 10).to_string())),
            age.map(|it| (Facet::Age, it.to_string())),
        ];
        Self {
            digest: document.digest(),
            libraries: std::iter::once(&library_id)
                .chain(&other_libraries)
                .map(|it| seen_in(it, of))
                .chain(vector.as_ref().map(|_| compared_in(&library_id)))
                .collect(),
            vector,
            marks,
            joined: joined.into_iter().collect(),
            numbered: numbered.into_iter().collect(),
            people: people.iter().chain(&characters).map(|it| fold(it)).collect(),
            tags: words,
            facets: distinct(own.into_iter().flatten().chain(facets)),
            year,
            age,
            sort_title: fold(&sort_title),
            overview: overview.as_deref().map(fold).unwrap_or_default(),
            titles: folded,
            card: Card {
                id,
                kind,
                titles: shown,
                sort_title,
                people,
                characters,
                labels,
                year: year.map(|it| it as i32),
                rating,
                // Neither engine orders what is not a number.
                popularity: if popularity.is_finite() { popularity } else { 0.0 },
                added_at,
                variants,
                label_variants,
                overview: None,
            },
        }
    }
}

/// Each value once, whatever its spelling; none that is empty.
fn distinct(facets: impl Iterator<Item = (Facet, String)>) -> Vec<(Facet, String)> {
    let mut seen = BTreeSet::new();
    facets
        .filter(|(facet, value)| {
            let folded = fold(value);
            !folded.is_empty() && seen.insert((*facet, folded))
        })
        .collect()
}
