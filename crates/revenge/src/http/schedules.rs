//! The queues, and what comes around by itself, as administrators see and change them.

use ::jobs::{JobId, JobState, JobView, Queue, Rule, Work as _};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use kernel::{Hours, Permission, Span, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use crate::backups::job::MakeBackup;
use crate::wiring::House;
use crate::{pace, schedules};

pub fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list_queues))
        .routes(routes!(update_queue))
        .routes(routes!(list_schedules))
        .routes(routes!(update_schedule, reset_schedule))
        .routes(routes!(run_schedule))
        .routes(routes!(get_heavy_hours, update_heavy_hours))
}

/// A queue of background work.
#[derive(Debug, Serialize, ToSchema)]
struct QueueStatus {
    /// Which one.
    name: Queue,
    /// Whether it stands still: what runs goes on, and nothing new begins.
    is_paused: bool,
    /// Jobs being worked on.
    running: i64,
    /// Jobs that wait for a worker.
    waiting: i64,
    /// Jobs that wait for their time, those that are tried again among them.
    later: i64,
}

/// What to do with a queue.
#[derive(Debug, Deserialize, ToSchema)]
struct QueueChange {
    /// Whether it is to stand still.
    is_paused: bool,
}

/// Work that comes around.
#[derive(Debug, Serialize, ToSchema)]
struct ScheduleView {
    /// What kind of work.
    kind: String,
    /// When it comes around.
    rule: Rule,
    /// When it does where nobody says otherwise.
    usual: Rule,
    /// When it comes around next, where that is known.
    next_at: Option<DateTime<Utc>>,
    /// Its last job, as long as it is remembered.
    last: Option<LastRun>,
}

/// The last time that work came around.
#[derive(Debug, Serialize, ToSchema)]
struct LastRun {
    /// The job.
    job_id: JobId,
    /// Whether it waits or runs.
    is_unfinished: bool,
    /// Why it failed.
    problem: Option<String>,
    /// When it was put on the queue.
    at: DateTime<Utc>,
    /// How long its last attempt took.
    duration_ms: Option<i64>,
}

impl From<JobView> for LastRun {
    fn from(job: JobView) -> Self {
        let is_over = job.finalized_at.is_some();
        let took = job.finalized_at.zip(job.attempted_at).map(|(end, begin)| end - begin);
        let problem = job.failures.into_iter().next_back().map(|it| it.message);
        Self {
            job_id: job.id,
            is_unfinished: !is_over,
            problem: problem.filter(|_| job.state != JobState::Completed),
            at: job.created_at,
            duration_ms: took.map(|it| it.num_milliseconds()),
        }
    }
}

/// When work is to come around.
#[derive(Debug, Deserialize, ToSchema)]
struct ScheduleChange {
    /// The new rule.
    rule: Rule,
}

/// Work that was put on the queue.
#[derive(Debug, Serialize, ToSchema)]
struct ScheduleRun {
    /// The job; the one that was there already where one waits or runs.
    job_id: JobId,
}

/// When heavy work is done: looking at films and listening to them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct HeavyHours {
    /// The spans of the week, by the server's clock; none is at any time.
    hours: Vec<Span>,
}

/// Backups fill a disk and hold every secret: when they are made is for those to say who may see them.
fn must_decide(viewer: &Viewer, kind: &str) -> kernel::Result<()> {
    if kind == MakeBackup::KIND { viewer.require(Permission::Administer) } else { Ok(()) }
}

/// List the queues of background work.
#[utoipa::path(get, path = "/jobs/queues", tag = "jobs", operation_id = "list_queues",
    security(("session" = ["manage_jobs"])),
    responses((status = 200, body = Vec<QueueStatus>), (status = "4XX", body = Problem)))]
async fn list_queues(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
) -> Result<Json<Vec<QueueStatus>>> {
    let queues = house.jobs.queues().await?.into_iter().map(|it| QueueStatus {
        name: it.queue,
        is_paused: it.is_paused,
        running: it.running,
        waiting: it.waiting,
        later: it.later,
    });
    Ok(Json(queues.collect()))
}

