//! SQL of playlists themselves. One of somebody else's exists where it is shared and something in it is in the scope.

pub(crate) mod brought;
mod entries;

use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{LibraryScope, Limit, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) use entries::count_entries;
pub(super) use entries::*;

use super::PlaylistId;

/// Items of a list that are looked at for the pictures of its tile: some have the same.
const LOOKED_AT: i32 = 8;

/// Where a page of lists ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaylistPlace {
    pub sort_name: String,
    pub id: PlaylistId,
}

/// A list, with what of it is in the scope.
#[derive(Clone, Debug)]
pub struct PlaylistRow {
    pub id: PlaylistId,
    pub person_id: PersonId,
    pub name: String,
    pub sort_name: String,
    pub overview: Option<String>,
    pub is_shared: bool,
    pub item_count: i64,
    pub runtime_ms: i64,
    pub firsts: Vec<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What is said of a list, by whom.
#[derive(Clone, Debug)]
pub struct OwnRow {
    pub person_id: PersonId,
    pub name: String,
    pub sort_name: String,
    pub overview: Option<String>,
    pub is_shared: bool,
}

/// A list to be.
#[derive(Clone, Copy, Debug)]
pub struct NewRow<'a> {
    pub id: PlaylistId,
    pub person_id: PersonId,
    pub name: &'a str,
    pub sort_name: &'a str,
    pub overview: Option<&'a str>,
    pub is_shared: bool,
    pub origin: Option<&'a str>,
}

/// The person's lists, and those of others that exist for them, by name. Served by `playlist_person_idx` and
/// `playlist_shared_idx`, and `playlist_entry_position_idx` for each: not by `EXISTS`, which
/// the planner would answer for all lists at once.
pub async fn list_playlists(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    only_mine: bool,
    after: Option<&PlaylistPlace>,
    limit: Limit,
) -> Result<Vec<PlaylistRow>> {
    Ok(sqlx::query_as!(
        PlaylistRow,
        r#"
        SELECT
            list.id AS "id!: PlaylistId", list.person_id AS "person_id!: PersonId", list.name AS "name!",
            list.sort_name AS "sort_name!", list.overview, list.is_shared AS "is_shared!",
            seen.item_count AS "item_count!", seen.runtime_ms AS "runtime_ms!", seen.firsts AS "firsts!",
            list.created_at AS "created_at!", list.updated_at AS "updated_at!"
        FROM (
            (
                SELECT id, person_id, name, sort_name, overview, is_shared, created_at, updated_at
                FROM playlist
                WHERE person_id = $1 AND ($4::text IS NULL OR (sort_name, id) > ($4, $5))
                ORDER BY sort_name, id
                LIMIT $6
            )
            UNION ALL
            (
                SELECT id, person_id, name, sort_name, overview, is_shared, created_at, updated_at
                FROM playlist
                WHERE is_shared AND NOT $7 AND person_id <> $1
                  AND ($4::text IS NULL OR (sort_name, id) > ($4, $5))
                  AND COALESCE((
                      SELECT TRUE
                      FROM playlist_entry AS entry
                      JOIN item ON item.id = entry.item_id
                      WHERE entry.playlist_id = playlist.id AND item.library_id = ANY($2) AND allows(item.marks, $3)
                        AND item.missing_since IS NULL
                      LIMIT 1), FALSE)
                ORDER BY sort_name, id
                LIMIT $6
            )
        ) AS list
        CROSS JOIN LATERAL (
            SELECT
                count(*) AS item_count, COALESCE(sum(item.runtime_ms), 0)::bigint AS runtime_ms,
                COALESCE((array_agg(item.id ORDER BY entry.position, entry.id))[1:$8], '{}') AS firsts
            FROM playlist_entry AS entry
            JOIN item ON item.id = entry.item_id
            WHERE entry.playlist_id = list.id AND item.library_id = ANY($2) AND allows(item.marks, $3)
              AND item.missing_since IS NULL
        ) AS seen
        ORDER BY list.sort_name, list.id
        LIMIT $6
        "#,
        person.0,
        scope.ids(),
        scope.guard(),
        after.map(|it| it.sort_name.as_str()),
        after.map(|it| it.id.0),
        limit.probe(),
        only_mine,
        LOOKED_AT,
    )
    .fetch_all(db)
    .await?)
}

