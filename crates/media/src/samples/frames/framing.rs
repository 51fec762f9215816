//! How frames of sound are told apart, by the codec, and what stands at a place of a stream of them.

use crate::codec::lpcm::{self, Packing};
use crate::codec::{FrameSize, ac3, dts, latm, mpeg_audio};
use crate::stream::Codec;

/// An ADTS head without its checksum, and the bytes that one takes.
const ADTS_HEAD_BYTES: usize = 7;
const ADTS_SUM_BYTES: usize = 2;

/// What stands at a place.
pub(super) enum Found {
    /// A frame of so many bytes, the first of which are left out.
    Frame {
        skipped: usize,
        size: usize,
    },
    /// Something of so many bytes that is not wanted.
    Other(usize),
    /// More bytes are needed to say.
    More,
    Nothing,
}

/// How frames are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::samples) enum Framing {
    /// AAC, each frame behind a head that is not part of it.
    Adts,
    /// Dolby Digital, and Dolby Digital Plus with the frames that depend on one.
    Dolby,
    /// MPEG audio of any layer.
    Mpeg,
    /// DTS, core and extension together.
    Dts,
    /// Dolby TrueHD; the plain Dolby Digital between its units is passed over.
    TrueHd,
    /// AAC in LATM, which is put back on bytes.
    Latm,
    /// PCM of DVDs: what begins in a packet is a frame.
    DvdPcm,
    /// PCM of Blu-rays, each packet behind a head that states its size.
    BlurayPcm,
    /// Every piece is a frame.
    Whole,
}

impl Framing {
    /// How the frames of a codec stand in a stream of packets; `None` for those that nobody here reads.
    pub fn of(codec: &Codec) -> Option<Self> {
        Some(match codec {
            Codec::Aac => Self::Adts,
            Codec::Ac3 | Codec::Eac3 => Self::Dolby,
            Codec::Mp2 | Codec::Mp3 => Self::Mpeg,
            Codec::Dts => Self::Dts,
            Codec::TrueHd => Self::TrueHd,
            Codec::Other(name) => match name.as_str() {
                "aac_latm" => Self::Latm,
                "pcm_dvd" => Self::DvdPcm,
                "pcm_bluray" => Self::BlurayPcm,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Whether a frame that begins like this says how its stream is configured.
    pub fn tells(self, head: &[u8]) -> bool {
        self != Self::Latm || latm::specific(head).is_some()
    }

    /// What stands at the beginning of `rest`. `is_synced` says that frames were found up to here, `is_end` that nothing
    /// follows.
    pub(super) fn find(self, rest: &[u8], is_end: bool, is_synced: bool) -> Found {
        let more = || if is_end { Found::Nothing } else { Found::More };
        match self {
            Self::Whole | Self::DvdPcm => Found::Frame { skipped: 0, size: rest.len() },
            Self::Latm => match latm::frame_size(rest) {
                Some(size) => Found::Frame { skipped: 0, size },
                None if rest.len() < latm::HEAD_BYTES => more(),
                None => Found::Nothing,
            },
            Self::BlurayPcm => {
                let Some(head) = rest.first_chunk::<{ lpcm::BLURAY_HEAD_BYTES }>() else {
                    return more();
                };
                let size = usize::from(u16::from_be_bytes([head[0], head[1]]));
                if size > 0 && Packing::bluray(head).is_some() {
                    let skipped = lpcm::BLURAY_HEAD_BYTES;
                    Found::Frame { skipped, size: skipped + size }
                } else {
                    Found::Nothing
                }
            }
            Self::Adts => {
                let Some(head) = rest.first_chunk::<ADTS_HEAD_BYTES>() else { return more() };
                let Some(size) = crate::codec::aac::adts_size(*head) else { return Found::Nothing };
                let has_sum = head[1] & 1 == 0;
                let skipped = ADTS_HEAD_BYTES + if has_sum { ADTS_SUM_BYTES } else { 0 };
                if size > skipped { Found::Frame { skipped, size } } else { Found::Nothing }
            }
            Self::Mpeg => match mpeg_audio::frame_size(rest) {
                Some(size) => Found::Frame { skipped: 0, size },
                None if rest.len() < 4 => more(),
                None => Found::Nothing,
            },
            Self::Dolby | Self::Dts => {
                let size = if self == Self::Dts {
                    dts::packet_size(rest, is_end)
                } else {
                    ac3::packet_size(rest, is_end)
                };
                match size {
                    FrameSize::Known(size) => Found::Frame { skipped: 0, size },
                    FrameSize::Open => more(),
                    FrameSize::NoFrame => Found::Nothing,
                }
            }
            Self::TrueHd => {
                let Some(head) = rest.first_chunk::<8>() else { return more() };
                if head.starts_with(&[0x0b, 0x77]) {
                    return match ac3::packet_size(rest, true) {
                        FrameSize::Known(size) => Found::Other(size),
                        _ => more(),
                    };
                }
                let size = usize::from(u16::from_be_bytes([head[0], head[1]]) & 0xfff) * 2;
                let is_major = head[4..] == [0xf8, 0x72, 0x6f, 0xba];
                if size >= 8 && (is_synced || is_major) {
                    Found::Frame { skipped: 0, size }
                } else {
                    Found::Nothing
                }
            }
        }
    }
}
