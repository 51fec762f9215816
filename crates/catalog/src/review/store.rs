//! SQL of matches in a person's hands.

use chrono::{DateTime, Utc};
use kernel::id::{ItemId, LibraryId};
use kernel::{LibraryScope, Limit, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Where a page of the list ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReviewPlace {
    pub sort_title: String,
    pub id: ItemId,
}

/// An item in doubt.
#[derive(Clone, Debug)]
pub struct ReviewRow {
    pub id: ItemId,
    pub kind: String,
    pub library_id: LibraryId,
    pub title: String,
    pub sort_title: String,
    pub year: Option<i32>,
    pub runtime_ms: Option<i64>,
    pub path: Option<String>,
}

/// The items in doubt by title. Served by `item_review_idx`: each library gives its first rows, and only those are merged.
pub async fn list_review(
    db: &mut PgConnection,
    scope: &LibraryScope,
    after: Option<&ReviewPlace>,
    limit: Limit,
) -> Result<Vec<ReviewRow>> {
    Ok(sqlx::query_as!(
        ReviewRow,
        r#"
        SELECT
            page.id AS "id!: ItemId", page.kind AS "kind!", page.library_id AS "library_id!: LibraryId",
            page.title AS "title!", page.sort_title AS "sort_title!", page.year, page.runtime_ms,
            (
                SELECT library_folder.path || '/' || file.path
                FROM item AS leaf
                JOIN item_file ON item_file.item_id = leaf.id AND item_file.role = 'main'
                JOIN file ON file.id = item_file.file_id
                JOIN library_folder ON library_folder.id = file.folder_id
                WHERE leaf.root_id = page.id AND leaf.form <> 'group' AND allows(leaf.marks, $5)
                ORDER BY leaf.watch_order, leaf.id, file.path
                LIMIT 1
            ) AS path
        FROM unnest($1::uuid[]) AS scope (library_id)
        CROSS JOIN LATERAL (
            SELECT item.id, item.kind, item.library_id, item.title, item.sort_title, item.year, item.runtime_ms
            FROM item
            WHERE item.library_id = scope.library_id
              AND item.match_state = 'review' AND item.missing_since IS NULL AND allows(item.marks, $5)
              AND ($2::text IS NULL OR (item.sort_title, item.id) > ($2, $3))
            ORDER BY item.sort_title, item.id
            LIMIT $4
        ) AS page
        ORDER BY page.sort_title, page.id
        LIMIT $4
        "#,
        scope.ids(),
        after.map(|it| it.sort_title.as_str()),
        after.map(|it| it.id.0),
        limit.probe(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}

/// What these items may be, which came from [`list_review`]; the likeliest first.
pub async fn list_candidates_unscoped(
    db: &mut PgConnection,
    items: &[Uuid],
) -> Result<Vec<(ItemId, Value)>> {
    let rows = sqlx::query!(
        r#"
        SELECT item_id AS "item_id: ItemId", candidate
        FROM match_candidate
        WHERE item_id = ANY($1)
        ORDER BY item_id, position
        "#,
        items,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.item_id, it.candidate)).collect())
}

/// What an item is matched with, and how far it is described.
#[derive(Clone, Debug)]
pub struct StateRow {
    pub id: ItemId,
    pub root_id: ItemId,
    pub library_id: LibraryId,
    pub library_kind: String,
    pub settings: Value,
    pub match_state: String,
    pub provider: Option<String>,
    pub provider_id: Option<String>,
    pub is_fixed: bool,
    pub matched_at: Option<DateTime<Utc>>,
    pub described_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    pub problem: Option<String>,
    pub locked: Vec<String>,
}

/// The item, if it exists for `scope`.
pub async fn find_state(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Option<StateRow>> {
    Ok(sqlx::query_as!(
        StateRow,
        r#"
        SELECT
            item.id AS "id: ItemId", item.root_id AS "root_id: ItemId", item.library_id AS "library_id: LibraryId",
            library.kind AS library_kind, library.settings, item.match_state, item_match.provider AS "provider?",
            item_match.provider_id AS "provider_id?", COALESCE(item_match.is_fixed, FALSE) AS "is_fixed!",
            item_match.matched_at AS "matched_at?", item.described_at, item.describe_due_at AS due_at,
            item.describe_problem AS problem, item.locked
        FROM item
        JOIN library ON library.id = item.library_id
        LEFT JOIN item_match ON item_match.item_id = item.id
        WHERE item.id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}
