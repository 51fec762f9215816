//! Tags of a Flash video: one behind the other, each with the time of its frame.

use crate::ProbeError;
use crate::read::Source;

/// Kind, size, time, and a number that is always nought.
const HEAD_BYTES: u64 = 11;
/// Behind each tag stands how large it was.
const TAIL_BYTES: u64 = 4;
/// Enough of a tag's body for what says how it is coded.
const CODED_BYTES: u64 = 16;
/// How far the next tag is looked for where the chain is broken.
const MAX_LOST: u64 = 1 << 20;

pub(super) const SOUND: u8 = 8;
pub(super) const PICTURE: u8 = 9;
pub(super) const SCRIPT: u8 = 18;

/// A tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag {
    /// Where it begins.
    pub at: u64,
    pub kind: u8,
    /// In milliseconds, when it is decoded.
    pub time_ms: i64,
    pub body: u64,
    pub size: u64,
    /// The first bytes of its body.
    pub first: [u8; CODED_BYTES as usize],
}

/// Where the first tag is.
pub(crate) fn begin(src: &Source<'_>) -> Result<u64, ProbeError> {
    let head = src.array::<9>(0, "the header")?;
    let size = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
    Ok(u64::from(size.clamp(9, 4096)) + TAIL_BYTES)
}

/// Shows `each` the tags that begin in `from..to` until it has enough.
pub(crate) fn walk(
    src: &Source<'_>,
    from: u64,
    to: u64,
    mut each: impl FnMut(&Tag) -> bool,
) -> Result<(), ProbeError> {
    let mut at = from;
    while at < to.min(src.size) {
        let Some(tag) = tag_at(src, at)? else {
            match next_tag(src, at)? {
                Some(next) => at = next,
                None => return Ok(()),
            }
            continue;
        };
        // What is cut off is not there.
        if tag.body.saturating_add(tag.size) > src.size || !each(&tag) {
            return Ok(());
        }
        at = tag.body + tag.size + TAIL_BYTES;
    }
    Ok(())
}

/// The tag that begins at a place, if one does.
fn tag_at(src: &Source<'_>, at: u64) -> Result<Option<Tag>, ProbeError> {
    let mut bytes = [0; (HEAD_BYTES + CODED_BYTES) as usize];
    let room = (src.size - at).min(bytes.len() as u64) as usize;
    src.read_alone(&mut bytes[..room], at, "a tag")?;
    let (head, first) = bytes.split_at(HEAD_BYTES as usize);
    let number = |at: usize| u32::from_be_bytes([0, head[at], head[at + 1], head[at + 2]]);
    let is_tag = matches!(head[0], SOUND | PICTURE | SCRIPT) && number(8) == 0;
    if !is_tag || (room as u64) < HEAD_BYTES {
        return Ok(None);
    }
    let mut tag = Tag {
        at,
        kind: head[0],
        // The highest byte stands last.
        time_ms: i64::from(number(4) as i32 | i32::from(head[7]) << 24),
        body: at + HEAD_BYTES,
        size: number(1).into(),
        first: [0; CODED_BYTES as usize],
    };
    let n_first = tag.size.min(CODED_BYTES) as usize;
    tag.first[..n_first].copy_from_slice(&first[..n_first]);
    Ok(Some(tag))
}

/// The next place from which on two tags stand one behind the other.
fn next_tag(src: &Source<'_>, from: u64) -> Result<Option<u64>, ProbeError> {
    let size = (src.size - from).min(MAX_LOST);
    let bytes = src.bytes(from, size, "the tags")?;
    for (at, head) in bytes.windows(HEAD_BYTES as usize).enumerate().skip(1) {
        if !matches!(head[0], SOUND | PICTURE | SCRIPT) || head[8..11] != [0; 3] {
            continue;
        }
        let size = usize::from(head[1]) << 16 | usize::from(head[2]) << 8 | usize::from(head[3]);
        let behind = at + HEAD_BYTES as usize + size;
        let stated = bytes.get(behind..behind + TAIL_BYTES as usize);
        if stated == Some(&(HEAD_BYTES as u32 + size as u32).to_be_bytes()) {
            return Ok(Some(from + at as u64));
        }
    }
    Ok(None)
}
