//! SQL of playlists that come from other servers. What was brought once does not come again.

use kernel::Result;
use kernel::id::{ItemId, PersonId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::playlist::PlaylistId;

/// Notes that a list of this origin was brought to somebody; false where it was before.
pub async fn insert_arrived(db: &mut PgConnection, person: PersonId, origin: &str) -> Result<bool> {
    let done = sqlx::query!(
        "
        INSERT INTO arrived (person_id, item_key, what) VALUES ($1, $2, 'playlist')
        ON CONFLICT ON CONSTRAINT arrived_pkey DO NOTHING
        ",
        person.0,
        origin,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The list of this origin, if the person still has it, locked until the transaction ends. Served by
/// `playlist_origin_unique`.
pub async fn lock_list(
    db: &mut PgConnection,
    person: PersonId,
    origin: &str,
) -> Result<Option<PlaylistId>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT id AS "id: PlaylistId" FROM playlist WHERE person_id = $1 AND origin = $2 FOR UPDATE"#,
        person.0,
        origin,
    )
    .fetch_optional(db)
    .await?)
}

/// Whether something of this plays here.
pub async fn has_playable_unscoped(db: &mut PgConnection, items: &[Uuid]) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM item WHERE id = ANY($1) AND form = 'video') AS "has!""#,
        items,
    )
    .fetch_one(db)
    .await?)
}

/// Those of the items, in order, that were not brought into the list of this origin before: the same twice where it is there
/// twice. Of what does not play there is nothing.
pub async fn insert_arrived_items_unscoped(
    db: &mut PgConnection,
    person: PersonId,
    origin: &str,
    items: &[Uuid],
) -> Result<Vec<ItemId>> {
    Ok(sqlx::query_scalar!(
        r#"
        WITH named AS (
            SELECT
                item.id, it.place,
                $2::text || ' ' || row_number() OVER (PARTITION BY item.id ORDER BY it.place) || ' '
                    || item.kind || ':' || item.identity AS key
            FROM UNNEST($3::uuid[]) WITH ORDINALITY AS it (item_id, place)
            JOIN item ON item.id = it.item_id
            WHERE item.form = 'video'
        ),
        fresh AS (
            INSERT INTO arrived (person_id, item_key, what)
            SELECT DISTINCT $1::uuid, key, 'playlist_entry' FROM named
            ON CONFLICT ON CONSTRAINT arrived_pkey DO NOTHING
            RETURNING item_key
        )
        SELECT DISTINCT ON (named.place) named.id AS "id!: ItemId"
        FROM named
        JOIN fresh ON fresh.item_key = named.key
        ORDER BY named.place
        "#,
        person.0,
        origin,
        items,
    )
    .fetch_all(db)
    .await?)
}
