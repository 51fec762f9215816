//! Finds every file of a folder tree, in parallel, without opening one.
//!
//! The threads are the walk's own and of low priority. Links are followed; a link back to a folder above it is passed over.
//! What cannot be read is reported and never taken for empty; a folder that does not answer is reported and left behind with
//! the thread that asked it.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use naming::MediaClass;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Statx, StatxFlags};
use rustix::io::Errno;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::ignore::{MAX_BYTES, NO_MEDIA, PATTERN_FILES, Patterns};
use crate::door::{Disk, Door};
use crate::stored_path;

/// Folders read at the same time: enough to keep a disk's queue full.
const N_THREADS: usize = 6;
/// Folders nested deeper than this are no library; the limit bounds path lengths, too.
const MAX_DEPTH: usize = 64;
/// How often the walk is looked after.
const TICK: Duration = Duration::from_millis(250);
/// Walking gives way to everything else on the machine, for the processor and, as the kernel derives it, for the disk.
const NICENESS: i32 = 10;

/// One file that a library may be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Relative to the library's folder, as [`stored_path`] writes it.
    pub path: String,
    /// What its extension says.
    pub class: MediaClass,
    /// Size, time of last change, and place on disk: what tells whether it changed.
    pub stamp: Stamp,
}

/// What changes when a file's content does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Bytes.
    pub size_bytes: i64,
    /// Nanoseconds since the epoch.
    pub modified_ns: i64,
    /// Number on its device.
    pub inode: i64,
    /// Device it lies on.
    pub device: i64,
}

/// What a walk found below a library's folder.
#[derive(Debug, Default)]
pub struct Walked {
    /// In the order of their paths.
    pub files: Vec<Found>,
    /// Folders and links that could not be read: relative path, reason for a person.
    pub unreadable: Vec<(String, String)>,
}

/// What a walk goes by while it runs.
#[derive(Clone)]
pub struct Pacer {
    /// Counts files.
    pub seen: Arc<AtomicU64>,
    /// Whether to end early; then the result is not complete.
    pub is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Whether to go slowly, because somebody plays a film.
    pub is_slow: Arc<AtomicBool>,
}

impl Pacer {
    /// Goes on to the end, with nobody to tell.
    pub fn free() -> Self {
        Self { seen: Arc::default(), is_stopped: Arc::new(|| false), is_slow: Arc::default() }
    }
}

/// Walks the tree below `root`, starting at `start` (relative to it, empty for all). The error is that of the first folder:
/// `TimedOut` when it, or too much below it, does not answer.
pub async fn walk(
    door: &Door,
    disk: &Disk,
    root: &Path,
    start: &str,
    pacer: &Pacer,
) -> io::Result<Walked> {
    let places = places(disk).await?;
    let first = Folder {
        path: start.to_owned(),
        place: root.join(stored_path::from_text(start)),
        within: None,
        above: None,
        patterns: Patterns::default(),
    };
    let walk = Arc::new(Walk {
        door: door.clone(),
        root: root.to_owned(),
        state: Mutex::new(State {
            folders: vec![first],
            walked: Some(Walked::default()),
            ..State::default()
        }),
        changed: Condvar::new(),
        is_over: Notify::new(),
        pacer: pacer.clone(),
    });
    for number in 0..places.len() {
        walk.state().workers.push(Worker::default());
        let walk = Arc::clone(&walk);
        let thread = std::thread::Builder::new().name("walk".to_owned());
        thread.spawn(move || walk.work(number))?;
    }
    walk.look_after().await;
    let mut state = walk.state();
    if let Some(error) = state.failed.take() {
        return Err(error.into());
    }
    let mut walked = state.walked.take().unwrap_or_default();
    drop(state);
    walked.files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    walked.unreadable.sort_unstable();
    Ok(walked)
}

/// Places at the disk for this walk's threads: at least one, more if they are free.
async fn places(disk: &Disk) -> io::Result<Vec<tokio::sync::OwnedSemaphorePermit>> {
    let first = Arc::clone(&disk.walkers).acquire_owned().await.map_err(io::Error::other)?;
    let mut places = vec![first];
    while places.len() < N_THREADS
        && let Ok(place) = Arc::clone(&disk.walkers).try_acquire_owned()
    {
        places.push(place);
    }
    Ok(places)
}

