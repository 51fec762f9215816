//! The list of tracks.

use super::ebml::{Child, Children};
use crate::codec::riff::{of_fourcc, of_wave, pcm};
use crate::codec::{self, color, dolby};
use crate::language::bcp47;
use crate::probe::{MAX_STREAMS, Probe};
use crate::stream::{Codec, Mastering, Rational, Stream, StreamKind};

const TRACK_ENTRY: u32 = 0xae;
const TRACK_NUMBER: u32 = 0xd7;
const TRACK_UID: u32 = 0x73c5;
const TRACK_TYPE: u32 = 0x83;
const FLAG_DEFAULT: u32 = 0x88;
const FLAG_FORCED: u32 = 0x55aa;
const FLAG_HEARING_IMPAIRED: u32 = 0x55ab;
const FLAG_VISUAL_IMPAIRED: u32 = 0x55ac;
const FLAG_ORIGINAL: u32 = 0x55ae;
const FLAG_COMMENTARY: u32 = 0x55af;
const DEFAULT_DURATION: u32 = 0x23_e383;
const NAME: u32 = 0x536e;
const LANGUAGE: u32 = 0x22_b59c;
const LANGUAGE_BCP47: u32 = 0x22_b59d;
const CODEC_ID: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63a2;
const CONTENT_ENCODINGS: u32 = 0x6d80;
const CONTENT_ENCODING: u32 = 0x6240;
const CONTENT_COMPRESSION: u32 = 0x5034;
const COMPRESSION_ALGORITHM: u32 = 0x4254;
const COMPRESSION_SETTINGS: u32 = 0x4255;
/// The algorithm that only leaves out the first bytes, which are the same in every frame.
const HEADER_STRIPPING: u64 = 3;
/// More bytes than this in front of every frame are no header.
const MAX_STRIPPED_BYTES: usize = 64;
const BLOCK_ADDITION_MAPPING: u32 = 0x41e4;
const BLOCK_ADD_ID_TYPE: u32 = 0x41e7;
const BLOCK_ADD_ID_EXTRA: u32 = 0x41ed;
/// The kind of addition that carries messages registered by ITU-T T.35.
const ITU_T_T35: u64 = 4;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;
const DISPLAY_WIDTH: u32 = 0x54b0;
const DISPLAY_HEIGHT: u32 = 0x54ba;
const DISPLAY_UNIT: u32 = 0x54b2;
const FLAG_INTERLACED: u32 = 0x9a;
const FIELD_ORDER: u32 = 0x9d;
const PROJECTION: u32 = 0x7670;
const PROJECTION_ROLL: u32 = 0x7675;
const COLOUR: u32 = 0x55b0;
const MATRIX: u32 = 0x55b1;
const BITS_PER_CHANNEL: u32 = 0x55b2;
const RANGE: u32 = 0x55b9;
const TRANSFER: u32 = 0x55ba;
const PRIMARIES: u32 = 0x55bb;
const MAX_CLL: u32 = 0x55bc;
const MAX_FALL: u32 = 0x55bd;
const MASTERING: u32 = 0x55d0;
/// X and y of red, green, blue and white.
const CHROMATICITIES: [[u32; 2]; 4] =
    [[0x55d1, 0x55d2], [0x55d3, 0x55d4], [0x55d5, 0x55d6], [0x55d7, 0x55d8]];
const LUMINANCE_MAX: u32 = 0x55d9;
const LUMINANCE_MIN: u32 = 0x55da;
const AUDIO: u32 = 0xe1;
const SAMPLING_FREQUENCY: u32 = 0xb5;
const OUTPUT_SAMPLING_FREQUENCY: u32 = 0x78b5;
const CHANNELS: u32 = 0x9f;
const BIT_DEPTH: u32 = 0x6264;

/// What other parts of the file use to name a track.
pub(super) struct Track {
    pub index: u32,
    pub number: u64,
    pub uid: u64,
    /// What stands before the bytes of every frame; `None` when frames are compressed or encrypted, so that their bytes
    /// do not speak for themselves.
    pub frame_prefix: Option<Vec<u8>>,
    /// The description of the codec, kept where the first frame is needed to go with it.
    pub config: Vec<u8>,
}

pub(super) fn read(body: &[u8], probe: &mut Probe) -> Vec<Track> {
    let mut tracks = Vec::new();
    for entry in Children(body).filter(|it| it.id == TRACK_ENTRY) {
        let index = probe.streams.len() as u32;
        if probe.streams.len() >= MAX_STREAMS {
            probe.warn("more tracks than a file can sensibly have");
            break;
        }
        match read_track(index, entry) {
            Some((track, stream)) => {
                tracks.push(track);
                probe.streams.push(stream);
            }
            None => probe.warn("a track without a type or a codec"),
        }
    }
    tracks
}

