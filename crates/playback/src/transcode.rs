//! What is made anew: each run once for all who ask for parts of it, by a child that ends soon after the last of them has
//! left, no more children at once than the machine can bear.
//!
//! Invariant: a run is made whole, or as far as somebody waits, and never from its middle. So a part has the same bytes
//! whichever part was asked for first.

pub mod encoders;
mod key;
mod make;
mod nodes;
mod pace;
mod place;
mod publish;
mod run;
mod there;
mod viewers;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kernel::id::FileId;
use kernel::{Error, Result};
use media::Stream;
use media::cmaf;
use media::decide::Reason;
use media::samples::Track;
use media::tool::{Confined, Limits};
use media::transcode::{
    self, Abilities, Burnt, Effort, Encoder, Made, Part, Picture, Rendition, Rung,
};
use moka::future::Cache;
use tokio::sync::Semaphore;

use self::encoders::{Choice, Desk, Encoders, Finding};
use self::key::{PartKey, RunKey, Subject};
pub use self::nodes::NodeReport;
use self::nodes::Nodes;
use self::pace::Pace;
use self::run::{Run, Waiter};
use self::viewers::Viewers;
pub use self::viewers::Who;
use crate::films::{Films, OpenFilm};
use crate::kept::{self, Kept};
use crate::node::call::Address;

/// One encoder fills fewer cores: the next run waits for the end of this one, of which pictures are wanted sooner.
const CORES_FOR_AHEAD: usize = 4;
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
    /// What this FFmpeg says of itself: another one makes other parts.
    pub build: String,
    /// Pictures that are made at once.
    pub max_films: usize,
    /// Bytes of made parts in memory.
    pub max_cache_bytes: u64,
    /// Where made parts lie on disk, if anywhere.
    pub kept: Option<kept::Settings>,
    /// Where indexes of films lie on disk, if anywhere.
    pub indexes: Option<PathBuf>,
    /// Cores of the machine.
    pub n_cores: usize,
    /// After how long an FFmpeg that does nothing at all is believed to hang; never, where there is none.
    pub patience: Option<Duration>,
    /// Other machines that make runs.
    pub nodes: Vec<Address>,
    /// Which hardware may code pictures.
    pub hardware: Choice,
    /// A file that says which of it works, if anything is kept.
    pub trials: Option<PathBuf>,
}

/// By what all parts of a rendition are made, wherever they are: this server's FFmpeg, or the first node's where it has none.
#[derive(Debug, Clone)]
struct Standard {
    abilities: Abilities,
    build: String,
}

impl Settings {
    /// Nothing is made.
    pub fn disabled() -> Self {
        Self {
            ffmpeg: None,
            abilities: Abilities::NONE,
            build: String::new(),
            max_films: 1,
            max_cache_bytes: 0,
            kept: None,
            indexes: None,
            n_cores: 1,
            patience: Limits::SEGMENT.patience,
            nodes: Vec::new(),
            hardware: Choice::Off,
            trials: None,
        }
    }
}

/// The maker. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Transcoder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    films: Films,
    parts: Cache<PartKey, Arc<Made>>,
    beginnings: Cache<Subject, Arc<Vec<u8>>>,
    kept: Kept,
    /// What is being made.
    running: Mutex<HashMap<RunKey, Arc<Run>>>,
    viewers: Viewers,
    pace: Pace,
    desk: Desk,
    pictures: Arc<Semaphore>,
    sounds: Arc<Semaphore>,
    nodes: Nodes,
    /// The build of the node that pictures were made by until now.
    nodes_build: Mutex<String>,
    n_made: AtomicU64,
    n_made_there: AtomicU64,
}

/// What the maker does, for whoever watches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Runs that are being made or wait for a place.
    pub n_running: usize,
    /// Runs that were made since the start.
    pub n_made: u64,
    /// Those of them that other machines made.
    pub n_made_there: u64,
    /// Pictures that are being made on this machine, and how many at the most.
    pub pictures: (usize, usize),
    /// The same of sound.
    pub sounds: (usize, usize),
}

