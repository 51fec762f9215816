//! The samples of one track, kept as compactly as the file does: sizes one by one, everything else in runs.

use std::collections::HashSet;

use crate::ProbeError;
use crate::mp4::boxes::{BoxAt, u32_at, u64_at};
use crate::read::Source;

/// A table of a track: four bytes for each of the samples of a very long film.
const MAX_TABLE_BYTES: u64 = 64 * 1024 * 1024;
/// Samples of one track; a day of sound has four million.
pub(super) const MAX_SAMPLES: u32 = 16_000_000;

/// Samples that lie one behind the other.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    first: u32,
    offset: u64,
}

/// Samples of one duration.
#[derive(Debug, Clone, Copy)]
struct Times {
    first: u32,
    dts: i64,
    duration: u32,
}

/// Samples that are shown equally long after they are decoded.
#[derive(Debug, Clone, Copy)]
struct Delay {
    first: u32,
    ticks: i32,
}

/// Samples of one description, by its place in `stsd`.
#[derive(Debug, Clone, Copy)]
struct Described {
    first: u32,
    description: u32,
}

#[derive(Debug)]
enum Sizes {
    Equal { size: u32, n_samples: u32 },
    Each(Vec<u32>),
}

/// The table. Samples are numbered from 0.
#[derive(Debug)]
pub(super) struct Table {
    sizes: Sizes,
    chunks: Vec<Chunk>,
    times: Vec<Times>,
    delays: Vec<Delay>,
    descriptions: Vec<Described>,
    /// `None`: every sample is a key frame.
    keys: Option<Vec<u32>>,
    next_dts: i64,
}

/// A sample that a fragment adds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Added {
    pub offset: u64,
    pub size: u32,
    pub duration: u32,
    pub delay: i32,
    pub is_key: bool,
    pub description: u32,
}

impl Table {
    /// From the boxes of an `stbl`; in a fragmented file they are empty.
    pub fn of_boxes(src: &Source<'_>, tables: &[BoxAt]) -> Result<Self, ProbeError> {
        let load = |kinds: &[[u8; 4]]| match tables.iter().find(|it| kinds.contains(&it.kind)) {
            Some(it) => it.load(src, MAX_TABLE_BYTES, "a sample table").map(|body| (it.kind, body)),
            None => Ok(([0; 4], Vec::new())),
        };
        let (_, sizes) = load(&[*b"stsz"])?;
        let (kind, offsets) = load(&[*b"stco", *b"co64"])?;
        let (_, runs) = load(&[*b"stsc"])?;
        let (_, durations) = load(&[*b"stts"])?;
        let (_, delays) = load(&[*b"ctts"])?;
        let (sync, keys) = load(&[*b"stss"])?;
        let n_samples = u32_at(&sizes, 8).unwrap_or(0).min(MAX_SAMPLES);
        let mut table = Self {
            sizes: match u32_at(&sizes, 4).unwrap_or(0) {
                0 => Sizes::Each(numbers(&sizes, 12).take(n_samples as usize).collect()),
                size => Sizes::Equal { size, n_samples },
            },
            chunks: Vec::new(),
            times: Vec::new(),
            delays: Vec::new(),
            descriptions: Vec::new(),
            keys: (sync == *b"stss").then(|| {
                let mut keys: Vec<u32> =
                    numbers(&keys, 8).filter_map(|it| it.checked_sub(1)).collect();
                keys.sort_unstable();
                keys
            }),
            next_dts: 0,
        };
        table.place_chunks(&runs, &offsets, kind == *b"co64");
        table.time_samples(&durations);
        let mut first = 0_u32;
        for (count, ticks) in pairs(&delays) {
            table.delays.push(Delay { first, ticks: ticks as i32 });
            first = first.saturating_add(count);
        }
        Ok(table)
    }

    /// `stsc` says from which chunk on how many samples each chunk has, and which description.
    fn place_chunks(&mut self, runs: &[u8], offsets: &[u8], is_long: bool) {
        let n_chunks = u32_at(offsets, 4).unwrap_or(0) as usize;
        let width = if is_long { 8 } else { 4 };
        let runs: Vec<(u32, u32, u32)> = runs
            .get(8..)
            .unwrap_or_default()
            .chunks_exact(12)
            .filter_map(|it| Some((u32_at(it, 0)?, u32_at(it, 4)?, u32_at(it, 8)?)))
            .collect();
        let (mut run, mut first) = (0, 0_u32);
        let offsets = offsets.get(8..).unwrap_or_default().chunks_exact(width).take(n_chunks);
        for (number, offset) in (1_u32..).zip(offsets) {
            while runs.get(run + 1).is_some_and(|it| it.0 <= number) {
                run += 1;
            }
            let Some(&(_, n_samples, description)) = runs.get(run) else { break };
            let offset = if is_long { u64_at(offset, 0) } else { u32_at(offset, 0).map(u64::from) };
            let (Some(offset), true) = (offset, first < self.len()) else { break };
            if n_samples > 0 {
                self.chunks.push(Chunk { first, offset });
                self.describe(first, description.saturating_sub(1));
            }
            first = first.saturating_add(n_samples);
        }
        // Samples without a chunk are nowhere.
        let n_placed = first.min(self.len());
        match &mut self.sizes {
            Sizes::Equal { n_samples, .. } => *n_samples = n_placed,
            Sizes::Each(sizes) => sizes.truncate(n_placed as usize),
        }
    }

