//! Gathers what is told together: new items until nothing more comes, and work that failed for good.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Result;
use kernel::notice::Notice;

use crate::tell::write_event;
use crate::{Notices, store};

/// A library that had nothing new for so long is done for now.
const QUIET: TimeDelta = TimeDelta::minutes(2);
/// Nothing waits longer, however long a scan takes.
const LONGEST: TimeDelta = TimeDelta::hours(6);
/// So many of the new items are kept by name.
const MAX_KEPT: usize = 2000;
/// Failures that are looked at each time.
const MAX_FAILURES: u16 = 200;
/// What happened is forgotten after so long, with what became of it.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Work whose failures are told as something else, or would go round in circles.
const NOT_TOLD: [&str; 2] = ["notices.", "backup."];

impl Notices {
    /// Makes one event of the new items of each library that has become quiet. All that waits, with `all`.
    pub(crate) async fn gather_arrivals(&self, now: DateTime<Utc>) -> Result<usize> {
        let parts = &self.0.parts;
        let mut tx = parts.pool.begin().await?;
        let due = store::event::take_arrivals(&mut tx, now - QUIET, now - LONGEST).await?;
        let n_due = due.len();
        for (library_id, mut item_ids) in due {
            let count = item_ids.len() as u64;
            item_ids.truncate(MAX_KEPT);
            let notice = Notice::ItemsAdded { library_id, item_ids, count };
            write_event(&mut tx, &parts.jobs, &self.0.ids, now, &notice).await?;
        }
        tx.commit().await?;
        Ok(n_due)
    }

    /// Makes an event of each job that failed for good and was not told yet.
    pub(crate) async fn gather_failures(&self, now: DateTime<Utc>) -> Result<()> {
        let parts = &self.0.parts;
        let failures = parts.jobs.list_given_up(MAX_FAILURES).await?;
        let told =
            failures.into_iter().filter(|it| !NOT_TOLD.iter().any(|no| it.kind.starts_with(no)));
        let mut tx = parts.pool.begin().await?;
        for failure in told {
            let (job_id, job_kind, error) = (failure.id, failure.kind, failure.error);
            let notice = Notice::JobFailed { job_id, job_kind, error };
            write_event(&mut tx, &parts.jobs, &self.0.ids, now, &notice).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets what is long past.
    pub(crate) async fn forget(&self, now: DateTime<Utc>) -> Result<u64> {
        let mut db = self.0.parts.pool.acquire().await?;
        store::event::delete_old_events(&mut db, now - KEPT).await
    }
}
