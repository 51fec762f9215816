//! The vectors of the index in this process: kept in it as a column, held in memory by segment, looked at one by one.
//!
//! A segment never changes, so its vectors are read once and let go with it. What was deleted is left out by the query.

mod scan;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::index::SegmentId;
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader};
use uuid::Uuid;

pub(crate) use scan::{ROWS_A_THREAD, nearest};

use super::{DIMENSIONS, Vector, length};

/// The column: of each document that has a vector its id and its numbers, eight in a value.
pub(crate) const COLUMN: &str = "vector";
const ID_VALUES: usize = 2;
const VALUES: usize = ID_VALUES + DIMENSIONS / 8;
/// Values read at once.
const READ_VALUES: usize = VALUES * 1024;

/// A document's vector as values of the column.
pub(crate) fn values(id: Uuid, vector: &Vector) -> impl Iterator<Item = u64> {
    let (high, low) = id.as_u64_pair();
    let numbers = vector.numbers().chunks_exact(8).map(|eight| {
        eight.iter().rev().fold(0, |value, it| value << 8 | u64::from(it.cast_unsigned()))
    });
    [high, low].into_iter().chain(numbers.collect::<Vec<_>>())
}

/// The vectors of all segments that are searched: 276 bytes each, and 4 for a document without.
#[derive(Debug, Default)]
pub(crate) struct Vectors(Mutex<HashMap<SegmentId, Arc<Rows>>>);

impl Vectors {
    /// Those of the segments of `searcher`; the others are let go.
    pub fn of(&self, searcher: &Searcher) -> tantivy::Result<Vec<Arc<Rows>>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = Vec::new();
        for segment in searcher.segment_readers() {
            let id = segment.segment_id();
            rows.push(match held.get(&id) {
                Some(rows) => Arc::clone(rows),
                None => Arc::new(Rows::read(segment)?),
            });
        }
        let ids = searcher.segment_readers().iter().map(SegmentReader::segment_id);
        *held = ids.zip(rows.iter().cloned()).collect();
        Ok(rows)
    }
}

/// The vectors of a segment, each field of them by itself: what is looked at of all lies side by side.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// By document: which row is its own, or [`NONE`].
    places: Vec<u32>,
    ids: Vec<Uuid>,
    lengths: Vec<f32>,
    numbers: Vec<[i8; DIMENSIONS]>,
}

/// A document without a vector.
const NONE: u32 = u32::MAX;

impl Rows {
    fn read(segment: &SegmentReader) -> tantivy::Result<Self> {
        let column = segment.fast_fields().u64(COLUMN)?;
        let n_values = column.values.num_vals() as usize;
        let mut rows = Self::with_capacity(n_values / VALUES);
        let mut buffer = vec![0; READ_VALUES.min(n_values)];
        let mut at = 0;
        while at < n_values {
            let end = (at + READ_VALUES).min(n_values);
            let buffer = &mut buffer[..end - at];
            column.values.get_range(at as u64, buffer);
            buffer.chunks_exact(VALUES).for_each(|it| rows.push(it));
            at = end;
        }
        let place = |document| {
            let first = column.index.value_row_ids(document).next();
            first.map_or(NONE, |it| it / VALUES as u32)
        };
        rows.places = (0..segment.max_doc()).map(place).collect();
        Ok(rows)
    }

    fn with_capacity(n: usize) -> Self {
        Self {
            places: Vec::new(),
            ids: Vec::with_capacity(n),
            lengths: Vec::with_capacity(n),
            numbers: Vec::with_capacity(n),
        }
    }

    fn push(&mut self, values: &[u64]) {
        let (id, values) = values.split_at(ID_VALUES);
        let mut numbers = [0; DIMENSIONS];
        for (eight, value) in numbers.chunks_exact_mut(8).zip(values) {
            eight.copy_from_slice(&value.to_le_bytes().map(u8::cast_signed));
        }
        self.ids.push(Uuid::from_u64_pair(id[0], id[1]));
        self.lengths.push(length(&numbers));
        self.numbers.push(numbers);
    }
}

/// Those rows of a segment that somebody may see.
#[derive(Debug)]
pub(crate) struct Seen {
    rows: Arc<Rows>,
    places: Vec<u32>,
}

/// Gathers the rows of the documents that match.
#[derive(Debug)]
pub(crate) struct Matching {
    /// Of each segment.
    pub rows: Vec<Arc<Rows>>,
}

impl Collector for Matching {
    type Fruit = Vec<Seen>;
    type Child = MatchingInSegment;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<MatchingInSegment> {
        let rows = Arc::clone(&self.rows[segment as usize]);
        let places = Vec::with_capacity(rows.ids.len());
        Ok(MatchingInSegment(Seen { rows, places }))
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Seen>) -> tantivy::Result<Vec<Seen>> {
        Ok(segments)
    }
}

/// Gathers those of one segment.
pub(crate) struct MatchingInSegment(Seen);

impl SegmentCollector for MatchingInSegment {
    type Fruit = Seen;

    fn collect(&mut self, document: DocId, _: Score) {
        self.collect_block(&[document]);
    }

    fn collect_block(&mut self, documents: &[DocId]) {
        let Seen { rows, places } = &mut self.0;
        let of = |document: &DocId| rows.places.get(*document as usize).copied();
        places.extend(documents.iter().filter_map(of).filter(|it| *it != NONE));
    }

    fn harvest(self) -> Seen {
        self.0
    }
}
