//! SQL that gives people what they had made elsewhere. Each statement may be said again and changes nothing then.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{ItemId, PersonId};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::arrival::{Made, Set};

/// New and changed rows of progress. The later play has the word on the position, from 5 % to 90 % of the running time as
/// everywhere; counts only grow; what was played stays so, unless the person said after the last play elsewhere that it was
/// not.
pub async fn merge_progress(
    db: &mut PgConnection,
    person: PersonId,
    made: &[Made],
    now: DateTime<Utc>,
) -> Result<(i64, i64)> {
    let rows = sqlx::query_scalar!(
        r#"
        WITH it AS (
            SELECT * FROM jsonb_to_recordset($2) AS it (
                item_id uuid, is_played boolean, play_count integer, position_ms bigint, last_played_at timestamptz)
        ),
        said AS (
            SELECT
                item.id, item.kind || ':' || item.identity AS item_key, item.runtime_ms, it.is_played, it.play_count,
                it.last_played_at,
                CASE
                    WHEN it.position_ms <= 0 THEN 0
                    WHEN item.runtime_ms > 0 AND (
                        it.position_ms < item.runtime_ms / 20 OR it.position_ms >= item.runtime_ms / 10 * 9) THEN 0
                    ELSE it.position_ms
                END AS position_ms
            FROM it
            JOIN item ON item.id = it.item_id
            WHERE item.form <> 'group'
        )
        INSERT INTO progress AS own (
            person_id, item_id, item_key, position_ms, duration_ms, is_played, play_count, last_played_at, updated_at
        )
        SELECT
            $1, said.id, said.item_key, said.position_ms, said.runtime_ms, said.is_played, said.play_count,
            said.last_played_at, COALESCE(said.last_played_at, $3)
        FROM said
        WHERE said.is_played OR said.play_count > 0 OR said.position_ms > 0
        ORDER BY said.id
        ON CONFLICT ON CONSTRAINT progress_pkey DO UPDATE
        SET is_played = own.is_played OR (excluded.is_played AND NOT (
                own.play_count > 0 AND (excluded.last_played_at IS NULL OR own.updated_at > excluded.last_played_at))),
            play_count = GREATEST(own.play_count, excluded.play_count),
            position_ms = CASE
                WHEN excluded.last_played_at > COALESCE(own.last_played_at, own.updated_at) THEN excluded.position_ms
                ELSE own.position_ms
            END,
            duration_ms = COALESCE(own.duration_ms, excluded.duration_ms),
            last_played_at = GREATEST(own.last_played_at, excluded.last_played_at),
            updated_at = GREATEST(own.updated_at, excluded.last_played_at)
        WHERE (own.is_played OR (excluded.is_played AND NOT (
                own.play_count > 0 AND (excluded.last_played_at IS NULL OR own.updated_at > excluded.last_played_at))))
                IS DISTINCT FROM own.is_played
            OR excluded.play_count > own.play_count
            OR excluded.last_played_at > own.last_played_at
            OR (own.last_played_at IS NULL AND excluded.last_played_at IS NOT NULL)
        RETURNING (own.xmax = 0) AS "is_new!"
        "#,
        person.0,
        Json(made) as _,
        now,
    )
    .fetch_all(db)
    .await?;
    let n_new = rows.iter().filter(|it| **it).count() as i64;
    Ok((n_new, rows.len() as i64 - n_new))
}

