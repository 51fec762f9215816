//! From when samples are shown to when they are decoded.

use crate::samples::{Run, Track};
use crate::stream::StreamKind;

/// Decode times of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Timed {
    /// When the first sample is decoded, in ticks.
    pub start: i64,
    /// Of each sample its duration, and by how much it is shown later than decoded.
    pub samples: Vec<(u32, i32)>,
}

/// Times the samples of a segment that goes on to `run.next_pts`, or ends with its track at `end_ns`.
///
/// Pictures are decoded ahead of being shown by the same time in all segments, so that none is shown before it is decoded.
/// Since all else depends on the times of showing alone, every segment can be made without its neighbours and still joins
/// them.
pub(crate) fn time(track: &Track, run: &Run, is_first: bool, end_ns: i64) -> Timed {
    let is_video = track.stream.kind == StreamKind::Video;
    let mut pts: Vec<i64> = run.samples.iter().map(|it| it.pts).collect();
    if is_first && is_video {
        hurry_to_zero(&mut pts);
    }
    let mut shown = pts.clone();
    let ahead = if is_video { track.reorder_ticks } else { 0 };
    shown.sort_unstable();
    let usual = typical(&shown, track.frame_ticks);
    let last = shown.last().copied().unwrap_or(0);
    let end = match run.next_pts {
        Some(next) => next,
        // The last picture stays to the end, the last sound as long as it is.
        None if is_video => track.ticks(end_ns).clamp(last + usual, last + usual.saturating_mul(4)),
        None => last + usual,
    };
    let mut decoded = match as_long_as_shown(&pts, &shown, end, ahead) {
        Some(decoded) => decoded,
        None => in_the_order_shown(&shown, ahead),
    };
    if is_first && is_video {
        begin_at_zero(&mut decoded);
    }
    decode_in_time(&mut decoded, &pts);
    let start = decoded.first().copied().unwrap_or(0).max(0);
    let ends = decoded.iter().copied().skip(1).chain([end - ahead]);
    let samples = decoded.iter().zip(ends).zip(&pts).map(|((at, end), pts)| {
        let duration = u32::try_from(end - at).unwrap_or(0).max(1);
        (duration, pts.saturating_sub(*at).clamp(0, i32::MAX.into()) as i32)
    });
    Timed { start, samples: samples.collect() }
}

/// By how much decoding must run ahead of showing in a film that begins with this segment: as far as its frames are out of
/// order, and a frame more where they differ in length, since those of later segments may differ more.
pub(crate) fn reorder(track: &Track, first: &Run) -> i64 {
    let pts: Vec<i64> = first.samples.iter().map(|it| it.pts).collect();
    let mut shown = pts.clone();
    shown.sort_unstable();
    let usual = typical(&shown, track.frame_ticks);
    let end = first.next_pts.unwrap_or(shown.last().copied().unwrap_or(0) + usual);
    let late = |decoded: &[i64]| {
        let late = decoded.iter().zip(&pts).map(|(at, pts)| at.saturating_sub(*pts));
        late.max().unwrap_or(0).max(0)
    };
    let needed = late(&shown);
    let spare = if needed > 0 && track.frame_ticks == 0 { usual } else { 0 };
    needed.max(late(&one_by_one(&pts, &shown, end))) + spare
}

/// Pictures that a film shows before its beginning, as an edit list or negative times have it, are shown at its beginning
/// for no time at all: those behind them need them, and a segment cannot begin before zero.
///
/// They keep their order, or players that mend times take all of them for wrong.
fn hurry_to_zero(pts: &mut [i64]) {
    if pts.iter().all(|it| *it >= 0) {
        return;
    }
    let mut ranked: Vec<usize> = (0..pts.len()).collect();
    ranked.sort_by_key(|it| pts[*it]);
    // By as many ticks each is shown behind its decoding, at least.
    let depth = ranked.iter().enumerate().map(|(rank, place)| place.saturating_sub(rank)).max();
    let depth = depth.unwrap_or(0) as i64;
    for (place, rank) in ranked.into_iter().zip(depth..) {
        pts[place] = pts[place].max(rank);
    }
}

/// Decode times by which a picture lasts as long as it is shown, which is what players take a sample's duration for; `None`
/// where one would be shown before it is decoded, or two are shown at once.
///
/// Where all frames are of one length, these are the times of showing in their order.
fn as_long_as_shown(pts: &[i64], shown: &[i64], end: i64, ahead: i64) -> Option<Vec<i64>> {
    let mut decoded = one_by_one(pts, shown, end);
    for it in &mut decoded {
        *it -= ahead;
    }
    let rises = shown.windows(2).all(|it| it[0] < it[1]) && shown.last() < Some(&end);
    let in_time = decoded.iter().zip(pts).all(|(at, pts)| at <= pts);
    (rises && in_time).then_some(decoded)
}

