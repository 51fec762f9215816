//! Made segments on disk: as many as the quota and the disk's free space allow, those used longest ago deleted first.
//!
//! Invariant: nothing here fails a request. What is not there, is not whole, comes too late or cannot be written is made
//! anew; anybody may delete any of it at any time. It is this node's alone.

mod form;
mod name;
mod order;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use media::transcode::Made;
use tokio::sync::Semaphore;

pub(crate) use self::name::Name;
use self::order::Order;

/// Files that are read at the same time, and those that are written or wait for it; what would be written beyond is not
/// kept. A disk that hangs must not take all threads of the process.
const MAX_AT_ONCE: usize = 16;
/// A disk that takes longer has not got it.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is known of each file takes memory.
const MAX_FILES: usize = 200_000;
/// How often the free space is looked at while nothing is written.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// A file used again is marked so, but not more often than this.
const MARK_EVERY: Duration = Duration::from_mins(10);
/// A file that is being written is done, or forgotten, after this time.
const UNFINISHED: Duration = Duration::from_hours(1);
/// The ending of files that are being written.
const PART: &str = "part";

/// Where made segments are kept, and how many.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A folder of their own.
    pub folder: PathBuf,
    /// Bytes of all files together; 0 keeps nothing, and deletes what was kept.
    pub max_bytes: u64,
    /// Bytes that stay free on the folder's file system.
    pub min_free_bytes: u64,
}

/// The kept segments. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Kept(Option<Arc<Inner>>);

type FreeBytes = dyn Fn(&Path) -> io::Result<u64> + Send + Sync;

