//! Films that are open for cutting. Opening and cutting read the disk, so they run on threads of their own, a bounded
//! number of them; what is asked for by many at once is made once.

use std::fs::File;
use std::hash::Hash;
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kernel::id::FileId;
use kernel::{Error, Result};
use media::cmaf::{self, Piece, Segment};
use media::samples::{Film, FilmError, Index, read_drawn, read_text, text_description};
use media::subtitles::{self, Drawn, Script};
use media::{Codec, ProbeError, Stream};
use moka::future::Cache;
use tokio::sync::Semaphore;

use crate::indexes::{self, Indexes};
use crate::leisure::Leisure;
use crate::painted::Painted;

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
/// Nobody waits longer for an index, however large the file and slow its disk.
const LONGEST_INDEXING: Duration = Duration::from_mins(30);
/// Pictures of subtitles are asked for by windows of this length: some tens of them, a few hundred kilobytes.
pub const WINDOW_MS: i64 = 60_000;
/// No film is longer than a week.
const MAX_WINDOWS: usize = 7 * 24 * 60;
/// So much of a file that has no index is read to know its tracks.
const OUTLINE_BYTES: u64 = 16 << 20;
/// Counts up when the same file would be cut differently, so that nobody joins old segments with new ones.
const CUTTING: u32 = 3;

/// A film, its file, and which of the file's versions it is.
#[derive(Debug)]
pub struct OpenFilm {
    /// Its tracks and plan.
    pub film: Film,
    /// Where its samples are.
    pub file: Arc<File>,
    /// Changes whenever the file does.
    pub version: String,
    /// Whether it is known where to cut, and not the tracks alone.
    pub is_whole: bool,
    /// Whether the file tells that itself.
    pub has_own_index: bool,
}

impl OpenFilm {
    /// How many windows of [`WINDOW_MS`] it has.
    pub fn n_windows(&self) -> usize {
        let end_ms = self.film.plan.end_ns.max(0) / 1_000_000;
        usize::try_from(end_ms / WINDOW_MS + 1).map_or(MAX_WINDOWS, |it| it.min(MAX_WINDOWS))
    }
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
    outlines: Cache<(FileId, String), Arc<OpenFilm>>,
    indexes: Indexes,
    segments: Cache<Key, Arc<Segment>>,
    texts: Cache<Key, Arc<str>>,
    /// Those that are painted into pictures.
    pub(crate) scripts: Cache<Painted, Arc<Script>>,
    readers: Arc<Semaphore>,
    /// Where that is read which nobody waits for.
    pub(crate) leisure: Leisure,
}

