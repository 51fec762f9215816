//! AIFF and AIFF-C.

use super::id3;
use crate::ProbeError;
use crate::codec;
use crate::container::Container;
use crate::probe::{MAX_TEXT_BYTES, Probe};
use crate::read::Source;
use crate::stream::{Codec, Stream, StreamKind};
use crate::subtitles;

/// Chunks that are looked at.
const MAX_CHUNKS: usize = 256;
/// Channels, frames, bits and rate; the compressed kind adds a name.
const COMMON_BYTES: usize = 18;

pub(super) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let mut probe = Probe::new(Container::Aiff);
    // The first chunk holds all others: its name, its size, and what kind it is.
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        if src.size.saturating_sub(at) < 8 {
            break;
        }
        let [a, b, c, d, size @ ..] = src.array_alone::<8>(at, "a chunk header")?;
        let (body, size) = (at + 8, u64::from(u32::from_be_bytes(size)));
        let text = |limit: u64| src.bytes(body, size.min(limit), "a chunk");
        let name = match &[a, b, c, d] {
            b"COMM" if probe.streams.is_empty() => {
                read_format(&text(64)?, &mut probe).ok_or_else(|| src.truncated("the format"))?;
                None
            }
            b"ID3 " | b"id3 " => {
                id3::read(src, body, &mut probe);
                None
            }
            b"NAME" => Some("title"),
            b"AUTH" => Some("artist"),
            b"(c) " => Some("copyright"),
            b"ANNO" => Some("comment"),
            _ => None,
        };
        if let Some(name) = name
            && let Ok(bytes) = text(MAX_TEXT_BYTES as u64)
        {
            probe.tags.add(name, &subtitles::decode(&bytes, None));
        }
        at = body + size + (size & 1);
    }
    if probe.streams.is_empty() { Err(src.truncated("the format")) } else { Ok(probe) }
}

fn read_format(body: &[u8], probe: &mut Probe) -> Option<()> {
    let format: &[u8; COMMON_BYTES] = body.first_chunk()?;
    let [c0, c1, f0, f1, f2, f3, b0, b1, rate @ ..] = *format;
    let bits = u16::from_be_bytes([b0, b1]);
    let compression = body.get(COMMON_BYTES..).and_then(|it| it.first_chunk::<4>());
    let codec = match (compression, bits) {
        (None | Some(b"NONE" | b"twos"), 1..=8) => Codec::Other("pcm_s8".to_owned()),
        (None | Some(b"NONE" | b"twos"), 17..=24) | (Some(b"in24"), _) => Codec::PcmS24be,
        (None | Some(b"NONE" | b"twos"), 25..) | (Some(b"in32"), _) => {
            Codec::Other("pcm_s32be".to_owned())
        }
        (None | Some(b"NONE" | b"twos"), _) => Codec::PcmS16be,
        (Some(b"sowt"), _) => Codec::PcmS16le,
        (Some(b"fl32" | b"FL32"), _) => Codec::Other("pcm_f32be".to_owned()),
        (Some(b"fl64" | b"FL64"), _) => Codec::Other("pcm_f64be".to_owned()),
        (Some(b"ulaw" | b"ULAW"), _) => Codec::Other("pcm_mulaw".to_owned()),
        (Some(b"alaw" | b"ALAW"), _) => Codec::Other("pcm_alaw".to_owned()),
        (Some(other), _) => {
            Codec::Other(String::from_utf8_lossy(other).trim().to_ascii_lowercase())
        }
    };
    let mut stream = Stream::new(0, StreamKind::Audio, codec);
    stream.channels = Some(u16::from_be_bytes([c0, c1])).filter(|it| *it > 0);
    stream.bit_depth = u8::try_from(bits).ok().filter(|it| *it > 0 && stream.codec.is_pcm());
    let rate = extended(rate);
    stream.sample_rate = (rate >= 1.0 && rate <= f64::from(u32::MAX)).then_some(rate as u32);
    let n_frames = u32::from_be_bytes([f0, f1, f2, f3]);
    probe.duration_ms = stream.sample_rate.map(|it| i64::from(n_frames) * 1000 / i64::from(it));
    let bits_per_frame = i64::from(bits) * i64::from(stream.channels.unwrap_or(0));
    stream.bitrate = stream
        .sample_rate
        .map(|it| i64::from(it) * bits_per_frame)
        .filter(|it| *it > 0 && stream.codec.is_pcm());
    codec::name_simple(&mut stream);
    probe.streams.push(stream);
    Some(())
}

/// A number in the 80-bit format of old coprocessors; rates are positive.
fn extended(bytes: [u8; 10]) -> f64 {
    let [high, low, fraction @ ..] = bytes;
    let exponent = i32::from(u16::from_be_bytes([high & 0x7f, low])) - 16_383 - 63;
    u64::from_be_bytes(fraction) as f64 * f64::from(exponent).exp2()
}
