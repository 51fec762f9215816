//! How a stream is decoded: by its configuration, or as Windows describes it.

use super::scan::Found;
use super::way::Way;
use crate::samples::config::{self, Configured};
use crate::samples::frames::Framing;
use crate::samples::matroska::video_grid;
use crate::samples::{Track, entry};
use crate::stream::{Codec, Stream, StreamKind};

/// The track, how frames of its sound are told apart, its description as Matroska has it, and why it is not copied, if so.
pub(super) type Described = (Track, Framing, Vec<u8>, Option<String>);

/// Bytes of a WAVEFORMATEX before what the codec wants to know.
const WAVE_HEADER_BYTES: usize = 18;

/// A sample description of QuickTime that has a name and nothing else.
const NELLYMOSER: [u8; 36] =
    *b"\0\0\0\x24nmos\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

pub(super) fn describe(way: &Way, stream: &Stream, found: &Found) -> Result<Described, String> {
    let format = way.format(found.number);
    if format.is_some_and(|it| it.is_encrypted) {
        return Err("the track is encrypted".to_owned());
    }
    let format = format.map(|it| it.format.as_slice());
    if stream.kind == StreamKind::Video {
        picture(stream, found, format)
    } else {
        sound(stream, found, format)
    }
}

fn picture(stream: &Stream, found: &Found, format: Option<&[u8]>) -> Result<Described, String> {
    let (timescale, frame_ticks) = video_grid(stream.frame_rate);
    let mut copied = stream.clone();
    // What stands in packets of ASF is not put together as segments want it.
    let configured = match format {
        None => config::of_matroska(&mut copied, &found.configuration, &found.head),
        Some(_) => Err(format!("{} is not copied out of ASF files", stream.codec)),
    };
    let (codec_id, private) = match (format, entry::codec_id(&stream.codec)) {
        (Some(format), _) => (entry::FOURCC, format.to_vec()),
        (None, Some(id)) => (id, found.configuration.clone()),
        (None, None) => match fourcc(&stream.codec) {
            Some(fourcc) => {
                (entry::FOURCC, entry::bitmap_info(stream, fourcc, &found.configuration))
            }
            None => return Err(format!("{} is not read from Flash videos", stream.codec)),
        },
    };
    let (config, against) = match configured {
        Ok(Configured { config, .. }) => (Some(config), None),
        Err(reason) => (None, Some(reason)),
    };
    let written = entry::write(stream, codec_id, &private);
    let stream = if config.is_some() { copied } else { stream.clone() };
    let track = Track {
        stream,
        timescale,
        config,
        frame_ticks,
        reorder_ticks: 0,
        end_ns: None,
        stripped: Vec::new(),
    };
    Ok((track, Framing::Whole, written, against))
}

/// The four letters of codecs that only Flash videos have.
fn fourcc(codec: &Codec) -> Option<[u8; 4]> {
    Some(match codec.as_str() {
        "flv1" => *b"FLV1",
        "vp6f" => *b"VP6F",
        "vp6a" => *b"VP6A",
        "flashsv" => *b"FSV1",
        "flashsv2" => *b"FSV2",
        _ => return None,
    })
}

fn sound(stream: &Stream, found: &Found, format: Option<&[u8]>) -> Result<Described, String> {
    let framing = match stream.codec {
        // More than one may be in a tag or a packet.
        Codec::Mp2 | Codec::Mp3 => Framing::Mpeg,
        Codec::Ac3 | Codec::Eac3 => Framing::Dolby,
        _ => Framing::Whole,
    };
    let private = match (format, &stream.codec) {
        (None, _) => found.configuration.as_slice(),
        (Some(format), Codec::Aac) => format.get(WAVE_HEADER_BYTES..).unwrap_or_default(),
        (Some(_), _) => &[],
    };
    if stream.codec == Codec::Aac && private.len() < 2 {
        return Err("the AAC track does not say how to decode it".to_owned());
    }
    let (mut track, against) = config::sound_track(stream, private, &found.head)?;
    let written = match (entry::codec_id(&stream.codec), format) {
        (Some(id), _) => entry::write(stream, id, private),
        (None, Some(format)) => entry::write(stream, entry::WAVE, format),
        (None, None) if stream.codec.as_str() == "nellymoser" => {
            entry::write(stream, entry::QUICKTIME, &NELLYMOSER)
        }
        (None, None) => match wave(stream) {
            Some(wave) => entry::write(stream, entry::WAVE, &wave),
            None => return Err(format!("{} is not read from Flash videos", stream.codec)),
        },
    };
    if framing == Framing::Whole && stream.codec != Codec::Aac {
        // Pieces are as long as they happen to be.
        track.frame_ticks = 0;
    }
    Ok((track, framing, written, against))
}

/// A `WAVEFORMATEX` of sound that only Flash videos have without one.
fn wave(stream: &Stream) -> Option<Vec<u8>> {
    let (number, bits): (u16, u16) = match stream.codec.as_str() {
        "pcm_u8" => (1, 8),
        "pcm_s16le" => (1, 16),
        "pcm_alaw" => (6, 8),
        "pcm_mulaw" => (7, 8),
        "speex" => (0xa109, 16),
        "adpcm_swf" => (u16::from_be_bytes(*b"SF"), 4),
        _ => return None,
    };
    let (rate, channels) = (stream.sample_rate?, stream.channels?);
    let block = (channels * bits / 8).max(1);
    let mut out = number.to_le_bytes().to_vec();
    out.extend(channels.to_le_bytes());
    out.extend(rate.to_le_bytes());
    out.extend((rate * u32::from(block)).to_le_bytes());
    out.extend(block.to_le_bytes());
    out.extend(bits.to_le_bytes());
    out.extend([0; 2]);
    Some(out)
}
