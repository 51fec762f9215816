//! Edit lists: what moves the time of every sample of a track.

use super::boxes::{u32_at, u64_at};
use super::track::Track;
use crate::read::Source;

/// More edits than this are a montage, which no index describes.
const MAX_EDITS_BYTES: u64 = 64 * 1024;

/// What is added to the time of a sample to get when it is shown, in units of the track's timescale: empty edits delay
/// the track, the first real one says what it begins with.
pub(super) fn shift(src: &Source<'_>, track: &Track, movie_timescale: u64) -> i64 {
    read(src, track, movie_timescale).unwrap_or(0)
}

fn read(src: &Source<'_>, track: &Track, movie_timescale: u64) -> Option<i64> {
    let list = track.edits?.child(src, *b"elst")?;
    let body = list.load(src, MAX_EDITS_BYTES, "the edits").ok()?;
    let is_long = *body.first()? == 1;
    let n_entries = u32_at(&body, 4)? as usize;
    let width = if is_long { 20 } else { 12 };
    let mut delay = 0_u64;
    for entry in body.get(8..)?.chunks_exact(width).take(n_entries) {
        let (duration, start) = if is_long {
            (u64_at(entry, 0)?, u64_at(entry, 8)? as i64)
        } else {
            (u32_at(entry, 0)?.into(), i64::from(u32_at(entry, 4)? as i32))
        };
        if start >= 0 {
            let delay = u128::from(delay) * u128::from(track.timescale)
                / u128::from(movie_timescale.max(1));
            return i64::try_from(delay).ok()?.checked_sub(start);
        }
        delay = delay.checked_add(duration)?;
    }
    None
}
