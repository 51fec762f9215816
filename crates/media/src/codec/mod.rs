//! What the configuration of a codec says: the records of MP4 sample entries, which Matroska keeps as `CodecPrivate`.

pub(crate) mod aac;
pub(crate) mod av1;
pub(crate) mod avc;
pub(crate) mod color;
pub(crate) mod dolby;
pub(crate) mod hevc;
pub(crate) mod mpeg2;
pub(crate) mod mpeg4;
pub(crate) mod prores;
pub(crate) mod vp9;
pub(crate) mod xiph;

use crate::stream::{Codec, Stream};

/// Fills a stream from the configuration of its codec. `entry` is the four-letter name under which an MP4 file keeps
/// the stream; it is part of the codec string. Broken configuration leaves the fields empty.
pub(crate) fn describe(stream: &mut Stream, entry: &str, config: &[u8]) {
    // The readers give up by `None` at the point where the bytes end; what they found by then stays.
    let _ = match stream.codec {
        Codec::H264 => avc::describe(stream, entry, config),
        Codec::Hevc => hevc::describe(stream, entry, config),
        Codec::Av1 => av1::describe(stream, config),
        Codec::Vp9 => vp9::describe_features(stream, config),
        Codec::Mpeg4 => mpeg4::describe(stream, config),
        Codec::Mpeg2Video => mpeg2::describe(stream, config),
        Codec::ProRes => prores::describe(stream, entry),
        Codec::Vp8 => {
            (stream.bit_depth, stream.pixel_format) = (Some(8), pixel_format(1, 8));
            Some(())
        }
        Codec::Aac => aac::describe(stream, config),
        Codec::Opus => xiph::describe_opus_head(stream, config),
        Codec::Flac => xiph::describe_flac(stream, config),
        _ => None,
    };
}

/// Sets the codec string of codecs that need no parameters in it.
pub(crate) fn name_simple(stream: &mut Stream) {
    if stream.codec_string.is_some() {
        return;
    }
    let name = match stream.codec {
        Codec::Aac => match stream.profile.as_deref() {
            Some("HE-AAC") => "mp4a.40.5",
            Some("HE-AACv2") => "mp4a.40.29",
            _ => "mp4a.40.2",
        },
        Codec::Ac3 => "ac-3",
        Codec::Eac3 => "ec-3",
        Codec::Opus => "Opus",
        Codec::Flac => "fLaC",
        Codec::Vorbis => "vorbis",
        Codec::Alac => "alac",
        Codec::Vp8 => "vp8",
        Codec::Mp3 => "mp4a.6B",
        Codec::Dts => "dtsc",
        Codec::TrueHd => "mlpa",
        _ => return,
    };
    stream.codec_string = Some(name.to_owned());
}

/// FFmpeg's name of a planar YUV layout by `chroma_format_idc` (0 to 3) and bits per component.
pub(crate) fn pixel_format(chroma_format: u32, bit_depth: u8) -> Option<String> {
    let base = match chroma_format {
        0 => "gray",
        1 => "yuv420p",
        2 => "yuv422p",
        3 => "yuv444p",
        _ => return None,
    };
    Some(if bit_depth == 8 { base.to_owned() } else { format!("{base}{bit_depth}le") })
}

#[cfg(test)]
mod tests;
