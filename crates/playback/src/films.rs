//! Films that are open for cutting. Opening and cutting read the disk, so they run on threads of their own, a bounded
//! number of them; what is asked for by many at once is made once.

use std::fs::File;
use std::hash::Hash;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kernel::id::FileId;
use kernel::{Error, Result};
use media::cmaf::{self, Piece, Segment};
use media::samples::{Film, FilmError, read_text};
use media::{ProbeError, subtitles};
use moka::future::Cache;
use tokio::sync::Semaphore;

/// Open films take a file handle and the index of their samples.
const MAX_FILMS: u64 = 64;
/// Indexes of samples together; one of a two-hour MP4 file has some megabytes.
const MAX_INDEX_BYTES: u64 = 256 << 20;
/// Lists of what segments are made of, and subtitles as text.
const MAX_KEPT_BYTES: u64 = 32 << 20;
/// A film nobody has asked for in this time is closed.
const IDLE: Duration = Duration::from_mins(10);
/// Disks that answer slowly must not take all threads of the process.
const MAX_READERS: usize = 32;
/// Longer than this nobody waits for a thread.
const PATIENCE: Duration = Duration::from_secs(20);
/// Counts up when the same file would be cut differently, so that nobody joins old segments with new ones.
const CUTTING: u32 = 2;

/// A film, its file, and which of the file's versions it is.
#[derive(Debug)]
pub struct OpenFilm {
    /// Its tracks and plan.
    pub film: Film,
    /// Where its samples are.
    pub file: Arc<File>,
    /// Changes whenever the file does.
    pub version: String,
}

/// What is kept of a file: by its id, its version, and what of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    file: FileId,
    version: String,
    stream: u32,
    number: usize,
}

/// All open films. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Films {
    open: Cache<(FileId, String), Arc<OpenFilm>>,
    segments: Cache<Key, Arc<Segment>>,
    texts: Cache<Key, Arc<str>>,
    readers: Arc<Semaphore>,
}

impl Default for Films {
    fn default() -> Self {
        let share = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let least = (MAX_INDEX_BYTES / MAX_FILMS) as usize;
        Self {
            open: Cache::builder()
                .max_capacity(MAX_INDEX_BYTES)
                .weigher(move |_, it: &Arc<OpenFilm>| share(it.film.memory_bytes().max(least)))
                .time_to_idle(IDLE)
                .build(),
            segments: Cache::builder()
                .max_capacity(MAX_KEPT_BYTES)
                .weigher(move |_, it: &Arc<Segment>| share(weight(it)))
                .time_to_idle(IDLE)
                .build(),
            texts: Cache::builder()
                .max_capacity(MAX_KEPT_BYTES)
                .weigher(move |_, it: &Arc<str>| share(it.len() + 256))
                .time_to_idle(IDLE)
                .build(),
            readers: Arc::new(Semaphore::new(MAX_READERS)),
        }
    }
}

/// Bytes of memory that a segment's list takes.
fn weight(segment: &Segment) -> usize {
    let made = segment.pieces.iter().map(|it| match it {
        Piece::Made(bytes) => bytes.len(),
        Piece::Copied { .. } => 0,
    });
    made.sum::<usize>() + segment.pieces.len() * size_of::<Piece>() + 256
}

/// Why a film could not be opened or cut, in words for a person.
fn reason(error: &FilmError) -> Error {
    match error {
        FilmError::NotThere => Error::NotFound("part of the film"),
        FilmError::File(ProbeError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Error::NotFound("file")
        }
        FilmError::File(ProbeError::Io(error)) => {
            Error::Unavailable { service: "the file's disk", source: anyhow::anyhow!("{error}") }
        }
        other => Error::conflict("playback.not_cut", other.to_string()),
    }
}

impl Films {
    /// Which version of itself a file is now.
    pub async fn version(&self, path: &Path) -> Result<String> {
        let path = path.to_owned();
        self.read(move || version(&path)).await
    }

