//! SQL of the parts of a film that one may want to skip.

use chrono::{DateTime, Utc};
use kernel::id::FileId;
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::analysis::{Segment, SegmentKind, SegmentSource};

/// What editing needs to know of a file.
#[derive(Clone, Copy, Debug)]
pub(in crate::analysis) struct FileFacts {
    pub duration_ms: Option<i64>,
    pub is_edited: bool,
}

/// Served by `file_pkey`.
pub(in crate::analysis) async fn find_file(
    db: &mut PgConnection,
    scope: &LibraryScope,
    file: FileId,
) -> Result<Option<FileFacts>> {
    Ok(sqlx::query_as!(
        FileFacts,
        r#"
        SELECT duration_ms, segments_edited_at IS NOT NULL AS "is_edited!"
        FROM file
        WHERE id = $1 AND library_id = ANY($2) AND allows_file(id, $3)
        "#,
        file.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}

/// Served by `segment_file_idx`.
pub(in crate::analysis) async fn list_segments_unscoped(
    db: &mut PgConnection,
    files: &[Uuid],
) -> Result<Vec<(FileId, Segment)>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            file_id AS "file_id: FileId", kind AS "kind: SegmentKind", start_ms, end_ms, confidence,
            source AS "source: SegmentSource"
        FROM segment
        WHERE file_id = ANY($1)
        ORDER BY file_id, start_ms, end_ms, kind
        "#,
        files,
    )
    .fetch_all(db)
    .await?;
    let segment = rows.into_iter().map(|it| {
        let segment = Segment {
            kind: it.kind,
            start_ms: it.start_ms,
            end_ms: it.end_ms,
            confidence: it.confidence,
            source: it.source,
        };
        (it.file_id, segment)
    });
    Ok(segment.collect())
}

/// Writes the segments of a file in place of those that it has.
pub(in crate::analysis) async fn replace_segments(
    db: &mut PgConnection,
    file: FileId,
    segments: &[Segment],
) -> Result<()> {
    sqlx::query!("DELETE FROM segment WHERE file_id = $1", file.0).execute(&mut *db).await?;
    for it in segments {
        sqlx::query!(
            "
            INSERT INTO segment (file_id, kind, start_ms, end_ms, confidence, source)
            SELECT file.id, $2, $3, $4, $5, $6
            FROM file
            WHERE file.id = $1
            ",
            file.0,
            it.kind as SegmentKind,
            it.start_ms,
            it.end_ms,
            it.confidence,
            it.source as SegmentSource,
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// The same with what was found, unless a person said something. Locks the file, so that the person wins a race.
pub(in crate::analysis) async fn replace_found_segments(
    db: &mut PgConnection,
    file: FileId,
    found: &[Segment],
) -> Result<()> {
    let is_open = sqlx::query_scalar!(
        r#"SELECT segments_edited_at IS NULL AS "is_open!" FROM file WHERE id = $1 FOR UPDATE"#,
        file.0,
    )
    .fetch_optional(&mut *db)
    .await?;
    if is_open == Some(true) {
        let known = list_segments_unscoped(db, &[file.0]).await?;
        let is_same = known.iter().map(|it| &it.1).eq(found);
        if !is_same {
            replace_segments(db, file, found).await?;
        }
    }
    Ok(())
}

/// Notes when a person said where the segments of a file are; `None` forgets that somebody did.
pub(in crate::analysis) async fn update_edited(
    db: &mut PgConnection,
    file: FileId,
    at: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!("UPDATE file SET segments_edited_at = $2 WHERE id = $1", file.0, at)
        .execute(db)
        .await?;
    Ok(())
}
