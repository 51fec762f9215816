//! EBML: elements on disk and elements in memory. No recursion anywhere: nesting in the file cannot nest the reader.

use crate::ProbeError;
use crate::read::Source;

/// An element whose header is read and whose body is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element {
    pub id: u32,
    /// Where the header begins.
    pub start: u64,
    /// Where the body begins.
    pub body: u64,
    /// Where the body ends as stated, at most the end of its parent. Beyond the file's end when the file is cut off.
    pub end: u64,
    /// The size is not stated, as live writers do; the body then ends where its parent does.
    pub has_unknown_size: bool,
}

/// The longest header: four bytes of id, eight of size.
const MAX_HEADER_BYTES: u64 = 12;

/// Reads the header at `at`. The body is bounded by `limit`, the end of the parent.
pub(crate) fn element_at(src: &Source<'_>, at: u64, limit: u64) -> Result<Element, ProbeError> {
    let mut header = [0; MAX_HEADER_BYTES as usize];
    let header = &mut header[..room_for_header(src, at, limit)?];
    src.read_exact(header, at, "an element")?;
    parse(src, header, at, limit)
}

/// Like [`element_at`], where nothing else near will be read: among frames.
pub(crate) fn element_alone_at(
    src: &Source<'_>,
    at: u64,
    limit: u64,
) -> Result<Element, ProbeError> {
    let mut header = [0; MAX_HEADER_BYTES as usize];
    let header = &mut header[..room_for_header(src, at, limit)?];
    src.read_alone(header, at, "an element")?;
    parse(src, header, at, limit)
}

fn room_for_header(src: &Source<'_>, at: u64, limit: u64) -> Result<usize, ProbeError> {
    match limit.min(src.size).saturating_sub(at).min(MAX_HEADER_BYTES) {
        0 => Err(src.truncated("the header")),
        room => Ok(room as usize),
    }
}

fn parse(src: &Source<'_>, header: &[u8], at: u64, limit: u64) -> Result<Element, ProbeError> {
    let Some((id, n_id)) = id(header) else {
        return Err(ProbeError::malformed("bytes that are no Matroska element", at));
    };
    let Some((size, n_size)) = size(&header[n_id..]) else {
        // Either the size field begins with a zero byte, which the format forbids, or the bytes ran out.
        return match header.get(n_id) {
            Some(0) => Err(ProbeError::malformed("an element with a broken size", at)),
            _ => Err(src.truncated("an element")),
        };
    };
    let body = at + (n_id + n_size) as u64;
    let end = size.map_or(limit, |it| body.saturating_add(it).min(limit));
    Ok(Element { id, start: at, body, end, has_unknown_size: size.is_none() })
}

/// An element id of one to four bytes, with its length marker, and its width.
fn id(bytes: &[u8]) -> Option<(u32, usize)> {
    let width = bytes.first()?.leading_zeros() as usize + 1;
    if width > 4 {
        return None;
    }
    let id = bytes.get(..width)?.iter().fold(0, |sum, it| sum << 8 | u32::from(*it));
    Some((id, width))
}

/// A size of one to eight bytes and its width; all ones mean that it is unknown.
fn size(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let first = *bytes.first()?;
    let width = first.leading_zeros() as usize + 1;
    if width > 8 {
        return None;
    }
    let mask = if width == 8 { 0 } else { 0xff >> width };
    let size = bytes
        .get(1..width)?
        .iter()
        .fold(u64::from(first & mask), |sum, it| sum << 8 | u64::from(*it));
    let unknown = (1_u64 << (7 * width)) - 1;
    Some(((size != unknown).then_some(size), width))
}

/// Writes an element with its size in eight bytes.
pub(crate) fn write_element(out: &mut Vec<u8>, id: u32, body: &[u8]) {
    write_head(out, id, body.len() as u64);
    out.extend(body);
}

/// Writes an element's head, for a body of `size` bytes.
pub(crate) fn write_head(out: &mut Vec<u8>, id: u32, size: u64) {
    let id = id.to_be_bytes();
    out.extend(id.iter().skip_while(|it| **it == 0));
    out.extend((1 << 56 | size).to_be_bytes());
}

/// The children of an element whose body is in memory. Stops silently where the bytes stop making sense.
#[derive(Clone)]
pub(crate) struct Children<'a>(pub &'a [u8]);

/// A child: its id and its body.
#[derive(Clone, Copy)]
pub(crate) struct Child<'a> {
    pub id: u32,
    pub body: &'a [u8],
}

impl<'a> Iterator for Children<'a> {
    type Item = Child<'a>;

    fn next(&mut self) -> Option<Child<'a>> {
        let (id, n_id) = id(self.0)?;
        let (size, n_size) = size(&self.0[n_id..])?;
        let rest = &self.0[n_id + n_size..];
        let size =
            size.map_or(rest.len(), |it| usize::try_from(it).unwrap_or(usize::MAX).min(rest.len()));
        let (body, rest) = rest.split_at(size);
        self.0 = rest;
        Some(Child { id, body })
    }
}

impl<'a> Child<'a> {
    pub fn children(self) -> Children<'a> {
        Children(self.body)
    }

    /// An unsigned integer of up to eight bytes; an empty body is 0.
    pub fn uint(self) -> u64 {
        self.body.iter().take(8).fold(0, |sum, it| sum << 8 | u64::from(*it))
    }

    /// A float of four or eight bytes; anything else is 0.
    pub fn float(self) -> f64 {
        match self.body.len() {
            4 => self.body.first_chunk().map_or(0.0, |it| f32::from_be_bytes(*it).into()),
            8 => self.body.first_chunk().map_or(0.0, |it| f64::from_be_bytes(*it)),
            _ => 0.0,
        }
    }

    /// A text, cut at the first zero byte; bytes that are not UTF-8 are replaced.
    pub fn text(self) -> String {
        let end = self.body.iter().position(|it| *it == 0).unwrap_or(self.body.len());
        crate::probe::clip(&String::from_utf8_lossy(&self.body[..end])).to_owned()
    }
}
