//! A track's description in Matroska's words, for what comes in a container that is not fed as it is.

use crate::matroska::ebml::write_element;
use crate::stream::{Codec, Stream, StreamKind};

const TRACK_NUMBER: u32 = 0xd7;
const TRACK_UID: u32 = 0x73c5;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63a2;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const AUDIO: u32 = 0xe1;
const SAMPLING_FREQUENCY: u32 = 0xb5;
const CHANNELS: u32 = 0x9f;
const BIT_DEPTH: u32 = 0x6264;

/// The number that the one track has.
pub(super) const NUMBER: u64 = 1;

/// The name that Matroska has for a codec; `None` where it has none of its own.
pub(super) fn codec_id(codec: &Codec) -> Option<&'static str> {
    Some(match codec {
        Codec::H264 => "V_MPEG4/ISO/AVC",
        Codec::Hevc => "V_MPEGH/ISO/HEVC",
        Codec::Av1 => "V_AV1",
        Codec::Vp9 => "V_VP9",
        Codec::Mpeg1Video => "V_MPEG1",
        Codec::Mpeg2Video => "V_MPEG2",
        Codec::Mpeg4 => "V_MPEG4/ISO/ASP",
        Codec::Aac => "A_AAC",
        Codec::Ac3 => "A_AC3",
        Codec::Eac3 => "A_EAC3",
        Codec::Mp2 => "A_MPEG/L2",
        Codec::Mp3 => "A_MPEG/L3",
        Codec::Dts => "A_DTS",
        Codec::TrueHd => "A_TRUEHD",
        // As discs have it, once it is unpacked.
        Codec::Other(name) if matches!(name.as_str(), "pcm_dvd" | "pcm_bluray") => "A_PCM/INT/BIG",
        _ => return None,
    })
}

/// Pictures as Windows describes them.
pub(super) const FOURCC: &str = "V_MS/VFW/FOURCC";
/// Sound as Windows describes it.
pub(super) const WAVE: &str = "A_MS/ACM";
/// Sound as QuickTime describes it.
pub(super) const QUICKTIME: &str = "A_QUICKTIME";

/// A `BITMAPINFOHEADER`, and what the codec wants behind it.
pub(super) fn bitmap_info(stream: &Stream, fourcc: [u8; 4], extra: &[u8]) -> Vec<u8> {
    const HEADER_BYTES: u32 = 40;
    let mut out = (HEADER_BYTES + extra.len() as u32).to_le_bytes().to_vec();
    out.extend(stream.width.unwrap_or(0).to_le_bytes());
    out.extend(stream.height.unwrap_or(0).to_le_bytes());
    out.extend([1, 0, 24, 0]);
    out.extend(fourcc);
    out.resize(HEADER_BYTES as usize, 0);
    out.extend(extra);
    out
}

/// The body of a `TrackEntry`.
pub(super) fn write(stream: &Stream, codec_id: &str, private: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let is_video = stream.kind == StreamKind::Video;
    write_element(&mut out, TRACK_NUMBER, &NUMBER.to_be_bytes());
    write_element(&mut out, TRACK_UID, &[1]);
    write_element(&mut out, TRACK_TYPE, &[if is_video { 1 } else { 2 }]);
    write_element(&mut out, CODEC_ID, codec_id.as_bytes());
    if !private.is_empty() {
        write_element(&mut out, CODEC_PRIVATE, private);
    }
    let mut body = Vec::new();
    if is_video {
        write_element(&mut body, PIXEL_WIDTH, &stream.width.unwrap_or(0).to_be_bytes());
        write_element(&mut body, PIXEL_HEIGHT, &stream.height.unwrap_or(0).to_be_bytes());
        write_element(&mut out, VIDEO, &body);
    } else {
        let rate = f64::from(stream.sample_rate.unwrap_or(0));
        write_element(&mut body, SAMPLING_FREQUENCY, &rate.to_be_bytes());
        write_element(&mut body, CHANNELS, &stream.channels.unwrap_or(2).to_be_bytes());
        if stream.codec.is_pcm() {
            // Samples have whole bytes.
            let bits = stream.bit_depth.unwrap_or(16).next_multiple_of(8);
            write_element(&mut body, BIT_DEPTH, &[bits]);
        }
        write_element(&mut out, AUDIO, &body);
    }
    out
}
