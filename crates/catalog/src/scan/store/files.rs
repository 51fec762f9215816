//! Rows of files, with their parts in items.

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use kernel::Result;
use kernel::id::{FileId, ItemId, LibraryId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::column;
use crate::scan::compare::Known;
use crate::scan::walk::Stamp;

/// Every file row of a folder of a library at or below one of `starts`; all of them if there is none.
pub async fn list_known(
    db: &mut PgConnection,
    folder: Uuid,
    starts: &[String],
    reads_problems: bool,
) -> Result<Vec<Known>> {
    let mut rows = sqlx::query!(
        r#"
        SELECT id AS "id: FileId", path, size_bytes, modified_ns, inode, device, fingerprint, placement,
               missing_since IS NOT NULL AS "is_missing!", $3 AND problem IS NOT NULL AS "is_read_again!"
        FROM file
        WHERE folder_id = $1 AND ($2::text[] = '{}' OR EXISTS (
            SELECT FROM unnest($2::text[]) AS start
            WHERE file.path = start OR starts_with(file.path, start || '/')))
        "#,
        folder,
        starts,
        reads_problems,
    )
    .fetch(db);
    let mut known = Vec::new();
    while let Some(row) = rows.try_next().await? {
        known.push(Known {
            id: row.id,
            path: row.path,
            stamp: Stamp {
                size_bytes: row.size_bytes,
                modified_ns: row.modified_ns,
                inode: row.inode,
                device: row.device,
            },
            fingerprint: row.fingerprint,
            placement: row.placement,
            is_missing: row.is_missing,
            is_read_again: row.is_read_again,
        });
    }
    Ok(known)
}

/// Whether a row of the folder has exactly this path.
pub async fn is_known(db: &mut PgConnection, folder: Uuid, path: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM file WHERE folder_id = $1 AND path = $2) AS "is_known!""#,
        folder,
        path,
    )
    .fetch_one(db)
    .await?)
}

