//! SQL of what is found out about files.

pub mod segment;
pub mod sound;

use chrono::{DateTime, Utc};
use kernel::id::{FileId, ItemId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use super::DueFile;

/// Files looked up at a time.
const AT_ONCE: i64 = 500;
/// Sheets looked up at a time.
const VERSIONS_AT_ONCE: i64 = 1000;

/// A row of [`list_due`].
#[derive(Debug)]
pub struct DueRow {
    pub id: FileId,
    pub folder: String,
    pub path: String,
    pub size_bytes: i64,
    pub modified_ns: i64,
    pub duration_ms: Option<i64>,
    pub title: String,
    pub group_id: Option<ItemId>,
}

/// Files that are films of a library that wants it, and that were not looked at as they are by this revision; by season,
/// then by id. Walks all files for every page, so pages are long.
pub(super) async fn list_due(
    db: &mut PgConnection,
    what: &str,
    made_by: i32,
    after: Option<(Option<ItemId>, FileId)>,
) -> Result<Vec<DueRow>> {
    let group = after.and_then(|it| it.0).map_or(Uuid::nil(), |it| it.0);
    let file = after.map_or(Uuid::nil(), |it| it.1.0);
    Ok(sqlx::query_as!(
        DueRow,
        r#"
        SELECT
            file.id AS "id: FileId", library_folder.path AS folder, file.path, file.size_bytes, file.modified_ns,
            file.duration_ms, film.title AS "title!", film.parent_id AS "group_id: ItemId"
        FROM file
        JOIN library ON library.id = file.library_id
        JOIN library_folder ON library_folder.id = file.folder_id
        CROSS JOIN LATERAL (
            SELECT item.title, item.parent_id
            FROM item_file
            JOIN item ON item.id = item_file.item_id
            WHERE item_file.file_id = file.id AND item_file.role = 'main' AND item.form = 'video'
            ORDER BY item.id
            LIMIT 1
        ) AS film
        LEFT JOIN analysis ON analysis.file_id = file.id AND analysis.what = $1
        WHERE file.missing_since IS NULL
          AND file.problem IS NULL
          AND CASE $1
              WHEN 'trickplay' THEN library.makes_trickplay
              WHEN 'segments' THEN library.finds_segments
              WHEN 'loudness' THEN library.measures_loudness
              ELSE TRUE END
          AND (analysis.file_id IS NULL
              OR (analysis.made_by, analysis.size_bytes, analysis.modified_ns)
                  <> ($2, file.size_bytes, file.modified_ns))
          AND (COALESCE(film.parent_id, '00000000-0000-0000-0000-000000000000'), file.id) > ($3, $4)
        ORDER BY COALESCE(film.parent_id, '00000000-0000-0000-0000-000000000000'), file.id
        LIMIT $5
        "#,
        what,
        made_by,
        group,
        file,
        AT_ONCE,
    )
    .fetch_all(db)
    .await?)
}

/// How many there are. Walks all files.
pub(super) async fn count_due(db: &mut PgConnection, what: &str, made_by: i32) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
        FROM file
        JOIN library ON library.id = file.library_id
        LEFT JOIN analysis ON analysis.file_id = file.id AND analysis.what = $1
        WHERE file.missing_since IS NULL
          AND file.problem IS NULL
          AND CASE $1
              WHEN 'trickplay' THEN library.makes_trickplay
              WHEN 'segments' THEN library.finds_segments
              WHEN 'loudness' THEN library.measures_loudness
              ELSE TRUE END
          AND (analysis.file_id IS NULL
              OR (analysis.made_by, analysis.size_bytes, analysis.modified_ns)
                  <> ($2, file.size_bytes, file.modified_ns))
          AND EXISTS (
              SELECT FROM item_file
              JOIN item ON item.id = item_file.item_id
              WHERE item_file.file_id = file.id AND item_file.role = 'main' AND item.form = 'video')
        "#,
        what,
        made_by,
    )
    .fetch_one(db)
    .await?)
}

