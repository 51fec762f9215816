//! The frames of sound of one segment, which lie anywhere near its pictures.

use super::blocks::{Blocks, frames};
use super::{Layout, MAX_BLOCKS, Place};
use crate::read::Source;
use crate::samples::placed::{GAP_NS, ROUNDING_NS, interleaved, joined, on_grid};
use crate::samples::{
    FilmError, MAX_SAMPLES, MAX_SEGMENT_BYTES, Plan, Run, SECOND_NS, Sample, Track, saturate,
};

impl Layout {
    pub(super) fn audio_run(
        &self,
        src: &Source<'_>,
        plan: &Plan,
        track: &Track,
        number: usize,
    ) -> Result<Run, FilmError> {
        let place = self.place(track)?;
        let (start_ns, end_ns) = (plan.cuts[number].start_ns, plan.end_of(number));
        let is_last = number + 1 >= plan.cuts.len();
        let offset_of = |from_ns: i64| {
            let cue = self.cues.iter().rfind(|it| self.ns(saturate(it.time.into()), 0) <= from_ns);
            cue.map_or(self.first_cluster, |it| it.cluster)
        };
        interleaved((start_ns, SECOND_NS), self.first_cluster, offset_of, |from| {
            let mut reading = Sound {
                layout: self,
                track,
                place,
                run: Run::default(),
                previous: None,
                late_ns: 0,
            };
            let saw_earlier = reading.read(src, from, start_ns, (!is_last).then_some(end_ns))?;
            reading.settle();
            Ok((reading.run, saw_earlier))
        })
    }
}

/// Reads the frames of sound of one segment.
struct Sound<'a> {
    layout: &'a Layout,
    track: &'a Track,
    place: &'a Place,
    run: Run,
    /// Where the frame before ended.
    previous: Option<i64>,
    /// By how much frames come later than the file says, in nanoseconds, together.
    late_ns: i128,
}

impl Sound<'_> {
    /// Frames from `from` on that begin in the segment. Says whether none can have come before.
    fn read(
        &mut self,
        src: &Source<'_>,
        from: u64,
        start_ns: i64,
        end_ns: Option<i64>,
    ) -> Result<bool, FilmError> {
        let mut saw_earlier = false;
        let mut n_bytes = 0;
        let mut blocks = Blocks::new(src, from, self.layout.segment_end);
        for _ in 0..MAX_BLOCKS {
            let block = match blocks.next() {
                Ok(Some(block)) => block,
                Ok(None) => break,
                // A film that is cut off in the middle plays to where it is cut.
                Err(_) if end_ns.is_none() && !self.run.samples.is_empty() => break,
                Err(error) => return Err(error.into()),
            };
            if block.track != self.place.number {
                continue;
            }
            let block_ns = self.layout.ns(block.time, self.place.delay_ns);
            for (number, (offset, size)) in frames(src, &block)?.into_iter().enumerate() {
                let ns =
                    block_ns.saturating_add(self.track.ns(number as i64 * self.track.frame_ticks));
                let at = on_grid(self.track, self.place.first_ns, ns)
                    .unwrap_or_else(|| self.track.ticks(ns));
                let at_ns = self.track.ns(at);
                // Frames that are over before the film begins are the encoder's run-up.
                if at_ns < start_ns
                    && !(start_ns == 0
                        && at_ns.saturating_add(self.track.ns(self.track.frame_ticks)) > 0)
                {
                    saw_earlier = true;
                    continue;
                }
                if end_ns.is_some_and(|end_ns| at_ns >= end_ns) {
                    self.run.next_pts = Some(at);
                    return Ok(saw_earlier);
                }
                n_bytes += u64::from(size);
                if self.run.samples.len() >= MAX_SAMPLES || n_bytes > MAX_SEGMENT_BYTES {
                    return Err(FilmError::Unsuitable("too much sound in one segment".to_owned()));
                }
                let pts = joined(
                    self.track,
                    self.track.frame_ticks,
                    &self.run,
                    self.previous,
                    at,
                    GAP_NS,
                )
                .max(0);
                self.late_ns += i128::from(self.track.ns(pts)) - i128::from(ns);
                self.previous = Some(pts + self.track.frame_ticks);
                self.run.samples.push(Sample::at(offset, size, pts, true));
            }
        }
        Ok(saw_earlier)
    }

    /// Frames shorter than the rounding of their times are told apart by all of them together: one alone may be taken for
    /// its neighbour.
    fn settle(&mut self) {
        let (frame, n_frames) = (self.track.frame_ticks, self.run.samples.len() as i128);
        let frame_ns = i128::from(self.track.ns(frame));
        if frame == 0 || frame_ns >= i128::from(2 * ROUNDING_NS) || n_frames == 0 {
            return;
        }
        let late = (self.late_ns / n_frames + frame_ns / 2).div_euclid(frame_ns);
        let late = i64::try_from(late).unwrap_or(0).saturating_mul(frame);
        for sample in &mut self.run.samples {
            sample.pts = (sample.pts - late).max(0);
        }
        self.run.next_pts = self.run.next_pts.map(|it| it - late);
    }
}
