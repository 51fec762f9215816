//! What a handler can do besides its work.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::pace::Pace;
use crate::report::Report;
use crate::view::Progress;
use crate::{JobError, JobId};

/// Handed to a handler for one attempt.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) id: JobId,
    pub(crate) attempt: u16,
    pub(crate) max_attempts: u16,
    pub(crate) report: Arc<Report>,
    pub(crate) cancellation: CancellationToken,
    /// What it makes room for, if it is heavy and nobody wants it at any time.
    pub(crate) pace: Option<Pace>,
}

impl Context {
    /// The job.
    pub fn job_id(&self) -> JobId {
        self.id
    }

    /// Which try this is, from 1.
    pub fn attempt(&self) -> u16 {
        self.attempt
    }

    /// Whether failing now is failing for good.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt >= self.max_attempts
    }

    /// Tells how far the work is: `done` of `total` (0 when nobody knows), and at what. Cheap: call it for every file.
    pub fn progress(&self, done: u64, total: u64, note: impl Into<String>) {
        self.report.progress(Progress { done, total, note: note.into() });
    }

    /// Adds a line to what is shown with the job. The last hundred are kept.
    pub fn log(&self, line: impl AsRef<str>) {
        self.report.log(line.as_ref());
    }

    /// Returns when the work shall stop: cancelled by a person, out of time, or the program ends. Work that does not
    /// stop within five seconds is dropped where it awaits.
    pub async fn cancelled(&self) {
        self.cancellation.cancelled().await;
    }

    /// Goes on only if the work shall not stop, and, where it is heavy, if it is not outside of the hours of such work: for
    /// loops that have no better place to look.
    pub fn check(&self) -> Result<(), JobError> {
        if self.cancellation.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        match self.pace.as_ref().and_then(|it| it.now().heavy_after) {
            Some(after) => Err(JobError::Later {
                after,
                message: "waits for the hours of heavy work".to_owned(),
            }),
            None => Ok(()),
        }
    }
}
