//! Indexes of files that have none of their own: each made once, in the background, for all who wait, and kept on disk.
//!
//! Invariant: what is kept is this node's alone and may be deleted by anybody at any time; it is made again.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use kernel::id::FileId;
use kernel::{Error, Result};
use media::samples::{FilmError, Index};
use tokio::sync::{Semaphore, watch};

use crate::films::{again, reason};

/// Files that are read at once: more only make a disk jump.
const MAX_AT_ONCE: usize = 2;
/// How long a request waits for an index: less than players do.
const PATIENCE: Duration = Duration::from_secs(8);
/// When to ask again for one that takes longer.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// A reading goes on for so long when nobody waits: players ask again.
const GRACE: Duration = Duration::from_mins(1);
/// Indexes that are kept; one has some hundred kilobytes at the most.
const MAX_FILES: usize = 1000;
/// A larger file is none of ours.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A file, and which of its versions.
type Key = (FileId, String);
type Outcome = Option<Result<Arc<Index>, Arc<Error>>>;

/// The indexes. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Indexes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: Option<PathBuf>,
    running: Mutex<HashMap<Key, Running>>,
    places: Arc<Semaphore>,
}

#[derive(Debug, Clone)]
struct Running {
    waiting: watch::Receiver<Outcome>,
    /// When somebody asked last.
    asked: Arc<Mutex<Instant>>,
    stop: Arc<AtomicBool>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner);
        for it in running.values() {
            it.stop.store(true, Ordering::Relaxed);
        }
    }
}

impl Indexes {
    /// Indexes that are kept in a folder of their own, if anywhere.
    pub fn new(folder: Option<PathBuf>) -> Self {
        let (running, places) = (Mutex::default(), Arc::new(Semaphore::new(MAX_AT_ONCE)));
        Self(Arc::new(Inner { folder, running, places }))
    }

    /// Where the index of a file is kept.
    pub fn place(&self, id: FileId, version: &str) -> Option<PathBuf> {
        self.0.folder.as_ref().map(|it| it.join(format!("{}-{version}", id.0)))
    }

    /// Has the index made, if nobody does yet.
    pub fn begin(&self, id: FileId, version: &str, path: &Path) {
        self.join((id, version.to_owned()), path);
    }

    /// The index; 503 when it takes longer than a player waits.
    pub async fn wait(&self, id: FileId, version: &str, path: &Path) -> Result<Arc<Index>> {
        let mut waiting = self.join((id, version.to_owned()), path);
        let outcome = tokio::time::timeout(PATIENCE, waiting.wait_for(Option::is_some)).await;
        match outcome.map(|it| it.ok().and_then(|it| it.clone())) {
            Ok(Some(Ok(index))) => Ok(index),
            Ok(Some(Err(error))) => Err(again(&error)),
            Ok(None) => Err(Error::Internal(anyhow::anyhow!("the maker of an index went away"))),
            Err(_) => Err(Error::Overloaded { retry_after: RETRY_AFTER }),
        }
    }

    fn join(&self, key: Key, path: &Path) -> watch::Receiver<Outcome> {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = running.get(&key) {
            *it.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            return it.waiting.clone();
        }
        let (sender, waiting) = watch::channel(None);
        let asked = Arc::new(Mutex::new(Instant::now()));
        let it = Running { waiting: waiting.clone(), asked, stop: Arc::default() };
        running.insert(key.clone(), it.clone());
        let task = Task {
            indexes: Arc::downgrade(&self.0),
            places: Arc::clone(&self.0.places),
            kept: self.place(key.0, &key.1),
            key,
            path: path.to_owned(),
            asked: it.asked,
            stop: it.stop,
        };
        tokio::spawn(task.run(sender));
        waiting
    }
}

