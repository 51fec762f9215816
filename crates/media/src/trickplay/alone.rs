//! Key frames that are decoded one after the other, without what lay between.
//!
//! In H.264 and HEVC a key frame need not begin anew: it may go on counting the pictures, in few bits. A decoder that has
//! not seen those between would miscount, and show them in a wrong order or not at all. So HEVC's are called pictures behind
//! a broken link, and H.264's are numbered anew.

use std::collections::HashMap;

use crate::cmaf::{Piece, Segment};
use crate::codec::avc::{self, Numbers};
use crate::codec::hevc;
use crate::codec::nal::Framing;
use crate::read::{ReadAt, Source};
use crate::samples::{FilmError, Sample, Track};
use crate::stream::Codec;

/// Where no file has anything: places in the feed that are put in later, each far from the next.
const ELSEWHERE: u64 = 1 << 62;
const APART: u64 = 1 << 32;
/// Larger key frames are left as they are: all of a sheet are in memory at once.
const MAX_FRAME_BYTES: u32 = 2 << 20;
/// Units of a picture: its slices and what stands before them.
const MAX_UNITS: usize = 1024;
/// HEVC's clean random access, and the same behind a broken link, which differ in nothing but their names.
const CLEAN: u8 = 21;
const BROKEN_LINK: u8 = 18;

/// Changes the key frames of a sheet.
pub(super) struct Alone<'a> {
    bytes: &'a dyn ReadAt,
    stripped: &'a [u8],
    how: How,
    /// What stands for the places elsewhere.
    pieces: HashMap<u64, Vec<Piece>>,
}

enum How {
    AsTheyAre,
    /// Behind a broken link; the width of lengths.
    Broken(u8),
    Numbered(Framing, Numbers),
}

impl<'a> Alone<'a> {
    pub fn new(track: &'a Track, bytes: &'a dyn ReadAt) -> Self {
        let config = track.config.as_ref().map_or(&[][..], |it| &it.body);
        let how = match track.stream.codec {
            Codec::Hevc => match hevc::framing(config) {
                Framing::Lengths(width) if track.stripped.is_empty() => How::Broken(width),
                _ => How::AsTheyAre,
            },
            Codec::H264 => Numbers::new(config)
                .map_or(How::AsTheyAre, |it| How::Numbered(avc::framing(config), it)),
            _ => How::AsTheyAre,
        };
        Self { bytes, stripped: &track.stripped, how, pieces: HashMap::new() }
    }

    /// The sample that takes the place of a key frame in the feed.
    pub fn take(&mut self, sample: Sample) -> Result<Sample, FilmError> {
        let pieces = match &mut self.how {
            How::AsTheyAre => return Ok(sample),
            How::Broken(width) => {
                let source = Source::new(self.bytes, "film")?;
                let pieces = match &sample.parts {
                    None => behind_broken_link(&source, &sample, *width)?,
                    // Its heads may lie anywhere among its parts.
                    Some(_) if sample.size > MAX_FRAME_BYTES => return Ok(sample),
                    Some(parts) => vec![Piece::Made(broken(joined(&source, parts)?, *width))],
                };
                if sample.parts.is_none() && pieces.len() == 1 {
                    return Ok(sample);
                }
                pieces
            }
            How::Numbered(framing, numbers) => {
                if sample.size > MAX_FRAME_BYTES {
                    return Ok(sample);
                }
                let source = Source::new(self.bytes, "film")?;
                let mut frame = self.stripped.to_vec();
                match &sample.parts {
                    None => {
                        let size = u64::from(sample.size);
                        frame.extend(source.bytes(sample.offset, size, "a key frame")?);
                    }
                    Some(parts) => frame.extend(joined(&source, parts)?),
                }
                let Some(made) = numbers.frame(&frame, *framing) else { return Ok(sample) };
                // What the file leaves out at the beginning is left out here, too.
                let Some(made) = made.strip_prefix(self.stripped) else { return Ok(sample) };
                vec![Piece::Made(made.to_vec())]
            }
        };
        let size: u64 = pieces.iter().map(size_of_piece).sum();
        let offset = ELSEWHERE + self.pieces.len() as u64 * APART;
        self.pieces.insert(offset, pieces);
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        Ok(Sample { offset, size, parts: None, ..sample })
    }

    /// Puts them in.
    pub fn put(&self, feed: &mut Segment) {
        let pieces = std::mem::take(&mut feed.pieces).into_iter().flat_map(|piece| match piece {
            Piece::Copied { offset, .. } if self.pieces.contains_key(&offset) => {
                self.pieces[&offset].clone()
            }
            other => vec![other],
        });
        feed.pieces = pieces.collect();
    }
}

fn size_of_piece(piece: &Piece) -> u64 {
    match piece {
        Piece::Made(bytes) => bytes.len() as u64,
        Piece::Copied { size, .. } => *size,
    }
}

/// A picture that is put together of several parts.
fn joined(source: &Source<'_>, parts: &[Piece]) -> Result<Vec<u8>, FilmError> {
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Piece::Made(made) => bytes.extend_from_slice(made),
            Piece::Copied { offset, size } => {
                bytes.extend(source.bytes(*offset, *size, "a key frame")?);
            }
        }
    }
    Ok(bytes)
}

/// The same picture with other names in the heads of its slices.
fn broken(mut frame: Vec<u8>, width: u8) -> Vec<u8> {
    let width = usize::from(width.min(4));
    let mut at = 0;
    for _ in 0..MAX_UNITS {
        let Some(length) = frame.get(at..at + width) else { break };
        let length = length.iter().fold(0, |sum, it| sum << 8 | usize::from(*it));
        let Some(name) = frame.get_mut(at + width) else { break };
        if *name >> 1 & 0x3f == CLEAN {
            *name = *name & 0x81 | BROKEN_LINK << 1;
        }
        at += width + length;
    }
    frame
}

/// A picture with other names in the heads of its slices. Nothing but the heads is read.
fn behind_broken_link(
    source: &Source<'_>,
    sample: &Sample,
    width: u8,
) -> Result<Vec<Piece>, FilmError> {
    let (mut at, mut copied_to) = (sample.offset, sample.offset);
    let end = sample.offset.saturating_add(sample.size.into());
    let mut pieces = Vec::new();
    for _ in 0..MAX_UNITS {
        let head_at = at.saturating_add(width.into());
        if head_at >= end {
            break;
        }
        let mut head = [0; 5];
        let head = &mut head[..=usize::from(width.min(4))];
        source.read_alone(head, at, "a unit")?;
        let (name, length) = head.split_last().map_or((0, 0), |(name, length)| {
            (*name, length.iter().fold(0, |sum, it| sum << 8 | u64::from(*it)))
        });
        if name >> 1 & 0x3f == CLEAN {
            pieces.push(Piece::Copied { offset: copied_to, size: head_at - copied_to });
            pieces.push(Piece::Made(vec![name & 0x81 | BROKEN_LINK << 1]));
            copied_to = head_at + 1;
        }
        at = head_at.saturating_add(length);
    }
    pieces.push(Piece::Copied { offset: copied_to, size: end - copied_to });
    Ok(pieces)
}
