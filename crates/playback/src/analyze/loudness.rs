//! How loud the sound tracks of a film are.

use std::sync::Arc;

use catalog::analysis::{DueFile, Loudness};
use jobs::Context;
use media::tool::Limits;
use media::{StreamKind, listen};

use super::{Analyst, Failure};

/// Counts up when the same sound would be measured otherwise.
pub(super) const MEASURING: i32 = 1;
/// Sound tracks of a film that are measured.
const MAX_TRACKS: usize = 8;

impl Analyst {
    /// Measures each sound track of a film.
    pub(super) async fn measure_loudness(
        &self,
        context: &Context,
        file: &DueFile,
    ) -> Result<(), Failure> {
        let opened = self.open(context, file).await?;
        let sounds = opened.film.tracks.iter().filter(|it| it.stream.kind == StreamKind::Audio);
        let mut measured = Vec::new();
        for stream in sounds.take(MAX_TRACKS).map(|it| it.stream.index) {
            self.wait(context).await?;
            let film = Arc::clone(&opened);
            let work = self
                .films
                .read_at_leisure(move || listen::measuring(&film.film, &*film.file, stream))
                .await?;
            let output = self.run(context, &opened, &work.args, work.feed, Limits::LISTEN).await?;
            let Some(loudness) = listen::loudness(&output.stderr) else { continue };
            measured.push(Loudness {
                stream_index: i16::try_from(stream).unwrap_or(i16::MAX),
                integrated_lufs: loudness.integrated_lufs,
                range_lu: loudness.range_lu,
                true_peak_db: loudness.true_peak_db,
            });
        }
        self.catalog.note_loudness(file.id, &measured).await?;
        Ok(())
    }
}
