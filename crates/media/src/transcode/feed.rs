//! What FFmpeg reads: some samples of one track, described as their own file describes them, so that whatever that kind of
//! file can carry can be fed.

use super::matroska::{self, Beside};
use crate::cmaf::{self, Piece, Segment};
use crate::samples::{Described, Film, FilmError, Run, Sample, Track};

/// Times in a feed begin here, in seconds: whatever is moved a little stays above zero.
pub(crate) const ORIGIN_S: i64 = 10;

/// A feed, and the container that it is in.
#[derive(Debug)]
pub(crate) struct Feed {
    pub segment: Segment,
    /// FFmpeg's name of the reader.
    pub format: &'static str,
    /// Ticks of a second in which it counts.
    pub timescale: u32,
}

/// Samples in the order of decoding; the moment `zero` of the track comes at [`ORIGIN_S`].
pub(crate) fn feed(
    film: &Film,
    track: &Track,
    samples: Vec<Sample>,
    zero: i64,
) -> Result<Feed, FilmError> {
    feed_with(film, track, samples, zero, None)
}

/// The same with a subtitle beside it, which needs a film in Matroska.
pub(super) fn feed_with(
    film: &Film,
    track: &Track,
    samples: Vec<Sample>,
    zero: i64,
    beside: Option<Beside>,
) -> Result<Feed, FilmError> {
    let (samples, description) = of_one_description(samples);
    match film.described(track, description)? {
        Described::Matroska { number, entry } => Ok(Feed {
            segment: matroska::write(track, number, entry, &samples, zero, beside),
            format: "matroska",
            timescale: matroska::TIMESCALE,
        }),
        Described::Mp4(_) if beside.is_some() => Err(FilmError::NotThere),
        Described::Mp4(described) => {
            let segment = mp4(track, described, samples, zero)?;
            Ok(Feed { segment, format: "mov", timescale: track.timescale })
        }
    }
}

/// The samples of the description that most of them have: FFmpeg takes no other in a feed.
fn of_one_description(mut samples: Vec<Sample>) -> (Vec<Sample>, u32) {
    let first = samples.first().map_or(0, |it| it.description);
    if samples.iter().all(|it| it.description == first) {
        return (samples, first);
    }
    let mut counts = std::collections::BTreeMap::<u32, usize>::new();
    for it in &samples {
        *counts.entry(it.description).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|it| it.1).map_or(first, |it| it.0);
    samples.retain(|it| it.description == most);
    (samples, most)
}

fn mp4(
    track: &Track,
    described: &[u8],
    mut samples: Vec<Sample>,
    zero: i64,
) -> Result<Segment, FilmError> {
    let origin = ORIGIN_S * i64::from(track.timescale);
    for sample in &mut samples {
        sample.pts = sample.pts.saturating_sub(zero).saturating_add(origin);
    }
    let run = Run { samples, next_pts: None };
    let timed = cmaf::time(track, &run, false, 0);
    let body_bytes: u64 = run.samples.iter().map(|it| u64::from(it.size)).sum();
    let mut head = cmaf::init_as_described(track, described);
    head.extend(cmaf::fragment_head(track, &run.samples, &timed, 1, body_bytes)?);
    let mut feed =
        Segment { size: head.len() as u64 + body_bytes, pieces: vec![Piece::Made(head)] };
    for sample in &run.samples {
        sample.push_to(&mut feed.pieces);
    }
    Ok(feed)
}
