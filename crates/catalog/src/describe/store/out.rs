//! The rows that are made of what sources say. Fields that a person edited are left alone.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Result;
use kernel::id::{ItemId, LibraryId};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// What of an item decides how its sources are read.
#[derive(Clone, Debug)]
pub struct SubjectRow {
    pub id: ItemId,
    pub root_id: ItemId,
    pub is_top: bool,
    pub is_group: bool,
    pub number: Option<i32>,
    pub number_end: Option<i32>,
    pub parent_number: Option<i32>,
    pub absolute_number: Option<i32>,
    /// Of the series it is in.
    pub episode_order: String,
    /// What a person, or the matching, found it to be.
    pub provider: Option<String>,
    pub provider_id: Option<String>,
    pub settings: serde_json::Value,
    /// The fields that a person edited.
    pub locked: Vec<String>,
}

/// Those of `items` that there are.
pub async fn list_subjects_unscoped(
    db: &mut PgConnection,
    items: &[Uuid],
) -> Result<Vec<SubjectRow>> {
    Ok(sqlx::query_as!(
        SubjectRow,
        r#"
        SELECT
            item.id AS "id: ItemId", item.root_id AS "root_id: ItemId",
            item.is_top, item.form = 'group' AS "is_group!", item.number, item.number_end, item.parent_number,
            item.absolute_number, root.episode_order, item_match.provider AS "provider?",
            item_match.provider_id AS "provider_id?", library.settings, item.locked
        FROM item
        JOIN item AS root ON root.id = item.root_id
        JOIN library ON library.id = item.library_id
        LEFT JOIN item_match ON item_match.item_id = item.id
        WHERE item.id = ANY($1)
        "#,
        items,
    )
    .fetch_all(db)
    .await?)
}

/// What is known of an item. What is absent is known by nobody; only a title is kept where there is none.
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
pub async fn update_items(
    db: &mut PgConnection,
    rows: &[FactRow],
    now: DateTime<Utc>,
) -> Result<()> {
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
            original_title = CASE WHEN 'original_title' = ANY(locked) THEN item.original_title ELSE it.original_title END,
            tagline = CASE WHEN 'tagline' = ANY(locked) THEN item.tagline ELSE it.tagline END,
            overview = CASE WHEN 'overview' = ANY(locked) THEN item.overview ELSE it.overview END,
            year = CASE WHEN 'year' = ANY(locked) THEN item.year ELSE it.year END,
            released_on = CASE WHEN 'released_on' = ANY(locked) THEN item.released_on ELSE it.released_on END,
            ended_on = CASE WHEN 'ended_on' = ANY(locked) THEN item.ended_on ELSE it.ended_on END,
            runtime_ms = COALESCE(length.ms, it.runtime_ms),
            rating = CASE WHEN 'rating' = ANY(locked) THEN item.rating ELSE it.rating END,
            content_rating = CASE WHEN 'content_rating' = ANY(locked) THEN item.content_rating ELSE it.content_rating END,
            content_rating_age = CASE WHEN 'content_rating' = ANY(locked)
                THEN item.content_rating_age ELSE it.content_rating_age END,
            updated_at = $2
        FROM it LEFT JOIN length ON length.item_id = it.id
        WHERE item.id = it.id
        "#,
        Json(rows) as _,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A special among `items`, the root it is in, and its place among the regular episodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlacedRow {
    pub id: ItemId,
    pub root_id: ItemId,
    pub place: i64,
}

/// The specials among `items` that have a place.
pub async fn list_placed_unscoped(db: &mut PgConnection, items: &[Uuid]) -> Result<Vec<PlacedRow>> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sqlx::query_as!(
        PlacedRow,
        r#"
        SELECT id AS "id!: ItemId", root_id AS "root_id!: ItemId", place AS "place!"
        FROM placed_special
        WHERE id = ANY($1)
        "#,
        items,
    )
    .fetch_all(db)
    .await?)
}

/// What only an item's own page shows.
#[derive(Debug, Serialize)]
pub struct AboutRow {
    pub item_id: ItemId,
    pub status: Option<&'static str>,
    pub next_airs_on: Option<NaiveDate>,
    pub airs_before_season: Option<i32>,
    pub airs_before_episode: Option<i32>,
    pub airs_after_season: Option<i32>,
    pub details: serde_json::Value,
}

/// Makes `rows` what the pages of `items` show beside the items' own rows.
pub async fn replace_about(db: &mut PgConnection, items: &[Uuid], rows: &[AboutRow]) -> Result<()> {
    if items.is_empty() && rows.is_empty() {
        return Ok(());
    }
    let kept: Vec<Uuid> = rows.iter().map(|it| it.item_id.0).collect();
    sqlx::query!(
        "DELETE FROM item_about WHERE item_id = ANY($1) AND item_id <> ALL($2)",
        items,
        &kept
    )
    .execute(&mut *db)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO item_about (item_id, status, next_airs_on, airs_before_season, airs_before_episode,
                                airs_after_season, details)
        SELECT it.item_id, it.status, it.next_airs_on, it.airs_before_season, it.airs_before_episode,
               it.airs_after_season, it.details
        FROM jsonb_to_recordset($1) AS it (
            item_id uuid, status text, next_airs_on date, airs_before_season integer, airs_before_episode integer,
            airs_after_season integer, details jsonb)
        ON CONFLICT ON CONSTRAINT item_about_pkey DO UPDATE
        SET status = EXCLUDED.status, next_airs_on = EXCLUDED.next_airs_on,
            airs_before_season = EXCLUDED.airs_before_season, airs_before_episode = EXCLUDED.airs_before_episode,
            airs_after_season = EXCLUDED.airs_after_season, details = EXCLUDED.details
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Tells search and the caches that `items` of `library` changed.
pub async fn note_change(db: &mut PgConnection, library: LibraryId, items: &[Uuid]) -> Result<()> {
    sqlx::query!("INSERT INTO search_outbox (item_id) SELECT UNNEST($1::uuid[])", items)
        .execute(&mut *db)
        .await?;
    crate::library::bump_generation(db, library).await
}

/// An item with all items below it.
pub async fn list_tree_unscoped(db: &mut PgConnection, root: ItemId) -> Result<Vec<Uuid>> {
    // A root is in its own tree; what hangs below it names it as its root.
    Ok(sqlx::query_scalar!(
        r#"
        SELECT id AS "id!" FROM item WHERE id = $1
        UNION
        SELECT id FROM item WHERE root_id = $1 AND form <> 'group'
        UNION
        SELECT id FROM item WHERE parent_id = $1
        "#,
        root.0,
    )
    .fetch_all(db)
    .await?)
}
