//! Boxes ("atoms"): on the disk, where only headers are read, and in memory.

use crate::ProbeError;
use crate::read::Source;

/// A box whose header is read and whose body is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoxAt {
    pub kind: [u8; 4],
    pub start: u64,
    /// Where the body begins.
    pub body: u64,
    /// Where it ends as stated, at most the end of its parent; beyond the file's end when the file is cut off.
    pub end: u64,
}

/// More children than this in one box is an attack.
const MAX_CHILDREN: usize = 4096;

/// Reads the header at `at`. The box is bounded by `limit`, the end of its parent.
pub(crate) fn box_at(src: &Source<'_>, at: u64, limit: u64) -> Result<BoxAt, ProbeError> {
    let [a, b, c, d, kind @ ..] = src.array_alone::<8>(at, "a box header")?;
    let (body, size) = match u32::from_be_bytes([a, b, c, d]) {
        // The last box of a file may leave its size open.
        0 => (at + 8, limit.min(src.size).saturating_sub(at)),
        1 => (at + 16, u64::from_be_bytes(src.array_alone(at + 8, "a box header")?)),
        size => (at + 8, size.into()),
    };
    if size < body - at {
        return Err(ProbeError::malformed(format!("a box '{}' that is too short", name(kind)), at));
    }
    Ok(BoxAt { kind, start: at, body, end: at.saturating_add(size).min(limit) })
}

/// The children that lie in `from..to`. What follows a broken one is lost, what precedes it is kept.
pub(crate) fn children(src: &Source<'_>, from: u64, to: u64) -> Vec<BoxAt> {
    let mut found = Vec::new();
    let mut at = from;
    // QuickTime ends some lists with four zero bytes.
    while to.saturating_sub(at) >= 8 && found.len() < MAX_CHILDREN {
        let Ok(child) = child_at(src, at, to) else { break };
        at = child.end;
        found.push(child);
    }
    found
}

/// Like [`box_at`], but through the window: what is near will be read next.
fn child_at(src: &Source<'_>, at: u64, limit: u64) -> Result<BoxAt, ProbeError> {
    src.array::<8>(at, "a box header")?;
    box_at(src, at, limit)
}

pub(crate) fn name(kind: [u8; 4]) -> String {
    kind.iter().map(|it| char::from(*it)).flat_map(char::escape_default).collect()
}

impl BoxAt {
    pub fn children(self, src: &Source<'_>) -> Vec<BoxAt> {
        children(src, self.body, self.end)
    }

    pub fn child(self, src: &Source<'_>, kind: [u8; 4]) -> Option<BoxAt> {
        self.children(src).into_iter().find(|it| it.kind == kind)
    }

    /// The body, if it is not larger than `limit`.
    pub fn load(
        self,
        src: &Source<'_>,
        limit: u64,
        what: &'static str,
    ) -> Result<Vec<u8>, ProbeError> {
        let size = self.end - self.body;
        if self.end > src.size {
            return Err(src.truncated(what));
        }
        if size > limit {
            return Err(ProbeError::malformed(
                format!("{what} is too large ({size} bytes)"),
                self.start,
            ));
        }
        src.bytes(self.body, size, what)
    }

    /// The first bytes of the body, at most `limit`.
    pub fn head(
        self,
        src: &Source<'_>,
        limit: u64,
        what: &'static str,
    ) -> Result<Vec<u8>, ProbeError> {
        src.bytes(self.body, (self.end - self.body).min(limit), what)
    }
}

/// The boxes of a body in memory.
#[derive(Clone)]
pub(crate) struct Boxes<'a>(pub &'a [u8]);

impl<'a> Boxes<'a> {
    pub fn find(mut self, kind: [u8; 4]) -> Option<&'a [u8]> {
        Iterator::find(&mut self, |it| it.0 == kind).map(|it| it.1)
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let size = u32_at(self.0, 0)? as usize;
        let kind = *self.0.get(4..)?.first_chunk()?;
        let size = if size == 0 { self.0.len() } else { size };
        let body = self.0.get(8..size)?;
        self.0 = &self.0[size..];
        Some((kind, body))
    }
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|it| u16::from_be_bytes(*it))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|it| u32::from_be_bytes(*it))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|it| u64::from_be_bytes(*it))
}
