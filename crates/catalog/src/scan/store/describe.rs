//! What local metadata says of items. Fields that a person edited are left alone.

use chrono::NaiveDate;
use kernel::Result;
use kernel::id::ItemId;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// What is known of an item; absent fields keep what there is.
#[derive(Debug, Serialize)]
pub struct FactRow {
    pub id: ItemId,
    pub title: Option<String>,
    pub sort_title: Option<String>,
    pub original_title: Option<String>,
    pub tagline: Option<String>,
    pub overview: Option<String>,
    pub year: Option<i32>,
    pub released_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub runtime_ms: Option<i64>,
    pub rating: Option<f32>,
    pub content_rating: Option<String>,
    pub content_rating_age: Option<i16>,
}

/// Writes what is known of items. The running time is that of the files where they tell it.
pub async fn describe_items(db: &mut PgConnection, rows: &[FactRow]) -> Result<()> {
    sqlx::query!(
        r#"
        WITH it AS (
            SELECT * FROM jsonb_to_recordset($1) AS it (
                id uuid, title text, sort_title text, original_title text, tagline text, overview text, year integer,
                released_on date, ended_on date, runtime_ms bigint, rating real, content_rating text,
                content_rating_age smallint)
        ),
        length AS (
            SELECT version.item_id, max(version.ms)::bigint AS ms
            FROM (
                SELECT item_file.item_id, sum(file.duration_ms) AS ms
                FROM it
                JOIN item_file ON item_file.item_id = it.id AND item_file.role = 'main'
                JOIN file ON file.id = item_file.file_id
                GROUP BY item_file.item_id, item_file.version
            ) AS version
            GROUP BY version.item_id
        )
        UPDATE item
        SET title = CASE WHEN 'title' = ANY(locked) THEN item.title ELSE COALESCE(it.title, item.title) END,
            sort_title = CASE WHEN locked && '{title,sort_title}'
                THEN item.sort_title ELSE COALESCE(it.sort_title, item.sort_title) END,
            original_title = CASE WHEN 'original_title' = ANY(locked)
                THEN item.original_title ELSE COALESCE(it.original_title, item.original_title) END,
            tagline = CASE WHEN 'tagline' = ANY(locked) THEN item.tagline ELSE COALESCE(it.tagline, item.tagline) END,
            overview = CASE WHEN 'overview' = ANY(locked)
                THEN item.overview ELSE COALESCE(it.overview, item.overview) END,
            year = CASE WHEN 'year' = ANY(locked) THEN item.year ELSE COALESCE(it.year, item.year) END,
            released_on = CASE WHEN 'released_on' = ANY(locked)
                THEN item.released_on ELSE COALESCE(it.released_on, item.released_on) END,
            ended_on = CASE WHEN 'ended_on' = ANY(locked)
                THEN item.ended_on ELSE COALESCE(it.ended_on, item.ended_on) END,
            runtime_ms = COALESCE(length.ms, it.runtime_ms, item.runtime_ms),
            rating = CASE WHEN 'rating' = ANY(locked) THEN item.rating ELSE COALESCE(it.rating, item.rating) END,
            content_rating = CASE WHEN 'content_rating' = ANY(locked)
                THEN item.content_rating ELSE COALESCE(it.content_rating, item.content_rating) END,
            content_rating_age = CASE WHEN 'content_rating' = ANY(locked) OR it.content_rating IS NULL
                THEN item.content_rating_age ELSE it.content_rating_age END
        FROM it LEFT JOIN length ON length.item_id = it.id
        WHERE item.id = it.id
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One label of an item.
#[derive(Debug, Serialize)]
pub struct LabelRow {
    pub item_id: ItemId,
    pub kind: &'static str,
    /// The field a person locks: genres, tags, studios, countries.
    pub field: &'static str,
    pub name: String,
    pub identity: String,
    pub position: i16,
}

/// Makes `rows` the labels of their items, kind by kind.
pub async fn replace_labels(db: &mut PgConnection, rows: &[LabelRow]) -> Result<()> {
    // In one order everywhere, so that two scans never wait for each other.
    sqlx::query!(
        r#"
        INSERT INTO label (kind, identity, name)
        SELECT DISTINCT ON (it.kind, it.identity) it.kind, it.identity, it.name
        FROM jsonb_to_recordset($1) AS it (kind text, identity text, name text)
        ORDER BY it.kind, it.identity, it.name
        ON CONFLICT ON CONSTRAINT label_identity_unique DO NOTHING
        "#,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        DELETE FROM item_label
        USING label, item, (SELECT DISTINCT item_id, kind, field
               FROM jsonb_to_recordset($1) AS it (item_id uuid, kind text, field text)) AS it
        WHERE label.id = item_label.label_id AND item.id = item_label.item_id
          AND item_label.item_id = it.item_id AND label.kind = it.kind AND NOT it.field = ANY(item.locked)
        "#,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO item_label (item_id, label_id, position)
        SELECT it.item_id, label.id, it.position
        FROM jsonb_to_recordset($1) AS it (item_id uuid, kind text, field text, identity text, position smallint)
        JOIN label ON label.kind = it.kind AND label.identity = it.identity
        JOIN item ON item.id = it.item_id AND NOT it.field = ANY(item.locked)
        ON CONFLICT ON CONSTRAINT item_label_pkey DO NOTHING
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One person's part in an item.
#[derive(Debug, Serialize)]
pub struct CreditRow {
    pub item_id: ItemId,
    pub position: i16,
    pub role: &'static str,
    pub character: Option<String>,
    pub name: String,
    pub sort_name: String,
    pub identity: String,
}

/// Makes `rows` the cast and crew of their items.
pub async fn replace_credits(db: &mut PgConnection, rows: &[CreditRow]) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO person (identity, name, sort_name)
        SELECT DISTINCT ON (it.identity) it.identity, it.name, it.sort_name
        FROM jsonb_to_recordset($1) AS it (identity text, name text, sort_name text)
        ORDER BY it.identity, it.name
        ON CONFLICT ON CONSTRAINT person_identity_unique DO NOTHING
        "#,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        DELETE FROM credit
        USING item, (SELECT DISTINCT item_id FROM jsonb_to_recordset($1) AS it (item_id uuid)) AS it
        WHERE credit.item_id = it.item_id AND item.id = it.item_id AND NOT 'credits' = ANY(item.locked)
        "#,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO credit (item_id, position, person_id, role, character)
        SELECT it.item_id, it.position, person.id, it.role, it.character
        FROM jsonb_to_recordset($1) AS it (
            item_id uuid, position smallint, role text, character text, identity text)
        JOIN person ON person.identity = it.identity
        JOIN item ON item.id = it.item_id AND NOT 'credits' = ANY(item.locked)
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes under which ids outside catalogs know items.
pub async fn upsert_external_ids(
    db: &mut PgConnection,
    items: &[Uuid],
    providers: &[String],
    values: &[String],
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO external_id (item_id, provider, value)
        SELECT it.item_id, it.provider, it.value
        FROM UNNEST($1::uuid[], $2::text[], $3::text[]) AS it (item_id, provider, value)
        ON CONFLICT ON CONSTRAINT external_id_pkey DO UPDATE SET value = EXCLUDED.value
        "#,
        items,
        providers,
        values,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A picture that a file of the library is, or holds.
#[derive(Debug, Serialize)]
pub struct PictureRow {
    pub item_id: ItemId,
    pub role: &'static str,
    pub source: &'static str,
    pub rank: i16,
    pub file_id: Uuid,
}

/// Makes `rows` the pictures that `files` are or hold; what was made of those that stay is kept.
pub async fn replace_pictures(
    db: &mut PgConnection,
    files: &[Uuid],
    rows: &[PictureRow],
) -> Result<()> {
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
