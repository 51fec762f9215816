//! What an ASF header says in words: titles, languages, and shapes by name.

use crate::probe::{MAX_ENTRIES, Probe};
use crate::riff::chunks::{u16_at, u32_at};

/// Kinds of values.
const TEXT: u16 = 0;
const LONG: u16 = 3;

fn text(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]]));
    let units: Vec<u16> = units.take_while(|it| *it != 0).collect();
    String::from_utf16_lossy(&units)
}

/// Title, author, copyright, description and rating, whose sizes stand first.
pub(super) fn content(body: &[u8], probe: &mut Probe) {
    const NAMES: [&str; 5] = ["title", "artist", "copyright", "comment", "rating"];
    let mut at = 2 * NAMES.len();
    for (n, name) in NAMES.iter().enumerate() {
        let size = usize::from(u16_at(body, 2 * n).unwrap_or(0));
        let Some(value) = body.get(at..at + size) else { return };
        probe.tags.add(name, &text(value));
        at += size;
    }
}

/// Anything by name.
pub(super) fn more_content(body: &[u8], probe: &mut Probe) {
    // What is cut off ends it.
    let _ = more_content_of(body, probe);
}

fn more_content_of(body: &[u8], probe: &mut Probe) -> Option<()> {
    let mut at = 2;
    for _ in 0..usize::from(u16_at(body, 0)?).min(MAX_ENTRIES) {
        let size = usize::from(u16_at(body, at)?);
        let name = text(body.get(at + 2..at + 2 + size)?);
        at += 2 + size;
        let (kind, size) = (u16_at(body, at)?, usize::from(u16_at(body, at + 2)?));
        let value = body.get(at + 4..at + 4 + size)?;
        at += 4 + size;
        let name = match name.as_str() {
            "Description" => "comment",
            "WM/AlbumTitle" => "album",
            "WM/AlbumArtist" => "album_artist",
            "WM/Genre" => "genre",
            "WM/TrackNumber" => "track",
            "WM/PartOfSet" => "disc",
            "WM/Year" => "date",
            "WM/Composer" => "composer",
            "WM/Language" => "language",
            _ => continue,
        };
        match kind {
            TEXT => probe.tags.add(name, &text(value)),
            LONG => probe.tags.add(name, &u32_at(value, 0)?.to_string()),
            _ => {}
        }
    }
    Some(())
}

/// The languages of streams, by number.
pub(super) fn languages(body: &[u8]) -> Vec<Option<String>> {
    let n_languages = usize::from(u16_at(body, 0).unwrap_or(0)).min(MAX_ENTRIES);
    let mut rest = body.get(2..).unwrap_or_default();
    let mut found = Vec::new();
    for _ in 0..n_languages {
        let Some((size, after)) = rest.split_first() else { break };
        let size = usize::from(*size).min(after.len());
        found.push(Some(text(&after[..size])).filter(|it| !it.is_empty()));
        rest = &after[size..];
    }
    found
}

/// The shapes of pixels: numbers of streams, widths and heights.
pub(super) fn shapes(body: &[u8]) -> Vec<(u16, [u32; 2])> {
    let mut found = Vec::new();
    // What is cut off ends it.
    let _ = shapes_of(body, &mut found);
    found.retain(|it| it.1.iter().all(|it| *it > 0));
    found
}

fn shapes_of(body: &[u8], found: &mut Vec<(u16, [u32; 2])>) -> Option<()> {
    let mut at = 2;
    for _ in 0..usize::from(u16_at(body, 0)?).min(MAX_ENTRIES) {
        let (stream, n_name) = (u16_at(body, at + 2)?, usize::from(u16_at(body, at + 4)?));
        let n_value = u32_at(body, at + 8)? as usize;
        let name = text(body.get(at + 12..at + 12 + n_name)?);
        let value = body.get(at + 12 + n_name..)?;
        at = (at + 12 + n_name).checked_add(n_value)?;
        let side = match name.as_str() {
            "AspectRatioX" => 0,
            "AspectRatioY" => 1,
            _ => continue,
        };
        let number = u32_at(value, 0).or(u16_at(value, 0).map(u32::from))?;
        if found.iter().all(|it| it.0 != stream) {
            found.push((stream, [0; 2]));
        }
        if let Some(shape) = found.iter_mut().find(|it| it.0 == stream) {
            shape.1[side] = number;
        }
    }
    Some(())
}
