//! Fonts that a film brings for its subtitles.

use super::{Film, FilmError};
use crate::Probe;
use crate::probe::Attachment;
use crate::read::{ReadAt, Source};

/// Fonts with all signs of Chinese have some twenty megabytes.
const MAX_FONT_BYTES: u64 = 64 * 1024 * 1024;
/// Films of much typesetting bring a hundred.
const MAX_FONTS: usize = 256;
/// Endings of fonts' names, for those whose type says nothing.
const ENDINGS: [&str; 6] = ["ttf", "otf", "ttc", "otc", "woff", "woff2"];

/// A font in a film's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Font {
    /// Its type, of those that browsers know (RFC 8081).
    pub mime: &'static str,
    offset: u64,
    size_bytes: u64,
}

/// The fonts among what is attached to a file.
pub(super) fn of(probe: &Probe) -> Vec<Font> {
    probe.attachments.iter().filter_map(font).take(MAX_FONTS).collect()
}

fn font(attachment: &Attachment) -> Option<Font> {
    let name = attachment.file_name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |it| it.1);
    let stated = attachment.mime.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_font = ENDINGS.contains(&ending)
        || stated.starts_with("font/")
        || ["truetype", "opentype", "x-font"].iter().any(|it| stated.contains(it));
    let mime = match ending {
        "otf" => "font/otf",
        "ttc" | "otc" => "font/collection",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        _ if stated.contains("otf") || stated.contains("opentype") => "font/otf",
        _ => "font/ttf",
    };
    let (offset, size_bytes) = (attachment.offset?, attachment.size_bytes?);
    let is_sane = (1..=MAX_FONT_BYTES).contains(&size_bytes);
    (is_font && is_sane).then_some(Font { mime, offset, size_bytes })
}

/// The bytes of a font of the film.
pub fn read_font(film: &Film, bytes: &dyn ReadAt, number: usize) -> Result<Vec<u8>, FilmError> {
    let font = film.fonts.get(number).ok_or(FilmError::NotThere)?;
    let src = Source::new(bytes, "Matroska")?;
    Ok(src.bytes(font.offset, font.size_bytes, "a font")?)
}
