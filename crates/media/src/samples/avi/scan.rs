//! The index of an AVI file that has none, and the shape that all its indexes are brought into.

use super::header::{FrameChunk, Header, StreamHeader, chunks_from, is_picture, is_sound};
use crate::ProbeError;
use crate::codec::riff::of_fourcc;
use crate::read::Source;
use crate::samples::FilmError;
use crate::samples::index::{Packer, Reach, Unpacker};
use crate::samples::pictures::{Coding, Pictures};
use crate::stream::Codec;

/// A film of nothing but key frames: nine hours of thirty a second.
const MAX_KEYS: usize = 1 << 20;
/// Enough of a picture to see whether it needs others.
const HEAD_BYTES: u64 = 1024;
/// Sound of more streams than this is not counted.
const MAX_SOUNDS: usize = 64;

/// Where key frames are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::samples) struct Scan {
    pub keys: Vec<Key>,
    /// Frames of the video.
    pub n_frames: u64,
    /// Units of each stream of sound.
    pub totals: Vec<u64>,
}

/// A key frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::samples) struct Key {
    /// Its number among the frames of the video.
    pub frame: u64,
    /// Where its chunk begins.
    pub offset: u64,
    /// Units of each stream of sound that come before it in the file.
    pub units: Vec<u64>,
}

/// Counts frames and sound in the order of the file.
pub(super) struct Counting<'a> {
    video: &'a StreamHeader,
    sounds: Vec<&'a StreamHeader>,
    pub scan: Scan,
}

impl<'a> Counting<'a> {
    pub fn new(header: &'a Header, video: u32) -> Result<Self, FilmError> {
        let video = header.streams.iter().find(|it| it.number == video);
        let sounds = header.streams.iter().filter(|it| it.is_sound).take(MAX_SOUNDS);
        let sounds: Vec<_> = sounds.collect();
        let totals = vec![0; sounds.len()];
        let scan = Scan { keys: Vec::new(), n_frames: 0, totals };
        Ok(Self { video: video.ok_or(FilmError::NoIndex)?, sounds, scan })
    }

    /// Takes a chunk; `is_key` says whether a picture needs no other.
    pub fn take(&mut self, kind: [u8; 4], at: u64, size: u64, is_key: impl FnOnce() -> bool) {
        let Some(stream) = FrameChunk::stream(kind) else { return };
        if stream == self.video.number && is_picture(kind) {
            if size > 0 && self.scan.keys.len() < MAX_KEYS && is_key() {
                let units = self.scan.totals.clone();
                self.scan.keys.push(Key { frame: self.scan.n_frames, offset: at, units });
            }
            self.scan.n_frames += 1;
        } else if is_sound(kind)
            && let Some(place) = self.sounds.iter().position(|it| it.number == stream)
        {
            self.scan.totals[place] += self.sounds[place].units(size);
        }
    }
}

impl Scan {
    /// Goes from chunk to chunk.
    pub fn read(src: &Source<'_>, video: u32, reach: &mut Reach<'_>) -> Result<Self, FilmError> {
        let header = Header::read(src)?;
        let mut counting = Counting::new(&header, video)?;
        let fourcc = counting.video.format.get(16..20).unwrap_or_default();
        let looks = Looks::of(&of_fourcc(fourcc)).ok_or_else(|| {
            FilmError::Unsuitable(
                "the file has no index, and its key frames cannot be told".to_owned(),
            )
        })?;
        let begin = header.lists.first().map_or(0, |it| it.0);
        let mut chunks = chunks_from(src, &header.lists, begin);
        let mut failed = None;
        while let Some(chunk) = chunks.next()? {
            if !reach.goes_on(chunk.at)? {
                break;
            }
            // What is cut off is not there.
            if chunk.body.saturating_add(chunk.size) > src.size {
                break;
            }
            counting.take(chunk.kind, chunk.at, chunk.size, || {
                match src.bytes(chunk.body, chunk.size.min(HEAD_BYTES), "a frame") {
                    Ok(head) => looks.is_key(&head),
                    Err(error) => {
                        failed = Some(error);
                        false
                    }
                }
            });
            if let Some(ProbeError::Io(error)) = failed.take() {
                return Err(error.into());
            }
        }
        if counting.scan.keys.is_empty() {
            return Err(FilmError::NoIndex);
        }
        Ok(counting.scan)
    }

