//! Small pictures along a film, a hundred on a sheet: what FFmpeg is given for a sheet, with which arguments, and what
//! becomes of its answer. Pure, as [`crate::transcode`] is.
//!
//! Only key frames are read and decoded, for each moment the nearest. The feed puts the picture of the n-th moment at the
//! n-th second, and the filter makes one picture of every second: where a key frame cannot be decoded, the picture before
//! stands in its place, and all others keep theirs.

mod alone;
pub mod dark;

use std::ffi::OsString;
use std::fmt::Write as _;

use crate::cmaf::Segment;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, SECOND_NS, Sample};
use crate::stream::Stream;
use crate::transcode::feed::{Feed, ORIGIN_S, feed};
use crate::transcode::{self, Abilities};
use crate::{frame, transcode::TONE_MAP};

use self::alone::Alone;

/// Pictures beside each other.
pub const COLUMNS: usize = 10;
/// Pictures of a sheet.
pub const TILES: usize = 100;
/// Counts up when the same film would give other sheets.
pub const MAKING: i32 = 1;

/// The time from picture to picture, of a film of some minutes or more, and of the shortest.
const INTERVAL_MS: i64 = 10_000;
const SHORTEST_MS: i64 = 1000;
/// What is shorter than that many intervals has pictures nearer to each other.
const FEW: i64 = 30;
/// No picture is larger: that of a wide film is as wide, that of an upright one as high.
const MOST: (u64, u64) = (320, 240);
/// JPEG's quality, from 2 (best) to 31.
const QUALITY: &str = "5";
/// A film of a day has fewer pictures.
const MAX_MOMENTS: i64 = 10_000;

/// One call of FFmpeg that looks at key frames.
#[derive(Debug)]
pub struct Sheet {
    /// Its arguments: no path and nothing that a file or a person wrote.
    pub args: Vec<OsString>,
    /// What to write to its standard input.
    pub feed: Segment,
}

/// The time from picture to picture of a film that is so long: whole seconds, in milliseconds.
pub fn interval_ms(duration_ms: i64) -> i64 {
    (duration_ms / FEW / 1000 * 1000).clamp(SHORTEST_MS, INTERVAL_MS)
}

/// The moments of a film that is so long, in milliseconds.
pub fn moments_ms(duration_ms: i64) -> Vec<i64> {
    let interval = interval_ms(duration_ms);
    let n = (duration_ms / interval + 1).clamp(1, MAX_MOMENTS);
    (0..n).map(|it| it * interval).collect()
}

/// Width and height of each picture of a stream: upright, with square pixels, and never larger than it was.
pub fn tile_size(stream: &Stream) -> (u32, u32) {
    let (width, height) = transcode::upright_size(stream);
    let (width, height) = (u64::from(width.max(2)), u64::from(height.max(2)));
    let (wide, high) = if width <= MOST.0 && height <= MOST.1 {
        (width, height)
    } else if width * MOST.1 >= height * MOST.0 {
        (MOST.0, height * MOST.0 / width)
    } else {
        (width * MOST.1 / height, MOST.1)
    };
    let even = |it: u64| (it / 2 * 2).max(2) as u32;
    (even(wide), even(high))
}

/// Everything to make one sheet of the pictures nearest to these moments, at most [`TILES`] of them.
pub fn sheet(
    film: &Film,
    bytes: &dyn ReadAt,
    moments_ms: &[i64],
    abilities: Abilities,
) -> Result<Sheet, FilmError> {
    let Feed { segment, format, .. } = key_frames(film, bytes, moments_ms)?;
    let n_tiles = moments_ms.len().min(TILES);
    Ok(Sheet { args: args(format, &film.video().stream, n_tiles, abilities), feed: segment })
}

/// The key frames nearest to these moments, at most [`TILES`] of them: that of the n-th at the n-th second.
fn key_frames(film: &Film, bytes: &dyn ReadAt, moments_ms: &[i64]) -> Result<Feed, FilmError> {
    let track = film.video();
    if let Some(reason) = transcode::against(&track.stream, Abilities::NONE) {
        return Err(FilmError::Unsuitable(reason.to_owned()));
    }
    let keys_ns = film.key_times_ns();
    let mut samples: Vec<Sample> = Vec::new();
    let mut alone = Alone::new(track, bytes);
    let mut failure = FilmError::NoIndex;
    let mut last = None;
    for (second, moment_ms) in (0..).zip(moments_ms.iter().take(TILES)) {
        let key = nearest(&keys_ns, moment_ms.saturating_mul(SECOND_NS / 1000));
        // The picture before stays where nothing comes.
        if last == Some(key) {
            continue;
        }
        match film.key_sample(bytes, key).and_then(|it| alone.take(it)) {
            Ok(sample) => {
                last = Some(key);
                samples.push(Sample { pts: track.ticks(second * SECOND_NS), ..sample });
            }
            Err(error) => failure = error,
        }
    }
    if samples.is_empty() {
        return Err(failure);
    }
    let mut feed = feed(film, track, samples, 0)?;
    alone.put(&mut feed.segment);
    Ok(feed)
}

/// The sheet in FFmpeg's answer: a JPEG picture.
pub fn finish(answer: &[u8]) -> Option<&[u8]> {
    frame::split(answer).into_iter().next()
}