struct Inner {
    settings: Settings,
    free_bytes: Box<FreeBytes>,
    order: Mutex<Order>,
    /// One makes room and writes at a time, so that the quota holds.
    writing: Mutex<()>,
    readers: Arc<Semaphore>,
    writers: Arc<Semaphore>,
    has_complained: AtomicBool,
    n_written: AtomicU64,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Kept {
    /// What the folder holds, counted by and by in the background; nothing without settings.
    pub fn open(settings: Option<Settings>) -> Self {
        let Some(settings) = settings else { return Self(None) };
        let inner = Arc::new(Inner::new(settings, Box::new(free_bytes)));
        let watched = Arc::downgrade(&inner);
        tokio::spawn(async move {
            for shelf in 0..=u8::MAX {
                let Some(inner) = watched.upgrade() else { return };
                // A shelf at a time, so that a server which is told to stop need not wait for all of them.
                let _ = tokio::task::spawn_blocking(move || inner.count_shelf(shelf)).await;
            }
            while let Some(inner) = watched.upgrade() {
                let is_over = inner.settings.max_bytes == 0;
                let _ = tokio::task::spawn_blocking(move || inner.trim()).await;
                if is_over {
                    return;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        Self(Some(inner))
    }

    /// The segment of this name, if it is there and whole.
    pub async fn find(&self, name: Name) -> Option<Made> {
        let inner = self.0.as_ref().filter(|it| it.settings.max_bytes > 0)?;
        let (readers, inner) = (Arc::clone(&inner.readers), Arc::clone(inner));
        let reading = async {
            let place = readers.acquire_owned().await.ok()?;
            let read = move || {
                let _place = place;
                inner.read(&name)
            };
            tokio::task::spawn_blocking(read).await.ok()?
        };
        tokio::time::timeout(PATIENCE, reading).await.ok()?
    }

    /// Keeps a segment, soon. One with gaps is not worth it: the next attempt may have none.
    pub fn keep(&self, name: Name, made: Arc<Made>) {
        let Some(inner) = self.0.as_ref().filter(|it| it.settings.max_bytes > 0) else { return };
        let Ok(place) = Arc::clone(&inner.writers).try_acquire_owned() else { return };
        if made.n_missing > 0 {
            return;
        }
        let inner = Arc::clone(inner);
        tokio::task::spawn_blocking(move || {
            let _place = place;
            inner.write(&name, &made);
        });
    }
}

impl Inner {
    fn new(settings: Settings, free_bytes: Box<FreeBytes>) -> Self {
        Self {
            settings,
            free_bytes,
            order: Mutex::default(),
            writing: Mutex::default(),
            readers: Arc::new(Semaphore::new(MAX_AT_ONCE)),
            writers: Arc::new(Semaphore::new(MAX_AT_ONCE)),
            has_complained: AtomicBool::new(false),
            n_written: AtomicU64::new(0),
        }
    }

    fn read(&self, name: &Name) -> Option<Made> {
        let path = self.path(name);
        match read_file(&path, name) {
            Ok((made, size)) => {
                self.order().used(*name, size, nanoseconds(SystemTime::now()));
                Some(made)
            }
            Err(error) => {
                match error.kind() {
                    io::ErrorKind::NotFound => {}
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => self.delete(&path),
                    _ => self.complain(&error),
                }
                self.order().forget(name);
                None
            }
        }
    }

    fn write(&self, name: &Name, made: &Made) {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        // Who makes a segment has looked for it here before: since then it was written by another.
        if self.order().knows(name) {
            return;
        }
        let size = form::size(made);
        let written = self.make_room(size).and_then(|has_room| {
            if has_room {
                self.write_file(name, made)?;
                self.order().used(*name, size, nanoseconds(SystemTime::now()));
            }
            Ok(())
        });
        if let Err(error) = written {
            self.complain(&error);
        }
    }

    /// Writes beside and renames, so that nobody reads half a segment. Names of unfinished files differ between writers,
    /// those of other processes too.
    fn write_file(&self, name: &Name, made: &Made) -> io::Result<()> {
        let path = self.path(name);
        if let Some(shelf) = path.parent() {
            fs::create_dir_all(shelf)?;
        }
        let number = self.n_written.fetch_add(1, Ordering::Relaxed);
        let part = path.with_extension(format!("{}-{number}.{PART}", std::process::id()));
        let written = File::create(&part)
            .and_then(|mut file| form::write(&mut file, name, made))
            .and_then(|()| fs::rename(&part, &path));
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written
    }

    /// Deletes what was used longest ago until `size` more bytes are within the quota and leave the disk its free space;
    /// says whether they do.
    fn make_room(&self, size: u64) -> io::Result<bool> {
        let Settings { folder, max_bytes, min_free_bytes } = &self.settings;
        if size > *max_bytes {
            return Ok(false);
        }
        while self.is_full(size) {
            if self.delete_oldest().is_none() {
                break;
            }
        }
        fs::create_dir_all(folder)?;
        let wanted = min_free_bytes.saturating_add(size);
        let mut lacking = wanted.saturating_sub((self.free_bytes)(folder)?);
        if lacking == 0 {
            return Ok(true);
        }
        while lacking > 0 {
            let Some(size) = self.delete_oldest() else { break };
            lacking = lacking.saturating_sub(size);
        }
        Ok((self.free_bytes)(folder)? >= wanted)
    }

    /// Whether `size` more bytes are more than the quota.
    fn is_full(&self, size: u64) -> bool {
        let order = self.order();
        order.bytes().saturating_add(size) > self.settings.max_bytes || order.len() >= MAX_FILES
    }

    /// Keeps within quota and free space what others fill up.
    fn trim(&self) {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.order().len() == 0 {
            return;
        }
        if let Err(error) = self.make_room(0) {
            self.complain(&error);
        }
    }

    /// How many bytes the file had that was used longest ago.
    fn delete_oldest(&self) -> Option<u64> {
        let (name, size) = self.order().take_oldest()?;
        self.delete(&self.path(&name));
        Some(size)
    }

    fn delete(&self, path: &Path) {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => self.complain(&error),
            _ => {}
        }
    }

    /// Learns of the files of a shelf from before, and deletes those that nobody finished.
    fn count_shelf(&self, shelf: u8) {
        let Ok(entries) = fs::read_dir(self.settings.folder.join(format!("{shelf:02x}"))) else {
            return;
        };
        let now = SystemTime::now();
        for entry in entries.flatten() {
            let Ok(facts) = entry.metadata() else { continue };
            let used_at = facts.modified().unwrap_or(now).min(now);
            let path = entry.path();
            let is_part = path.extension().is_some_and(|it| it == PART);
            if is_part && now.duration_since(used_at).is_ok_and(|it| it > UNFINISHED) {
                self.delete(&path);
            }
            let name = entry.file_name().to_str().and_then(Name::read);
            let Some(name) = name.filter(|it| it.shelf() == shelf && facts.is_file()) else {
                continue;
            };
            let mut order = self.order();
            if order.len() < MAX_FILES {
                order.found(name, facts.len(), nanoseconds(used_at));
            } else {
                drop(order);
                self.delete(&path);
            }
        }
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &Name) -> PathBuf {
        let shelf = self.settings.folder.join(format!("{:02x}", name.shelf()));
        shelf.join(name.to_string())
    }

    /// Once: a full or read-only disk would say the same with every segment.
    fn complain(&self, error: &io::Error) {
        if !self.has_complained.swap(true, Ordering::Relaxed) {
            let folder = self.settings.folder.display();
            tracing::warn!(folder = %folder, error = %error, "transcode.not_kept");
        }
    }
}

/// A file's segment, and how large it is.
fn read_file(path: &Path, name: &Name) -> io::Result<(Made, u64)> {
    let mut file = File::open(path)?;
    let facts = file.metadata()?;
    let made = form::read(&mut file, facts.len(), name)?;
    let now = SystemTime::now();
    if facts.modified().is_ok_and(|it| now.duration_since(it).is_ok_and(|it| it > MARK_EVERY)) {
        // For the order after the next start; without it, it is another one.
        let _ = file.set_modified(now);
    }
    Ok((made, facts.len()))
}

fn nanoseconds(moment: SystemTime) -> u64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Bytes that we may still write to a folder's file system.
pub(crate) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let facts = rustix::fs::statvfs(folder)?;
    Ok(facts.f_bavail.saturating_mul(facts.f_frsize))
}

#[cfg(test)]
mod tests;
