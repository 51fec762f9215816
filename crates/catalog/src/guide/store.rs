//! SQL of episodes that are not there.

use chrono::NaiveDate;
use kernel::id::ItemId;
use kernel::{LibraryScope, Result};
use serde_json::Value;
use sqlx::PgConnection;

/// What of a series or season decides which episodes it lacks.
#[derive(Clone, Debug)]
pub struct SeriesRow {
    pub id: ItemId,
    pub root_id: ItemId,
    pub number: Option<i32>,
    pub is_group: bool,
    pub episode_order: String,
    pub settings: Value,
}

/// The item, if it exists for `scope`.
pub async fn find_series(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Option<SeriesRow>> {
    Ok(sqlx::query_as!(
        SeriesRow,
        r#"
        SELECT
            item.id AS "id: ItemId", item.root_id AS "root_id: ItemId", item.number, item.form = 'group' AS "is_group!",
            root.episode_order, library.settings
        FROM item
        JOIN item AS root ON root.id = item.root_id
        JOIN library ON library.id = item.library_id
        WHERE item.id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}

/// An episode as a guide has it.
#[derive(Clone, Debug)]
pub struct GuideRow {
    pub source: String,
    pub season: i32,
    pub number: i32,
    pub absolute_number: Option<i32>,
    pub released_on: Option<NaiveDate>,
    pub title: Option<String>,
    pub overview: Option<String>,
}

/// What all guides to a series know.
pub async fn list_guides_unscoped(db: &mut PgConnection, series: ItemId) -> Result<Vec<GuideRow>> {
    Ok(sqlx::query_as!(
        GuideRow,
        r#"
        SELECT source, season, number, absolute_number, released_on, title, facts -> 'facts' ->> 'overview' AS overview
        FROM episode_guide
        WHERE series_id = $1
        ORDER BY source, season, number
        "#,
        series.0,
    )
    .fetch_all(db)
    .await?)
}

/// The place of an episode that is there.
#[derive(Clone, Debug)]
pub struct LeafRow {
    pub season: Option<i32>,
    pub number: Option<i32>,
    pub number_end: Option<i32>,
    pub absolute_number: Option<i32>,
    pub aired_on: Option<NaiveDate>,
}

/// The episodes of a series that are there. Served by `item_root_idx`.
pub async fn list_leaves(
    db: &mut PgConnection,
    scope: &LibraryScope,
    series: ItemId,
) -> Result<Vec<LeafRow>> {
    Ok(sqlx::query_as!(
        LeafRow,
        r#"
        SELECT parent_number AS season, number, number_end, absolute_number, released_on AS aired_on
        FROM item
        WHERE root_id = $1 AND form <> 'group' AND missing_since IS NULL AND library_id = ANY($2) AND allows(marks, $3)
        "#,
        series.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}

/// The other orders that sources know of a series: source, and its orders as JSON.
pub async fn list_orders_unscoped(
    db: &mut PgConnection,
    series: ItemId,
) -> Result<Vec<(String, Value)>> {
    let rows = sqlx::query!(
        r#"
        SELECT source, facts -> 'orders' AS "orders!"
        FROM item_source
        WHERE item_id = $1 AND facts ? 'orders'
        "#,
        series.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.source, it.orders)).collect())
}
