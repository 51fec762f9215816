//! Segments that are made anew: each once for all who ask for it, by a child that ends soon after the last of them has
//! left, no more children at once than the machine can bear.

mod key;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kernel::id::FileId;
use kernel::{Error, Result};
use media::cmaf;
use media::decide::Reason;
use media::samples::FilmError;
use media::tool::{Confined, Limits, confine};
use media::transcode::{self, Abilities, Effort, Made, Picture, Rendition, Rung, Work};
use moka::future::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::io::StreamReader;

use self::key::Key;
use crate::films::{Films, OpenFilm, again};
use crate::kept::{self, Kept};
use crate::pieces;

/// A child whose segment nobody waits for any longer may finish this long: a player that changes its mind asks again at
/// once.
const GRACE: Duration = Duration::from_secs(2);
/// The segment behind the one that was asked for is waited for in its viewer's stead.
const AHEAD: Duration = Duration::from_secs(6);
/// One encoder fills fewer cores: pictures made ahead there would only slow down who seeks elsewhere.
const CORES_FOR_AHEAD: usize = 4;
/// Longer than this nobody waits for a place; players ask again by themselves.
const PATIENCE: Duration = Duration::from_secs(10);
/// When a place may be free again.
const RETRY_AFTER: Duration = Duration::from_secs(3);
/// Sound costs a small part of what pictures cost.
const SOUNDS_PER_PICTURE: usize = 4;
/// Beginnings of renditions are some hundred bytes each.
const MAX_BEGINNINGS: u64 = 1000;

/// How this server makes films anew.
#[derive(Debug, Clone)]
pub struct Settings {
    /// FFmpeg and what confines it; without it nothing is made.
    pub ffmpeg: Option<Confined>,
    /// What this FFmpeg can do.
    pub abilities: Abilities,
    /// What this FFmpeg says of itself: another one makes other segments.
    pub build: String,
    /// Pictures that are made at once.
    pub max_films: usize,
    /// Bytes of made segments in memory.
    pub max_cache_bytes: u64,
    /// Where made segments lie on disk, if anywhere.
    pub kept: Option<kept::Settings>,
    /// Where indexes of films lie on disk, if anywhere.
    pub indexes: Option<PathBuf>,
    /// Cores of the machine.
    pub n_cores: usize,
}

impl Settings {
    /// Nothing is made.
    pub fn disabled() -> Self {
        Self {
            ffmpeg: None,
            abilities: Abilities { has_zscale: false },
            build: String::new(),
            max_films: 1,
            max_cache_bytes: 0,
            kept: None,
            indexes: None,
            n_cores: 1,
        }
    }
}

type Outcome = Option<Result<Arc<Made>, Arc<Error>>>;

/// The maker of segments. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Transcoder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    films: Films,
    segments: Cache<Key, Arc<Made>>,
    beginnings: Cache<Key, Arc<Made>>,
    kept: Kept,
    /// What is being made, with those who wait for it.
    running: Mutex<HashMap<Key, Arc<watch::Sender<Outcome>>>>,
    pictures: Arc<Semaphore>,
    sounds: Arc<Semaphore>,
    n_made: AtomicU64,
}

/// What the maker does, for whoever watches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Segments that are being made or wait for a place.
    pub n_running: usize,
    /// Segments that were made since the start.
    pub n_made: u64,
}

impl Transcoder {
    /// The maker for these films. Looks through what is kept on disk in the background.
    pub fn new(settings: Settings, films: Films) -> Self {
        let max_films = settings.max_films.max(1);
        let weight = |_: &Key, it: &Arc<Made>| {
            u32::try_from(it.segment.len() + it.init.len() + 256).unwrap_or(u32::MAX)
        };
        Self(Arc::new(Inner {
            segments: Cache::builder()
                .max_capacity(settings.max_cache_bytes)
                .weigher(weight)
                .build(),
            beginnings: Cache::new(MAX_BEGINNINGS),
            kept: Kept::open(settings.kept.clone()),
            running: Mutex::default(),
            pictures: Arc::new(Semaphore::new(max_films)),
            sounds: Arc::new(Semaphore::new(max_films * SOUNDS_PER_PICTURE)),
            n_made: AtomicU64::new(0),
            settings,
            films,
        }))
    }

    /// Why nothing is made, if so.
    pub fn against(&self) -> Option<Reason> {
        self.0.settings.ffmpeg.is_none().then_some(Reason::NoTranscoding)
    }