struct Walk {
    door: Door,
    root: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
    is_over: Notify,
    pacer: Pacer,
}

#[derive(Default)]
struct State {
    folders: Vec<Folder>,
    workers: Vec<Worker>,
    /// `None` once the walk was given up: what comes late is thrown away.
    walked: Option<Walked>,
    /// Why the first folder could not be read.
    failed: Option<Errno>,
}

#[derive(Default)]
struct Worker {
    /// The folder it is in: relative, and absolute.
    folder: Option<(String, PathBuf)>,
    /// Moves with every file it looks at.
    beat: Arc<AtomicU64>,
    /// It did not move for too long, and nobody waits for it any more.
    is_lost: bool,
}

/// A folder to read. It is opened by the thread that reads it: that may hang, and a folder of many has them not all open.
struct Folder {
    path: String,
    place: PathBuf,
    /// The folder it lies in and its name there; the first one is opened by its place.
    within: Option<(Arc<OwnedFd>, CString)>,
    /// The folders above it.
    above: Option<Arc<Above>>,
    patterns: Patterns,
}

/// The chain of folders from the root down to one: device and inode of each.
struct Above {
    place: (u32, u32, u64),
    depth: usize,
    next: Option<Arc<Above>>,
}

impl Above {
    fn contains(&self, place: (u32, u32, u64)) -> bool {
        self.place == place || self.next.as_ref().is_some_and(|it| it.contains(place))
    }
}

/// A folder that is open, on its way through [`read_folder`].
struct Opened {
    path: String,
    place: PathBuf,
    fd: Arc<OwnedFd>,
    above: Arc<Above>,
    patterns: Patterns,
}

