//! Key frames by their Cues alone.

use super::blocks::{Blocks, frames};
use super::{FilmError, Layout, Sample, Track, lying, saturate};
use crate::read::Source;

/// Blocks of other tracks that may lie before the key frame in its cluster.
const MAX_BEFORE: usize = 20_000;

impl Layout {
    /// When the key frames are shown, in nanoseconds.
    pub fn key_times_ns(&self, track: &Track) -> Vec<i64> {
        self.cues.iter().map(|it| track.ns(self.video_ticks(track, it.time))).collect()
    }

    /// The key frame that a Cue points at.
    pub fn key_sample(
        &self,
        src: &Source<'_>,
        track: &Track,
        key: usize,
    ) -> Result<Sample, FilmError> {
        let cue = *self.cues.get(key).ok_or(FilmError::NotThere)?;
        let number = self.place(track)?.number;
        // Where the index says, and else anywhere in the cluster.
        for relative in [cue.relative, None] {
            let mut blocks = Blocks::new(src, cue.cluster, self.segment_end);
            if let Some(relative) = relative {
                blocks.skip_to(relative)?;
            }
            for _ in 0..MAX_BEFORE {
                // A place inside of something else is no block at all.
                let Ok(Some(block)) = blocks.next() else { break };
                if block.cluster > cue.cluster {
                    break;
                }
                let is_there = block.track == number && block.time == saturate(cue.time.into());
                // The first entry may have been made up for an index that lacks it, with the film's beginning as its time.
                let is_first = key == 0 && block.track == number;
                if !block.is_key || !(is_there || is_first) {
                    continue;
                }
                let frame = frames(src, &block)?;
                let [(offset, size)] = frame[..] else { break };
                let pts = self.video_ticks(track, u64::try_from(block.time).unwrap_or(0));
                return Ok(Sample::at(offset, size, pts, true));
            }
        }
        Err(lying(cue.cluster))
    }
}
