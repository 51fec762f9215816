//! What is found out about films at leisure: pictures along them, where their intros and credits are, how loud they are.
//!
//! Invariant: one thing at a time on this node, by children that stand back behind everything else, in pieces of a few
//! seconds between which somebody who plays is let pass. Whatever was done stays done: the work can be stopped anywhere.

mod alike;
mod dark;
mod job;
mod likeness;
mod loudness;
mod pace;
mod seasons;
mod sheets;
pub(crate) mod shelf;
mod titles;

use std::path::PathBuf;
use std::sync::Arc;

use catalog::Catalog;
use catalog::analysis::DueFile;
use jobs::{Context, JobError};
use kernel::Error;
use media::cmaf::Segment;
use media::tool::{Confined, Limits, ToolError};
use media::transcode::Abilities;
use tokio_util::io::StreamReader;

pub use self::job::register;
use self::shelf::Shelf;
use crate::Playback;
use crate::films::{Films, OpenFilm};
use crate::pieces;
use crate::transcode::Transcoder;

/// How films are looked at and listened to here.
#[derive(Debug, Clone)]
pub struct Settings {
    /// FFmpeg and what confines it; without it little is found out.
    pub ffmpeg: Option<Confined>,
    /// What this FFmpeg can do.
    pub abilities: Abilities,
    /// Where sheets of pictures are kept.
    pub folder: PathBuf,
    /// Bytes of all sheets together.
    pub max_bytes: u64,
    /// Bytes that stay free on the folder's file system.
    pub min_free_bytes: u64,
    /// Whether films that are there twice are looked for.
    pub finds_duplicates: bool,
}

impl Settings {
    /// Nothing is made.
    pub fn disabled() -> Self {
        Self {
            ffmpeg: None,
            abilities: Abilities::NONE,
            folder: PathBuf::new(),
            max_bytes: 0,
            min_free_bytes: 0,
            finds_duplicates: false,
        }
    }
}

/// Who looks and listens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Analyst {
    catalog: Catalog,
    films: Films,
    transcoder: Transcoder,
    shelf: Shelf,
    settings: Arc<Settings>,
}

/// Why nothing came of a file.
enum Failure {
    /// It is the file's own fault: it is not tried again before it changes.
    File(String),
    /// It may go another time.
    Passing(String),
    /// All of the work has to stop.
    Work(JobError),
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self::Work(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict { message, .. } => Self::File(message),
            Error::NotFound(_)
            | Error::Unavailable { .. }
            | Error::Busy { .. }
            | Error::Overloaded { .. } => Self::Passing(error.to_string()),
            other => Self::Work(other.into()),
        }
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        match error {
            ToolError::Start { .. } => Self::Work(JobError::Failed(error.into())),
            // The feed is read from the film.
            ToolError::Io(_) => Self::Passing(error.to_string()),
            other => Self::File(other.to_string()),
        }
    }
}

impl Analyst {
    /// The analyst of a playback room.
    pub(crate) fn of(playback: &Playback, settings: Arc<Settings>) -> Self {
        Self {
            catalog: playback.catalog.clone(),
            films: playback.films.clone(),
            transcoder: playback.transcoder.clone(),
            shelf: playback.shelf.clone(),
            settings,
        }
    }

    /// The film in a file, if that is still what was listed. Where the file has no index, one is made first and kept for
    /// whoever plays it.
    async fn open(&self, context: &Context, file: &DueFile) -> Result<Arc<OpenFilm>, Failure> {
        let (path, listed) = (file.path.clone(), (file.size_bytes, file.modified_ns));
        let is_as_listed = self.films.read_at_leisure(move || Ok(stamp(&path)? == listed)).await?;
        if !is_as_listed {
            return Err(Failure::Passing("it changed since the last scan".to_owned()));
        }
        tokio::select! {
            opened = self.films.open_at_leisure(file.id, &file.path) => Ok(opened?),
            () = context.cancelled() => Err(Failure::Work(JobError::Cancelled)),
        }
    }

    /// What FFmpeg makes of a feed.
    async fn run(
        &self,
        context: &Context,
        opened: &Arc<OpenFilm>,
        args: &[std::ffi::OsString],
        feed: Segment,
        limits: Limits,
    ) -> Result<media::tool::Output, Failure> {
        let Some(ffmpeg) = &self.settings.ffmpeg else {
            return Err(Failure::Work(JobError::give_up("there is no FFmpeg")));
        };
        let leisure = self.films.leisure.clone();
        let chunks = pieces::chunks_at_leisure(Arc::clone(&opened.file), Arc::new(feed), leisure);
        let input = StreamReader::new(Box::pin(chunks));
        tokio::select! {
            output = ffmpeg.run(args, limits, input) => Ok(output?),
            () = context.cancelled() => Err(Failure::Work(JobError::Cancelled)),
        }
    }
}

/// Size and time of change, as a scan sees them.
fn stamp(path: &std::path::Path) -> std::io::Result<(i64, i64)> {
    use std::os::unix::fs::MetadataExt as _;
    let facts = std::fs::metadata(path)?;
    let modified_ns =
        facts.mtime().saturating_mul(1_000_000_000).saturating_add(facts.mtime_nsec());
    Ok((facts.len().cast_signed(), modified_ns))
}
