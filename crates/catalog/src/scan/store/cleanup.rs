//! Deletes what has been missing so long that it will not come back. What people made of it stays, under its key.

use chrono::{DateTime, Utc};
use kernel::Result;
use sqlx::PgConnection;

/// Deletes files missing since before `before`, of folders that were there with something in them after that time: a folder that is
/// away keeps all that was in it.
pub async fn delete_files_past_grace(db: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let deleted = sqlx::query!(
        r#"
        DELETE FROM file
        USING library_folder
        WHERE library_folder.id = file.folder_id AND file.missing_since < $1
          AND library_folder.last_seen_at > $1
        "#,
        before,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes items missing since before `before` of which no file is known any more, below them neither.
pub async fn delete_items_past_grace(db: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let deleted = sqlx::query_scalar!(
        r#"
        WITH gone AS (
            DELETE FROM item
            WHERE item.missing_since < $1 AND NOT EXISTS (
                SELECT FROM item AS below
                JOIN item_file ON item_file.item_id = below.id
                WHERE below.root_id = item.root_id
                  AND (below.id = item.id OR below.parent_id = item.id OR item.parent_id IS NULL))
            RETURNING item.id
        )
        INSERT INTO search_outbox (item_id) SELECT id FROM gone RETURNING item_id
        "#,
        before,
    )
    .fetch_all(db)
    .await?;
    Ok(deleted.len() as u64)
}