/// Let a queue stand still, on all nodes, or go on.
#[utoipa::path(put, path = "/jobs/queues/{name}", tag = "jobs", operation_id = "update_queue",
    params(("name" = Queue, Path)), request_body = QueueChange, security(("session" = ["manage_jobs"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn update_queue(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
    Path(queue): Path<Queue>,
    Json(change): Json<QueueChange>,
) -> Result<StatusCode> {
    house.jobs.pause(queue, change.is_paused).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the work that comes around by itself.
#[utoipa::path(get, path = "/jobs/schedules", tag = "jobs", operation_id = "list_schedules",
    security(("session" = ["manage_jobs"])),
    responses((status = 200, body = Vec<ScheduleView>), (status = "4XX", body = Problem)))]
async fn list_schedules(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
) -> Result<Json<Vec<ScheduleView>>> {
    let listed = house.schedules.list(false);
    let kinds: Vec<&str> = listed.iter().map(|it| it.kind).collect();
    let mut last = house.jobs.last_of_each(&kinds).await?;
    let now = house.clock.now();
    let view = |it: ::jobs::Schedule| {
        let place = last.iter().position(|job| job.kind == it.kind);
        let last = place.map(|place| LastRun::from(last.swap_remove(place)));
        // What comes by the clock does whenever it came last.
        let since = match it.rule {
            Rule::Every { .. } => last.as_ref().map(|it| it.at),
            Rule::Cron { .. } | Rule::Never => Some(now),
        };
        ScheduleView {
            kind: it.kind.to_owned(),
            next_at: since.and_then(|since| it.rule.next_after(since)).map(|at| at.max(now)),
            rule: it.rule,
            usual: it.usual,
            last,
        }
    };
    Ok(Json(listed.into_iter().map(view).collect()))
}

/// Say when work comes around. Other nodes follow within seconds.
#[utoipa::path(put, path = "/jobs/schedules/{kind}", tag = "jobs", operation_id = "update_schedule",
    params(("kind" = String, Path)), request_body = ScheduleChange, security(("session" = ["manage_jobs"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn update_schedule(
    State(house): State<House>,
    Allowed(viewer, ..): Allowed<may::ManageJobs>,
    Path(kind): Path<String>,
    Json(change): Json<ScheduleChange>,
) -> Result<StatusCode> {
    must_decide(&viewer, &kind)?;
    schedules::change(&house, &kind, Some(&change.rule)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let work come around as it usually does.
#[utoipa::path(delete, path = "/jobs/schedules/{kind}", tag = "jobs", operation_id = "reset_schedule",
    params(("kind" = String, Path)), security(("session" = ["manage_jobs"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn reset_schedule(
    State(house): State<House>,
    Allowed(viewer, ..): Allowed<may::ManageJobs>,
    Path(kind): Path<String>,
) -> Result<StatusCode> {
    must_decide(&viewer, &kind)?;
    schedules::change(&house, &kind, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Do work that comes around now.
#[utoipa::path(post, path = "/jobs/schedules/{kind}/run", tag = "jobs", operation_id = "run_schedule",
    params(("kind" = String, Path)), security(("session" = ["manage_jobs"])),
    responses((status = 202, body = ScheduleRun), (status = "4XX", body = Problem)))]
async fn run_schedule(
    State(house): State<House>,
    Allowed(viewer, ..): Allowed<may::ManageJobs>,
    Path(kind): Path<String>,
) -> Result<(StatusCode, Json<ScheduleRun>)> {
    must_decide(&viewer, &kind)?;
    let job_id = house.jobs.enqueue_now(&house.schedules, &kind).await?;
    Ok((StatusCode::ACCEPTED, Json(ScheduleRun { job_id })))
}

/// The hours of heavy work.
#[utoipa::path(get, path = "/jobs/heavy-hours", tag = "jobs", operation_id = "get_heavy_hours",
    security(("session" = ["manage_jobs"])),
    responses((status = 200, body = HeavyHours), (status = "4XX", body = Problem)))]
async fn get_heavy_hours(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
) -> Result<Json<HeavyHours>> {
    let hours = pace::heavy_hours(&house).await?.spans().to_vec();
    Ok(Json(HeavyHours { hours }))
}

/// Say when heavy work is done. What runs outside of these hours stops within seconds and goes on in them; what a person asks for
/// is done at once all the same.
#[utoipa::path(put, path = "/jobs/heavy-hours", tag = "jobs", operation_id = "update_heavy_hours",
    request_body = HeavyHours, security(("session" = ["manage_jobs"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn update_heavy_hours(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::ManageJobs>,
    Json(change): Json<HeavyHours>,
) -> Result<StatusCode> {
    pace::keep_heavy_hours(&house, &Hours::checked("hours", change.hours)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