    /// The film in a file as it is now, opened at most once at a time.
    pub async fn open(&self, id: FileId, path: &Path) -> Result<Arc<OpenFilm>> {
        let version = self.version(path).await?;
        self.open_version(id, path, version).await
    }

    /// The film in a file that is at `version` now.
    pub async fn open_version(
        &self,
        id: FileId,
        path: &Path,
        version: String,
    ) -> Result<Arc<OpenFilm>> {
        let key = (id, version.clone());
        let opened = self.open.try_get_with(key, self.read(open(path.to_owned(), version)));
        opened.await.map_err(|error| again(&error))
    }

    /// Segment `number` of a stream.
    pub async fn segment(
        &self,
        id: FileId,
        opened: &Arc<OpenFilm>,
        stream: u32,
        number: usize,
    ) -> Result<Arc<Segment>> {
        let key = Key { file: id, version: opened.version.clone(), stream, number };
        let opened = Arc::clone(opened);
        let cut = move || {
            let track = opened.film.copied(stream)?;
            Ok(Arc::new(cmaf::media_segment(&opened.film, &*opened.file, track, number)?))
        };
        let segment = self.segments.try_get_with(key, self.read(cut));
        segment.await.map_err(|error| again(&error))
    }

    /// A text stream as WebVTT.
    pub async fn text(&self, id: FileId, opened: &Arc<OpenFilm>, stream: u32) -> Result<Arc<str>> {
        let key = Key { file: id, version: opened.version.clone(), stream, number: 0 };
        let opened = Arc::clone(opened);
        let convert = move || {
            let texts = &opened.film.texts;
            let text = texts.iter().find(|it| it.index == stream).ok_or(FilmError::NotThere)?;
            let cues = read_text(&opened.film, &*opened.file, stream)?;
            let vtt = subtitles::embedded_to_webvtt(&text.codec, text.language.as_deref(), &cues);
            // A track without a word is an empty file, not a failure.
            Ok(vtt.unwrap_or_else(|_| "WEBVTT\n".to_owned()).into())
        };
        let text = self.texts.try_get_with(key, self.read(convert));
        text.await.map_err(|error| again(&error))
    }

    /// Runs what reads the disk, off the runtime.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, FilmError> + Send + 'static,
    ) -> Result<T> {
        let readers = Arc::clone(&self.readers);
        let place = tokio::time::timeout(PATIENCE, readers.acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(Error::Busy { retry_after: PATIENCE }) };
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        done.await.map_err(anyhow::Error::from)?.map_err(|error| reason(&error))
    }
}

/// One failure for each of those who waited for the same thing.
pub(crate) fn again(error: &Arc<Error>) -> Error {
    match &**error {
        Error::NotFound(what) => Error::NotFound(what),
        Error::Conflict { code, message } => Error::conflict(code, message.clone()),
        Error::Busy { retry_after } => Error::Busy { retry_after: *retry_after },
        Error::Overloaded { retry_after } => Error::Overloaded { retry_after: *retry_after },
        Error::Unavailable { service, source } => {
            Error::Unavailable { service, source: anyhow::anyhow!("{source:#}") }
        }
        other => Error::Internal(anyhow::anyhow!("{other}")),
    }
}

fn open(path: PathBuf, expected: String) -> impl FnOnce() -> Result<Arc<OpenFilm>, FilmError> {
    move || {
        let file = File::open(&path)?;
        let film = Film::open(&file)?;
        Ok(Arc::new(OpenFilm { film, file: Arc::new(file), version: expected }))
    }
}

/// Another size or time of change is another version. Every node that sees the file agrees.
fn version(path: &Path) -> Result<String, FilmError> {
    let facts = std::fs::metadata(path)?;
    if !facts.is_file() {
        return Err(std::io::Error::from(std::io::ErrorKind::NotFound).into());
    }
    Ok(format!("{CUTTING:x}-{:x}-{:x}-{:x}", facts.len(), facts.mtime(), facts.mtime_nsec()))
}
