//! Background work, as administrators see it.

use ::jobs::{JobId, JobState, JobView, Jobs};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{Limit, Page};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

pub fn routes() -> OpenApiRouter<Jobs> {
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
    /// What it wrote down, oldest first.
    log: Vec<String>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When its last attempt began.
    started_at: Option<DateTime<Utc>>,
    /// When it came to its end.
    finished_at: Option<DateTime<Utc>>,
}

impl From<JobView> for Job {
    fn from(job: JobView) -> Self {
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
            mut failures,
            created_at,
            scheduled_at: _,
            attempted_at,
            finalized_at,
        } = job;
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
            }),
            attempt,
            max_attempts,
            error: failures.pop().map(|it| it.message),
            log,
            created_at,
            started_at: attempted_at,
            finished_at: finalized_at,
        }
    }
}

/// List background work, newest first.
#[utoipa::path(get, path = "/jobs", tag = "jobs", operation_id = "list_jobs", params(ListQuery),
    security(("session" = ["manage_jobs"])),
    responses((status = 200, body = Page<Job>), (status = "4XX", body = Problem)))]
async fn list_jobs(
    State(jobs): State<Jobs>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Job>>> {
    let states = query.state.map_or(&[][..], Which::states);
    let page = jobs.list(states, query.cursor.as_deref(), Limit::new(query.limit)).await?;
    Ok(Json(page.map(Job::from)))
}

/// Stop a job, also a running one.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", operation_id = "cancel_job",
    params(("id" = JobId, Path)), security(("session" = ["manage_jobs"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn cancel_job(
    State(jobs): State<Jobs>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
    Path(id): Path<JobId>,
) -> Result<StatusCode> {
    jobs.cancel(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Try a job again, now.
#[utoipa::path(post, path = "/jobs/{id}/retry", tag = "jobs", operation_id = "retry_job",
    params(("id" = JobId, Path)), security(("session" = ["manage_jobs"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn retry_job(
    State(jobs): State<Jobs>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
    Path(id): Path<JobId>,
) -> Result<StatusCode> {
    jobs.retry(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
