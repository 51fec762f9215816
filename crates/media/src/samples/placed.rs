//! When frames of sound are heard: on the grid of their track, and joined to each other.

use std::sync::Arc;

use super::frames::{Frame, Frames};
use super::{FilmError, MAX_SAMPLES, MAX_SEGMENT_BYTES, Run, SECOND_NS, Sample, Track};
use crate::cmaf::Piece;

/// Time stamps are rounded by the container, and both ends of a difference are.
pub(super) const ROUNDING_NS: i64 = 1_100_000;
/// Sound that is off its grid by more than this has a gap, where gaps can be told.
pub(super) const GAP_NS: i64 = 2_000_000;

/// The nearest moment at which a frame of the track can begin, if it is as near as rounding explains.
pub(super) fn on_grid(track: &Track, first_ns: i64, ns: i64) -> Option<i64> {
    if track.frame_ticks == 0 {
        return None;
    }
    let (first, at) = (track.ticks(first_ns), track.ticks(ns));
    let n_frames =
        at.checked_sub(first)?.checked_add(track.frame_ticks / 2)?.div_euclid(track.frame_ticks);
    let grid = first.checked_add(n_frames.checked_mul(track.frame_ticks)?)?;
    (track.ns(grid).saturating_sub(ns).saturating_abs() <= ROUNDING_NS).then_some(grid)
}

/// When a frame that comes at `at` begins: when the one before ends, if that is about then.
pub(super) fn joined(
    track: &Track,
    frame_ticks: i64,
    run: &Run,
    end: Option<i64>,
    at: i64,
    gap_ns: i64,
) -> i64 {
    match end {
        Some(end)
            if frame_ticks > 0 && track.ns(end.saturating_sub(at).saturating_abs()) <= gap_ns =>
        {
            end
        }
        // Never at the same moment as the one before, whatever the time stamps say.
        Some(_) => run.samples.last().map_or(at, |it| at.max(it.pts.saturating_add(1))),
        None => at,
    }
}

/// The sound of a segment that begins at `start_ns`, which lies anywhere near its pictures: read from ever earlier places
/// until none of it can lie before.
///
/// `offset_of` tells where to begin for what is heard at a time, at the earliest at `first_offset`. `usual_ns`: by as much
/// sound lies ahead of its time in most files. `read` reads from an offset, and says whether it saw what belongs before the
/// segment.
pub(super) fn interleaved(
    (start_ns, usual_ns): (i64, i64),
    first_offset: u64,
    offset_of: impl Fn(i64) -> u64,
    mut read: impl FnMut(u64) -> Result<(Run, bool), FilmError>,
) -> Result<Run, FilmError> {
    for early_ns in [usual_ns, 10 * SECOND_NS, i64::MAX] {
        let from = offset_of(start_ns.saturating_sub(early_ns));
        let (run, saw_earlier) = read(from)?;
        if saw_earlier || from == first_offset {
            return Ok(run);
        }
    }
    Err(FilmError::NotThere)
}

/// Gathers the frames of one segment.
pub(super) struct Placed<'a> {
    track: &'a Track,
    /// When the track's first frame is heard.
    first_ns: i64,
    gap_ns: i64,
    /// From when to when frames are wanted; the last segment's to the end.
    span_ns: (i64, Option<i64>),
    /// The time that was stated last, and how much came since, in ticks.
    stated: Option<(i64, i64)>,
    end: Option<i64>,
    n_bytes: u64,
    /// Whether frames came that belong before the segment, so that none of its own can have been missed.
    pub saw_earlier: bool,
    pub run: Run,
}

impl<'a> Placed<'a> {
    /// `gap_ns`: frames that are off by more are not joined.
    pub fn new(track: &'a Track, first_ns: i64, gap_ns: i64, span_ns: (i64, Option<i64>)) -> Self {
        Self {
            track,
            first_ns,
            gap_ns,
            span_ns,
            stated: None,
            end: None,
            n_bytes: 0,
            saw_earlier: false,
            run: Run::default(),
        }
    }

    /// Takes all frames that are whole; with `is_end` also what is left. Whether the segment wants more.
    pub fn take_all(&mut self, frames: &mut Frames, is_end: bool) -> Result<bool, FilmError> {
        while let Some(frame) = frames.next(is_end) {
            if !self.take(&frame)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes a frame; whether more are wanted. Frames before the first stated time cannot be placed.
    pub fn take(&mut self, frame: &Frame) -> Result<bool, FilmError> {
        let track = self.track;
        if let Some(ns) = frame.time_ns {
            let at = on_grid(track, self.first_ns, ns).unwrap_or_else(|| track.ticks(ns));
            self.stated = Some((at, 0));
        }
        let frame_ticks = frame.n_samples.unwrap_or(track.frame_ticks);
        let Some((base, since)) = self.stated.as_mut() else { return Ok(true) };
        let at = base.saturating_add(*since);
        *since = since.saturating_add(frame_ticks);
        let (from_ns, to_ns) = self.span_ns;
        let (at_ns, frame_ns) = (track.ns(at), track.ns(frame_ticks));
        // Frames that are over before the film begins are not part of it.
        if at_ns < from_ns && !(from_ns == 0 && at_ns.saturating_add(frame_ns) > 0) {
            self.saw_earlier = true;
            return Ok(true);
        }
        if to_ns.is_some_and(|it| at_ns >= it) {
            self.run.next_pts = Some(at);
            return Ok(false);
        }
        self.n_bytes += u64::from(frame.size);
        if self.run.samples.len() >= MAX_SAMPLES || self.n_bytes > MAX_SEGMENT_BYTES {
            return Err(FilmError::Unsuitable("too much sound in one segment".to_owned()));
        }
        let pts = joined(track, frame_ticks, &self.run, self.end, at, self.gap_ns).max(0);
        self.end = Some(pts.saturating_add(frame_ticks));
        let offset = frame.parts.first().map_or(0, |it| it.0);
        let mut sample = Sample::at(offset, frame.size, pts, true);
        if let Some(made) = &frame.made {
            sample.parts = Some([Piece::Made(made.clone())].into());
        } else if frame.parts.len() != 1 {
            sample.parts = Some(copied(&frame.parts));
        }
        self.run.samples.push(sample);
        Ok(true)
    }
}

fn copied(parts: &[(u64, u32)]) -> Arc<[Piece]> {
    parts
        .iter()
        .map(|(offset, size)| Piece::Copied { offset: *offset, size: (*size).into() })
        .collect()
}