    /// The samples from `first` on have this description.
    fn describe(&mut self, first: u32, description: u32) {
        if self.descriptions.last().map_or(0, |it| it.description) != description {
            self.descriptions.push(Described { first, description });
        }
    }

    /// The place of a sample's description in `stsd`.
    pub fn description(&self, sample: u32) -> u32 {
        let until = self.descriptions.partition_point(|it| it.first <= sample);
        self.descriptions[..until].last().map_or(0, |it| it.description)
    }

    /// The descriptions that samples have, each once, in the order of the samples; so many at most.
    pub fn descriptions(&self, limit: usize) -> Vec<u32> {
        let mut found = vec![self.description(0)];
        let mut seen = HashSet::from([found[0]]);
        for it in &self.descriptions {
            if found.len() < limit && seen.insert(it.description) {
                found.push(it.description);
            }
        }
        found
    }

    fn time_samples(&mut self, durations: &[u8]) {
        let (mut first, mut dts) = (0_u32, 0_i64);
        for (count, duration) in pairs(durations) {
            if first >= self.len() {
                break;
            }
            self.times.push(Times { first, dts, duration });
            first = first.saturating_add(count);
            dts = dts.saturating_add(i64::from(count).saturating_mul(duration.into()));
        }
        self.next_dts = dts;
    }

    /// Where the next fragment's samples begin in time, where it says so.
    pub fn set_next_dts(&mut self, dts: i64) {
        self.next_dts = dts;
    }

    /// Adds a fragment's sample behind all others.
    pub fn add(&mut self, sample: Added) {
        let number = self.len();
        if number >= MAX_SAMPLES {
            return;
        }
        let end =
            number.checked_sub(1).and_then(|it| self.place(it)).map(|it| it.0 + u64::from(it.1));
        if end != Some(sample.offset) {
            self.chunks.push(Chunk { first: number, offset: sample.offset });
        }
        if let Sizes::Equal { size, n_samples } = self.sizes {
            self.sizes = Sizes::Each(vec![size; n_samples as usize]);
        }
        if let Sizes::Each(sizes) = &mut self.sizes {
            sizes.push(sample.size);
        }
        let expected = self.times.last().map(|it| {
            it.dts.saturating_add(i64::from(number - it.first).saturating_mul(it.duration.into()))
        });
        let is_same = self.times.last().is_some_and(|it| it.duration == sample.duration);
        if !is_same || expected != Some(self.next_dts) {
            self.times.push(Times { first: number, dts: self.next_dts, duration: sample.duration });
        }
        self.next_dts = self.next_dts.saturating_add(sample.duration.into());
        if self.delays.last().map_or(0, |it| it.ticks) != sample.delay {
            self.delays.push(Delay { first: number, ticks: sample.delay });
        }
        self.describe(number, sample.description);
        let keys = self.keys.get_or_insert_with(|| (0..number).collect());
        if sample.is_key {
            keys.push(number);
        }
    }

    pub fn len(&self) -> u32 {
        match &self.sizes {
            Sizes::Equal { n_samples, .. } => *n_samples,
            Sizes::Each(sizes) => sizes.len() as u32,
        }
    }

    pub fn memory_bytes(&self) -> usize {
        let each = match &self.sizes {
            Sizes::Equal { .. } => 0,
            Sizes::Each(sizes) => sizes.len() * 4,
        };
        each + self.chunks.len() * size_of::<Chunk>()
            + self.times.len() * size_of::<Times>()
            + self.delays.len() * size_of::<Delay>()
            + self.descriptions.len() * size_of::<Described>()
            + self.keys.as_ref().map_or(0, |it| it.len() * 4)
    }

    fn size(&self, sample: u32) -> u32 {
        match &self.sizes {
            Sizes::Equal { size, .. } => *size,
            Sizes::Each(sizes) => sizes.get(sample as usize).copied().unwrap_or(0),
        }
    }

    /// Where a sample lies and how many bytes it has.
    pub fn place(&self, sample: u32) -> Option<(u64, u32)> {
        let chunk = self.chunks[..self.chunks.partition_point(|it| it.first <= sample)].last()?;
        let before: u64 = match &self.sizes {
            Sizes::Equal { size, .. } => u64::from(*size) * u64::from(sample - chunk.first),
            Sizes::Each(sizes) => sizes
                .get(chunk.first as usize..sample as usize)?
                .iter()
                .map(|it| u64::from(*it))
                .sum(),
        };
        Some((chunk.offset.saturating_add(before), self.size(sample)))
    }

