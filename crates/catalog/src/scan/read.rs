//! Opens the files that are new or changed and reads their headers, several at a time. A file that cannot be read becomes a
//! sentence for a person; it never stops a scan.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kernel::{Error, Result};
use media::{Probe, ProbeError, Tools};
use metadata::local::nfo::{self, Document};
use naming::MediaClass;
use rustix::io::Errno;
use tokio::sync::Semaphore;

use super::arrange::{Unit, UnitFile};
use super::fingerprint::fingerprint;
use super::walk::reason;
use crate::describe::nfo::is_sealed;
use crate::door::Disk;
use crate::stored_path;

/// What the content of a file says.
#[derive(Debug, Default)]
pub struct Reading {
    /// Streams, chapters, tags of what plays.
    pub probe: Option<Probe>,
    /// Hash of size, head, middle and tail of what plays.
    pub fingerprint: Option<i64>,
    /// What an NFO file describes.
    pub documents: Vec<Document>,
    /// Whether it is as we wrote it ourselves.
    pub is_our_own: bool,
    /// Why it could not be read.
    pub problem: Option<String>,
    /// The problem is not in the file but on the way to it: permissions, the disk, the share. It is tried again by every
    /// scan, for the file need not change when that is mended.
    pub is_unread: bool,
}

/// A unit with what was read of its files: `None` for those that did not change.
#[derive(Debug)]
pub struct ReadUnit {
    /// The unit.
    pub unit: Unit,
    /// One for each of its files.
    pub readings: Vec<Option<Reading>>,
}

/// A disk or share does not answer any more.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("reading files takes too long")]
pub struct Silent;

/// Files that may be open at a time while somebody plays a film.
const N_SLOW: usize = 1;
/// After so many files that were not answered for, the disk is taken for dead.
const MAX_SILENT: usize = 4;

/// Reads files below one folder of a library.
#[derive(Clone, Debug)]
pub struct Files {
    /// The library's folder.
    pub root: PathBuf,
    /// FFprobe for what our own readers do not know, and the time one file may take.
    pub tools: Arc<Tools>,
    /// Bounds how many files are open at a time.
    pub disk: Arc<Disk>,
    /// Whether somebody plays a film.
    pub is_slow: Arc<AtomicBool>,
    slow: Arc<Semaphore>,
    n_silent: Arc<AtomicUsize>,
}

impl Files {
    /// Files below `root`.
    pub fn new(
        root: PathBuf,
        tools: Arc<Tools>,
        disk: Arc<Disk>,
        is_slow: Arc<AtomicBool>,
    ) -> Self {
        let slow = Arc::new(Semaphore::new(N_SLOW));
        Self { root, tools, disk, is_slow, slow, n_silent: Arc::default() }
    }

    /// Reads what must be read of `units`, one file after the other; several calls run beside each other. `Unavailable` when
    /// the disk no longer answers.
    pub async fn read(&self, units: Vec<Unit>) -> Result<Vec<ReadUnit>> {
        let mut wanted = VecDeque::new();
        let mut all: Vec<Vec<Option<Reading>>> = Vec::with_capacity(units.len());
        for (at, unit) in units.iter().enumerate() {
            all.push(unit.files.iter().map(|_| None).collect());
            for (position, file) in unit.files.iter().enumerate().filter(|it| is_read(it.1)) {
                match unopened(file) {
                    Some(reading) => all[at][position] = Some(reading),
                    None => wanted.push_back(Wanted {
                        place: (at, position),
                        path: self.root.join(stored_path::from_text(&file.entry.found.path)),
                        class: file.entry.found.class,
                    }),
                }
            }
        }
        while !wanted.is_empty() {
            self.read_until_silence(&mut wanted, &mut all).await?;
        }
        let read = units.into_iter().zip(all);
        Ok(read.map(|(unit, readings)| ReadUnit { unit, readings }).collect())
    }

