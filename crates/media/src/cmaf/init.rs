//! The initialization segment: one track, its sample description, no samples.

use super::TRACK_ID;
use super::boxes::Writer;
use crate::samples::{SampleConfig, Track, Vision, code_points};
use crate::stream::{Codec, Stream, StreamKind};

/// 16.16 fixed point.
const ONE: u32 = 0x1_0000;
/// The last row of a matrix is 2.30.
const ROW_ONE: u32 = 0x4000_0000;
/// "Undetermined", five bits a letter: languages are told by the playlist.
const UNDETERMINED: u16 = 0x55c4;

/// What a decoder needs before the first media segment of a track; `None` for tracks that are not copied.
pub fn init_segment(track: &Track) -> Option<Vec<u8>> {
    let config = track.config.as_ref()?;
    Some(init(&track.stream, track.timescale, |out| {
        out.number(0);
        out.number(1);
        out.nest(config.entry, |out| {
            out.zeros(6);
            out.short(1);
            if track.stream.kind == StreamKind::Video {
                visual_entry(out, &track.stream, config);
            } else {
                audio_entry(out, &track.stream, config);
            }
        });
    }))
}

/// The same around a sample description as a file has it.
pub(crate) fn init_as_described(track: &Track, described: &[u8]) -> Vec<u8> {
    init(&track.stream, track.timescale, |out| out.bytes(described))
}

fn init(stream: &Stream, timescale: u32, describe: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::default();
    out.nest(*b"ftyp", |out| {
        out.bytes(b"iso6");
        out.number(0);
        out.bytes(b"iso6cmfcmp41");
    });
    out.nest(*b"moov", |out| {
        out.nest(*b"mvhd", |out| {
            out.zeros(12);
            out.number(1000);
            out.number(0);
            out.number(ONE);
            out.short(0x100);
            out.zeros(10);
            matrix(out, None);
            out.zeros(24);
            out.number(TRACK_ID + 1);
        });
        out.nest(*b"trak", |out| write_track(out, stream, timescale, describe));
        out.nest(*b"mvex", |out| {
            out.nest(*b"trex", |out| {
                out.number(0);
                out.number(TRACK_ID);
                out.number(1);
                out.zeros(12);
            });
        });
    });
    out.into_bytes()
}

fn write_track(
    out: &mut Writer,
    stream: &Stream,
    timescale: u32,
    describe: impl FnOnce(&mut Writer),
) {
    let is_video = stream.kind == StreamKind::Video;
    out.nest(*b"tkhd", |out| {
        // Enabled, in the movie.
        out.number(3);
        out.zeros(8);
        out.number(TRACK_ID);
        out.zeros(20);
        out.short(if is_video { 0 } else { 0x100 });
        out.short(0);
        matrix(out, stream.rotation.filter(|_| is_video));
        let (width, height) = shown_size(stream);
        out.number(width << 16);
        out.number(height << 16);
    });
    out.nest(*b"mdia", |out| {
        out.nest(*b"mdhd", |out| {
            out.zeros(12);
            out.number(timescale);
            out.number(0);
            out.short(UNDETERMINED);
            out.short(0);
        });
        out.nest(*b"hdlr", |out| {
            out.zeros(8);
            out.bytes(if is_video { b"vide" } else { b"soun" });
            out.zeros(13);
        });
        out.nest(*b"minf", |out| {
            if is_video {
                out.nest(*b"vmhd", |out| {
                    out.number(1);
                    out.zeros(8);
                });
            } else {
                out.nest(*b"smhd", |out| out.zeros(8));
            }
            out.nest(*b"dinf", |out| {
                out.nest(*b"dref", |out| {
                    out.number(0);
                    out.number(1);
                    out.nest(*b"url ", |out| out.number(1));
                });
            });
            out.nest(*b"stbl", |out| {
                out.nest(*b"stsd", describe);
                out.nest(*b"stts", |out| out.zeros(8));
                out.nest(*b"stsc", |out| out.zeros(8));
                out.nest(*b"stsz", |out| out.zeros(12));
                out.nest(*b"stco", |out| out.zeros(8));
            });
        });
    });
}

