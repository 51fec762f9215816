//! Text subtitles that lie beside a film, made into what browsers show. Pure, and bounded for hostile files.

mod encoding;
mod srt;

pub use encoding::decode;
pub use srt::srt_to_webvtt;

/// A subtitle of a film has some hundred kilobytes; beyond this it is something else.
pub const MAX_SUBTITLE_BYTES: usize = 16 * 1024 * 1024;

/// Why a subtitle could not be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubtitleError {
    /// Larger than [`MAX_SUBTITLE_BYTES`].
    #[error("the subtitle is too large ({0} bytes)")]
    TooLarge(usize),
    /// Nothing in it is a subtitle.
    #[error("no line of the file has times like '00:00:01,000 --> 00:00:02,000'")]
    NoCues,
}
