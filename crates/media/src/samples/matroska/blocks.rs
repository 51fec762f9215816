//! A walk over the blocks of clusters: headers only, in the order of the file.

use crate::ProbeError;
use crate::matroska::ebml::{Element, element_at};
use crate::read::Source;

const CLUSTER: u32 = 0x1f43_b675;
const CLUSTER_TIMESTAMP: u32 = 0xe7;
const SIMPLE_BLOCK: u32 = 0xa3;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const BLOCK_DURATION: u32 = 0x9b;
const REFERENCE_BLOCK: u32 = 0xfb;
/// Elements of a cluster, none of which holds a cluster.
const MAX_GROUP_CHILDREN: usize = 64;
/// The head of a block: a track number of up to eight bytes, two of time, one of flags.
const HEAD_BYTES: u64 = 11;
/// The sizes of laced frames, at most 256 of them, take far less.
const LACING_BYTES: u64 = 4096;

/// A block: where its frames lie and when they are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub track: u64,
    /// Where its cluster begins.
    pub cluster: u64,
    pub cluster_time: u64,
    /// In the segment's units, cluster and block together.
    pub time: i64,
    pub is_key: bool,
    /// In the segment's units, where the file states it.
    pub duration: Option<u64>,
    /// Where frames, or the sizes of laced frames, begin.
    pub body: u64,
    pub end: u64,
    /// 0 none, 1 Xiph, 2 fixed, 3 EBML.
    lacing: u8,
}

/// The walk. Levels are told apart by their ids, so that clusters of unknown size need no care.
pub(super) struct Blocks<'a, 'b> {
    src: &'a Source<'b>,
    at: u64,
    end: u64,
    cluster: u64,
    cluster_body: u64,
    cluster_time: u64,
}

impl<'a, 'b> Blocks<'a, 'b> {
    /// Starts at `at`, which must be a cluster.
    pub fn new(src: &'a Source<'b>, at: u64, end: u64) -> Self {
        let end = end.min(src.size);
        Self { src, at, end, cluster: at, cluster_body: at, cluster_time: 0 }
    }

    /// Goes on at `relative` bytes behind the head of the cluster that comes next.
    pub fn skip_to(&mut self, relative: u64) -> Result<(), ProbeError> {
        // The time stamp is one of the first elements, and always before a block.
        while self.cluster_body == self.at || self.cluster_time == 0 {
            let before = self.at;
            let element = element_at(self.src, self.at, self.end)?;
            if matches!(element.id, SIMPLE_BLOCK | BLOCK_GROUP) || before >= self.end {
                break;
            }
            self.enter(element)?;
            if element.id == CLUSTER_TIMESTAMP {
                break;
            }
        }
        self.at = self.cluster_body.saturating_add(relative).max(self.at);
        Ok(())
    }

    /// Where it goes on.
    pub fn place(&self) -> u64 {
        self.at
    }

    pub fn next(&mut self) -> Result<Option<Block>, ProbeError> {
        while self.at < self.end {
            let element = element_at(self.src, self.at, self.end)?;
            match element.id {
                SIMPLE_BLOCK => {
                    self.at = element.end;
                    return self.block(element, None).map(Some);
                }
                BLOCK_GROUP => {
                    self.at = element.end;
                    if let Some(block) = self.group(element)? {
                        return Ok(Some(block));
                    }
                }
                _ => self.enter(element)?,
            }
        }
        Ok(None)
    }

    /// Takes note of what is no block.
    fn enter(&mut self, element: Element) -> Result<(), ProbeError> {
        self.at = element.end;
        match element.id {
            CLUSTER => {
                (self.cluster, self.cluster_body, self.cluster_time) =
                    (element.start, element.body, 0);
                self.at = element.body;
            }
            CLUSTER_TIMESTAMP => self.cluster_time = self.uint(element)?,
            _ if element.has_unknown_size => {
                return Err(ProbeError::malformed("an element without a size", element.start));
            }
            _ => {}
        }
        Ok(())
    }

    fn uint(&self, element: Element) -> Result<u64, ProbeError> {
        let bytes =
            self.src.bytes(element.body, (element.end - element.body).min(8), "a number")?;
        Ok(bytes.iter().fold(0, |sum, it| sum << 8 | u64::from(*it)))
    }

    fn group(&self, group: Element) -> Result<Option<Block>, ProbeError> {
        let (mut found, mut duration, mut is_key) = (None, None, true);
        let mut at = group.body;
        for _ in 0..MAX_GROUP_CHILDREN {
            if at >= group.end {
                break;
            }
            let child = element_at(self.src, at, group.end)?;
            at = child.end;
            match child.id {
                BLOCK => found = Some(child),
                BLOCK_DURATION => duration = Some(self.uint(child)?),
                REFERENCE_BLOCK => is_key = false,
                _ => {}
            }
        }
        let Some(found) = found else { return Ok(None) };
        let block = self.block(found, Some(is_key))?;
        Ok(Some(Block { duration, ..block }))
    }

