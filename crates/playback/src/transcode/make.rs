//! Making a run: what is kept of it from before, or all of it anew.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kernel::{Error, Result};
use media::cmaf;
use media::decide::Reason;
use media::samples::FilmError;
use media::subtitles::Script;
use media::tool::{Confined, Limits, confine};
use media::transcode::{
    self, Abilities, AnswerError, Encoder, Part, Picture, Rendition, Step, Work,
};
use tokio::sync::mpsc;
use tokio_util::io::StreamReader;
use tokio_util::sync::CancellationToken;

use super::Transcoder;
use super::encoders::with_graphics;
use super::key::RunKey;
use super::nodes::Needs;
use super::pace::Pace;
use super::place::{Place, RETRY_AFTER, Wish};
use super::publish::{failed, publish_failure};
use super::run::Run;
use super::there::{There, Tried};
use crate::films::OpenFilm;
use crate::node::call::NodeError;
use crate::pieces;

/// Hardware that gives nothing for so long gives nothing any more.
const STALLED: Duration = Duration::from_secs(10);

/// Is told of the parts that failed, by their place in the run.
type Refuse<'a> = dyn FnMut(usize, &AnswerError) + Send + 'a;

/// What is to be made of what, and for whom.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub key: &'a RunKey,
    pub opened: &'a Arc<OpenFilm>,
    pub parts: &'a [Part],
    pub run: &'a Run,
    /// The subtitle that is painted, where that is text.
    pub script: Option<&'a Arc<Script>>,
}

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
        let script = self.script(key, opened).await?;
        let script = script.as_ref();
        let job = Job { key, opened, parts, run, script };
        let mut tried = Tried::default();
        loop {
            let wish = Wish {
                rendition: key.of.rendition,
                needs: Needs { zscale: self.needs_zscale(key, opened), libass: script.is_some() },
                is_ours: key.run.is_none() || self.needs_hardware(job),
            };
            let place = self.place(wish, &tried.nodes).await?;
            let held = match place {
                Place::Here(_place) => {
                    Box::pin(self.make_here(job)).await?;
                    break;
                }
                Place::There(held) => held,
            };
            let made = self.make_there(&held, job, &tried).await;
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

    /// The subtitle that is painted into a run, where that is text.
    async fn script(&self, key: &RunKey, opened: &Arc<OpenFilm>) -> Result<Option<Arc<Script>>> {
        match (key.of.rendition, key.run) {
            (Rendition::Picture(Picture { burnt: Some(burnt), .. }), Some(_)) => {
                self.0.films.painted(key.of.file, opened, burnt).await
            }
            _ => Ok(None),
        }
    }

    fn needs_zscale(&self, key: &RunKey, opened: &OpenFilm) -> bool {
        let source = opened.film.track(key.of.stream).ok();
        let abilities = self.standard().abilities;
        source.is_some_and(|it| transcode::needs_zscale(it, key.of.rendition, abilities))
    }

    /// What a child may use.
    pub(super) fn limits(&self) -> Limits {
        Limits { patience: self.0.settings.patience, ..Limits::SEGMENT }
    }

    /// Makes all parts of a run by this machine's FFmpeg.
    async fn make_here(&self, job: Job<'_>) -> Result<()> {
        let Job { key, run, .. } = job;
        let ffmpeg = self.0.settings.ffmpeg.as_ref();
        let ffmpeg = ffmpeg.ok_or(Error::Overloaded { retry_after: RETRY_AFTER })?;
        let Rendition::Picture(Picture { encoder: Encoder::Hardware(hardware), .. }) =
            key.of.rendition
        else {
            return self.make_in_software(ffmpeg, key.of.rendition, job).await;
        };
        let mut fault = None;
        // What needs a graphics card for its colours is coded in software: one device at a time.
        let at_work = self.0.desk.at_work(hardware, Instant::now());
        if let Some((ffmpeg, abilities)) = at_work.filter(|_| !self.needs_graphics(job)) {
            let work = self.prepare(job, key.of.rendition, abilities).await?;
            match Box::pin(self.attempt(&ffmpeg, work, key.of.rendition, job, None)).await {
                Ok(_) => {
                    self.0.desk.praise(Instant::now());
                    return Ok(());
                }
                Err(error) => fault = Some(format!("{error:#}")),
            }
        }
        self.make_in_software(ffmpeg, self.in_software(key.of.rendition), job).await?;
        // Where software fails as well it is the film.
        if let Some(fault) = fault.filter(|_| run.is_whole()) {
            self.0.desk.set_aside(hardware, &fault, Instant::now());
            self.0.desk.forget().await;
        }
        Ok(())
    }

    async fn make_in_software(
        &self,
        ffmpeg: &Confined,
        rendition: Rendition,
        job: Job<'_>,
    ) -> Result<()> {
        let Job { key, parts, run, .. } = job;
        let started = Instant::now();
        let abilities = self.abilities();
        let work = self.prepare(job, rendition, abilities).await?;
        let graphics = self.needs_graphics(job).then(|| with_graphics(ffmpeg));
        let ffmpeg = graphics.as_ref().unwrap_or(ffmpeg);
        let mut n_failed = 0;
        let mut refuse = |place: usize, error: &AnswerError| {
            n_failed += 1;
            publish_failure(key, run, place, error);
        };
        let attempt = self.attempt(ffmpeg, work, rendition, job, Some(&mut refuse));
        let said = Box::pin(attempt).await;
        let said = said.map_err(|error| failed(key, &format!("{error:#}")))?;
        complain(key, n_failed, &said)?;
        learn(&self.0.pace, rendition, parts, started);
        Ok(())
    }

    /// Whether it takes something of this machine beside its processors.
    fn needs_hardware(&self, job: Job<'_>) -> bool {
        let rendition = job.key.of.rendition;
        let is_coded =
            matches!(rendition, Rendition::Picture(Picture { encoder: Encoder::Hardware(_), .. }));
        is_coded || self.needs_graphics(job)
    }

    fn needs_graphics(&self, job: Job<'_>) -> bool {
        let source = job.opened.film.track(job.key.of.stream);
        source.is_ok_and(|it| transcode::needs_graphics(&it.stream, self.abilities()))
    }

    async fn prepare(
        &self,
        job: Job<'_>,
        rendition: Rendition,
        abilities: Abilities,
    ) -> Result<Work> {
        let film = Arc::clone(job.opened);
        let (stream, run) = (job.key.of.stream, job.key.run);
        let script = job.script.cloned();
        let work = move || prepare(&film, stream, rendition, run, abilities, script.as_deref());
        self.0.films.read(work).await
    }

    /// Runs FFmpeg once and tells of each part as soon as it is there. Of those that failed `refuse` is told; without it
    /// the first that fails, or comes too late, ends the attempt. Returns the end of what FFmpeg complained about.
    async fn attempt(
        &self,
        ffmpeg: &Confined,
        work: Work,
        rendition: Rendition,
        job: Job<'_>,
        mut refuse: Option<&mut Refuse<'_>>,
    ) -> anyhow::Result<String> {
        let Job { key, opened, parts, run, .. } = job;
        let started = Instant::now();
        // All that can come: every part once, and the beginning.
        let (sender, mut steps) = mpsc::channel(parts.len() + 2);
        let is_enough = CancellationToken::new();
        let answering = answer((ffmpeg, self.limits()), work, opened, sender);
        let answering = is_enough.run_until_cancelled(answering);
        let is_own = rendition == key.of.rendition;
        let publishing = async {
            let mut n_failed = 0;
            while let Some(step) = next(&mut steps, refuse.is_none()).await? {
                match step {
                    Step::Beginning(init) => {
                        self.publish_beginning(key, opened, run, init, is_own).await;
                    }
                    Step::Part(place, Ok(made)) => {
                        if let Some(part) = parts.get(place).filter(|_| !run.has(place)) {
                            self.publish_part(key, opened, (place, part), run, made, is_own).await;
                        }
                    }
                    Step::Part(place, Err(error)) => {
                        n_failed += 1;
                        refuse.as_mut().ok_or_else(|| anyhow::anyhow!("{error}"))?(place, &error);
                    }
                }
            }
            Ok::<_, anyhow::Error>(n_failed)
        };
        let publishing = async {
            let published = publishing.await;
            if published.is_err() {
                is_enough.cancel();
            }
            published
        };
        let (said, published) = tokio::join!(answering, publishing);
        // What ends FFmpeg is told before what comes of its end.
        let said = said.transpose()?;
        let n_failed = published?;
        let said = said.unwrap_or_default();
        for lacking in confine::lacking(&said) {
            warn_unconfined(lacking);
        }
        tracing::debug!(
            file.id = %key.of.file.0,
            rendition = %rendition,
            run = key.run,
            parts = parts.len(),
            failed = n_failed,
            duration_ms = started.elapsed().as_millis() as u64,
            "transcode.made"
        );
        Ok(said)
    }
}