/// Notes what came of a file as it was listed. One that is gone since leaves no trace.
pub(super) async fn upsert_analysis(
    db: &mut PgConnection,
    file: &DueFile,
    what: &str,
    made_by: i32,
    problem: Option<&str>,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO analysis (file_id, what, size_bytes, modified_ns, made_by, problem, done_at)
        SELECT file.id, $2, $3, $4, $5, $6, $7
        FROM file
        WHERE file.id = $1
        ON CONFLICT (file_id, what) DO UPDATE SET
            size_bytes = excluded.size_bytes,
            modified_ns = excluded.modified_ns,
            made_by = excluded.made_by,
            problem = excluded.problem,
            done_at = excluded.done_at
        "#,
        file.id.0,
        what,
        file.size_bytes,
        file.modified_ns,
        made_by,
        problem,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Has something be done with a file again.
pub(super) async fn delete_analysis(db: &mut PgConnection, file: FileId, what: &str) -> Result<()> {
    sqlx::query!("DELETE FROM analysis WHERE file_id = $1 AND what = $2", file.0, what)
        .execute(db)
        .await?;
    Ok(())
}

/// The sheets of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trickplay {
    /// Which bytes of the file they show: part of their addresses.
    pub version: String,
    /// From picture to picture.
    pub interval_ms: i32,
    /// Of one picture.
    pub tile_width: i32,
    /// Of one picture.
    pub tile_height: i32,
    /// Pictures along the film.
    pub tile_count: i32,
    /// Pictures of chapters.
    pub chapter_count: i16,
}

pub(super) async fn upsert_trickplay(
    db: &mut PgConnection,
    file: FileId,
    made: &Trickplay,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO trickplay (file_id, version, interval_ms, tile_width, tile_height, tile_count, chapter_count)
        SELECT file.id, $2, $3, $4, $5, $6, $7
        FROM file
        WHERE file.id = $1
        ON CONFLICT (file_id) DO UPDATE SET
            version = excluded.version,
            interval_ms = excluded.interval_ms,
            tile_width = excluded.tile_width,
            tile_height = excluded.tile_height,
            tile_count = excluded.tile_count,
            chapter_count = excluded.chapter_count
        "#,
        file.0,
        made.version,
        made.interval_ms,
        made.tile_width,
        made.tile_height,
        made.tile_count,
        made.chapter_count,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Served by `trickplay_pkey`.
pub(super) async fn find_trickplay(
    db: &mut PgConnection,
    scope: &LibraryScope,
    file: FileId,
) -> Result<Option<Trickplay>> {
    Ok(sqlx::query_as!(
        Trickplay,
        r#"
        SELECT version, interval_ms, tile_width, tile_height, tile_count, chapter_count
        FROM trickplay
        JOIN file ON file.id = trickplay.file_id
        WHERE trickplay.file_id = $1 AND file.library_id = ANY($2) AND allows_file(file.id, $3)
        "#,
        file.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}

/// Served by `trickplay_pkey`.
pub(super) async fn list_versions_unscoped(
    db: &mut PgConnection,
    after: FileId,
) -> Result<Vec<(FileId, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT file_id AS "file_id: FileId", version
        FROM trickplay
        WHERE file_id > $1
        ORDER BY file_id
        LIMIT $2
        "#,
        after.0,
        VERSIONS_AT_ONCE,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.file_id, it.version)).collect())
}

/// Forgets the sheets of a file, so that they are made again.
pub(super) async fn delete_trickplay(db: &mut PgConnection, file: FileId) -> Result<()> {
    sqlx::query!(
        r#"
        WITH deleted AS (DELETE FROM trickplay WHERE file_id = $1)
        DELETE FROM analysis WHERE file_id = $1 AND what = 'trickplay'
        "#,
        file.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Served by `chapter_pkey`.
pub(super) async fn list_chapters_unscoped(
    db: &mut PgConnection,
    file: FileId,
) -> Result<Vec<(i64, Option<String>)>> {
    let rows = sqlx::query!(
        "SELECT start_ms, title FROM chapter WHERE file_id = $1 ORDER BY start_ms, number",
        file.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.start_ms, it.title)).collect())
}

/// Served by `file_pkey`.
pub(super) async fn find_duration_unscoped(
    db: &mut PgConnection,
    file: FileId,
) -> Result<Option<i64>> {
    let found = sqlx::query_scalar!("SELECT duration_ms FROM file WHERE id = $1", file.0)
        .fetch_optional(db)
        .await?;
    Ok(found.flatten())
}