/// Gives rows their new paths, in this folder of this library from now on. Until their items are written the rows say that
/// they are yet to be arranged.
pub async fn move_files(
    db: &mut PgConnection,
    library: LibraryId,
    folder: Uuid,
    ids: &[Uuid],
    paths: &[String],
) -> Result<()> {
    // In two steps, so that a chain of renames never has two rows with one path.
    sqlx::query!(
        "UPDATE file SET path = E'\\x01' || id::text, placement = NULL, missing_since = NULL WHERE id = ANY($1)",
        ids,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        UPDATE file SET library_id = $3, folder_id = $4, path = it.path
        FROM UNNEST($1::uuid[], $2::text[]) AS it (id, path)
        WHERE file.id = it.id
        "#,
        ids,
        paths,
        library.0,
        folder,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A row that a new file may once have been, wherever that was.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    pub id: Uuid,
    pub library_id: LibraryId,
    pub root: String,
    pub path: String,
    pub size_bytes: i64,
    pub modified_ns: i64,
    pub inode: i64,
    pub fingerprint: i64,
    pub is_missing: bool,
}

/// Rows of any library whose files have one of these sizes. Served by `file_size_idx`.
pub async fn list_of_size_unscoped(
    db: &mut PgConnection,
    sizes: &[i64],
    limit: i64,
) -> Result<Vec<Elsewhere>> {
    Ok(sqlx::query_as!(
        Elsewhere,
        r#"
        SELECT file.id, file.library_id AS "library_id: LibraryId", library_folder.path AS root, file.path,
               file.size_bytes, file.modified_ns, file.inode, file.fingerprint AS "fingerprint!",
               file.missing_since IS NOT NULL AS "is_missing!"
        FROM file
        JOIN library_folder ON library_folder.id = file.folder_id
        WHERE file.size_bytes = ANY($1) AND file.fingerprint IS NOT NULL
        ORDER BY file.missing_since NULLS LAST, file.id
        LIMIT $2
        "#,
        sizes,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// A file as it is now.
#[derive(Debug)]
pub struct FileRow {
    pub id: FileId,
    pub path: String,
    pub size_bytes: i64,
    pub modified_ns: i64,
    pub inode: i64,
    pub device: i64,
    pub class: &'static str,
    pub placement: i64,
    /// What was read of it; the row keeps what it says where nothing was.
    pub content: Option<ContentRow>,
    /// Why no item can be made of it.
    pub refusal: Option<&'static str>,
}

/// What the content of a file says.
#[derive(Debug)]
pub struct ContentRow {
    pub fingerprint: Option<i64>,
    pub container: Option<String>,
    pub mime: Option<String>,
    pub duration_ms: Option<i64>,
    pub bitrate_bps: Option<i64>,
    /// JSON.
    pub tags: String,
    pub problem: Option<String>,
}

/// Inserts or updates the rows of files.
pub async fn upsert_files(
    db: &mut PgConnection,
    library: LibraryId,
    folder: Uuid,
    rows: &[FileRow],
    now: DateTime<Utc>,
) -> Result<()> {
    fn read<'a, T>(
        rows: &'a [FileRow],
        of: impl Fn(&'a ContentRow) -> Option<T>,
    ) -> Vec<Option<T>> {
        column(rows, |it| it.content.as_ref().and_then(&of))
    }
    // A row that says when it was probed was read just now.
    sqlx::query!(
        r#"
        INSERT INTO file (id, library_id, folder_id, path, size_bytes, modified_ns, inode, device, class, placement,
                          fingerprint, container, mime, duration_ms, bitrate_bps, tags, problem, added_at, probed_at)
        SELECT it.id, $1, $2, it.path, it.size_bytes, it.modified_ns, it.inode, it.device, it.class, it.placement,
               it.fingerprint, it.container, it.mime, it.duration_ms, it.bitrate_bps, COALESCE(it.tags, '{}')::jsonb,
               COALESCE(it.problem, it.refusal), $3, CASE WHEN it.is_read THEN $3::timestamptz END
        FROM UNNEST($4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[],
                    $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::bigint[], $16::bigint[], $17::text[],
                    $18::text[], $19::text[], $20::boolean[])
            AS it (id, path, size_bytes, modified_ns, inode, device, class, placement, fingerprint, container, mime,
                   duration_ms, bitrate_bps, tags, problem, refusal, is_read)
        ON CONFLICT (id) DO UPDATE
        SET path = EXCLUDED.path, size_bytes = EXCLUDED.size_bytes, modified_ns = EXCLUDED.modified_ns,
            inode = EXCLUDED.inode, device = EXCLUDED.device, class = EXCLUDED.class,
            placement = EXCLUDED.placement, missing_since = NULL,
            fingerprint = CASE WHEN EXCLUDED.probed_at IS NULL THEN file.fingerprint ELSE EXCLUDED.fingerprint END,
            container = CASE WHEN EXCLUDED.probed_at IS NULL THEN file.container ELSE EXCLUDED.container END,
            mime = CASE WHEN EXCLUDED.probed_at IS NULL THEN file.mime ELSE EXCLUDED.mime END,
            duration_ms = CASE WHEN EXCLUDED.probed_at IS NULL THEN file.duration_ms ELSE EXCLUDED.duration_ms END,
            bitrate_bps = CASE WHEN EXCLUDED.probed_at IS NULL THEN file.bitrate_bps ELSE EXCLUDED.bitrate_bps END,
            tags = CASE WHEN EXCLUDED.probed_at IS NULL THEN file.tags ELSE EXCLUDED.tags END,
            problem = CASE WHEN EXCLUDED.probed_at IS NULL
                THEN COALESCE(EXCLUDED.problem, file.problem) ELSE EXCLUDED.problem END,
            probed_at = COALESCE(EXCLUDED.probed_at, file.probed_at)
        "#,
        library.0,
        folder,
        now,
        column(rows, |it| it.id.0) as _,
        column(rows, |it| it.path.as_str()) as _,
        column(rows, |it| it.size_bytes) as _,
        column(rows, |it| it.modified_ns) as _,
        column(rows, |it| it.inode) as _,
        column(rows, |it| it.device) as _,
        column(rows, |it| it.class) as _,
        column(rows, |it| it.placement) as _,
        read(rows, |it| it.fingerprint) as _,
        read(rows, |it| it.container.as_deref()) as _,
        read(rows, |it| it.mime.as_deref()) as _,
        read(rows, |it| it.duration_ms) as _,
        read(rows, |it| it.bitrate_bps) as _,
        read(rows, |it| Some(it.tags.as_str())) as _,
        read(rows, |it| it.problem.as_deref()) as _,
        column(rows, |it| it.refusal) as _,
        column(rows, |it| it.content.is_some()) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A file's part in an item.
#[derive(Debug)]
pub struct LinkRow {
    pub item_id: ItemId,
    pub file_id: FileId,
    pub role: &'static str,
    pub version: Option<String>,
    pub part: Option<i16>,
    pub extra_type: Option<String>,
    pub title: Option<String>,
    pub language: Option<String>,
    pub is_forced: bool,
    pub is_hearing_impaired: bool,
    pub is_default: bool,
}

/// Forgets the parts that files have in items, and returns those items.
pub async fn delete_links(db: &mut PgConnection, files: &[Uuid]) -> Result<Vec<Uuid>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_scalar!(
        "DELETE FROM item_file WHERE file_id = ANY($1) RETURNING item_id",
        files
    )
    .fetch_all(db)
    .await?)
}

/// Inserts the parts that files have in items.
pub async fn insert_links(db: &mut PgConnection, rows: &[LinkRow]) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO item_file (item_id, file_id, role, version, part, extra_type, title, language, is_forced,
                               is_hearing_impaired, is_default)
        SELECT *
        FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[],
                    $9::boolean[], $10::boolean[], $11::boolean[])
        "#,
        column(rows, |it| it.item_id.0) as _,
        column(rows, |it| it.file_id.0) as _,
        column(rows, |it| it.role) as _,
        column(rows, |it| it.version.as_deref()) as _,
        column(rows, |it| it.part) as _,
        column(rows, |it| it.extra_type.as_deref()) as _,
        column(rows, |it| it.title.as_deref()) as _,
        column(rows, |it| it.language.as_deref()) as _,
        column(rows, |it| it.is_forced) as _,
        column(rows, |it| it.is_hearing_impaired) as _,
        column(rows, |it| it.is_default) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}