    /// What is done at this moment.
    pub fn load(&self) -> Load {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        Load { n_running: running.len(), n_made: self.0.n_made.load(Ordering::Relaxed) }
    }

    /// How a picture of this size is made here.
    pub fn picture(&self, rung: Rung) -> Picture {
        Picture { rung, effort: Effort::for_cores(rung, self.0.settings.n_cores) }
    }

    /// What a decoder needs before the first segment.
    pub async fn beginning(
        &self,
        file: FileId,
        opened: &Arc<OpenFilm>,
        stream: u32,
        rendition: Rendition,
    ) -> Result<Vec<u8>> {
        let source = opened.film.track(stream).map_err(|_| Error::NotFound("stream"))?;
        let made =
            transcode::track(source, rendition).ok_or(Error::NotFound("part of the film"))?;
        // That of sound needs no encoder.
        if let Some(init) = cmaf::init_segment(&made) {
            return Ok(init);
        }
        let key = Key { file, version: opened.version.clone(), stream, rendition, number: None };
        if let Some(made) = self.0.beginnings.get(&key).await {
            return Ok(made.init.clone());
        }
        Ok(self.wait(key, opened).await?.init.clone())
    }

    /// Segment `number`, and in its wake the next one.
    pub async fn segment(
        &self,
        file: FileId,
        opened: &Arc<OpenFilm>,
        stream: u32,
        rendition: Rendition,
        number: usize,
    ) -> Result<Arc<Made>> {
        let source = opened.film.track(stream).map_err(|_| Error::NotFound("stream"))?;
        let made =
            transcode::track(source, rendition).ok_or(Error::NotFound("part of the film"))?;
        let n_segments = opened.film.n_segments(&made);
        if number >= n_segments {
            return Err(Error::NotFound("part of the film"));
        }
        let version = opened.version.clone();
        let key = Key { file, version, stream, rendition, number: Some(number) };
        let segment = match self.0.segments.get(&key).await {
            Some(made) => made,
            None => self.wait(key.clone(), opened).await?,
        };
        if number + 1 < n_segments {
            self.make_ahead(Key { number: Some(number + 1), ..key }, opened).await;
        }
        Ok(segment)
    }

    /// Makes a segment before it is asked for, where that takes nothing from anybody.
    async fn make_ahead(&self, key: Key, opened: &Arc<OpenFilm>) {
        let is_picture = matches!(key.rendition, Rendition::Picture(_));
        let is_alone = is_picture && self.0.settings.n_cores < CORES_FOR_AHEAD;
        let is_free = self.places(key.rendition).available_permits() > 0;
        if is_alone || !is_free || self.0.segments.get(&key).await.is_some() {
            return;
        }
        let mut waiting = self.join(key, opened);
        tokio::spawn(async move {
            let _ = tokio::time::timeout(AHEAD, waiting.wait_for(Option::is_some)).await;
        });
    }

