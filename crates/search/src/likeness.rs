//! How alike two items are: a vector for each, made of what is known of it, and the cosine between two.
//!
//! The vector is a pure function of the document and of how rare its traits are ([`Rarity`]). What has few values (genres by
//! their usual names, decades, ages, ratings) has dimensions of its own. Every other trait is hashed and put on [`SPREAD`] of the
//! rest, each with a sign, all from the hash: traits that share a dimension are as likely to add to a likeness as to take from
//! it, so that what they do to it is noise around 0. Each field (genres, tags, people ...) is brought to length 1 and then to
//! its weight, and the whole to length 1. So the cosine is the weighted mean of how alike two items are in each field,
//! whatever the number of their tags or words. Where a text model read them, what it says is one more field.

mod rarity;
#[cfg(test)]
mod tests;
mod traits;
pub(crate) mod vectors;

use std::sync::{Arc, PoisonError};

use kernel::{Guard, Result};
use uuid::Uuid;

pub use rarity::{Rarity, RarityCount};

use crate::{Document, Engine, MAX_HITS, Search};
use traits::{FIELDS, Field, OWN_DIMENSIONS, Trait, traits};

/// The length of a vector.
pub(crate) const DIMENSIONS: usize = 256;
/// On how many dimensions one trait is put: with one, two heavy traits on the same would outweigh all else.
const SPREAD: usize = 4;
/// The rule by which vectors are made. Raise it together with the form of the index when anything here changes.
pub(crate) const RULE: i32 = 1;

/// What a text model's word counts for, beside all fields as 1. Found on the judged set of `tests/it/alike.rs` with a common
/// model for sentences.
const MEANING: f32 = 0.3;
/// What words count for beside it: it has read them.
const WORD_BESIDE_MEANING: f32 = 0.05;

/// What is looked for by [`crate::Search::nearest`].
#[derive(Clone, Debug)]
pub struct Near<'a> {
    /// What others are to be like. It need not be in the index, and is found if it is.
    pub document: &'a Document,
    /// The libraries that exist for the one who asks. None: nothing is found.
    pub libraries: &'a [Uuid],
    /// What in them does not exist for the one who asks.
    pub guard: &'a Guard,
    /// How many at most; no more than [`crate::MAX_HITS`].
    pub limit: usize,
}

/// What is near to something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// The document's id.
    pub id: Uuid,
    /// From 1 (all the same) to about 0 (nothing in common).
    pub likeness: f32,
}

impl Search {
    /// By how rare traits are vectors are made from now on. Rebuild the index, so that all are made by the same.
    pub fn weigh(&self, rarity: Rarity) {
        let mut current = self.0.rarity.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(rarity);
    }

    /// By how rare traits are vectors are made.
    pub fn rarity(&self) -> Arc<Rarity> {
        Arc::clone(&self.0.rarity.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is most like a document, the likest first, of equals the smaller id.
    ///
    /// In process every vector that may be seen is looked at; Typesense looks at those its graph leads to.
    pub async fn nearest(&self, near: &Near<'_>) -> Result<Vec<Neighbour>> {
        let limit = near.limit.min(MAX_HITS);
        if near.libraries.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let Some(vector) = Vector::of(near.document, &self.rarity()) else {
            return Ok(Vec::new());
        };
        match &self.0.engine {
            Engine::Embedded(engine) => engine.nearest(vector, near, limit).await,
            Engine::Typesense(engine) => engine.nearest(&vector, near, limit).await,
        }
    }
}

/// What is known of an item, as numbers from -127 to 127, the largest of which is one of these ends.
///
/// Rounding changes a cosine by less than 0.005 (a test says so), which is a tenth of what hashing does to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vector([i8; DIMENSIONS]);

impl Vector {
    /// The vector of a document; `None` of one of which nothing is known.
    pub fn of(document: &Document, rarity: &Rarity) -> Option<Self> {
        exact(document, rarity).map(|it| Self::rounded(&it))
    }

    fn rounded(exact: &[f32; DIMENSIONS]) -> Self {
        let largest = exact.iter().fold(0.0_f32, |largest, it| largest.max(it.abs()));
        Self(exact.map(|it| (it / largest * 127.0).round() as i8))
    }

    pub fn numbers(&self) -> &[i8; DIMENSIONS] {
        &self.0
    }

    pub fn length(&self) -> f32 {
        length(&self.0)
    }
}

/// The vector before it is rounded: of length 1.
fn exact(document: &Document, rarity: &Rarity) -> Option<[f32; DIMENSIONS]> {
    let mut fields = [[0.0_f32; DIMENSIONS]; FIELDS.len()];
    for Trait { field, hash, own, weight } in traits(document) {
        let weight = weight * rarity.weight(field, hash);
        let numbers = &mut fields[field as usize];
        match own {
            Some(own) => numbers[own] += weight,
            None => put(numbers, hash, weight),
        }
    }
    let mut whole = [0.0_f32; DIMENSIONS];
    if let Some(meaning) = &document.meaning {
        let scale = MEANING.sqrt();
        whole.iter_mut().zip(&meaning.0).for_each(|(sum, it)| *sum += it * scale);
    }
    let mut weights = FIELDS;
    if document.meaning.is_some() {
        weights[Field::Word as usize] = WORD_BESIDE_MEANING;
    }
    for (field, weight) in fields.iter().zip(weights) {
        let length = euclidean(field);
        if length > 0.0 {
            let scale = weight.sqrt() / length;
            whole.iter_mut().zip(field).for_each(|(sum, it)| *sum += it * scale);
        }
    }
    let length = euclidean(&whole);
    (length > 0.0).then(|| whole.map(|it| it / length))
}

/// Adds a trait: ten bits of the hash name each dimension, a bit beyond them its sign.
fn put(numbers: &mut [f32; DIMENSIONS], hash: u64, weight: f32) {
    const SHARED: usize = DIMENSIONS - OWN_DIMENSIONS;
    for nth in 0..SPREAD {
        let ten = ((hash >> (10 * nth)) & 1023) as usize;
        let sign = if hash >> (10 * SPREAD + nth) & 1 == 0 { 1.0 } else { -1.0 };
        numbers[OWN_DIMENSIONS + ((ten * SHARED) >> 10)] += sign * weight;
    }
}

fn euclidean(numbers: &[f32; DIMENSIONS]) -> f32 {
    numbers.iter().map(|it| it * it).sum::<f32>().sqrt()
}

pub(crate) fn length(numbers: &[i8; DIMENSIONS]) -> f32 {
    (dot(numbers, numbers) as f32).sqrt()
}

/// The sum of products: at most 256 of 127 squared, which fits.
pub(crate) fn dot(one: &[i8; DIMENSIONS], other: &[i8; DIMENSIONS]) -> i32 {
    one.iter().zip(other).map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b))).sum()
}
