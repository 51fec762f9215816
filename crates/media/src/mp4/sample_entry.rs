//! Sample descriptions (`stsd`): codec and its parameters.

use super::boxes::{Boxes, name, u16_at, u32_at};
use crate::codec::{self, aac, color, dolby, sei, vp9, xiph};
use crate::stream::{Codec, Rational, Stream, StreamKind};

/// Where the boxes of a visual sample entry begin.
const VISUAL_BOXES_AT: usize = 78;

/// Fills the stream from the first entry of an `stsd` body and gives the record of its codec, if it has one of those
/// that describe frames too. What is missing stays unknown.
pub(super) fn describe<'a>(stream: &mut Stream, body: &'a [u8]) -> Option<&'a [u8]> {
    let (kind, entry) = body.get(8..).and_then(|it| Boxes(it).next())?;
    let boxes = match stream.kind {
        StreamKind::Video => entry.get(VISUAL_BOXES_AT..).unwrap_or_default(),
        StreamKind::Audio => describe_audio_head(stream, entry),
        _ => entry.get(8..).unwrap_or_default(),
    };
    // An encrypted entry keeps its true name in `sinf`.
    let kind = Boxes(boxes)
        .find(*b"sinf")
        .and_then(|it| Boxes(it).find(*b"frma"))
        .and_then(|it| it.first_chunk().copied())
        .unwrap_or(kind);
    if stream.kind == StreamKind::Video {
        stream.width = u16_at(entry, 24).map(u32::from).filter(|it| *it > 0);
        stream.height = u16_at(entry, 26).map(u32::from).filter(|it| *it > 0);
    }
    stream.codec = codec_of(kind, stream);
    if stream.codec == Codec::MovText {
        // Text samples say with two flags that some or all of them are forced; only all makes a forced stream.
        stream.flags.forced = u32_at(boxes, 0).is_some_and(|it| it & 0xc000_0000 == 0xc000_0000);
    } else {
        describe_boxes(stream, kind, boxes);
    }
    codec::name_simple(stream);
    if let Some(vision) =
        [*b"dvcC", *b"dvvC", *b"dvwC"].into_iter().find_map(|it| Boxes(boxes).find(it))
    {
        // Too short a box describes nothing.
        let _ = dolby::describe_vision(stream, vision);
    }
    Boxes(boxes).find(*b"avcC").or_else(|| Boxes(boxes).find(*b"hvcC"))
}

/// Reads the fixed part of an audio entry, of which QuickTime has three lengths, and gives the boxes behind it.
fn describe_audio_head<'a>(stream: &mut Stream, entry: &'a [u8]) -> &'a [u8] {
    stream.channels = u16_at(entry, 16).filter(|it| *it > 0);
    stream.bit_depth = u16_at(entry, 18).and_then(|it| u8::try_from(it).ok());
    stream.sample_rate = u16_at(entry, 24).map(u32::from).filter(|it| *it > 0);
    let boxes_at = match u16_at(entry, 8) {
        Some(1) => 44,
        Some(2) => {
            let rate = entry
                .get(32..40)
                .and_then(|it| it.first_chunk())
                .map_or(0.0, |it| f64::from_be_bytes(*it));
            stream.sample_rate =
                (rate >= 1.0 && rate <= f64::from(u32::MAX)).then_some(rate as u32);
            stream.channels = u32_at(entry, 40).and_then(|it| u16::try_from(it).ok());
            stream.bit_depth =
                u32_at(entry, 48).and_then(|it| u8::try_from(it).ok()).filter(|it| *it > 0);
            64
        }
        _ => 28,
    };
    entry.get(boxes_at..).unwrap_or_default()
}

