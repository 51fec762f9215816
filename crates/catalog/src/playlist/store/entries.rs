//! SQL of what is in playlists. An entry whose item is not there, or not in the scope, is in no answer and keeps its place.

use chrono::{DateTime, Utc};
use kernel::id::ItemId;
use kernel::{LibraryScope, Limit, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::playlist::{EntryId, PlaylistId};

/// Where a page of entries ended.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct EntryPlace {
    pub position: i64,
    pub id: EntryId,
}

/// An entry.
#[derive(Clone, Copy, Debug)]
pub struct EntryRow {
    pub id: EntryId,
    pub position: i64,
    pub item_id: ItemId,
}

/// The positions that something goes between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub before: Option<i64>,
    pub after: Option<i64>,
}

/// The entries of a list in order. The page goes on behind where the last entry is now, if it still is. Served by
/// `playlist_entry_position_idx`.
pub async fn list_entries(
    db: &mut PgConnection,
    scope: &LibraryScope,
    list: PlaylistId,
    after: Option<&EntryPlace>,
    limit: Limit,
) -> Result<Vec<EntryRow>> {
    Ok(sqlx::query_as!(
        EntryRow,
        r#"
        SELECT entry.id AS "id: EntryId", entry.position, entry.item_id AS "item_id: ItemId"
        FROM playlist_entry AS entry
        JOIN item ON item.id = entry.item_id
        WHERE entry.playlist_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
          AND item.missing_since IS NULL
          AND ($4::bigint IS NULL OR (entry.position, entry.id) > (
              COALESCE((SELECT position FROM playlist_entry WHERE id = $5 AND playlist_id = $1), $4), $5))
        ORDER BY entry.position, entry.id
        LIMIT $6
        "#,
        list.0,
        scope.ids(),
        scope.guard(),
        after.map(|it| it.position),
        after.map(|it| it.id.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?)
}

/// The entry after one, or the first. Served by `playlist_entry_position_idx`.
pub async fn find_next(
    db: &mut PgConnection,
    scope: &LibraryScope,
    list: PlaylistId,
    after: Option<EntryId>,
) -> Result<Option<EntryRow>> {
    Ok(sqlx::query_as!(
        EntryRow,
        r#"
        SELECT entry.id AS "id: EntryId", entry.position, entry.item_id AS "item_id: ItemId"
        FROM playlist_entry AS entry
        JOIN item ON item.id = entry.item_id
        WHERE entry.playlist_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
          AND item.missing_since IS NULL
          AND ($4::uuid IS NULL OR (entry.position, entry.id) > (
              (SELECT position FROM playlist_entry WHERE id = $4 AND playlist_id = $1), $4))
        ORDER BY entry.position, entry.id
        LIMIT 1
        "#,
        list.0,
        scope.ids(),
        scope.guard(),
        after.map(|it| it.0),
    )
    .fetch_optional(db)
    .await?)
}

/// The same in the order that a number makes of the list: all of it is looked at.
pub async fn find_next_shuffled(
    db: &mut PgConnection,
    scope: &LibraryScope,
    list: PlaylistId,
    after: Option<EntryId>,
    seed: i64,
) -> Result<Option<EntryRow>> {
    Ok(sqlx::query_as!(
        EntryRow,
        r#"
        SELECT entry.id AS "id: EntryId", entry.position, entry.item_id AS "item_id: ItemId"
        FROM playlist_entry AS entry
        JOIN item ON item.id = entry.item_id
        WHERE entry.playlist_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
          AND item.missing_since IS NULL
          AND ($4::uuid IS NULL OR (hashtextextended(entry.id::text, $5), entry.id) > (hashtextextended($4::uuid::text, $5), $4))
        ORDER BY hashtextextended(entry.id::text, $5), entry.id
        LIMIT 1
        "#,
        list.0,
        scope.ids(),
        scope.guard(),
        after.map(|it| it.0),
        seed,
    )
    .fetch_optional(db)
    .await?)
}

/// How many entries a list has, whoever sees them.
pub async fn count_entries(db: &mut PgConnection, list: PlaylistId) -> Result<i64> {
    let n = sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM playlist_entry WHERE playlist_id = $1"#,
        list.0
    );
    Ok(n.fetch_one(db).await?)
}

/// Whether the list has this entry, for the scope.
pub async fn has_entry(
    db: &mut PgConnection,
    scope: &LibraryScope,
    list: PlaylistId,
    entry: EntryId,
) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM playlist_entry AS entry
            JOIN item ON item.id = entry.item_id
            WHERE entry.id = $2 AND entry.playlist_id = $1 AND item.library_id = ANY($3) AND allows(item.marks, $4)
        ) AS "has!"
        "#,
        list.0,
        entry.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_one(db)
    .await?)
}

/// How many of these items exist for the scope.
pub async fn count_items(
    db: &mut PgConnection,
    scope: &LibraryScope,
    items: &[Uuid],
) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM item WHERE id = ANY($1) AND library_id = ANY($2) AND allows(marks, $3)"#,
        items,
        scope.ids(),
        scope.guard(),
    )
    .fetch_one(db)
    .await?)
}