fn read_track(index: u32, entry: Child<'_>) -> Option<(Track, Stream)> {
    let find = |id: u32| entry.children().find(|it| it.id == id);
    let kind = match find(TRACK_TYPE)?.uint() {
        1 => StreamKind::Video,
        2 => StreamKind::Audio,
        0x11 => StreamKind::Subtitle,
        0x21 => StreamKind::Data,
        _ => return None,
    };
    let codec_id = find(CODEC_ID)?.text();
    let private = find(CODEC_PRIVATE).map(|it| it.body).unwrap_or_default();
    let mut stream = Stream::new(index, kind, codec_of(&codec_id, private));
    let mut track =
        Track { index, number: 0, uid: 0, frame_prefix: Some(Vec::new()), config: Vec::new() };
    // The format's own defaults, for elements that are left out.
    stream.flags.default = true;
    let mut language = Some("eng".to_owned());
    let mut has_bcp47 = false;
    for child in entry.children() {
        match child.id {
            TRACK_NUMBER => track.number = child.uint(),
            TRACK_UID => track.uid = child.uint(),
            CONTENT_ENCODINGS => track.frame_prefix = stripped_header(child),
            FLAG_DEFAULT => stream.flags.default = child.uint() != 0,
            FLAG_FORCED => stream.flags.forced = child.uint() != 0,
            FLAG_HEARING_IMPAIRED => stream.flags.hearing_impaired = child.uint() != 0,
            FLAG_VISUAL_IMPAIRED => stream.flags.visual_impaired = child.uint() != 0,
            FLAG_ORIGINAL => stream.flags.original = child.uint() != 0,
            FLAG_COMMENTARY => stream.flags.commentary = child.uint() != 0,
            DEFAULT_DURATION if kind == StreamKind::Video => {
                stream.frame_rate = frame_rate(child.uint(), EXACT);
            }
            NAME => stream.title = Some(child.text()).filter(|it| !it.is_empty()),
            LANGUAGE if !has_bcp47 => language = Some(child.text()),
            LANGUAGE_BCP47 => (language, has_bcp47) = (Some(child.text()), true),
            _ => {}
        }
    }
    stream.language = language.as_deref().and_then(bcp47);
    // The container's word on pictures and sound first; the codec's configuration fills and refines.
    for child in entry.children() {
        match child.id {
            VIDEO if kind == StreamKind::Video => read_video(child, &mut stream),
            AUDIO if kind == StreamKind::Audio => read_audio(child, &mut stream),
            _ => {}
        }
    }
    let entry_name = if stream.codec == Codec::Hevc { "hvc1" } else { "avc1" };
    // Microsoft's description of a picture stands before that of the codec.
    let config =
        if codec_id == "V_MS/VFW/FOURCC" { private.get(40..).unwrap_or_default() } else { private };
    codec::describe(&mut stream, entry_name, config);
    codec::name_simple(&mut stream);
    for mapping in entry.children().filter(|it| it.id == BLOCK_ADDITION_MAPPING) {
        read_block_addition(mapping, &mut stream);
    }
    if matches!(stream.codec, Codec::H264 | Codec::Hevc) && codec::wants_first_frame(&stream) {
        config.clone_into(&mut track.config);
    }
    Some((track, stream))
}

/// The bytes that every frame had before they were left out.
fn stripped_header(encodings: Child<'_>) -> Option<Vec<u8>> {
    let mut encodings = encodings.children().filter(|it| it.id == CONTENT_ENCODING);
    let (only, None) = (encodings.next()?, encodings.next()) else { return None };
    let compression = only.children().find(|it| it.id == CONTENT_COMPRESSION)?;
    let find = |id: u32| compression.children().find(|it| it.id == id);
    let is_stripping = find(COMPRESSION_ALGORITHM).map(Child::uint) == Some(HEADER_STRIPPING);
    let settings = find(COMPRESSION_SETTINGS).map_or(&[][..], |it| it.body);
    (is_stripping && settings.len() <= MAX_STRIPPED_BYTES).then(|| settings.to_vec())
}