/// Runs FFmpeg and gives what comes of its answer. Returns the end of what it complained about.
pub(super) async fn answer(
    (ffmpeg, limits): (&Confined, Limits),
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
    let ffmpeg = ffmpeg.holding(work.order.held_bytes());
    let said = ffmpeg.run_with(&work.order.args(), limits, input, take).await?;
    if let Some(error) = garbled {
        return Err(anyhow::Error::from(error).context(said));
    }
    send(making.finish());
    Ok(said)
}

/// The next step; nothing when there are no more.
async fn next(
    steps: &mut mpsc::Receiver<Step>,
    is_impatient: bool,
) -> anyhow::Result<Option<Step>> {
    if !is_impatient {
        return Ok(steps.recv().await);
    }
    let come = tokio::time::timeout(STALLED, steps.recv()).await;
    come.map_err(|_| anyhow::anyhow!("nothing came for {} seconds", STALLED.as_secs()))
}

/// What FFmpeg is given for a run, and what becomes of its answer.
pub(super) fn prepare(
    opened: &OpenFilm,
    stream: u32,
    rendition: Rendition,
    run: Option<usize>,
    abilities: Abilities,
    script: Option<&Script>,
) -> Result<Work, FilmError> {
    let (film, file) = (&opened.film, &*opened.file);
    let source = film.track(stream)?;
    match (run, rendition) {
        (Some(run), rendition) => {
            transcode::work(film, file, source, (rendition, script), run, abilities)
        }
        (None, Rendition::Picture(it)) => transcode::beginning(film, file, source, it, abilities),
        (None, Rendition::Sound | Rendition::Surround) => Err(FilmError::NotThere),
    }
}

