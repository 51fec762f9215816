//! What FFmpeg answered: a fragmented MP4 of one track, read at its end or while it comes.

use super::AnswerError;
use crate::read::Source;
use crate::samples::{FilmError, Sample, Whole, read_whole};

/// Head of a box: its size and its name.
const BOX_HEAD_BYTES: usize = 8;

/// Reads an answer and checks that its samples are in it.
pub(super) fn read(answer: &[u8]) -> Result<Whole, AnswerError> {
    let source = Source::new(&answer, "MP4").map_err(FilmError::from)?;
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

/// The name of a box, and all of its bytes.
type NamedBox = ([u8; 4], Vec<u8>);

/// Reads an answer piece by piece.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// What came and is not a whole box yet.
    waiting: Vec<u8>,
    /// All that comes before the first fragment.
    head: Vec<u8>,
    /// The index of the fragment whose samples come next.
    index: Option<Vec<u8>>,
}

/// What is whole.
#[derive(Debug)]
pub(super) enum Found {
    /// The head: the body of the box that configures the decoder.
    Head(Vec<u8>),
    /// A fragment behind the head, and the samples in it.
    Fragment(Vec<u8>, Whole),
}

impl Reader {
    /// Takes more of the answer and gives what is whole by it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Found>, AnswerError> {
        self.waiting.extend(bytes);
        let mut found = Vec::new();
        while let Some((name, bytes)) = self.take_box()? {
            match &name {
                b"ftyp" => self.head.extend(bytes),
                b"moov" => {
                    self.head.extend(bytes);
                    found.push(Found::Head(read(&self.head)?.config));
                }
                b"moof" => self.index = Some(bytes),
                b"mdat" => {
                    let index = self.index.take().ok_or(AnswerError::Garbled)?;
                    let fragment = [self.head.as_slice(), &index, &bytes].concat();
                    let whole = read(&fragment)?;
                    found.push(Found::Fragment(fragment, whole));
                }
                _ => {}
            }
        }
        Ok(found)
    }

    fn take_box(&mut self) -> Result<Option<NamedBox>, AnswerError> {
        let Some(&[a, b, c, d, ref name @ ..]) = self.waiting.first_chunk::<BOX_HEAD_BYTES>()
        else {
            return Ok(None);
        };
        let (size, name) = (u32::from_be_bytes([a, b, c, d]) as usize, *name);
        // Longer sizes are for boxes of gigabytes, which no answer may have.
        if size < BOX_HEAD_BYTES {
            return Err(AnswerError::Garbled);
        }
        if self.waiting.len() < size {
            return Ok(None);
        }
        let rest = self.waiting.split_off(size);
        Ok(Some((name, std::mem::replace(&mut self.waiting, rest))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_box_is_refused_and_half_a_box_is_waited_for() {
        let mut reader = Reader::default();
        assert!(
            reader.push(&[0, 0, 0, 16, b'f', b't', b'y', b'p', 0]).is_ok_and(|it| it.is_empty())
        );
        assert!(reader.push(&[0; 7]).is_ok_and(|it| it.is_empty()));
        assert_eq!(reader.head.len(), 16);
        assert!(matches!(reader.push(&[0; 8]), Err(AnswerError::Garbled)));
        let samples_first = [0, 0, 0, 8, b'm', b'd', b'a', b't'];
        assert!(matches!(Reader::default().push(&samples_first), Err(AnswerError::Garbled)));
    }
}
