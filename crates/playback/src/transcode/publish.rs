//! Telling those who wait what came of a run, and keeping it.

use std::sync::Arc;

use kernel::Error;
use media::transcode::{AnswerError, Made, Part};

use super::Transcoder;
use super::key::{PartKey, RunKey};
use super::run::Run;
use crate::films::OpenFilm;

impl Transcoder {
    /// Tells of what is on disk of a run, from its beginning on; whether that is all of it.
    pub(super) async fn bring_kept(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        parts: &[Part],
        run: &Run,
    ) -> bool {
        if key.run.is_none() {
            let name = key.of.name(&opened.film, None, &self.standard());
            let Some(made) = self.0.kept.find(name).await else { return false };
            let beginning = Arc::new(made.init);
            self.0.beginnings.insert(key.of.clone(), Arc::clone(&beginning)).await;
            run.publish(|it| it.beginning = Some(beginning));
            return true;
        }
        for (place, part) in parts.iter().enumerate() {
            let name = key.of.name(&opened.film, Some(part), &self.standard());
            let Some(made) = self.0.kept.find(name).await else { return false };
            let made = Arc::new(made);
            let part_key = PartKey { of: key.of.clone(), number: part.number };
            self.0.parts.insert(part_key, Arc::clone(&made)).await;
            run.publish(|it| {
                it.beginning.get_or_insert_with(|| Arc::new(made.init.clone()));
                it.parts[place] = Some(Ok(made));
            });
        }
        true
    }

    /// What stands in for hardware is not kept: its bytes are not those that the name promises.
    pub(super) async fn publish_beginning(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        run: &Run,
        init: Vec<u8>,
        is_kept: bool,
    ) {
        // Who has one already goes on with it.
        if run.has_beginning() {
            return;
        }
        if is_kept {
            let name = key.of.name(&opened.film, None, &self.standard());
            let made = Made { init: init.clone(), segment: Vec::new(), n_missing: 0 };
            self.0.kept.keep(name, Arc::new(made));
        }
        let beginning = Arc::new(init);
        self.0.beginnings.insert(key.of.clone(), Arc::clone(&beginning)).await;
        run.publish(|it| it.beginning = Some(beginning));
    }

    pub(super) async fn publish_part(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        (place, part): (usize, &Part),
        run: &Run,
        made: Made,
        is_kept: bool,
    ) {
        let made = Arc::new(made);
        let part_key = PartKey { of: key.of.clone(), number: part.number };
        self.0.parts.insert(part_key, Arc::clone(&made)).await;
        if is_kept {
            let name = key.of.name(&opened.film, Some(part), &self.standard());
            self.0.kept.keep(name, Arc::clone(&made));
        }
        run.publish(|it| it.parts[place] = Some(Ok(made)));
    }
}

/// Tells of a part that cannot be made.
pub(super) fn publish_failure(key: &RunKey, run: &Run, place: usize, error: &AnswerError) {
    let error = Arc::new(failed(key, error));
    run.publish(|it| {
        if let Some(part) = it.parts.get_mut(place) {
            part.get_or_insert(Err(error));
        }
    });
}

/// The operator is told what FFmpeg said, the person that it did not work.
pub(super) fn failed(key: &RunKey, error: &dyn std::fmt::Display) -> Error {
    tracing::warn!(
        file.id = %key.of.file.0,
        rendition = %key.of.rendition,
        run = key.run,
        error = %error,
        "transcode.failed"
    );
    let message = "this part of the film could not be converted; the server's log has the reason";
    Error::conflict("playback.not_converted", message)
}
