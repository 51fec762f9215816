//! Sample tables: where samples lie and when they are shown, without expanding them.

use super::boxes::{BoxAt, u32_at, u64_at};
use crate::index::{KeyFrame, MAX_KEY_FRAMES};
use crate::read::Source;

/// More samples than this are not walked through: three days at 60 frames a second fit.
const MAX_SAMPLES: u64 = 1 << 24;
/// How much of one table is in memory.
const CHUNK_BYTES: u64 = 16 * 1024;

/// A table of entries of one width, read piece by piece.
struct Table<'a> {
    src: &'a Source<'a>,
    /// Where its first entry is.
    at: u64,
    width: u64,
    n_entries: u64,
    chunk: Vec<u8>,
    /// The entry that the chunk begins with.
    chunk_first: u64,
}

impl<'a> Table<'a> {
    /// A table behind `head` bytes of its box, the last four of which count the entries.
    fn open(src: &'a Source<'a>, table: BoxAt, head: u64, width: u64) -> Option<Self> {
        let at = table.body.checked_add(head)?;
        let count = src.array_alone::<4>(at.checked_sub(4)?, "a sample table").ok()?;
        let room = table.end.min(src.size).checked_sub(at)? / width;
        let n_entries = room.min(u32::from_be_bytes(count).into()).min(MAX_SAMPLES);
        Some(Self { src, at, width, n_entries, chunk: Vec::new(), chunk_first: 0 })
    }

    fn entry(&mut self, n: u64) -> Option<&[u8]> {
        if n >= self.n_entries {
            return None;
        }
        let width = self.width as usize;
        let n_buffered = (self.chunk.len() / width) as u64;
        if n < self.chunk_first || n >= self.chunk_first + n_buffered {
            let n_wanted = (self.n_entries - n).min(CHUNK_BYTES / self.width);
            let at = self.at + n * self.width;
            self.chunk = self.src.bytes(at, n_wanted * self.width, "a sample table").ok()?;
            self.chunk_first = n;
        }
        let from = (n - self.chunk_first) as usize * width;
        self.chunk.get(from..from + width)
    }

    /// Two numbers of an entry.
    fn pair(&mut self, n: u64) -> Option<(u32, u32)> {
        let entry = self.entry(n)?;
        Some((u32_at(entry, 0)?, u32_at(entry, 4)?))
    }
}

/// Runs of samples with one value, walked forwards.
struct Runs<'a> {
    table: Table<'a>,
    next: u64,
    /// The first sample of the current run, and the first behind it.
    from: u64,
    to: u64,
    value: u32,
    /// The sum of the values of all samples before the current run.
    sum: u64,
}

impl<'a> Runs<'a> {
    fn new(table: Table<'a>) -> Self {
        Self { table, next: 0, from: 0, to: 0, value: 0, sum: 0 }
    }

    /// Goes on to the run that `sample` is in.
    fn advance(&mut self, sample: u64) -> Option<()> {
        while sample >= self.to {
            let (count, value) = self.table.pair(self.next)?;
            let all = (self.to - self.from).checked_mul(self.value.into())?;
            self.sum = self.sum.checked_add(all)?;
            self.next += 1;
            (self.from, self.to) = (self.to, self.to.checked_add(count.into())?);
            self.value = value;
        }
        Some(())
    }
}

/// Where samples lie, walked forwards.
struct Places<'a> {
    /// First chunk, samples per chunk, description.
    runs: Table<'a>,
    chunks: Table<'a>,
    sizes: Option<Table<'a>>,
    fixed_size: u32,
    next_run: u64,
    /// The current run: its first chunk, samples per chunk, first sample, and the chunk behind it.
    first_chunk: u64,
    per_chunk: u64,
    first_sample: u64,
    end_chunk: u64,
    /// The last sample that was asked for, with its offset.
    last: Option<(u64, u64)>,
}

impl<'a> Places<'a> {
    fn open(src: &'a Source<'a>, tables: &[BoxAt]) -> Option<Self> {
        let table = |kind: &[u8; 4]| tables.iter().copied().find(|it| it.kind == *kind);
        let chunks = match table(b"stco") {
            Some(it) => Table::open(src, it, 8, 4)?,
            None => Table::open(src, table(b"co64")?, 8, 8)?,
        };
        let sizes = table(b"stsz")?;
        let fixed_size = u32_at(&sizes.head(src, 12, "the sample sizes").ok()?, 4)?;
        let sizes = if fixed_size == 0 { Some(Table::open(src, sizes, 12, 4)?) } else { None };
        Some(Self {
            runs: Table::open(src, table(b"stsc")?, 8, 12)?,
            chunks,
            sizes,
            fixed_size,
            next_run: 0,
            first_chunk: 0,
            per_chunk: 0,
            first_sample: 0,
            end_chunk: 0,
            last: None,
        })
    }

