//! WAVE, the 64-bit kinds of broadcasters included.

use super::chunks::{chunk_at, u16_at, u32_at, u64_at};
use super::{streams, texts};
use crate::ProbeError;
use crate::audio::id3;
use crate::codec;
use crate::container::Container;
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::{Codec, Stream, StreamKind};

/// Chunks that are looked at.
const MAX_CHUNKS: usize = 256;
/// A format is some dozens of bytes; those of rare codecs carry tables.
const MAX_FORMAT_BYTES: u64 = 4096;
/// The largest list of texts that is read whole.
const MAX_TEXTS_BYTES: u64 = 1024 * 1024;

pub(crate) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let mut probe = Probe::new(Container::Wav);
    let mut bytes_per_second = 0;
    let mut block_bytes = 0;
    let mut n_bytes = None;
    // The 64-bit kinds keep the true size here, and all ones where it does not fit.
    let mut long_size = None;
    let mut at = chunk_at(src, 0, u64::MAX)?.body;
    for _ in 0..MAX_CHUNKS {
        if src.size.saturating_sub(at) < 8 {
            break;
        }
        let chunk = chunk_at(src, at, u64::MAX)?;
        at = chunk.end;
        match (&chunk.kind, &chunk.list) {
            (b"fmt ", _) if probe.streams.is_empty() => {
                let format = chunk.load(src, MAX_FORMAT_BYTES, "the format")?;
                bytes_per_second = u32_at(&format, 8).unwrap_or(0);
                block_bytes = u16_at(&format, 12).unwrap_or(0);
                let mut stream =
                    Stream::new(0, StreamKind::Audio, Codec::Other("unknown".to_owned()));
                streams::read_sound(&mut stream, &format);
                stream.bit_depth = u16_at(&format, 14)
                    .and_then(|it| u8::try_from(it).ok())
                    .filter(|it| stream.codec.is_pcm() && *it > 0);
                codec::name_simple(&mut stream);
                probe.streams.push(stream);
            }
            (b"ds64", _) => {
                let sizes = chunk.load(src, MAX_FORMAT_BYTES, "the sizes")?;
                long_size = u64_at(&sizes, 8);
            }
            (b"data", _) => {
                let stated = chunk.stated_size();
                let size = long_size.filter(|_| stated == u64::from(u32::MAX)).unwrap_or(stated);
                let rest = src.size - chunk.body;
                if size > rest {
                    // A recorder that was cut off leaves the size open, or too large.
                    probe.warn(format!(
                        "the file is cut off: its last {} bytes are missing",
                        size - rest
                    ));
                }
                n_bytes = Some(size.min(rest));
                at = chunk.body.saturating_add(size.saturating_add(size & 1));
            }
            (b"LIST", b"INFO") => {
                if let Ok(body) = chunk.load(src, MAX_TEXTS_BYTES, "the texts") {
                    texts::read(&body, &mut probe);
                }
            }
            (b"ID3 " | b"id3 ", _) => {
                id3::read(src, chunk.body, &mut probe);
            }
            _ => {}
        }
    }
    let Some(stream) = probe.streams.first() else { return Err(src.truncated("the format")) };
    let Some(n_bytes) = n_bytes.filter(|it| *it > 0) else {
        return Err(ProbeError::malformed("an audio file without sound", 0));
    };
    let bytes_per_second = match stream.sample_rate {
        // The format's own rate is right for plain samples and for them alone surely so.
        Some(rate) if stream.codec.is_pcm() => u64::from(rate) * u64::from(block_bytes),
        _ => u64::from(bytes_per_second),
    };
    let ms = (u128::from(n_bytes) * 1000).checked_div(bytes_per_second.into());
    probe.duration_ms = ms.and_then(|it| i64::try_from(it).ok());
    Ok(probe)
}
