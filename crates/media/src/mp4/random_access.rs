//! The indexes of fragmented files: segments (`sidx`) before them, random access points (`mfra`) behind them, and else
//! the fragments themselves.

use super::MAX_TOP_LEVEL;
use super::boxes::{BoxAt, box_at, u16_at, u32_at, u64_at};
use super::runs::{self, MAX_FRAGMENT_BYTES};
use super::track::Track;
use crate::index::{KeyFrame, MAX_KEY_FRAMES};
use crate::read::Source;

/// The largest index of random access points that is read whole.
const MAX_RANDOM_ACCESS_BYTES: u64 = 16 * 1024 * 1024;

/// What a segment index says.
pub(super) struct SegmentIndex {
    /// The track it is about.
    track_id: u32,
    pub timescale: u64,
    /// The earliest time in the first segment.
    pub start: u64,
    /// Where the first segment begins in the file.
    pub position: u64,
    pub segments: Vec<Segment>,
}

/// One entry of a segment index.
pub(super) struct Segment {
    pub size_bytes: u32,
    pub duration: u32,
    /// It leads to media and not to a further index.
    is_media: bool,
    begins_with_key_frame: bool,
}

/// Reads a `sidx` box.
pub(super) fn segments(src: &Source<'_>, sidx: BoxAt) -> Option<SegmentIndex> {
    let body = sidx.load(src, MAX_FRAGMENT_BYTES, "the segment index").ok()?;
    let (start, first_offset, at) = if *body.first()? == 0 {
        (u64::from(u32_at(&body, 12)?), u64::from(u32_at(&body, 16)?), 20)
    } else {
        (u64_at(&body, 12)?, u64_at(&body, 20)?, 28)
    };
    let n_entries = usize::from(u16_at(&body, at + 2)?);
    let entries = body.get(at + 4..)?.chunks_exact(12).take(n_entries).filter_map(|entry| {
        let size = u32_at(entry, 0)?;
        Some(Segment {
            size_bytes: size & 0x7fff_ffff,
            duration: u32_at(entry, 4)?,
            is_media: size >> 31 == 0,
            begins_with_key_frame: u32_at(entry, 8)? >> 31 == 1,
        })
    });
    Some(SegmentIndex {
        track_id: u32_at(&body, 4)?,
        timescale: u32_at(&body, 8).map(u64::from).filter(|it| *it > 0)?,
        start,
        position: sidx.end.checked_add(first_offset)?,
        segments: entries.collect(),
    })
}

/// The index of random access points, which the last four bytes of a file lead to.
pub(super) fn trailer(src: &Source<'_>) -> Option<BoxAt> {
    let size = u32::from_be_bytes(src.array_alone(src.size.checked_sub(4)?, "the end").ok()?);
    let at = src.size.checked_sub(size.into()).filter(|_| size >= 16)?;
    box_at(src, at, src.size).ok().filter(|it| it.kind == *b"mfra" && it.end == src.size)
}

/// One list of random access points: its track, and time and fragment of each.
fn points(tfra: &[u8]) -> Option<(u32, impl Iterator<Item = (u64, u64)>)> {
    let is_long = *tfra.first()? == 1;
    let sizes = u32_at(tfra, 8)?;
    let n_numbers = [4, 2, 0].iter().map(|it| (sizes >> it & 3) as usize + 1).sum::<usize>();
    let width = if is_long { 16 } else { 8 } + n_numbers;
    let n_entries = u32_at(tfra, 12)? as usize;
    let entries = tfra.get(16..)?.chunks_exact(width).take(n_entries).filter_map(move |it| {
        if is_long {
            Some((u64_at(it, 0)?, u64_at(it, 8)?))
        } else {
            Some((u32_at(it, 0)?.into(), u32_at(it, 4)?.into()))
        }
    });
    Some((u32_at(tfra, 4)?, entries))
}

/// Where the last fragment lies that the index knows.
pub(super) fn last_fragment(src: &Source<'_>, mfra: BoxAt) -> Option<u64> {
    let lists = mfra.children(src).into_iter().filter(|it| it.kind == *b"tfra");
    let bodies = lists.filter_map(|it| it.load(src, MAX_RANDOM_ACCESS_BYTES, "an index").ok());
    // The earliest of the tracks' last ones: behind it lies one of every track.
    bodies.filter_map(|it| points(&it)?.1.last()).map(|it| it.1).min()
}

