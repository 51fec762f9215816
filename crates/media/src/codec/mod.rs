//! What codecs say of themselves: in the records of MP4 sample entries, which Matroska keeps as `CodecPrivate`, and in
//! the first bytes of the streams.

pub(crate) mod aac;
pub(crate) mod ac3;
pub(crate) mod av1;
pub(crate) mod avc;
pub(crate) mod color;
pub(crate) mod dolby;
pub(crate) mod dts;
pub(crate) mod hevc;
pub(crate) mod latm;
pub(crate) mod lpcm;
pub(crate) mod mjpeg;
pub(crate) mod mpeg2;
pub(crate) mod mpeg4;
pub(crate) mod mpeg_audio;
pub(crate) mod nal;
pub(crate) mod pcm;
pub(crate) mod prores;
pub(crate) mod rates;
pub(crate) mod riff;
pub(crate) mod sei;
pub(crate) mod t35;
pub(crate) mod truehd;
pub(crate) mod vc1;
pub(crate) mod vp9;
pub(crate) mod xiph;

use crate::stream::{Codec, Hdr, Stream};

/// What the first bytes of a frame say of its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameSize {
    /// So many bytes, with what belongs to it.
    Known(usize),
    /// More bytes are needed to say.
    Open,
    /// No frame begins here.
    NoFrame,
}

/// Enough of a first frame for all that is looked for in it.
pub(crate) const FRAME_HEAD_BYTES: u64 = 16 * 1024;

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
        Codec::Mpeg2Video | Codec::Mpeg1Video => mpeg2::describe(stream, config),
        Codec::Vc1 => vc1::describe(stream, config),
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

/// Fills a stream from the beginning of its own bytes, as transport streams and AVI carry them. Whether its parameters
/// were among them.
pub(crate) fn describe_elementary(stream: &mut Stream, bytes: &[u8]) -> bool {
    match stream.codec {
        Codec::H264 => {
            let found = avc::describe(stream, "avc1", bytes);
            found.and_then(|()| avc::describe_frame(stream, &[], bytes));
            found
        }
        Codec::Hevc => {
            let found = hevc::describe(stream, "hvc1", bytes);
            found.and_then(|()| hevc::describe_frame(stream, nal::Framing::StartCodes, bytes));
            found
        }
        Codec::Mpeg2Video | Codec::Mpeg1Video => mpeg2::describe(stream, bytes),
        Codec::Mpeg4 => mpeg4::describe(stream, bytes),
        Codec::Vc1 => vc1::describe(stream, bytes),
        Codec::Mjpeg => mjpeg::describe(stream, bytes),
        Codec::Ac3 | Codec::Eac3 => ac3::describe_frames(stream, bytes),
        Codec::Dts => dts::describe(stream, bytes),
        Codec::TrueHd => truehd::describe(stream, bytes),
        Codec::Aac => aac::describe_adts(stream, bytes),
        Codec::Mp2 | Codec::Mp3 => mpeg_audio::describe(stream, bytes),
        Codec::Other(ref name) => match name.as_str() {
            "aac_latm" => aac::describe_latm(stream, bytes),
            "pcm_bluray" => pcm::describe_bluray(stream, bytes),
            "pcm_dvd" => pcm::describe_dvd(stream, bytes),
            _ => Some(()),
        },
        _ => Some(()),
    }
    .is_some()
}

/// Whether the first frame of a stream in Matroska or MP4 tells something that its description left open.
pub(crate) fn wants_first_frame(stream: &Stream) -> bool {
    match stream.codec {
        // Fields may be coded: whether they are, every frame says for itself.
        Codec::H264 => stream.interlaced.is_none() && stream.level.is_some(),
        Codec::Hevc | Codec::Av1 => {
            let is_vision = matches!(stream.hdr, Some(Hdr::DolbyVision { .. }));
            let is_wide = stream.color.primaries.as_deref() == Some("bt2020");
            (is_vision || is_wide) && !stream.has_hdr10_plus
        }
        Codec::Vp9
        | Codec::Mpeg2Video
        | Codec::Mjpeg
        | Codec::Ac3
        | Codec::Eac3
        | Codec::Dts
        | Codec::TrueHd => stream.profile.is_none(),
        _ => false,
    }
}

/// Takes from the first bytes of the first frame what they say of the stream. `config` is its description.
pub(crate) fn describe_first_frame(stream: &mut Stream, config: &[u8], frame: &[u8]) {
    // Readers give up where the bytes end; what they found by then stays.
    let _ = match stream.codec {
        Codec::H264 => avc::describe_frame(stream, config, frame),
        Codec::Hevc => hevc::describe_frame(stream, hevc::framing(config), frame),
        Codec::Av1 => av1::describe_frame(stream, frame),
        Codec::Vp9 => vp9::describe_frame(stream, frame),
        Codec::Mpeg2Video => mpeg2::describe(stream, frame),
        Codec::Mjpeg => mjpeg::describe(stream, frame),
        Codec::Ac3 | Codec::Eac3 => ac3::describe_frames(stream, frame),
        Codec::Dts => dts::describe(stream, frame),
        Codec::TrueHd => truehd::describe(stream, frame),
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
