//! The vectors of the index in this process: kept in it as a column, held in memory by segment, looked at one by one.
//!
//! A segment never changes, so its vectors are read once and let go with it. What was deleted is left out by the query.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::index::SegmentId;
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader};
use uuid::Uuid;

use super::{DIMENSIONS, Neighbour, Vector, dot, length};

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

/// The vectors of a segment.
#[derive(Debug)]
pub(crate) struct Rows {
    /// By document: which row is its own, or [`NONE`].
    places: Vec<u32>,
    rows: Vec<Row>,
}

/// A document without a vector.
const NONE: u32 = u32::MAX;

#[derive(Debug)]
struct Row {
    id: Uuid,
    length: f32,
    numbers: [i8; DIMENSIONS],
}

impl Rows {
    fn read(segment: &SegmentReader) -> tantivy::Result<Self> {
        let column = segment.fast_fields().u64(COLUMN)?;
        let n_values = column.values.num_vals() as usize;
        let mut rows = Vec::with_capacity(n_values / VALUES);
        let mut buffer = vec![0; READ_VALUES.min(n_values)];
        let mut at = 0;
        while at < n_values {
            let end = (at + READ_VALUES).min(n_values);
            let buffer = &mut buffer[..end - at];
            column.values.get_range(at as u64, buffer);
            rows.extend(buffer.chunks_exact(VALUES).map(Row::of));
            at = end;
        }
        let place = |document| {
            let first = column.index.value_row_ids(document).next();
            first.map_or(NONE, |it| it / VALUES as u32)
        };
        Ok(Self { places: (0..segment.max_doc()).map(place).collect(), rows })
    }

    fn of(&self, document: DocId) -> Option<&Row> {
        let place = *self.places.get(document as usize)?;
        self.rows.get(place as usize)
    }
}

impl Row {
    fn of(values: &[u64]) -> Self {
        let (id, values) = values.split_at(ID_VALUES);
        let mut numbers = [0; DIMENSIONS];
        for (eight, value) in numbers.chunks_exact_mut(8).zip(values) {
            eight.copy_from_slice(&value.to_le_bytes().map(u8::cast_signed));
        }
        Self { id: Uuid::from_u64_pair(id[0], id[1]), length: length(&numbers), numbers }
    }
}

/// Keeps the nearest of the documents that match.
#[derive(Debug)]
pub(crate) struct Nearest {
    pub vector: Arc<Vector>,
    pub limit: usize,
    /// Of each segment.
    pub rows: Vec<Arc<Rows>>,
}

impl Collector for Nearest {
    type Fruit = Vec<Neighbour>;
    type Child = NearestInSegment;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        _: &SegmentReader,
    ) -> tantivy::Result<NearestInSegment> {
        Ok(NearestInSegment {
            vector: Arc::clone(&self.vector),
            length: self.vector.length(),
            rows: Arc::clone(&self.rows[segment as usize]),
            best: Best::new(self.limit),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Best>) -> tantivy::Result<Vec<Neighbour>> {
        let mut best = Best::new(self.limit);
        for near in segments.into_iter().flat_map(|it| it.heap) {
            best.offer(near.0);
        }
        Ok(best.heap.into_sorted_vec().into_iter().map(|it| it.0).collect())
    }
}

/// Looks at one segment.
pub(crate) struct NearestInSegment {
    vector: Arc<Vector>,
    length: f32,
    rows: Arc<Rows>,
    best: Best,
}

impl SegmentCollector for NearestInSegment {
    type Fruit = Best;

    fn collect(&mut self, document: DocId, _: Score) {
        let Some(row) = self.rows.of(document) else { return };
        let product = dot(self.vector.numbers(), &row.numbers) as f32;
        let likeness = product / (self.length * row.length);
        self.best.offer(Neighbour { id: row.id, likeness });
    }

    fn harvest(self) -> Best {
        self.best
    }
}

/// The nearest so far, the farthest of them on top.
pub(crate) struct Best {
    limit: usize,
    heap: BinaryHeap<Farther>,
}

impl Best {
    fn new(limit: usize) -> Self {
        Self { limit, heap: BinaryHeap::with_capacity(limit + 1) }
    }

    fn offer(&mut self, near: Neighbour) {
        let near = Farther(near);
        if self.heap.len() < self.limit {
            self.heap.push(near);
        } else if self.heap.peek().is_some_and(|worst| near < *worst) {
            self.heap.pop();
            self.heap.push(near);
        }
    }
}

/// Greater is farther; of equals the larger id is.
#[derive(Clone, Copy, Debug)]
struct Farther(Neighbour);

impl Ord for Farther {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_likeness = other.0.likeness.total_cmp(&self.0.likeness);
        by_likeness.then_with(|| self.0.id.cmp(&other.0.id))
    }
}

impl PartialOrd for Farther {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Farther {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Farther {}
