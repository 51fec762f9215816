//! Pictures made anew: H.264 that begins each segment with a key frame, shown at the very moments of the source's.

use super::args::ToneMap;
use super::assembly::Assembly;
use super::burn;
use super::burn::Drawn;
use super::feed::{ORIGIN_S, feed_with};
use super::matroska::Beside;
use super::message::Call;
use super::parts::{self, Part};
use super::rendition::{Burnt as Subtitle, Picture, Rung, made_size, upright_size};
use super::{Abilities, Answer, Making, Work, args, is_dolby_vision_alone};
use crate::cmaf::Piece;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, SECOND_NS, Sample, Track};
use crate::stream::{Codec, Color, Hdr, Rational, Stream};
use crate::subtitles::Script;

/// Pictures are further apart than this, and times that were rounded on the way nearer.
pub(super) const SLACK_NS: i64 = 1_000_000;
/// Key frames are asked for where parts begin; where pictures are too uneven for that, one comes after this time.
const KEY_EVERY_S: f64 = 4.0;

/// Sides of a film beyond which effects are not made for it.
const MAX_SIDE: u32 = 16_384;

/// What is painted into a run.
#[derive(Debug)]
enum Burnt {
    /// What is pictures itself.
    Pictures(Drawn),
    /// A script to be drawn.
    Script(Vec<u8>),
}

/// When the pictures of a run are shown, in ticks.
#[derive(Debug)]
pub(super) struct Shown {
    /// Ascending, and never empty.
    pub times: Vec<i64>,
    /// When the next run's first picture is shown, where there is one.
    pub next: Option<i64>,
    pub film_end_ns: i64,
}

pub(super) fn track(source: &Track, picture: Picture) -> Track {
    let (width, height) = made_size(&source.stream, picture.rung);
    let level = level(&source.stream, picture.rung);
    let mut stream = Stream { codec: Codec::H264, ..source.stream.clone() };
    stream.profile = Some("High".to_owned());
    stream.level = Some(level);
    stream.codec_string = Some(format!("avc1.6400{level:02X}"));
    (stream.width, stream.height) = (Some(width), Some(height));
    stream.pixel_format = Some("yuv420p".to_owned());
    stream.bit_depth = Some(8);
    stream.sample_aspect = None;
    stream.rotation = None;
    stream.interlaced = Some(false);
    stream.bitrate = Some(picture.rung.peak_bps() as i64);
    if is_high_range(&source.stream) || is_dolby_vision_alone(&source.stream) {
        let bt709 = || Some("bt709".to_owned());
        stream.color = Color {
            primaries: bt709(),
            transfer: bt709(),
            matrix: bt709(),
            range: Some("tv".to_owned()),
        };
    }
    stream.hdr = None;
    Track {
        stream,
        timescale: source.timescale,
        config: None,
        frame_ticks: source.frame_ticks,
        // Pictures are coded in the order they are shown.
        reorder_ticks: 0,
        end_ns: source.end_ns,
        stripped: Vec::new(),
    }
}

/// Whether there is a range to bring down that a filter understands.
pub(crate) fn is_high_range(stream: &Stream) -> bool {
    match stream.hdr {
        Some(Hdr::Hdr10 | Hdr::Hdr10Plus | Hdr::Hlg) => true,
        Some(Hdr::DolbyVision { compatibility, .. }) => matches!(compatibility, 1 | 4 | 6),
        None => false,
    }
}

/// What brings the range of a stream down, where that is high and something here understands it. What needs no device goes
/// first.
pub(super) fn tone_map(stream: &Stream, abilities: Abilities) -> Option<ToneMap> {
    let is_graphics = abilities.has_libplacebo
        && (is_dolby_vision_alone(stream) || is_high_range(stream) && !abilities.has_zscale);
    if is_graphics {
        return Some(ToneMap::Libplacebo);
    }
    (is_high_range(stream) && abilities.has_zscale).then_some(ToneMap::Zscale)
}

/// The level of H.264 that suffices, as the codec counts.
fn level(source: &Stream, rung: Rung) -> i32 {
    let is_slow = source.frame_rate.is_some_and(|it| it.as_f64() < 30.5);
    match (rung, is_slow) {
        (Rung::P1080, true) => 40,
        (Rung::P1080, false) => 42,
        (Rung::P720, true) | (Rung::P480, false) => 31,
        (Rung::P720, false) => 32,
        (Rung::P480, true) => 30,
    }
}

