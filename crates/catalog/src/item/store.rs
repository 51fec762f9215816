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
#[derive(Clone, Debug, Serialize, Deserialize, sqlx::FromRow)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// As the view `placed_special` counts.
    pub place: i64,
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
        WHERE id = ANY($1) AND library_id = ANY($2) AND allows(marks, $3)
        "#,
        ids,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(items)
}

/// The place of a leaf among those of its root, as the view `placed_special` counts.
const fn place_of(watch_order: i64) -> i64 {
    2 * watch_order + 1
}

/// The children of a group in order; a season also has the specials that belong among its episodes. Served by
/// `item_children_idx`, the specials by `item_root_idx`.
pub async fn list_children(
    db: &mut PgConnection,
    scope: &LibraryScope,
    parent: ItemId,
    after: Option<&ChildPlace>,
    limit: Limit,
) -> Result<Vec<(ChildPlace, ItemRow)>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            child.place AS "place!", item.id AS "id: ItemId", item.kind, item.form AS "form: Form",
            item.library_id AS "library_id: LibraryId", item.parent_id AS "parent_id: ItemId",
            item.root_id AS "root_id: ItemId", item.title, item.sort_title, item.year, item.released_on, item.runtime_ms,
            item.number, item.number_end, item.parent_number, item.watch_order, item.added_at, item.missing_since,
            item.child_count, item.leaf_count
        FROM (
            (
                SELECT id, 2 * watch_order + 1 AS place
                FROM item
                WHERE parent_id = $1
                  AND library_id = ANY($2) AND allows(marks, $8)
                  AND missing_since IS NULL
                  AND ($3::bigint IS NULL OR (
                      watch_order >= ($3 - 1) / 2
                      AND (2 * watch_order + 1, watch_order, sort_title, id) > ($3, $4, $5, $6)))
                ORDER BY watch_order, sort_title, id
                LIMIT $7
            )
            UNION ALL
            SELECT placed.id, placed.place
            FROM item AS season
            JOIN placed_special AS placed ON placed.root_id = season.root_id AND placed.season = season.number
            WHERE season.id = $1
              AND season.id <> season.root_id
              AND season.form = 'group'
              AND placed.library_id = ANY($2) AND allows(placed.marks, $8)
        ) AS child
        JOIN item ON item.id = child.id
        WHERE $3::bigint IS NULL OR (child.place, item.watch_order, item.sort_title, item.id) > ($3, $4, $5, $6)
        ORDER BY child.place, item.watch_order, item.sort_title, item.id
        LIMIT $7
        "#,
        parent.0,
        scope.ids(),
        after.map(|it| it.place),
        after.map(|it| it.watch_order),
        after.map(|it| it.sort_title.as_str()),
        after.map(|it| it.id.0),
        limit.probe(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    let rows = rows.into_iter().map(|it| {
        let row = ItemRow {
            id: it.id,
            kind: it.kind,
            form: it.form,
            library_id: it.library_id,
            parent_id: it.parent_id,
            root_id: it.root_id,
            title: it.title,
            sort_title: it.sort_title,
            year: it.year,
            released_on: it.released_on,
            runtime_ms: it.runtime_ms,
            number: it.number,
            number_end: it.number_end,
            parent_number: it.parent_number,
            watch_order: it.watch_order,
            added_at: it.added_at,
            missing_since: it.missing_since,
            child_count: it.child_count,
            leaf_count: it.leaf_count,
        };
        let (place, watch_order) = (it.place, row.watch_order);
        let sort_title = row.sort_title.clone();
        (ChildPlace { place, watch_order, sort_title, id: row.id }, row)
    });
    Ok(rows.collect())
}

