//! Key frames of a video by the file's own index: Matroska's cues, MP4's sample tables and fragments. Segments begin at
//! them, so that a play list can be made without reading the film.

use crate::read::{ReadAt, Source};
use crate::sniff::{Family, sniff};
use crate::{ProbeError, matroska, mp4};

/// More key frames than this are not kept: ten hours of nothing but key frames at 30 a second fit.
pub(crate) const MAX_KEY_FRAMES: usize = 1 << 20;
/// The timescale of nanoseconds.
pub(crate) const NS_PER_S: u64 = 1_000_000_000;

/// The key frames of the main video, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFrameIndex {
    /// The stream they belong to, as [`Stream::index`](crate::Stream::index) numbers it.
    pub stream: u32,
    /// Units of [`KeyFrame::time`] in a second; never 0.
    pub timescale: u64,
    /// At least one, with rising times. Whoever reads at a position checks what is there: indexes lie.
    pub key_frames: Vec<KeyFrame>,
}

/// A frame that can be decoded without those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFrame {
    /// When it is shown, in units of the timescale, edit lists applied. Slightly below 0 where a file begins early.
    pub time: i64,
    /// Where reading begins to get it: the cluster, the frame itself in an MP4 file with sample tables, or the fragment.
    pub position: u64,
}

impl KeyFrameIndex {
    pub(crate) fn new(stream: u32, timescale: u64, key_frames: Vec<KeyFrame>) -> Option<Self> {
        (timescale > 0 && !key_frames.is_empty()).then_some(Self { stream, timescale, key_frames })
    }

    /// When a key frame is shown, in milliseconds, rounded.
    pub fn time_ms(&self, key_frame: KeyFrame) -> i64 {
        let timescale = i128::from(self.timescale);
        let ms = (i128::from(key_frame.time) * 1000 + timescale / 2).div_euclid(timescale);
        i64::try_from(ms).unwrap_or(i64::MAX)
    }
}

/// The key frames of the main video of a Matroska or MP4 file; `None` when the file has no index of them, or no video.
///
/// Reads the headers and the index, nothing of the frames. Memory grows with the number of key frames, to a bound.
pub fn key_frames(src: &dyn ReadAt) -> Result<Option<KeyFrameIndex>, ProbeError> {
    let source = Source::new(src, "file")?;
    if source.size == 0 {
        return Err(ProbeError::Empty);
    }
    match sniff(&source, "")? {
        Family::Matroska => matroska::index(&source.named("Matroska")),
        Family::Mp4 => mp4::index(&source.named("MP4")),
        _ => Ok(None),
    }
}
