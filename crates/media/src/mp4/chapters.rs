//! Chapters: Nero's list in `udta`, and QuickTime's text track.

use super::boxes::{u16_at, u32_at, u64_at};
use super::movie::ms;
use super::track::Track;
use crate::ProbeError;
use crate::probe::Chapter;
use crate::read::Source;

/// Nero counts in tenths of microseconds.
const NERO_UNITS_PER_MS: u64 = 10_000;
/// More chapters than this are not read from a text track; each costs a read.
const MAX_TRACK_CHAPTERS: usize = 1024;
/// The largest of the tables of a chapter track.
const MAX_TABLE_BYTES: u64 = 64 * 1024;

/// The body of `chpl`.
pub(super) fn read_list(body: &[u8]) -> Vec<Chapter> {
    let n_head = if body.first() == Some(&0) { 4 } else { 8 };
    let Some((n_chapters, mut rest)) = body.get(n_head..).and_then(<[u8]>::split_first) else {
        return Vec::new();
    };
    let mut chapters = Vec::new();
    for _ in 0..*n_chapters {
        let (Some(start), Some(n_title)) = (u64_at(rest, 0), rest.get(8)) else { break };
        let Some(title) = rest.get(9..9 + usize::from(*n_title)) else { break };
        rest = &rest[9 + title.len()..];
        chapters.push(chapter(start / NERO_UNITS_PER_MS, &String::from_utf8_lossy(title)));
    }
    chapters
}

fn chapter(start_ms: u64, title: &str) -> Chapter {
    let title = title.trim_matches(['\0', ' ']);
    Chapter {
        start_ms: start_ms as i64,
        end_ms: None,
        title: (!title.is_empty()).then(|| title.to_owned()),
    }
}

/// A text track whose samples are the titles: a length of two bytes, then the text.
pub(super) fn read_track(src: &Source<'_>, track: &Track) -> Result<Vec<Chapter>, ProbeError> {
    let Some(table) = track.table else { return Ok(Vec::new()) };
    let tables = table.children(src);
    let load = |kinds: &[[u8; 4]]| match tables.iter().find(|it| kinds.contains(&it.kind)) {
        Some(it) => it.load(src, MAX_TABLE_BYTES, "a chapter table").map(|body| (it.kind, body)),
        None => Err(ProbeError::malformed("a chapter track without a table", table.start)),
    };
    let (_, durations) = load(&[*b"stts"])?;
    let (_, sizes) = load(&[*b"stsz"])?;
    let (_, runs) = load(&[*b"stsc"])?;
    let (kind, chunks) = load(&[*b"stco", *b"co64"])?;

    let times = times(&durations);
    let offsets = offsets(&sizes, &runs, &chunks, kind == *b"co64");
    let mut chapters = Vec::new();
    for ((start, end), (offset, size)) in times.zip(offsets).take(MAX_TRACK_CHAPTERS) {
        let sample = src.bytes(offset, u64::from(size).min(1024), "a chapter title")?;
        let n_title = usize::from(u16_at(&sample, 0).unwrap_or(0));
        let text = sample.get(2..(2 + n_title).min(sample.len())).unwrap_or_default();
        let start_ms = ms(start, track.timescale).unwrap_or(0);
        let end_ms = ms(end, track.timescale);
        chapters.push(Chapter { end_ms, ..chapter(start_ms as u64, &text_of(text)) });
    }
    Ok(chapters)
}

/// UTF-8, or UTF-16 with a byte order mark.
fn text_of(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> =
                rest.chunks_exact(2).map(|it| u16::from_be_bytes([it[0], it[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The start and end of each sample, in units of the timescale.
fn times(stts: &[u8]) -> impl Iterator<Item = (u64, u64)> {
    let entries = stts.get(8..).unwrap_or_default().chunks_exact(8);
    let durations = entries.flat_map(|it| {
        let n = u32_at(it, 0).unwrap_or(0) as usize;
        std::iter::repeat_n(u64::from(u32_at(it, 4).unwrap_or(0)), n)
    });
    durations.scan(0_u64, |at, duration| {
        let start = *at;
        *at = at.saturating_add(duration);
        Some((start, *at))
    })
}

/// Offset and size of each sample, in order.
fn offsets(stsz: &[u8], stsc: &[u8], chunks: &[u8], is_long: bool) -> Vec<(u64, u32)> {
    let fixed = u32_at(stsz, 4).unwrap_or(0);
    let n_samples = (u32_at(stsz, 8).unwrap_or(0) as usize).min(MAX_TRACK_CHAPTERS);
    let size = |n: usize| if fixed > 0 { Some(fixed) } else { u32_at(stsz, 12 + 4 * n) };
    let chunk = |n: usize| {
        if is_long { u64_at(chunks, 8 + 8 * n) } else { u32_at(chunks, 8 + 4 * n).map(Into::into) }
    };
    let per_chunk = |n: usize| {
        // The last run whose first chunk, counted from one, is not behind this one.
        let runs = stsc.get(8..).unwrap_or_default().chunks_exact(12);
        let run =
            runs.take_while(|it| u32_at(it, 0).is_some_and(|first| first as usize <= n + 1)).last();
        run.and_then(|it| u32_at(it, 4)).unwrap_or(1)
    };
    let mut found = Vec::new();
    for n_chunk in 0..n_samples {
        let Some(mut at) = chunk(n_chunk) else { break };
        for _ in 0..per_chunk(n_chunk) {
            let Some(size) = size(found.len()).filter(|_| found.len() < n_samples) else {
                return found;
            };
            found.push((at, size));
            at = at.saturating_add(size.into());
        }
    }
    found
}
