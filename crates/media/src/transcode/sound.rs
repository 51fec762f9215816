//! Sound made anew: AAC on one grid of frames for the whole film, whoever makes which segment.

use super::answer::{body, read};
use super::feed::{ORIGIN_S, feed};
use super::message::Call;
use super::rendition::{SOUND_BPS, SURROUND_BPS};
use super::{Answer, AnswerError, Made, Making, Work, args};
use crate::cmaf;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, Run, SECOND_NS, Sample, SampleConfig, Track};
use crate::stream::{Codec, Stream};

/// Samples of a frame.
pub(super) const FRAME: i64 = 1024;
/// Frames that are made before the first that is kept, so that the encoder is where it would be had it come along.
const RUN_UP: i64 = 4;
/// Frames that are made behind the last that is kept: the encoder looks ahead.
const RUN_OUT: i64 = 2;
/// How much earlier decoding begins: over a hundred milliseconds lie between two places where TrueHD can begin.
const PRE_ROLL_NS: i64 = 300_000_000;

/// Which frames a segment has.
#[derive(Debug)]
pub(super) struct Frames {
    /// On the grid of the film.
    first: i64,
    count: i64,
}

/// `channels` are 2 or 6.
pub(super) fn track(source: &Track, channels: u16) -> Track {
    let rate = made_rate(source.stream.sample_rate.unwrap_or(48_000));
    let mut stream = Stream { codec: Codec::Aac, ..source.stream.clone() };
    stream.profile = Some("LC".to_owned());
    stream.codec_string = Some("mp4a.40.2".to_owned());
    stream.sample_rate = Some(rate);
    let (layout, bps) = if channels == 6 { ("5.1", SURROUND_BPS) } else { ("stereo", SOUND_BPS) };
    stream.channels = Some(channels);
    stream.channel_layout = Some(layout.to_owned());
    stream.bitrate = Some(bps as i64);
    stream.bit_depth = None;
    Track {
        stream,
        timescale: rate,
        config: Some(SampleConfig {
            entry: *b"mp4a",
            box_kind: *b"esds",
            body: specific(rate, channels),
        }),
        frame_ticks: FRAME,
        reorder_ticks: 0,
        end_ns: source.end_ns,
        stripped: Vec::new(),
    }
}

/// The rate that a source's rate divides into, of those that everybody plays.
fn made_rate(source: u32) -> u32 {
    if source > 0 && 176_400_u32.is_multiple_of(source) && !48_000_u32.is_multiple_of(source) {
        44_100
    } else {
        48_000
    }
}

/// `AudioSpecificConfig` of AAC-LC; up to six channels its number of their layout is that of the channels.
fn specific(rate: u32, channels: u16) -> Vec<u8> {
    const LOW_COMPLEXITY: u16 = 2;
    let index: u16 = if rate == 44_100 { 4 } else { 3 };
    (LOW_COMPLEXITY << 11 | index << 7 | channels << 3).to_be_bytes().to_vec()
}

pub(super) fn work(
    film: &Film,
    bytes: &dyn ReadAt,
    source: &Track,
    made: Track,
    number: usize,
) -> Result<Work, FilmError> {
    let frames = frames(film, &made, number);
    let grid_ns = |frame: i64| made.ns(frame * FRAME);
    let (from, to) = (frames.first - RUN_UP, frames.first + frames.count + RUN_OUT);
    // A file that lies says that it lasts for as long as can be counted.
    let window =
        (grid_ns(from).saturating_sub(PRE_ROLL_NS), grid_ns(to).saturating_add(PRE_ROLL_NS / 3));
    let samples = samples(film, bytes, source, number, window)?;
    let zero = samples.first().map_or(0, |it| it.pts);
    // Where the grid begins, from where the feed does; the same moment whichever samples were fed.
    let zero_made = rescale(zero, source.timescale, made.timescale);
    let origin = ORIGIN_S * i64::from(made.timescale);
    let first = (from * FRAME).saturating_sub(zero_made).saturating_add(origin);
    let feed = feed(film, source, samples, zero)?;
    let n_samples = (to - from) * FRAME;
    let call = args::Sound { format: feed.format, first_sample: first, n_samples, ..words(&made) };
    let making = Making(Answer::Sound { made: Box::new(made), number, frames, answer: Vec::new() });
    Ok(Work::new(Call::Sound(call), feed.segment, making))
}

/// What FFmpeg is told of every segment of a rendition.
pub(super) fn words(made: &Track) -> args::Sound {
    args::Sound {
        format: "",
        rate: made.timescale,
        is_surround: made.stream.channels == Some(6),
        bps: made.stream.bitrate.unwrap_or(0),
        first_sample: 0,
        n_samples: 0,
    }
}

