//! Rows of files, with their streams, chapters and parts in items.

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use kernel::Result;
use kernel::id::{FileId, ItemId, LibraryId};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

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

/// A file as it is now, content aside.
#[derive(Debug, Serialize)]
pub struct FileRow {
    pub id: FileId,
    pub path: String,
    pub size_bytes: i64,
    pub modified_ns: i64,
    pub inode: i64,
    pub device: i64,
    pub class: &'static str,
    pub placement: i64,
    /// Why no item can be made of it, of files whose content was not read anew.
    pub refusal: Option<&'static str>,
}

/// Inserts or updates the rows of files.
pub async fn upsert_files(
    db: &mut PgConnection,
    library: LibraryId,
    folder: Uuid,
    rows: &[FileRow],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO file (id, library_id, folder_id, path, size_bytes, modified_ns, inode, device, class, placement,
                          problem, added_at)
        SELECT it.id, $1, $2, it.path, it.size_bytes, it.modified_ns, it.inode, it.device, it.class, it.placement,
               it.refusal, $4
        FROM jsonb_to_recordset($3) AS it (
            id uuid, path text, size_bytes bigint, modified_ns bigint, inode bigint, device bigint, class text,
            placement bigint, refusal text)
        ON CONFLICT (id) DO UPDATE
        SET path = EXCLUDED.path, size_bytes = EXCLUDED.size_bytes, modified_ns = EXCLUDED.modified_ns,
            inode = EXCLUDED.inode, device = EXCLUDED.device, class = EXCLUDED.class,
            placement = EXCLUDED.placement, problem = COALESCE(EXCLUDED.problem, file.problem), missing_since = NULL
        "#,
        library.0,
        folder,
        Json(rows) as _,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the content of a file says.
#[derive(Debug, Serialize)]
pub struct ContentRow {
    pub id: FileId,
    pub fingerprint: Option<i64>,
    pub container: Option<String>,
    pub mime: Option<String>,
    pub duration_ms: Option<i64>,
    pub bitrate_bps: Option<i64>,
    pub tags: serde_json::Value,
    pub problem: Option<String>,
}

/// One stream of a file.
#[derive(Debug, Serialize)]
pub struct StreamRow {
    pub file_id: FileId,
    pub index: i16,
    pub kind: &'static str,
    pub codec: String,
    pub codec_string: Option<String>,
    pub profile: Option<String>,
    pub level: Option<String>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub frame_rate: Option<f32>,
    pub bit_depth: Option<i16>,
    pub pixel_format: Option<String>,
    pub hdr: Option<&'static str>,
    pub is_interlaced: bool,
    pub rotation: i16,
    pub channels: Option<i16>,
    pub channel_layout: Option<String>,
    pub sample_rate: Option<i32>,
    pub bitrate_bps: Option<i64>,
    pub language: Option<String>,
    pub title: Option<String>,
    pub is_default: bool,
    pub is_forced: bool,
    pub is_hearing_impaired: bool,
    pub is_commentary: bool,
    pub is_original: bool,
    pub detail: serde_json::Value,
}

/// A chapter of a file.
#[derive(Debug, Serialize)]
pub struct ChapterRow {
    pub file_id: FileId,
    pub number: i16,
    pub start_ms: i64,
    pub title: Option<String>,
}

/// Writes what was read of files, in place of what was read before.
pub async fn replace_content(
    db: &mut PgConnection,
    contents: &[ContentRow],
    streams: &[StreamRow],
    chapters: &[ChapterRow],
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<Uuid> = contents.iter().map(|it| it.id.0).collect();
    sqlx::query!(
        r#"
        UPDATE file
        SET fingerprint = it.fingerprint, container = it.container, mime = it.mime, duration_ms = it.duration_ms,
            bitrate_bps = it.bitrate_bps, tags = it.tags, problem = it.problem, probed_at = $2
        FROM jsonb_to_recordset($1) AS it (
            id uuid, fingerprint bigint, container text, mime text, duration_ms bigint, bitrate_bps bigint,
            tags jsonb, problem text)
        WHERE file.id = it.id
        "#,
        Json(contents) as _,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM stream WHERE file_id = ANY($1)", &ids).execute(&mut *db).await?;
    sqlx::query!("DELETE FROM chapter WHERE file_id = ANY($1)", &ids).execute(&mut *db).await?;
    sqlx::query!(
        r#"
        INSERT INTO stream (file_id, index, kind, codec, codec_string, profile, level, width, height, frame_rate,
                            bit_depth, pixel_format, hdr, is_interlaced, rotation, channels, channel_layout, sample_rate,
                            bitrate_bps, language, title, is_default, is_forced, is_hearing_impaired, is_commentary,
                            is_original, detail)
        SELECT it.file_id, it.index, it.kind, it.codec, it.codec_string, it.profile, it.level, it.width, it.height,
               it.frame_rate, it.bit_depth, it.pixel_format, it.hdr, it.is_interlaced, it.rotation, it.channels,
               it.channel_layout, it.sample_rate, it.bitrate_bps, it.language, it.title, it.is_default, it.is_forced,
               it.is_hearing_impaired, it.is_commentary, it.is_original, it.detail
        FROM jsonb_to_recordset($1) AS it (
            file_id uuid, index smallint, kind text, codec text, codec_string text, profile text, level text,
            width integer, height integer, frame_rate real, bit_depth smallint, pixel_format text, hdr text,
            is_interlaced boolean, rotation smallint, channels smallint, channel_layout text, sample_rate integer,
            bitrate_bps bigint, language text, title text, is_default boolean, is_forced boolean,
            is_hearing_impaired boolean, is_commentary boolean, is_original boolean, detail jsonb)
        "#,
        Json(streams) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO chapter (file_id, number, start_ms, title)
        SELECT it.file_id, it.number, it.start_ms, it.title
        FROM jsonb_to_recordset($1) AS it (file_id uuid, number smallint, start_ms bigint, title text)
        "#,
        Json(chapters) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A file's part in an item.
#[derive(Debug, Serialize)]
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

/// Makes `links` the only parts that `files` have in items. Returns the items they had parts in before.
pub async fn replace_links(
    db: &mut PgConnection,
    files: &[Uuid],
    links: &[LinkRow],
) -> Result<Vec<Uuid>> {
    let before = sqlx::query_scalar!(
        "DELETE FROM item_file WHERE file_id = ANY($1) RETURNING item_id",
        files
    )
    .fetch_all(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO item_file (item_id, file_id, role, version, part, extra_type, title, language, is_forced,
                               is_hearing_impaired, is_default)
        SELECT it.item_id, it.file_id, it.role, it.version, it.part, it.extra_type, it.title, it.language,
               it.is_forced, it.is_hearing_impaired, it.is_default
        FROM jsonb_to_recordset($1) AS it (
            item_id uuid, file_id uuid, role text, version text, part smallint, extra_type text, title text,
            language text, is_forced boolean, is_hearing_impaired boolean, is_default boolean)
        "#,
        Json(links) as _,
    )
    .execute(db)
    .await?;
    Ok(before)
}