pub(super) fn work(
    film: &Film,
    bytes: &dyn ReadAt,
    source: &Track,
    made: Track,
    (picture, script): (Picture, Option<&Script>),
    number: usize,
    abilities: Abilities,
) -> Result<Work, FilmError> {
    let samples = samples(film, bytes, source, number)?;
    let parts = parts::of_run(film, &made, number);
    let (_, shown) = &samples;
    let span = (shown.times.first().copied().unwrap_or(0), shown.next);
    let burnt = match (picture.burnt, script) {
        (None, _) => None,
        (Some(_), Some(script)) => {
            let written = script.window(film, bytes, burn::span_ms(film, source, span))?;
            written.map(Burnt::Script)
        }
        (Some(Subtitle::Stream(stream)), None) => {
            burn::of_run(film, bytes, (source, &made), stream, span)?.map(Burnt::Pictures)
        }
        (Some(Subtitle::Beside { .. }), None) => return Err(FilmError::NotThere),
    };
    call(film, (source, made), picture, samples, parts, burnt, abilities)
}

/// The first picture alone.
pub(super) fn beginning(
    film: &Film,
    bytes: &dyn ReadAt,
    source: &Track,
    made: Track,
    picture: Picture,
    abilities: Abilities,
) -> Result<Work, FilmError> {
    let (mut samples, _) = samples(film, bytes, source, 0)?;
    samples.truncate(1);
    let times = samples.iter().map(|it| it.pts).collect();
    let shown = Shown { times, next: None, film_end_ns: film.plan.end_ns };
    let parts = vec![Part { number: 0, run: 0, start_ns: 0, end_ns: film.plan.end_ns }];
    call(film, (source, made), picture, (samples, shown), parts, None, abilities)
}

fn call(
    film: &Film,
    (source, made): (&Track, Track),
    picture: Picture,
    (samples, shown): (Vec<Sample>, Shown),
    parts: Vec<Part>,
    burnt: Option<Burnt>,
    abilities: Abilities,
) -> Result<Work, FilmError> {
    let (beside, place, script) = match burnt {
        Some(Burnt::Pictures(it)) => (Some(it.beside), Some(it.place), None),
        Some(Burnt::Script(it)) => (None, None, Some(it)),
        None => (None, None, None),
    };
    // A subtitle may have come long before the run through which it stays.
    let before = beside.iter().flat_map(|it: &Beside| &it.samples).map(|it| it.pts);
    let zero = samples.iter().map(|it| it.pts).chain(before).min().unwrap_or(0);
    let (span_ns, keys_ns) = call_span(source, &shown.times, shown.next, zero, &parts);
    let mut feed = feed_with(film, source, samples, zero, beside)?;
    let words = words(source, &made, picture, abilities);
    let script = script.map(|it| {
        let call = drawn(source, zero, &it);
        feed.segment.size += it.len() as u64;
        feed.segment.pieces.insert(0, Piece::Made(it));
        call
    });
    let call = args::Picture {
        format: feed.format,
        timescale: feed.timescale,
        span_ns,
        burnt: place,
        script,
        ..words
    };
    let assembly = Assembly::new(made, shown, parts, ORIGIN_S, zero)
        .bringing_beginning(picture.encoder.brings_beginning());
    let making = Making(Answer::Picture(Box::new(assembly)));
    Ok(Work::new(Call::Picture { picture: call, keys_ns }, feed.segment, making))
}

/// How a script is drawn on pictures of which `zero` comes first in the feed.
pub(super) fn drawn(source: &Track, zero: i64, script: &[u8]) -> args::Script {
    let (width, height) = upright_size(&source.stream);
    // FFmpeg cuts times down to milliseconds: so what was rounded on the way is cut down to its own.
    let to_middle_us = 500;
    let shift_us = source.ns(zero).saturating_sub(ORIGIN_S * SECOND_NS) / 1000 + to_middle_us;
    let size = (width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE));
    args::Script { bytes: script.len() as u64, shift_us, size }
}

/// From when to when pictures are kept.
type Span = (i64, Option<i64>);

/// From when to when pictures are kept, and where key frames are asked for beside the first, as the feed's times are.
pub(super) fn call_span(
    source: &Track,
    times: &[i64],
    next: Option<i64>,
    zero: i64,
    parts: &[Part],
) -> (Span, Vec<i64>) {
    let zero_ns = source.ns(zero);
    let origin_ns = ORIGIN_S * SECOND_NS - SLACK_NS;
    let moment_ns = |ns: i64| ns.saturating_sub(zero_ns).saturating_add(origin_ns);
    let moment_of = |ticks: i64| moment_ns(source.ns(ticks));
    let from_ns = times.first().copied().map_or(0, moment_of);
    let keys_ns = parts.iter().skip(1).map(|it| moment_ns(it.start_ns)).collect();
    ((from_ns, next.map(moment_of)), keys_ns)
}

