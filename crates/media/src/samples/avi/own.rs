//! The file's own index: one list at the end, or OpenDML's, spread over the file.

use super::header::{FrameChunk, Header, StreamHeader, is_picture};
use super::scan::{Counting, Scan};
use crate::read::Source;
use crate::riff::chunks::{chunk_at, u16_at, u32_at, u64_at};
use crate::samples::FilmError;

/// Entries of all indexes: the chunks of a film of thirty hours.
const MAX_ENTRIES: usize = 8_000_000;
/// Parts of the indexes of OpenDML.
const MAX_PARTS: usize = 8192;
/// Entries that are looked up before all are believed.
const N_LOOKED_UP: usize = 16;
/// Entries that are read at once.
const READ_BYTES: u64 = 1 << 20;
const OLD_ENTRY_BYTES: u64 = 16;
const OLD_KEY: u32 = 0x10;

/// A chunk by the index.
struct Entry {
    kind: [u8; 4],
    at: u64,
    size: u32,
    is_key: bool,
}

/// The index of the file, in the shape of one of ours; [`FilmError::NoIndex`] where there is none to go by.
pub(super) fn read(src: &Source<'_>, header: &Header, video: u32) -> Result<Scan, FilmError> {
    let of = header.streams.iter().find(|it| it.number == video).ok_or(FilmError::NoIndex)?;
    let is_new = !of.indexes.is_empty();
    let entries = if is_new {
        new_entries(src, header)?
    } else {
        // The old index knows the first part of a file alone.
        let only = header.lists.len() == 1;
        let place = header.old_index.filter(|_| only).ok_or(FilmError::NoIndex)?;
        old_entries(src, header, place)?
    };
    if entries.is_empty() || !are_true(src, &entries) {
        return Err(FilmError::NoIndex);
    }
    let mut counting = Counting::new(header, video)?;
    for it in &entries {
        counting.take(it.kind, it.at, it.size.into(), || it.is_key);
    }
    let mut scan = counting.scan;
    // Some writers mark none, or only the first.
    if scan.keys.is_empty() {
        return Err(FilmError::NoIndex);
    }
    scan.keys.retain(|it| it.offset < src.size);
    Ok(scan)
}

fn old_entries(
    src: &Source<'_>,
    header: &Header,
    (begin, size): (u64, u64),
) -> Result<Vec<Entry>, FilmError> {
    let list = header.lists.first().map_or(0, |it| it.0);
    let mut entries: Vec<Entry> = Vec::new();
    let mut base = None;
    let mut at = begin;
    let end = begin.saturating_add(size - size % OLD_ENTRY_BYTES);
    while at < end && entries.len() < MAX_ENTRIES {
        let piece = src.bytes(at, READ_BYTES.min(end - at), "the index")?;
        at += piece.len() as u64;
        for entry in piece.chunks_exact(OLD_ENTRY_BYTES as usize) {
            let Some(kind) = entry.first_chunk::<4>() else { continue };
            let word = |at: usize| u32_at(entry, at).unwrap_or(0);
            if FrameChunk::stream(*kind).is_none() {
                continue;
            }
            // Places are counted from the list of frames, or from the beginning of the file.
            let is_there = |base: &u64| is_chunk(src, base + u64::from(word(8)), *kind);
            if base.is_none() {
                base = [list - 4, 0].into_iter().find(is_there);
            }
            let base = base.ok_or(FilmError::NoIndex)?;
            entries.push(Entry {
                kind: *kind,
                at: base + u64::from(word(8)),
                size: word(12),
                is_key: word(4) & OLD_KEY != 0,
            });
        }
    }
    Ok(entries)
}

fn new_entries(src: &Source<'_>, header: &Header) -> Result<Vec<Entry>, FilmError> {
    let mut entries = Vec::new();
    for stream in header.streams.iter().filter(|it| it.is_video || it.is_sound) {
        for part in stream.indexes.iter().take(MAX_PARTS) {
            read_part(src, stream, *part, &mut entries)?;
        }
    }
    entries.sort_by_key(|it| it.at);
    Ok(entries)
}

/// Reads one part of an index, all of one stream.
fn read_part(
    src: &Source<'_>,
    stream: &StreamHeader,
    at: u64,
    entries: &mut Vec<Entry>,
) -> Result<(), FilmError> {
    const HEAD_BYTES: u64 = 24;
    /// The highest bit of a size says that the picture needs others.
    const NEEDS_OTHERS: u32 = 1 << 31;
    let Ok(chunk) = chunk_at(src, at, u64::MAX) else { return Ok(()) };
    let size = chunk.stated_size().min(src.size.saturating_sub(chunk.body));
    let is_index = &chunk.kind[..2] == b"ix" || &chunk.kind[2..] == b"ix";
    if !is_index || size < HEAD_BYTES {
        return Err(FilmError::NoIndex);
    }
    let head = src.bytes(chunk.body, HEAD_BYTES, "an index")?;
    let longs = u16_at(&head, 0).unwrap_or(0);
    // Two numbers an entry; three where fields are told apart.
    let width = usize::from(longs) * 4;
    let (Some(name), Some(base), true) =
        (head.get(8..).and_then(|it| it.first_chunk::<4>()), u64_at(&head, 12), width >= 8)
    else {
        return Err(FilmError::NoIndex);
    };
    let n_entries =
        u64::from(u32_at(&head, 4).unwrap_or(0)).min((size - HEAD_BYTES) / width as u64);
    let body = src.bytes(chunk.body + HEAD_BYTES, n_entries * width as u64, "an index")?;
    for entry in body.chunks_exact(width) {
        if entries.len() >= MAX_ENTRIES {
            return Err(FilmError::NoIndex);
        }
        let (offset, size) = (u32_at(entry, 0).unwrap_or(0), u32_at(entry, 4).unwrap_or(0));
        // The place is that of the chunk's body.
        let Some(at) = base.checked_add(offset.into()).and_then(|it| it.checked_sub(8)) else {
            continue;
        };
        entries.push(Entry {
            kind: *name,
            at,
            size: size & !NEEDS_OTHERS,
            is_key: stream.is_video && size & NEEDS_OTHERS == 0,
        });
    }
    Ok(())
}

fn is_chunk(src: &Source<'_>, at: u64, kind: [u8; 4]) -> bool {
    src.array_alone::<4>(at, "a chunk").is_ok_and(|it| it == kind || is_alike(it, kind))
}

/// The same stream's picture under another name.
fn is_alike(found: [u8; 4], kind: [u8; 4]) -> bool {
    found[..2] == kind[..2] && is_picture(found) && is_picture(kind)
}

/// Some of the entries are looked up.
fn are_true(src: &Source<'_>, entries: &[Entry]) -> bool {
    let looked_up = (0..N_LOOKED_UP).filter_map(|n| entries.get(n * entries.len() / N_LOOKED_UP));
    let mut there = looked_up.filter(|it| it.at < src.size);
    there.all(|it| is_chunk(src, it.at, it.kind))
}
