//! Finds every file of a folder tree, in parallel, without opening one.
//!
//! Blocking: call it on a blocking thread. Links are followed; a link back to a folder above it is passed over. What cannot
//! be read is reported and never taken for empty.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use naming::MediaClass;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Statx, StatxFlags};
use rustix::io::Errno;

use super::ignore::{MAX_BYTES, NO_MEDIA, PATTERN_FILES, Patterns};
use crate::stored_path;

/// Folders read at the same time: enough to keep a disk's queue full, few enough for a network share.
const N_THREADS: usize = 6;
/// Folders nested deeper than this are no library; the limit bounds path lengths, too.
const MAX_DEPTH: usize = 64;

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

/// Walks the tree below `root`, starting at `start` (relative to it, empty for all).
///
/// `seen` counts files while the walk runs; `stop` ends it early, and then the result is not complete.
pub fn walk(
    root: &Path,
    start: &str,
    seen: &AtomicU64,
    stop: &(dyn Fn() -> bool + Sync),
) -> io::Result<Walked> {
    let first = root.join(stored_path::from_text(start));
    let fd = open_folder(CWD, &first)?;
    let place = place(&stat(&fd, c"", AtFlags::EMPTY_PATH)?);
    let folder = Folder {
        path: start.to_owned(),
        fd,
        above: Arc::new(Above { place, depth: 0, next: None }),
        patterns: Patterns::default(),
    };
    let walk = Walk {
        queue: Mutex::new(Queue { folders: vec![folder], n_working: 0 }),
        changed: Condvar::new(),
        walked: Mutex::default(),
        seen,
        stop,
    };
    std::thread::scope(|scope| {
        for _ in 1..N_THREADS {
            scope.spawn(|| walk.work());
        }
        walk.work();
    });
    let mut walked = walk.walked.into_inner().unwrap_or_else(PoisonError::into_inner);
    walked.files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    walked.unreadable.sort_unstable();
    Ok(walked)
}

struct Walk<'a> {
    queue: Mutex<Queue>,
    changed: Condvar,
    walked: Mutex<Walked>,
    seen: &'a AtomicU64,
    stop: &'a (dyn Fn() -> bool + Sync),
}

struct Queue {
    folders: Vec<Folder>,
    /// Threads that may still add folders.
    n_working: usize,
}

struct Folder {
    path: String,
    fd: OwnedFd,
    above: Arc<Above>,
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

impl Walk<'_> {
    fn work(&self) {
        while let Some(folder) = self.take() {
            let mut walked = Walked::default();
            let below = if (self.stop)() { Vec::new() } else { read_folder(folder, &mut walked) };
            self.seen.fetch_add(walked.files.len() as u64, Ordering::Relaxed);
            {
                let mut all = self.walked.lock().unwrap_or_else(PoisonError::into_inner);
                all.files.append(&mut walked.files);
                all.unreadable.append(&mut walked.unreadable);
            }
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.folders.extend(below);
            queue.n_working -= 1;
            self.changed.notify_all();
        }
    }

    /// The next folder; `None` when none is left and nobody works who could find one.
    fn take(&self) -> Option<Folder> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(folder) = queue.folders.pop() {
                queue.n_working += 1;
                return Some(folder);
            }
            if queue.n_working == 0 {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Adds the files of `folder` to `walked` and returns the folders in it.
fn read_folder(folder: Folder, walked: &mut Walked) -> Vec<Folder> {
    let names = match names(&folder.fd) {
        Ok(names) => names,
        Err(error) => {
            walked.unreadable.push((folder.path, reason(error)));
            return Vec::new();
        }
    };
    let Some(patterns) = own_patterns(&folder, &names) else { return Vec::new() };
    let mut below = Vec::new();
    for (name, kind) in &names {
        let text = stored_path::to_text(Path::new(std::ffi::OsStr::from_bytes(name.to_bytes())));
        let path =
            if folder.path.is_empty() { text.clone() } else { format!("{}/{text}", folder.path) };
        if naming::is_ignored(&text) || patterns.ignore(&path) {
            continue;
        }
        let class = MediaClass::of(&text);
        // Only what may be a folder, or a file of ours, is worth a look.
        let is_media = !matches!(class, MediaClass::Other | MediaClass::Book | MediaClass::Comic);
        if *kind == FileType::RegularFile && !is_media {
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
                walked.files.push(Found { path, class, stamp: stamp(&found) });
            }
            FileType::Directory => match open_below(&folder, name, path.clone(), &found, &patterns)
            {
                Ok(Some(folder)) => below.push(folder),
                Ok(None) => {}
                Err(error) => walked.unreadable.push((path, reason(error))),
            },
            _ => {}
        }
    }
    below
}

fn open_below(
    folder: &Folder,
    name: &CStr,
    path: String,
    found: &Statx,
    patterns: &Patterns,
) -> Result<Option<Folder>, Errno> {
    let place = place(found);
    let depth = folder.above.depth + 1;
    if folder.above.contains(place) {
        tracing::debug!(folder = path, "walk.loop");
        return Ok(None);
    }
    if depth > MAX_DEPTH {
        return Err(Errno::NAMETOOLONG);
    }
    let fd = open_folder(folder.fd.as_fd(), name)?;
    let above = Arc::new(Above { place, depth, next: Some(Arc::clone(&folder.above)) });
    Ok(Some(Folder { path, fd, above, patterns: patterns.clone() }))
}

/// The patterns that hold in `folder`; `None` when it asks to be passed over whole.
fn own_patterns(folder: &Folder, names: &[(std::ffi::CString, FileType)]) -> Option<Patterns> {
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

fn names(folder: &OwnedFd) -> Result<Vec<(std::ffi::CString, FileType)>, Errno> {
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
