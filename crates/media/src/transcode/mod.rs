//! Making pictures and sound anew: what is made, what FFmpeg is given for it, and what becomes of its answer. Pure: whoever
//! runs FFmpeg writes the feed to its standard input and brings back its standard output.
//!
//! Invariant: a part depends on the file, the rendition and the number alone. One call of FFmpeg makes a run: all parts of
//! a segment of the plan, from its key frame on, whichever of them was asked for. So made and copied tracks play beside
//! each other, and the samples of a run join those of its neighbours though nobody has seen them.

mod answer;
mod args;
mod assembly;
mod burn;
mod cost;
pub(crate) mod feed;
mod hardware;
mod matroska;
mod message;
mod parts;
mod picture;
mod rendition;
mod sound;

use std::ffi::OsString;

pub(crate) use self::args::TONE_MAP;
use self::assembly::Assembly;
pub use self::cost::processors;
pub use self::hardware::{Hardware, Node, trial, trial_of_libass, trial_of_libplacebo};
use self::message::Call;
pub use self::message::{Order, OrderError};
pub use self::parts::{Part, parts};
pub(crate) use self::picture::is_high_range;
pub(crate) use self::rendition::upright_size;
pub use self::rendition::{
    Burnt, Effort, Encoder, Picture, Rendition, Rung, SOUND_BPS, SURROUND_BPS,
};
use crate::cmaf::Segment;
use crate::read::ReadAt;
use crate::samples::{Film, FilmError, Track};
use crate::stream::{Hdr, Stream, StreamKind};
use crate::subtitles::Script;

/// Counts up when the same arguments would make something else: another feed, other parts,
/// or others of the same answer.
pub const MAKING: u32 = 2;

/// What the installed FFmpeg can do.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    /// It has the `zscale` filter, without which HDR pictures stay pale.
    pub has_zscale: bool,
    /// Its `ass` filter works here, which draws text into pictures.
    pub has_libass: bool,
    /// Its `libplacebo` filter works here, which understands Dolby Vision; it needs a graphics card.
    pub has_libplacebo: bool,
    /// The number of the device node that encoders and filters of hardware use, of `/dev/dri/renderD*`.
    pub render_node: u16,
}

/// The first of the device nodes of a machine.
pub const FIRST_RENDER_NODE: u16 = 128;

impl Abilities {
    /// Those of an FFmpeg that has nothing special.
    pub const NONE: Self = Self {
        has_zscale: false,
        has_libass: false,
        has_libplacebo: false,
        render_node: FIRST_RENDER_NODE,
    };
}

/// One call of FFmpeg, which makes one run.
#[derive(Debug)]
pub struct Work {
    /// FFmpeg's arguments, here or on another machine: no path and nothing that a file or a person wrote.
    pub order: Order,
    /// What to write to its standard input.
    pub feed: Segment,
    /// What becomes of its answer.
    pub making: Making,
}

impl Work {
    fn new(call: Call, feed: Segment, making: Making) -> Self {
        Self { order: Order::new(call), feed, making }
    }
}

/// The parts of a run, which come out of FFmpeg's answer.
#[derive(Debug)]
pub struct Making(Answer);

#[derive(Debug)]
enum Answer {
    Picture(Box<Assembly>),
    Sound { made: Box<Track>, number: usize, frames: sound::Frames, answer: Vec<u8> },
}

/// What came of an answer.
#[derive(Debug)]
pub enum Step {
    /// What a decoder needs before any part.
    Beginning(Vec<u8>),
    /// The part of this place in the run; every part comes once, in their order.
    Part(usize, Result<Made, AnswerError>),
}

/// A part that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What a decoder needs before it. The same for all parts of a rendition.
    pub init: Vec<u8>,
    /// The part, as a media segment of its own.
    pub segment: Vec<u8>,
    /// How many samples the film has there and the answer has not: those that could not be decoded.
    pub n_missing: usize,
}

/// Why FFmpeg's answer is no part.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Something in it contradicts its format.
    #[error("the answer cannot be read")]
    Unreadable(#[from] FilmError),
    /// Its boxes are not those of an MP4.
    #[error("the answer is no MP4")]
    Garbled,
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
    /// Pictures are not coded as they are shown.
    #[error("the pictures of the answer are out of order")]
    Order,
}