/// The leaf after `item` among those of its root. From the regular ones it leads to those specials only that have a place
/// among them. Served by `item_root_idx`.
pub async fn find_leaf_after(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: &ItemRow,
) -> Result<Option<ItemId>> {
    let placed = sqlx::query_scalar!(
        r#"SELECT place AS "place!" FROM placed_special WHERE id = $1 AND library_id = ANY($2) AND allows(marks, $3)"#,
        item.id.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(&mut *db)
    .await?;
    let is_apart = item.parent_number == Some(0) && placed.is_none();
    let id = sqlx::query_scalar!(
        r#"
        SELECT leaf.id AS "id!: ItemId"
        FROM (
            (
                SELECT id, watch_order, 2 * watch_order + 1 AS place
                FROM item
                WHERE root_id = $1
                  AND form <> 'group'
                  AND missing_since IS NULL
                  AND library_id = ANY($2) AND allows(marks, $7)
                  AND watch_order >= ($3::bigint - 1) / 2
                  AND (2 * watch_order + 1, watch_order, id) > ($3, $4, $5)
                  AND (parent_number IS NOT DISTINCT FROM 0) = $6
                ORDER BY watch_order, id
                LIMIT 1
            )
            UNION ALL
            SELECT id, watch_order, place
            FROM placed_special
            WHERE root_id = $1 AND library_id = ANY($2) AND allows(marks, $7) AND (place, watch_order, id) > ($3, $4, $5)
        ) AS leaf
        ORDER BY leaf.place, leaf.watch_order, leaf.id
        LIMIT 1
        "#,
        item.root_id.0,
        scope.ids(),
        placed.unwrap_or_else(|| place_of(item.watch_order)),
        item.watch_order,
        item.id.0,
        is_apart,
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(id)
}

/// What to watch of a group: the leaf the person stands in, else the first one unplayed behind the last one played, else
/// the first unplayed, else the first. Specials come last but for those that have a place. Served by `item_root_idx`: walks
/// the leaves of one root.
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
                item.id, item.watch_order, COALESCE(placed.place, 2 * item.watch_order + 1) AS place,
                item.parent_number IS NOT DISTINCT FROM 0 AND item.parent_id IS DISTINCT FROM $4 AS is_special,
                item.parent_number IS NOT DISTINCT FROM 0 AND placed.id IS NULL AS is_apart,
                COALESCE(progress.is_played, FALSE) AS is_played,
                CASE WHEN progress.position_ms > 0 THEN progress.last_played_at END AS stopped_at
            FROM item
            LEFT JOIN progress ON progress.person_id = $1 AND progress.item_id = item.id
            LEFT JOIN placed_special AS placed ON placed.id = item.id AND item.parent_id IS DISTINCT FROM $4
            WHERE item.root_id = $2
              AND item.form <> 'group'
              AND item.missing_since IS NULL
              AND item.library_id = ANY($3) AND allows(item.marks, $6)
              AND ($4::uuid IS NULL OR item.parent_id = $4 OR placed.season = $5)
        ),
        reached AS (
            SELECT max(place) AS place FROM leaf WHERE is_played AND NOT is_special
        )
        SELECT leaf.id AS "id: ItemId"
        FROM leaf
        CROSS JOIN reached
        ORDER BY
            leaf.stopped_at DESC NULLS LAST,
            leaf.is_apart,
            leaf.is_played,
            NOT leaf.is_played AND leaf.place < reached.place,
            leaf.place,
            leaf.watch_order,
            leaf.id
        LIMIT 1
        "#,
        person.0,
        group.root_id.0,
        scope.ids(),
        (group.id != group.root_id).then_some(group.id.0),
        group.number,
        scope.guard(),
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
        WHERE item.library_id = ANY($2) AND allows(item.marks, $3)
        ORDER BY found.item_id, found.role, found.rank, found.id
        "#,
        items,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(images)
}

/// What of a group exists for a scope that keeps something from somebody.
pub struct SeenRow {
    pub id: ItemId,
    pub child_count: i32,
    pub leaf_count: i32,
    pub played_count: i32,
}

/// Counts what of these groups exists, and what of it `person` played. Served by `item_children_idx` and `item_root_idx`.
pub async fn list_seen(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    groups: &[Uuid],
) -> Result<Vec<SeenRow>> {
    let rows = sqlx::query_as!(
        SeenRow,
        r#"
        SELECT
            item.id AS "id: ItemId",
            (
                SELECT count(*)
                FROM item AS child
                WHERE child.parent_id = item.id AND child.missing_since IS NULL AND allows(child.marks, $4)
            )::integer AS "child_count!",
            leaf.total::integer AS "leaf_count!",
            leaf.played::integer AS "played_count!"
        FROM item
        CROSS JOIN LATERAL (
            SELECT count(*) AS total, count(*) FILTER (WHERE progress.is_played) AS played
            FROM item AS below
            LEFT JOIN progress ON progress.person_id = $3 AND progress.item_id = below.id
            WHERE below.root_id = item.root_id
              AND below.form <> 'group'
              AND item.id IN (below.root_id, below.parent_id)
              AND below.missing_since IS NULL
              AND allows(below.marks, $4)
        ) AS leaf
        WHERE item.id = ANY($1) AND item.library_id = ANY($2) AND allows(item.marks, $4)
        "#,
        groups,
        scope.ids(),
        person.0,
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
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
        WHERE item.id = ANY($1) AND item.library_id = ANY($2) AND allows(item.marks, $4)
        "#,
        items,
        scope.ids(),
        person.0,
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}

#[cfg(test)]
mod marks;
