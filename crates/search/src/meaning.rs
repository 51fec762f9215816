//! What a title is about, as a text model says it: optional, besides the traits that are compared always.
//!
//! The numbers of any model are brought to [`DIMENSIONS`] by a rotation that is the same everywhere, kept in 8 bits, and
//! compared relative to what all titles of a place have in common ([`MeaningCenter`]): models put texts of one kind close
//! together, some so close that unlike ones seem alike.

mod model;
mod rotate;
#[cfg(test)]
mod tests;
mod text;
mod tokenizer;
mod unigram;
mod word_pieces;

pub use model::{ModelError, ModelPlace, TextModel};
pub use text::ModelText;

use crate::likeness::DIMENSIONS;
use rotate::rotated;

/// The rule by which texts are made and numbers kept. Raise it when anything here changes: all is computed anew then.
pub(crate) const RULE: u32 = 1;
/// Among fewer titles nothing is known of what all have in common.
const FEWEST: u64 = 20;

/// What a model made of a text: of length 1 but for rounding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeaningNumbers([i8; DIMENSIONS]);

impl MeaningNumbers {
    /// Of what a model says, 1024 numbers at the most; `None` of what has no direction.
    pub fn of(numbers: &[f32]) -> Option<Self> {
        let rotated = rotated(numbers);
        let largest = rotated.iter().fold(0.0_f32, |largest, it| largest.max(it.abs()));
        let is_told = largest.is_finite() && largest > 0.0;
        is_told.then(|| Self(rotated.map(|it| (it / largest * 127.0).round() as i8)))
    }

    /// To be kept.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.map(i8::cast_unsigned).to_vec()
    }

    /// As [`MeaningNumbers::bytes`] gave it; `None` of anything else.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; DIMENSIONS] = bytes.try_into().ok()?;
        Some(Self(bytes.map(u8::cast_signed))).filter(|it| it.0.iter().any(|it| *it != 0))
    }

    fn unit(&self) -> [f32; DIMENSIONS] {
        unit(&self.0.map(f32::from)).unwrap_or([0.0; DIMENSIONS])
    }
}

/// What a title is about, beside what all are about: of length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning(pub(crate) [f32; DIMENSIONS]);

impl Meaning {
    /// Of what a model made of a title; `None` of one that is just what all have in common.
    pub fn new(numbers: &MeaningNumbers, center: &MeaningCenter) -> Option<Self> {
        let mut own = numbers.unit();
        own.iter_mut().zip(&center.0).for_each(|(own, all)| *own -= all);
        unit(&own).map(Self)
    }
}

/// What the titles of a place have in common to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct MeaningCenter(Vec<f32>);

/// Finds what titles have in common.
#[derive(Clone, Debug)]
pub struct MeaningCount {
    n: u64,
    sums: Vec<f64>,
}

impl MeaningCenter {
    /// Counting begun.
    pub fn count() -> MeaningCount {
        MeaningCount { n: 0, sums: vec![0.0; DIMENSIONS] }
    }

    /// To be kept: four bytes a number, none where nothing is in common.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|it| it.to_le_bytes()).collect()
    }

    /// As [`MeaningCenter::bytes`] gave it; `None` of anything else.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        let numbers: Vec<f32> = numbers.iter().map(|it| f32::from_le_bytes(*it)).collect();
        let has_length = numbers.is_empty() || numbers.len() == DIMENSIONS;
        let is_ours = rest.is_empty() && has_length && numbers.iter().all(|it| it.is_finite());
        is_ours.then_some(Self(numbers))
    }
}

impl MeaningCount {
    /// Counts a title.
    pub fn add(&mut self, numbers: &MeaningNumbers) {
        self.n += 1;
        self.sums.iter_mut().zip(numbers.unit()).for_each(|(sum, it)| *sum += f64::from(it));
    }

    /// How many titles were counted.
    pub fn n_items(&self) -> u64 {
        self.n
    }

    /// What they have in common.
    pub fn finish(self) -> MeaningCenter {
        if self.n < FEWEST {
            return MeaningCenter(Vec::new());
        }
        MeaningCenter(self.sums.into_iter().map(|it| (it / self.n as f64) as f32).collect())
    }
}

/// Brought to length 1; `None` of what has none.
fn unit(numbers: &[f32; DIMENSIONS]) -> Option<[f32; DIMENSIONS]> {
    let length = numbers.iter().map(|it| it * it).sum::<f32>().sqrt();
    (length.is_finite() && length > 1e-6).then(|| numbers.map(|it| it / length))
}