fn describe_boxes(stream: &mut Stream, kind: [u8; 4], boxes: &[u8]) {
    let entry_name = name(kind);
    let is_lossless = stream.codec.is_pcm() || matches!(stream.codec, Codec::Alac | Codec::Flac);
    stream.bit_depth = stream.bit_depth.filter(|_| stream.kind == StreamKind::Audio && is_lossless);
    // The container's word on colour and shape comes before what the codec's own headers say.
    for (kind, body) in Boxes(boxes) {
        match &kind {
            b"colr" => describe_color(stream, body),
            b"pasp" => {
                stream.sample_aspect = u32_at(body, 0)
                    .zip(u32_at(body, 4))
                    .and_then(|(num, den)| Rational::new(num.into(), den.into()));
            }
            b"btrt" => stream.bitrate = u32_at(body, 8).map(i64::from).filter(|it| *it > 0),
            b"fiel" => read_fields(stream, body),
            _ => {}
        }
    }
    if matches!(stream.codec, Codec::ProRes | Codec::Vp8) {
        codec::describe(stream, &entry_name, &[]);
    }
    for (kind, body) in Boxes(boxes) {
        // A reader gives up where the bytes end; what it found by then stays.
        let _ = match &kind {
            b"avcC" | b"hvcC" | b"av1C" => {
                codec::describe(stream, &entry_name, body);
                Some(())
            }
            b"vpcC" if stream.codec == Codec::Vp9 => vp9::describe_vpcc(stream, body),
            b"esds" => describe_esds(stream, body),
            // QuickTime wraps the description of sound once more.
            b"wave" => {
                // The names of its PCM formats mean big endian unless this says otherwise.
                if Boxes(body).find(*b"enda").is_some_and(|it| it.starts_with(&[0, 1])) {
                    stream.codec = match stream.codec {
                        Codec::PcmS24be => Codec::PcmS24le,
                        _ => stream.codec.clone(),
                    };
                }
                Boxes(body).find(*b"esds").and_then(|it| describe_esds(stream, it))
            }
            b"mdcv" => sei::describe_mastering(stream, body),
            b"clli" => sei::describe_light_level(stream, body),
            b"dac3" => dolby::describe_dac3(stream, body),
            b"dec3" => dolby::describe_dec3(stream, body),
            b"dOps" => body.get(1).and_then(|it| xiph::describe_opus(stream, *it)),
            b"dfLa" => body.get(4..).and_then(|it| xiph::describe_flac(stream, it)),
            b"alac" => body.get(9).map(|it| stream.bit_depth = Some(*it)),
            b"pcmC" => body.get(5).map(|it| stream.bit_depth = Some(*it)),
            _ => None,
        };
    }
}

/// The number of fields, and how two of them are stored and shown.
fn read_fields(stream: &mut Stream, body: &[u8]) {
    (stream.interlaced, stream.top_field_first) = match *body {
        [1, ..] => (Some(false), None),
        [2, 1 | 14, ..] => (Some(true), Some(true)),
        [2, 6 | 9, ..] => (Some(true), Some(false)),
        [2, ..] => (Some(true), None),
        _ => return,
    };
}

fn describe_color(stream: &mut Stream, body: &[u8]) {
    let (Some(kind), Some(primaries), Some(transfer), Some(matrix)) =
        (body.get(..4), u16_at(body, 4), u16_at(body, 6), u16_at(body, 8))
    else {
        return;
    };
    let full_range = match kind {
        b"nclx" => body.get(10).map(|it| it & 0x80 != 0),
        b"nclc" => None,
        _ => return,
    };
    stream.color =
        color::from_code_points(primaries.into(), transfer.into(), matrix.into(), full_range);
}