    /// Has one thread read `wanted` until all are read, or one does not come back: that one is given up.
    async fn read_until_silence(
        &self,
        wanted: &mut VecDeque<Wanted>,
        all: &mut [Vec<Option<Reading>>],
    ) -> Result<()> {
        let slowly = self.is_slow.load(Ordering::Relaxed).then(|| self.slow.acquire());
        let _slowly = futures::future::OptionFuture::from(slowly)
            .await
            .transpose()
            .map_err(anyhow::Error::from)?;
        let permit = Arc::clone(&self.disk.readers).acquire_owned();
        // Who hangs keeps their place, so that no more threads hang than there are places.
        let Ok(permit) = tokio::time::timeout(self.tools.timeout, permit).await else {
            return Err(Self::dead());
        };
        let permit = permit.map_err(anyhow::Error::from)?;
        let files: Vec<_> = wanted.iter().map(|it| (it.path.clone(), it.class)).collect();
        let (send, mut read) = tokio::sync::mpsc::channel(files.len());
        let reader = tokio::task::spawn_blocking(move || {
            for (path, class) in files {
                // Nobody waits any more for the rest of who was given up.
                if send.blocking_send(read_blocking(&path, class)).is_err() {
                    break;
                }
            }
            drop(permit);
        });
        while let Some(file) = wanted.pop_front() {
            let (at, position) = file.place;
            match tokio::time::timeout(self.tools.timeout, read.recv()).await {
                Ok(Some(read)) => all[at][position] = Some(self.finish(&file.path, read).await),
                // It ended without an answer, so it panicked.
                Ok(None) => return Ok(reader.await.map_err(anyhow::Error::from)?),
                Err(_) => {
                    all[at][position] = Some(self.silent()?);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// What is known of a file that was not answered for. `Unavailable` if it was one too many.
    fn silent(&self) -> Result<Reading> {
        if self.n_silent.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_SILENT {
            return Err(Self::dead());
        }
        let seconds = self.tools.timeout.as_secs();
        let problem =
            Some(format!("reading it took longer than {seconds} s: is its disk or share there?"));
        Ok(Reading { problem, is_unread: true, ..Reading::default() })
    }

    /// Asks FFprobe about what our own readers do not know.
    async fn finish(&self, path: &Path, read: Read) -> Reading {
        let mut reading = read.reading;
        if read.is_for_ffprobe && self.tools.ffprobe.is_some() {
            match media::probe_file(path, &self.tools).await {
                Ok(probed) => {
                    reading.problem = None;
                    reading.probe = Some(probed.probe);
                }
                Err(error) => reading.problem = Some(with_sources(&error)),
            }
        }
        reading
    }

    fn dead() -> Error {
        Error::Unavailable { service: "the disk or share of a library", source: Silent.into() }
    }
}

/// A file to open.
struct Wanted {
    /// Of its unit in the call, and of the file in that.
    place: (usize, usize),
    path: PathBuf,
    class: MediaClass,
}

/// Whether anything of a file is read.
fn is_read(file: &UnitFile) -> bool {
    // Descriptions are small and merged anew whenever their item is written.
    file.entry.state.must_read() || file.entry.found.class == MediaClass::Nfo
}

/// What can be said of a file without opening it, if that is all there is to say.
fn unopened(file: &UnitFile) -> Option<Reading> {
    let found = &file.entry.found;
    if found.stamp.size_bytes == 0 {
        let problem = Some(ProbeError::Empty.to_string());
        return Some(Reading { problem, ..Reading::default() });
    }
    // A picture or a subtitle is known by its name alone.
    let is_opened = matches!(found.class, MediaClass::Video | MediaClass::Audio | MediaClass::Nfo);
    (!is_opened).then(Reading::default)
}

struct Read {
    reading: Reading,
    is_for_ffprobe: bool,
}

fn read_blocking(path: &Path, class: MediaClass) -> Read {
    let mut read = Read { reading: Reading::default(), is_for_ffprobe: false };
    let done = match class {
        MediaClass::Video | MediaClass::Audio => probe(path, &mut read),
        MediaClass::Nfo => read_nfo(path, &mut read.reading),
        _ => Ok(()),
    };
    if let Err(error) = done {
        read.reading.problem = Some(words(&error));
        read.reading.is_unread = true;
    }
    read
}

fn probe(path: &Path, read: &mut Read) -> io::Result<()> {
    let file = File::open(path)?;
    read.reading.fingerprint = fingerprint(&file).ok();
    match media::probe(&file, &path.to_string_lossy()) {
        Ok(probe) => read.reading.probe = Some(probe),
        Err(ProbeError::Io(error)) => return Err(error),
        Err(error) => {
            read.is_for_ffprobe =
                matches!(error, ProbeError::Unsupported(_) | ProbeError::Malformed { .. });
            read.reading.problem = Some(error.to_string());
        }
    }
    Ok(())
}

fn read_nfo(path: &Path, reading: &mut Reading) -> io::Result<()> {
    let mut bytes = Vec::new();
    File::open(path)?.take(nfo::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    reading.is_our_own = is_sealed(&bytes);
    match nfo::read(&bytes) {
        Ok(documents) => reading.documents = documents,
        // Release groups put drawings of letters into such files; nothing is wrong with them.
        Err(nfo::NfoError::Nothing) => {}
        Err(error) => reading.problem = Some(error.to_string()),
    }
    Ok(())
}

fn words(error: &io::Error) -> String {
    error
        .raw_os_error()
        .map_or_else(|| error.to_string(), |it| reason(Errno::from_raw_os_error(it)))
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
