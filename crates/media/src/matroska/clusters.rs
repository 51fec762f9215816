//! The little that is ever read of clusters: the first frame of a track, and the last timestamp of the file.

use super::CLUSTER;
use super::ebml::{Children, Element, element_at};
use crate::read::Source;

const CLUSTER_TIMESTAMP: u32 = 0xe7;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;

/// Blocks that are looked at for the first frame of a track.
const MAX_BLOCKS: usize = 64;
/// Enough of a frame for the headers we know.
const FRAME_HEAD_BYTES: u64 = 64;
/// How much of the end of the file is searched for its last cluster.
const TAIL_BYTES: u64 = 4 * 1024 * 1024;

/// The first bytes of the first frame of a track, if it comes early in the first cluster.
pub(super) fn first_frame(src: &Source<'_>, cluster: Element, track: u64) -> Option<Vec<u8>> {
    let mut at = cluster.body;
    for _ in 0..MAX_BLOCKS {
        let child = element_at(src, at, cluster.end).ok()?;
        at = child.end;
        match child.id {
            // A group's first child is its block; going on inside the group finds it.
            BLOCK_GROUP => at = child.body,
            SIMPLE_BLOCK | BLOCK => {
                let head = src
                    .bytes(child.body, (child.end - child.body).min(FRAME_HEAD_BYTES), "a frame")
                    .ok()?;
                let (number, rest) = track_number(&head)?;
                if number == track {
                    // Two bytes of timestamp and one of flags.
                    return rest.get(3..).map(<[u8]>::to_vec);
                }
            }
            CLUSTER => return None,
            _ => {}
        }
    }
    None
}

/// A track number is coded like a size.
fn track_number(block: &[u8]) -> Option<(u64, &[u8])> {
    let width = block.first()?.leading_zeros() as usize + 1;
    if width > 8 {
        return None;
    }
    let (number, rest) = block.split_at_checked(width)?;
    let value = number.iter().fold(0_u64, |sum, it| sum << 8 | u64::from(*it));
    Some((value & ((1 << (7 * width)) - 1), rest))
}

/// The latest timestamp in the last cluster, in units of the segment's scale: the duration of files that do not state
/// one, as recorders leave them.
pub(super) fn last_timestamp(src: &Source<'_>, segment_body: u64) -> Option<u64> {
    let start = src.size.saturating_sub(TAIL_BYTES).max(segment_body);
    let tail = src.bytes(start, src.size.checked_sub(start)?, "the last cluster").ok()?;
    let id = CLUSTER.to_be_bytes();
    // Frames may contain these four bytes by chance; a cluster goes on with its timestamp.
    let mut candidates =
        tail.windows(4).enumerate().rev().filter(|(_, it)| *it == id).map(|(at, _)| at).take(64);
    candidates.find_map(|at| {
        let cluster = Children(&tail[at..]).next()?;
        let mut children = cluster.children();
        let base = children.next().filter(|it| it.id == CLUSTER_TIMESTAMP)?.uint();
        let relative = children.filter_map(|child| {
            let block = match child.id {
                SIMPLE_BLOCK => child.body,
                BLOCK_GROUP => child.children().find(|it| it.id == BLOCK)?.body,
                _ => return None,
            };
            let (_, rest) = track_number(block)?;
            Some(i16::from_be_bytes([*rest.first()?, *rest.get(1)?]))
        });
        base.checked_add_signed(relative.max().unwrap_or(0).into())
    })
}
