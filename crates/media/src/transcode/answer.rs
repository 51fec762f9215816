//! What FFmpeg answered: a fragmented MP4 of one track.

use super::AnswerError;
use crate::read::Source;
use crate::samples::{Sample, Whole, read_whole};

/// Reads an answer and checks that its samples are in it.
pub(super) fn read(answer: &[u8]) -> Result<Whole, AnswerError> {
    let source = Source::new(&answer, "MP4").map_err(crate::samples::FilmError::from)?;
    let whole = read_whole(&source)?;
    if whole.samples.iter().any(|it| body(answer, it).is_none()) {
        return Err(AnswerError::Nothing);
    }
    Ok(whole)
}

/// The bytes of a sample.
pub(super) fn body<'a>(answer: &'a [u8], sample: &Sample) -> Option<&'a [u8]> {
    let from = usize::try_from(sample.offset).ok()?;
    answer.get(from..from.checked_add(sample.size as usize)?)
}