    pub fn pack(&self, out: &mut Packer) {
        out.number(self.n_frames);
        out.list(&self.totals, |out, it| out.number(*it));
        out.pairs(&self.keys.iter().map(|it| (it.frame as i64, it.offset)).collect::<Vec<_>>());
        let mut last = vec![0; self.totals.len()];
        for key in &self.keys {
            for (units, last) in key.units.iter().zip(&mut last) {
                out.signed(units.wrapping_sub(*last) as i64);
                *last = *units;
            }
        }
    }

    pub fn unpack(packed: &mut Unpacker<'_>) -> Option<Self> {
        let (n_frames, totals) = (packed.number()?, packed.list(Unpacker::number)?);
        if totals.len() > MAX_SOUNDS {
            return None;
        }
        let mut keys = Vec::new();
        let mut last = vec![0_u64; totals.len()];
        for (frame, offset) in packed.pairs()? {
            for units in &mut last {
                *units = units.wrapping_add(packed.signed()? as u64);
            }
            keys.push(Key { frame: frame as u64, offset, units: last.clone() });
        }
        Some(Self { keys, n_frames, totals })
    }
}

/// How a picture that needs no other is known.
enum Looks {
    Coded(Coding),
    /// The first two bits are nought.
    Microsoft,
    /// All of them are.
    Always,
}

impl Looks {
    fn of(codec: &Codec) -> Option<Self> {
        Some(match codec {
            Codec::Mjpeg => Self::Always,
            Codec::Other(name) => match name.as_str() {
                "msmpeg4v2" | "msmpeg4v3" => Self::Microsoft,
                "dvvideo" | "huffyuv" | "rawvideo" => Self::Always,
                _ => return None,
            },
            other => Self::Coded(Coding::of(other)?),
        })
    }

    fn is_key(&self, head: &[u8]) -> bool {
        match self {
            Self::Always => true,
            Self::Microsoft => head.first().is_some_and(|it| it >> 6 == 0),
            Self::Coded(coding) => {
                let mut pictures = Pictures::unread(*coding);
                pictures.push(0, head, 0);
                pictures.finish();
                pictures.next().is_some_and(|it| it.is_key)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_as_it_was_packed() {
        let key = |frame, offset, units: &[u64]| Key { frame, offset, units: units.to_vec() };
        let scan = Scan {
            keys: vec![key(0, 2048, &[0, 0]), key(250, 9_000_000_000, &[160_000, 3])],
            n_frames: 300,
            totals: vec![200_000, 4],
        };
        let mut out = Packer::default();
        scan.pack(&mut out);
        assert_eq!(Scan::unpack(&mut Unpacker(&out.bytes)), Some(scan));
        assert_eq!(Scan::unpack(&mut Unpacker(&out.bytes[..out.bytes.len() - 1])), None);
    }

    #[test]
    fn key_frames_are_known_by_their_first_bytes() {
        let looks = Looks::of(&Codec::Mpeg4).expect("known");
        assert!(looks.is_key(&[0, 0, 1, 0xb6, 0x10, 7]));
        assert!(!looks.is_key(&[0, 0, 1, 0xb6, 0x50, 7]));
        let looks = Looks::of(&Codec::Other("msmpeg4v3".to_owned())).expect("known");
        assert!(looks.is_key(&[0x3f]) && !looks.is_key(&[0x40]));
        assert!(Looks::of(&Codec::Other("indeo5".to_owned())).is_none());
    }
}