/// What FFmpeg said of parts that failed is for the operator; without a beginning there is nothing at all.
fn complain(key: &RunKey, n_failed: usize, said: &str) -> Result<()> {
    if n_failed > 0 && !said.is_empty() {
        tracing::warn!(rendition = %key.of.rendition, run = key.run, said, "transcode.complaint");
    }
    if key.run.is_none() && n_failed > 0 { Err(failed(key, &said)) } else { Ok(()) }
}

/// Notes how fast a run of pictures was made, with the start of the encoder, which comes again with every run.
pub(super) fn learn(pace: &Pace, rendition: Rendition, parts: &[Part], began: Instant) {
    if let Rendition::Picture(Picture { rung, encoder, .. }) = rendition
        && let Encoder::Software(effort) | Encoder::Instead(effort) = encoder
        && let [first, .., last] = parts
    {
        let film_s = (last.end_ns - first.start_ns) as f64 / 1e9;
        let speed = film_s / began.elapsed().as_secs_f64().max(0.001);
        pace.learn((rung, effort), speed, Instant::now());
    }
}

/// Once of everything that is lacking.
fn warn_unconfined(lacking: &'static str) {
    static TOLD: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    if !told.contains(&lacking) {
        told.push(lacking);
        tracing::warn!("{lacking}");
    }
}