    fn size(&mut self, sample: u64) -> Option<u32> {
        match &mut self.sizes {
            Some(table) => u32_at(table.entry(sample)?, 0),
            None => Some(self.fixed_size),
        }
    }

    fn offset(&mut self, sample: u64) -> Option<u64> {
        loop {
            let n_samples = (self.end_chunk - self.first_chunk).checked_mul(self.per_chunk)?;
            let end = self.first_sample.checked_add(n_samples)?;
            if self.next_run > 0 && sample < end {
                break;
            }
            let (first, per_chunk) = self.runs.pair(self.next_run)?;
            self.next_run += 1;
            let next = self.runs.entry(self.next_run).and_then(|it| u32_at(it, 0));
            self.first_sample = end;
            self.first_chunk = u64::from(first).checked_sub(1)?;
            self.per_chunk = per_chunk.into();
            let last = self.chunks.n_entries;
            self.end_chunk = next.map_or(last, |it| u64::from(it).saturating_sub(1).min(last));
            self.end_chunk = self.end_chunk.max(self.first_chunk);
        }
        let n_chunk = (sample - self.first_sample) / self.per_chunk;
        let chunk_sample = self.first_sample + n_chunk * self.per_chunk;
        let chunk = self.chunks.entry(self.first_chunk + n_chunk)?;
        let chunk_at = u64_at(chunk, 0).or_else(|| u32_at(chunk, 0).map(Into::into))?;
        // Sizes are summed from the sample before, when it is in the same chunk.
        let (mut from, mut at) = self
            .last
            .filter(|it| it.0 >= chunk_sample && it.0 <= sample)
            .unwrap_or((chunk_sample, chunk_at));
        if self.sizes.is_none() {
            at = at.checked_add((sample - from).checked_mul(self.fixed_size.into())?)?;
        } else {
            while from < sample {
                at = at.checked_add(self.size(from)?.into())?;
                from += 1;
            }
        }
        self.last = Some((sample, at));
        Some(at)
    }
}

/// Offset and size of the first sample.
pub(super) fn first(src: &Source<'_>, tables: &[BoxAt]) -> Option<(u64, u32)> {
    let mut places = Places::open(src, tables)?;
    Some((places.offset(0)?, places.size(0)?))
}

/// The key frames of a track by its tables, in units of its timescale; `shift` is added to every time.
pub(super) fn key_frames(
    src: &Source<'_>,
    stbl: BoxAt,
    n_samples: u64,
    shift: i64,
) -> Option<Vec<KeyFrame>> {
    let tables = stbl.children(src);
    let table = |kind: &[u8; 4]| tables.iter().copied().find(|it| it.kind == *kind);
    if n_samples > MAX_SAMPLES {
        return None;
    }
    let mut durations = Runs::new(Table::open(src, table(b"stts")?, 8, 8)?);
    let mut compositions = table(b"ctts").and_then(|it| Table::open(src, it, 8, 8)).map(Runs::new);
    let mut syncs = table(b"stss").and_then(|it| Table::open(src, it, 8, 4));
    let mut places = Places::open(src, &tables)?;
    // Without a table of sync samples every sample is one.
    let n_keys = syncs.as_ref().map_or(n_samples, |it| it.n_entries).min(MAX_KEY_FRAMES as u64);
    let mut found = Vec::new();
    let mut previous = None;
    for n in 0..n_keys {
        let sample = match &mut syncs {
            Some(table) => u64::from(u32_at(table.entry(n)?, 0)?).checked_sub(1)?,
            None => n,
        };
        // A table that does not rise would send the walk backwards.
        if sample >= n_samples || previous.is_some_and(|it| sample <= it) {
            break;
        }
        previous = Some(sample);
        let Some(frame) = key_frame(sample, &mut durations, compositions.as_mut(), &mut places)
        else {
            break;
        };
        let Some(time) = frame.time.checked_add(shift) else { break };
        if frame.position < src.size {
            found.push(KeyFrame { time, ..frame });
        }
    }
    Some(found)
}

fn key_frame(
    sample: u64,
    durations: &mut Runs<'_>,
    compositions: Option<&mut Runs<'_>>,
    places: &mut Places<'_>,
) -> Option<KeyFrame> {
    durations.advance(sample)?;
    let within = (sample - durations.from).checked_mul(durations.value.into())?;
    let mut time = i64::try_from(durations.sum.checked_add(within)?).ok()?;
    // Offsets are signed whatever the version of the table says. A table that ends early has none for the rest.
    if let Some(runs) = compositions
        && runs.advance(sample).is_some()
    {
        time = time.checked_add(i64::from(runs.value as i32))?;
    }
    Some(KeyFrame { time, position: places.offset(sample)? })
}
