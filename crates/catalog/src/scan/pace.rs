//! How far a scan is: kept in its row, told to who watches.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::LibraryId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::store::progress::{Counts, update_scan};

/// Looks at the clock that are kept, and how far they lie apart.
const N_MARKS: usize = 10;
const MARK_EVERY: chrono::TimeDelta = chrono::TimeDelta::seconds(1);

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
#[derive(Clone, Debug)]
pub struct Pace {
    id: Uuid,
    library: LibraryId,
    job: Option<i64>,
    started_at: DateTime<Utc>,
    /// Looks at the clock, and what was done by then: the oldest is some ten seconds old.
    recent: VecDeque<(DateTime<Utc>, i64)>,
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
            recent: VecDeque::from([(now, 0)]),
            reported_at: None,
            stage: Stage::Walking,
            counts: Counts::default(),
        }
    }

    /// Goes on to another stage, whose end is told by its own pace.
    pub fn enter(&mut self, stage: Stage, now: DateTime<Utc>) {
        self.stage = stage;
        self.recent = VecDeque::from([(now, self.counts.done)]);
    }

    /// Notes how much is done by now.
    pub fn mark(&mut self, now: DateTime<Utc>) {
        if self.recent.back().is_some_and(|it| now - it.0 < MARK_EVERY) {
            return;
        }
        self.recent.push_back((now, self.counts.done));
        if self.recent.len() > N_MARKS {
            self.recent.pop_front();
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

    /// By the pace of the last seconds: a disk that grows slow, or a film that somebody plays, shows soon.
    fn left_ms(&self, now: DateTime<Utc>) -> Option<i64> {
        let ((since, before), total) = (*self.recent.front()?, self.counts.total?);
        let (passed_ms, done) = ((now - since).num_milliseconds(), self.counts.done - before);
        let left = total.saturating_sub(self.counts.done).max(0);
        (done > 0 && !self.stage.is_over()).then(|| passed_ms.saturating_mul(left) / done)
    }

    /// Writes it to its row.
    pub async fn save(
        &self,
        db: &mut PgConnection,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let is_over = self.stage.is_over();
        let counts = Counts { eta_ms: self.left_ms(now), ..self.counts };
        update_scan(db, self.id, self.stage.as_str(), counts, error, is_over, now).await
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_rest_is_told_by_the_pace_of_the_last_seconds() {
        let start = DateTime::UNIX_EPOCH;
        let at = |seconds| start + TimeDelta::seconds(seconds);
        let mut pace = Pace::new(Uuid::nil(), LibraryId(Uuid::nil()), None, start);
        pace.enter(Stage::Reading, at(100));
        assert_eq!(pace.snapshot(at(101)).left_ms, None, "nothing is done yet");
        pace.counts.total = Some(1000);
        pace.counts.done = 100;
        assert_eq!(pace.snapshot(at(110)).left_ms, Some(90_000), "10 a second, walking aside");
        // From here on it is ten times slower.
        for second in 110..130 {
            pace.counts.done += 1;
            pace.mark(at(second));
        }
        assert_eq!(pace.snapshot(at(129)).left_ms, Some(880_000));
        pace.enter(Stage::Done, at(200));
        assert_eq!(pace.snapshot(at(200)).left_ms, None);
    }
}
