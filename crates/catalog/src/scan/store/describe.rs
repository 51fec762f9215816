//! Pictures that lie in the library. Where people, providers and frames add others, those are left alone.

use kernel::Result;
use kernel::id::ItemId;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A picture that a file of the library is, or holds.
#[derive(Debug, Serialize)]
pub struct PictureRow {
    pub item_id: ItemId,
    pub role: &'static str,
    pub source: &'static str,
    pub rank: i16,
    pub file_id: Uuid,
}

/// Makes `rows` the pictures that `files` are or hold; what was made of those that stay is kept. `files` are those that may
/// have some already.
pub async fn replace_pictures(
    db: &mut PgConnection,
    files: &[Uuid],
    rows: &[PictureRow],
) -> Result<()> {
    if files.is_empty() && rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        DELETE FROM image
        WHERE file_id = ANY($1) AND source = 'local' AND item_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM jsonb_to_recordset($2) AS it (item_id uuid, role text, file_id uuid)
            WHERE it.item_id = image.item_id AND it.role = image.role AND it.file_id = image.file_id)
        "#,
        files,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO image (item_id, role, source, rank, file_id)
        SELECT it.item_id, it.role, it.source, it.rank, it.file_id
        FROM jsonb_to_recordset($1) AS it (item_id uuid, role text, source text, rank smallint, file_id uuid)
        ON CONFLICT (item_id, role, file_id) WHERE source IN ('local', 'embedded', 'frame')
        DO UPDATE SET rank = EXCLUDED.rank, source = EXCLUDED.source
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A picture of somebody who has a part in an item.
#[derive(Debug, Serialize)]
pub struct PortraitRow {
    pub item_id: ItemId,
    /// Theirs.
    pub name: String,
    pub file_id: Uuid,
}

/// Makes `rows` the pictures of people that `files` are. Somebody is known by their name in the item's cast and crew.
pub async fn replace_portraits(
    db: &mut PgConnection,
    files: &[Uuid],
    rows: &[PortraitRow],
) -> Result<()> {
    if files.is_empty() && rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        DELETE FROM image
        WHERE file_id = ANY($1) AND source = 'local' AND person_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM jsonb_to_recordset($2) AS it (file_id uuid) WHERE it.file_id = image.file_id)
        "#,
        files,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO image (person_id, role, source, file_id)
        SELECT DISTINCT person.id, 'portrait', 'local', it.file_id
        FROM jsonb_to_recordset($1) AS it (item_id uuid, name text, file_id uuid)
        JOIN credit ON credit.item_id = it.item_id
        JOIN person ON person.id = credit.person_id AND lower(person.name) = lower(it.name)
        ON CONFLICT (person_id, file_id) WHERE person_id IS NOT NULL AND source = 'local' DO NOTHING
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}