    async fn wait(&self, key: Key, opened: &Arc<OpenFilm>) -> Result<Arc<Made>> {
        let mut waiting = self.join(key, opened);
        let outcome = waiting.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|it| it.clone());
        match outcome {
            Some(Ok(made)) => Ok(made),
            Some(Err(error)) => Err(again(&error)),
            None => Err(Error::Internal(anyhow::anyhow!("a segment's maker went away"))),
        }
    }

    /// Waits with those who want the same, or has it made.
    fn join(&self, key: Key, opened: &Arc<OpenFilm>) -> watch::Receiver<Outcome> {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = running.get(&key) {
            return sender.subscribe();
        }
        let (sender, waiting) = watch::channel(None);
        let sender = Arc::new(sender);
        running.insert(key.clone(), Arc::clone(&sender));
        tokio::spawn(self.clone().serve(key, Arc::clone(opened), sender));
        waiting
    }

    /// Makes what is wanted for as long as somebody wants it.
    async fn serve(self, key: Key, opened: Arc<OpenFilm>, sender: Arc<watch::Sender<Outcome>>) {
        let making = self.make(&key, &opened);
        tokio::pin!(making);
        loop {
            tokio::select! {
                made = &mut making => {
                    let outcome = made.map_err(Arc::new);
                    if let Ok(made) = &outcome {
                        self.remember(&key, made).await;
                    }
                    self.forget(&key);
                    let _ = sender.send(Some(outcome));
                    return;
                }
                () = nobody_waits(&sender) => {
                    let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
                    // Whoever came in the meantime holds a receiver since before this lock.
                    if sender.receiver_count() == 0 {
                        running.remove(&key);
                        tracing::debug!(rendition = %key.rendition, "transcode.abandoned");
                        return;
                    }
                }
            }
        }
    }

    async fn remember(&self, key: &Key, made: &Arc<Made>) {
        match key.number {
            Some(_) => self.0.segments.insert(key.clone(), Arc::clone(made)).await,
            None => self.0.beginnings.insert(key.clone(), Arc::clone(made)).await,
        }
    }

    fn forget(&self, key: &Key) {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn places(&self, rendition: Rendition) -> &Arc<Semaphore> {
        match rendition {
            Rendition::Sound => &self.0.sounds,
            Rendition::Picture(_) => &self.0.pictures,
        }
    }

    async fn place(&self, rendition: Rendition) -> Result<OwnedSemaphorePermit> {
        let places = Arc::clone(self.places(rendition));
        match tokio::time::timeout(PATIENCE, places.acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Error::Overloaded { retry_after: RETRY_AFTER }),
        }
    }

    async fn make(&self, key: &Key, opened: &Arc<OpenFilm>) -> Result<Arc<Made>> {
        let Some(ffmpeg) = &self.0.settings.ffmpeg else {
            return Err(Error::conflict(
                "playback.not_converted",
                Reason::NoTranscoding.to_string(),
            ));
        };
        let name = key.name(&opened.film, &self.0.settings);
        if let Some(made) = self.0.kept.find(name).await {
            return Ok(Arc::new(made));
        }
        let _place = self.place(key.rendition).await?;
        let started = Instant::now();
        let (film, wanted, abilities) =
            (Arc::clone(opened), key.clone(), self.0.settings.abilities);
        let work = self.0.films.read(move || prepare(&film, &wanted, abilities)).await?;
        let (work, feed) = work;
        let chunks = pieces::chunks(Arc::clone(&opened.file), Arc::new(feed));
        let input = StreamReader::new(Box::pin(chunks));
        let output = ffmpeg.run(&work.args, Limits::SEGMENT, input).await;
        let output = output.map_err(|error| failed(key, &error))?;
        if output.stderr.contains(confine::UNCONFINED) {
            warn_unconfined();
        }
        let finished = tokio::task::spawn_blocking(move || {
            work.finish(&output.stdout).map_err(|it| (it, output.stderr))
        });
        let made = finished.await.map_err(anyhow::Error::from)?;
        let mut made =
            made.map_err(|(error, said)| failed(key, &anyhow::Error::from(error).context(said)))?;
        if key.number.is_none() {
            made.segment = Vec::new();
        }
        self.0.n_made.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(
            file.id = %key.file.0,
            rendition = %key.rendition,
            number = key.number,
            size_bytes = made.segment.len(),
            missing = made.n_missing,
            duration_ms = started.elapsed().as_millis() as u64,
            "transcode.made"
        );
        let made = Arc::new(made);
        self.0.kept.keep(name, Arc::clone(&made));
        Ok(made)
    }
}

fn prepare(
    opened: &OpenFilm,
    key: &Key,
    abilities: Abilities,
) -> Result<(Work, cmaf::Segment), FilmError> {
    let (film, file) = (&opened.film, &*opened.file);
    let source = film.track(key.stream)?;
    let mut work = match (key.number, key.rendition) {
        (Some(number), rendition) => {
            transcode::work(film, file, source, rendition, number, abilities)?
        }
        (None, Rendition::Picture(it)) => transcode::beginning(film, file, source, it, abilities)?,
        (None, Rendition::Sound) => return Err(FilmError::NotThere),
    };
    let nothing = cmaf::Segment { pieces: Vec::new(), size: 0 };
    let feed = std::mem::replace(&mut work.feed, nothing);
    Ok((work, feed))
}

/// Comes when nobody has waited for some time.
async fn nobody_waits(sender: &watch::Sender<Outcome>) {
    loop {
        sender.closed().await;
        tokio::time::sleep(GRACE).await;
        if sender.receiver_count() == 0 {
            return;
        }
    }
}

/// The operator is told what FFmpeg said, the person that it did not work.
fn failed(key: &Key, error: &dyn std::fmt::Display) -> Error {
    tracing::warn!(
        file.id = %key.file.0,
        rendition = %key.rendition,
        number = key.number,
        error = format!("{error:#}"),
        "transcode.failed"
    );
    let message = "this part of the film could not be converted; the server's log has the reason";
    Error::conflict("playback.not_converted", message)
}

fn warn_unconfined() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| tracing::warn!("{}", confine::UNCONFINED));
}
