//! How rare traits are, so that what few items have says more of them than what many have.

use super::RULE;
use super::traits::{Field, traits};
use crate::Document;

/// Traits are counted by 16 bits of their hash: 64 KB, whatever the library. Two that share a place are taken for more common
/// than they are.
const PLACES: usize = 1 << 16;
/// A count is kept as eighths of its power of two, so in one byte and within 5 %.
const STEPS: f32 = 8.0;

/// In how many of the items of a library each trait is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rarity {
    n_items: u64,
    /// Microseconds since the epoch.
    counted_us: i64,
    /// Empty: nothing was counted.
    counts: Vec<u8>,
}

/// Counts the traits of items, one after the other.
#[derive(Debug)]
pub struct RarityCount {
    n_items: u64,
    counts: Vec<u32>,
}

impl Rarity {
    /// Nothing was counted yet: all traits are equally rare.
    pub fn unknown() -> Self {
        Self { n_items: 0, counted_us: 0, counts: Vec::new() }
    }

    /// Counting begun.
    pub fn count() -> RarityCount {
        RarityCount { n_items: 0, counts: vec![0; PLACES] }
    }

    /// As [`Rarity::bytes`] gave it; `None` of what another rule made.
    pub fn of_bytes(rule: i32, n_items: u64, counted_us: i64, counts: Vec<u8>) -> Option<Self> {
        let is_known = rule == RULE && counts.len() == PLACES;
        is_known.then_some(Self { n_items, counted_us, counts })
    }

    /// The rule by which this program counts.
    pub fn rule() -> i32 {
        RULE
    }

    /// When it was counted, in microseconds since the epoch; 0 if nothing was. Tells one count from another.
    pub fn counted_us(&self) -> i64 {
        self.counted_us
    }

    /// Among how many items it was counted.
    pub fn n_items(&self) -> u64 {
        self.n_items
    }

    /// To be kept.
    pub fn bytes(&self) -> &[u8] {
        &self.counts
    }

    /// What a trait is worth: the root of the logarithm of how few have it, so that the product of two is that logarithm;
    /// about 0 where all do.
    pub(super) fn weight(&self, field: Field, hash: u64) -> f32 {
        if matches!(field, Field::Era | Field::Rated) {
            return 1.0;
        }
        let Some(count) = self.counts.get(place(hash)) else {
            return 1.0;
        };
        let count = (f32::from(*count) / STEPS).exp2();
        ((self.n_items as f32 + 2.0) / count).ln().max(0.05).sqrt()
    }
}

impl RarityCount {
    /// Counts one item, if it is one that is compared.
    pub fn add(&mut self, document: &Document) {
        if !document.is_compared {
            return;
        }
        self.n_items += 1;
        let mut places: Vec<usize> = traits(document).iter().map(|it| place(it.hash)).collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            self.counts[place] += 1;
        }
    }

    /// What was counted, and when.
    pub fn finish(self, counted_us: i64) -> Rarity {
        let in_steps = |count: u32| ((count as f32 + 1.0).log2() * STEPS).round() as u8;
        let counts = self.counts.into_iter().map(in_steps).collect();
        Rarity { n_items: self.n_items, counted_us, counts }
    }
}

impl Default for Rarity {
    fn default() -> Self {
        Self::unknown()
    }
}

/// Bits of the hash that say nothing of its dimensions.
fn place(hash: u64) -> usize {
    (hash >> 48) as usize
}