fn read_video(video: Child<'_>, stream: &mut Stream) {
    let (mut display_width, mut display_height, mut display_unit) = (None, None, 0);
    for child in video.children() {
        match child.id {
            PIXEL_WIDTH => stream.width = u32::try_from(child.uint()).ok().filter(|it| *it > 0),
            PIXEL_HEIGHT => stream.height = u32::try_from(child.uint()).ok().filter(|it| *it > 0),
            DISPLAY_WIDTH => display_width = Some(child.uint()),
            DISPLAY_HEIGHT => display_height = Some(child.uint()),
            DISPLAY_UNIT => display_unit = child.uint(),
            FLAG_INTERLACED => {
                stream.interlaced = match child.uint() {
                    1 => Some(true),
                    2 => Some(false),
                    _ => None,
                }
            }
            FIELD_ORDER if stream.interlaced != Some(false) => {
                (stream.interlaced, stream.top_field_first) = match child.uint() {
                    0 => (Some(false), None),
                    1 | 9 => (Some(true), Some(true)),
                    6 | 14 => (Some(true), Some(false)),
                    _ => (stream.interlaced, None),
                };
            }
            COLOUR => read_colour(child, stream),
            PROJECTION => {
                let roll =
                    child.children().find(|it| it.id == PROJECTION_ROLL).map_or(0.0, Child::float);
                // The element counts against the clock; turning it upright goes with it.
                let clockwise = (-roll).rem_euclid(360.0).round() as u16;
                stream.rotation = Some(clockwise).filter(|it| matches!(it, 90 | 180 | 270));
            }
            _ => {}
        }
    }
    // Unit 3 states the aspect itself, 0 to 2 state lengths: the ratio is the same. 4 says unknown.
    if let (Some(wide), Some(high), Some(width), Some(height)) =
        (display_width, display_height, stream.width, stream.height)
        && display_unit < 4
    {
        let num = wide.checked_mul(height.into());
        let den = high.checked_mul(width.into());
        stream.sample_aspect = num.zip(den).and_then(|(num, den)| Rational::new(num, den));
    }
}

fn read_colour(colour: Child<'_>, stream: &mut Stream) {
    let number = |id: u32| colour.children().find(|it| it.id == id).map(|it| it.uint() as u32);
    let range = match number(RANGE) {
        Some(1) => Some(false),
        Some(2) => Some(true),
        _ => None,
    };
    let unspecified = 2;
    stream.color = color::from_code_points(
        number(PRIMARIES).unwrap_or(unspecified),
        number(TRANSFER).unwrap_or(unspecified),
        number(MATRIX).unwrap_or(unspecified),
        range,
    );
    stream.bit_depth = number(BITS_PER_CHANNEL)
        .and_then(|it| u8::try_from(it).ok())
        .filter(|it| (8..=16).contains(it));
    let level = |id: u32| number(id).and_then(|it| u16::try_from(it).ok()).filter(|it| *it > 0);
    let (max_cll, max_fall) = (level(MAX_CLL), level(MAX_FALL));
    let display = colour.children().find(|it| it.id == MASTERING);
    if max_cll.is_none() && max_fall.is_none() && display.is_none() {
        return;
    }
    let scaled = |id: u32, units: f64| {
        let value = display?.children().find(|it| it.id == id)?.float() * units;
        (value.is_finite() && value >= 0.0 && value <= f64::from(u32::MAX))
            .then(|| value.round() as u32)
    };
    let coordinate = |id: u32| scaled(id, 50_000.0).and_then(|it| u16::try_from(it).ok());
    let points = CHROMATICITIES.map(|[x, y]| Some([coordinate(x)?, coordinate(y)?]));
    stream.mastering = Some(Mastering {
        chromaticities: match points {
            [Some(red), Some(green), Some(blue), Some(white)] => Some([red, green, blue, white]),
            _ => None,
        },
        max_luminance: scaled(LUMINANCE_MAX, 10_000.0),
        min_luminance: scaled(LUMINANCE_MIN, 10_000.0),
        max_cll,
        max_fall,
    });
}

fn read_audio(audio: Child<'_>, stream: &mut Stream) {
    let (mut rate, mut output_rate) = (8000.0, None);
    stream.channels = Some(1);
    for child in audio.children() {
        match child.id {
            SAMPLING_FREQUENCY => rate = child.float(),
            OUTPUT_SAMPLING_FREQUENCY => output_rate = Some(child.float()),
            CHANNELS => stream.channels = u16::try_from(child.uint()).ok(),
            BIT_DEPTH
                if stream.codec.is_pcm()
                    || matches!(stream.codec, Codec::Flac | Codec::Alac | Codec::TrueHd) =>
            {
                stream.bit_depth = u8::try_from(child.uint()).ok().filter(|it| *it > 0);
            }
            _ => {}
        }
    }
    let rate = output_rate.unwrap_or(rate);
    stream.sample_rate = (rate >= 1.0 && rate <= f64::from(u32::MAX)).then(|| rate.round() as u32);
    if stream.codec.is_pcm() {
        let bits = u32::from(stream.bit_depth.unwrap_or(16));
        stream.codec = pcm(&stream.codec, bits);
    }
}

