//! Scans that were asked for, and who is at it.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::LibraryId;
use sqlx::PgConnection;
use uuid::Uuid;

/// A scan that somebody asked for.
#[derive(Clone, Debug)]
pub struct RequestRow {
    pub id: Uuid,
    pub folder: String,
    pub reads_problems: bool,
    pub taken_by: Option<i64>,
}

/// Writes down that a scan is wanted, and returns the request that stands for it: an equal one that nobody has taken yet, or a
/// new one.
pub async fn upsert_request(
    db: &mut PgConnection,
    id: Uuid,
    library: LibraryId,
    folder: &str,
    reads_problems: bool,
    now: DateTime<Utc>,
) -> Result<Uuid> {
    Ok(sqlx::query_scalar!(
        r#"
        INSERT INTO scan_request (id, library_id, folder, reads_problems, asked_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (library_id, folder) WHERE taken_by IS NULL
        DO UPDATE SET reads_problems = scan_request.reads_problems OR EXCLUDED.reads_problems
        RETURNING id
        "#,
        id,
        library.0,
        folder,
        reads_problems,
        now,
    )
    .fetch_one(db)
    .await?)
}

/// All that is asked of a library, in the hands of `job` from now on; with each request the job that had it before.
pub async fn take_requests(
    db: &mut PgConnection,
    library: LibraryId,
    job: i64,
) -> Result<Vec<RequestRow>> {
    Ok(sqlx::query_as!(
        RequestRow,
        r#"
        UPDATE scan_request SET taken_by = $2
        FROM (SELECT id, taken_by FROM scan_request WHERE library_id = $1 FOR UPDATE) AS before
        WHERE scan_request.id = before.id
        RETURNING scan_request.id, scan_request.folder, scan_request.reads_problems, before.taken_by
        "#,
        library.0,
        job,
    )
    .fetch_all(db)
    .await?)
}

/// Forgets requests: they were done, or are wanted no longer.
pub async fn delete_requests(db: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sqlx::query!("DELETE FROM scan_request WHERE id = ANY($1)", ids).execute(db).await?;
    Ok(())
}

/// Whether anything is asked of a library that nobody is at.
pub async fn is_asked(db: &mut PgConnection, library: LibraryId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT EXISTS (SELECT FROM scan_request WHERE library_id = $1 AND taken_by IS NULL) AS "is_asked!"
        "#,
        library.0,
    )
    .fetch_one(db)
    .await?)
}

/// Requests that nobody took though they were made before `before`: library and request.
pub async fn list_forgotten_requests(
    db: &mut PgConnection,
    before: DateTime<Utc>,
) -> Result<Vec<(LibraryId, Uuid)>> {
    let rows = sqlx::query!(
        r#"
        SELECT library_id AS "library_id: LibraryId", id
        FROM scan_request
        WHERE taken_by IS NULL AND asked_at < $1
        ORDER BY library_id, folder
        "#,
        before,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.library_id, it.id)).collect())
}

/// Makes this connection the one that scans a library; false when another one is. The lock ends with the connection.
pub async fn lock_library(db: &mut PgConnection, library: LibraryId) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "is_ours!""#, key(library))
        .fetch_one(db)
        .await?)
}

/// Lets others scan the library.
pub async fn unlock_library(db: &mut PgConnection, library: LibraryId) -> Result<()> {
    sqlx::query_scalar!("SELECT pg_advisory_unlock($1)", key(library)).fetch_one(db).await?;
    Ok(())
}

/// A number for the library's lock.
fn key(library: LibraryId) -> i64 {
    let (high, low) = library.0.as_u64_pair();
    (high ^ low).cast_signed()
}
