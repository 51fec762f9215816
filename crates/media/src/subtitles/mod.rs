//! Subtitles, beside a film or in it, made into what browsers show: texts and pictures. Pure, and bounded for hostile files.

mod ass;
mod cue;
mod drawn;
mod embedded;
mod encoding;
mod lined;
mod markup;
mod retime;
mod sami;
mod script;
mod sidecar;
mod srt;
mod styled;
mod ttml;
mod vtt;

pub use drawn::{Drawn, DrawnCue, draw, is_beginning};
pub use embedded::embedded_to_webvtt;
pub use encoding::decode;
pub use retime::{Retiming, retime_ass, retime_webvtt};
pub use script::Script;
pub(crate) use script::{MAX_WRITTEN_BYTES, trial_script};
pub use sidecar::{Form, Hints, file_to_webvtt};
pub use styled::embedded_to_ass;
pub use vtt::clock as webvtt_clock;

/// A subtitle of a film has some hundred kilobytes; beyond this it is something else.
pub const MAX_SUBTITLE_BYTES: usize = 16 * 1024 * 1024;

/// Why a subtitle could not be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubtitleError {
    /// Larger than [`MAX_SUBTITLE_BYTES`].
    #[error("the subtitle is too large ({0} bytes)")]
    TooLarge(usize),
    /// Nothing in it is a subtitle.
    #[error("nothing in the file is a subtitle with its times")]
    NoCues,
    /// The file is of VobSub, whose index is missing.
    #[error("the file has pictures, and no text")]
    Pictures,
    /// It counts pictures, and nobody knows how many a second there are.
    #[error("the subtitle counts pictures, and the film's rate of pictures is not known")]
    NoRate,
}
