//! SQL of how films sound: prints to compare, and loudness.

use kernel::Result;
use kernel::id::{FileId, ItemId};
use sqlx::PgConnection;

use crate::analysis::DueFile;

/// Which part of a film a print is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum PrintPart {
    /// Its first minutes.
    Head,
    /// Its last minutes.
    Tail,
}

/// How a part of a film sounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// Which part.
    pub part: PrintPart,
    /// Where it begins.
    pub start_ms: i64,
    /// Numbers of 32 bits, the lowest byte first.
    pub points: Vec<u8>,
}

pub(in crate::analysis) async fn upsert_print(
    db: &mut PgConnection,
    file: &DueFile,
    print: &Print,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO sound_print (file_id, part, size_bytes, modified_ns, start_ms, points)
        SELECT file.id, $2, $3, $4, $5, $6
        FROM file
        WHERE file.id = $1
        ON CONFLICT (file_id, part) DO UPDATE SET
            size_bytes = excluded.size_bytes,
            modified_ns = excluded.modified_ns,
            start_ms = excluded.start_ms,
            points = excluded.points
        "#,
        file.id.0,
        print.part as PrintPart,
        file.size_bytes,
        file.modified_ns,
        print.start_ms,
        print.points,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Prints of the episodes of a season. Served by `item_children_idx`.
pub(in crate::analysis) async fn list_prints_unscoped(
    db: &mut PgConnection,
    group: ItemId,
) -> Result<Vec<(FileId, Print)>> {
    /// A season of a daily show.
    const MAX_PRINTS: i64 = 1000;
    let rows = sqlx::query!(
        r#"
        SELECT
            sound_print.file_id AS "file_id: FileId", sound_print.part AS "part: PrintPart", sound_print.start_ms,
            sound_print.points
        FROM item
        JOIN item_file ON item_file.item_id = item.id AND item_file.role = 'main'
        JOIN file ON file.id = item_file.file_id AND file.missing_since IS NULL
        JOIN sound_print ON sound_print.file_id = file.id
        WHERE item.parent_id = $1
        ORDER BY item.watch_order, sound_print.file_id, sound_print.part
        LIMIT $2
        "#,
        group.0,
        MAX_PRINTS,
    )
    .fetch_all(db)
    .await?;
    let print = rows
        .into_iter()
        .map(|it| (it.file_id, Print { part: it.part, start_ms: it.start_ms, points: it.points }));
    Ok(print.collect())
}

/// Served by `sound_print_pkey`.
pub(in crate::analysis) async fn list_known_prints_unscoped(
    db: &mut PgConnection,
    file: &DueFile,
) -> Result<Vec<PrintPart>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT part AS "part: PrintPart"
        FROM sound_print
        WHERE file_id = $1 AND size_bytes = $2 AND modified_ns = $3
        "#,
        file.id.0,
        file.size_bytes,
        file.modified_ns,
    )
    .fetch_all(db)
    .await?)
}

/// How loud a sound track is, by EBU R128.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loudness {
    /// The stream.
    pub stream_index: i16,
    /// Of all of it, in LUFS.
    pub integrated_lufs: f32,
    /// Between its soft and its loud parts, in LU.
    pub range_lu: f32,
    /// In dBTP.
    pub true_peak_db: f32,
}

pub(in crate::analysis) async fn replace_loudness(
    db: &mut PgConnection,
    file: FileId,
    measured: &[Loudness],
) -> Result<()> {
    sqlx::query!("DELETE FROM loudness WHERE file_id = $1", file.0).execute(&mut *db).await?;
    for it in measured {
        sqlx::query!(
            "
            INSERT INTO loudness (file_id, stream_index, integrated_lufs, range_lu, true_peak_db)
            SELECT file.id, $2, $3, $4, $5
            FROM file
            WHERE file.id = $1
            ",
            file.0,
            it.stream_index,
            it.integrated_lufs,
            it.range_lu,
            it.true_peak_db,
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}
