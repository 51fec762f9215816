//! The little that is ever read of clusters: the first frame of a track, the first timestamps of a video, and the last
//! timestamp of the file.

use super::CLUSTER;
use super::ebml::{Children, Element, element_alone_at};
use crate::codec::FRAME_HEAD_BYTES;
use crate::read::Source;
use crate::stream::Rational;

const CLUSTER_TIMESTAMP: u32 = 0xe7;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;

/// Elements of the first clusters that are looked at.
const MAX_ELEMENTS: usize = 256;
/// Clusters that are looked at: one that begins with a long picture may hold nothing else.
const MAX_CLUSTERS: usize = 3;
/// How much of the end of the file is searched for its last cluster.
const TAIL_BYTES: u64 = 4 * 1024 * 1024;
/// A track number of at most eight bytes, two bytes of timestamp and one of flags.
const BLOCK_HEAD_BYTES: u64 = 11;

/// What is wanted of the first clusters for one track, and what was found.
pub(super) struct Wanted {
    pub track: u64,
    /// The first bytes of the first frame, once they are found.
    pub frame: Option<Vec<u8>>,
    pub wants_frame: bool,
    /// How many timestamps are wanted.
    pub n_times: usize,
    /// Timestamps in units of the segment's scale, in the order of the file.
    pub times: Vec<i64>,
}

impl Wanted {
    fn is_found(&self) -> bool {
        (self.frame.is_some() || !self.wants_frame) && self.times.len() >= self.n_times
    }
}

/// Looks through the first clusters until all that is wanted is found.
pub(super) fn look(src: &Source<'_>, cluster: Element, segment_end: u64, wanted: &mut [Wanted]) {
    let (mut at, mut end, mut base, mut n_clusters) = (cluster.body, cluster.end, 0, 1);
    for _ in 0..MAX_ELEMENTS {
        if wanted.iter().all(Wanted::is_found) {
            return;
        }
        let is_past_cluster = at >= end;
        let limit = if is_past_cluster { segment_end } else { end };
        let Ok(child) = element_alone_at(src, at, limit) else { return };
        at = child.end;
        match child.id {
            // A group's first child is its block; going on inside the group finds it.
            BLOCK_GROUP => at = child.body,
            CLUSTER_TIMESTAMP => {
                let body = src.bytes(child.body, (child.end - child.body).min(8), "a cluster");
                base = body.map_or(0, |it| it.iter().fold(0, |sum, it| sum << 8 | i64::from(*it)));
            }
            SIMPLE_BLOCK | BLOCK => read_block(src, child, base, wanted),
            CLUSTER if n_clusters < MAX_CLUSTERS => {
                n_clusters += 1;
                (at, end) = (child.body, child.end);
            }
            CLUSTER => return,
            _ => {}
        }
    }
}

fn read_block(src: &Source<'_>, block: Element, base: i64, wanted: &mut [Wanted]) {
    let room = (block.end - block.body).min(BLOCK_HEAD_BYTES);
    let mut head = [0; BLOCK_HEAD_BYTES as usize];
    let head = &mut head[..room as usize];
    if src.read_alone(head, block.body, "a block").is_err() {
        return;
    }
    let Some((number, rest)) = track_number(head) else { return };
    let (Some(wanted), [high, low, _, ..]) =
        (wanted.iter_mut().find(|it| it.track == number), rest)
    else {
        return;
    };
    if wanted.times.len() < wanted.n_times {
        wanted.times.push(base.saturating_add(i16::from_be_bytes([*high, *low]).into()));
    }
    if wanted.wants_frame && wanted.frame.is_none() {
        let body = block.body + (head.len() - rest.len() + 3) as u64;
        let size = block.end.saturating_sub(body).min(FRAME_HEAD_BYTES);
        // A frame that the end of the file cuts off is as good as none.
        wanted.frame = src.bytes(body, size, "a frame").ok();
    }
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

/// The average rate of frames by their first timestamps, and whether they last differently long.
pub(super) fn rate(mut times: Vec<i64>, scale_ns: u64) -> Option<(Rational, bool)> {
    /// Fewer frames tell no rate.
    const FEWEST: usize = 8;
    times.sort_unstable();
    times.dedup();
    let (first, last) = (*times.first()?, *times.last()?);
    if times.len() < FEWEST {
        return None;
    }
    let steps = || times.windows(2).map(|it| it[1].abs_diff(it[0]));
    // Rounding to the scale alone makes steps differ by one.
    let is_variable =
        steps().max()?.saturating_sub(steps().min()?) > 1 + 1_000_000 / scale_ns.max(1_000_000);
    let span_ns = u128::from(last.abs_diff(first)) * u128::from(scale_ns);
    let step_ns = span_ns / (times.len() as u128 - 1);
    super::tracks::frame_rate(u64::try_from(step_ns).ok()?, ROUNDED).map(|it| (it, is_variable))
}

/// How far a rate told by rounded timestamps may lie from one that exists.
const ROUNDED: f64 = 4e-3;

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
