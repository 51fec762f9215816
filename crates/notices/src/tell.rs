//! How notices are written down: in the transaction of whoever tells them, with the job that spreads them.

use ::jobs::Jobs;
use chrono::{DateTime, Utc};
use kernel::id::Ids;
use kernel::notice::{Notice, Teller};
use kernel::{Clock, Error, Result};
use sqlx::PgConnection;

use crate::jobs::Spread;
use crate::{Notices, store};

/// The teller of the rooms. Their connections must reach the schemas of notices and of the queue.
pub fn teller(jobs: Jobs, ids: Ids, clock: Clock) -> Teller {
    Teller::new(move |db, notice| {
        let (jobs, ids, now) = (jobs.clone(), ids.clone(), clock.now());
        Box::pin(async move { write(db, &jobs, &ids, now, notice).await })
    })
}

/// New items wait for their company; everything else goes on at once.
async fn write(
    db: &mut PgConnection,
    jobs: &Jobs,
    ids: &Ids,
    now: DateTime<Utc>,
    notice: Notice,
) -> Result<()> {
    match notice {
        Notice::ItemsAdded { library_id, item_ids, count: _ } => {
            store::event::insert_arrival(db, library_id, &item_ids, now).await
        }
        other => write_event(db, jobs, ids, now, &other).await,
    }
}

impl Notices {
    /// Tells of what no row of ours says: a file that was written, or was not. What was done stays done if nobody hears of it.
    pub async fn tell(&self, notice: Notice) {
        let parts = &self.0.parts;
        let told = async {
            let mut tx = parts.pool.begin().await?;
            write(&mut tx, &parts.jobs, &self.0.ids, parts.clock.now(), notice).await?;
            Ok::<_, Error>(tx.commit().await?)
        };
        if let Err(error) = told.await {
            tracing::warn!(%error, "notice.not_told");
        }
    }
}

/// Writes an event down, unless the same was told before, and has it spread.
pub(crate) async fn write_event(
    db: &mut PgConnection,
    jobs: &Jobs,
    ids: &Ids,
    now: DateTime<Utc>,
    notice: &Notice,
) -> Result<()> {
    let event_id = ids.next();
    let once = once(notice, now);
    if store::event::insert_event(db, event_id, notice, once.as_deref(), now).await? {
        jobs.enqueue(db, &Spread { event_id }).await?;
    }
    Ok(())
}

/// What makes a notice the same as one that was told before.
pub(crate) fn once(notice: &Notice, now: DateTime<Utc>) -> Option<String> {
    let kind = notice.kind().name();
    match notice {
        // A disk that is away is away at every scan: once a day is enough.
        Notice::ScanTroubled { library_id, .. } => {
            Some(format!("{kind}:{library_id}:{}", now.date_naive()))
        }
        Notice::JobFailed { job_id, .. } => Some(format!("{kind}:{job_id}")),
        Notice::NewDevice { session_id, .. } => Some(format!("{kind}:{session_id}")),
        // Players tell their end more than once.
        Notice::PlaybackStarted(it) | Notice::PlaybackStopped(it) => {
            Some(format!("{kind}:{}", it.play_id))
        }
        // Work may be done twice, and the file is the same then.
        Notice::BackupMade { file, .. } => Some(format!("{kind}:{file}")),
        // Until it has room again, see `storage`.
        Notice::StorageLow { disk, .. } => Some(format!("{kind}:{disk}")),
        Notice::RequestMade { title, .. } => Some(format!("{kind}:{}", title.request_id)),
        Notice::ItemsAdded { .. }
        | Notice::BackupFailed { .. }
        | Notice::RequestAnswered { .. }
        | Notice::Test => None,
    }
}

#[cfg(test)]
mod tests {
    use kernel::id::LibraryId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_troubled_library_is_told_once_a_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let notice = |n, reason: &str| Notice::ScanTroubled {
            library_id: LibraryId(Uuid::from_u128(n)),
            reason: reason.to_owned(),
        };
        let (morning, evening) = (at("2026-01-02T03:04:05Z"), at("2026-01-02T23:59:59Z"));
        let told = once(&notice(1, "away"), morning);
        assert!(told.is_some());
        assert_eq!(told, once(&notice(1, "still away"), evening));
        assert_ne!(told, once(&notice(2, "away"), morning));
        assert_ne!(told, once(&notice(1, "away"), at("2026-01-03T00:00:00Z")));
        assert_eq!(once(&Notice::Test, morning), None, "each is its own");
    }
}