/// MPEG-4's nested descriptors: elementary stream (3), decoder configuration (4), decoder specific bytes (5).
fn describe_esds(stream: &mut Stream, body: &[u8]) -> Option<()> {
    let es = descriptor(body.get(4..)?, 3)?;
    let flags = *es.get(2)?;
    let mut at = 3;
    if flags & 0x80 != 0 {
        at += 2;
    }
    if flags & 0x40 != 0 {
        at += 1 + usize::from(*es.get(at)?);
    }
    if flags & 0x20 != 0 {
        at += 2;
    }
    let config = descriptor(es.get(at..)?, 4)?;
    let object_type = *config.first()?;
    let average = i64::from(u32_at(config, 9)?);
    stream.bitrate = stream.bitrate.or((average > 0).then_some(average));
    let specific = descriptor(config.get(13..)?, 5);
    stream.codec = match object_type {
        0x20 => Codec::Mpeg4,
        0x40 | 0x66..=0x68 => Codec::Aac,
        0x60..=0x65 => Codec::Mpeg2Video,
        0x69 | 0x6b => Codec::Mp3,
        0x6a => Codec::Mpeg1Video,
        0x6c => Codec::Mjpeg,
        0xa5 => Codec::Ac3,
        0xa6 => Codec::Eac3,
        0xa9 => Codec::Dts,
        0xad => Codec::Opus,
        0xdd => Codec::Vorbis,
        0xe0 => Codec::DvdSubtitle,
        other => Codec::Other(format!("mpeg4_object_{other:#04x}")),
    };
    match (&stream.codec, specific) {
        (Codec::Aac, Some(specific)) => aac::describe(stream, specific)?,
        (Codec::Mpeg4, Some(specific)) => codec::describe(stream, "mp4v", specific),
        _ => {}
    }
    if stream.codec_string.is_none() && stream.kind != StreamKind::Subtitle {
        let entry = if stream.kind == StreamKind::Video { "mp4v" } else { "mp4a" };
        stream.codec_string = Some(format!("{entry}.{object_type:02X}"));
    }
    Some(())
}

/// The body of a descriptor if it has the tag; its size takes up to four bytes of seven bits.
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&[tag])?;
    let n_size = rest.iter().take(4).position(|it| it & 0x80 == 0)? + 1;
    let size = rest[..n_size].iter().fold(0_usize, |sum, it| sum << 7 | usize::from(it & 0x7f));
    let body = &rest[n_size..];
    Some(&body[..size.min(body.len())])
}

fn codec_of(kind: [u8; 4], stream: &Stream) -> Codec {
    match &kind {
        b"avc1" | b"avc3" | b"dva1" | b"dvav" => Codec::H264,
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => Codec::Hevc,
        b"av01" | b"dav1" => Codec::Av1,
        b"vp09" => Codec::Vp9,
        b"vp08" => Codec::Vp8,
        b"mp4v" => Codec::Mpeg4,
        b"vc-1" => Codec::Vc1,
        b"jpeg" | b"mjpa" | b"mjpb" => Codec::Mjpeg,
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => Codec::ProRes,
        b"mp4a" => Codec::Aac,
        b"ac-3" => Codec::Ac3,
        b"ec-3" => Codec::Eac3,
        b"Opus" => Codec::Opus,
        b"fLaC" => Codec::Flac,
        b"alac" => Codec::Alac,
        b".mp3" => Codec::Mp3,
        b"dtsc" | b"dtsh" | b"dtsl" | b"dtse" | b"dtsx" => Codec::Dts,
        b"mlpa" => Codec::TrueHd,
        b"sowt" | b"ipcm" if stream.bit_depth == Some(24) => Codec::PcmS24le,
        b"sowt" | b"ipcm" | b"lpcm" => Codec::PcmS16le,
        b"twos" => Codec::PcmS16be,
        b"in24" => Codec::PcmS24be,
        b"fl32" | b"fpcm" => Codec::PcmF32le,
        b"raw " if stream.kind == StreamKind::Audio => Codec::PcmU8,
        b"tx3g" | b"text" if stream.kind == StreamKind::Subtitle => Codec::MovText,
        b"wvtt" => Codec::Webvtt,
        b"stpp" => Codec::Other("ttml".to_owned()),
        b"c608" => Codec::Other("eia_608".to_owned()),
        b"mp4s" => Codec::DvdSubtitle,
        b"s263" => Codec::Other("h263".to_owned()),
        b"AVdn" | b"AVdh" => Codec::Other("dnxhd".to_owned()),
        other => Codec::Other(name(*other).trim().to_ascii_lowercase()),
    }
}
