//! SQL of what a person made of items, as sets of ids for the search engine.

use kernel::id::{ItemId, PersonId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;
use uuid::Uuid;

/// What the person played to its end; of groups, those of which all is played. Served by `progress_pkey` and
/// `group_progress_pkey`.
pub async fn list_watched(
    db: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT item_id AS "id!" FROM progress WHERE person_id = $1 AND is_played
        UNION
        SELECT whole.item_id
        FROM group_progress AS whole
        JOIN item ON item.id = whole.item_id
        WHERE whole.person_id = $1 AND item.form = 'group' AND item.leaf_count > 0
          AND whole.played_count >= item.leaf_count
        LIMIT $2
        "#,
        person.0,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// What the person began; of groups, those of which a part is played.
pub async fn list_in_progress(
    db: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT item_id AS "id!" FROM progress WHERE person_id = $1 AND position_ms > 0
        UNION
        SELECT whole.item_id
        FROM group_progress AS whole
        JOIN item ON item.id = whole.item_id
        WHERE whole.person_id = $1 AND item.form = 'group'
          AND whole.played_count > 0 AND whole.played_count < item.leaf_count
        LIMIT $2
        "#,
        person.0,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// The person's favourites, the newest first. Served by `favourite_created_idx`.
pub async fn list_favourites(
    db: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "
        SELECT item_id FROM favourite
        WHERE person_id = $1
        ORDER BY created_at DESC, item_id
        LIMIT $2
        ",
        person.0,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// What these items are about, as far as they exist for `scope`.
pub async fn list_overviews(
    db: &mut PgConnection,
    scope: &LibraryScope,
    items: &[Uuid],
) -> Result<Vec<(ItemId, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT id AS "id: ItemId", overview AS "overview!"
        FROM item
        WHERE id = ANY($1) AND library_id = ANY($2) AND allows(marks, $3) AND overview IS NOT NULL
        "#,
        items,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.id, it.overview)).collect())
}