/// The number of the key frame that is shown nearest to a moment; of two as near the earlier.
fn nearest(keys_ns: &[i64], moment_ns: i64) -> usize {
    let after = keys_ns.partition_point(|it| *it < moment_ns);
    let Some(before) = after.checked_sub(1) else { return 0 };
    let distance = |key: usize| keys_ns.get(key).map(|it| it.abs_diff(moment_ns));
    match (distance(before), distance(after)) {
        (Some(before_ns), Some(after_ns)) if after_ns < before_ns => after,
        _ => before,
    }
}

fn args(format: &str, stream: &Stream, n_tiles: usize, abilities: Abilities) -> Vec<OsString> {
    let mut filters = format!("fps=1:start_time={ORIGIN_S}:round=near:eof_action=pass");
    // What is missing at the end is as what comes before.
    let _ = write!(filters, ",tpad=stop_mode=clone:stop={n_tiles}");
    filters.push_str(match stream.rotation {
        Some(90) => ",transpose=clock",
        Some(180) => ",hflip,vflip",
        Some(270) => ",transpose=cclock",
        _ => "",
    });
    let (width, height) = tile_size(stream);
    let _ = write!(filters, ",scale={width}:{height}:flags=bilinear,setsar=1");
    if transcode::is_high_range(stream) && abilities.has_zscale {
        let _ = write!(filters, ",{TONE_MAP}");
    }
    let (columns, rows) = (n_tiles.min(COLUMNS), n_tiles.div_ceil(COLUMNS));
    let _ = write!(filters, ",format=yuvj420p,tile={columns}x{rows}:nb_frames={n_tiles}");
    arguments(format, &filters, 1, &["-c:v", "mjpeg", "-q:v", QUALITY, "-f", "image2pipe"])
}

/// What FFmpeg is told to look at key frames: through which filters, how many pictures come of them, and as what.
pub(crate) fn arguments(
    format: &str,
    filters: &str,
    n_pictures: usize,
    output: &[&str],
) -> Vec<OsString> {
    let number = n_pictures.to_string();
    let words = [
        ["-v", "error"],
        ["-nostdin", "-copyts"],
        // One core at most, and no more pictures in memory than one thread has.
        ["-noautorotate", "-an"],
        ["-threads", "1"],
        // A key frame that nothing says can be begun with is one nevertheless.
        ["-flags", "+output_corrupt"],
        ["-protocol_whitelist", "pipe"],
        ["-f", format],
        ["-i", "pipe:0"],
        ["-map", "0:0"],
        ["-vf", filters],
        ["-fps_mode", "passthrough"],
        ["-frames:v", &number],
    ];
    let words = words.as_flattened().iter().chain(output).chain(&["pipe:1"]);
    words.map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Codec, Rational, StreamKind};

    #[test]
    fn there_is_a_picture_for_every_ten_seconds_more_of_what_is_short_and_always_one() {
        assert_eq!(moments_ms(0), [0]);
        assert_eq!(moments_ms(-5), [0]);
        assert_eq!(moments_ms(2999), [0, 1000, 2000]);
        assert_eq!(moments_ms(100_000)[..3], [0, 3000, 6000]);
        assert_eq!(moments_ms(300_000)[..3], [0, 10_000, 20_000]);
        assert_eq!(moments_ms(7_200_000).len(), 721);
        assert_eq!(moments_ms(i64::MAX).len(), 10_000);
    }

    #[test]
    fn the_nearest_key_frame_is_taken() {
        let keys = [0, 8, 12, 30];
        let found: Vec<usize> =
            [-5, 0, 3, 5, 10, 11, 21, 22, 90].map(|it| nearest(&keys, it)).into();
        assert_eq!(found, [0, 0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(nearest(&[], 7), 0);
    }

    #[test]
    fn pictures_are_upright_with_square_pixels_and_even_sides() {
        let stream = |width, height| {
            let mut stream = Stream::new(0, StreamKind::Video, Codec::H264);
            (stream.width, stream.height) = (Some(width), Some(height));
            stream
        };
        let mut dvd = stream(720, 576);
        dvd.sample_aspect = Some(Rational { num: 64, den: 45 });
        let mut phone = stream(1920, 1080);
        phone.rotation = Some(90);
        let table = [
            (stream(3840, 2160), (320, 180)),
            (stream(1920, 800), (320, 132)),
            (stream(640, 480), (320, 240)),
            (stream(160, 90), (160, 90)),
            (dvd, (320, 180)),
            (phone, (134, 240)),
            (stream(0, 0), (2, 2)),
        ];
        for (stream, expected) in table {
            assert_eq!(tile_size(&stream), expected, "{stream:?}");
        }
    }

    #[test]
    fn a_sheet_is_made_with_these_words() {
        let mut stream = Stream::new(0, StreamKind::Video, Codec::H264);
        (stream.width, stream.height) = (Some(1920), Some(1080));
        let words =
            args("matroska", &stream, 100, Abilities { has_zscale: true, ..Abilities::NONE });
        let line: Vec<_> = words.iter().map(|it| it.to_string_lossy()).collect();
        assert_eq!(
            line.join(" "),
            "-v error -nostdin -copyts -noautorotate -an -threads 1 -flags +output_corrupt \
             -protocol_whitelist pipe -f matroska -i pipe:0 \
             -map 0:0 -vf fps=1:start_time=10:round=near:eof_action=pass,tpad=stop_mode=clone:stop=100,\
             scale=320:180:flags=bilinear,setsar=1,format=yuvj420p,tile=10x10:nb_frames=100 \
             -fps_mode passthrough -frames:v 1 -c:v mjpeg -q:v 5 -f image2pipe pipe:1"
        );
    }
}
