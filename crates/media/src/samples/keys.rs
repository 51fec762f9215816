//! Single key frames of a film: for pictures along it, which need nothing of what lies between.

use super::{Film, FilmError, Layout, Sample};
use crate::read::{ReadAt, Source};

impl Film {
    /// When the key frames of the video are shown, in nanoseconds, ascending. A key frame's number is its place here.
    pub(crate) fn key_times_ns(&self) -> Vec<i64> {
        match &self.layout {
            Layout::Matroska(it) => it.key_times_ns(self.video()),
            Layout::Mp4(it) => it.key_times_ns(self.video()),
            // Of these only the frames that begin segments are found without reading what lies between.
            _ => self.plan.cuts.iter().map(|it| it.start_ns).collect(),
        }
    }

    /// Where a key frame lies; only the headers around it are read.
    pub(crate) fn key_sample(&self, bytes: &dyn ReadAt, key: usize) -> Result<Sample, FilmError> {
        let source = Source::new(bytes, "film")?;
        let sample = match &self.layout {
            Layout::Matroska(it) => it.key_sample(&source, self.video(), key)?,
            Layout::Mp4(it) => it.key_sample(&source, key)?,
            Layout::Mux(it) => {
                return it.key_sample(&source, &self.plan, self.video(), key);
            }
            _ => {
                let run = self.run(bytes, self.video(), key)?;
                return run.samples.into_iter().next().ok_or(FilmError::NotThere);
            }
        };
        if sample.offset.saturating_add(sample.size.into()) > source.size {
            return Err(source.truncated("a key frame").into());
        }
        Ok(sample)
    }
}
