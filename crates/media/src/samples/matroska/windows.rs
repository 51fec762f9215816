//! The samples of a subtitle track that a window of time needs.

use super::blocks::Blocks;
use super::header::{CODEC_PRIVATE, Cue};
use super::{Layout, Place};
use crate::ProbeError;
use crate::matroska::ebml::Children;
use crate::read::Source;
use crate::samples::{FilmError, TextCue, saturate};

/// A picture that fills the screen and packs badly has less.
const MAX_SAMPLE_BYTES: u64 = 8 * 1024 * 1024;
/// All samples of a window together.
const MAX_WINDOW_BYTES: usize = 64 * 1024 * 1024;
/// What continues from samples longer ago than this is not found.
const MAX_BACK: usize = 64;
/// Without an index, samples that a window continues are looked for so long before it.
const BACK_MS: i64 = 60_000;

impl Layout {
    /// The private bytes of a track.
    pub(in crate::samples) fn private_of(&self, stream: u32) -> Option<Vec<u8>> {
        let place = self.tracks.iter().find(|it| it.stream == stream)?;
        let found = Children(&place.entry).find(|it| it.id == CODEC_PRIVATE)?;
        Some(found.body.to_vec())
    }

    /// The samples from `from_ms` until the first at or after `to_ms`, with those before that the first continues: from the
    /// last one of which `is_beginning` holds.
    pub(in crate::samples) fn window(
        &self,
        src: &Source<'_>,
        stream: u32,
        from_ms: i64,
        to_ms: i64,
        is_beginning: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<TextCue>, FilmError> {
        let place = self.readable(stream)?;
        let cues = self.text_cues.iter().find(|it| it.0 == stream).map_or(&[][..], |it| &it.1);
        if cues.is_empty() {
            return self.window_by_blocks(src, place, (from_ms, to_ms), is_beginning);
        }
        let first = cues.partition_point(|it| self.cue_ms(place, it) <= from_ms);
        let mut samples = Vec::new();
        for cue in cues[..first].iter().rev().take(MAX_BACK) {
            let Some(sample) = self.sample_at(src, place, cue)? else { continue };
            let is_enough = is_beginning(&sample.bytes);
            samples.push(sample);
            if is_enough {
                break;
            }
        }
        samples.reverse();
        let mut n_bytes: usize = samples.iter().map(|it| it.bytes.len()).sum();
        for cue in &cues[first..] {
            let Some(sample) = self.sample_at(src, place, cue)? else { continue };
            n_bytes += sample.bytes.len();
            let is_last = sample.start_ms >= to_ms || n_bytes > MAX_WINDOW_BYTES;
            samples.push(sample);
            if is_last {
                break;
            }
        }
        Ok(samples)
    }

    fn cue_ms(&self, place: &Place, cue: &Cue) -> i64 {
        self.ns(saturate(cue.time.into()), place.delay_ns) / 1_000_000
    }

    /// One entry of the index that leads nowhere costs one picture.
    fn sample_at(
        &self,
        src: &Source<'_>,
        place: &Place,
        cue: &Cue,
    ) -> Result<Option<TextCue>, FilmError> {
        match self.text_at(src, place, cue, MAX_SAMPLE_BYTES) {
            Err(FilmError::File(ProbeError::Io(error))) => Err(error.into()),
            found => Ok(found.ok().flatten()),
        }
    }

    /// Passes all blocks from the key frame before the window on.
    fn window_by_blocks(
        &self,
        src: &Source<'_>,
        place: &Place,
        (from_ms, to_ms): (i64, i64),
        is_beginning: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<TextCue>, FilmError> {
        let back_ms = from_ms.saturating_sub(BACK_MS);
        let key = self.cues.partition_point(|it| self.cue_ms(place, it) <= back_ms);
        let start =
            self.cues.get(key.saturating_sub(1)).map_or(self.first_cluster, |it| it.cluster);
        let mut blocks = Blocks::new(src, start, self.segment_end);
        let (mut samples, mut n_bytes) = (Vec::new(), 0);
        while let Some(block) = blocks.next()? {
            let is_behind = self.ns(block.time, 0) / 1_000_000 > to_ms.saturating_add(BACK_MS);
            if is_behind || n_bytes > MAX_WINDOW_BYTES {
                break;
            }
            if block.track != place.number {
                continue;
            }
            let sample = self.text(src, place, &block, MAX_SAMPLE_BYTES)?;
            if sample.start_ms <= from_ms && is_beginning(&sample.bytes) {
                samples.clear();
            }
            n_bytes += sample.bytes.len();
            let is_last = sample.start_ms >= to_ms;
            samples.push(sample);
            if is_last {
                break;
            }
        }
        Ok(samples)
    }
}
