//! The SQL of the area's own lists. It names no schema: the connections are those of the adult catalog.

use chrono::NaiveDate;
use kernel::id::ItemId;
use kernel::{LibraryScope, Limit, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

/// Which scenes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SceneFilter {
    /// Of this studio.
    pub studio: Option<Uuid>,
    /// With this tag.
    pub tag: Option<Uuid>,
    /// With this performer.
    pub performer: Option<Uuid>,
}

/// Where a page of scenes ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScenePlace {
    pub released_on: NaiveDate,
    pub id: ItemId,
}

/// Scenes, the newest first. Served by `item_released_idx`, a filter by `item_label_pkey` and `credit_person_idx`.
pub async fn list_scenes(
    db: &mut PgConnection,
    scope: &LibraryScope,
    filter: SceneFilter,
    after: Option<&ScenePlace>,
    limit: Limit,
) -> Result<Vec<ScenePlace>> {
    Ok(sqlx::query_as!(
        ScenePlace,
        r#"
        SELECT
            COALESCE(released_on, make_date(COALESCE(year, 1), 1, 1)) AS "released_on!", id AS "id: ItemId"
        FROM item
        WHERE library_id = ANY($1)
          AND is_top
          AND missing_since IS NULL
          AND ($2::uuid IS NULL OR EXISTS (
              SELECT FROM item_label WHERE item_label.item_id = item.id AND label_id = $2))
          AND ($3::uuid IS NULL OR EXISTS (
              SELECT FROM item_label WHERE item_label.item_id = item.id AND label_id = $3))
          AND ($4::uuid IS NULL OR EXISTS (
              SELECT FROM credit WHERE credit.item_id = item.id AND person_id = $4))
          AND ($5::date IS NULL
              OR (COALESCE(released_on, make_date(COALESCE(year, 1), 1, 1)), id) < ($5, $6))
        ORDER BY COALESCE(released_on, make_date(COALESCE(year, 1), 1, 1)) DESC, id DESC
        LIMIT $7
        "#,
        scope.ids(),
        filter.studio,
        filter.tag,
        filter.performer,
        after.map(|it| it.released_on),
        after.map(|it| it.id.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?)
}

/// Somebody or something that scenes have in common.
#[derive(Clone, Debug)]
pub struct SharedRow {
    pub id: Uuid,
    pub name: String,
    /// What it is in order by, before the id.
    pub sort_name: String,
    pub scene_count: i64,
}

/// Where a page of these ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SharedPlace {
    pub sort_name: String,
    pub id: Uuid,
}

/// Performers by name, with how many scenes of theirs there are. Walks `person_sort_name_idx`.
pub async fn list_performers(
    db: &mut PgConnection,
    scope: &LibraryScope,
    after: Option<&SharedPlace>,
    limit: Limit,
) -> Result<Vec<SharedRow>> {
    Ok(sqlx::query_as!(
        SharedRow,
        r#"
        SELECT person.id, person.name, person.sort_name, scenes.n AS "scene_count!"
        FROM person
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT item.id) AS n
            FROM credit
            JOIN item ON item.id = credit.item_id
            WHERE credit.person_id = person.id
              AND credit.role = 'actor'
              AND item.library_id = ANY($1)
              AND item.missing_since IS NULL
        ) AS scenes
        WHERE scenes.n > 0 AND ($2::text IS NULL OR (person.sort_name, person.id) > ($2, $3))
        ORDER BY person.sort_name, person.id
        LIMIT $4
        "#,
        scope.ids(),
        after.map(|it| it.sort_name.as_str()),
        after.map(|it| it.id),
        limit.probe(),
    )
    .fetch_all(db)
    .await?)
}

/// Studios, or tags and genres, by name, with how many scenes there are of each.
pub async fn list_labels(
    db: &mut PgConnection,
    scope: &LibraryScope,
    kinds: &[&str],
    after: Option<&SharedPlace>,
    limit: Limit,
) -> Result<Vec<SharedRow>> {
    Ok(sqlx::query_as!(
        SharedRow,
        r#"
        SELECT label.id, label.name, label.identity AS sort_name, count(DISTINCT item.id) AS "scene_count!"
        FROM label
        JOIN item_label ON item_label.label_id = label.id
        JOIN item ON item.id = item_label.item_id
        WHERE label.kind = ANY($2)
          AND item.library_id = ANY($1)
          AND item.missing_since IS NULL
          AND ($3::text IS NULL OR (label.identity, label.id) > ($3, $4))
        GROUP BY label.id
        ORDER BY label.identity, label.id
        LIMIT $5
        "#,
        scope.ids(),
        kinds as &[&str],
        after.map(|it| it.sort_name.as_str()),
        after.map(|it| it.id),
        limit.probe(),
    )
    .fetch_all(db)
    .await?)
}

/// What the studio or tag `id` is called, where a scene of `scope` has it.
pub async fn find_label(
    db: &mut PgConnection,
    scope: &LibraryScope,
    id: Uuid,
) -> Result<Option<(String, String)>> {
    let row = sqlx::query!(
        r#"
        SELECT kind, name FROM label
        WHERE id = $1 AND EXISTS (
            SELECT FROM item_label JOIN item ON item.id = item_label.item_id
            WHERE item_label.label_id = label.id AND item.library_id = ANY($2))
        "#,
        id,
        scope.ids(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (it.kind, it.name)))
}

/// The labels of a scene and who is in it, to lead on to others: kind (`performer` for people), id, name.
pub async fn list_shared(
    db: &mut PgConnection,
    scope: &LibraryScope,
    scene: ItemId,
) -> Result<Vec<(String, Uuid, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT shared.kind AS "kind!", shared.id AS "id!", shared.name AS "name!"
        FROM item
        CROSS JOIN LATERAL (
            SELECT label.kind, label.id, label.name, item_label.position
            FROM item_label JOIN label ON label.id = item_label.label_id
            WHERE item_label.item_id = item.id
            UNION ALL
            SELECT 'performer', person.id, person.name, min(credit.position)
            FROM credit JOIN person ON person.id = credit.person_id
            WHERE credit.item_id = item.id AND credit.role = 'actor'
            GROUP BY person.id
        ) AS shared
        WHERE item.id = $1 AND item.library_id = ANY($2)
        ORDER BY shared.kind, shared.position, shared.id
        "#,
        scene.0,
        scope.ids(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.kind, it.id, it.name)).collect())
}