/// From the first that is shown, when each sample begins that lasts as long as it is shown.
fn one_by_one(pts: &[i64], shown: &[i64], end: i64) -> Vec<i64> {
    let mut at = shown.first().copied().unwrap_or(0);
    let begin = |pts: &i64| {
        let behind = shown.partition_point(|it| it <= pts);
        let begins = at;
        at = at.saturating_add(shown.get(behind).copied().unwrap_or(end) - pts);
        begins
    };
    pts.iter().map(begin).collect()
}

/// Decode times in the order of showing.
fn in_the_order_shown(shown: &[i64], ahead: i64) -> Vec<i64> {
    let mut decoded: Vec<i64> = shown.iter().map(|it| it - ahead).collect();
    // Two pictures at one moment would be decoded at once.
    for at in 1..decoded.len() {
        decoded[at] = decoded[at].max(decoded[at - 1] + 1);
    }
    decoded
}

/// Pictures may be further out of order than those of the first segment were: what would be shown before it is decoded is
/// decoded earlier, and all before it. The first one stays where the segment before ends.
fn decode_in_time(decoded: &mut [i64], pts: &[i64]) {
    let Some(&first) = decoded.first() else { return };
    let mut latest = i64::MAX;
    for (at, pts) in decoded.iter_mut().zip(pts).rev() {
        latest = latest.saturating_sub(1).min(*pts);
        *at = latest.min(*at);
    }
    for (at, n) in decoded.iter_mut().zip(0..) {
        *at = (*at).max(first.saturating_add(n));
    }
}

/// How long one sample is shown: as the track says, or else as most of these are.
fn typical(shown: &[i64], frame_ticks: i64) -> i64 {
    if frame_ticks > 0 {
        return frame_ticks;
    }
    let mut steps: Vec<i64> =
        shown.windows(2).map(|it| it[1] - it[0]).filter(|it| *it > 0).collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(1)
}

/// A film begins at zero. Time cannot be negative: the first decode times are squeezed together between zero and the first
/// that may stay. What begins late is decoded ahead of its time, all of the segment a little: a sample lasts to the next,
/// and one that made up for all of it would be shown for as long.
fn begin_at_zero(decoded: &mut [i64]) {
    let Some(&first) = decoded.first() else { return };
    if first >= 0 {
        let count = decoded.len() as i128;
        for (at, left) in decoded.iter_mut().zip((1..=count).rev()) {
            *at -= (i128::from(first) * left / count) as i64;
        }
        return;
    }
    let stays = decoded.iter().zip(0_i64..).position(|(at, n)| *at > 0 && *at >= n);
    match stays {
        Some(stays) => {
            let until = decoded[stays];
            for (n, at) in decoded[..stays].iter_mut().enumerate() {
                *at = until * n as i64 / stays as i64;
            }
        }
        None => decoded.iter_mut().zip(0..).for_each(|(at, n)| *at = n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_shown_too_early_is_decoded_earlier() {
        let table: [(&[i64], &[i64], &[i64]); 4] = [
            // In order, and out of order by as much as was known.
            (&[0, 40, 80], &[0, 40, 80], &[0, 40, 80]),
            (&[-40, 0, 40, 80], &[0, 80, 40, 120], &[-40, 0, 40, 80]),
            // By more: the third is shown before it would be decoded.
            (&[0, 40, 80, 120], &[0, 120, 40, 80], &[0, 39, 40, 80]),
            (&[0, 40, 80], &[80, 40, 0], &[0, 1, 2]),
        ];
        for (before, shown, after) in table {
            let mut decoded = before.to_vec();
            decode_in_time(&mut decoded, shown);
            assert_eq!(decoded, after, "{shown:?}");
        }
    }

    #[test]
    fn pictures_before_the_beginning_are_shown_at_it_in_their_order() {
        let table: [(&[i64], &[i64]); 4] = [
            (&[0, 80, 40], &[0, 80, 40]),
            (&[-80, -40, 0, 40], &[0, 1, 2, 40]),
            // Decoded in another order: the second is shown last, and none before it is decoded.
            (&[-80, 0, -40, 80, 40], &[1, 3, 2, 80, 40]),
            (&[-4, 1, -3, -2, -1], &[1, 5, 2, 3, 4]),
        ];
        for (before, after) in table {
            let mut pts = before.to_vec();
            hurry_to_zero(&mut pts);
            assert_eq!(pts, after, "{before:?}");
        }
    }

    #[test]
    fn the_first_decode_times_are_squeezed_and_never_stand_still() {
        let table: [(&[i64], &[i64]); 6] = [
            (&[-80, -40, 0, 40, 80], &[0, 13, 26, 40, 80]),
            (&[0, 40], &[0, 40]),
            (&[80, 120], &[0, 80]),
            (&[90, 130, 170], &[0, 70, 140]),
            (&[-80, -40], &[0, 1]),
            (&[], &[]),
        ];
        for (before, after) in table {
            let mut decoded = before.to_vec();
            begin_at_zero(&mut decoded);
            assert_eq!(decoded, after, "{before:?}");
        }
    }
}
