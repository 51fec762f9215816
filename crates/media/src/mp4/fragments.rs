//! Fragmented files: duration from `sidx` or from the last fragments, and the rate of frames from the first one.

use std::collections::VecDeque;

use super::MAX_TOP_LEVEL;
use super::boxes::{BoxAt, box_at};
use super::movie::{Movie, ms};
use super::random_access::{last_fragment, segments, trailer};
use super::runs::{self, Run};
use super::track::is_variable;
use crate::codec::{self, FRAME_HEAD_BYTES};
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Rational, StreamKind};

/// The last fragments of a file are enough to contain one of every track.
const N_LAST_FRAGMENTS: usize = 8;
/// What may follow the indexed part of a file: the random access index.
const MAX_TRAILER_BYTES: u64 = 1024 * 1024;

/// Completes a probe from the boxes behind `moov`.
pub(super) fn read(src: &Source<'_>, mut at: u64, movie: &Movie, probe: &mut Probe) {
    let trailer = trailer(src);
    probe.has_keyframe_index |= trailer.is_some();
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
        at = it.end;
        match &it.kind {
            b"sidx" => {
                probe.has_keyframe_index = true;
                if let Some((duration_ms, end)) = indexed_part(src, it)
                    && end.saturating_add(MAX_TRAILER_BYTES) >= src.size
                    && !movie.has_duration
                {
                    probe.duration_ms = Some(duration_ms);
                }
            }
            b"moof" => {
                if is_first {
                    look_into_first(src, it, movie, probe);
                    is_first = false;
                    // The index at the end of the file spares the walk to its last fragments.
                    at = trailer.and_then(|it| last_fragment(src, it)).unwrap_or(at).max(at);
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
    }
    if movie.has_duration || probe.duration_ms.is_some() {
        return;
    }
    let ends =
        last.into_iter().flat_map(|it| runs::read(src, it, &movie.tracks)).filter_map(|run| {
            let track = movie.tracks.iter().find(|it| it.id == run.track_id)?;
            ms(run.base_time?.checked_add(run.duration)?, track.timescale)
        });
    probe.duration_ms = ends.max();
}

/// The duration that a segment index covers, and where the bytes it covers end.
fn indexed_part(src: &Source<'_>, sidx: BoxAt) -> Option<(i64, u64)> {
    let index = segments(src, sidx)?;
    let (mut duration, mut bytes) = (index.start, index.position);
    for segment in &index.segments {
        bytes = bytes.checked_add(segment.size_bytes.into())?;
        duration = duration.checked_add(segment.duration.into())?;
    }
    Some((ms(duration, index.timescale)?, bytes))
}

/// What the first fragment tells of its tracks: the rate of frames, and what only a frame itself says.
fn look_into_first(src: &Source<'_>, moof: BoxAt, movie: &Movie, probe: &mut Probe) {
    for run in runs::read(src, moof, &movie.tracks) {
        let Some((track, stream)) =
            movie.tracks.iter().zip(&mut probe.streams).find(|it| it.0.id == run.track_id)
        else {
            continue;
        };
        if stream.kind == StreamKind::Video && run.n_samples > 0 {
            set_rate(&run, track.timescale, stream);
        }
        if let (Some((at, size)), true) = (run.first_sample, codec::wants_first_frame(stream))
            && let Ok(frame) = src.bytes(at, u64::from(size).min(FRAME_HEAD_BYTES), "a frame")
        {
            codec::describe_first_frame(stream, &track.config, &frame);
        }
    }
}

fn set_rate(run: &Run, timescale: u64, stream: &mut crate::stream::Stream) {
    let rate = Rational::new(run.n_samples.saturating_mul(timescale), run.duration);
    stream.frame_rate = stream.frame_rate.or(rate);
    stream.variable_frame_rate = Some(is_variable(run.shortest, run.longest, timescale));
}
