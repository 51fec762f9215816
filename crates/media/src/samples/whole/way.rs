//! The frames of a file one by one, whichever kind of file it is.

use crate::ProbeError;
use crate::asf::{self, Header, Spread};
use crate::flv::{self, Role, Tag};
use crate::probe::Probe;
use crate::read::Source;
use crate::samples::FilmError;
use crate::sniff::{Family, sniff};
use crate::stream::Codec;

/// Larger configurations are none.
const MAX_CONFIG_BYTES: u64 = 64 * 1024;

/// How frames lie in the file.
#[derive(Debug)]
pub(super) enum Way {
    /// In tags.
    Flash { begin: u64 },
    /// In packets.
    Asf(Box<Header>),
}

/// A frame.
#[derive(Debug)]
pub(super) struct Item {
    /// From where on it can be read.
    pub at: u64,
    /// The number of its stream in the file.
    pub number: u8,
    /// When it is shown, in milliseconds.
    pub time_ms: i64,
    pub is_key: bool,
    /// Place and size of its parts.
    pub parts: Vec<(u64, u32)>,
    pub size: u32,
}

impl Way {
    pub fn of(src: &Source<'_>) -> Result<Self, FilmError> {
        Ok(match sniff(src, "")? {
            Family::Flash => Self::Flash { begin: flv::begin(src)? },
            Family::Asf => Self::Asf(Box::new(asf::read_header(src)?.1)),
            _ => return Err(ProbeError::malformed("no file of whole frames", 0).into()),
        })
    }

    /// Where the first frame may be.
    pub fn begin(&self) -> u64 {
        match self {
            Self::Flash { begin } => *begin,
            Self::Asf(header) => header.layout.begin,
        }
    }

    /// The numbers that the streams have in the file, by their index.
    pub fn numbers(&self, src: &Source<'_>, probe: &Probe) -> Result<Vec<u8>, ProbeError> {
        match self {
            Self::Flash { .. } => flv::numbers(src),
            Self::Asf(header) => {
                Ok(header.tracks.iter().take(probe.streams.len()).map(|it| it.number).collect())
            }
        }
    }

    /// What the file says of a stream beside its frames: of ASF.
    pub fn format(&self, number: u8) -> Option<&asf::Track> {
        match self {
            Self::Flash { .. } => None,
            Self::Asf(header) => header.tracks.iter().find(|it| it.number == number),
        }
    }

    /// Shows `each` the frames that begin in `from..to`, in the order of the file, until it has enough. Of what lies between
    /// them it hears the places alone.
    pub fn walk(
        &self,
        src: &Source<'_>,
        from: u64,
        to: u64,
        mut each: impl FnMut(u64, Option<Item>) -> bool,
    ) -> Result<(), ProbeError> {
        match self {
            Self::Flash { .. } => flv::walk(src, from, to, |tag| each(tag.at, item_of(tag))),
            Self::Asf(header) => asf::walk(src, &header.layout, from, to, |passed| {
                let frame = match passed {
                    asf::Passed::Packet(at) => return each(at, None),
                    asf::Passed::Frame(frame) => frame,
                };
                let spread = header.tracks.iter().find(|it| it.number == frame.number);
                let spread = spread.and_then(|it| it.spread);
                let parts = match spread {
                    Some(spread) => gathered(&frame.parts, frame.size, spread),
                    None => frame.parts,
                };
                let item = Item {
                    at: frame.at,
                    number: frame.number,
                    time_ms: frame.time_ms.saturating_sub(header.preroll_ms),
                    is_key: frame.is_key,
                    parts,
                    size: frame.size,
                };
                each(item.at, Some(item))
            }),
        }
    }

    /// The configurations of a Flash video's streams, each with the number of its stream; nothing of ASF.
    pub fn configurations(&self, src: &Source<'_>) -> Result<Vec<(u8, Vec<u8>)>, ProbeError> {
        /// They stand at the beginning.
        const REACH: u64 = 4 << 20;
        let Self::Flash { begin } = self else { return Ok(Vec::new()) };
        let mut found: Vec<(u8, Vec<u8>)> = Vec::new();
        let mut outcome = Ok(());
        flv::walk(src, *begin, begin.saturating_add(REACH), |tag| {
            let Some(coded) = flv::coded(tag) else { return true };
            let body_bytes = tag.size.saturating_sub(coded.skipped);
            // What an old codec wants to know stands before every frame.
            let is_crop = matches!(&coded.codec, Codec::Other(name) if name.starts_with("vp6"));
            let is_wanted = coded.role == Role::Configuration && body_bytes <= MAX_CONFIG_BYTES;
            if !(is_wanted || is_crop) || found.iter().any(|it| it.0 == tag.kind) {
                return true;
            }
            let body = if is_crop {
                Ok(vec![tag.first[1]])
            } else {
                src.bytes(tag.body + coded.skipped, body_bytes, "a configuration")
            };
            match body {
                Ok(body) => found.push((tag.kind, body)),
                Err(error) => outcome = Err(error),
            }
            outcome.is_ok() && found.len() < 2
        })?;
        outcome.map(|()| found)
    }
}

fn item_of(tag: &Tag) -> Option<Item> {
    let coded = flv::coded(tag).filter(|it| it.role == Role::Frame)?;
    let size = u32::try_from(tag.size.checked_sub(coded.skipped)?).ok().filter(|it| *it > 0)?;
    Some(Item {
        at: tag.at,
        number: tag.kind,
        time_ms: tag.time_ms.saturating_add(coded.delay_ms),
        is_key: coded.is_key,
        parts: vec![(tag.body + coded.skipped, size)],
        size,
    })
}

/// Frames that were mixed piece by piece, put in order again; as they are where their sizes say that they were not.
fn gathered(parts: &[(u64, u32)], size: u32, spread: Spread) -> Vec<(u64, u32)> {
    let Spread { n_frames, frame_bytes, piece_bytes } = spread;
    if u64::from(frame_bytes) * u64::from(n_frames) != u64::from(size) {
        return parts.to_vec();
    }
    let mut out = Vec::new();
    for piece in 0..size / piece_bytes {
        let (row, column) = (piece / n_frames, piece % n_frames);
        let from = (row + column * (frame_bytes / piece_bytes)) * piece_bytes;
        out.extend(cut(parts, from, piece_bytes));
    }
    out
}

/// The places of so many bytes from `from` on.
fn cut(parts: &[(u64, u32)], mut from: u32, mut n_bytes: u32) -> Vec<(u64, u32)> {
    let mut out = Vec::new();
    for (offset, size) in parts {
        if from >= *size {
            from -= size;
            continue;
        }
        let taken = (size - from).min(n_bytes);
        if taken == 0 {
            break;
        }
        out.push((offset + u64::from(from), taken));
        (from, n_bytes) = (0, n_bytes - taken);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_frames_are_put_in_order() {
        // Two frames of four bytes, in pieces of two: 0 2 1 3.
        let spread = Spread { n_frames: 2, frame_bytes: 4, piece_bytes: 2 };
        let parts = [(100, 3), (200, 5)];
        let expected = [(100, 2), (201, 2), (102, 1), (200, 1), (203, 2)];
        assert_eq!(gathered(&parts, 8, spread), expected);
        assert_eq!(gathered(&parts[..1], 3, spread), parts[..1], "another size");
    }
}
