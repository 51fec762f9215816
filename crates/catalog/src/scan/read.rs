//! Opens the files that are new or changed and reads their headers, several at a time. A file that cannot be read becomes a
//! sentence for a person; it never stops a scan.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;

use kernel::Result;
use media::{Probe, ProbeError, Tools};
use metadata::local::nfo::{self, Document};
use naming::MediaClass;
use rustix::io::Errno;
use tokio::sync::Semaphore;

use super::arrange::Unit;
use super::fingerprint::fingerprint;
use super::walk::reason;
use crate::describe::nfo::is_sealed;
use crate::stored_path;

/// What the content of a file says.
#[derive(Debug, Default)]
pub struct Reading {
    /// Streams, chapters, tags of what plays.
    pub probe: Option<Probe>,
    /// Hash of size, head and tail of what plays.
    pub fingerprint: Option<i64>,
    /// What an NFO file describes.
    pub documents: Vec<Document>,
    /// Whether it is as we wrote it ourselves.
    pub is_our_own: bool,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// A unit with what was read of its files: `None` for those that did not change.
#[derive(Debug)]
pub struct ReadUnit {
    /// The unit.
    pub unit: Unit,
    /// One for each of its files.
    pub readings: Vec<Option<Reading>>,
}

/// Reads files below one folder of a library.
#[derive(Clone, Debug)]
pub struct Files {
    /// The library's folder.
    pub root: PathBuf,
    /// FFprobe for what our own readers do not know, and the time one file may take.
    pub tools: Arc<Tools>,
    /// How many files are open at a time.
    pub open: Arc<Semaphore>,
}

impl Files {
    /// Reads what must be read of `unit`.
    pub async fn read(&self, unit: Unit) -> Result<ReadUnit> {
        let readings = unit.files.iter().map(|file| {
            let entry = &file.entry;
            // Descriptions are small and merged anew whenever their item is written.
            let is_wanted = entry.state.must_read() || entry.found.class == MediaClass::Nfo;
            let path = self.root.join(stored_path::from_text(&entry.found.path));
            let (class, size) = (entry.found.class, entry.found.stamp.size_bytes);
            async move {
                if is_wanted { self.read_file(path, class, size).await.map(Some) } else { Ok(None) }
            }
        });
        let readings = futures::future::try_join_all(readings).await?;
        Ok(ReadUnit { unit, readings })
    }

    async fn read_file(
        &self,
        path: PathBuf,
        class: MediaClass,
        size_bytes: i64,
    ) -> Result<Reading> {
        if size_bytes == 0 {
            let problem = Some(ProbeError::Empty.to_string());
            return Ok(Reading { problem, ..Reading::default() });
        }
        let _permit = self.open.acquire().await.map_err(anyhow::Error::from)?;
        let file = path.clone();
        let read = tokio::task::spawn_blocking(move || read_blocking(&file, class));
        let Ok(read) = tokio::time::timeout(self.tools.timeout, read).await else {
            let seconds = self.tools.timeout.as_secs();
            let problem = Some(format!(
                "reading it took longer than {seconds} s: is its disk or share there?"
            ));
            return Ok(Reading { problem, ..Reading::default() });
        };
        let mut reading = read.map_err(anyhow::Error::from)?;
        if reading.is_for_ffprobe && self.tools.ffprobe.is_some() {
            match media::probe_file(&path, &self.tools).await {
                Ok(probed) => {
                    reading.reading.problem = None;
                    reading.reading.probe = Some(probed.probe);
                }
                Err(error) => reading.reading.problem = Some(with_sources(&error)),
            }
        }
        Ok(reading.reading)
    }
}

struct Read {
    reading: Reading,
    is_for_ffprobe: bool,
}

fn read_blocking(path: &PathBuf, class: MediaClass) -> Read {
    let mut read = Read { reading: Reading::default(), is_for_ffprobe: false };
    let done = match class {
        MediaClass::Video | MediaClass::Audio => probe(path, &mut read),
        MediaClass::Nfo => read_nfo(path, &mut read.reading),
        _ => Ok(()),
    };
    if let Err(error) = done {
        read.reading.problem = Some(words(&error));
    }
    read
}

fn probe(path: &PathBuf, read: &mut Read) -> io::Result<()> {
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

fn read_nfo(path: &PathBuf, reading: &mut Reading) -> io::Result<()> {
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
