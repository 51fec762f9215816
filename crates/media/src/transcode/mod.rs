//! Making pictures and sound anew: what is made, what FFmpeg is given for it, and what becomes of its answer. Pure: whoever
//! runs FFmpeg writes the feed to its standard input and brings back its standard output.
//!
//! Invariant: a segment depends on the file, the rendition and the number alone. It spans what the copied segment of that
//! number spans, so that made and copied tracks play beside each other, and its samples join those of its neighbours
//! though nobody has seen them.

mod answer;
mod args;
pub(crate) mod feed;
mod matroska;
mod picture;
mod rendition;
mod sound;

use std::ffi::OsString;

pub(crate) use self::args::TONE_MAP;
pub(crate) use self::picture::is_high_range;
pub(crate) use self::rendition::upright_size;
pub use self::rendition::{Effort, Picture, Rendition, Rung, SOUND_BPS};
use crate::cmaf::Segment;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, Track};
use crate::stream::{Hdr, Stream, StreamKind};

/// Counts up when the same arguments would make something else: another feed, or other segments of the same answer.
const MAKING: u32 = 1;

/// What the installed FFmpeg can do.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    /// It has the `zscale` filter, without which HDR pictures stay pale.
    pub has_zscale: bool,
}

/// One call of FFmpeg that makes one segment.
#[derive(Debug)]
pub struct Work {
    /// Its arguments: no path and nothing that a file or a person wrote.
    pub args: Vec<OsString>,
    /// What to write to its standard input.
    pub feed: Segment,
    made: Track,
    number: usize,
    expected: Expected,
}

/// What the answer must hold.
#[derive(Debug)]
enum Expected {
    Picture(picture::Shown),
    Sound(sound::Frames),
}

/// A segment that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What a decoder needs before it. The same for all segments of a rendition.
    pub init: Vec<u8>,
    /// The segment.
    pub segment: Vec<u8>,
    /// How many samples the film has there and the answer has not: those that could not be decoded.
    pub n_missing: usize,
}

/// Why FFmpeg's answer is no segment.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It is no MP4.
    #[error("the answer cannot be read")]
    Unreadable(#[from] FilmError),
    /// It is not what was asked for.
    #[error("the answer has {found} samples, and {expected} were expected")]
    Samples {
        /// In the answer.
        found: usize,
        /// In the film.
        expected: usize,
    },
    /// Nothing could be decoded.
    #[error("nothing of this part of the film could be decoded")]
    Nothing,
    /// Decoding could not begin with it.
    #[error("the answer does not begin with a key frame")]
    NoKey,
}

/// The track that comes of a track of the film: what its playlist and the client's decoder are told. `None` where the
/// rendition is for something else.
pub fn track(source: &Track, rendition: Rendition) -> Option<Track> {
    match (rendition, source.stream.kind) {
        (Rendition::Picture(it), StreamKind::Video) => Some(picture::track(source, it)),
        (Rendition::Sound, StreamKind::Audio) => Some(sound::track(source)),
        _ => None,
    }
}

/// All that the segments of a rendition hang on beside the file, the number and the program that makes them: who finds the
/// same words again finds the same segments.
pub fn recipe(source: &Track, rendition: Rendition, abilities: Abilities) -> Option<Vec<OsString>> {
    let made = track(source, rendition)?;
    let mut words = vec![format!("{rendition}/{MAKING}").into()];
    words.extend(match rendition {
        Rendition::Picture(it) => args::picture(picture::words(source, &made, it, abilities)),
        Rendition::Sound => args::sound(sound::words(&made)),
    });
    Some(words)
}

/// Everything to make segment `number` of a track anew.
pub fn work(
    film: &Film,
    bytes: &dyn ReadAt,
    source: &Track,
    rendition: Rendition,
    number: usize,
    abilities: Abilities,
) -> Result<Work, FilmError> {
    let made = track(source, rendition).ok_or(FilmError::NotThere)?;
    if number >= film.n_segments(&made) {
        return Err(FilmError::NotThere);
    }
    match rendition {
        Rendition::Picture(it) => picture::work(film, bytes, source, made, it, number, abilities),
        Rendition::Sound => sound::work(film, bytes, source, made, number),
    }
}

/// Everything to make one picture, for what a decoder needs before the first: it is the same for all segments.
pub fn beginning(
    film: &Film,
    bytes: &dyn ReadAt,
    source: &Track,
    picture: Picture,
    abilities: Abilities,
) -> Result<Work, FilmError> {
    let made = track(source, Rendition::Picture(picture)).ok_or(FilmError::NotThere)?;
    picture::beginning(film, bytes, source, made, picture, abilities)
}

impl Work {
    /// The segment in FFmpeg's answer.
    pub fn finish(self, answer: &[u8]) -> Result<Made, AnswerError> {
        match self.expected {
            Expected::Picture(shown) => picture::finish(self.made, self.number, &shown, answer),
            Expected::Sound(frames) => sound::finish(&self.made, self.number, &frames, answer),
        }
    }
}

/// Why pictures cannot be made anew, though FFmpeg may decode them.
pub fn against(stream: &Stream) -> Option<&'static str> {
    match stream.hdr {
        // Its colours mean nothing without the metadata that no filter here understands.
        Some(Hdr::DolbyVision { compatibility: 0, .. }) => {
            Some("Dolby Vision without a picture for other players is not converted")
        }
        _ => None,
    }
}
