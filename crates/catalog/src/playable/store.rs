//! The files of items, within what a person may see.

use kernel::id::{FileId, ItemId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;

use super::FileRow;

/// Served by `item_file_pkey`.
pub(super) async fn list_files(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Vec<FileRow>> {
    let rows = sqlx::query_as!(
        FileRow,
        r#"
        SELECT file.id AS "id: FileId", library_folder.path AS folder_path, file.path, item_file.role, file.mime,
               file.container, file.duration_ms, file.bitrate_bps, file.problem, file.missing_since IS NOT NULL AS "is_missing!",
               COALESCE(item_file.title, item_file.version) AS title, item_file.language, item_file.is_forced,
               item_file.is_hearing_impaired, item_file.is_default, item_file.part,
               library.max_bitrate_bps, library.max_local_bitrate_bps
        FROM item_file
        JOIN file ON file.id = item_file.file_id
        JOIN library_folder ON library_folder.id = file.folder_id
        JOIN library ON library.id = file.library_id
        WHERE item_file.item_id = $1 AND file.library_id = ANY($2) AND allows_file(file.id, $3)
        ORDER BY item_file.part NULLS FIRST, item_file.version NULLS FIRST, file.path
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}

/// Served by `file_pkey`. A file that belongs to no item is nobody's to play.
pub(super) async fn find_file(
    db: &mut PgConnection,
    scope: &LibraryScope,
    file: FileId,
) -> Result<Option<FileRow>> {
    let row = sqlx::query_as!(
        FileRow,
        r#"
        SELECT file.id AS "id: FileId", library_folder.path AS folder_path, file.path, item_file.role, file.mime,
               file.container, file.duration_ms, file.bitrate_bps, file.problem, file.missing_since IS NOT NULL AS "is_missing!",
               COALESCE(item_file.title, item_file.version) AS title, item_file.language, item_file.is_forced,
               item_file.is_hearing_impaired, item_file.is_default, item_file.part,
               library.max_bitrate_bps, library.max_local_bitrate_bps
        FROM file
        JOIN item_file ON item_file.file_id = file.id
        JOIN library_folder ON library_folder.id = file.folder_id
        JOIN library ON library.id = file.library_id
        WHERE file.id = $1 AND file.library_id = ANY($2) AND allows_file(file.id, $3)
        LIMIT 1
        "#,
        file.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// Served by `stream_pkey`.
pub(super) async fn list_streams(
    db: &mut PgConnection,
    scope: &LibraryScope,
    files: &[FileId],
) -> Result<Vec<(FileId, serde_json::Value)>> {
    let files: Vec<uuid::Uuid> = files.iter().map(|it| it.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT stream.file_id AS "file_id: FileId", stream.detail
        FROM stream
        JOIN file ON file.id = stream.file_id
        WHERE stream.file_id = ANY($1) AND file.library_id = ANY($2) AND allows_file(file.id, $3)
        ORDER BY stream.file_id, stream.index
        "#,
        &files,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.file_id, it.detail)).collect())
}