/// What FFmpeg is told of every run of a rendition.
pub(super) fn words(
    source: &Track,
    made: &Track,
    picture: Picture,
    abilities: Abilities,
) -> args::Picture {
    let stream = &source.stream;
    let rate = stream.frame_rate.map_or(25.0, Rational::as_f64);
    args::Picture {
        format: "",
        timescale: 0,
        span_ns: (0, None),
        is_interlaced: stream.interlaced.unwrap_or(stream.codec == Codec::Mpeg2Video),
        rotation: stream.rotation.unwrap_or(0),
        size: (made.stream.width.unwrap_or(2), made.stream.height.unwrap_or(2)),
        burnt: None,
        script: None,
        tone_map: tone_map(stream, abilities),
        encoder: picture.encoder,
        render_node: abilities.render_node,
        level: made.stream.level.unwrap_or(40),
        peak_bps: picture.rung.peak_bps(),
        key_every: (rate * KEY_EVERY_S).round().clamp(1.0, 1000.0) as u32,
    }
}

/// What to decode for a segment, and what of it is shown then: from its key frame to the next segment's. What is shown
/// before a key frame and coded behind it belongs to the segment before, and needs that key frame to be decoded.
fn samples(
    film: &Film,
    bytes: &dyn ReadAt,
    source: &Track,
    number: usize,
) -> Result<(Vec<Sample>, Shown), FilmError> {
    let mut samples = film.run(bytes, source, number)?.samples;
    let first = samples.first().map_or(0, |it| it.pts);
    let is_own = |it: &i64| number == 0 || *it >= first;
    let mut times: Vec<i64> = samples.iter().map(|it| it.pts).filter(is_own).collect();
    let mut next = None;
    if number + 1 < film.n_segments(source) {
        next = film.plan.cuts.get(number + 1).map(|it| source.ticks(it.start_ns));
        // What is broken behind the segment is no reason to lose it.
        let behind = film.run(bytes, source, number + 1).map(|it| it.samples).unwrap_or_default();
        if let Some((key, rest)) = behind.split_first() {
            next = Some(key.pts);
            let leading = rest.iter().take_while(|it| it.pts < key.pts).count();
            if leading > 0 {
                times.extend(rest[..leading].iter().map(|it| it.pts));
                samples.extend_from_slice(&behind[..=leading]);
            }
        }
    }
    times.sort_unstable();
    times.dedup();
    times.retain(|it| next.is_none_or(|next| *it < next));
    if times.is_empty() {
        return Err(FilmError::NotThere);
    }
    Ok((samples, Shown { times, next, film_end_ns: film.plan.end_ns }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKind;

    #[test]
    fn what_needs_no_device_brings_the_range_down_and_dolby_vision_alone_needs_one() {
        let with = |has_zscale, has_libplacebo| Abilities {
            has_zscale,
            has_libplacebo,
            ..Abilities::NONE
        };
        let dolby = |compatibility| Hdr::DolbyVision {
            profile: 5,
            level: 6,
            compatibility,
            has_enhancement_layer: false,
        };
        let (zscale, graphics) = (Some(ToneMap::Zscale), Some(ToneMap::Libplacebo));
        // With both, with either, with neither.
        for (hdr, expected) in [
            (None, [None; 4]),
            (Some(Hdr::Hdr10), [zscale, zscale, graphics, None]),
            (Some(dolby(1)), [zscale, zscale, graphics, None]),
            (Some(dolby(2)), [None; 4]),
            (Some(dolby(0)), [graphics, None, graphics, None]),
        ] {
            let mut stream = Stream::new(0, StreamKind::Video, Codec::Hevc);
            stream.hdr = hdr;
            let abilities =
                [with(true, true), with(true, false), with(false, true), Abilities::NONE];
            assert_eq!(abilities.map(|it| tone_map(&stream, it)), expected, "{hdr:?}");
            let refused = abilities.map(|it| super::super::against(&stream, it).is_some());
            let is_alone = hdr == Some(dolby(0));
            assert_eq!(refused, [false, is_alone, false, is_alone], "{hdr:?}");
        }
    }

    #[test]
    fn the_level_follows_size_and_speed() {
        let mut stream = Stream::new(0, StreamKind::Video, Codec::Hevc);
        assert_eq!(level(&stream, Rung::P1080), 42, "who knows how fast");
        stream.frame_rate = crate::Rational::new(24_000, 1001);
        assert_eq!(level(&stream, Rung::P1080), 40);
        assert_eq!(level(&stream, Rung::P480), 30);
    }
}
