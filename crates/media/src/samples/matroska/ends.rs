//! Where tracks end, without reading all of the file.

use super::Layout;
use super::blocks::{Blocks, frames};
use crate::read::Source;
use crate::samples::{SECOND_NS, Track, saturate};
use crate::stream::StreamKind;

/// Blocks behind a cue that are looked at.
const MAX_LAST_BLOCKS: usize = 100_000;
/// Where a track is sounding, it has a block within this time.
const HEARD_NS: i64 = 10 * SECOND_NS;

impl Layout {
    /// The tracks' ends: mostly behind the last cue; for those that end earlier, by bisection.
    pub(super) fn find_ends(&self, src: &Source<'_>, tracks: &mut [Track]) {
        for track in tracks {
            let (mut silent, mut heard) = (self.cues.len(), None);
            let last = silent.saturating_sub(1);
            track.end_ns = self.end_behind(src, track, last, i64::MAX);
            if track.end_ns.is_some() || track.stream.kind == StreamKind::Video {
                continue;
            }
            let mut sounding = 0;
            while sounding < silent {
                let middle = sounding + (silent - sounding) / 2;
                match self.end_behind(src, track, middle, HEARD_NS) {
                    Some(end_ns) => (sounding, heard) = (middle + 1, Some(end_ns)),
                    None => silent = middle,
                }
            }
            track.end_ns = heard;
        }
    }

    /// Where the track's last block within `reach_ns` behind a cue ends, if it has one.
    fn end_behind(
        &self,
        src: &Source<'_>,
        track: &Track,
        cue: usize,
        reach_ns: i64,
    ) -> Option<i64> {
        let cue = self.cues.get(cue)?;
        let place = self.place(track).ok()?;
        let until_ns = self.ns(saturate(cue.time.into()), 0).saturating_add(reach_ns);
        let mut end_ns = None;
        let mut blocks = Blocks::new(src, cue.cluster, self.segment_end);
        for _ in 0..MAX_LAST_BLOCKS {
            // A file that is cut off ends with its last whole block.
            let Ok(Some(block)) = blocks.next() else { break };
            let start_ns = self.ns(block.time, place.delay_ns);
            if block.track != place.number {
                if start_ns > until_ns && end_ns.is_none() {
                    break;
                }
                continue;
            }
            let n_frames = frames(src, &block).map_or(1, |it| it.len() as i64);
            let length_ns = match block.duration {
                Some(units) => saturate(i128::from(units) * i128::from(self.scale_ns)),
                None => track.ns(track.frame_ticks * n_frames),
            };
            end_ns = end_ns.max(Some(start_ns.saturating_add(length_ns)));
            // Another cue is nearer to the end.
            if start_ns > until_ns {
                break;
            }
        }
        end_ns
    }
}