impl Walk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, number: usize) {
        // Where it is not allowed the walk is as important as everything else.
        let _ = rustix::process::setpriority_process(None, NICENESS);
        let beat = Arc::clone(&self.state().workers[number].beat);
        while let Some(folder) = self.take(number) {
            let mut walked = Walked::default();
            let (path, place) = (folder.path.clone(), folder.place.clone());
            let is_first = folder.above.is_none();
            let read = if (self.pacer.is_stopped)() {
                Ok(Vec::new())
            } else {
                self.read(folder, &beat, &mut walked)
            };
            let mut state = self.state();
            if state.workers[number].is_lost {
                self.door.regain(&place);
                return;
            }
            state.workers[number].folder = None;
            match read {
                Ok(below) => state.folders.extend(below),
                Err(error) if is_first => state.failed = Some(error),
                Err(error) => walked.unreadable.push((path, reason(error))),
            }
            if let Some(all) = &mut state.walked {
                all.files.append(&mut walked.files);
                all.unreadable.append(&mut walked.unreadable);
            }
            drop(state);
            self.changed.notify_all();
        }
        self.is_over.notify_one();
    }

    /// The next folder; `None` when none is left and nobody works who could find one.
    fn take(&self, number: usize) -> Option<Folder> {
        let mut state = self.state();
        loop {
            state.walked.as_ref()?;
            let is_resting = number > 0 && self.pacer.is_slow.load(Ordering::Relaxed);
            if !is_resting && let Some(folder) = state.folders.pop() {
                state.workers[number].folder = Some((folder.path.clone(), folder.place.clone()));
                return Some(folder);
            }
            if state.folders.is_empty() && state.is_idle() {
                return None;
            }
            // Looks again by itself, because nobody calls when the film is over.
            let waited = self.changed.wait_timeout(state, TICK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn read(
        &self,
        folder: Folder,
        beat: &AtomicU64,
        walked: &mut Walked,
    ) -> Result<Vec<Folder>, Errno> {
        if !self.door.may_ask(&folder.place) {
            return Err(Errno::TIMEDOUT);
        }
        self.door.knock(&folder.place);
        let opened = match &folder.within {
            None => open_folder(CWD, &folder.place)?,
            Some((above, name)) => match open_folder(above.as_fd(), name.as_c_str()) {
                // It went away while we looked.
                Err(Errno::NOENT) => return Ok(Vec::new()),
                opened => opened?,
            },
        };
        let number = place(&stat(&opened, c"", AtFlags::EMPTY_PATH)?);
        let Folder { path, place, above, patterns, .. } = folder;
        let depth = above.as_ref().map_or(0, |it| it.depth + 1);
        if above.as_ref().is_some_and(|it| it.contains(number)) {
            tracing::debug!(folder = %self.door.name(std::path::Path::new(&path)), "walk.loop");
            return Ok(Vec::new());
        }
        if depth > MAX_DEPTH {
            return Err(Errno::NAMETOOLONG);
        }
        let above = Arc::new(Above { place: number, depth, next: above });
        let opened = Opened { path, place, fd: Arc::new(opened), above, patterns };
        read_folder(&opened, walked, &mut |is_file| {
            beat.fetch_add(1, Ordering::Relaxed);
            if is_file {
                self.pacer.seen.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    /// Waits for the end, and leaves behind who does not move for too long.
    async fn look_after(&self) {
        let mut last: Vec<(u64, Instant)> = Vec::new();
        loop {
            // Every thread that ends says so, and any of them may be the last.
            let _ = tokio::time::timeout(TICK, self.is_over.notified()).await;
            let mut state = self.state();
            if state.folders.is_empty() && state.is_idle() {
                return;
            }
            last.resize(state.workers.len(), (0, Instant::now()));
            let mut is_anybody_alive = false;
            for (worker, (beat, since)) in state.workers.iter_mut().zip(&mut last) {
                let now = worker.beat.load(Ordering::Relaxed);
                if worker.folder.is_none() || now != *beat {
                    (*beat, *since) = (now, Instant::now());
                }
                if !worker.is_lost && since.elapsed() >= self.door.patience() {
                    worker.is_lost = true;
                }
                is_anybody_alive |= !worker.is_lost;
            }
            state.leave_behind(&self.door, &self.root);
            if !is_anybody_alive {
                state.walked = None;
                state.failed = Some(Errno::TIMEDOUT);
            }
            let is_over = state.walked.is_none() || (state.folders.is_empty() && state.is_idle());
            drop(state);
            self.changed.notify_all();
            if is_over {
                return;
            }
        }
    }
}

impl State {
    /// Whether nobody works who could find another folder.
    fn is_idle(&self) -> bool {
        self.workers.iter().all(|it| it.folder.is_none())
    }

    /// Notes the folders of those who were lost just now as unreadable.
    fn leave_behind(&mut self, door: &Door, root: &Path) {
        for worker in self.workers.iter_mut().filter(|it| it.is_lost) {
            let Some((path, place)) = worker.folder.take() else { continue };
            door.lose(&place);
            if place == root || path.is_empty() {
                self.failed = Some(Errno::TIMEDOUT);
            } else if let Some(walked) = &mut self.walked {
                walked.unreadable.push((path, reason(Errno::TIMEDOUT)));
            }
        }
    }
}

/// Adds the files of `folder` to `walked` and returns the folders in it. `look` hears of each thing it looks at, and whether
/// that is a file of ours.
fn read_folder(
    folder: &Opened,
    walked: &mut Walked,
    look: &mut dyn FnMut(bool),
) -> Result<Vec<Folder>, Errno> {
    let names = names(&folder.fd)?;
    let Some(patterns) = own_patterns(folder, &names) else { return Ok(Vec::new()) };
    let mut below = Vec::new();
    for (name, kind) in &names {
        look(false);
        let text = stored_path::to_text(Path::new(std::ffi::OsStr::from_bytes(name.to_bytes())));
        if naming::is_ignored(&text) {
            continue;
        }
        let class = MediaClass::of(&text);
        // Only what may be a folder, or a file of ours, is worth a look.
        let is_media = !matches!(class, MediaClass::Other | MediaClass::Book | MediaClass::Comic);
        if *kind == FileType::RegularFile && !is_media {
            continue;
        }
        let path = if folder.path.is_empty() { text } else { format!("{}/{text}", folder.path) };
        if patterns.ignore(&path) {
            continue;
        }
        // What is a folder is looked at when it is its turn: the share it may stand for may hang.
        if *kind == FileType::Directory {
            below.push(folder.below(name, path));
            continue;
        }
        let found = match stat(&folder.fd, name, AtFlags::empty()) {
            Ok(found) => found,
            // It went away while we looked.
            Err(Errno::NOENT) if *kind != FileType::Symlink => continue,
            Err(error) => {
                walked.unreadable.push((path, reason(error)));
                continue;
            }
        };
        match FileType::from_raw_mode(found.stx_mode.into()) {
            FileType::RegularFile if is_media => {
                look(true);
                walked.files.push(Found { path, class, stamp: stamp(&found) });
            }
            FileType::Directory => below.push(folder.below(name, path)),
            _ => {}
        }
    }
    Ok(below)
}

impl Opened {
    fn below(&self, name: &CStr, path: String) -> Folder {
        Folder {
            path,
            place: self.place.join(std::ffi::OsStr::from_bytes(name.to_bytes())),
            within: Some((Arc::clone(&self.fd), name.to_owned())),
            above: Some(Arc::clone(&self.above)),
            patterns: self.patterns.clone(),
        }
    }
}

/// The patterns that hold in `folder`; `None` when it asks to be passed over whole.
fn own_patterns(folder: &Opened, names: &[(CString, FileType)]) -> Option<Patterns> {
    let mut patterns = folder.patterns.clone();
    for (name, _) in names {
        let Ok(text) = name.to_str() else { continue };
        if text == NO_MEDIA {
            return None;
        }
        if PATTERN_FILES.contains(&text) {
            // A file of patterns that cannot be read holds none: showing too much is better than hiding all.
            let Ok(content) = read_small(&folder.fd, name) else { continue };
            patterns = patterns.with(&folder.path, &content)?;
        }
    }
    Some(patterns)
}

fn read_small(folder: &OwnedFd, name: &CStr) -> io::Result<String> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn names(folder: &OwnedFd) -> Result<Vec<(CString, FileType)>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            names.push((entry.file_name().to_owned(), entry.file_type()));
        }
    }
    Ok(names)
}

fn open_folder<P: rustix::path::Arg>(at: impl AsFd, path: P) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    rustix::fs::openat(at, path, flags, Mode::empty())
}

fn stat(at: &OwnedFd, name: &CStr, flags: AtFlags) -> Result<Statx, Errno> {
    let mask = StatxFlags::TYPE | StatxFlags::SIZE | StatxFlags::MTIME | StatxFlags::INO;
    rustix::fs::statx(at, name, flags, mask)
}

fn place(found: &Statx) -> (u32, u32, u64) {
    (found.stx_dev_major, found.stx_dev_minor, found.stx_ino)
}

fn stamp(found: &Statx) -> Stamp {
    let seconds = found.stx_mtime.tv_sec;
    Stamp {
        size_bytes: found.stx_size.cast_signed(),
        modified_ns: seconds
            .saturating_mul(1_000_000_000)
            .saturating_add(found.stx_mtime.tv_nsec.into()),
        inode: found.stx_ino.cast_signed(),
        device: (i64::from(found.stx_dev_major) << 32) | i64::from(found.stx_dev_minor),
    }
}

/// The error in words for the person whose folder it is.
pub fn reason(error: Errno) -> String {
    match error {
        Errno::ACCESS | Errno::PERM => {
            "Revenge may not read it: check its owner and permissions".to_owned()
        }
        Errno::NOENT => "it is a link to something that is not there".to_owned(),
        Errno::LOOP => "its links lead in a circle".to_owned(),
        Errno::NAMETOOLONG => "it lies too deep, or its name is too long".to_owned(),
        Errno::IO => "the disk reports an error while reading it".to_owned(),
        Errno::STALE | Errno::NOTCONN | Errno::HOSTDOWN | Errno::TIMEDOUT => {
            "the network share it lies on does not answer".to_owned()
        }
        other => io::Error::from(other).to_string(),
    }
}

#[cfg(test)]
mod tests;