impl Transcoder {
    /// The maker for these films. Looks through what is kept on disk in the background.
    pub fn new(mut settings: Settings, films: Films) -> Self {
        let max_films = settings.max_films.max(1);
        let weight = |_: &PartKey, it: &Arc<Made>| {
            u32::try_from(it.segment.len() + it.init.len() + 256).unwrap_or(u32::MAX)
        };
        Self(Arc::new(Inner {
            parts: Cache::builder().max_capacity(settings.max_cache_bytes).weigher(weight).build(),
            beginnings: Cache::new(MAX_BEGINNINGS),
            kept: Kept::open(settings.kept.clone()),
            running: Mutex::default(),
            viewers: Viewers::default(),
            pace: Pace::default(),
            desk: Desk::new(&settings),
            pictures: Arc::new(Semaphore::new(max_films)),
            sounds: Arc::new(Semaphore::new(max_films * SOUNDS_PER_PICTURE)),
            nodes: Nodes::new(std::mem::take(&mut settings.nodes)),
            nodes_build: Mutex::default(),
            n_made: AtomicU64::new(0),
            n_made_there: AtomicU64::new(0),
            settings,
            films,
        }))
    }

    /// Why nothing is made, if so.
    pub fn against(&self) -> Option<Reason> {
        let can = self.0.settings.ffmpeg.is_some() || !self.0.nodes.is_empty();
        (!can).then_some(Reason::NoTranscoding)
    }