fn read_block_addition(mapping: Child<'_>, stream: &mut Stream) {
    let find = |id: u32| mapping.children().find(|it| it.id == id);
    let Some(kind) = find(BLOCK_ADD_ID_TYPE).map(Child::uint) else { return };
    if kind == ITU_T_T35 {
        // Of the messages of this kind, films carry HDR10+ and nothing else.
        stream.has_hdr10_plus = stream.color.transfer.as_deref() == Some("smpte2084");
        return;
    }
    let Some(extra) = find(BLOCK_ADD_ID_EXTRA) else { return };
    let kind = (kind as u32).to_be_bytes();
    if matches!(&kind, b"dvcC" | b"dvvC" | b"dvwC") {
        // Nothing to add when the bytes are too short to be a configuration.
        let _ = dolby::describe_vision(stream, extra.body);
    }
}

/// What rounding a frame's duration to whole nanoseconds (or to a millisecond's digits, by some writers) explains.
const EXACT: f64 = 2e-6;

/// Frames per second from the nanoseconds of one frame, snapped to a rate that exists when one is as near as rounding
/// explains.
pub(super) fn frame_rate(duration_ns: u64, tolerance: f64) -> Option<Rational> {
    if duration_ns == 0 {
        return None;
    }
    let rate = 1e9 / duration_ns as f64;
    let nearest = |base: f64| (rate * base / 1000.0).round();
    for (base, den) in [(1000.0, 1), (1001.0, 1001)] {
        let whole = nearest(base);
        let exact = whole * 1000.0 / base;
        if whole > 0.0 && (rate - exact).abs() / exact < tolerance {
            return if den == 1 {
                Rational::new(whole as u64, 1)
            } else {
                Rational::new(whole as u64 * 1000, 1001)
            };
        }
    }
    Rational::new((rate * 1000.0).round() as u64, 1000)
}

/// Matroska's codec names.
const CODECS: [(&str, Codec); 36] = [
    ("V_MPEG4/ISO/AVC", Codec::H264),
    ("V_MPEGH/ISO/HEVC", Codec::Hevc),
    ("V_AV1", Codec::Av1),
    ("V_VP9", Codec::Vp9),
    ("V_VP8", Codec::Vp8),
    ("V_MPEG4/ISO/SP", Codec::Mpeg4),
    ("V_MPEG4/ISO/ASP", Codec::Mpeg4),
    ("V_MPEG4/ISO/AP", Codec::Mpeg4),
    ("V_MPEG2", Codec::Mpeg2Video),
    ("V_MPEG1", Codec::Mpeg1Video),
    ("V_THEORA", Codec::Theora),
    ("V_PRORES", Codec::ProRes),
    ("V_MJPEG", Codec::Mjpeg),
    ("A_AC3", Codec::Ac3),
    ("A_EAC3", Codec::Eac3),
    ("A_DTS", Codec::Dts),
    ("A_DTS/EXPRESS", Codec::Dts),
    ("A_DTS/LOSSLESS", Codec::Dts),
    ("A_TRUEHD", Codec::TrueHd),
    ("A_OPUS", Codec::Opus),
    ("A_VORBIS", Codec::Vorbis),
    ("A_FLAC", Codec::Flac),
    ("A_ALAC", Codec::Alac),
    ("A_MPEG/L3", Codec::Mp3),
    ("A_MPEG/L2", Codec::Mp2),
    ("A_PCM/INT/LIT", Codec::PcmS16le),
    ("A_PCM/INT/BIG", Codec::PcmS16be),
    ("A_PCM/FLOAT/IEEE", Codec::PcmF32le),
    ("S_TEXT/UTF8", Codec::Subrip),
    ("S_TEXT/ASS", Codec::Ass),
    ("S_TEXT/SSA", Codec::Ass),
    ("S_TEXT/WEBVTT", Codec::Webvtt),
    ("D_WEBVTT/SUBTITLES", Codec::Webvtt),
    ("S_HDMV/PGS", Codec::HdmvPgs),
    ("S_VOBSUB", Codec::DvdSubtitle),
    ("S_DVBSUB", Codec::DvbSubtitle),
];

fn codec_of(id: &str, private: &[u8]) -> Codec {
    if let Some((_, codec)) = CODECS.iter().find(|(name, _)| *name == id) {
        return codec.clone();
    }
    match id {
        _ if id.starts_with("A_AAC") => Codec::Aac,
        "S_ASS" | "S_SSA" => Codec::Ass,
        "S_HDMV/TEXTST" => Codec::Other("hdmv_text_subtitle".to_owned()),
        // A BITMAPINFOHEADER has the four-letter code at byte 16.
        "V_MS/VFW/FOURCC" => of_fourcc(private.get(16..20).unwrap_or_default()),
        "A_MS/ACM" => of_wave(private),
        _ => Codec::Other(id.rsplit_once('_').map_or(id, |it| it.1).to_ascii_lowercase()),
    }
}
