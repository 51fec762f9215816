//! SQL of suggestions.

pub mod meaning;
pub mod rarity;

use std::collections::HashMap;

use kernel::id::{ItemId, PersonId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;

use super::score::Made;
use crate::describe::run::raw;

/// What somebody did last, of each of the three: enough for any taste.
const LAST: i64 = 60;

/// The topmost item of one that exists for `scope`.
pub async fn find_root(
    db: &mut PgConnection,
    scope: &LibraryScope,
    id: ItemId,
) -> Result<Option<ItemId>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT root_id AS "root_id: ItemId"
        FROM item
        WHERE id = $1 AND library_id = ANY($2) AND allows(marks, $3)
        "#,
        id.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}

/// What those of `ids` are that exist for `scope` and are there: kind and identity.
pub async fn list_identities(
    db: &mut PgConnection,
    scope: &LibraryScope,
    ids: &[ItemId],
) -> Result<HashMap<ItemId, String>> {
    let rows = sqlx::query!(
        r#"
        SELECT id AS "id: ItemId", kind || ':' || identity AS "key!"
        FROM item
        WHERE id = ANY($1) AND library_id = ANY($2) AND allows(marks, $3) AND missing_since IS NULL
        "#,
        &raw(ids),
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.id, it.key)).collect())
}

/// What somebody watched, loved and rated last, of what exists for `scope`. Served by `group_progress_played_idx` (once a
/// library), `favourite_created_idx` and `rating_rated_idx`.
pub async fn list_made(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
) -> Result<Vec<Made>> {
    let rows = sqlx::query!(
        r#"
        WITH watched AS (
            SELECT last.item_id, last.played_count, last.last_played_at
            FROM unnest($2::uuid[]) AS scope (library_id)
            CROSS JOIN LATERAL (
                SELECT item_id, played_count, last_played_at
                FROM group_progress
                WHERE person_id = $1 AND library_id = scope.library_id AND is_root
                  AND last_played_at IS NOT NULL
                ORDER BY last_played_at DESC, item_id DESC
                LIMIT $4
            ) AS last
        ), loved AS (
            SELECT item_id, created_at
            FROM favourite
            WHERE person_id = $1
            ORDER BY created_at DESC, item_id
            LIMIT $4
        ), rated AS (
            SELECT item_id, value, rated_at
            FROM rating
            WHERE person_id = $1
            ORDER BY rated_at DESC, item_id
            LIMIT $4
        )
        SELECT
            top.id AS "id: ItemId", top.title, top.kind || ':' || top.identity AS "key!", top.form, top.leaf_count,
            made.played_count, made.watched_at, made.loved_at, made.value, made.rated_at
        FROM (
            SELECT item_id, played_count, last_played_at AS watched_at, NULL::timestamptz AS loved_at,
                NULL::smallint AS value, NULL::timestamptz AS rated_at
            FROM watched
            UNION ALL
            SELECT item_id, NULL, NULL, created_at, NULL, NULL FROM loved
            UNION ALL
            SELECT item_id, NULL, NULL, NULL, value, rated_at FROM rated
        ) AS made
        JOIN item AS meant ON meant.id = made.item_id
        JOIN item AS top ON top.id = meant.root_id
        WHERE top.library_id = ANY($2) AND allows(top.marks, $3) AND allows(meant.marks, $3)
          AND top.missing_since IS NULL
        "#,
        person.0,
        scope.ids(),
        scope.guard(),
        LAST,
    )
    .fetch_all(db)
    .await?;
    let mut made: HashMap<ItemId, Made> = HashMap::new();
    for row in rows {
        let all = made.entry(row.id).or_insert_with(|| Made {
            id: row.id,
            title: row.title,
            key: row.key,
            watched: None,
            loved_at: None,
            rated: None,
        });
        if let (Some(played), Some(at)) = (row.played_count, row.watched_at) {
            let n_leaves = if row.form == "group" { row.leaf_count.max(1) } else { 1 };
            all.watched = Some((played as f32 / n_leaves as f32, at));
        }
        // An episode that is loved speaks for its series.
        all.loved_at = all.loved_at.max(row.loved_at);
        if let (Some(value), Some(at)) = (row.value, row.rated_at) {
            let newest = all.rated.filter(|it| it.1 > at);
            all.rated = Some(newest.unwrap_or((value, at)));
        }
    }
    let mut made: Vec<Made> = made.into_values().collect();
    made.sort_by_key(|it| it.id);
    Ok(made)
}

/// Those of `ids` that exist for `scope` and of which somebody has made nothing yet: kind and identity of each.
pub async fn list_fresh(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    ids: &[ItemId],
) -> Result<HashMap<ItemId, String>> {
    let rows = sqlx::query!(
        r#"
        SELECT item.id AS "id: ItemId", item.kind || ':' || item.identity AS "key!"
        FROM item
        WHERE item.id = ANY($1) AND item.library_id = ANY($2) AND allows(item.marks, $3)
          AND item.missing_since IS NULL
          AND NOT EXISTS (
              SELECT FROM group_progress
              WHERE group_progress.person_id = $4 AND group_progress.item_id = item.id
                AND group_progress.last_played_at IS NOT NULL)
          AND NOT EXISTS (
              SELECT FROM progress
              WHERE progress.item_key = item.kind || ':' || item.identity AND progress.person_id = $4
                AND (progress.is_played OR progress.position_ms > 0))
          AND NOT EXISTS (
              SELECT FROM favourite
              WHERE favourite.item_key = item.kind || ':' || item.identity AND favourite.person_id = $4)
          AND NOT EXISTS (
              SELECT FROM rating
              WHERE rating.item_key = item.kind || ':' || item.identity AND rating.person_id = $4)
          AND NOT EXISTS (
              SELECT FROM hidden
              WHERE hidden.item_key = item.kind || ':' || item.identity AND hidden.person_id = $4)
        "#,
        &raw(ids),
        scope.ids(),
        scope.guard(),
        person.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.id, it.key)).collect())
}
