//! The index of a film whose file has none, or one that lies: made once by reading the file from its beginning to its end,
//! kept as bytes by whoever likes, and anybody's to make again.
//!
//! Invariant: it depends on the file's bytes alone, and holds key frames, not frames: some ten bytes for each.

mod packed;

use std::ops::ControlFlow;

pub(super) use self::packed::{Packer, Unpacker};
use super::{FilmError, avi, main_video, matroska, mux, whole};
use crate::container::Container;
use crate::probe::probe;
use crate::read::{ReadAt, Source};

/// Counts up when the same file would be indexed differently, or the bytes mean something else.
const REVISION: u8 = 3;
/// What kept indexes begin with.
const MAGIC: &[u8; 4] = b"FIDX";
/// How many bytes lie between two questions whether to go on.
const ASK_EVERY: u64 = 1 << 20;

/// Where the key frames of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    kind: Kind,
    is_whole: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Matroska(matroska::Scan),
    Mux(mux::Scan),
    Avi(avi::Scan),
    Whole(whole::Scan),
}

/// How far a file is read, and who may stop it.
pub(super) struct Reach<'a> {
    /// Reading ends here.
    pub until: u64,
    asked: u64,
    go_on: &'a mut dyn FnMut(u64) -> ControlFlow<()>,
}

impl Reach<'_> {
    /// Whether to go on at `at`; an error when somebody has said no.
    pub fn goes_on(&mut self, at: u64) -> Result<bool, FilmError> {
        if at >= self.asked.saturating_add(ASK_EVERY) {
            self.asked = at;
            if (self.go_on)(at).is_break() {
                return Err(FilmError::Stopped);
            }
        }
        Ok(at < self.until)
    }
}

impl Index {
    /// Reads the first `reach` bytes of a film, or all of it, however long that takes. `go_on` hears every megabyte how far
    /// the reading is, and may stop it.
    pub fn of(
        bytes: &dyn ReadAt,
        reach: Option<u64>,
        go_on: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Self, FilmError> {
        let probe = probe(bytes, "")?;
        let video = main_video(&probe).ok_or(FilmError::NoIndex)?;
        let until = reach.unwrap_or(u64::MAX);
        let is_whole = until >= bytes.size_bytes()?;
        let mut reach = Reach { until, asked: 0, go_on };
        let kind = match probe.container {
            Container::Matroska | Container::WebM => {
                let src = Source::new(bytes, "Matroska")?;
                Kind::Matroska(matroska::Scan::read(&src, video, &mut reach)?)
            }
            Container::MpegTs | Container::MpegPs => {
                let src = Source::new(bytes, "MPEG")?;
                Kind::Mux(mux::Scan::read(&src, &probe, video, &mut reach)?)
            }
            Container::Avi => {
                let src = Source::new(bytes, "AVI")?;
                Kind::Avi(avi::Scan::read(&src, video, &mut reach)?)
            }
            Container::Flv | Container::Asf => {
                let src = Source::new(bytes, "film")?;
                Kind::Whole(whole::Scan::read(&src, &probe, video, &mut reach)?)
            }
            _ => return Err(FilmError::NoIndex),
        };
        Ok(Self { kind, is_whole })
    }

    /// Whether all of the file was read for it. One that is not knows the film's tracks, and not where it ends.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The index as bytes, to be kept; for one that is whole.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Packer::default();
        out.bytes.extend(MAGIC);
        out.bytes.push(REVISION);
        match &self.kind {
            Kind::Matroska(it) => {
                out.bytes.push(0);
                it.pack(&mut out);
            }
            Kind::Mux(it) => {
                out.bytes.push(1);
                it.pack(&mut out);
            }
            Kind::Avi(it) => {
                out.bytes.push(2);
                it.pack(&mut out);
            }
            Kind::Whole(it) => {
                out.bytes.push(3);
                it.pack(&mut out);
            }
        }
        let sum = checksum(&out.bytes);
        out.bytes.extend(sum.to_le_bytes());
        out.bytes
    }

    /// Bytes that were kept; `None` where they are not whole, or of another revision.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<8>()?;
        if checksum(body) != u64::from_le_bytes(*sum) {
            return None;
        }
        let rest = body.strip_prefix(MAGIC)?.strip_prefix(&[REVISION])?;
        let (kind, rest) = rest.split_first()?;
        let mut packed = Unpacker(rest);
        let kind = match kind {
            0 => Kind::Matroska(matroska::Scan::unpack(&mut packed)?),
            1 => Kind::Mux(mux::Scan::unpack(&mut packed)?),
            2 => Kind::Avi(avi::Scan::unpack(&mut packed)?),
            3 => Kind::Whole(whole::Scan::unpack(&mut packed)?),
            _ => return None,
        };
        Some(Self { kind, is_whole: true })
    }

    pub(super) fn matroska(&self) -> Option<&matroska::Scan> {
        if let Kind::Matroska(it) = &self.kind { Some(it) } else { None }
    }

    pub(super) fn mux(&self) -> Option<&mux::Scan> {
        if let Kind::Mux(it) = &self.kind { Some(it) } else { None }
    }

    pub(super) fn whole(&self) -> Option<&whole::Scan> {
        if let Kind::Whole(it) = &self.kind { Some(it) } else { None }
    }

    pub(super) fn avi(&self) -> Option<&avi::Scan> {
        if let Kind::Avi(it) = &self.kind { Some(it) } else { None }
    }
}

/// FNV-1a: tells a file that was cut off or half written, not one that somebody forged.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_again_and_what_was_damaged_is_not() {
        let scan = matroska::Scan {
            keys: vec![(0, 40), (2000, 900), (4100, 5_000_000_000)],
            texts: vec![(3, vec![(7, 60)])],
        };
        let index = Index { kind: Kind::Matroska(scan), is_whole: true };
        let bytes = index.to_bytes();
        assert_eq!(Index::from_bytes(&bytes), Some(index));
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 4;
            assert_eq!(Index::from_bytes(&broken), None, "{at}");
            assert_eq!(Index::from_bytes(&bytes[..at]), None, "{at}");
        }
    }
}