/// The frames that begin in a segment; the last segment's go on until nothing is heard.
fn frames(film: &Film, made: &Track, number: usize) -> Frames {
    let at = |ns: i64| {
        let samples = i128::from(ns) * i128::from(made.timescale);
        let per_frame = i128::from(SECOND_NS) * i128::from(FRAME);
        i64::try_from((samples + per_frame - 1).div_euclid(per_frame)).unwrap_or(i64::MAX / 2048)
    };
    let first = if number == 0 { 0 } else { at(film.plan.cuts[number].start_ns) };
    let is_last = number + 1 == film.n_segments(made);
    let end_ns =
        if is_last { made.end_ns.unwrap_or(film.plan.end_ns) } else { film.plan.end_of(number) };
    Frames { first, count: (at(end_ns) - first).max(1) }
}

/// The samples of a window of time, which begins and ends in the segment before and the one behind.
fn samples(
    film: &Film,
    bytes: &dyn ReadAt,
    source: &Track,
    number: usize,
    (from_ns, to_ns): (i64, i64),
) -> Result<Vec<Sample>, FilmError> {
    let mut samples = Vec::new();
    for near in number.saturating_sub(1)..=number + 1 {
        match film.run(bytes, source, near) {
            Ok(run) => samples.extend(run.samples),
            Err(error) if near == number => return Err(error),
            // What is broken before or behind the segment is no reason to lose it.
            Err(_) => {}
        }
    }
    release(&mut samples, source.frame_ticks);
    let is_near = |it: &Sample| (from_ns..to_ns).contains(&source.ns(it.pts));
    if samples.iter().any(is_near) {
        samples.retain(is_near);
    } else {
        // A pause as long as the segment: the sound before it ends, and what follows is silence.
        samples.truncate(1);
    }
    if samples.is_empty() { Err(FilmError::NotThere) } else { Ok(samples) }
}

/// A film's first frame that begins before the film does is held back to zero in copies; a decoder gives its sound where
/// it belongs.
fn release(samples: &mut [Sample], frame_ticks: i64) {
    if let [first, second, ..] = samples
        && first.pts == 0
        && second.pts < frame_ticks
    {
        first.pts = second.pts - frame_ticks;
    }
}

fn rescale(ticks: i64, from: u32, to: u32) -> i64 {
    let from = i128::from(from.max(1));
    let scaled = i128::from(ticks) * i128::from(to) + from / 2;
    i64::try_from(scaled.div_euclid(from)).unwrap_or(0)
}

pub(super) fn finish(
    made: &Track,
    number: usize,
    frames: &Frames,
    answer: &[u8],
) -> Result<Made, AnswerError> {
    let whole = read(answer)?;
    // The encoder's first packet is its own run-up, and sounds of nothing.
    let skipped = (1 + RUN_UP) as usize;
    let count = frames.count as usize;
    let Some(kept) = whole.samples.get(skipped..skipped + count) else {
        let found = whole.samples.len().saturating_sub(skipped);
        return Err(AnswerError::Samples { found, expected: count });
    };
    let placed = kept.iter().zip(frames.first..).map(|(it, frame)| Sample {
        pts: frame * FRAME,
        is_key: true,
        ..it.clone()
    });
    let run =
        Run { samples: placed.collect(), next_pts: Some((frames.first + frames.count) * FRAME) };
    let timed = cmaf::time(made, &run, number == 0, 0);
    let size: u64 = run.samples.iter().map(|it| u64::from(it.size)).sum();
    let mut segment = cmaf::fragment_head(made, &run.samples, &timed, number as u32 + 1, size)?;
    for sample in &run.samples {
        segment.extend(body(answer, sample).unwrap_or_default());
    }
    let init = cmaf::init_segment(made).ok_or(AnswerError::Nothing)?;
    Ok(Made { init, segment, n_missing: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_keeps_its_rate_or_gets_one_that_everybody_plays() {
        for (source, made) in [
            (48_000, 48_000),
            (96_000, 48_000),
            (44_100, 44_100),
            (88_200, 44_100),
            (22_050, 44_100),
            (8000, 48_000),
            (32_000, 48_000),
            (0, 48_000),
        ] {
            assert_eq!(made_rate(source), made, "{source}");
        }
        assert_eq!(specific(48_000, 2), [0x11, 0x90]);
        assert_eq!(specific(44_100, 2), [0x12, 0x10]);
        assert_eq!(specific(48_000, 6), [0x11, 0xb0]);
    }
}
