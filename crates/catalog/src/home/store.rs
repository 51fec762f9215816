//! SQL of the first page.

use kernel::id::{ItemId, LibraryId, PersonId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;

use super::LibraryRef;

/// Begun items looked at, newest first, before those of one series are made one.
const BEGUN_LOOKED_AT: i64 = 200;

/// What the person stopped in the middle of, newest first, one of each root. Served by `progress_continue_idx`.
pub async fn list_begun(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    limit: i64,
) -> Result<Vec<ItemId>> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT newest.item_id AS "item_id: ItemId"
        FROM (
            SELECT DISTINCT ON (begun.root_id) begun.item_id, begun.last_played_at
            FROM (
                SELECT progress.item_id, progress.last_played_at, item.root_id
                FROM progress
                JOIN item ON item.id = progress.item_id
                WHERE progress.person_id = $1
                  AND progress.position_ms > 0
                  AND item.library_id = ANY($2) AND allows(item.marks, $5)
                  AND item.missing_since IS NULL
                ORDER BY progress.last_played_at DESC, progress.item_id
                LIMIT $4
            ) AS begun
            ORDER BY begun.root_id, begun.last_played_at DESC, begun.item_id
        ) AS newest
        ORDER BY newest.last_played_at DESC, newest.item_id
        LIMIT $3
        "#,
        person.0,
        scope.ids(),
        limit,
        BEGUN_LOOKED_AT,
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(ids)
}

/// The next leaf of each root the person is in the middle of, the one they watched last first. Left out where they stand
/// in the middle of a leaf: that one goes on first. Served by `group_progress_next_idx`.
pub async fn list_next_up(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    limit: i64,
) -> Result<Vec<ItemId>> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT group_progress.next_item_id AS "next_item_id!: ItemId"
        FROM group_progress
        JOIN item ON item.id = group_progress.next_item_id
        WHERE group_progress.person_id = $1
          AND group_progress.next_item_id IS NOT NULL
          AND item.library_id = ANY($2) AND allows(item.marks, $4)
          AND item.missing_since IS NULL
          AND NOT EXISTS (
              SELECT FROM item AS leaf
              JOIN progress ON progress.person_id = $1 AND progress.item_id = leaf.id
              WHERE leaf.root_id = group_progress.item_id
                AND leaf.form <> 'group'
                AND leaf.missing_since IS NULL
                AND progress.position_ms > 0
          )
        ORDER BY group_progress.last_played_at DESC, group_progress.item_id
        LIMIT $3
        "#,
        person.0,
        scope.ids(),
        limit,
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(ids)
}

/// What came into each library lately, newest first. Served by `item_latest_idx`, once a library.
pub async fn list_latest(
    db: &mut PgConnection,
    scope: &LibraryScope,
    limit: i64,
) -> Result<Vec<(LibraryId, ItemId)>> {
    let rows = sqlx::query!(
        r#"
        SELECT scope.library_id AS "library_id!: LibraryId", latest.id AS "id!: ItemId"
        FROM unnest($1::uuid[]) AS scope (library_id)
        CROSS JOIN LATERAL (
            SELECT item.id, COALESCE(item.newest_at, item.added_at) AS newest_at
            FROM item
            WHERE item.library_id = scope.library_id AND item.is_top AND item.missing_since IS NULL
              AND allows(item.marks, $3)
            ORDER BY COALESCE(item.newest_at, item.added_at) DESC, item.id DESC
            LIMIT $2
        ) AS latest
        ORDER BY scope.library_id, latest.newest_at DESC, latest.id DESC
        "#,
        scope.ids(),
        limit,
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.library_id, it.id)).collect())
}

/// The libraries by name.
pub async fn list_library_names(
    db: &mut PgConnection,
    scope: &LibraryScope,
) -> Result<Vec<LibraryRef>> {
    let libraries = sqlx::query_as!(
        LibraryRef,
        r#"
        SELECT id AS "id: LibraryId", name, kind
        FROM library
        WHERE id = ANY($1)
        ORDER BY lower(name), id
        "#,
        scope.ids(),
    )
    .fetch_all(db)
    .await?;
    Ok(libraries)
}
