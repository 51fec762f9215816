//! What an item has several of: labels, ids, translations, collections. `items` are those that may have some already; rows of
//! others are added.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::ItemId;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// One label of an item.
#[derive(Debug, Serialize)]
pub struct LabelRow {
    pub item_id: ItemId,
    pub kind: &'static str,
    /// The field a person locks: genres, tags, studios, networks, countries.
    pub field: &'static str,
    pub name: String,
    pub identity: String,
    pub position: i16,
}

/// Makes `rows` the labels of `items`, but for the fields that a person locked.
pub async fn replace_labels(
    db: &mut PgConnection,
    items: &[Uuid],
    rows: &[LabelRow],
) -> Result<()> {
    if items.is_empty() && rows.is_empty() {
        return Ok(());
    }
    if !rows.is_empty() {
        // In one order everywhere, so that two writers never wait for each other.
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
    }
    sqlx::query!(
        r#"
        DELETE FROM item_label
        USING label, item
        WHERE item_label.item_id = ANY($1) AND label.id = item_label.label_id AND item.id = item_label.item_id
          AND label.kind <> 'mood'
          AND NOT CASE label.kind WHEN 'country' THEN 'countries' ELSE label.kind || 's' END = ANY(item.locked)
          AND NOT EXISTS (
              SELECT FROM jsonb_to_recordset($2) AS it (item_id uuid, kind text, identity text)
              WHERE it.item_id = item_label.item_id AND it.kind = label.kind AND it.identity = label.identity)
        "#,
        items,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO item_label (item_id, label_id, position)
        SELECT DISTINCT ON (it.item_id, label.id) it.item_id, label.id, it.position
        FROM jsonb_to_recordset($1) AS it (item_id uuid, kind text, field text, identity text, position smallint)
        JOIN label ON label.kind = it.kind AND label.identity = it.identity
        JOIN item ON item.id = it.item_id AND NOT it.field = ANY(item.locked)
        ORDER BY it.item_id, label.id, it.position
        ON CONFLICT ON CONSTRAINT item_label_pkey DO UPDATE SET position = EXCLUDED.position
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Under which id an outside catalog knows an item.
#[derive(Debug, Serialize)]
pub struct IdRow {
    pub item_id: ItemId,
    pub provider: String,
    pub value: String,
}

/// Makes `rows` the ids of `items` at outside catalogs.
pub async fn replace_external_ids(
    db: &mut PgConnection,
    items: &[Uuid],
    rows: &[IdRow],
) -> Result<()> {
    if items.is_empty() && rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        DELETE FROM external_id
        WHERE item_id = ANY($1) AND NOT EXISTS (
            SELECT FROM jsonb_to_recordset($2) AS it (item_id uuid, provider text)
            WHERE it.item_id = external_id.item_id AND it.provider = external_id.provider)
        "#,
        items,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO external_id (item_id, provider, value)
        SELECT it.item_id, it.provider, it.value
        FROM jsonb_to_recordset($1) AS it (item_id uuid, provider text, value text)
        ON CONFLICT ON CONSTRAINT external_id_pkey DO UPDATE SET value = EXCLUDED.value
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// An item's texts in one language.
#[derive(Debug, Serialize)]
pub struct TranslationRow {
    pub item_id: ItemId,
    pub language: String,
    pub title: Option<String>,
    pub tagline: Option<String>,
    pub overview: Option<String>,
}

/// Makes `rows` the texts of `items` in other languages.
pub async fn replace_translations(
    db: &mut PgConnection,
    items: &[Uuid],
    rows: &[TranslationRow],
) -> Result<()> {
    if items.is_empty() && rows.is_empty() {
        return Ok(());
    }
    sqlx::query!("DELETE FROM translation WHERE item_id = ANY($1)", items)
        .execute(&mut *db)
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO translation (item_id, language, title, tagline, overview)
        SELECT it.item_id, it.language, it.title, it.tagline, it.overview
        FROM jsonb_to_recordset($1) AS it (item_id uuid, language text, title text, tagline text, overview text)
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The set of films that an item belongs to.
#[derive(Debug, Serialize)]
pub struct CollectionRow {
    pub item_id: ItemId,
    /// What makes it the same one next time: `tmdb:10`, or the folded name.
    pub identity: String,
    pub name: String,
    pub sort_name: String,
    pub overview: Option<String>,
}

/// Makes `rows` the collections that sources put `items` in. Those that people made are left alone.
pub async fn replace_collections(
    db: &mut PgConnection,
    items: &[Uuid],
    rows: &[CollectionRow],
    now: DateTime<Utc>,
) -> Result<()> {
    if items.is_empty() && rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        DELETE FROM collection_item
        USING collection
        WHERE collection_item.item_id = ANY($1) AND collection.id = collection_item.collection_id
          AND collection.identity IS NOT NULL
          AND NOT EXISTS (
              SELECT FROM jsonb_to_recordset($2) AS it (item_id uuid, identity text)
              WHERE it.item_id = collection_item.item_id AND it.identity = collection.identity)
        "#,
        items,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    // Locks the rows, so that two writers never take one position; in one order, so that they never wait for each other.
    sqlx::query!(
        r#"
        INSERT INTO collection (kind, name, sort_name, overview, identity, created_at, updated_at)
        SELECT DISTINCT ON (it.identity) 'collection', it.name, it.sort_name, it.overview, it.identity, $2, $2
        FROM jsonb_to_recordset($1) AS it (identity text, name text, sort_name text, overview text)
        ORDER BY it.identity, it.name
        ON CONFLICT (identity) WHERE identity IS NOT NULL DO UPDATE
        SET name = EXCLUDED.name, sort_name = EXCLUDED.sort_name,
            overview = COALESCE(EXCLUDED.overview, collection.overview), updated_at = EXCLUDED.updated_at
        "#,
        Json(rows) as _,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO collection_item (collection_id, position, item_id, item_key, added_at)
        SELECT collection.id,
               COALESCE((SELECT max(position) FROM collection_item WHERE collection_id = collection.id), -1)
                   + row_number() OVER (PARTITION BY collection.id ORDER BY item.year, item.id)::integer,
               item.id, item.kind || ':' || item.identity, $2
        FROM jsonb_to_recordset($1) AS it (item_id uuid, identity text)
        JOIN collection ON collection.identity = it.identity
        JOIN item ON item.id = it.item_id
        WHERE NOT EXISTS (
            SELECT FROM collection_item AS known
            WHERE known.collection_id = collection.id AND known.item_id = item.id)
        "#,
        Json(rows) as _,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
