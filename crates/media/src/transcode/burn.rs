//! Subtitles that are pictures, painted into the film for those who cannot lay them over it: what of them is fed beside a
//! run, and where on the picture they go.

use serde::{Deserialize, Serialize};

use super::matroska::{Beside, BesideSample};
use crate::matroska::ebml::write_element;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, Track, drawn_window};
use crate::stream::Codec;
use crate::subtitles;

/// Up to this width a canvas is a DVD's, whose pixels are not square: it is as the film.
const MAX_DVD_WIDTH: u32 = 768;

/// Pictures that are painted into a run.
#[derive(Debug)]
pub(super) struct Drawn {
    /// What is fed.
    pub beside: Beside,
    /// Where it goes.
    pub place: Place,
}

/// Where the canvas of subtitles lies on a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// Width and height of the canvas, as the subtitles count.
    pub canvas: (u32, u32),
    /// What it becomes, in pixels of the picture.
    pub size: (u32, u32),
    /// How far right of the picture's left and below its top it begins; beyond them where that is negative.
    pub at: (i64, i64),
}

impl Place {
    /// Whether it is one that subtitles can have.
    pub fn is_sane(&self) -> bool {
        const SIDES: std::ops::RangeInclusive<u32> = 1..=16_384;
        let (left, top) = self.at;
        [self.canvas, self.size].iter().all(|it| SIDES.contains(&it.0) && SIDES.contains(&it.1))
            && left.abs().max(top.abs()) <= i64::from(*SIDES.end())
    }
}

/// Two moments of the pictures, in ticks, the latter no further than the end of the film, as subtitles count.
pub(super) fn span_ms(film: &Film, source: &Track, (from, to): (i64, Option<i64>)) -> (i64, i64) {
    let ms = |ticks: i64| source.ns(ticks) / 1_000_000;
    (ms(from), to.map_or(film.plan.end_ns / 1_000_000, ms).saturating_add(1))
}

/// What of a subtitle is shown between two moments, in ticks of the pictures; nothing where nothing is.
pub(super) fn of_run(
    film: &Film,
    bytes: &dyn ReadAt,
    (source, made): (&Track, &Track),
    stream: u32,
    span: (i64, Option<i64>),
) -> Result<Option<Drawn>, FilmError> {
    let (from_ms, to_ms) = span_ms(film, source, span);
    let window = drawn_window(film, bytes, stream, from_ms, to_ms)?;
    if window.drawn.cues.is_empty() {
        return Ok(None);
    }
    let codec = match window.stream.codec {
        Codec::HdmvPgs => "S_HDMV/PGS",
        Codec::DvdSubtitle => "S_VOBSUB",
        _ => return Err(FilmError::NotThere),
    };
    let samples = window.samples.into_iter().map(|it| BesideSample {
        pts: source.ticks(it.start_ms.saturating_mul(1_000_000)),
        duration_us: it.duration_ms.and_then(|ms| u64::try_from(ms).ok()?.checked_mul(1000)),
        bytes: it.bytes,
    });
    let size = (made.stream.width.unwrap_or(2), made.stream.height.unwrap_or(2));
    // The pictures have another number: that of the first of two, or of the first.
    let number = if film.number_in_file(source) == Some(1) { 2 } else { 1 };
    Ok(Some(Drawn {
        beside: Beside {
            entry: entry(number, codec, &window.description),
            number,
            samples: samples.collect(),
        },
        place: place(&window.drawn, size),
    }))
}

/// The body of a `TrackEntry`.
fn entry(number: u64, codec: &str, description: &[u8]) -> Vec<u8> {
    const NUMBER: u32 = 0xd7;
    const UID: u32 = 0x73c5;
    const KIND: u32 = 0x83;
    const SUBTITLE: u8 = 0x11;
    const CODEC: u32 = 0x86;
    const CODEC_PRIVATE: u32 = 0x63a2;
    let mut entry = Vec::new();
    write_element(&mut entry, NUMBER, &number.to_be_bytes());
    write_element(&mut entry, UID, &number.to_be_bytes());
    write_element(&mut entry, KIND, &[SUBTITLE]);
    write_element(&mut entry, CODEC, codec.as_bytes());
    if !description.is_empty() {
        write_element(&mut entry, CODEC_PRIVATE, description);
    }
    entry
}

/// A disc's canvas has the width of the film; where it is higher, the film's black bars were cut off, and what was on them
/// is moved until all of it is seen, or made smaller where both bars have some.
fn place(drawn: &subtitles::Drawn, (width, height): (u32, u32)) -> Place {
    let (canvas_width, canvas_height) = (drawn.canvas.0.max(1), drawn.canvas.1.max(1));
    let high = if canvas_width <= MAX_DVD_WIDTH {
        height
    } else {
        let high = u64::from(canvas_height) * u64::from(width) / u64::from(canvas_width);
        // No film is so wide that this is more than a bound on what a broken file claims.
        high.clamp(2, u64::from(height) * 8) as u32
    };
    let centred = (i64::from(height) - i64::from(high)) / 2;
    let scaled = |y: u32| i64::from(y) * i64::from(high) / i64::from(canvas_height) + centred;
    let highest = drawn.cues.iter().map(|it| scaled(it.place.1)).min().unwrap_or(0);
    let ends = drawn.cues.iter().map(|it| scaled(it.place.1.saturating_add(it.size.1)));
    let lowest = ends.max().unwrap_or(0);
    let canvas = (canvas_width, canvas_height);
    let (above, below) = ((-highest).max(0), (lowest - i64::from(height)).max(0));
    if above > 0 && below > 0 {
        // The whole of the disc's picture within the film's.
        let wide = u64::from(canvas_width) * u64::from(height) / u64::from(canvas_height);
        let wide = wide.clamp(2, width.into()) as u32;
        let left = i64::from(width - wide) / 2;
        return Place { canvas, size: (wide, height), at: (left, 0) };
    }
    Place { canvas, size: (width, high), at: (0, centred + above - below) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subtitles::DrawnCue;

    fn drawn(canvas: (u32, u32), at: u32, height: u32) -> subtitles::Drawn {
        let cue = DrawnCue {
            start_ms: 0,
            end_ms: 1,
            is_forced: false,
            place: (0, at),
            size: (10, height),
            png: Vec::new(),
        };
        subtitles::Drawn { canvas, cues: vec![cue] }
    }

    #[test]
    fn a_canvas_lies_on_the_middle_of_the_film_and_what_is_beside_it_is_moved() {
        let hd = (1920, 1080);
        for (drawn, size, expected) in [
            (drawn(hd, 900, 100), (1920, 1080), ((1920, 1080), 0)),
            (drawn(hd, 900, 100), (1280, 720), ((1280, 720), 0)),
            // Seen between the bars that were cut off.
            (drawn(hd, 800, 100), (1920, 800), ((1920, 1080), -140)),
            // On the lower bar, and on the upper.
            (drawn(hd, 950, 100), (1920, 800), ((1920, 1080), -250)),
            (drawn(hd, 40, 100), (1920, 800), ((1920, 1080), -40)),
            // Pixels of a DVD are not square.
            (drawn((720, 576), 500, 40), (1024, 576), ((1024, 576), 0)),
        ] {
            let place = place(&drawn, size);
            assert_eq!(
                (place.size, place.at),
                (expected.0, (0, expected.1)),
                "{drawn:?} on {size:?}"
            );
        }
        let mut both = drawn(hd, 40, 100);
        both.cues.extend(drawn(hd, 950, 100).cues);
        let place = place(&both, (1920, 800));
        assert_eq!((place.size, place.at), ((1422, 800), (249, 0)));
    }
}
