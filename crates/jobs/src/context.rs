//! What a handler can do besides its work.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

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
    /// What it makes room for.
    pub(crate) pace: Pace,
    /// Whether it is heavy and nobody wants it at any time.
    pub(crate) keeps_hours: bool,
    /// That it shall go on later, once it was told so.
    pub(crate) later: Arc<OnceLock<Later>>,
}

/// When work that makes room goes on, and why it does not now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Later {
    after: Duration,
    why: &'static str,
}

/// Then it waits for the place of a job that may run.
const NEXT: Duration = Duration::from_secs(1);

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

    /// Goes on only if the work shall not stop, and has not to make room: for loops that have no better place to look. What
    /// was said once holds for the rest of the attempt, so that whoever stopped for it can end with it.
    pub fn check(&self) -> Result<(), JobError> {
        if self.cancellation.is_cancelled() {
            return Err(JobError::Cancelled);
        }
        match self.later.get().copied().or_else(|| self.makes_room()) {
            Some(later) => {
                let Later { after, why } = *self.later.get_or_init(|| later);
                Err(JobError::Later { after, message: why.to_owned() })
            }
            None => Ok(()),
        }
    }

    /// Whether it was told to go on later.
    pub(crate) fn made_room(&self) -> bool {
        self.later.get().is_some()
    }

    fn makes_room(&self) -> Option<Later> {
        let after = self.pace.now().heavy_after.filter(|_| self.keeps_hours);
        let hours = after.map(|after| Later { after, why: "waits for the hours of heavy work" });
        let playing = || {
            let is_too_many = self.pace.is_one_too_many(self.id);
            is_too_many.then_some(Later { after: NEXT, why: "makes room for those who play" })
        };
        hours.or_else(playing)
    }
}
