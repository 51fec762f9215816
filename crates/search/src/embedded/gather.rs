//! Looks once at every document that matches: keeps the best, counts all, and the values of facets.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use crate::facet::IdSet;

/// What is asked of the documents that match.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gather {
    /// How many of the best are kept.
    pub window: usize,
    /// The sets a document must be in, or must not be in where the first is false.
    pub sets: Vec<(bool, IdSet)>,
    /// Whether values are counted.
    pub counts_values: bool,
    /// The sets of which the documents in them are counted.
    pub counted_sets: Vec<IdSet>,
}

/// What was gathered.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub best: Vec<DocAddress>,
    pub found: u64,
    /// `facet=value`, as written, and how many documents have it.
    pub values: Vec<(String, u64)>,
    pub in_sets: Vec<u64>,
}

impl Collector for Gather {
    type Fruit = Gathered;
    type Child = GatherSegment;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<GatherSegment> {
        let fast = reader.fast_fields();
        let values = if self.counts_values { fast.str("values")? } else { None };
        let n_terms = values.as_ref().map_or(0, |it| it.num_terms());
        let needs_keys = !(self.sets.is_empty() && self.counted_sets.is_empty());
        Ok(GatherSegment {
            segment,
            window: self.window,
            sets: self.sets.clone(),
            counted_sets: self.counted_sets.clone(),
            popularity: fast.f64("popularity")?,
            keys: if needs_keys { Some(fast.u64("key")?) } else { None },
            counts: vec![0; n_terms],
            values,
            best: BinaryHeap::new(),
            found: 0,
            in_sets: vec![0; self.counted_sets.len()],
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Part>>) -> tantivy::Result<Gathered> {
        let mut best: Vec<Candidate> = Vec::new();
        let mut values: HashMap<String, u64> = HashMap::new();
        let mut gathered =
            Gathered { in_sets: vec![0; self.counted_sets.len()], ..Gathered::default() };
        for part in segments {
            let part = part?;
            best.extend(part.best);
            gathered.found += part.found;
            for (value, count) in part.values {
                *values.entry(value).or_default() += count;
            }
            for (total, count) in gathered.in_sets.iter_mut().zip(part.in_sets) {
                *total += count;
            }
        }
        best.sort_by(|one, other| other.cmp(one));
        best.truncate(self.window);
        gathered.best = best.into_iter().map(|it| it.address).collect();
        gathered.values = values.into_iter().collect();
        Ok(gathered)
    }
}

/// Gathers in one segment.
pub(crate) struct GatherSegment {
    segment: SegmentOrdinal,
    window: usize,
    sets: Vec<(bool, IdSet)>,
    counted_sets: Vec<IdSet>,
    popularity: Column<f64>,
    keys: Option<Column<u64>>,
    values: Option<StrColumn>,
    /// By the number of the value.
    counts: Vec<u64>,
    /// The worst of the best on top.
    best: BinaryHeap<Reverse<Candidate>>,
    found: u64,
    in_sets: Vec<u64>,
}

/// What one segment has.
pub(crate) struct Part {
    best: Vec<Candidate>,
    found: u64,
    values: Vec<(String, u64)>,
    in_sets: Vec<u64>,
}

impl SegmentCollector for GatherSegment {
    type Fruit = tantivy::Result<Part>;

    fn collect(&mut self, document: DocId, score: Score) {
        if let Some(keys) = &self.keys {
            let key = keys.first(document).unwrap_or(0);
            if self.sets.iter().any(|(is_in, set)| set.has_key(key) != *is_in) {
                return;
            }
            for (count, set) in self.in_sets.iter_mut().zip(&self.counted_sets) {
                *count += u64::from(set.has_key(key));
            }
        }
        self.found += 1;
        if let Some(values) = &self.values {
            for ordinal in values.term_ords(document) {
                if let Some(count) = self.counts.get_mut(ordinal as usize) {
                    *count += 1;
                }
            }
        }
        if self.window == 0 {
            return;
        }
        let candidate = Candidate {
            score,
            popularity: self.popularity.first(document).unwrap_or(0.0),
            address: DocAddress::new(self.segment, document),
        };
        if self.best.len() < self.window {
            self.best.push(Reverse(candidate));
        } else if self.best.peek().is_some_and(|worst| candidate > worst.0) {
            self.best.pop();
            self.best.push(Reverse(candidate));
        }
    }

    fn harvest(self) -> tantivy::Result<Part> {
        let mut values = Vec::new();
        if let Some(column) = &self.values {
            let mut text = String::new();
            for (ordinal, count) in self.counts.iter().enumerate().filter(|it| *it.1 > 0) {
                text.clear();
                if column.ord_to_str(ordinal as u64, &mut text)? {
                    values.push((text.clone(), *count));
                }
            }
        }
        let best = self.best.into_iter().map(|it| it.0).collect();
        Ok(Part { best, found: self.found, values, in_sets: self.in_sets })
    }
}

/// A document that may be among the best: by score, then popularity, then the one written first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    score: Score,
    popularity: f64,
    address: DocAddress,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score
            .total_cmp(&other.score)
            .then_with(|| self.popularity.total_cmp(&other.popularity))
            .then_with(|| other.address.cmp(&self.address))
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
