//! What a running job tells about itself, written into its row's metadata at most once a second.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use riverqueue::{Client, JobRow, JobUpdateParams};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::apart::is_apart;
use crate::view::Progress;

/// Keys in the metadata of a row; River's own have no prefix of ours.
pub(crate) const PROGRESS: &str = "revenge:progress";
pub(crate) const LOG: &str = "revenge:log";
pub(crate) const GAVE_UP: &str = "revenge:gave_up";
/// True where a person wants heavy work outside of its hours, too.
pub(crate) const ANYTIME: &str = "revenge:anytime";

const WRITE_EVERY: Duration = Duration::from_secs(1);
/// Older lines go: a row is rewritten whole at each update.
const LOG_LINES_MAX: usize = 100;
const LOG_LINE_CHARS_MAX: usize = 500;

#[derive(Debug)]
pub(crate) struct Report {
    told: Mutex<Told>,
    /// Nothing is told but numbers: words could say what the work is about.
    is_mute: bool,
    changed: Notify,
    /// The attempt is over: the last word goes with its outcome.
    finished: CancellationToken,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Told {
    progress: Option<Progress>,
    log: Vec<String>,
}

impl Report {
    /// A report that goes on with the log of the attempts before.
    pub fn of(row: &JobRow) -> Self {
        let log = row.metadata.get(LOG).ok().flatten().unwrap_or_default();
        Self {
            told: Mutex::new(Told { progress: None, log }),
            is_mute: is_apart(&row.kind),
            changed: Notify::new(),
            finished: CancellationToken::new(),
        }
    }

    pub fn progress(&self, mut progress: Progress) {
        if self.is_mute {
            progress.note.clear();
        }
        self.told().progress = Some(progress);
        self.changed.notify_one();
    }

    pub fn log(&self, line: &str) {
        if self.is_mute {
            return;
        }
        let mut told = self.told();
        if told.log.len() == LOG_LINES_MAX {
            told.log.remove(0);
        }
        told.log.push(line.chars().take(LOG_LINE_CHARS_MAX).collect());
        drop(told);
        self.changed.notify_one();
    }

    /// What has been told, as metadata of the row.
    pub fn metadata(&self) -> Map<String, Value> {
        let Told { progress, log } = self.told().clone();
        let mut metadata = Map::new();
        if let Some(progress) = progress.and_then(|it| serde_json::to_value(it).ok()) {
            metadata.insert(PROGRESS.to_owned(), progress);
        }
        if !log.is_empty() {
            metadata.insert(LOG.to_owned(), log.into());
        }
        metadata
    }

    /// Ends [`Report::write_until_finished`].
    pub fn finish(&self) {
        self.finished.cancel();
    }

    /// Writes what is told while the attempt runs. A write that began is completed, so that it cannot come after the
    /// attempt's last word.
    pub async fn write_until_finished(&self, client: &Client, id: i64) {
        loop {
            tokio::select! {
                () = self.finished.cancelled() => return,
                () = self.changed.notified() => {}
            }
            let update = JobUpdateParams::default().metadata(self.metadata());
            if let Err(error) = client.jobs().update(id, update).await {
                tracing::debug!(%error, job.id = id, "progress was not written");
            }
            tokio::select! {
                () = self.finished.cancelled() => return,
                () = tokio::time::sleep(WRITE_EVERY) => {}
            }
        }
    }

    /// Never held across an await, and whole after each change.
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
