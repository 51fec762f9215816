//! From when samples are shown to when they are decoded.

use crate::samples::{Run, Sample, Track};
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
    let mut shown: Vec<i64> = run.samples.iter().map(|it| it.pts).collect();
    let ahead = if is_video { track.reorder_ticks } else { 0 };
    shown.sort_unstable();
    let usual = typical(&shown, track.frame_ticks);
    let last = shown.last().copied().unwrap_or(0);
    let end = match run.next_pts {
        Some(next) => next,
        // The last picture stays to the end, the last sound as long as it is.
        None if is_video => {
            track.ticks(end_ns).clamp(last + usual, last + usual.saturating_mul(4))
        }
        None => last + usual,
    };
    let mut decoded = match as_long_as_shown(&run.samples, &shown, end, ahead) {
        Some(decoded) => decoded,
        None => in_the_order_shown(&shown, ahead),
    };
    if is_first && is_video {
        begin_at_zero(&mut decoded);
    }
    decode_in_time(&mut decoded, &run.samples);
    let start = decoded.first().copied().unwrap_or(0).max(0);
    let ends = decoded.iter().copied().skip(1).chain([end - ahead]);
    let samples = decoded.iter().zip(ends).zip(&run.samples).map(|((at, end), sample)| {
        let duration = u32::try_from(end - at).unwrap_or(0).max(1);
        (duration, sample.pts.saturating_sub(*at).clamp(0, i32::MAX.into()) as i32)
    });
    Timed { start, samples: samples.collect() }
}

/// By how much decoding must run ahead of showing in a film that begins with this segment: as far as its frames are out of
/// order, and a frame more where they differ in length, since those of later segments may differ more.
pub(crate) fn reorder(track: &Track, first: &Run) -> i64 {
    let mut shown: Vec<i64> = first.samples.iter().map(|it| it.pts).collect();
    shown.sort_unstable();
    let usual = typical(&shown, track.frame_ticks);
    let end = first.next_pts.unwrap_or(shown.last().copied().unwrap_or(0) + usual);
    let late = |decoded: &[i64]| {
        let late = decoded.iter().zip(&first.samples).map(|(at, it)| at.saturating_sub(it.pts));
        late.max().unwrap_or(0).max(0)
    };
    let needed = late(&shown);
    let spare = if needed > 0 && track.frame_ticks == 0 { usual } else { 0 };
    needed.max(late(&one_by_one(&first.samples, &shown, end))) + spare
}

/// Decode times by which a picture lasts as long as it is shown, which is what players take a sample's duration for; `None`
/// where one would be shown before it is decoded, or two are shown at once.
///
/// Where all frames are of one length, these are the times of showing in their order.
fn as_long_as_shown(samples: &[Sample], shown: &[i64], end: i64, ahead: i64) -> Option<Vec<i64>> {
    let mut decoded = one_by_one(samples, shown, end);
    decoded.iter_mut().for_each(|it| *it -= ahead);
    let rises = shown.windows(2).all(|it| it[0] < it[1]) && shown.last() < Some(&end);
    let in_time = decoded.iter().zip(samples).all(|(at, it)| *at <= it.pts);
    (rises && in_time).then_some(decoded)
}

/// From the first that is shown, when each sample begins that lasts as long as it is shown.
fn one_by_one(samples: &[Sample], shown: &[i64], end: i64) -> Vec<i64> {
    let mut at = shown.first().copied().unwrap_or(0);
    let begin = |sample: &Sample| {
        let behind = shown.partition_point(|it| *it <= sample.pts);
        let begins = at;
        at = at.saturating_add(shown.get(behind).copied().unwrap_or(end) - sample.pts);
        begins
    };
    samples.iter().map(begin).collect()
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
fn decode_in_time(decoded: &mut [i64], samples: &[Sample]) {
    let Some(&first) = decoded.first() else { return };
    let mut latest = i64::MAX;
    for (at, sample) in decoded.iter_mut().zip(samples).rev() {
        latest = latest.saturating_sub(1).min(sample.pts);
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

/// Time cannot be negative: the first decode times are squeezed together between zero and the first that may stay.
fn begin_at_zero(decoded: &mut [i64]) {
    let Some(&first) = decoded.first() else { return };
    if first >= 0 {
        decoded[0] = 0;
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
        let samples = |shown: &[i64]| -> Vec<Sample> {
            shown.iter().map(|it| Sample::at(0, 1, *it, false)).collect()
        };
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
            decode_in_time(&mut decoded, &samples(shown));
            assert_eq!(decoded, after, "{shown:?}");
        }
    }

    #[test]
    fn the_first_decode_times_are_squeezed_and_never_stand_still() {
        let table: [(&[i64], &[i64]); 5] = [
            (&[-80, -40, 0, 40, 80], &[0, 13, 26, 40, 80]),
            (&[0, 40], &[0, 40]),
            (&[80, 120], &[0, 120]),
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
