//! One track's header: its number, its time, its sample description, and where its tables are.

use crate::ProbeError;
use crate::mp4::boxes::{BoxAt, Boxes, u16_at, u32_at};
use crate::read::Source;
use crate::samples::config::MAX_CONFIG_BYTES;

/// Where the boxes of a visual sample entry begin.
const VISUAL_BOXES_AT: usize = 78;
/// What stands before the body of an entry that is alone in its `stsd`.
const HEAD_BYTES: usize = 16;

pub(super) struct Header {
    pub id: u32,
    pub timescale: u32,
    /// The body of `stsd` as it is; empty when it is too large to be one.
    pub described: Vec<u8>,
    /// The boxes of the sample table.
    pub tables: Vec<BoxAt>,
}

pub(super) fn read(src: &Source<'_>, trak: BoxAt) -> Result<Header, ProbeError> {
    let missing = |what: &str| ProbeError::malformed(format!("a track without {what}"), trak.start);
    let media = trak.child(src, *b"mdia").ok_or_else(|| missing("media (mdia)"))?;
    let header = media.child(src, *b"mdhd").ok_or_else(|| missing("a media header (mdhd)"))?;
    let table = media.child(src, *b"minf").and_then(|it| it.child(src, *b"stbl"));
    let tables = table.ok_or_else(|| missing("a sample table (stbl)"))?.children(src);
    let id = match trak.child(src, *b"tkhd") {
        Some(it) => {
            let body = it.head(src, 24, "a track header")?;
            u32_at(&body, if body.first() == Some(&1) { 20 } else { 12 }).unwrap_or(0)
        }
        None => 0,
    };
    let description = tables.iter().find(|it| it.kind == *b"stsd");
    let described = match description {
        Some(it) => it.load(src, MAX_CONFIG_BYTES as u64, "a sample description")?,
        None => Vec::new(),
    };
    Ok(Header { id, timescale: super::timescale(src, header)?, described, tables })
}

/// One of the entries of an `stsd`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub kind: [u8; 4],
    pub body: &'a [u8],
}

/// The entries of an `stsd`, so many at most.
pub(super) fn entries(stsd: &[u8], limit: usize) -> Vec<Entry<'_>> {
    let boxes = Boxes(stsd.get(8..).unwrap_or_default());
    boxes.take(limit).map(|(kind, body)| Entry { kind, body }).collect()
}

impl<'a> Entry<'a> {
    /// The body of the box that configures the decoder; of `esds` only the decoder's own bytes. Empty where there is none.
    pub fn config(&self) -> &'a [u8] {
        config(self.kind, self.body)
    }

    /// The body of an `stsd` of this entry alone.
    pub fn alone(&self) -> Vec<u8> {
        let mut stsd = vec![0, 0, 0, 0, 0, 0, 0, 1];
        stsd.extend((self.body.len() as u32 + 8).to_be_bytes());
        stsd.extend(self.kind);
        stsd.extend(self.body);
        stsd
    }

    /// The same with another byte at a place in its configuration, which must be in it as it is.
    pub fn alone_with(&self, (at, byte): (usize, u8)) -> Vec<u8> {
        let mut stsd = self.alone();
        let offset = self.config().as_ptr().addr().wrapping_sub(self.body.as_ptr().addr());
        if let Some(it) = stsd.get_mut(offset.saturating_add(at).saturating_add(HEAD_BYTES)) {
            *it = byte;
        }
        stsd
    }
}

fn config(kind: [u8; 4], entry: &[u8]) -> &[u8] {
    let boxes_at = match &kind {
        b"avc1" | b"avc3" | b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" | b"dva1" | b"dvav" | b"av01"
        | b"dav1" | b"vp09" => VISUAL_BOXES_AT,
        // QuickTime has three lengths of the head of a sound's entry.
        _ => match u16_at(entry, 8) {
            Some(1) => 44,
            Some(2) => 64,
            _ => 28,
        },
    };
    let boxes = entry.get(boxes_at..).unwrap_or_default();
    let boxes = Boxes(boxes).find(*b"wave").unwrap_or(boxes);
    for (kind, body) in Boxes(boxes) {
        match &kind {
            b"avcC" | b"hvcC" | b"av1C" | b"vpcC" | b"dOps" | b"dfLa" | b"dac3" | b"dec3" => {
                return body;
            }
            b"esds" => return decoder_specific(body).unwrap_or_default(),
            _ => {}
        }
    }
    &[]
}

/// Through MPEG-4's nested descriptors to what the decoder itself wants to know.
fn decoder_specific(esds: &[u8]) -> Option<&[u8]> {
    let stream = descriptor(esds.get(4..)?, 3)?;
    let flags = *stream.get(2)?;
    let mut at = 3;
    if flags & 0x80 != 0 {
        at += 2;
    }
    if flags & 0x40 != 0 {
        at += 1 + usize::from(*stream.get(at)?);
    }
    if flags & 0x20 != 0 {
        at += 2;
    }
    descriptor(descriptor(stream.get(at..)?, 4)?.get(13..)?, 5)
}

fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&[tag])?;
    let n_size = rest.iter().take(4).position(|it| it & 0x80 == 0)? + 1;
    let size = rest[..n_size].iter().fold(0_usize, |sum, it| sum << 7 | usize::from(it & 0x7f));
    rest[n_size..].get(..size)
}
