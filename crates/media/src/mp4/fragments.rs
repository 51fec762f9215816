//! Fragmented files: duration from `sidx`, or from the last fragments.

use std::collections::VecDeque;

use super::MAX_TOP_LEVEL;
use super::boxes::{BoxAt, box_at, u16_at, u32_at, u64_at};
use super::movie::{Movie, ms};
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Rational, StreamKind};

/// The last fragments of a file are enough to contain one of every track.
const N_LAST_FRAGMENTS: usize = 8;
/// A movie fragment box is small: one entry per sample of some seconds.
const MAX_FRAGMENT_BYTES: u64 = 4 * 1024 * 1024;
/// What may follow the indexed part of a file: the random access index.
const MAX_TRAILER_BYTES: u64 = 1024 * 1024;

/// The samples that one fragment has of one track.
struct Run {
    track_id: u32,
    base_time: Option<u64>,
    duration: u64,
    n_samples: u64,
}

/// Completes a probe from the boxes behind `moov`.
pub(super) fn read(src: &Source<'_>, mut at: u64, movie: &Movie, probe: &mut Probe) {
    let mut last = VecDeque::new();
    let mut is_first = true;
    for _ in 0..MAX_TOP_LEVEL {
        let Ok(it) = box_at(src, at, u64::MAX) else { break };
        if it.end > src.size {
            probe.warn(format!(
                "the file is cut off: its last {} bytes are missing",
                it.end - src.size
            ));
            break;
        }
        match &it.kind {
            b"sidx" => {
                probe.has_keyframe_index = true;
                if let Some((duration_ms, end)) = segment_index(src, it)
                    && end.saturating_add(MAX_TRAILER_BYTES) >= src.size
                    && !movie.has_duration
                {
                    probe.duration_ms = Some(duration_ms);
                }
            }
            b"moof" => {
                if is_first {
                    set_frame_rates(src, it, movie, probe);
                    is_first = false;
                }
                if last.len() == N_LAST_FRAGMENTS {
                    last.pop_front();
                }
                last.push_back(it);
            }
            b"mfra" => probe.has_keyframe_index = true,
            _ => {}
        }
        // Everything is known: the rest of the fragments need not be visited.
        if !is_first && probe.duration_ms.is_some() && probe.has_keyframe_index {
            return;
        }
        at = it.end;
    }
    if movie.has_duration || probe.duration_ms.is_some() {
        return;
    }
    let ends = last.into_iter().flat_map(|it| runs(src, it)).filter_map(|run| {
        let track = movie.tracks.iter().find(|it| it.id == run.track_id)?;
        ms(run.base_time?.checked_add(run.duration)?, track.timescale)
    });
    probe.duration_ms = ends.max();
}

/// The duration that a segment index covers, and where the bytes it covers end.
fn segment_index(src: &Source<'_>, sidx: BoxAt) -> Option<(i64, u64)> {
    let body = sidx.load(src, MAX_FRAGMENT_BYTES, "the segment index").ok()?;
    let timescale = u32_at(&body, 8)?;
    let (start, first_offset, at) = if *body.first()? == 0 {
        (u64::from(u32_at(&body, 12)?), u64::from(u32_at(&body, 16)?), 20)
    } else {
        (u64_at(&body, 12)?, u64_at(&body, 20)?, 28)
    };
    let n_entries = usize::from(u16_at(&body, at + 2)?);
    let (mut duration, mut bytes) = (start, first_offset);
    for entry in body.get(at + 4..)?.chunks_exact(12).take(n_entries) {
        bytes = bytes.checked_add((u32_at(entry, 0)? & 0x7fff_ffff).into())?;
        duration = duration.checked_add(u32_at(entry, 4)?.into())?;
    }
    Some((ms(duration, timescale.into())?, sidx.end.checked_add(bytes)?))
}

fn set_frame_rates(src: &Source<'_>, moof: BoxAt, movie: &Movie, probe: &mut Probe) {
    for run in runs(src, moof) {
        let Some((track, stream)) =
            movie.tracks.iter().zip(&mut probe.streams).find(|it| it.0.id == run.track_id)
        else {
            continue;
        };
        if stream.kind == StreamKind::Video && stream.frame_rate.is_none() && run.n_samples > 0 {
            stream.frame_rate =
                Rational::new(run.n_samples.saturating_mul(track.timescale), run.duration);
        }
    }
}

fn runs(src: &Source<'_>, moof: BoxAt) -> Vec<Run> {
    if moof.end - moof.body > MAX_FRAGMENT_BYTES {
        return Vec::new();
    }
    let fragments = moof.children(src).into_iter().filter(|it| it.kind == *b"traf");
    fragments.filter_map(|it| run(src, it)).collect()
}

fn run(src: &Source<'_>, traf: BoxAt) -> Option<Run> {
    let parts = traf.children(src);
    let header = parts.iter().find(|it| it.kind == *b"tfhd")?.head(src, 40, "a fragment").ok()?;
    let flags = u32_at(&header, 0)? & 0xff_ffff;
    let mut at = 8;
    at += if flags & 1 != 0 { 8 } else { 0 };
    at += if flags & 2 != 0 { 4 } else { 0 };
    let default_duration = if flags & 8 != 0 { u32_at(&header, at)? } else { 0 };
    let base_time = parts.iter().find(|it| it.kind == *b"tfdt").and_then(|it| {
        let body = it.head(src, 12, "a fragment").ok()?;
        if *body.first()? == 1 { u64_at(&body, 4) } else { u32_at(&body, 4).map(Into::into) }
    });
    let mut run = Run { track_id: u32_at(&header, 4)?, base_time, duration: 0, n_samples: 0 };
    for trun in parts.iter().filter(|it| it.kind == *b"trun") {
        let body = trun.load(src, MAX_FRAGMENT_BYTES, "a fragment").ok()?;
        add_samples(&mut run, &body, default_duration)?;
    }
    Some(run)
}

fn add_samples(run: &mut Run, trun: &[u8], default_duration: u32) -> Option<()> {
    let flags = u32_at(trun, 0)? & 0xff_ffff;
    let n_samples = u32_at(trun, 4)?;
    let head = 8 + [1, 4].into_iter().map(|it| if flags & it != 0 { 4 } else { 0 }).sum::<usize>();
    let n_fields = (flags >> 8 & 0xf).count_ones() as usize;
    run.n_samples += u64::from(n_samples);
    if flags & 0x100 == 0 {
        run.duration =
            run.duration.checked_add(u64::from(n_samples) * u64::from(default_duration))?;
        return Some(());
    }
    for sample in trun.get(head..)?.chunks_exact(4 * n_fields).take(n_samples as usize) {
        run.duration = run.duration.checked_add(u32_at(sample, 0)?.into())?;
    }
    Some(())
}
