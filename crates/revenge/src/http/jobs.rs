//! Background work, as administrators see it.

use ::jobs::{JobFailure, JobId, JobState, JobView, Jobs};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Clock, Limit, Page};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use crate::wiring::House;

/// A queue, and what it takes to say how long something takes.
#[derive(Clone, Debug)]
pub struct Desk {
    jobs: Jobs,
    clock: Clock,
}

impl Desk {
    /// This queue of `house`.
    pub fn of(house: &House, jobs: &Jobs) -> Self {
        Self { jobs: jobs.clone(), clock: house.clock.clone() }
    }
}

pub fn routes() -> OpenApiRouter<Desk> {
    OpenApiRouter::new()
        .routes(routes!(list_jobs))
        .routes(routes!(cancel_job))
        .routes(routes!(retry_job))
}

/// Which jobs to list.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Which {
    Queued,
    Running,
    Failed,
    Done,
}

impl Which {
    fn states(self) -> &'static [JobState] {
        match self {
            Self::Queued => {
                &[JobState::Available, JobState::Scheduled, JobState::Pending, JobState::Retryable]
            }
            Self::Running => &[JobState::Running],
            Self::Failed => &[JobState::Discarded, JobState::Cancelled],
            Self::Done => &[JobState::Completed],
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
struct ListQuery {
    /// Only jobs in this state.
    #[param(inline)]
    state: Option<Which>,
    /// Rows at the most, 1 to 500.
    limit: Option<u16>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// Waits for a worker or its time.
    Queued,
    /// A worker is at it.
    Running,
    /// Failed, and will be tried again.
    Retrying,
    /// Done.
    Done,
    /// Failed for good.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

impl From<JobState> for Stage {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Available | JobState::Scheduled | JobState::Pending => Self::Queued,
            JobState::Running => Self::Running,
            JobState::Retryable => Self::Retrying,
            JobState::Completed => Self::Done,
            JobState::Discarded => Self::Failed,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

/// How far a job is.
#[derive(Debug, Serialize, ToSchema)]
struct JobProgress {
    /// Steps done.
    done: u64,
    /// Steps in all, where somebody knows.
    total: Option<u64>,
    /// What it is at.
    note: Option<String>,
    /// How long it will still take if it goes on as it did.
    left_ms: Option<i64>,
}

/// One piece of background work.
#[derive(Debug, Serialize, ToSchema)]
struct Job {
    /// Its id; later ones are larger.
    id: JobId,
    /// What kind of work: `catalog.scan_library`.
    kind: String,
    /// `high`, `default` or `low`.
    queue: String,
    /// Where it is in its life.
    state: Stage,
    /// The library it works on, where it is about one.
    library_id: Option<uuid::Uuid>,
    /// How far it is, where it tells.
    progress: Option<JobProgress>,
    /// Attempts begun.
    attempt: i32,
    /// Attempts at the most.
    max_attempts: i32,
    /// Why its last failed attempt failed.
    error: Option<String>,
    /// Its failed attempts, oldest first, with the last one.
    failures: Vec<JobFailure>,
    /// What it wrote down, oldest first.
    log: Vec<String>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// Not before this time, where it waits for it.
    due_at: Option<DateTime<Utc>>,
    /// When its last attempt began.
    started_at: Option<DateTime<Utc>>,
    /// When it came to its end.
    finished_at: Option<DateTime<Utc>>,
}

impl Job {
    fn of(job: JobView, now: DateTime<Utc>) -> Self {
        let JobView {
            id,
            kind,
            queue,
            state,
            arguments,
            attempt,
            max_attempts,
            progress,
            log,
            failures,
            created_at,
            scheduled_at,
            attempted_at,
            finalized_at,
        } = job;
        let runs_for = attempted_at.filter(|_| state == JobState::Running).map(|it| now - it);
        Self {
            id,
            kind,
            queue,
            state: state.into(),
            library_id: arguments
                .get("library_id")
                .and_then(Value::as_str)
                .and_then(|it| it.parse().ok()),
            progress: progress.map(|it| JobProgress {
                done: it.done,
                total: (it.total > 0).then_some(it.total),
                note: (!it.note.is_empty()).then_some(it.note),
                left_ms: runs_for.and_then(|time| left_ms(time, it.done, it.total)),
            }),
            attempt,
            max_attempts,
            error: failures.last().map(|it| it.message.clone()),
            failures,
            log,
            created_at,
            due_at: (finalized_at.is_none() && scheduled_at > now).then_some(scheduled_at),
            started_at: attempted_at,
            finished_at: finalized_at,
        }
    }
}

/// How long the rest takes if it goes on as it did. Nothing before a hundredth is done: that would say little.
fn left_ms(time: TimeDelta, done: u64, total: u64) -> Option<i64> {
    if done == 0 || total == 0 || done < total / 100 {
        return None;
    }
    let left = u128::from(total.saturating_sub(done));
    let spent = u128::try_from(time.num_milliseconds()).ok()?;
    i64::try_from(spent * left / u128::from(done)).ok()
}

/// List background work, newest first.
#[utoipa::path(get, path = "/jobs", tag = "jobs", operation_id = "list_jobs", params(ListQuery),
    security(("session" = ["manage_jobs"])),
    responses((status = 200, body = Page<Job>), (status = "4XX", body = Problem)))]
async fn list_jobs(
    State(desk): State<Desk>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Job>>> {
    let states = query.state.map_or(&[][..], Which::states);
    let page = desk.jobs.list(states, query.cursor.as_deref(), Limit::new(query.limit)).await?;
    let now = desk.clock.now();
    Ok(Json(page.map(|it| Job::of(it, now))))
}

/// Stop a job, also a running one.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", operation_id = "cancel_job",
    params(("id" = JobId, Path)), security(("session" = ["manage_jobs"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn cancel_job(
    State(desk): State<Desk>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
    Path(id): Path<JobId>,
) -> Result<StatusCode> {
    desk.jobs.cancel(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try a job again, now.
#[utoipa::path(post, path = "/jobs/{id}/retry", tag = "jobs", operation_id = "retry_job",
    params(("id" = JobId, Path)), security(("session" = ["manage_jobs"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn retry_job(
    State(desk): State<Desk>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
    Path(id): Path<JobId>,
) -> Result<StatusCode> {
    desk.jobs.retry(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_takes_as_long_as_what_is_done_did() {
        let minute = TimeDelta::minutes(1);
        assert_eq!(left_ms(minute, 25, 100), Some(180_000));
        assert_eq!(left_ms(minute, 100, 100), Some(0));
        assert_eq!(left_ms(minute, 200, 100), Some(0), "more than was thought");
        assert_eq!(left_ms(minute, 3, 1000), None, "too early to say");
        for (done, total) in [(0, 0), (0, 10), (5, 0)] {
            assert_eq!(left_ms(minute, done, total), None);
        }
        assert_eq!(left_ms(TimeDelta::minutes(-1), 1, 2), None, "the clock was set back");
        assert_eq!(
            left_ms(TimeDelta::days(400_000), u64::MAX / 100, u64::MAX),
            Some(3_421_440_000_000_000)
        );
    }
}
