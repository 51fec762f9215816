//! What libraries want to be looked after, and how their folders are.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::LibraryId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::library::{Times, WatchedBy};

/// A folder of a library, with what its library wants.
#[derive(Clone, Debug)]
pub struct KeptFolder {
    pub id: Uuid,
    pub library_id: LibraryId,
    pub path: String,
    pub is_watched: bool,
    /// Whether the library was ever scanned as a whole: before that nobody asked for it to be filled.
    pub is_scanned: bool,
    pub watched_by: WatchedBy,
    pub watch_note: Option<String>,
}

/// The folders of all libraries.
pub async fn list_kept_folders(db: &mut PgConnection) -> Result<Vec<KeptFolder>> {
    Ok(sqlx::query_as!(
        KeptFolder,
        r#"
        SELECT folder.id, folder.library_id AS "library_id: LibraryId", folder.path, library.is_watched,
               library.last_scanned_at IS NOT NULL AS "is_scanned!", folder.watched_by AS "watched_by: WatchedBy",
               folder.watch_note
        FROM library_folder AS folder
        JOIN library ON library.id = folder.library_id
        ORDER BY folder.id
        "#,
    )
    .fetch_all(db)
    .await?)
}

/// Notes how changes in a folder are noticed.
pub async fn update_watched_by(
    db: &mut PgConnection,
    folder: Uuid,
    watched_by: WatchedBy,
    note: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE library_folder SET watched_by = $2, watch_note = $3 WHERE id = $1",
        folder,
        watched_by as WatchedBy,
        note,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A library with a schedule.
#[derive(Clone, Copy, Debug)]
pub struct ScheduledLibrary {
    pub id: LibraryId,
    pub times: Times,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// The libraries that are scanned by themselves.
pub async fn list_scheduled_libraries(db: &mut PgConnection) -> Result<Vec<ScheduledLibrary>> {
    let rows = sqlx::query!(
        r#"
        SELECT id AS "id: LibraryId", scan_every_minutes, scan_at_minute, scheduled_at, created_at
        FROM library
        WHERE num_nonnulls(scan_every_minutes, scan_at_minute) > 0
        ORDER BY id
        "#,
    )
    .fetch_all(db)
    .await?;
    let row = rows.into_iter().map(|it| ScheduledLibrary {
        id: it.id,
        times: Times { every_minutes: it.scan_every_minutes, at_minute: it.scan_at_minute },
        scheduled_at: it.scheduled_at,
        created_at: it.created_at,
    });
    Ok(row.collect())
}

/// Notes that the schedule asks for a scan now; false when another node was faster.
pub async fn claim_schedule(
    db: &mut PgConnection,
    library: LibraryId,
    before: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let claimed = sqlx::query!(
        "UPDATE library SET scheduled_at = $3 WHERE id = $1 AND scheduled_at IS NOT DISTINCT FROM $2",
        library.0,
        before,
        now,
    )
    .execute(db)
    .await?;
    Ok(claimed.rows_affected() == 1)
}