/// What plays of these items, in their order: of a group all its leaves that are there. Served by `item_pkey`, `item_root_idx`
/// and `item_children_idx`.
pub async fn list_leaves(
    db: &mut PgConnection,
    scope: &LibraryScope,
    items: &[Uuid],
    limit: i64,
) -> Result<Vec<ItemId>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT leaf.id AS "id!: ItemId"
        FROM UNNEST($1::uuid[]) WITH ORDINALITY AS it (item_id, place)
        JOIN item AS named ON named.id = it.item_id
        CROSS JOIN LATERAL (
            SELECT id, watch_order, form, library_id, marks, missing_since
            FROM item
            WHERE id = named.id
            UNION ALL
            SELECT id, watch_order, form, library_id, marks, missing_since
            FROM item
            WHERE root_id = named.id AND form <> 'group' AND named.form = 'group' AND named.root_id = named.id
            UNION ALL
            SELECT id, watch_order, form, library_id, marks, missing_since
            FROM item
            WHERE parent_id = named.id AND named.form = 'group' AND named.root_id <> named.id
        ) AS leaf
        WHERE leaf.form = 'video' AND leaf.missing_since IS NULL
          AND leaf.library_id = ANY($2) AND allows(leaf.marks, $3)
        ORDER BY it.place, leaf.watch_order, leaf.id
        LIMIT $4
        "#,
        items,
        scope.ids(),
        scope.guard(),
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// The position of the first entry but for the one that is moved.
pub async fn find_first(
    db: &mut PgConnection,
    list: PlaylistId,
    moved: Option<EntryId>,
) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT position FROM playlist_entry
        WHERE playlist_id = $1 AND id IS DISTINCT FROM $2
        ORDER BY position
        LIMIT 1
        "#,
        list.0,
        moved.map(|it| it.0),
    )
    .fetch_optional(db)
    .await?)
}

/// The position of the last entry but for the one that is moved.
pub async fn find_last(
    db: &mut PgConnection,
    list: PlaylistId,
    moved: Option<EntryId>,
) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT position FROM playlist_entry
        WHERE playlist_id = $1 AND id IS DISTINCT FROM $2
        ORDER BY position DESC
        LIMIT 1
        "#,
        list.0,
        moved.map(|it| it.0),
    )
    .fetch_optional(db)
    .await?)
}

/// Between which positions something behind `entry` goes; none where the list has no such entry.
pub async fn find_gap_after(
    db: &mut PgConnection,
    list: PlaylistId,
    entry: EntryId,
    moved: Option<EntryId>,
) -> Result<Option<Gap>> {
    let row = sqlx::query!(
        r#"
        SELECT before.position AS before, (
            SELECT behind.position
            FROM playlist_entry AS behind
            WHERE behind.playlist_id = $1 AND behind.position > before.position AND behind.id IS DISTINCT FROM $3
            ORDER BY behind.position
            LIMIT 1
        ) AS after
        FROM playlist_entry AS before
        WHERE before.id = $2 AND before.playlist_id = $1
        "#,
        list.0,
        entry.0,
        moved.map(|it| it.0),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| Gap { before: Some(it.before), after: it.after }))
}

/// Has the entries of a list stand so far from each other, in the order that they have.
pub async fn spread(db: &mut PgConnection, list: PlaylistId, gap: i64) -> Result<()> {
    sqlx::query!(
        "
        UPDATE playlist_entry AS entry
        SET position = it.place * $2
        FROM (
            SELECT id, row_number() OVER (ORDER BY position, id) AS place
            FROM playlist_entry
            WHERE playlist_id = $1
        ) AS it
        WHERE entry.id = it.id
        ",
        list.0,
        gap,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts items into a list, the first at this position.
pub async fn insert_entries(
    db: &mut PgConnection,
    list: PlaylistId,
    items: &[Uuid],
    first: i64,
    step: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO playlist_entry (playlist_id, position, item_id, item_key, added_at)
        SELECT $1, $3::bigint + (it.place - 1) * $4::bigint, item.id, item.kind || ':' || item.identity, $5
        FROM UNNEST($2::uuid[]) WITH ORDINALITY AS it (item_id, place)
        JOIN item ON item.id = it.item_id
        "#,
        list.0,
        items,
        first,
        step,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Has an entry stand elsewhere.
pub async fn update_position(db: &mut PgConnection, entry: EntryId, position: i64) -> Result<()> {
    sqlx::query!("UPDATE playlist_entry SET position = $2 WHERE id = $1", entry.0, position)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes entries out of a list.
pub async fn delete_entries(
    db: &mut PgConnection,
    list: PlaylistId,
    entries: &[Uuid],
) -> Result<()> {
    sqlx::query!(
        "DELETE FROM playlist_entry WHERE playlist_id = $1 AND id = ANY($2)",
        list.0,
        entries
    )
    .execute(db)
    .await?;
    Ok(())
}
