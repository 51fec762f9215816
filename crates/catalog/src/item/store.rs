//! SQL of items: single ones, their relatives, and what a card shows beside the item's own row.

mod about;
mod detail;
mod list;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::id::{ImageId, ItemId, LibraryId, PersonId};
use kernel::{LibraryScope, Limit, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Form;

pub(super) use about::find_about;
pub(super) use detail::*;
pub(super) use list::{Wanted, list_items};

/// The part of an item's row that every list shows.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ItemRow {
    pub id: ItemId,
    pub kind: String,
    pub form: Form,
    pub library_id: LibraryId,
    pub parent_id: Option<ItemId>,
    pub root_id: ItemId,
    pub title: String,
    pub sort_title: String,
    pub year: Option<i32>,
    pub released_on: Option<NaiveDate>,
    pub runtime_ms: Option<i64>,
    pub number: Option<i32>,
    pub number_end: Option<i32>,
    pub parent_number: Option<i32>,
    pub watch_order: i64,
    pub added_at: DateTime<Utc>,
    pub missing_since: Option<DateTime<Utc>>,
    pub child_count: i32,
    pub leaf_count: i32,
}

/// A picture of an item.
#[derive(Clone, Debug)]
pub struct ImageRow {
    pub id: ImageId,
    pub item_id: ItemId,
    pub role: String,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub blurhash: Option<String>,
    pub color: Option<String>,
}

/// What a person made of an item, and what its root is called.
#[derive(Clone, Debug)]
pub struct PersonalRow {
    pub item_id: ItemId,
    pub series_title: Option<String>,
    pub position_ms: Option<i64>,
    pub duration_ms: Option<i64>,
    pub is_played: Option<bool>,
    pub play_count: Option<i32>,
    pub last_played_at: Option<DateTime<Utc>>,
    pub played_count: Option<i32>,
    pub group_last_played_at: Option<DateTime<Utc>>,
    pub is_favourite: bool,
}

/// A child's place among its siblings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChildPlace {
    pub watch_order: i64,
    pub sort_title: String,
    pub id: ItemId,
}

/// The items of `ids` that exist for `scope`, in any order.
pub async fn list_items_by_id(
    db: &mut PgConnection,
    scope: &LibraryScope,
    ids: &[Uuid],
) -> Result<Vec<ItemRow>> {
    let items = sqlx::query_as!(
        ItemRow,
        r#"
        SELECT
            id AS "id: ItemId", kind, form AS "form: Form", library_id AS "library_id: LibraryId",
            parent_id AS "parent_id: ItemId", root_id AS "root_id: ItemId", title, sort_title, year, released_on,
            runtime_ms, number, number_end, parent_number, watch_order, added_at, missing_since, child_count,
            leaf_count
        FROM item
        WHERE id = ANY($1) AND library_id = ANY($2)
        "#,
        ids,
        scope.ids(),
    )
    .fetch_all(db)
    .await?;
    Ok(items)
}

