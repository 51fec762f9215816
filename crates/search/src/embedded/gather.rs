//! Looks once at every document that matches: keeps the first, counts all, and the values of facets.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::keys::{Candidate, Keys, Ranked};
use crate::facet::IdSet;
use crate::sort::Sort;

/// What is asked of the documents that match.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gather {
    /// How many of the first are kept.
    pub window: usize,
    /// Which those are, when not those that match best.
    pub sort: Option<Sort>,
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
            order: Keys::of(self.sort, reader)?,
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
        self.sort.is_none()
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Part>>) -> tantivy::Result<Gathered> {
        let mut best: Vec<Ranked> = Vec::new();
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
        best.sort_by(|one, other| one.compare(other, self.sort));
        best.truncate(self.window);
        gathered.best = best.into_iter().map(|it| it.candidate.address).collect();
        gathered.values = values.into_iter().collect();
        Ok(gathered)
    }
}

/// Gathers in one segment.
pub(crate) struct GatherSegment {
    segment: SegmentOrdinal,
    window: usize,
    order: Keys,
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
    best: Vec<Ranked>,
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
            key: self.order.of_document(document, score),
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
        let ranked = self.best.into_iter().map(|Reverse(candidate)| {
            Ok(Ranked { text: self.order.text(candidate.key)?, candidate })
        });
        let best = ranked.collect::<tantivy::Result<_>>()?;
        Ok(Part { best, found: self.found, values, in_sets: self.in_sets })
    }
}