/// The key frames of a track in a fragmented file, in units of `timescale`, with the fragments they are in. `shift` is
/// added to times that know nothing of edit lists.
pub(super) fn key_frames(
    src: &Source<'_>,
    first_box: u64,
    track: &Track,
    tracks: &[Track],
    shift: i64,
) -> Vec<KeyFrame> {
    let at_time = |time: u64, position: u64| {
        let time = i64::try_from(time).ok()?.checked_add(shift)?;
        (position < src.size).then_some(KeyFrame { time, position })
    };
    let found = by_segments(src, first_box, track);
    if let Some(&(first_time, first_position)) = found.first() {
        // Writers disagree on whether these times know of edit lists and of reordered frames; the first fragment knows.
        let first = by_fragments(src, first_position, track, tracks, 1);
        let true_time = first.first().and_then(|it| it.0.checked_add(shift));
        let offset = true_time.map_or(0, |it| it.saturating_sub_unsigned(first_time));
        let moved = |(time, position): (u64, u64)| {
            let time = i64::try_from(time).ok()?.checked_add(offset)?;
            (position < src.size).then_some(KeyFrame { time, position })
        };
        return found.into_iter().filter_map(moved).collect();
    }
    if let Some(mfra) = trailer(src) {
        for tfra in mfra.children(src).into_iter().filter(|it| it.kind == *b"tfra") {
            if let Ok(body) = tfra.load(src, MAX_RANDOM_ACCESS_BYTES, "an index")
                && let Some((track_id, points)) = points(&body)
                && track_id == track.id
            {
                return points.filter_map(|it| at_time(it.0, it.1)).take(MAX_KEY_FRAMES).collect();
            }
        }
    }
    by_fragments(src, first_box, track, tracks, MAX_KEY_FRAMES)
        .into_iter()
        .filter_map(|(time, position)| at_time(u64::try_from(time).ok()?, position))
        .collect()
}

/// Time and place of the segments that begin with a key frame, by the segment indexes in front of the fragments.
fn by_segments(src: &Source<'_>, mut at: u64, track: &Track) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    for _ in 0..MAX_TOP_LEVEL {
        let Ok(it) = box_at(src, at, u64::MAX) else { break };
        at = it.end;
        match &it.kind {
            b"sidx" => {
                let Some(index) = segments(src, it).filter(|it| it.track_id == track.id) else {
                    continue;
                };
                let (mut time, mut position) = (index.start, index.position);
                for segment in &index.segments {
                    if !segment.is_media {
                        return Vec::new();
                    }
                    if segment.begins_with_key_frame && index.timescale == track.timescale {
                        found.push((time, position));
                    }
                    time = time.saturating_add(segment.duration.into());
                    position = position.saturating_add(segment.size_bytes.into());
                }
                // What it covers need not be walked.
                at = at.max(position);
            }
            // An index of the whole comes before the first fragment.
            b"moof" if found.is_empty() => break,
            _ => {}
        }
        if found.len() >= MAX_KEY_FRAMES {
            break;
        }
    }
    found
}

fn by_fragments(
    src: &Source<'_>,
    mut at: u64,
    track: &Track,
    tracks: &[Track],
    limit: usize,
) -> Vec<(i64, u64)> {
    let mut found = Vec::new();
    for _ in 0..MAX_TOP_LEVEL {
        let Ok(it) = box_at(src, at, u64::MAX) else { break };
        at = it.end;
        if it.kind != *b"moof" {
            continue;
        }
        let run = runs::read(src, it, tracks).into_iter().find(|it| it.track_id == track.id);
        if let Some(run) = run.filter(|it| it.begins_with_key_frame && it.n_samples > 0)
            && let Some(base) = run.base_time.and_then(|it| i64::try_from(it).ok())
        {
            found.push((base.saturating_add(run.first_composition), it.start));
        }
        if found.len() >= limit {
            break;
        }
    }
    found
}
