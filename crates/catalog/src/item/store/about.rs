//! SQL of what sources say of an item beyond its own row.

use chrono::NaiveDate;
use kernel::id::ItemId;
use kernel::{LibraryScope, Result};
use serde_json::Value;
use sqlx::PgConnection;

/// What sources say of an item, and who they are.
#[derive(Debug)]
pub struct AboutRow {
    pub status: Option<String>,
    pub next_airs_on: Option<NaiveDate>,
    pub airs_before_season: Option<i32>,
    pub airs_before_episode: Option<i32>,
    pub airs_after_season: Option<i32>,
    pub details: Option<Value>,
    pub content_rating_age: Option<i16>,
    pub match_state: String,
    pub episode_order: String,
    pub locked: Vec<String>,
    pub settings: Value,
    /// Whose word is in it; of an episode also those whose word is in its series.
    pub sources: Vec<String>,
}

/// The item's, if it exists for `scope`.
pub async fn find_about(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Option<AboutRow>> {
    Ok(sqlx::query_as!(
        AboutRow,
        r#"
        SELECT
            item_about.status AS "status?", item_about.next_airs_on AS "next_airs_on?",
            item_about.airs_before_season AS "airs_before_season?",
            item_about.airs_before_episode AS "airs_before_episode?",
            item_about.airs_after_season AS "airs_after_season?", item_about.details AS "details?",
            item.content_rating_age, item.match_state, item.episode_order, item.locked, library.settings,
            ARRAY(
                SELECT DISTINCT item_source.source FROM item_source WHERE item_source.item_id IN (item.id, item.root_id)
            ) AS "sources!"
        FROM item
        JOIN library ON library.id = item.library_id
        LEFT JOIN item_about ON item_about.item_id = item.id
        WHERE item.id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}
