//! What is compared of an item: its traits, each in a field, with the weight it has there.

use std::collections::HashMap;

use crate::fold::fold;
use crate::{Document, Facet};

/// The fields of traits, as numbers of [`FIELDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Genre,
    /// Tags, which most providers call keywords, and moods.
    Tag,
    /// Directors and the first of the cast.
    Person,
    /// Words of the title and the overview.
    Word,
    /// Studios and networks.
    Maker,
    /// When it came out.
    Era,
    /// For whom it is, and what it is thought of.
    Rated,
}

/// What each field counts for, as parts of 1. Found on the judged set of `tests/it/alike.rs`.
pub(crate) const FIELDS: [f32; 7] = [0.20, 0.36, 0.08, 0.22, 0.03, 0.05, 0.06];

/// Genres by their usual names, each on a dimension of its own.
const GENRES: [&str; 24] = [
    "action",
    "adventure",
    "animation",
    "biography",
    "comedy",
    "crime",
    "documentary",
    "drama",
    "family",
    "fantasy",
    "history",
    "horror",
    "music",
    "mystery",
    "news",
    "politics",
    "reality",
    "romance",
    "science fiction",
    "sport",
    "talk",
    "thriller",
    "war",
    "western",
];
/// Other names of genres share these.
const OTHER_GENRES: usize = 4;
/// Decades, one after the other; after a hundred years they begin again.
const DECADES: usize = 10;
const AGES: usize = 5;
const RATINGS: usize = 7;
const FIRST_DECADE: usize = GENRES.len() + OTHER_GENRES;
const FIRST_AGE: usize = FIRST_DECADE + DECADES;
const FIRST_RATING: usize = FIRST_AGE + AGES;
/// Dimensions that no trait is hashed to.
pub(crate) const OWN_DIMENSIONS: usize = FIRST_RATING + RATINGS;

/// Of a cast only so many are compared.
const CAST: usize = 12;
/// What a director counts for beside the first of the cast.
const DIRECTOR: f32 = 2.0;
/// What a word of a tag counts for beside the whole: "space opera" and "space station" have something in common.
const PART_OF_TAG: f32 = 0.4;
/// What a word of the title counts for beside one of the overview.
const WORD_OF_TITLE: f32 = 1.5;
/// Words of an overview that are looked at: enough for any, and bounded.
const MAX_WORDS: usize = 400;
/// Letters a word is told by, so that "detective" and "detectives" are one, in most languages.
const STEM: usize = 6;

/// One thing that is known of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Trait {
    pub field: Field,
    pub hash: u64,
    /// Its dimension, where it has one of its own.
    pub own: Option<usize>,
    pub weight: f32,
}

/// The traits of a document.
pub(crate) fn traits(document: &Document) -> Vec<Trait> {
    let mut all = Vec::new();
    for genre in document.genres.iter().flat_map(|it| it.split(['&', '/'])) {
        let genre = fold(genre);
        if !genre.is_empty() {
            all.push(of_genre(one_name(&genre)));
        }
    }
    if let Some(year) = document.year {
        all.extend(between(Field::Era, f64::from(year) / 10.0, FIRST_DECADE, DECADES));
    }
    // Beyond these ends nothing is told apart.
    if let Some(age) = document.age {
        let place = f64::from(age.clamp(0, 18)) / 6.0;
        all.extend(between(Field::Rated, place, FIRST_AGE, AGES));
    }
    if let Some(rating) = document.rating.filter(|it| it.is_finite()) {
        let place = f64::from(rating.clamp(0.0, 10.0)) / 2.0;
        all.extend(between(Field::Rated, place, FIRST_RATING, RATINGS));
    }
    let mut add = |field: Field, text: &str, weight: f32| {
        if !text.is_empty() {
            all.push(Trait { field, hash: hash(field, text), own: None, weight });
        }
    };
    let of =
        |facet: Facet| document.facets.iter().filter(move |it| it.0 == facet).map(|it| fold(&it.1));
    for tag in of(Facet::Tag) {
        add(Field::Tag, &tag, 1.0);
        if tag.contains(' ') {
            for word in tag.split(' ').filter(|it| it.len() > 2) {
                add(Field::Tag, stem(word), PART_OF_TAG);
            }
        }
    }
    for director in of(Facet::Director) {
        add(Field::Person, &director, DIRECTOR);
    }
    for (place, name) in document.people.iter().take(CAST).enumerate() {
        add(Field::Person, &fold(name), 1.0 / (1.0 + place as f32 / 4.0));
    }
    for maker in of(Facet::Studio).chain(of(Facet::Network)) {
        add(Field::Maker, &maker, 1.0);
    }
    for (word, weight) in words(document) {
        add(Field::Word, &word, weight);
    }
    all
}

/// Words by how often they are there.
fn words(document: &Document) -> Vec<(String, f32)> {
    let mut counts: HashMap<String, f32> = HashMap::new();
    let title = fold(&document.title);
    let overview = document.overview.as_deref().map(fold).unwrap_or_default();
    let titled = title.split(' ').map(|it| (it, WORD_OF_TITLE));
    let told = overview.split(' ').take(MAX_WORDS).map(|it| (it, 1.0));
    for (word, weight) in titled.chain(told).filter(|it| it.0.len() > 2) {
        *counts.entry(stem(word).to_owned()).or_default() += weight;
    }
    let worth = |(word, count): (String, f32)| {
        // Short words are common in most languages.
        let letters = word.chars().count().min(STEM) as f32;
        (word, (1.0 + count.ln()) * (letters - 1.0) / (STEM as f32 - 1.0))
    };
    let mut words: Vec<(String, f32)> = counts.into_iter().map(worth).collect();
    // Sums of floats depend on their order.
    words.sort_by(|one, other| one.0.cmp(&other.0));
    words
}

/// A number as two neighbouring steps: those close to each other have much in common, those two steps apart nothing.
fn between(field: Field, place: f64, first: usize, n: usize) -> [Trait; 2] {
    let below = place.floor();
    let angle = (place - below) * std::f64::consts::FRAC_PI_2;
    [(below, angle.cos()), (below + 1.0, angle.sin())].map(|(step, weight)| Trait {
        field,
        hash: 0,
        own: Some(first + (step as i64).rem_euclid(n as i64) as usize),
        weight: weight as f32,
    })
}

fn of_genre(name: &str) -> Trait {
    let hash = hash(Field::Genre, name);
    let own = GENRES
        .iter()
        .position(|it| *it == name)
        .unwrap_or(GENRES.len() + (hash % OTHER_GENRES as u64) as usize);
    Trait { field: Field::Genre, hash, own: Some(own), weight: 1.0 }
}

/// What providers call by several names.
fn one_name(genre: &str) -> &str {
    match genre {
        "sci fi" | "scifi" | "sf" => "science fiction",
        "kids" | "children" => "family",
        "musical" => "music",
        "anime" => "animation",
        "suspense" => "thriller",
        "biopic" => "biography",
        "historical" => "history",
        other => other,
    }
}

fn stem(word: &str) -> &str {
    word.char_indices().nth(STEM).map_or(word, |(end, _)| &word[..end])
}

/// FNV-1a, its bits mixed well at the end: the same on every machine and in every version of this program.
fn hash(field: Field, text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in [field as u8].into_iter().chain(text.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}
