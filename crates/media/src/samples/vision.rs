//! Dolby Vision in copies.
//!
//! Where the base layer is something that others know (HDR10, HLG, SDR), the copy is that, and nothing says more. Where it
//! is not, only a decoder of Dolby Vision may play it, so the sample entry has another name and a configuration of its own
//! (Dolby Vision Streams Within the ISO Base Media File Format 2.5, sections 3 and 4).

use crate::stream::{Codec, Hdr, Stream};

/// The configuration's own version.
const VERSION: [u8; 2] = [1, 0];
/// Profiles up to this have their configuration in `dvcC`, later ones in `dvvC`.
const LAST_OF_FIRST: u8 = 7;

/// Dolby Vision over a base that nobody else knows, in one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vision {
    profile: u8,
    level: u8,
}

impl Vision {
    /// That of `stream`, where it is all that the stream is and a copy can say so.
    pub fn of(stream: &Stream) -> Option<Self> {
        let is_coded = matches!(stream.codec, Codec::Hevc | Codec::Av1);
        match stream.hdr {
            Some(Hdr::DolbyVision {
                profile,
                level,
                compatibility: 0,
                has_enhancement_layer: false,
            }) if is_coded && profile < 1 << 7 && level < 1 << 6 => Some(Self { profile, level }),
            _ => None,
        }
    }

    /// The sample entry in place of the codec's own.
    pub fn entry(entry: [u8; 4]) -> [u8; 4] {
        match &entry {
            b"hvc1" => *b"dvh1",
            b"hev1" => *b"dvhe",
            b"av01" => *b"dav1",
            _ => entry,
        }
    }

    /// What is asked of a decoder: `dvh1.05.06`.
    pub fn codec_string(self, entry: [u8; 4]) -> String {
        let entry = Self::entry(entry);
        format!("{}.{:02}.{:02}", String::from_utf8_lossy(&entry), self.profile, self.level)
    }

    /// The configuration's box and what is in it.
    pub fn config(self) -> ([u8; 4], [u8; 24]) {
        /// It has the metadata and one layer of pictures.
        const LAYERS: u16 = 0b101;
        let kind = if self.profile > LAST_OF_FIRST { *b"dvvC" } else { *b"dvcC" };
        let mut body = [0; 24];
        let what = u16::from(self.profile) << 9 | u16::from(self.level) << 3 | LAYERS;
        body[..2].copy_from_slice(&VERSION);
        body[2..4].copy_from_slice(&what.to_be_bytes());
        (kind, body)
    }
}