/// The children of a group in order. Served by `item_children_idx`.
pub async fn list_children(
    db: &mut PgConnection,
    scope: &LibraryScope,
    parent: ItemId,
    after: Option<&ChildPlace>,
    limit: Limit,
) -> Result<Vec<ItemRow>> {
    let items = sqlx::query_as!(
        ItemRow,
        r#"
        SELECT
            id AS "id: ItemId", kind, form AS "form: Form", library_id AS "library_id: LibraryId",
            parent_id AS "parent_id: ItemId", root_id AS "root_id: ItemId", title, sort_title, year, released_on,
            runtime_ms, number, number_end, parent_number, watch_order, added_at, missing_since, child_count,
            leaf_count
        FROM item
        WHERE parent_id = $1
          AND library_id = ANY($2)
          AND missing_since IS NULL
          AND ($3::bigint IS NULL OR (watch_order, sort_title, id) > ($3, $4, $5))
        ORDER BY watch_order, sort_title, id
        LIMIT $6
        "#,
        parent.0,
        scope.ids(),
        after.map(|it| it.watch_order),
        after.map(|it| it.sort_title.as_str()),
        after.map(|it| it.id.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    Ok(items)
}

/// The leaf after `item` among those of its root. From the regular ones it never leads to the specials. Served by
/// `item_root_idx`.
pub async fn find_leaf_after(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: &ItemRow,
) -> Result<Option<ItemId>> {
    let id = sqlx::query_scalar!(
        r#"
        SELECT id AS "id: ItemId"
        FROM item
        WHERE root_id = $1
          AND form <> 'group'
          AND missing_since IS NULL
          AND library_id = ANY($2)
          AND (watch_order, id) > ($3, $4)
          AND (parent_number IS NOT DISTINCT FROM 0) = ($5::integer IS NOT DISTINCT FROM 0)
        ORDER BY watch_order, id
        LIMIT 1
        "#,
        item.root_id.0,
        scope.ids(),
        item.watch_order,
        item.id.0,
        item.parent_number,
    )
    .fetch_optional(db)
    .await?;
    Ok(id)
}

/// What to watch of a group: the leaf the person stands in, else the first one unplayed behind the last one played, else
/// the first unplayed, else the first. Served by `item_root_idx`: walks the leaves of one root.
pub async fn find_leaf_to_watch(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    group: &ItemRow,
) -> Result<Option<ItemId>> {
    let id = sqlx::query_scalar!(
        r#"
        WITH leaf AS (
            SELECT
                item.id, item.watch_order, item.parent_number IS NOT DISTINCT FROM 0 AS is_special,
                COALESCE(progress.is_played, FALSE) AS is_played,
                CASE WHEN progress.position_ms > 0 THEN progress.last_played_at END AS stopped_at
            FROM item
            LEFT JOIN progress ON progress.person_id = $1 AND progress.item_id = item.id
            WHERE item.root_id = $2
              AND item.form <> 'group'
              AND item.missing_since IS NULL
              AND item.library_id = ANY($3)
              AND ($4::uuid IS NULL OR item.parent_id = $4)
        ),
        reached AS (
            SELECT max(watch_order) AS watch_order FROM leaf WHERE is_played AND ($4 IS NOT NULL OR NOT is_special)
        )
        SELECT leaf.id AS "id: ItemId"
        FROM leaf
        CROSS JOIN reached
        ORDER BY
            leaf.stopped_at DESC NULLS LAST,
            leaf.is_special,
            leaf.is_played,
            NOT leaf.is_played AND leaf.watch_order < reached.watch_order,
            leaf.watch_order,
            leaf.id
        LIMIT 1
        "#,
        person.0,
        group.root_id.0,
        scope.ids(),
        (group.id != group.root_id).then_some(group.id.0),
    )
    .fetch_optional(db)
    .await?;
    Ok(id)
}

/// The picture of each role for each of these items: what somebody chose, else the best. Served by `image_item_idx` and
/// `chosen_image_shown_unique`.
pub async fn list_images(
    db: &mut PgConnection,
    scope: &LibraryScope,
    items: &[Uuid],
) -> Result<Vec<ImageRow>> {
    let images = sqlx::query_as!(
        ImageRow,
        r#"
        SELECT DISTINCT ON (found.item_id, found.role)
            found.id AS "id!: ImageId", found.item_id AS "item_id!: ItemId", found.role AS "role!", found.width,
            found.height, found.blurhash, found.color
        FROM (
            SELECT id, item_id, role, width, height, blurhash, color, '-1'::smallint AS rank
            FROM chosen_image
            WHERE item_id = ANY($1) AND is_shown AND role IN ('poster', 'thumb', 'backdrop')
            UNION ALL
            SELECT id, item_id, role, width, height, blurhash, color, rank
            FROM image
            WHERE item_id = ANY($1) AND content_hash IS NOT NULL AND role IN ('poster', 'thumb', 'backdrop')
        ) AS found
        JOIN item ON item.id = found.item_id
        WHERE item.library_id = ANY($2)
        ORDER BY found.item_id, found.role, found.rank, found.id
        "#,
        items,
        scope.ids(),
    )
    .fetch_all(db)
    .await?;
    Ok(images)
}

/// What `person` made of these items.
pub async fn list_personal(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    items: &[Uuid],
) -> Result<Vec<PersonalRow>> {
    let rows = sqlx::query_as!(
        PersonalRow,
        r#"
        SELECT
            item.id AS "item_id: ItemId",
            root.title AS "series_title?",
            progress.position_ms AS "position_ms?",
            progress.duration_ms,
            progress.is_played AS "is_played?",
            progress.play_count AS "play_count?",
            progress.last_played_at,
            group_progress.played_count AS "played_count?",
            group_progress.last_played_at AS group_last_played_at,
            favourite.item_id IS NOT NULL AS "is_favourite!"
        FROM item
        LEFT JOIN item AS root ON root.id = item.root_id AND item.root_id <> item.id
        LEFT JOIN progress ON progress.person_id = $3 AND progress.item_id = item.id
        LEFT JOIN group_progress ON group_progress.person_id = $3 AND group_progress.item_id = item.id
        LEFT JOIN favourite ON favourite.person_id = $3 AND favourite.item_id = item.id
        WHERE item.id = ANY($1) AND item.library_id = ANY($2)
        "#,
        items,
        scope.ids(),
        person.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}
