//! What a scan works on, and how far it is.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::LibraryId;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// A library as a scan needs it.
#[derive(Debug)]
pub struct ScannedLibrary {
    pub kind: String,
    pub arranged_by: i32,
    pub is_first: bool,
}

/// The library, if it is still there.
pub async fn find_library(
    db: &mut PgConnection,
    library: LibraryId,
) -> Result<Option<ScannedLibrary>> {
    Ok(sqlx::query_as!(
        ScannedLibrary,
        r#"SELECT kind, arranged_by, last_scanned_at IS NULL AS "is_first!" FROM library WHERE id = $1"#,
        library.0,
    )
    .fetch_optional(db)
    .await?)
}

/// A library's settings; null where it is gone.
pub async fn find_settings(db: &mut PgConnection, library: LibraryId) -> Result<Value> {
    let settings = sqlx::query_scalar!("SELECT settings FROM library WHERE id = $1", library.0);
    Ok(settings.fetch_optional(db).await?.unwrap_or_default())
}

/// Has this transaction not wait for the disk: a batch that a power cut loses is lost as a whole, and its files are new to the
/// next scan. The end of a scan waits, and so for all before it.
pub async fn commit_lazily(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("SET LOCAL synchronous_commit = off").execute(db).await?;
    Ok(())
}

/// Has PostgreSQL count what a scan wrote, so that it plans for that many rows.
pub async fn analyze(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("ANALYZE item, file, stream, item_file, item_source, image, search_outbox")
        .execute(db)
        .await?;
    Ok(())
}

/// Whether a library is still there.
pub async fn is_library(db: &mut PgConnection, library: LibraryId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM library WHERE id = $1) AS "is_there!""#,
        library.0,
    )
    .fetch_one(db)
    .await?)
}

/// A folder of a library.
#[derive(Debug)]
pub struct ScannedFolder {
    pub id: Uuid,
    pub path: String,
}

/// The folders of a library.
pub async fn list_folders(db: &mut PgConnection, library: LibraryId) -> Result<Vec<ScannedFolder>> {
    Ok(sqlx::query_as!(
        ScannedFolder,
        "SELECT id, path FROM library_folder WHERE library_id = $1 ORDER BY path",
        library.0,
    )
    .fetch_all(db)
    .await?)
}

/// How far a scan is, as `scan` has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub found: i64,
    pub done: i64,
    pub total: Option<i64>,
    pub added: i64,
    pub changed: i64,
    pub missing: i64,
    pub problems: i64,
    /// What is left of the stage.
    pub eta_ms: Option<i64>,
}

/// Opens the record of a scan. What an earlier scan of the library left open, because it was killed, is closed.
pub async fn insert_scan(
    db: &mut PgConnection,
    id: Uuid,
    library: LibraryId,
    job: Option<i64>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE scan SET stage = 'failed', error = 'it was interrupted', updated_at = $2, finished_at = $2
        WHERE library_id = $1 AND finished_at IS NULL
        "#,
        library.0,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO scan (id, library_id, job_id, stage, started_at, updated_at)
        VALUES ($1, $2, $3, 'walking', $4, $4)
        "#,
        id,
        library.0,
        job,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Brings the record of a scan up to date; `is_over` closes it.
pub async fn update_scan(
    db: &mut PgConnection,
    id: Uuid,
    stage: &str,
    counts: Counts,
    error: Option<&str>,
    is_over: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE scan
        SET stage = $2, found = $3, done = $4, total = $5, added = $6, changed = $7, missing = $8, problems = $9,
            error = $10, updated_at = $11, finished_at = CASE WHEN $12::boolean THEN $11::timestamptz END, eta_ms = $13
        WHERE id = $1
        "#,
        id,
        stage,
        counts.found,
        counts.done,
        counts.total,
        counts.added,
        counts.changed,
        counts.missing,
        counts.problems,
        error,
        now,
        is_over,
        counts.eta_ms,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes `paths` with their `reasons` the only problems of a folder at or below one of `starts`; of the whole folder if
/// there is none.
pub async fn replace_folder_problems(
    db: &mut PgConnection,
    folder: Uuid,
    starts: &[String],
    paths: &[String],
    reasons: &[String],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        DELETE FROM folder_problem
        WHERE folder_id = $1 AND ($2::text[] = '{}' OR EXISTS (
            SELECT FROM unnest($2::text[]) AS start
            WHERE folder_problem.path = start OR starts_with(folder_problem.path, start || '/')))
        "#,
        folder,
        starts,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO folder_problem (folder_id, path, reason, seen_at)
        SELECT $1, it.path, it.reason, $4 FROM UNNEST($2::text[], $3::text[]) AS it (path, reason)
        ON CONFLICT ON CONSTRAINT folder_problem_pkey DO NOTHING
        "#,
        folder,
        paths,
        reasons,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that a folder was found there, with something in it.
pub async fn see_folder(db: &mut PgConnection, folder: Uuid, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("UPDATE library_folder SET last_seen_at = $2 WHERE id = $1", folder, now)
        .execute(db)
        .await?;
    Ok(())
}

/// How many files of a library were there when it was scanned last.
pub async fn count_present_files(db: &mut PgConnection, library: LibraryId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM file WHERE library_id = $1 AND missing_since IS NULL"#,
        library.0,
    )
    .fetch_one(db)
    .await?)
}

/// Marks a library as scanned to its end.
pub async fn finish_library(
    db: &mut PgConnection,
    library: LibraryId,
    warning: Option<&str>,
    arranged_by: Option<i32>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE library
        SET last_scanned_at = $2, warning = $3, arranged_by = COALESCE($4, arranged_by)
        WHERE id = $1
        "#,
        library.0,
        now,
        warning,
        arranged_by,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes what a scan of a part of a library warns of. What the last whole scan warned of may still be so.
pub async fn warn_library(db: &mut PgConnection, library: LibraryId, warning: &str) -> Result<()> {
    sqlx::query!("UPDATE library SET warning = $2 WHERE id = $1", library.0, warning)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether somebody plays something: a play that is open and whose player spoke after `since`. Served by
/// `play_event_open_idx`; open plays are few.
pub async fn is_anybody_playing(db: &mut PgConnection, since: DateTime<Utc>) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM play_event
            JOIN progress ON progress.person_id = play_event.person_id AND progress.item_id = play_event.item_id
            WHERE play_event.ended_at IS NULL AND progress.updated_at > $1) AS "is_playing!"
        "#,
        since,
    )
    .fetch_one(db)
    .await?)
}

/// Deletes the records of scans that ended before `before`, except the latest of each library.
pub async fn delete_old_scans(db: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let deleted = sqlx::query!(
        r#"
        DELETE FROM scan
        WHERE finished_at < $1
          AND EXISTS (SELECT FROM scan AS later WHERE later.library_id = scan.library_id AND later.id > scan.id)
        "#,
        before,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}