/// The making of one index. It does not keep the others alive.
struct Task {
    indexes: std::sync::Weak<Inner>,
    places: Arc<Semaphore>,
    key: Key,
    path: PathBuf,
    kept: Option<PathBuf>,
    asked: Arc<Mutex<Instant>>,
    stop: Arc<AtomicBool>,
}

impl Task {
    async fn run(self, sender: watch::Sender<Outcome>) {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let (path, kept) = (self.path.clone(), self.kept.clone());
        let (asked, stop) = (Arc::clone(&self.asked), Arc::clone(&self.stop));
        let started = Instant::now();
        let made = tokio::task::spawn_blocking(move || {
            let is_wanted = || {
                let asked = *asked.lock().unwrap_or_else(PoisonError::into_inner);
                asked.elapsed() < GRACE && !stop.load(Ordering::Relaxed)
            };
            let made = make(&path, &is_wanted);
            if let (Ok(index), Some(kept)) = (&made, &kept) {
                keep(kept, index);
            }
            drop(place);
            made
        });
        let outcome = match made.await {
            Ok(made) => made.map(Arc::new).map_err(|error| Arc::new(reason(&error))),
            Err(error) => Err(Arc::new(Error::Internal(error.into()))),
        };
        tracing::info!(
            file.id = %self.key.0.0,
            is_made = outcome.is_ok(),
            duration_ms = started.elapsed().as_millis() as u64,
            "playback.indexed"
        );
        if let Some(indexes) = self.indexes.upgrade() {
            indexes.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        }
        // Nobody may be left to hear it.
        let _ = sender.send(Some(outcome));
    }
}

fn make(path: &Path, is_wanted: &dyn Fn() -> bool) -> Result<Index, FilmError> {
    let file = File::open(path)?;
    Index::of(&file, None, &mut |_| {
        if is_wanted() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
}

/// An index that was kept, if it is there and whole.
pub(crate) fn find(kept: &Path) -> Option<Index> {
    let mut bytes = Vec::new();
    File::open(kept).ok()?.take(MAX_FILE_BYTES).read_to_end(&mut bytes).ok()?;
    Index::from_bytes(&bytes)
}

/// Keeps an index. What cannot be kept is made again.
pub(crate) fn keep(kept: &Path, index: &Index) {
    let write = || -> std::io::Result<()> {
        let folder = kept.parent().ok_or(std::io::ErrorKind::NotFound)?;
        fs::create_dir_all(folder)?;
        make_room(folder)?;
        let part = kept.with_extension("part");
        fs::write(&part, index.to_bytes())?;
        fs::rename(part, kept)
    };
    if let Err(error) = write() {
        tracing::warn!(error = %error, "playback.index_not_kept");
    }
}

/// Deletes what was made longest ago.
fn make_room(folder: &Path) -> std::io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let made = entry.metadata().and_then(|it| it.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        files.push((made, entry.path()));
    }
    files.sort();
    let n_surplus = (files.len() + 1).saturating_sub(MAX_FILES);
    for (_, path) in &files[..n_surplus] {
        fs::remove_file(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_by_deleting_the_oldest() {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 0..MAX_FILES + 5 {
            let file = File::create(folder.path().join(number.to_string())).expect("a file");
            let age = Duration::from_secs((MAX_FILES - number.min(MAX_FILES)) as u64);
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(9999) - age)
                .expect("its time");
        }
        make_room(folder.path()).expect("room");
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, MAX_FILES - 1);
        assert!(!folder.path().join("0").exists() && folder.path().join("900").exists());
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_to_all_who_wait_and_tried_again_later() {
        let indexes = Indexes::new(None);
        let id = FileId(uuid::Uuid::nil());
        let missing = Path::new("/nowhere/film.ts");
        let (one, two) =
            tokio::join!(indexes.wait(id, "1", missing), indexes.wait(id, "1", missing),);
        assert!(matches!((one, two), (Err(Error::NotFound(_)), Err(Error::NotFound(_)))));
        assert!(indexes.0.running.lock().expect("no panic").is_empty());
    }
}