impl Films {
    /// No films. Indexes of files that have none are kept in a folder of their own, if anywhere.
    pub fn new(indexes: Option<PathBuf>) -> Self {
        let share = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let least = (MAX_INDEX_BYTES / MAX_FILMS) as usize;
        Self {
            open: Cache::builder()
                .max_capacity(MAX_INDEX_BYTES)
                .weigher(move |_, it: &Arc<OpenFilm>| share(it.film.memory_bytes().max(least)))
                .time_to_idle(IDLE)
                .build(),
            outlines: Cache::builder().max_capacity(MAX_FILMS).time_to_idle(IDLE).build(),
            indexes: Indexes::new(indexes),
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
            scripts: Cache::builder()
                .max_capacity(MAX_KEPT_BYTES)
                .weigher(move |_, it: &Arc<Script>| share(it.memory_bytes()))
                .time_to_idle(IDLE)
                .build(),
            readers: Arc::new(Semaphore::new(MAX_READERS)),
            leisure: Leisure::default(),
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
pub(crate) fn reason(error: &FilmError) -> Error {
    match error {
        FilmError::Stopped => Error::Overloaded { retry_after: PATIENCE },
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
        let opened = self.open.try_get_with(key, self.open_indexed(id, path.to_owned(), version));
        opened.await.map_err(|error| again(&error))
    }

    /// The same for who has time: however long the making of an index takes, in reason.
    pub async fn open_at_leisure(&self, id: FileId, path: &Path) -> Result<Arc<OpenFilm>> {
        let opening = async {
            loop {
                match self.open(id, path).await {
                    Err(Error::Overloaded { .. }) => {}
                    opened => return opened,
                }
            }
        };
        let opened = tokio::time::timeout(LONGEST_INDEXING, opening).await;
        opened.unwrap_or(Err(Error::Overloaded { retry_after: PATIENCE }))
    }

    /// By the file's own index or by one that was kept; else by one that is waited for.
    async fn open_indexed(
        &self,
        id: FileId,
        path: PathBuf,
        version: String,
    ) -> Result<Arc<OpenFilm>> {
        let kept = self.indexes.place(id, &version);
        let opening =
            open(
                path.clone(),
                version.clone(),
                move |_| Ok(kept.and_then(|it| indexes::find(&it))),
            );
        if let Some(opened) = self.read(opening).await? {
            return Ok(opened);
        }
        let index = self.indexes.wait(id, &version, &path).await?;
        let opening = open_with(path, version, index);
        self.read(opening).await
    }

    /// The film as far as it is known without reading all of a file that has no index: the tracks are true, where it can
    /// be cut is not. The index is made meanwhile.
    pub async fn outline(&self, id: FileId, path: &Path) -> Result<Arc<OpenFilm>> {
        let version = self.version(path).await?;
        self.outline_version(id, path, version).await
    }

    /// The same of a file that is at `version` now.
    pub async fn outline_version(
        &self,
        id: FileId,
        path: &Path,
        version: String,
    ) -> Result<Arc<OpenFilm>> {
        let key = (id, version);
        if let Some(opened) = self.open.get(&key).await {
            return Ok(opened);
        }
        if let Some(opened) = self.outlines.get(&key).await {
            return Ok(opened);
        }
        let kept = self.indexes.place(id, &key.1);
        let opening = open(path.to_owned(), key.1.clone(), move |file| {
            if let Some(index) = kept.as_deref().and_then(indexes::find) {
                return Ok(Some(index));
            }
            let index = Index::of(file, Some(OUTLINE_BYTES), &mut |_| ControlFlow::Continue(()));
            match index {
                Ok(index) => {
                    if let Some(kept) = kept.filter(|_| index.is_whole()) {
                        indexes::keep(&kept, &index);
                    }
                    Ok(Some(index))
                }
                // What does not begin at the beginning must be read to where it does.
                Err(FilmError::NoIndex) => Ok(None),
                Err(error) => Err(error),
            }
        });
        let Some(opened) = self.read(opening).await? else {
            return self.open_version(id, path, key.1).await;
        };
        if opened.is_whole {
            self.open.insert(key, Arc::clone(&opened)).await;
        } else {
            self.indexes.begin(id, &key.1, path);
            self.outlines.insert(key, Arc::clone(&opened)).await;
        }
        Ok(opened)
    }

    /// Whether a film's file has no index to go by, and one of ours is made of it. What cannot be looked into is believed to
    /// have one: whoever plays it will see.
    pub async fn lacks_index(&self, id: FileId, path: &Path) -> bool {
        self.outline(id, path).await.is_ok_and(|it| !it.has_own_index)
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

    /// A text stream as a script with its styles. Whoever asks keeps it, so nobody else does.
    pub async fn script(&self, opened: &Arc<OpenFilm>, stream: u32) -> Result<String> {
        let opened = Arc::clone(opened);
        self.read(move || {
            let is_script = |it: &&Stream| it.index == stream && it.codec == Codec::Ass;
            let text = opened.film.texts.iter().find(is_script).ok_or(FilmError::NotThere)?;
            let cues = read_text(&opened.film, &*opened.file, stream)?;
            let head = text_description(&opened.film, stream).unwrap_or_default();
            Ok(subtitles::embedded_to_ass(&head, text.language.as_deref(), &cues))
        })
        .await
    }

    /// The pictures of a subtitle stream that are shown in a window of time. Whoever asks keeps them, so nobody else does.
    pub async fn drawn(&self, opened: &Arc<OpenFilm>, stream: u32, number: usize) -> Result<Drawn> {
        let from_ms = i64::try_from(number).unwrap_or(i64::MAX).saturating_mul(WINDOW_MS);
        if number >= opened.n_windows() {
            return Err(Error::NotFound("window"));
        }
        let opened = Arc::clone(opened);
        let to_ms = from_ms.saturating_add(WINDOW_MS);
        self.read(move || read_drawn(&opened.film, &*opened.file, stream, from_ms, to_ms)).await
    }

    /// Runs what reads the disk and nobody waits for, behind all that somebody does.
    pub(crate) async fn read_at_leisure<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, FilmError> + Send + 'static,
    ) -> Result<T> {
        self.leisure.run(work).await?.map_err(|error| reason(&error))
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

/// Opens a film; where its file has no index, by one that `index` has, or not at all.
fn open(
    path: PathBuf,
    version: String,
    index: impl FnOnce(&File) -> Result<Option<Index>, FilmError>,
) -> impl FnOnce() -> Result<Option<Arc<OpenFilm>>, FilmError> {
    move || {
        let file = File::open(&path)?;
        let (film, is_whole, has_own_index) = match Film::open(&file) {
            Err(FilmError::NoIndex) => match index(&file)? {
                Some(index) => (Film::open_with(&file, Some(&index))?, index.is_whole(), false),
                None => return Ok(None),
            },
            film => (film?, true, true),
        };
        let file = Arc::new(file);
        Ok(Some(Arc::new(OpenFilm { film, file, version, is_whole, has_own_index })))
    }
}

/// Opens a film by an index of ours.
fn open_with(
    path: PathBuf,
    version: String,
    index: Arc<Index>,
) -> impl FnOnce() -> Result<Arc<OpenFilm>, FilmError> {
    move || {
        let file = File::open(&path)?;
        let film = Film::open_with(&file, Some(&index))?;
        let (is_whole, has_own_index) = (true, false);
        Ok(Arc::new(OpenFilm { film, file: Arc::new(file), version, is_whole, has_own_index }))
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
