//! A job as people see it.

use chrono::{DateTime, Utc};
use riverqueue::JobRow;
use riverqueue::jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::JobId;
use crate::apart::PREFIX;
use crate::report::{GAVE_UP, LOG, PROGRESS};

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for a worker.
    Available,
    /// A worker is at it.
    Running,
    /// Failed, and will be tried again.
    Retryable,
    /// Waits for its time.
    Scheduled,
    /// Waits for something else.
    Pending,
    /// Done.
    Completed,
    /// Stopped by a person.
    Cancelled,
    /// Failed for good.
    Discarded,
}

/// How far a running job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 when nobody knows.
    pub total: u64,
    /// What it is at.
    pub note: String,
}

/// One attempt that failed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct JobFailure {
    /// When it began.
    pub at: DateTime<Utc>,
    /// Which one it was, from 1.
    pub attempt: i32,
    /// What went wrong.
    pub message: String,
}

/// A job with everything that is known of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// Its id; later ones are larger.
    pub id: JobId,
    /// Its kind: `room.verb_noun`.
    pub kind: String,
    /// The queue it waits in.
    pub queue: String,
    /// Where it is in its life.
    pub state: JobState,
    /// What it works on, as its kind writes it down.
    #[schema(value_type = Object)]
    pub arguments: Value,
    /// Attempts begun.
    pub attempt: i32,
    /// Attempts at the most.
    pub max_attempts: i32,
    /// How far the last attempt came, if it told.
    pub progress: Option<Progress>,
    /// What its attempts wrote down, oldest first.
    pub log: Vec<String>,
    /// Its failed attempts, oldest first.
    pub failures: Vec<JobFailure>,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// Not before this time.
    pub scheduled_at: DateTime<Utc>,
    /// When its last attempt began.
    pub attempted_at: Option<DateTime<Utc>>,
    /// When it came to its end.
    pub finalized_at: Option<DateTime<Utc>>,
}

/// How many jobs are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobCounts {
    /// Wait for a worker.
    pub available: i64,
    /// Being worked on.
    pub running: i64,
    /// Failed, and will be tried again.
    pub retryable: i64,
    /// Wait for their time.
    pub scheduled: i64,
    /// Wait for something else.
    pub pending: i64,
    /// Done lately.
    pub completed: i64,
    /// Stopped by a person lately.
    pub cancelled: i64,
    /// Failed for good lately.
    pub discarded: i64,
}

impl From<JobRow> for JobView {
    fn from(row: JobRow) -> Self {
        let mut failures: Vec<JobFailure> = row
            .errors
            .iter()
            .map(|it| JobFailure {
                at: time(it.at),
                attempt: it.attempt,
                message: it.error.clone(),
            })
            .collect();
        // River has words of its own for work that gave up; ours say why.
        let gave_up: Option<String> = row.metadata.get(GAVE_UP).ok().flatten();
        if row.state == riverqueue::JobState::Discarded
            && let (Some(message), Some(last)) = (gave_up, failures.last_mut())
        {
            last.message = message;
        }
        Self {
            id: JobId(row.id),
            state: row.state.into(),
            arguments: row.decode_args().unwrap_or_default(),
            attempt: row.attempt,
            max_attempts: row.max_attempts,
            progress: row.metadata.get(PROGRESS).ok().flatten(),
            log: row.metadata.get(LOG).ok().flatten().unwrap_or_default(),
            failures,
            created_at: time(row.created_at),
            scheduled_at: time(row.scheduled_at),
            attempted_at: row.attempted_at.map(time),
            finalized_at: row.finalized_at.map(time),
            kind: row.kind.strip_prefix(PREFIX).unwrap_or(&row.kind).to_owned(),
            queue: row.queue,
        }
    }
}

impl From<riverqueue::JobState> for JobState {
    fn from(state: riverqueue::JobState) -> Self {
        match state {
            riverqueue::JobState::Available => Self::Available,
            riverqueue::JobState::Cancelled => Self::Cancelled,
            riverqueue::JobState::Completed => Self::Completed,
            riverqueue::JobState::Discarded => Self::Discarded,
            riverqueue::JobState::Retryable => Self::Retryable,
            riverqueue::JobState::Running => Self::Running,
            riverqueue::JobState::Scheduled => Self::Scheduled,
            // A state that River may add is one in which a job waits.
            _ => Self::Pending,
        }
    }
}

impl From<JobState> for riverqueue::JobState {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Available => Self::Available,
            JobState::Cancelled => Self::Cancelled,
            JobState::Completed => Self::Completed,
            JobState::Discarded => Self::Discarded,
            JobState::Pending => Self::Pending,
            JobState::Retryable => Self::Retryable,
            JobState::Running => Self::Running,
            JobState::Scheduled => Self::Scheduled,
        }
    }
}

fn time(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.as_microsecond()).unwrap_or(DateTime::UNIX_EPOCH)
}
