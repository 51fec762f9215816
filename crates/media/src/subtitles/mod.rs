//! Subtitles, beside a film or in it, made into what browsers show: texts and pictures. Pure, and bounded for hostile files.

mod ass;
mod drawn;
mod embedded;
mod encoding;
mod retime;
mod script;
mod srt;
mod styled;
mod vtt;

pub use ass::ass_to_webvtt;
pub use drawn::{Drawn, DrawnCue, draw, is_beginning};
pub use embedded::embedded_to_webvtt;
pub use encoding::decode;
pub use retime::{Retiming, retime_ass, retime_webvtt};
pub use script::{Form, Script};
pub(crate) use script::{MAX_WRITTEN_BYTES, trial_script};
pub use srt::srt_to_webvtt;
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
}