/// The track that comes of a track of the film: what its playlist and the client's decoder are told. `None` where the
/// rendition is for something else.
pub fn track(source: &Track, rendition: Rendition) -> Option<Track> {
    match (rendition, source.stream.kind) {
        (Rendition::Picture(it), StreamKind::Video) => Some(picture::track(source, it)),
        (Rendition::Sound, StreamKind::Audio) => Some(sound::track(source, 2)),
        // There are no more channels than there were.
        (Rendition::Surround, StreamKind::Audio) if source.stream.channels > Some(2) => {
            Some(sound::track(source, 6))
        }
        _ => None,
    }
}

/// All that the segments of a rendition hang on beside the file, the number and the program that makes them: who finds the
/// same words again finds the same segments.
pub fn recipe(source: &Track, rendition: Rendition, abilities: Abilities) -> Option<Vec<OsString>> {
    let made = track(source, rendition)?;
    let mut words = vec![format!("{rendition}/{MAKING}").into()];
    words.extend(match rendition {
        Rendition::Picture(it) => args::picture(picture::words(source, &made, it, abilities), &[]),
        Rendition::Sound | Rendition::Surround => args::sound(sound::words(&made)),
    });
    Some(words)
}

/// Whether what is made of a track takes an FFmpeg with the filter `zscale`.
pub fn needs_zscale(source: &Track, rendition: Rendition, abilities: Abilities) -> bool {
    let is_picture = matches!(rendition, Rendition::Picture(_));
    is_picture && is_high_range(&source.stream) && abilities.has_zscale
}

/// Everything to make run `number` of a track anew. `script` is the subtitle that is painted into it, where that is text.
pub fn work(
    film: &Film,
    bytes: &dyn ReadAt,
    source: &Track,
    (rendition, script): (Rendition, Option<&Script>),
    number: usize,
    abilities: Abilities,
) -> Result<Work, FilmError> {
    let made = track(source, rendition).ok_or(FilmError::NotThere)?;
    if number >= film.n_segments(&made) {
        return Err(FilmError::NotThere);
    }
    match rendition {
        Rendition::Picture(it) => {
            picture::work(film, bytes, source, made, (it, script), number, abilities)
        }
        Rendition::Sound | Rendition::Surround => sound::work(film, bytes, source, made, number),
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

/// The parts that a run has, in their order.
pub fn parts_of_run(film: &Film, made: &Track, run: usize) -> Vec<Part> {
    parts::of_run(film, made, run)
}

impl Making {
    /// Takes more of the answer, and gives what is whole by it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Step>, AnswerError> {
        match &mut self.0 {
            Answer::Picture(assembly) => assembly.push(bytes),
            Answer::Sound { answer, .. } => {
                answer.extend(bytes);
                Ok(Vec::new())
            }
        }
    }

    /// The answer is over.
    pub fn finish(self) -> Vec<Step> {
        match self.0 {
            Answer::Picture(assembly) => assembly.finish(),
            Answer::Sound { made, number, frames, answer } => {
                vec![Step::Part(0, sound::finish(&made, number, &frames, &answer))]
            }
        }
    }
}

/// Why pictures cannot be made anew, though FFmpeg may decode them.
pub fn against(stream: &Stream, abilities: Abilities) -> Option<&'static str> {
    (is_dolby_vision_alone(stream) && !abilities.has_libplacebo).then_some(
        "Dolby Vision without a picture for other players can only be converted with FFmpeg's \
         libplacebo and a graphics card, which do not work here",
    )
}

/// Whether the colours mean nothing without the metadata of Dolby Vision, which one filter alone understands.
pub(crate) fn is_dolby_vision_alone(stream: &Stream) -> bool {
    matches!(stream.hdr, Some(Hdr::DolbyVision { compatibility: 0, .. }))
}

/// Whether making pictures of a stream anew needs a graphics card beside any encoder.
pub fn needs_graphics(stream: &Stream, abilities: Abilities) -> bool {
    picture::tone_map(stream, abilities) == Some(args::ToneMap::Libplacebo)
}
