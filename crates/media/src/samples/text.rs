//! The text subtitles of a film, as they lie in the file.

use super::{Film, FilmError, Layout};
use crate::read::{ReadAt, Source};

/// Cues beyond this number belong to no film.
const MAX_CUES: usize = 100_000;

/// A subtitle that is shown for a while, in the coding of its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextCue {
    /// Milliseconds from the beginning of the film.
    pub start_ms: i64,
    /// For how long, where the file says so.
    pub duration_ms: Option<i64>,
    /// What is shown.
    pub bytes: Vec<u8>,
}

/// All cues of a text track. Where the file has an index of them, nothing else is read.
pub fn read_text(film: &Film, bytes: &dyn ReadAt, stream: u32) -> Result<Vec<TextCue>, FilmError> {
    if !film.texts.iter().any(|it| it.index == stream) {
        return Err(FilmError::NotThere);
    }
    let mut cues = match &film.layout {
        Layout::Matroska(it) => it.texts(&Source::new(bytes, "Matroska")?, stream, MAX_CUES)?,
        Layout::Mp4(it) => it.texts(&Source::new(bytes, "MP4")?, stream, MAX_CUES)?,
        // Their subtitles are pictures, or none.
        Layout::Mux(_) | Layout::Avi(_) | Layout::Whole(_) => return Err(FilmError::NotThere),
    };
    cues.sort_by_key(|it| it.start_ms);
    Ok(cues)
}

/// What a text track's own description says, beside its cues: of a script, its head.
pub fn text_description(film: &Film, stream: u32) -> Option<Vec<u8>> {
    match &film.layout {
        Layout::Matroska(it) => it.private_of(stream),
        _ => None,
    }
}
