//! MP4, QuickTime and relatives: the movie box, wherever it is, and for fragmented files what tells their duration.
//!
//! Invariant: sample tables are not expanded; of the media bytes only chapter titles and the heads of some first frames
//! are read.

pub(crate) mod boxes;
mod chapters;
mod edits;
mod fragments;
mod metadata;
mod movie;
mod random_access;
mod runs;
mod sample_entry;
mod samples;
mod track;

use self::boxes::{BoxAt, box_at};
use crate::ProbeError;
use crate::container::Container;
use crate::index::KeyFrameIndex;
use crate::probe::Probe;
use crate::read::Source;
use crate::stream::StreamKind;

/// Top-level boxes that are looked at: a day of two-second fragments.
const MAX_TOP_LEVEL: usize = 100_000;

pub(crate) fn read(src: &Source<'_>) -> Result<Probe, ProbeError> {
    let (moov, brand) = find_movie(src)?;
    read_movie(src, moov, brand)
}

/// The key frames of the main video, by its sample table or the index of its fragments.
pub(crate) fn index(src: &Source<'_>) -> Result<Option<KeyFrameIndex>, ProbeError> {
    let (moov, _) = find_movie(src)?;
    let mut probe = Probe::new(Container::Mp4);
    let movie = movie::read(src, moov, &mut probe)?;
    let mut tracks = movie.tracks.iter().zip(&probe.streams);
    let Some((track, stream)) = tracks.find(|it| it.1.kind == StreamKind::Video) else {
        return Ok(None);
    };
    let shift = edits::shift(src, track, movie.timescale);
    let mut found = match track.table {
        Some(table) if track.n_samples > 0 => {
            samples::key_frames(src, table, track.n_samples, shift).unwrap_or_default()
        }
        _ => random_access::key_frames(src, moov.end, track, &movie.tracks, shift),
    };
    found.sort_unstable_by_key(|it| it.time);
    found.dedup_by_key(|it| it.time);
    Ok(KeyFrameIndex::new(stream.index, track.timescale, found))
}

/// The movie box and the brand of the file.
fn find_movie(src: &Source<'_>) -> Result<(BoxAt, Option<[u8; 4]>), ProbeError> {
    let mut brand = None;
    let mut at = 0;
    for _ in 0..MAX_TOP_LEVEL {
        if src.size - at < 8 {
            break;
        }
        let it = box_at(src, at, u64::MAX)?;
        match &it.kind {
            b"ftyp" => brand = it.head(src, 4, "the file type")?.first_chunk().copied(),
            b"moov" if it.end > src.size => return Err(src.truncated("the index (moov)")),
            b"moov" => return Ok((it, brand)),
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