    fn block(&self, element: Element, is_key: Option<bool>) -> Result<Block, ProbeError> {
        let broken = || ProbeError::malformed("a block that is too short", element.start);
        if element.end > self.src.size {
            return Err(self.src.truncated("a block"));
        }
        let room = (element.end - element.body).min(HEAD_BYTES);
        let mut head = [0; HEAD_BYTES as usize];
        let head = &mut head[..room as usize];
        self.src.read_exact(head, element.body, "a block")?;
        let width = head.first().map_or(9, |it| it.leading_zeros() as usize + 1);
        let (Some(number), Some(&[high, low, flags])) =
            (head.get(..width.min(8)), head.get(width..width + 3))
        else {
            return Err(broken());
        };
        let number = number.iter().fold(0_u64, |sum, it| sum << 8 | u64::from(*it));
        let relative = i64::from(i16::from_be_bytes([high, low]));
        Ok(Block {
            track: number & !(1 << (7 * width)),
            cluster: self.cluster,
            cluster_time: self.cluster_time,
            time: i64::try_from(self.cluster_time).unwrap_or(i64::MAX).saturating_add(relative),
            is_key: is_key.unwrap_or(flags & 0x80 != 0),
            duration: None,
            body: element.body + width as u64 + 3,
            end: element.end,
            lacing: flags >> 1 & 3,
        })
    }
}

/// The frames of a block: where each lies and how many bytes it has.
pub(super) fn frames(src: &Source<'_>, block: &Block) -> Result<Vec<(u64, u32)>, ProbeError> {
    let broken = || ProbeError::malformed("a block with broken lacing", block.body);
    let total = block.end - block.body;
    if block.lacing == 0 {
        return Ok(vec![(block.body, u32::try_from(total).map_err(|_| broken())?)]);
    }
    let head = src.bytes(block.body, total.min(LACING_BYTES), "a block")?;
    let (&n_more, mut rest) = head.split_first().ok_or_else(broken)?;
    let n_frames = u64::from(n_more) + 1;
    let mut sizes: Vec<u64> = Vec::with_capacity(n_frames as usize);
    match block.lacing {
        2 => sizes.resize(n_more.into(), (total - 1) / n_frames),
        1 => {
            for _ in 0..n_more {
                let n_full = rest.iter().position(|it| *it != 255).ok_or_else(broken)?;
                sizes.push(n_full as u64 * 255 + u64::from(rest[n_full]));
                rest = &rest[n_full + 1..];
            }
        }
        _ => {
            for n in 0..n_more {
                let (value, width) = number(rest).ok_or_else(broken)?;
                rest = &rest[width..];
                // The first is a size, the others are differences around the middle of their range.
                let size = match sizes.last() {
                    None => Some(value),
                    Some(last) => {
                        let middle = (1_i64 << (7 * width - 1)) - 1;
                        last.checked_add_signed(value as i64 - middle)
                    }
                };
                sizes.push(size.filter(|it| n == 0 || *it < total).ok_or_else(broken)?);
            }
        }
    }
    let mut at = block.body + (head.len() - rest.len()) as u64;
    let mut found = Vec::with_capacity(n_frames as usize);
    for size in sizes {
        let end = at.checked_add(size).filter(|it| *it <= block.end).ok_or_else(broken)?;
        found.push((at, u32::try_from(size).map_err(|_| broken())?));
        at = end;
    }
    found.push((at, u32::try_from(block.end - at).map_err(|_| broken())?));
    Ok(found)
}

/// A number coded like a size, and its width.
fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let width = bytes.first()?.leading_zeros() as usize + 1;
    let coded = bytes.get(..width).filter(|_| width <= 8)?;
    let value = coded.iter().fold(0_u64, |sum, it| sum << 8 | u64::from(*it));
    Some((value & !(1 << (7 * width)), width))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laced(lacing: u8, body: &[u8]) -> Result<Vec<(u64, u32)>, ProbeError> {
        let src = Source::new(&body, "Matroska").expect("bytes");
        let block = Block {
            track: 1,
            cluster: 0,
            cluster_time: 0,
            time: 0,
            is_key: true,
            duration: None,
            body: 0,
            end: body.len() as u64,
            lacing,
        };
        frames(&src, &block)
    }

    #[test]
    fn frames_are_laced_in_four_ways() {
        type Row = (u8, &'static [u8], &'static [(u64, u32)]);
        let table: [Row; 4] = [
            (0, b"abc", &[(0, 3)]),
            (1, b"\x02\x01\x02abbccc", &[(3, 1), (4, 2), (6, 3)]),
            (2, b"\x02aabbcc", &[(1, 2), (3, 2), (5, 2)]),
            // 2, then 2 - 1, then the rest.
            (3, b"\x02\x82\xbeaabccc", &[(3, 2), (5, 1), (6, 3)]),
        ];
        for (lacing, body, expected) in table {
            assert_eq!(laced(lacing, body).expect("frames"), expected, "{lacing}");
        }
    }

    #[test]
    fn lacing_that_promises_more_than_there_is_is_refused() {
        let table: [(u8, &[u8]); 5] = [
            (1, b""),
            (1, b"\x01\xff"),
            (1, b"\x01\x09a"),
            (3, b"\x02\x82"),
            (3, b"\x02\x81\x80a"),
        ];
        for (lacing, body) in table {
            assert!(laced(lacing, body).is_err(), "{lacing} {body:?}");
        }
    }
}
