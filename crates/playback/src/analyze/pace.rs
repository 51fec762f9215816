//! Letting those pass who play something.

use std::time::Duration;

use jobs::{Context, JobError};

use super::Analyst;

/// How often it is asked whether somebody still plays.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Where somebody always plays, a piece is done this often nevertheless.
const LONGEST: Duration = Duration::from_mins(1);

impl Analyst {
    /// Comes when a piece of work takes nothing from anybody, or when none was done for long.
    pub(super) async fn wait(&self, context: &Context) -> Result<(), JobError> {
        let mut waited = Duration::ZERO;
        loop {
            context.check()?;
            if waited >= LONGEST || !self.is_busy().await {
                return Ok(());
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => waited += LOOK_EVERY,
                () = context.cancelled() => return Err(JobError::Cancelled),
            }
        }
    }

    async fn is_busy(&self) -> bool {
        // A database that is away is the work's own to notice.
        self.transcoder.load().n_running > 0
            || self.catalog.is_anybody_playing().await.unwrap_or(false)
    }
}
