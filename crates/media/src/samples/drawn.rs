//! The subtitles of a film that are pictures, by windows of time, so that no film's are read as a whole.

use super::{Film, FilmError, Layout};
use crate::Probe;
use crate::read::{ReadAt, Source};
use crate::stream::{Stream, StreamKind};
use crate::subtitles::{self, Drawn};

/// The subtitles of a film that can be drawn.
pub(super) fn of(probe: &Probe, layout: &Layout) -> Vec<Stream> {
    if !matches!(layout, Layout::Matroska(_) | Layout::Mux(_)) {
        return Vec::new();
    }
    let drawn = probe.of_kind(StreamKind::Subtitle).filter(|it| it.codec.is_drawn_subtitle());
    drawn.cloned().collect()
}

/// All that is shown at some time from `from_ms` until before `to_ms`.
pub fn read_drawn(
    film: &Film,
    bytes: &dyn ReadAt,
    stream: u32,
    from_ms: i64,
    to_ms: i64,
) -> Result<Drawn, FilmError> {
    let stream = film.drawn.iter().find(|it| it.index == stream).ok_or(FilmError::NotThere)?;
    let is_beginning = |sample: &[u8]| subtitles::is_beginning(&stream.codec, sample);
    let (samples, description) = match &film.layout {
        Layout::Matroska(layout) => {
            let src = Source::new(bytes, "Matroska")?;
            let samples = layout.window(&src, stream.index, from_ms, to_ms, is_beginning)?;
            (samples, layout.private_of(stream.index).unwrap_or_default())
        }
        // The colours of DVDs stand in another file.
        Layout::Mux(layout) => {
            let src = Source::new(bytes, "MPEG")?;
            let window = (from_ms, to_ms);
            (layout.window(&src, stream.index, window, is_beginning)?, Vec::new())
        }
        _ => return Err(FilmError::NotThere),
    };
    let mut drawn = subtitles::draw(stream, &description, &samples).ok_or(FilmError::NotThere)?;
    drawn.cues.retain(|it| it.end_ms > from_ms && it.start_ms < to_ms);
    Ok(drawn)
}
