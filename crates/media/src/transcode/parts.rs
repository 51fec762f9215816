//! How made pictures are divided: each segment of the plan into parts of a second or two, so that the first is there soon.
//! Pure, and the same for all renditions of a film.

use std::iter::repeat_n;

use crate::samples::{Film, SECOND_NS, Track};
use crate::stream::{Rational, StreamKind};

/// How long the first parts of a segment are; those behind them are as long as the last of these. While one is shown the
/// next is made, by an encoder that may be hardly faster than the film.
const LENGTHS_S: [i64; 3] = [1, 1, 2];
/// A rest that is shorter goes with the part before it.
const SHORTEST_NS: i64 = SECOND_NS;
/// A segment is divided no further: a broken file may claim that one lasts for ever.
const MAX_PARTS: usize = 300;
/// With fewer pictures a second, a part might have none.
const LEAST_RATE: f64 = 4.0;

/// A part of a made track, which is asked for by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Counted from the beginning of the film.
    pub number: usize,
    /// The segment of the plan that it is a part of: what one call of FFmpeg makes.
    pub run: usize,
    /// From when it is shown: what begins there or later, up to the next part, belongs to it.
    pub start_ns: i64,
    /// When the next part, or nothing more, is shown.
    pub end_ns: i64,
}

/// All parts of a made track. Sound is not divided: a segment of it is made in no time.
pub fn parts<'a>(film: &'a Film, made: &'a Track) -> impl Iterator<Item = Part> + 'a {
    (0..film.n_segments(made))
        .flat_map(|run| spans(film, made, run))
        .enumerate()
        .map(|(number, (run, start_ns, end_ns))| Part { number, run, start_ns, end_ns })
}

/// The parts of one run.
pub(super) fn of_run(film: &Film, made: &Track, run: usize) -> Vec<Part> {
    let behind = parts(film, made).skip_while(|it| it.run < run);
    behind.take_while(|it| it.run == run).collect()
}

fn spans(film: &Film, made: &Track, run: usize) -> Vec<(usize, i64, i64)> {
    let start_ns = film.plan.cuts[run].start_ns;
    let is_last = run + 1 == film.n_segments(made);
    let own_end_ns = made.end_ns.filter(|_| is_last).filter(|it| *it > start_ns);
    let end_ns = own_end_ns.unwrap_or_else(|| film.plan.end_of(run));
    let starts = starts(made, start_ns, end_ns);
    let ends = starts.iter().copied().skip(1).chain([end_ns]);
    starts.iter().copied().zip(ends).map(|(start, end)| (run, start, end)).collect()
}

fn starts(made: &Track, start_ns: i64, end_ns: i64) -> Vec<i64> {
    let is_slow = made.stream.frame_rate.map(Rational::as_f64).is_some_and(|it| it < LEAST_RATE);
    let mut starts = vec![start_ns];
    if made.stream.kind != StreamKind::Video || is_slow {
        return starts;
    }
    let usual = LENGTHS_S[LENGTHS_S.len() - 1];
    let mut seconds = 0;
    for length in LENGTHS_S.into_iter().chain(repeat_n(usual, MAX_PARTS - LENGTHS_S.len())) {
        seconds += length;
        let next = start_ns.saturating_add(on_grid(made, seconds));
        if end_ns.saturating_sub(next) < SHORTEST_NS {
            break;
        }
        starts.push(next);
    }
    starts
}

/// So many seconds, or as near to it as pictures are, in nanoseconds.
fn on_grid(made: &Track, seconds: i64) -> i64 {
    let frame = made.frame_ticks;
    if frame <= 0 {
        return seconds * SECOND_NS;
    }
    let ticks = seconds * i64::from(made.timescale);
    made.ns((ticks + frame / 2) / frame * frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Codec, Stream};

    fn track(kind: StreamKind, timescale: u32, frame_ticks: i64) -> Track {
        Track {
            stream: Stream::new(0, kind, Codec::H264),
            timescale,
            config: None,
            frame_ticks,
            reorder_ticks: 0,
            end_ns: None,
            stripped: Vec::new(),
        }
    }

    #[test]
    fn segments_are_divided_into_short_parts_and_then_longer_ones() {
        let even = track(StreamKind::Video, 1000, 40);
        let table: [(i64, &[i64]); 7] = [
            (1_500, &[0]),
            (2_000, &[0, 1]),
            (4_000, &[0, 1, 2]),
            (4_999, &[0, 1, 2]),
            (5_000, &[0, 1, 2, 4]),
            (6_000, &[0, 1, 2, 4]),
            (10_400, &[0, 1, 2, 4, 6, 8]),
        ];
        for (end_ms, expected) in table {
            let starts = starts(&even, 7 * SECOND_NS, 7 * SECOND_NS + end_ms * 1_000_000);
            let seconds: Vec<i64> = starts.iter().map(|it| it / SECOND_NS - 7).collect();
            assert_eq!(seconds, expected, "{end_ms} ms");
        }
        assert_eq!(starts(&even, 0, i64::MAX).len(), MAX_PARTS + 1, "a lie has an end");
    }

    #[test]
    fn parts_begin_where_pictures_do() {
        let film = track(StreamKind::Video, 24_000, 1001);
        assert_eq!(starts(&film, 0, 4 * SECOND_NS), [0, 1_001_000_000, 2_002_000_000]);
        let uneven = track(StreamKind::Video, 1000, 0);
        assert_eq!(starts(&uneven, 5, 2 * SECOND_NS + 5), [5, SECOND_NS + 5]);
    }

    #[test]
    fn what_has_few_pictures_and_sound_is_not_divided() {
        let mut slides = track(StreamKind::Video, 1000, 0);
        slides.stream.frame_rate = Rational::new(1, 1);
        let sound = track(StreamKind::Audio, 48_000, 1024);
        for it in [slides, sound] {
            assert_eq!(starts(&it, 0, 10 * SECOND_NS), [0]);
        }
    }
}
