//! Making a run: what is kept of it from before, or all of it anew.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
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
use super::pace::Pace;
use super::place::{Place, RETRY_AFTER, Wish};
use super::run::Run;
use super::there::{There, Tried};
use crate::films::OpenFilm;
use crate::node::call::NodeError;
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
        if self.against().is_some() {
            return Err(Error::conflict(
                "playback.not_converted",
                Reason::NoTranscoding.to_string(),
            ));
        }
        self.know_standard().await;
        if self.bring_kept(key, opened, parts, run).await {
            return Ok(());
        }
        let mut tried = Tried::default();
        loop {
            let wish = Wish {
                rendition: key.of.rendition,
                needs_zscale: self.needs_zscale(key, opened),
                is_ours: key.run.is_none(),
            };
            let place = self.place(wish, &tried.nodes).await?;
            let held = match place {
                Place::Here(_place) => {
                    self.make_here(key, opened, parts, run).await?;
                    break;
                }
                Place::There(held) => held,
            };
            let made = self.make_there(&held, key, opened, parts, (run, &tried)).await;
            let node = Arc::clone(&held.node);
            drop(held);
            let is_last = self.0.settings.ffmpeg.is_none()
                && self.0.nodes.iter().count() <= tried.nodes.len() + 1;
            match made {
                Ok(There { said, failed }) if failed.is_empty() || is_last => {
                    for (place, error) in &failed {
                        publish_failure(key, run, *place, error);
                    }
                    complain(key, failed.len(), &said)?;
                    break;
                }
                // Perhaps the film is broken; perhaps another FFmpeg makes something of it.
                Ok(There { said, .. }) => tried.add(&node, NodeError::Failed(said)),
                Err(error) if is_last => {
                    let failed = match &error {
                        NodeError::Failed(said) => failed(key, said),
                        _ => Error::Overloaded { retry_after: RETRY_AFTER },
                    };
                    tried.add(&node, error);
                    return Err(failed);
                }
                Err(error) => tried.add(&node, error),
            }
        }
        tried.blame();
        self.0.n_made.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Where this server has no FFmpeg of its own: learns what the nodes have. When that is another one than before, what
    /// was begun by that is not gone on with.
    async fn know_standard(&self) {
        if self.0.settings.ffmpeg.is_some() {
            return;
        }
        self.0.nodes.introduced().await;
        let build = self.standard().build;
        let mut known = self.0.nodes_build.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != build {
            self.0.beginnings.invalidate_all();
            self.0.parts.invalidate_all();
            *known = build;
        }
    }

    fn needs_zscale(&self, key: &RunKey, opened: &OpenFilm) -> bool {
        let source = opened.film.track(key.of.stream).ok();
        let abilities = self.standard().abilities;
        source.is_some_and(|it| transcode::needs_zscale(it, key.of.rendition, abilities))
    }

    /// Makes all parts of a run by this machine's FFmpeg.
    async fn make_here(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        parts: &[Part],
        run: &Run,
    ) -> Result<()> {
        let ffmpeg = self.0.settings.ffmpeg.as_ref();
        let ffmpeg = ffmpeg.ok_or(Error::Overloaded { retry_after: RETRY_AFTER })?;
        let began = Instant::now();
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
                        publish_failure(key, run, place, &error);
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
        complain(key, n_failed, &said)?;
        learn(&self.0.pace, key, parts, began);
        tracing::debug!(
            file.id = %key.of.file.0,
            rendition = %key.of.rendition,
            run = key.run,
            parts = parts.len(),
            failed = n_failed,
            duration_ms = began.elapsed().as_millis() as u64,
            "transcode.made"
        );
        Ok(())
    }

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

    pub(super) async fn publish_beginning(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        run: &Run,
        init: Vec<u8>,
    ) {
        let name = key.of.name(&opened.film, None, &self.standard());
        let made = Made { init: init.clone(), segment: Vec::new(), n_missing: 0 };
        self.0.kept.keep(name, Arc::new(made));
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
    ) {
        let made = Arc::new(made);
        let part_key = PartKey { of: key.of.clone(), number: part.number };
        self.0.parts.insert(part_key, Arc::clone(&made)).await;
        let name = key.of.name(&opened.film, Some(part), &self.standard());
        self.0.kept.keep(name, Arc::clone(&made));
        run.publish(|it| it.parts[place] = Some(Ok(made)));
    }
}

/// Runs FFmpeg and gives what comes of its answer. Returns the end of what it complained about.
pub(super) async fn answer(
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

/// What FFmpeg is given for a run, and what becomes of its answer.
pub(super) fn prepare(
    opened: &OpenFilm,
    key: &RunKey,
    abilities: Abilities,
) -> Result<Work, FilmError> {
    let (film, file) = (&opened.film, &*opened.file);
    let source = film.track(key.of.stream)?;
    match (key.run, key.of.rendition) {
        (Some(run), rendition) => transcode::work(film, file, source, rendition, run, abilities),
        (None, Rendition::Picture(it)) => transcode::beginning(film, file, source, it, abilities),
        (None, Rendition::Sound | Rendition::Surround) => Err(FilmError::NotThere),
    }
}

/// Tells of a part that cannot be made.
fn publish_failure(key: &RunKey, run: &Run, place: usize, error: &AnswerError) {
    let error = Arc::new(failed(key, error));
    run.publish(|it| {
        if let Some(part) = it.parts.get_mut(place) {
            part.get_or_insert(Err(error));
        }
    });
}

/// What FFmpeg said of parts that failed is for the operator; without a beginning there is nothing at all.
fn complain(key: &RunKey, n_failed: usize, said: &str) -> Result<()> {
    if n_failed > 0 && !said.is_empty() {
        tracing::warn!(rendition = %key.of.rendition, run = key.run, said, "transcode.complaint");
    }
    if key.run.is_none() && n_failed > 0 { Err(failed(key, &said)) } else { Ok(()) }
}

/// Notes how fast a run of pictures was made, with the start of the encoder, which comes again with every run.
pub(super) fn learn(pace: &Pace, key: &RunKey, parts: &[Part], began: Instant) {
    if let (Rendition::Picture(picture), [first, .., last]) = (key.of.rendition, parts) {
        let film_s = (last.end_ns - first.start_ns) as f64 / 1e9;
        let speed = film_s / began.elapsed().as_secs_f64().max(0.001);
        pace.learn(picture, speed, Instant::now());
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
