//! RIFF's chunks: on the disk, where only headers are read, and in memory.

use crate::ProbeError;
use crate::read::Source;

/// A chunk whose header is read and whose body is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkAt {
    pub kind: [u8; 4],
    /// What a `LIST` or `RIFF` is a list of; zeros for plain chunks.
    pub list: [u8; 4],
    /// Where the body begins, behind the name of a list.
    pub body: u64,
    /// Where it ends as stated, padding left out; beyond the file's end when the file is cut off.
    stated_end: u64,
    /// Where the next chunk begins.
    pub end: u64,
}

/// Reads the header at `at`. The chunk is bounded by `limit`, the end of its parent.
pub(crate) fn chunk_at(src: &Source<'_>, at: u64, limit: u64) -> Result<ChunkAt, ProbeError> {
    let [a, b, c, d, size @ ..] = src.array_alone::<8>(at, "a chunk header")?;
    let (kind, size) = ([a, b, c, d], u32::from_le_bytes(size));
    let mut body = at + 8;
    let mut list = [0; 4];
    if matches!(&kind, b"LIST" | b"RIFF" | b"RF64" | b"BW64") {
        list = src.array_alone(body, "a list header")?;
        body += 4;
    }
    let stated_end = (at + 8 + u64::from(size)).max(body);
    // Chunks begin at even places.
    let end = (stated_end + (stated_end & 1)).min(limit);
    Ok(ChunkAt { kind, list, body, stated_end: stated_end.min(limit), end })
}

impl ChunkAt {
    /// How many bytes the body has as stated, whatever the file has.
    pub fn stated_size(self) -> u64 {
        self.stated_end - self.body
    }

    /// The body, if it is not larger than `limit`.
    pub fn load(
        self,
        src: &Source<'_>,
        limit: u64,
        what: &'static str,
    ) -> Result<Vec<u8>, ProbeError> {
        let size = self.stated_end - self.body;
        if self.stated_end > src.size {
            return Err(src.truncated(what));
        }
        if size > limit {
            return Err(ProbeError::malformed(
                format!("{what} is too large ({size} bytes)"),
                self.body,
            ));
        }
        src.bytes(self.body, size, what)
    }
}

/// A chunk in memory.
pub(crate) struct Chunk<'a> {
    pub kind: [u8; 4],
    pub body: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// What a list is a list of, and its chunks.
    pub fn as_list(&self) -> Option<(&'a [u8; 4], &'a [u8])> {
        if self.kind == *b"LIST" { self.body.split_first_chunk() } else { None }
    }
}

/// The chunks of a body in memory. The last may be cut off.
pub(crate) struct Chunks<'a>(pub &'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let (kind, rest) = self.0.split_first_chunk::<4>()?;
        let size = u32_at(rest, 0)? as usize;
        let rest = &rest[4..];
        let body = &rest[..size.min(rest.len())];
        self.0 = rest.get(size.saturating_add(size & 1)..).unwrap_or_default();
        Some(Chunk { kind: *kind, body })
    }
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|it| u16::from_le_bytes(*it))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|it| u64::from_le_bytes(*it))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|it| u32::from_le_bytes(*it))
}