    /// What is done at this moment.
    pub fn load(&self) -> Load {
        let n_running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner).len();
        let max_pictures = self.0.settings.max_films.max(1);
        let taken =
            |places: &Semaphore, max: usize| (max.saturating_sub(places.available_permits()), max);
        Load {
            n_running,
            n_made: self.0.n_made.load(Ordering::Relaxed),
            n_made_there: self.0.n_made_there.load(Ordering::Relaxed),
            pictures: taken(&self.0.pictures, max_pictures),
            sounds: taken(&self.0.sounds, max_pictures * SOUNDS_PER_PICTURE),
        }
    }

    /// How the other machines are that make runs.
    pub async fn nodes(&self) -> Vec<NodeReport> {
        self.0.nodes.report().await
    }

    /// What FFmpeg can do here, or the first node's where there is none here, as far as that is known.
    pub fn abilities(&self) -> Abilities {
        self.standard().abilities
    }

    /// Whether text is painted into pictures here; if not, why not.
    pub async fn paints_text(&self) -> Result<(), String> {
        if self.0.settings.ffmpeg.is_some() {
            return match self.0.desk.try_libass().await {
                Finding::Works => Ok(()),
                Finding::Fails(why) | Finding::NotTried(why) => Err(why.clone()),
            };
        }
        self.0.nodes.introduced().await;
        let why = "no other machine is there whose FFmpeg draws text";
        if self.abilities().has_libass { Ok(()) } else { Err(why.to_owned()) }
    }

    /// Finds out in the background which hardware codes pictures here.
    pub fn begin_trials(&self) {
        let own = self.clone();
        tokio::spawn(async move { own.try_encoders().await });
    }

    /// Finds out which hardware codes pictures here, unless that is known.
    pub async fn try_encoders(&self) {
        self.0.desk.try_all().await;
    }

    /// What is known of the encoders so far; `None` while it is being found out.
    pub fn encoders(&self) -> Option<Encoders> {
        self.0.desk.known(Instant::now())
    }

    /// How a picture of this size is made of a stream here, with a subtitle in it or none: by hardware where that works, else
    /// with as much effort as this machine, or the first other one where this one has no FFmpeg, was found to have the time for.
    pub fn picture(&self, stream: &Stream, rung: Rung, burnt: Option<Burnt>) -> Picture {
        let now = Instant::now();
        let encoder = match self.0.desk.for_new(stream, rung, now) {
            Some(hardware) => Encoder::Hardware(hardware),
            None => Encoder::Software(self.effort(rung)),
        };
        Picture { rung, encoder, burnt }
    }

    fn effort(&self, rung: Rung) -> Effort {
        let now = Instant::now();
        let Inner { settings, nodes, pace, .. } = &*self.0;
        let there = nodes.iter().filter(|_| settings.ffmpeg.is_none());
        let effort = there
            .filter_map(|node| Some((node, node.offer()?)))
            .map(|(node, offer)| node.pace.effort(rung, offer.n_cores, now))
            .next();
        effort.unwrap_or_else(|| pace.effort(rung, settings.n_cores, now))
    }

    /// A rendition as software makes it: what stands in for hardware is another, whose parts stand among those of it.
    fn in_software(&self, rendition: Rendition) -> Rendition {
        match rendition {
            Rendition::Picture(Picture { rung, encoder: Encoder::Hardware(_), burnt }) => {
                let encoder = Encoder::Instead(self.effort(rung));
                Rendition::Picture(Picture { rung, encoder, burnt })
            }
            other => other,
        }
    }

    /// What a decoder needs before any part.
    pub async fn beginning(
        &self,
        file: FileId,
        opened: &Arc<OpenFilm>,
        stream: u32,
        rendition: Rendition,
    ) -> Result<Arc<Vec<u8>>> {
        let made = made_track(opened, stream, rendition)?;
        // That of sound needs no encoder.
        if let Some(init) = cmaf::init_segment(&made) {
            return Ok(Arc::new(init));
        }
        let of = Subject { file, version: opened.version.clone(), stream, rendition };
        if let Some(beginning) = self.0.beginnings.get(&of).await {
            return Ok(beginning);
        }
        // Whoever makes parts of it makes this first.
        if let Some(mut waiter) = self.join_any(&of)
            && let Ok(beginning) = waiter.beginning().await
        {
            return Ok(beginning);
        }
        self.join(&RunKey { of, run: None }, opened, &[]).beginning().await
    }

    /// Part `number`, and in its wake the next run.
    pub async fn part(
        &self,
        who: Who,
        file: FileId,
        opened: &Arc<OpenFilm>,
        (stream, rendition, number): (u32, Rendition, usize),
    ) -> Result<Arc<Made>> {
        let track = made_track(opened, stream, rendition)?;
        let part = transcode::parts(&opened.film, &track).nth(number);
        let part = part.ok_or(Error::NotFound("part of the film"))?;
        let of = Subject { file, version: opened.version.clone(), stream, rendition };
        let key = RunKey { of, run: Some(part.run) };
        self.turn_to(who, &key);
        let part_key = PartKey { of: key.of.clone(), number };
        let made = if let Some(made) = self.0.parts.get(&part_key).await {
            made
        } else {
            let parts = transcode::parts_of_run(&opened.film, &track, part.run);
            let place = number - parts.first().map_or(number, |it| it.number);
            let mut waiter = self.join(&key, opened, &parts);
            let made = waiter.part(place).await?;
            self.0.viewers.hold(who, &key, waiter);
            made
        };
        self.make_ahead(who, &key, &track, opened);
        Ok(made)
    }

    /// Begins what a viewer who starts at this moment will ask for first.
    pub fn expect(
        &self,
        who: Who,
        file: FileId,
        opened: &Arc<OpenFilm>,
        rendition: Rendition,
        position_ns: i64,
    ) {
        let stream = opened.film.video().stream.index;
        let Ok(track) = made_track(opened, stream, rendition) else { return };
        let before = |it: &Part| it.number == 0 || it.start_ns <= position_ns;
        let part = transcode::parts(&opened.film, &track).take_while(before).last();
        let Some(part) = part else { return };
        let of = Subject { file, version: opened.version.clone(), stream, rendition };
        let key = RunKey { of, run: Some(part.run) };
        self.turn_to(who, &key);
        let parts = transcode::parts_of_run(&opened.film, &track, part.run);
        let waiter = self.join(&key, opened, &parts);
        self.0.viewers.hold(who, &key, waiter);
    }

    /// Lets runs end that the viewer has left for this one.
    fn turn_to(&self, who: Who, key: &RunKey) {
        let left = self.0.viewers.turn_to(who, key);
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        left.iter().filter_map(|it| running.get(it)).for_each(|it| it.unwant());
    }

    /// Makes the run behind this one before it is asked for, where that takes nothing from anybody.
    fn make_ahead(&self, who: Who, key: &RunKey, track: &Track, opened: &Arc<OpenFilm>) {
        let Some(run) = key.run.map(|it| it + 1) else { return };
        let parts = transcode::parts_of_run(&opened.film, track, run);
        let Some(first) = parts.first() else { return };
        let is_picture = matches!(key.of.rendition, Rendition::Picture(_));
        let is_alone = is_picture && self.0.settings.n_cores < CORES_FOR_AHEAD;
        let has_room = self.has_room(key.of.rendition, is_alone && self.is_making(key));
        let first = PartKey { of: key.of.clone(), number: first.number };
        if !has_room || self.0.parts.contains_key(&first) {
            return;
        }
        let next = RunKey { of: key.of.clone(), run: Some(run) };
        let waiter = self.join(&next, opened, &parts);
        self.0.viewers.hold(who, &next, waiter);
    }

    fn is_making(&self, key: &RunKey) -> bool {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(key).is_some_and(|it| !it.has_all())
    }

    /// Waits with those who want something of the same run, or has it made.
    fn join(&self, key: &RunKey, opened: &Arc<OpenFilm>, parts: &[Part]) -> Waiter {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = running.get(key) {
            return run.join();
        }
        let run = Arc::new(Run::new(parts.len()));
        let waiter = run.join();
        running.insert(key.clone(), Arc::clone(&run));
        tokio::spawn(self.clone().serve(key.clone(), Arc::clone(opened), parts.to_vec(), run));
        waiter
    }

    /// Waits for any run of these.
    fn join_any(&self, of: &Subject) -> Option<Waiter> {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().find(|(key, _)| key.of == *of).map(|(_, run)| run.join())
    }

    /// Makes what is wanted for as long as somebody wants it.
    async fn serve(self, key: RunKey, opened: Arc<OpenFilm>, parts: Vec<Part>, run: Arc<Run>) {
        let making = self.make(&key, &opened, &parts, &run);
        tokio::pin!(making);
        loop {
            tokio::select! {
                made = &mut making => {
                    self.0.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
                    count(&key, match &made {
                        Ok(()) => "made",
                        Err(Error::Overloaded { .. }) => "refused",
                        Err(_) => "failed",
                    });
                    run.publish(|it| it.end = Some(made.map_err(Arc::new)));
                    return;
                }
                () = run.deserted() => {
                    let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
                    // Whoever came in the meantime waits since before this lock.
                    if run.is_deserted() {
                        running.remove(&key);
                        count(&key, "left");
                        tracing::debug!(rendition = %key.of.rendition, "transcode.abandoned");
                        return;
                    }
                }
            }
        }
    }
}

/// Counts what became of a run.
fn count(key: &RunKey, outcome: &'static str) {
    let what = match key.of.rendition {
        Rendition::Picture(_) => "pictures",
        Rendition::Sound | Rendition::Surround => "sound",
    };
    metrics::counter!("revenge_conversions_total", "what" => what, "outcome" => outcome)
        .increment(1);
}

/// The track that comes of a stream.
fn made_track(opened: &OpenFilm, stream: u32, rendition: Rendition) -> Result<Track> {
    let source = opened.film.track(stream).map_err(|_| Error::NotFound("stream"))?;
    transcode::track(source, rendition).ok_or(Error::NotFound("part of the film"))
}
