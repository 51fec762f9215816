//! How far a scan is: kept in its row, told to who watches.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::LibraryId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::store::progress::{Counts, update_scan};

/// What a scan does, as `scan.stage` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Looks what is there.
    Walking,
    /// Reads and writes what is new or changed.
    Reading,
    /// It came to its end.
    Done,
    /// It could not go on.
    Failed,
    /// It was told to stop.
    Cancelled,
}

impl Stage {
    /// As the database has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Walking => "walking",
            Self::Reading => "reading",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// How far a scan is at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    /// What is scanned.
    pub library: LibraryId,
    /// The job that does it.
    pub job: Option<i64>,
    /// What it does.
    pub stage: Stage,
    /// How much is done.
    pub counts: Counts,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long this stage still takes at the present pace, where that can be said.
    pub left_ms: Option<i64>,
}

/// The pace of a running scan.
#[derive(Debug)]
pub struct Pace {
    id: Uuid,
    library: LibraryId,
    job: Option<i64>,
    started_at: DateTime<Utc>,
    reading_since: Option<DateTime<Utc>>,
    reported_at: Option<DateTime<Utc>>,
    /// What it does.
    pub stage: Stage,
    /// How much is done.
    pub counts: Counts,
}

impl Pace {
    /// Who watches hears no more often than this.
    pub const EVERY: Duration = Duration::from_millis(250);

    /// A scan that begins now.
    pub fn new(id: Uuid, library: LibraryId, job: Option<i64>, now: DateTime<Utc>) -> Self {
        Self {
            id,
            library,
            job,
            started_at: now,
            reading_since: None,
            reported_at: None,
            stage: Stage::Walking,
            counts: Counts::default(),
        }
    }

    /// Adds what a batch did.
    pub fn add(&mut self, counts: Counts) {
        self.counts.done += counts.done;
        self.counts.added += counts.added;
        self.counts.changed += counts.changed;
        self.counts.problems += counts.problems;
    }

    /// Whether it is time to tell again; counts as told.
    pub fn is_due(&mut self, now: DateTime<Utc>) -> bool {
        let is_due = self
            .reported_at
            .is_none_or(|it| (now - it).to_std().is_ok_and(|since| since >= Self::EVERY));
        if is_due {
            self.reported_at = Some(now);
        }
        self.reading_since.get_or_insert(now);
        is_due
    }

    /// How far it is.
    pub fn snapshot(&self, now: DateTime<Utc>) -> Snapshot {
        Snapshot {
            library: self.library,
            job: self.job,
            stage: self.stage,
            counts: self.counts,
            started_at: self.started_at,
            left_ms: self.left_ms(now),
        }
    }

    fn left_ms(&self, now: DateTime<Utc>) -> Option<i64> {
        let (since, total) = (self.reading_since?, self.counts.total?);
        let passed_ms = (now - since).num_milliseconds();
        let left = total.saturating_sub(self.counts.done).max(0);
        (self.counts.done > 0).then(|| passed_ms.saturating_mul(left) / self.counts.done)
    }

    /// Writes it to its row.
    pub async fn save(
        &self,
        db: &mut PgConnection,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let is_over = self.stage.is_over();
        update_scan(db, self.id, self.stage.as_str(), self.counts, error, is_over, now).await
    }
}