/// Notes plays that the history does not have yet. Served by `play_event_item_idx`.
pub async fn insert_plays(
    db: &mut PgConnection,
    person: PersonId,
    items: &[Uuid],
    times: &[DateTime<Utc>],
) -> Result<i64> {
    let done = sqlx::query!(
        r#"
        INSERT INTO play_event (person_id, item_id, item_key, title, started_at, ended_at, is_completed)
        SELECT $1, item.id, item.kind || ':' || item.identity, item.title, it.at, it.at, TRUE
        FROM (SELECT DISTINCT * FROM UNNEST($2::uuid[], $3::timestamptz[])) AS it (item_id, at)
        JOIN item ON item.id = it.item_id
        WHERE item.form <> 'group' AND NOT EXISTS (
            SELECT FROM play_event AS known
            WHERE known.item_id = it.item_id AND known.started_at = it.at AND known.person_id = $1)
        "#,
        person.0,
        items,
        times,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Makes items favourites that were not brought as such before.
pub async fn insert_favourites(
    db: &mut PgConnection,
    person: PersonId,
    items: &[Uuid],
    now: DateTime<Utc>,
) -> Result<i64> {
    let done = sqlx::query!(
        r#"
        WITH fresh AS (
            INSERT INTO arrived (person_id, item_key, what)
            SELECT DISTINCT $1::uuid, item.kind || ':' || item.identity, 'favourite' FROM item WHERE item.id = ANY($2)
            ON CONFLICT ON CONSTRAINT arrived_pkey DO NOTHING
            RETURNING item_key
        )
        INSERT INTO favourite (person_id, item_id, item_key, created_at)
        SELECT $1, item.id, item.kind || ':' || item.identity, $3
        FROM item
        JOIN fresh ON fresh.item_key = item.kind || ':' || item.identity
        WHERE item.id = ANY($2)
        ON CONFLICT ON CONSTRAINT favourite_pkey DO NOTHING
        "#,
        person.0,
        items,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// Rates items that the person has not rated here and that were not brought rated before.
pub async fn insert_ratings(
    db: &mut PgConnection,
    person: PersonId,
    items: &[Uuid],
    values: &[i16],
    now: DateTime<Utc>,
) -> Result<i64> {
    let done = sqlx::query!(
        r#"
        WITH fresh AS (
            INSERT INTO arrived (person_id, item_key, what)
            SELECT DISTINCT $1::uuid, item.kind || ':' || item.identity, 'rating' FROM item WHERE item.id = ANY($2)
            ON CONFLICT ON CONSTRAINT arrived_pkey DO NOTHING
            RETURNING item_key
        )
        INSERT INTO rating (person_id, item_id, item_key, value, rated_at)
        SELECT $1, item.id, item.kind || ':' || item.identity, it.value, $4
        FROM UNNEST($2::uuid[], $3::smallint[]) AS it (item_id, value)
        JOIN item ON item.id = it.item_id
        JOIN fresh ON fresh.item_key = item.kind || ':' || item.identity
        ON CONFLICT ON CONSTRAINT rating_pkey DO NOTHING
        "#,
        person.0,
        items,
        values,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}

/// The topmost items of these. Served by `item_pkey`.
pub async fn list_roots_unscoped(db: &mut PgConnection, items: &[Uuid]) -> Result<Vec<ItemId>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT DISTINCT root_id AS "root_id!: ItemId" FROM item WHERE id = ANY($1)"#,
        items,
    )
    .fetch_all(db)
    .await?)
}

/// A set of the house of this name, and whether sources keep it. One that people made comes first.
pub async fn find_set(db: &mut PgConnection, sort_name: &str) -> Result<Option<(Uuid, bool)>> {
    let row = sqlx::query!(
        r#"
        SELECT id, identity IS NOT NULL AS "is_of_source!"
        FROM collection
        WHERE kind = 'collection' AND sort_name = $1 AND person_id IS NULL
        ORDER BY identity IS NOT NULL, id
        LIMIT 1
        "#,
        sort_name,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (it.id, it.is_of_source)))
}

/// Makes a set of the house that no source keeps.
pub async fn insert_set(
    db: &mut PgConnection,
    id: Uuid,
    set: &Set,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO collection (id, kind, name, sort_name, overview, created_at, updated_at)
        VALUES ($1, 'collection', $2, $3, $4, $5, $5)
        ",
        id,
        set.name,
        set.sort_name,
        set.overview,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts items into a set, behind what is in it.
pub async fn insert_set_items(
    db: &mut PgConnection,
    set: Uuid,
    items: &[Uuid],
    now: DateTime<Utc>,
) -> Result<i64> {
    let done = sqlx::query!(
        r#"
        INSERT INTO collection_item (collection_id, position, item_id, item_key, added_at)
        SELECT $1::uuid,
               COALESCE((SELECT max(position) FROM collection_item WHERE collection_id = $1), -1)
                   + row_number() OVER (ORDER BY it.place)::integer,
               item.id, item.kind || ':' || item.identity, $3
        FROM UNNEST($2::uuid[]) WITH ORDINALITY AS it (item_id, place)
        JOIN item ON item.id = it.item_id
        WHERE NOT EXISTS (
            SELECT FROM collection_item AS known
            WHERE known.item_id = item.id AND known.collection_id = $1)
        "#,
        set,
        items,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() as i64)
}
