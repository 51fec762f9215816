//! Subtitles that are pictures, as discs carry them among their packets: where they are tells the index, so that no more
//! of the film is read for them than they are.

use super::clock::ns;
use super::way::Head;
use super::{Layout, Way};
use crate::read::Source;
use crate::samples::{FilmError, TextCue};
use crate::stream::Codec;

/// A picture that fills the screen and packs badly has less.
const MAX_SAMPLE_BYTES: usize = 8 << 20;
/// All samples of a window together.
const MAX_WINDOW_BYTES: usize = 64 << 20;
/// How far the packets of one picture are spread over the file.
const MAX_SPREAD: u64 = 32 << 20;
/// What continues from samples longer ago than this is not found.
const MAX_BACK: usize = 64;
/// Pictures of one stream that are kept track of.
pub(super) const MAX_PLACES: usize = 200_000;

/// How a picture, or what changes one, is told from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// DVD's: the size stands first.
    Subpicture,
    /// Blu-ray's: segments, the last of which says so.
    Graphics,
}

/// What begins a set of Blu-ray's segments, and what ends it.
const COMPOSITION: u8 = 0x16;
const END: u8 = 0x80;

impl Kind {
    pub fn of(codec: &Codec) -> Option<Self> {
        match codec {
            Codec::DvdSubtitle => Some(Self::Subpicture),
            Codec::HdmvPgs => Some(Self::Graphics),
            _ => None,
        }
    }

    /// Whether a packet that has a time and begins so begins a picture.
    pub fn begins(self, payload: &[u8]) -> bool {
        self == Self::Subpicture || payload.first() == Some(&COMPOSITION)
    }

    /// How many bytes of what was gathered are a picture, once it is whole.
    fn size(self, bytes: &[u8]) -> Option<usize> {
        let word = |at: usize| {
            let bytes = bytes.get(at..at + 2)?;
            Some(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
        };
        match self {
            Self::Subpicture => word(0).filter(|it| *it <= bytes.len()),
            Self::Graphics => {
                let mut at = 0;
                loop {
                    let kind = *bytes.get(at)?;
                    at += 3 + word(at + 1)?;
                    if at > bytes.len() {
                        return None;
                    }
                    if kind == END {
                        return Some(at);
                    }
                }
            }
        }
    }
}

impl Layout {
    /// The samples from `from_ms` until the first at or after `to_ms`, with those before that the first continues: from the
    /// last one of which `is_beginning` holds.
    pub(in crate::samples) fn window(
        &self,
        src: &Source<'_>,
        stream: u32,
        (from_ms, to_ms): (i64, i64),
        is_beginning: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<TextCue>, FilmError> {
        let found = self.drawn.iter().find(|it| it.stream == stream);
        // A stream that was announced and never came has no pictures.
        let Some(found) = found else { return Ok(Vec::new()) };
        let Some(kind) = found.kind else { return Err(FilmError::NotThere) };
        let ms = |ticks: i64| ns(ticks) / 1_000_000;
        let first = found.places.partition_point(|it| ms(it.0) <= from_ms);
        let read = |place: &(i64, u64)| -> Result<Option<TextCue>, FilmError> {
            let bytes = picture_at(self.way, src, found.packets, kind, place.1)?;
            Ok(bytes.map(|bytes| TextCue { start_ms: ms(place.0), duration_ms: None, bytes }))
        };
        let mut samples = Vec::new();
        for place in found.places[..first].iter().rev().take(MAX_BACK) {
            let Some(sample) = read(place)? else { continue };
            let is_enough = is_beginning(&sample.bytes);
            samples.push(sample);
            if is_enough {
                break;
            }
        }
        samples.reverse();
        let mut n_bytes: usize = samples.iter().map(|it| it.bytes.len()).sum();
        for place in &found.places[first..] {
            let Some(sample) = read(place)? else { continue };
            n_bytes += sample.bytes.len();
            let is_last = sample.start_ms >= to_ms || n_bytes > MAX_WINDOW_BYTES;
            samples.push(sample);
            if is_last {
                break;
            }
        }
        Ok(samples)
    }
}

/// The picture whose first packet begins at a place; `None` where it is not whole.
fn picture_at(
    way: Way,
    src: &Source<'_>,
    packets: u16,
    kind: Kind,
    at: u64,
) -> Result<Option<Vec<u8>>, FilmError> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut is_open = false;
    let mut size = None;
    way.walk(src, at, at.saturating_add(MAX_SPREAD), |_, part| {
        if part.number != packets {
            return true;
        }
        match part.head {
            Head::Lost => return false,
            // The next one begins before this one is whole.
            Head::Begins(Some(_), _) if is_open && kind.begins(part.payload) => return false,
            Head::Begins(..) => is_open = true,
            Head::GoesOn if !is_open => return true,
            Head::GoesOn => {}
        }
        bytes.extend_from_slice(part.payload);
        size = kind.size(&bytes);
        size.is_none() && bytes.len() <= MAX_SAMPLE_BYTES
    })?;
    Ok(size.map(|size| {
        bytes.truncate(size);
        bytes
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_whole_when_its_size_or_its_last_segment_says_so() {
        assert_eq!(Kind::Subpicture.size(&[0, 4, 9]), None);
        assert_eq!(Kind::Subpicture.size(&[0, 4, 9, 9, 7]), Some(4));
        let segments = [COMPOSITION, 0, 2, 1, 1, 0x17, 0, 0, END, 0, 0];
        assert_eq!(Kind::Graphics.size(&segments), Some(segments.len()));
        for end in 0..segments.len() {
            assert_eq!(Kind::Graphics.size(&segments[..end]), None, "{end}");
        }
        assert!(Kind::Graphics.begins(&segments) && !Kind::Graphics.begins(&segments[5..]));
    }
}
