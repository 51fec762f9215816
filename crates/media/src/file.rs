//! Probing a file on the disk: our own readers first, FFprobe for what they do not read.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ffprobe::{self, ParseError};
use crate::tool::{self, Limits, ToolError};
use crate::{Probe, ProbeError, probe};

/// What helps to probe.
#[derive(Debug, Clone)]
pub struct Tools {
    /// FFprobe, if there is one (see [`tool::locate`]).
    pub ffprobe: Option<PathBuf>,
    /// How long one file may take, each reader for itself. A file on a hung network mount must not stop a scan.
    pub timeout: Duration,
}

/// Who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A reader of ours.
    Native,
    /// FFprobe.
    Ffprobe,
}

/// A result and where it is from.
#[derive(Debug, Clone)]
pub struct Probed {
    /// What was found.
    pub probe: Probe,
    /// Who found it.
    pub reader: Reader,
}

/// Why a file on the disk could not be probed.
#[derive(Debug, thiserror::Error)]
pub enum ProbeFileError {
    /// The file itself is the reason.
    #[error(transparent)]
    File(#[from] ProbeError),
    /// The disk or network did not answer in time.
    #[error("reading the file took longer than {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// FFprobe was needed and did not work.
    #[error("ffprobe could not be used")]
    Tool(#[from] ToolError),
    /// FFprobe was needed and its answer makes no sense.
    #[error(transparent)]
    Answer(#[from] ParseError),
}

/// Probes a file. Content that our readers do not know, or find broken, is shown to FFprobe when there is one; when
/// FFprobe finds nothing either, our own reason is the answer.
pub async fn probe_file(path: &Path, tools: &Tools) -> Result<Probed, ProbeFileError> {
    let owned = path.to_owned();
    let native = tokio::task::spawn_blocking(move || read(&owned));
    let native = match tokio::time::timeout(tools.timeout, native).await {
        Ok(Ok(native)) => native,
        // The blocking pool ends only with the program.
        Ok(Err(error)) => return Err(ProbeError::Io(error.into()).into()),
        Err(_) => return Err(ProbeFileError::TimedOut(tools.timeout)),
    };
    let reason = match native {
        Ok(probe) => return Ok(Probed { probe, reader: Reader::Native }),
        Err(reason) => reason,
    };
    let is_worth_a_second_look =
        matches!(reason, ProbeError::Unsupported(_) | ProbeError::Malformed { .. });
    let Some(ffprobe) = tools.ffprobe.as_deref().filter(|_| is_worth_a_second_look) else {
        return Err(reason.into());
    };
    let limits = Limits { timeout: tools.timeout, ..Limits::PROBE };
    // Programs run in a folder of their own, where a relative path leads elsewhere.
    let path = std::path::absolute(path).map_err(ProbeError::Io)?;
    match tool::run(ffprobe, &ffprobe::args(&path), limits).await {
        Ok(output) => match ffprobe::parse(&output.stdout) {
            Ok(probe) => Ok(Probed { probe, reader: Reader::Ffprobe }),
            Err(ParseError::NoStreams) => Err(reason.into()),
            Err(error) => Err(error.into()),
        },
        Err(ToolError::Failed { .. }) => Err(reason.into()),
        Err(error) => Err(error.into()),
    }
}

fn read(path: &Path) -> Result<Probe, ProbeError> {
    // Opening a pipe would wait for its other end.
    if !path.metadata()?.is_file() {
        return Err(ProbeError::Io(std::io::Error::other("not a regular file")));
    }
    probe(&File::open(path)?, &path.to_string_lossy())
}