/// One list, if it exists for the person.
pub async fn find_playlist(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    id: PlaylistId,
) -> Result<Option<PlaylistRow>> {
    Ok(sqlx::query_as!(
        PlaylistRow,
        r#"
        SELECT
            list.id AS "id: PlaylistId", list.person_id AS "person_id: PersonId", list.name, list.sort_name, list.overview,
            list.is_shared, seen.item_count AS "item_count!", seen.runtime_ms AS "runtime_ms!",
            seen.firsts AS "firsts!", list.created_at, list.updated_at
        FROM playlist AS list
        CROSS JOIN LATERAL (
            SELECT
                count(*) AS item_count, COALESCE(sum(item.runtime_ms), 0)::bigint AS runtime_ms,
                COALESCE((array_agg(item.id ORDER BY entry.position, entry.id))[1:$5], '{}') AS firsts
            FROM playlist_entry AS entry
            JOIN item ON item.id = entry.item_id
            WHERE entry.playlist_id = list.id AND item.library_id = ANY($2) AND allows(item.marks, $3)
              AND item.missing_since IS NULL
        ) AS seen
        WHERE list.id = $4 AND (list.person_id = $1 OR (list.is_shared AND seen.item_count > 0))
        "#,
        person.0,
        scope.ids(),
        scope.guard(),
        id.0,
        LOOKED_AT,
    )
    .fetch_optional(db)
    .await?)
}

/// Whether one list exists for the person; nothing of it is counted.
pub async fn exists(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    id: PlaylistId,
) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM playlist
            WHERE id = $1 AND (person_id = $2 OR (is_shared AND EXISTS (
                SELECT FROM playlist_entry AS entry
                JOIN item ON item.id = entry.item_id
                WHERE entry.playlist_id = playlist.id AND item.library_id = ANY($3) AND allows(item.marks, $4)
                  AND item.missing_since IS NULL)))) AS "exists!"
        "#,
        id.0,
        person.0,
        scope.ids(),
        scope.guard(),
    );
    Ok(found.fetch_one(db).await?)
}

/// What is said of a list that exists for the person, locked until the transaction ends.
pub async fn lock_playlist(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: PersonId,
    id: PlaylistId,
) -> Result<Option<OwnRow>> {
    Ok(sqlx::query_as!(
        OwnRow,
        r#"
        SELECT person_id AS "person_id: PersonId", name, sort_name, overview, is_shared
        FROM playlist
        WHERE id = $1 AND (person_id = $2 OR (is_shared AND EXISTS (
            SELECT FROM playlist_entry AS entry
            JOIN item ON item.id = entry.item_id
            WHERE entry.playlist_id = playlist.id AND item.library_id = ANY($3) AND allows(item.marks, $4)
              AND item.missing_since IS NULL)))
        FOR UPDATE
        "#,
        id.0,
        person.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}

/// Lets nobody else make a list for the person until the transaction ends, so that two at once do not pass the limit.
pub async fn lock_lists(db: &mut PgConnection, person: PersonId) -> Result<()> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('core.playlist' || $1::uuid::text, 0))",
        person.0
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How many lists somebody has. Served by `playlist_person_idx`.
pub async fn count_lists(db: &mut PgConnection, person: PersonId) -> Result<i64> {
    let n = sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM playlist WHERE person_id = $1"#,
        person.0
    );
    Ok(n.fetch_one(db).await?)
}

/// Keeps a new list.
pub async fn insert_playlist(
    db: &mut PgConnection,
    new: &NewRow<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO playlist (id, person_id, name, sort_name, overview, is_shared, origin, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        ",
        new.id.0,
        new.person_id.0,
        new.name,
        new.sort_name,
        new.overview,
        new.is_shared,
        new.origin,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps what is said of a list.
pub async fn update_playlist(
    db: &mut PgConnection,
    id: PlaylistId,
    list: &OwnRow,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE playlist SET name = $2, sort_name = $3, overview = $4, is_shared = $5, updated_at = $6
        WHERE id = $1
        ",
        id.0,
        list.name,
        list.sort_name,
        list.overview,
        list.is_shared,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that what is in a list changed.
pub async fn touch_playlist(
    db: &mut PgConnection,
    id: PlaylistId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("UPDATE playlist SET updated_at = $2 WHERE id = $1", id.0, now)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes a list with its entries.
pub async fn delete_playlist(db: &mut PgConnection, id: PlaylistId) -> Result<()> {
    sqlx::query!("DELETE FROM playlist WHERE id = $1", id.0).execute(db).await?;
    Ok(())
}

/// Deletes all lists of a person. Served by `playlist_person_idx`.
pub async fn delete_playlists_of(db: &mut PgConnection, person: PersonId) -> Result<()> {
    sqlx::query!("DELETE FROM playlist WHERE person_id = $1", person.0).execute(db).await?;
    Ok(())
}
