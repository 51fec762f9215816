//! Backups, as administrators see them. They hold every secret of the server: nobody else does.

use ::backup::shelf::Kept;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use chrono::{DateTime, Utc};
use jobs::{JobId, JobState, JobView, Rule};
use kernel::Error;
use serde::Serialize;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use crate::backups::job::MakeBackup;
use crate::config::BackupSection;
use crate::wiring::House;

/// Bytes of a backup that are read at a time.
const CHUNK: usize = 256 << 10;

pub fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list_backups, make_backup))
        .routes(routes!(download_backup, delete_backup))
}

/// The backups of the server.
#[derive(Debug, Serialize, ToSchema)]
struct BackupsView {
    /// Where they are kept.
    folder: String,
    /// When one is made.
    rule: Rule,
    /// When the next one is made.
    next_at: Option<DateTime<Utc>>,
    /// Of so many last days the last backup is kept.
    keep_daily: u16,
    /// Of so many last weeks.
    keep_weekly: u16,
    /// Of so many last months.
    keep_monthly: u16,
    /// What became of the last attempt, as long as it is remembered.
    last: Option<BackupAttempt>,
    /// Those that are kept, the last first.
    items: Vec<BackupView>,
}

/// A backup.
#[derive(Debug, Serialize, ToSchema)]
struct BackupView {
    /// The name of its file.
    name: String,
    /// The moment it shows.
    created_at: DateTime<Utc>,
    /// Bytes.
    size_bytes: u64,
    /// The version of the program that made it; none where it cannot be read.
    program: Option<String>,
}

impl From<Kept> for BackupView {
    fn from(kept: Kept) -> Self {
        let program = kept.head().map(|it| it.program);
        let Kept { name, path: _, created_at, size_bytes } = kept;
        Self { name, created_at, size_bytes, program }
    }
}

/// An attempt to make a backup.
#[derive(Debug, Serialize, ToSchema)]
struct BackupAttempt {
    /// Its job.
    job_id: JobId,
    /// Whether it waits or is at work.
    is_running: bool,
    /// Why it failed.
    problem: Option<String>,
    /// When it began.
    started_at: Option<DateTime<Utc>>,
    /// When it came to its end.
    finished_at: Option<DateTime<Utc>>,
    /// Steps done.
    done: u64,
    /// Steps in all; 0 where nobody knows yet.
    total: u64,
}

impl From<JobView> for BackupAttempt {
    fn from(job: JobView) -> Self {
        let is_over =
            matches!(job.state, JobState::Completed | JobState::Cancelled | JobState::Discarded);
        let (done, total) = job.progress.map_or((0, 0), |it| (it.done, it.total));
        let problem = job.failures.last().map(|it| it.message.clone());
        Self {
            job_id: job.id,
            is_running: !is_over,
            problem: problem.filter(|_| job.state != JobState::Completed),
            started_at: job.attempted_at,
            finished_at: job.finalized_at,
            done,
            total,
        }
    }
}

/// A backup that will be made.
#[derive(Debug, Serialize, ToSchema)]
struct BackupAsked {
    /// The job that makes it.
    job_id: JobId,
}

/// List the backups that are kept, and what became of the last attempt.
#[utoipa::path(get, path = "/backups", tag = "server", operation_id = "list_backups",
    security(("session" = ["administer"])),
    responses((status = 200, body = BackupsView), (status = "4XX", body = Problem)))]
async fn list_backups(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::Administer>,
) -> Result<Json<BackupsView>> {
    let kept = house.backups.list().await?;
    let items = tokio::task::spawn_blocking(|| kept.into_iter().map(BackupView::from).collect());
    let BackupSection { keep_daily, keep_weekly, keep_monthly, .. } = *house.backups.section();
    let (rule, now) = (house.schedules.rule_of::<MakeBackup>(), house.clock.now());
    let last = house.jobs.last_of::<MakeBackup>().await?;
    let since = match rule {
        Rule::Every { .. } => last.as_ref().map_or(house.started_at, |it| it.created_at),
        Rule::Cron { .. } | Rule::Never => now,
    };
    Ok(Json(BackupsView {
        folder: house.backups.folder().display().to_string(),
        next_at: rule.next_after(since).map(|at| at.max(now)),
        rule,
        keep_daily,
        keep_weekly,
        keep_monthly,
        last: last.map(BackupAttempt::from),
        items: items.await.map_err(anyhow::Error::from)?,
    }))
}

/// Make a backup now. It holds the secrets of the server, and is kept in the folder of backups.
#[utoipa::path(post, path = "/backups", tag = "server", operation_id = "make_backup",
    security(("session" = ["administer"])),
    responses((status = 202, body = BackupAsked), (status = "4XX", body = Problem)))]
async fn make_backup(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::Administer>,
) -> Result<(StatusCode, Json<BackupAsked>)> {
    let job_id = house.jobs.enqueue_alone(&MakeBackup).await?;
    Ok((StatusCode::ACCEPTED, Json(BackupAsked { job_id })))
}

/// Download a backup: a tar archive compressed by Zstandard, which `revenge restore` brings back.
#[utoipa::path(get, path = "/backups/{name}", tag = "server", operation_id = "download_backup",
    params(("name" = String, Path)), security(("session" = ["administer"])),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = "4XX", body = Problem)))]
async fn download_backup(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::Administer>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse> {
    let kept = house.backups.find(&name).await?.ok_or(Error::NotFound("backup"))?;
    let file = tokio::fs::File::open(&kept.path).await.map_err(anyhow::Error::from)?;
    // Of the file that was opened: another may have its name by now.
    let length = file.metadata().await.map_err(anyhow::Error::from)?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        // The name is one of ours: letters, digits, dots and hyphens.
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", kept.name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = Body::from_stream(ReaderStream::with_capacity(file, CHUNK));
    Ok((AppendHeaders(headers), body))
}

/// Delete a backup.
#[utoipa::path(delete, path = "/backups/{name}", tag = "server", operation_id = "delete_backup",
    params(("name" = String, Path)), security(("session" = ["administer"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_backup(
    State(house): State<House>,
    Allowed(_viewer, ..): Allowed<may::Administer>,
    Path(name): Path<String>,
) -> Result<StatusCode> {
    let kept = house.backups.find(&name).await?.ok_or(Error::NotFound("backup"))?;
    tokio::fs::remove_file(&kept.path).await.map_err(anyhow::Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}