/// By how much a player turns the picture, clockwise.
fn matrix(out: &mut Writer, rotation: Option<u16>) {
    let minus = ONE.wrapping_neg();
    let [a, b, c, d] = match rotation {
        Some(90) => [0, ONE, minus, 0],
        Some(180) => [minus, 0, 0, minus],
        Some(270) => [0, minus, ONE, 0],
        _ => [ONE, 0, 0, ONE],
    };
    for value in [a, b, 0, c, d, 0, 0, 0, ROW_ONE] {
        out.number(value);
    }
}

/// Width and height as shown, with square pixels.
fn shown_size(stream: &Stream) -> (u32, u32) {
    let (width, height) = (stream.width.unwrap_or(0), stream.height.unwrap_or(0));
    let shown = stream.sample_aspect.map_or(u64::from(width), |it| {
        u64::from(width) * u64::from(it.num) / u64::from(it.den.max(1))
    });
    (u32::from(u16::try_from(shown).unwrap_or(u16::MAX)), u32::from(clip(height)))
}

fn clip(value: u32) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

fn visual_entry(out: &mut Writer, stream: &Stream, config: &SampleConfig) {
    out.zeros(16);
    out.short(clip(stream.width.unwrap_or(0)));
    out.short(clip(stream.height.unwrap_or(0)));
    // 72 dots an inch, a number from the time of paper.
    out.number(72 << 16);
    out.number(72 << 16);
    out.zeros(4);
    out.short(1);
    out.zeros(32);
    out.short(24);
    out.short(u16::MAX);
    out.nest(config.box_kind, |out| out.bytes(&config.body));
    if let Some((kind, body)) = Vision::of(stream).map(Vision::config) {
        out.nest(kind, |out| out.bytes(&body));
    }
    let (primaries, transfer, matrix) = code_points(stream);
    if (primaries, transfer, matrix) != (2, 2, 2) {
        out.nest(*b"colr", |out| {
            out.bytes(b"nclx");
            for code in [primaries, transfer, matrix] {
                out.short(code.into());
            }
            out.bytes(&[if stream.color.range.as_deref() == Some("pc") { 0x80 } else { 0 }]);
        });
    }
    if let Some(aspect) = stream.sample_aspect {
        out.nest(*b"pasp", |out| {
            out.number(aspect.num);
            out.number(aspect.den);
        });
    }
}

fn audio_entry(out: &mut Writer, stream: &Stream, config: &SampleConfig) {
    out.zeros(8);
    out.short(stream.channels.unwrap_or(2));
    out.short(stream.bit_depth.filter(|_| stream.codec == Codec::Flac).unwrap_or(16).into());
    out.zeros(4);
    // 16.16: rates beyond are told by the configuration alone.
    let rate = stream.sample_rate.unwrap_or(0);
    out.number(u16::try_from(rate).map_or(0, |it| u32::from(it) << 16));
    if &config.box_kind == b"esds" {
        out.nest(*b"esds", |out| esds(out, stream, &config.body));
    } else {
        out.nest(config.box_kind, |out| out.bytes(&config.body));
    }
}

/// MPEG-4's nested descriptors around the decoder's own bytes.
fn esds(out: &mut Writer, stream: &Stream, specific: &[u8]) {
    /// Object types: AAC of any profile, MPEG-1 audio.
    const AAC: u8 = 0x40;
    const MPEG_1: u8 = 0x6b;
    /// An audio stream, with the bit that is always one.
    const AUDIO_STREAM: u8 = 0x15;
    let object = if stream.codec == Codec::Mp3 { MPEG_1 } else { AAC };
    let mut config = vec![object, AUDIO_STREAM, 0, 0, 0];
    let rate = u32::try_from(stream.bitrate.unwrap_or(0)).unwrap_or(0);
    config.extend(rate.to_be_bytes());
    config.extend(rate.to_be_bytes());
    if !specific.is_empty() {
        descriptor(&mut config, 5, specific);
    }
    let mut es = vec![0, 0, 0];
    descriptor(&mut es, 4, &config);
    descriptor(&mut es, 6, &[2]);
    let mut all = Vec::new();
    descriptor(&mut all, 3, &es);
    out.number(0);
    out.bytes(&all);
}

/// Tag, size in seven-bit groups, body.
fn descriptor(out: &mut Vec<u8>, tag: u8, body: &[u8]) {
    let size = body.len();
    out.push(tag);
    for shift in [21, 14, 7] {
        out.push(0x80 | (size >> shift & 0x7f) as u8);
    }
    out.push((size & 0x7f) as u8);
    out.extend(body);
}