    /// The places of samples from `from` on.
    pub fn places(&self, from: u32) -> impl Iterator<Item = (u64, u32)> {
        let mut next_chunk = self.chunks.partition_point(|it| it.first <= from);
        let mut at = self.place(from).map_or(0, |it| it.0);
        (from..self.len()).map(move |sample| {
            if let Some(chunk) = self.chunks.get(next_chunk).filter(|it| it.first == sample) {
                (at, next_chunk) = (chunk.offset, next_chunk + 1);
            }
            let size = self.size(sample);
            let place = (at, size);
            at = at.saturating_add(size.into());
            place
        })
    }

    fn times_of(&self, sample: u32) -> Option<&Times> {
        self.times[..self.times.partition_point(|it| it.first <= sample)].last()
    }

    pub fn duration(&self, sample: u32) -> u32 {
        self.times_of(sample).map_or(0, |it| it.duration)
    }

    /// When a sample is shown, before any edit.
    pub fn pts(&self, sample: u32) -> i64 {
        let dts = self.times_of(sample).map_or(0, |it| {
            it.dts.saturating_add(i64::from(sample - it.first).saturating_mul(it.duration.into()))
        });
        let delays = &self.delays[..self.delays.partition_point(|it| it.first <= sample)];
        dts.saturating_add(delays.last().map_or(0, |it| it.ticks.into()))
    }

    pub fn is_key(&self, sample: u32) -> bool {
        self.keys.as_ref().is_none_or(|it| it.binary_search(&sample).is_ok())
    }

    /// The key frames in the order of the file.
    pub fn keys(&self) -> Vec<u32> {
        match &self.keys {
            Some(keys) => keys.iter().copied().filter(|it| *it < self.len()).collect(),
            None => (0..self.len()).collect(),
        }
    }
}

fn numbers(body: &[u8], at: usize) -> impl Iterator<Item = u32> {
    body.get(at..).unwrap_or_default().chunks_exact(4).filter_map(|it| u32_at(it, 0))
}

fn pairs(body: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let pairs = body.get(8..).unwrap_or_default().chunks_exact(8);
    pairs.filter_map(|it| Some((u32_at(it, 0)?, u32_at(it, 4)?))).filter(|it| it.0 > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Table {
        Table {
            sizes: Sizes::Each(Vec::new()),
            chunks: Vec::new(),
            times: Vec::new(),
            delays: Vec::new(),
            descriptions: Vec::new(),
            keys: None,
            next_dts: 0,
        }
    }

    #[test]
    fn added_samples_are_found_where_they_were_put() {
        let mut table = empty();
        let samples = [
            Added { offset: 100, size: 10, duration: 2, delay: 0, is_key: true, description: 0 },
            Added { offset: 110, size: 5, duration: 2, delay: 4, is_key: false, description: 1 },
            Added { offset: 200, size: 7, duration: 3, delay: 0, is_key: true, description: 0 },
        ];
        for it in samples {
            table.add(it);
        }
        let places: Vec<_> = table.places(0).collect();
        assert_eq!(places, [(100, 10), (110, 5), (200, 7)]);
        assert_eq!(table.places(1).collect::<Vec<_>>(), places[1..]);
        assert_eq!([0, 1, 2].map(|it| table.pts(it)), [0, 6, 4]);
        assert_eq!([0, 1, 2].map(|it| table.duration(it)), [2, 2, 3]);
        assert_eq!(table.keys(), [0, 2]);
        assert_eq!([0, 1, 2].map(|it| table.description(it)), [0, 1, 0]);
        assert_eq!((table.descriptions(9), table.descriptions(1)), (vec![0, 1], vec![0]));
    }

    #[test]
    fn chunks_say_which_description_their_samples_have() {
        let mut table = empty();
        table.sizes = Sizes::Equal { size: 10, n_samples: 6 };
        let numbers =
            |list: &[u32]| list.iter().flat_map(|it| it.to_be_bytes()).collect::<Vec<_>>();
        let runs = numbers(&[0, 3, 1, 2, 1, 2, 1, 2, 4, 2, 1]);
        table.place_chunks(&runs, &numbers(&[0, 4, 100, 200, 300, 400]), false);
        let found: Vec<u32> = (0..6).map(|it| table.description(it)).collect();
        assert_eq!(found, [0, 0, 1, 1, 0, 0]);
        assert_eq!(table.places(2).next(), Some((200, 10)));
    }

    #[test]
    fn a_fragment_that_says_when_it_begins_is_believed() {
        let mut table = empty();
        let sample =
            Added { offset: 0, size: 1, duration: 10, delay: 0, is_key: true, description: 0 };
        table.add(sample);
        table.set_next_dts(500);
        table.add(sample);
        table.add(sample);
        assert_eq!([0, 1, 2].map(|it| table.pts(it)), [0, 500, 510]);
    }
}
