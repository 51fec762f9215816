//! The folder of originals, and the only ways into it: bytes that were looked at and found to be a picture.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use kernel::Result;
use outbound::{Failure, Outbound, Reason, Request};
use tokio::sync::{OwnedMutexGuard, Semaphore};
use url::Url;

use super::keep;
use super::picture::{self, Picture};
use crate::images::SingleFlight;

/// Where originals are kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gallery(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    outbound: Outbound,
    decoders: Arc<Semaphore>,
    flights: SingleFlight,
}

/// A picture that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of the original.
    pub content_hash: Vec<u8>,
    /// What is known of it.
    pub picture: Picture,
}

/// Why a picture could not be fetched, told apart by what happens next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFailure {
    /// It will not be there next time either.
    #[error("{0}")]
    InVain(String),
    /// It may be there later.
    #[error("{problem}")]
    Later {
        /// What went wrong.
        problem: String,
        /// When the host wants to be asked again.
        retry_after: Option<Duration>,
    },
}

impl Gallery {
    /// A gallery in `folder` that asks the outside by `outbound`, whose largest body is the largest picture. At most
    /// `decoders` pictures are looked at at a time: each may take some hundred megabytes for a moment.
    pub fn new(folder: PathBuf, outbound: Outbound, decoders: usize) -> Self {
        let decoders = Arc::new(Semaphore::new(decoders.max(1)));
        Self(Arc::new(Inner { folder, outbound, decoders, flights: SingleFlight::default() }))
    }

    /// Where the original with this SHA-256 in hexadecimal digits is.
    pub fn path(&self, hash: &str) -> PathBuf {
        place(&self.0.folder, hash)
    }

    /// The right to fetch the thing called `name`, once whoever has it now is done.
    pub(crate) async fn turn(&self, name: &str) -> OwnedMutexGuard<()> {
        self.0.flights.turn(name).await
    }

    /// Keeps what `read` gives, or says why it is no picture. What goes wrong with our own folder is an error: that is not
    /// the picture's fault.
    pub(crate) async fn keep(
        &self,
        read: impl FnOnce() -> io::Result<Vec<u8>> + Send + 'static,
    ) -> Result<Result<Kept, String>> {
        let permit = Arc::clone(&self.0.decoders).acquire_owned().await;
        let permit = permit.map_err(anyhow::Error::from)?;
        let this = self.clone();
        let kept = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let bytes = match read() {
                Ok(bytes) => bytes,
                Err(error) => return Ok(Err(error.to_string())),
            };
            match picture::read(&bytes) {
                Ok(picture) => {
                    let content_hash = keep::keep(&this.0.folder, &bytes)?;
                    Ok(Ok(Kept { content_hash, picture }))
                }
                Err(error) => Ok(Err(error.to_string())),
            }
        });
        let kept: io::Result<Result<Kept, String>> = kept.await.map_err(anyhow::Error::from)?;
        Ok(kept.map_err(anyhow::Error::from)?)
    }

    /// Fetches and keeps what is at `url`.
    pub(crate) async fn fetch(&self, url: &str) -> Result<Result<Kept, FetchFailure>> {
        let Ok(url) = Url::parse(url) else {
            return Ok(Err(FetchFailure::InVain("it is no address".to_owned())));
        };
        let answer = match self.0.outbound.send(Request::get(url)).await {
            Ok(answer) => answer,
            Err(failure) => return Ok(Err(judge(&failure))),
        };
        let bytes = answer.body;
        Ok(self.keep(move || Ok(bytes.into())).await?.map_err(FetchFailure::InVain))
    }
}

/// Where in `folder` the original with this hash is.
pub fn place(folder: &Path, hash: &str) -> PathBuf {
    folder.join(hash.get(..2).unwrap_or(hash)).join(hash)
}

/// Looking through the folder. Slow: call it on a thread that may block.
impl Gallery {
    /// The hashes of the originals on one of the 256 shelves that were kept before `before`.
    pub(crate) fn list_shelf(&self, shelf: u8, before: SystemTime) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(self.0.folder.join(hex(&[shelf])));
        let entries = entries.into_iter().flatten().flatten();
        let old = entries.filter(|it| {
            let modified = it.metadata().and_then(|it| it.modified());
            modified.is_ok_and(|it| it < before)
        });
        old.filter_map(|it| unhex(it.file_name().to_str()?)).collect()
    }

    /// Deletes originals, but for those that were kept again since.
    pub(crate) fn delete(&self, hashes: &[Vec<u8>], before: SystemTime) {
        for path in hashes.iter().map(|it| self.path(&hex(it))) {
            let modified = std::fs::metadata(&path).and_then(|it| it.modified());
            if modified.is_ok_and(|it| it < before)
                && let Err(error) = std::fs::remove_file(&path)
            {
                tracing::warn!(path = %path.display(), %error, "artwork.not_deleted");
            }
        }
    }
}

/// Whether a failure is worth another try.
fn judge(failure: &Failure) -> FetchFailure {
    let is_passing = match &failure.reason {
        Reason::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
        Reason::Unreachable(_) | Reason::TimedOut | Reason::Resting { .. } => true,
        Reason::TooLarge { .. } | Reason::Garbage(_) | Reason::Refused(_) => false,
    };
    let problem = failure.to_string();
    if is_passing {
        FetchFailure::Later { problem, retry_after: failure.retry_after() }
    } else {
        FetchFailure::InVain(problem)
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The SHA-256 that a file's name is; `None` for another file.
fn unhex(name: &str) -> Option<Vec<u8>> {
    if name.len() != 64 || !name.is_ascii() {
        return None;
    }
    let pairs = (0..name.len()).step_by(2).map(|at| u8::from_str_radix(&name[at..at + 2], 16));
    pairs.collect::<Result<_, _>>().ok()
}
