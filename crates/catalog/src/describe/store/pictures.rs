//! Pictures that providers offer: noted here, fetched by the artwork job.

use kernel::Result;
use kernel::id::ItemId;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Where pictures of providers begin in the order of a role: behind what lies in the library, before a frame of the film.
pub const RANK: i16 = 200;

/// A picture at a provider.
#[derive(Debug, Serialize)]
pub struct RemoteRow {
    pub item_id: ItemId,
    pub role: &'static str,
    pub url: String,
    pub rank: i16,
}

/// Makes `rows` the pictures that providers offer for `items`; what was fetched of those that stay is kept.
pub async fn replace_remote(
    db: &mut PgConnection,
    items: &[Uuid],
    rows: &[RemoteRow],
) -> Result<()> {
    if items.is_empty() && rows.is_empty() {
        return Ok(());
    }
    // What a person added or chose has a rank before those of providers.
    sqlx::query!(
        r#"
        DELETE FROM image
        WHERE item_id = ANY($1) AND source = 'remote' AND rank >= $3 AND NOT EXISTS (
            SELECT FROM jsonb_to_recordset($2) AS it (item_id uuid, role text, url text)
            WHERE it.item_id = image.item_id AND it.role = image.role AND it.url = image.url)
        "#,
        items,
        Json(rows) as _,
        RANK,
    )
    .execute(&mut *db)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO image (item_id, role, source, url, rank)
        SELECT DISTINCT ON (it.item_id, it.role, it.url) it.item_id, it.role, 'remote', it.url, it.rank
        FROM jsonb_to_recordset($1) AS it (item_id uuid, role text, url text, rank smallint)
        ORDER BY it.item_id, it.role, it.url, it.rank
        ON CONFLICT (item_id, role, url) WHERE source = 'remote' AND item_id IS NOT NULL DO UPDATE
        SET rank = CASE WHEN image.rank < $2 THEN image.rank ELSE EXCLUDED.rank END
        "#,
        Json(rows) as _,
        RANK,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes the portraits of people, `urls[n]` of `people[n]`.
pub async fn upsert_portraits(
    db: &mut PgConnection,
    people: &[Uuid],
    urls: &[String],
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO image (person_id, role, source, url, rank)
        SELECT DISTINCT ON (it.person_id, it.url) it.person_id, 'portrait', 'remote', it.url, $3::smallint
        FROM UNNEST($1::uuid[], $2::text[]) AS it (person_id, url)
        ORDER BY it.person_id, it.url
        ON CONFLICT (person_id, role, url) WHERE source = 'remote' AND person_id IS NOT NULL DO NOTHING
        "#,
        people,
        urls,
        RANK,
    )
    .execute(db)
    .await?;
    Ok(())
}
