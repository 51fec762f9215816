//! What a film looks like, in numbers that are alike where films look alike: a perceptual hash of pictures along it, and a
//! hash of its bytes that programs for subtitles and databases of scenes know it by. Pure, as [`crate::transcode`] is.
//!
//! The picture of a moment is the very one that is shown then, not the nearest key frame: two encodings of one film have
//! their key frames at different moments. So of each moment the feed has what is decoded from the key frame before it on.

mod bytes;
mod hash;

use std::ffi::OsString;
use std::fmt::Write as _;

use crate::read::ReadAt;
use crate::samples::{Film, FilmError, Run, Sample};
use crate::stream::Stream;
use crate::transcode::feed::{Feed, ORIGIN_S, feed};
use crate::transcode::{self, Abilities};
use crate::trickplay::{self, Sheet};

pub use self::bytes::oshash;
pub use self::hash::{Picture, hash};

/// Pictures that a film is told by.
pub const PICTURES: usize = 25;
/// Counts up when the same film would be told by another number.
pub const MAKING: i32 = 1;

/// The share of a film before the first picture, and from one to the next, in thousandths: titles and credits are left out.
const FROM: i64 = 50;
const STEP: i64 = 36;
/// Width of each picture. The height follows, within bounds.
const WIDTH: u32 = 160;
const MOST_HEIGHT: u32 = 640;

/// The moments that a film of this length is looked at, in nanoseconds.
pub fn moments_ns(end_ns: i64) -> [i64; PICTURES] {
    std::array::from_fn(|n| {
        let part = i128::from(FROM + STEP * n as i64);
        (i128::from(end_ns.max(0)) * part / 1000) as i64
    })
}

/// Width and height of the pictures of a stream.
pub fn picture_size(stream: &Stream) -> (u32, u32) {
    let (width, height) = transcode::upright_size(stream);
    let high = u64::from(WIDTH) * u64::from(height) / u64::from(width.max(1));
    (WIDTH, (high.min(MOST_HEIGHT.into()) as u32 / 2 * 2).max(2))
}

/// Everything to take the picture that is shown at a moment: FFmpeg answers with its pixels, three bytes each.
pub fn look(film: &Film, bytes: &dyn ReadAt, moment_ns: i64) -> Result<Sheet, FilmError> {
    let track = film.video();
    if let Some(reason) = transcode::against(&track.stream, Abilities::NONE) {
        return Err(FilmError::Unsuitable(reason.to_owned()));
    }
    let number = film.plan.cuts.partition_point(|it| it.start_ns <= moment_ns).saturating_sub(1);
    let run = film.run(bytes, track, number)?;
    let (samples, shown_pts) = up_to(run, track.ticks(moment_ns)).ok_or(FilmError::NotThere)?;
    let zero = samples[0].pts;
    let after_ns = track.ns(shown_pts.saturating_sub(zero)).max(0);
    let Feed { segment, format, .. } = feed(film, track, samples, zero)?;
    Ok(Sheet { args: args(format, &track.stream, after_ns), feed: segment })
}

/// What has to be decoded for the picture that is shown at `moment` or next after it, and when that one is shown.
fn up_to(run: Run, moment: i64) -> Option<(Vec<Sample>, i64)> {
    let mut samples = run.samples;
    let times = samples.iter().map(|it| it.pts);
    let shown = times.clone().filter(|it| *it >= moment).min().or_else(|| times.clone().max())?;
    let last = samples.iter().position(|it| it.pts == shown)?;
    samples.truncate(last + 1);
    // Whatever is between may refer to the key frame; what comes before it, nothing does that is shown behind it.
    let key = samples.iter().rposition(|it| it.is_key && it.pts <= shown).unwrap_or(0);
    samples.drain(..key);
    Some((samples, shown))
}

fn args(format: &str, stream: &Stream, after_ns: i64) -> Vec<OsString> {
    // A little before it, for what containers round.
    let at_us = ORIGIN_S * 1_000_000 + after_ns / 1000 - 1000;
    let mut filters = format!("select=gte(t\\,{}.{:06})", at_us / 1_000_000, at_us % 1_000_000);
    filters.push_str(match stream.rotation {
        Some(90) => ",transpose=clock",
        Some(180) => ",hflip,vflip",
        Some(270) => ",transpose=cclock",
        _ => "",
    });
    let (width, height) = picture_size(stream);
    let _ = write!(filters, ",scale={width}:{height},format=rgb24");
    trickplay::arguments(format, &filters, 1, &["-f", "rawvideo"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::SECOND_NS;
    use crate::stream::{Codec, StreamKind};

    #[test]
    fn a_film_is_looked_at_between_its_titles_and_its_credits() {
        let moments = moments_ns(1_000 * SECOND_NS);
        assert_eq!(moments[0], 50 * SECOND_NS);
        assert_eq!(moments[24], 914 * SECOND_NS);
        assert!(moments.windows(2).all(|it| it[1] - it[0] == 36 * SECOND_NS));
        assert_eq!(moments_ns(-1), [0; PICTURES]);
        assert!(moments_ns(i64::MAX).is_sorted());
    }

    #[test]
    fn pictures_keep_their_shape_within_bounds() {
        for (size, expected) in [
            ((1920, 1080), (160, 90)),
            ((640, 480), (160, 120)),
            ((1080, 1920), (160, 284)),
            ((1, 9000), (160, 640)),
            ((9000, 1), (160, 2)),
            ((0, 0), (160, 2)),
        ] {
            let mut stream = Stream::new(0, StreamKind::Video, Codec::H264);
            (stream.width, stream.height) = (Some(size.0), Some(size.1));
            assert_eq!(picture_size(&stream), expected, "{size:?}");
        }
    }

    #[test]
    fn only_what_the_picture_needs_is_decoded() {
        let sample = |pts: i64, is_key: bool| Sample::at(0, 1, pts, is_key);
        // As decoded: two groups of pictures, the frames between coded behind the next.
        let samples = vec![
            sample(0, true),
            sample(30, false),
            sample(10, false),
            sample(20, false),
            sample(60, true),
            sample(40, false),
            sample(50, false),
            sample(90, false),
            sample(70, false),
        ];
        let taken = |moment: i64| {
            let run = Run { samples: samples.clone(), next_pts: None };
            let (samples, shown) = up_to(run, moment).expect("a picture");
            (samples.iter().map(|it| it.pts).collect::<Vec<_>>(), shown)
        };
        assert_eq!(taken(-5), (vec![0], 0));
        assert_eq!(taken(11), (vec![0, 30, 10, 20], 20));
        assert_eq!(taken(60), (vec![60], 60));
        assert_eq!(taken(41), (vec![0, 30, 10, 20, 60, 40, 50], 50));
        assert_eq!(taken(65), (vec![60, 40, 50, 90, 70], 70));
        assert_eq!(taken(500).1, 90);
        assert!(up_to(Run::default(), 0).is_none());
    }

    #[test]
    fn a_picture_is_taken_with_these_words() {
        let mut stream = Stream::new(0, StreamKind::Video, Codec::H264);
        (stream.width, stream.height) = (Some(1920), Some(1080));
        let words = args("matroska", &stream, 2_040_000_000);
        let line: Vec<_> = words.iter().map(|it| it.to_string_lossy()).collect();
        assert!(
            line.join(" ").ends_with(
                "-f matroska -i pipe:0 -map 0:0 -vf select=gte(t\\,12.039000),scale=160:90,format=rgb24 \
                 -fps_mode passthrough -frames:v 1 -f rawvideo pipe:1"
            ),
            "{line:?}"
        );
    }
}
