//! The cues of a text track.

use super::blocks::{Block, Blocks};
use super::header::Cue;
use super::{Layout, MAX_FIRST_BLOCKS, Place};
use crate::ProbeError;
use crate::read::Source;
use crate::samples::{FilmError, TextCue, saturate};

/// A line of text; anything longer is something else.
const MAX_TEXT_BYTES: u64 = 64 * 1024;

impl Layout {
    /// Every cue of a text track, through the index where it has one.
    pub(in crate::samples) fn texts(
        &self,
        src: &Source<'_>,
        stream: u32,
        limit: usize,
    ) -> Result<Vec<TextCue>, FilmError> {
        let place = self.readable(stream)?;
        let cues = self.text_cues.iter().find(|it| it.0 == stream).map_or(&[][..], |it| &it.1);
        let mut texts = Vec::new();
        if cues.is_empty() {
            let mut blocks = Blocks::new(src, self.first_cluster, self.segment_end);
            while let Some(block) = blocks.next()? {
                if block.track == place.number && texts.len() < limit {
                    texts.push(self.text(src, place, &block, MAX_TEXT_BYTES)?);
                }
            }
            return Ok(texts);
        }
        for cue in cues.iter().take(limit) {
            match self.text_at(src, place, cue, MAX_TEXT_BYTES) {
                Ok(found) => texts.extend(found),
                Err(FilmError::File(ProbeError::Io(error))) => return Err(error.into()),
                // One entry of the index that leads nowhere costs one line.
                Err(_) => {}
            }
        }
        Ok(texts)
    }

    /// Where a subtitle track's samples are, if anybody can read them.
    pub(super) fn readable(&self, stream: u32) -> Result<&Place, FilmError> {
        let place = self.tracks.iter().find(|it| it.stream == stream).ok_or(FilmError::NotThere)?;
        if place.stripped.is_none() && !place.is_deflated {
            return Err(FilmError::Unsuitable("the subtitles are encrypted".to_owned()));
        }
        Ok(place)
    }

    /// The sample that an entry of the index points at, cut off behind `max_bytes`.
    pub(super) fn text_at(
        &self,
        src: &Source<'_>,
        place: &Place,
        cue: &Cue,
        max_bytes: u64,
    ) -> Result<Option<TextCue>, FilmError> {
        let mut blocks = Blocks::new(src, cue.cluster, self.segment_end);
        if let Some(relative) = cue.relative {
            blocks.skip_to(relative)?;
        }
        for _ in 0..MAX_FIRST_BLOCKS {
            let Some(block) = blocks.next()?.filter(|it| it.cluster == cue.cluster) else { break };
            if block.track == place.number && block.time == saturate(cue.time.into()) {
                return self.text(src, place, &block, max_bytes).map(Some);
            }
        }
        Ok(None)
    }

    pub(super) fn text(
        &self,
        src: &Source<'_>,
        place: &Place,
        block: &Block,
        max_bytes: u64,
    ) -> Result<TextCue, FilmError> {
        let start_ns = self.ns(block.time, place.delay_ns);
        let size = (block.end - block.body).min(max_bytes);
        let mut bytes = place.stripped.clone().unwrap_or_default();
        bytes.extend(src.bytes(block.body, size, "a subtitle")?);
        let bytes = if place.is_deflated {
            miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes, max_bytes as usize)
                .unwrap_or_default()
        } else {
            bytes
        };
        let duration =
            block.duration.map(|it| saturate(i128::from(it) * i128::from(self.scale_ns)));
        Ok(TextCue {
            start_ms: start_ns / 1_000_000,
            duration_ms: duration.map(|it| it / 1_000_000),
            bytes,
        })
    }
}
