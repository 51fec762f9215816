//! Cues: where the clusters with key frames lie.

use super::ebml::{Child, Children};
use super::tracks::Track;
use crate::index::{KeyFrame, MAX_KEY_FRAMES};

const CUE_POINT: u32 = 0xbb;
const CUE_TIME: u32 = 0xb3;
const CUE_TRACK_POSITIONS: u32 = 0xb7;
const CUE_TRACK: u32 = 0xf7;
const CUE_CLUSTER_POSITION: u32 = 0xf1;

/// The key frames of one track, in order of time. Positions are those of clusters in the file; what points outside the
/// segment is left out.
pub(super) fn read(
    body: &[u8],
    track: &Track,
    scale_ns: u64,
    segment: std::ops::Range<u64>,
) -> Vec<KeyFrame> {
    let points = Children(body).filter(|it| it.id == CUE_POINT);
    let mut found: Vec<KeyFrame> = points
        .filter_map(|point| {
            let time = point.children().find(|it| it.id == CUE_TIME)?.uint();
            // One point lists the tracks that have a key frame then, in any order.
            let of_track = |it: &Child<'_>| {
                it.id == CUE_TRACK_POSITIONS
                    && it.children().any(|it| it.id == CUE_TRACK && it.uint() == track.number)
            };
            let positions = point.children().find(of_track)?;
            let cluster = positions.children().find(|it| it.id == CUE_CLUSTER_POSITION)?.uint();
            let position = segment.start.checked_add(cluster)?;
            let time = i64::try_from(time.checked_mul(scale_ns)?).ok()?;
            segment.contains(&position).then_some(KeyFrame { time, position })
        })
        .take(MAX_KEY_FRAMES)
        .collect();
    found.sort_unstable_by_key(|it| it.time);
    found.dedup_by_key(|it| it.time);
    found
}
