//! MP4, QuickTime and relatives: the movie box, wherever it is, and for fragmented files what tells their duration.
//!
//! Invariant: sample tables are not expanded; of the media bytes only chapter titles are read.

pub(crate) mod boxes;
mod chapters;
mod fragments;
mod metadata;
mod movie;
mod sample_entry;
mod track;

use self::boxes::{BoxAt, box_at};
use crate::ProbeError;
use crate::container::Container;
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::StreamKind;

/// Top-level boxes that are looked at: a day of two-second fragments.
const MAX_TOP_LEVEL: usize = 100_000;

pub(crate) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let mut brand = None;
    let mut at = 0;
    for _ in 0..MAX_TOP_LEVEL {
        if src.size - at < 8 {
            break;
        }
        let it = box_at(src, at, u64::MAX)?;
        match &it.kind {
            b"ftyp" => brand = it.head(src, 4, "the file type")?.first_chunk().copied(),
            b"moov" => return read_movie(src, it, brand),
            b"mdat" if it.end > src.size => {
                return Err(src.truncated("the media bytes, before the index"));
            }
            _ => {}
        }
        if it.end >= src.size {
            break;
        }
        at = it.end;
    }
    Err(src.truncated("the part before the index (moov)"))
}

fn read_movie(src: &Source<'_>, moov: BoxAt, brand: Option<[u8; 4]>) -> Result<Probe, ProbeError> {
    if moov.end > src.size {
        return Err(src.truncated("the index (moov)"));
    }
    let mut probe = Probe::new(Container::Mp4);
    let movie = movie::read(src, moov, &mut probe)?;
    if movie.is_fragmented {
        fragments::read(src, moov.end, &movie, &mut probe);
    } else if let Some(missing) = missing_bytes(src, moov.end) {
        probe.warn(format!("the file is cut off: its last {missing} bytes are missing"));
    }
    let has_video = probe.streams.iter().any(|it| it.kind == StreamKind::Video);
    probe.container = match brand.as_ref() {
        // Files older than the brand box are QuickTime.
        Some(b"qt  ") | None => Container::Mov,
        Some(b"M4A " | b"M4B ") if !has_video => Container::M4a,
        _ => Container::Mp4,
    };
    Ok(probe)
}

/// How much of the boxes behind the index is missing.
fn missing_bytes(src: &Source<'_>, mut at: u64) -> Option<u64> {
    for _ in 0..64 {
        let it = box_at(src, at, u64::MAX).ok()?;
        if it.end > src.size {
            return Some(it.end - src.size);
        }
        at = it.end;
    }
    None
}

#[cfg(test)]
mod tests;
