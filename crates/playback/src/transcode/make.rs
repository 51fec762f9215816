//! Making a run: what is kept of it from before, or all of it anew.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use kernel::{Error, Result};
use media::cmaf;
use media::decide::Reason;
use media::samples::FilmError;
use media::tool::{Confined, Limits, confine};
use media::transcode::{self, Abilities, AnswerError, Made, Part, Rendition, Step, Work};
use tokio::sync::mpsc;
use tokio_util::io::StreamReader;

use super::Transcoder;
use super::key::{PartKey, RunKey};
use super::run::Run;
use crate::films::OpenFilm;
use crate::pieces;

impl Transcoder {
    /// Makes all parts of a run, and tells of each as soon as it is there.
    pub(super) async fn make(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        parts: &[Part],
        run: &Run,
    ) -> Result<()> {
        let Some(ffmpeg) = &self.0.settings.ffmpeg else {
            return Err(Error::conflict(
                "playback.not_converted",
                Reason::NoTranscoding.to_string(),
            ));
        };
        if self.bring_kept(key, opened, parts, run).await {
            return Ok(());
        }
        let _place = self.place(key.of.rendition).await?;
        let started = Instant::now();
        let (film, wanted, abilities) =
            (Arc::clone(opened), key.clone(), self.0.settings.abilities);
        let work = self.0.films.read(move || prepare(&film, &wanted, abilities)).await?;
        // All that can come: every part once, and the beginning.
        let (sender, mut steps) = mpsc::channel(parts.len() + 2);
        let answering = answer(ffmpeg, work, opened, sender);
        let publishing = async {
            let mut n_failed = 0;
            while let Some(step) = steps.recv().await {
                match step {
                    Step::Beginning(init) => self.publish_beginning(key, opened, run, init).await,
                    Step::Part(place, Ok(made)) => {
                        if let Some(part) = parts.get(place).filter(|_| !run.has(place)) {
                            self.publish_part(key, opened, (place, part), run, made).await;
                        }
                    }
                    Step::Part(place, Err(error)) => {
                        n_failed += 1;
                        let error = Arc::new(failed(key, &error));
                        run.publish(|it| {
                            if let Some(part) = it.parts.get_mut(place) {
                                part.get_or_insert(Err(error));
                            }
                        });
                    }
                }
            }
            n_failed
        };
        let (said, n_failed) = tokio::join!(answering, publishing);
        let said = said.map_err(|error| failed(key, &format!("{error:#}")))?;
        if said.contains(confine::UNCONFINED) {
            warn_unconfined();
        }
        if n_failed > 0 && !said.is_empty() {
            tracing::warn!(rendition = %key.of.rendition, run = key.run, said, "transcode.complaint");
        }
        if key.run.is_none() && n_failed > 0 {
            return Err(failed(key, &said));
        }
        self.0.n_made.fetch_add(1, Ordering::Relaxed);
        if let (Rendition::Picture(picture), [first, .., last]) = (key.of.rendition, parts) {
            // With the start of the encoder, which comes again with every run.
            let film_s = (last.end_ns - first.start_ns) as f64 / 1e9;
            let speed = film_s / started.elapsed().as_secs_f64().max(0.001);
            self.0.pace.learn(picture, speed, Instant::now());
        }
        tracing::debug!(
            file.id = %key.of.file.0,
            rendition = %key.of.rendition,
            run = key.run,
            parts = parts.len(),
            failed = n_failed,
            duration_ms = started.elapsed().as_millis() as u64,
            "transcode.made"
        );
        Ok(())
    }

    /// Tells of what is on disk of a run, from its beginning on; whether that is all of it.
    async fn bring_kept(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        parts: &[Part],
        run: &Run,
    ) -> bool {
        if key.run.is_none() {
            let name = key.of.name(&opened.film, None, &self.0.settings);
            let Some(made) = self.0.kept.find(name).await else { return false };
            let beginning = Arc::new(made.init);
            self.0.beginnings.insert(key.of.clone(), Arc::clone(&beginning)).await;
            run.publish(|it| it.beginning = Some(beginning));
            return true;
        }
        for (place, part) in parts.iter().enumerate() {
            let name = key.of.name(&opened.film, Some(part), &self.0.settings);
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

    async fn publish_beginning(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        run: &Run,
        init: Vec<u8>,
    ) {
        let name = key.of.name(&opened.film, None, &self.0.settings);
        let made = Made { init: init.clone(), segment: Vec::new(), n_missing: 0 };
        self.0.kept.keep(name, Arc::new(made));
        let beginning = Arc::new(init);
        self.0.beginnings.insert(key.of.clone(), Arc::clone(&beginning)).await;
        run.publish(|it| it.beginning = Some(beginning));
    }

    async fn publish_part(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        (place, part): (usize, &Part),
        run: &Run,
        made: Made,
    ) {
        let made = Arc::new(made);
        let part_key = PartKey { of: key.of.clone(), number: part.number };
        self.0.parts.insert(part_key, Arc::clone(&made)).await;
        let name = key.of.name(&opened.film, Some(part), &self.0.settings);
        self.0.kept.keep(name, Arc::clone(&made));
        run.publish(|it| it.parts[place] = Some(Ok(made)));
    }
}

/// Runs FFmpeg and gives what comes of its answer. Returns the end of what it complained about.
async fn answer(
    ffmpeg: &Confined,
    mut work: Work,
    opened: &OpenFilm,
    sender: mpsc::Sender<Step>,
) -> anyhow::Result<String> {
    let feed = std::mem::replace(&mut work.feed, cmaf::Segment { pieces: Vec::new(), size: 0 });
    let chunks = pieces::chunks(Arc::clone(&opened.file), Arc::new(feed));
    let input = StreamReader::new(Box::pin(chunks));
    let mut making = work.making;
    let mut garbled: Option<AnswerError> = None;
    // There is room for all that can come.
    let send = |steps: Vec<Step>| steps.into_iter().for_each(|it| drop(sender.try_send(it)));
    let take = |bytes: &[u8]| {
        if garbled.is_some() {
            return;
        }
        match making.push(bytes) {
            Ok(steps) => send(steps),
            Err(error) => garbled = Some(error),
        }
    };
    let said = ffmpeg.run_with(&work.args, Limits::SEGMENT, input, take).await?;
    if let Some(error) = garbled {
        return Err(anyhow::Error::from(error).context(said));
    }
    send(making.finish());
    Ok(said)
}

fn prepare(opened: &OpenFilm, key: &RunKey, abilities: Abilities) -> Result<Work, FilmError> {
    let (film, file) = (&opened.film, &*opened.file);
    let source = film.track(key.of.stream)?;
    match (key.run, key.of.rendition) {
        (Some(run), rendition) => transcode::work(film, file, source, rendition, run, abilities),
        (None, Rendition::Picture(it)) => transcode::beginning(film, file, source, it, abilities),
        (None, Rendition::Sound | Rendition::Surround) => Err(FilmError::NotThere),
    }
}

/// The operator is told what FFmpeg said, the person that it did not work.
fn failed(key: &RunKey, error: &dyn std::fmt::Display) -> Error {
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

fn warn_unconfined() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| tracing::warn!("{}", confine::UNCONFINED));
}
