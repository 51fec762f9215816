//! SQL of a person's export.

use kernel::id::PersonId;
use kernel::{LibraryScope, Result};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::personal::export::{Made, Place, Row};

/// What the person made of one kind, behind `after`. Served by the primary keys, for plays by `play_event_person_idx`, and for
/// what is in lists by `playlist_person_idx` and `playlist_entry_position_idx`.
pub async fn list_made(
    db: &mut PgConnection,
    person: PersonId,
    made: Made,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Row>> {
    let (after, started_at) = (after.map(|it| it.id), after.and_then(|it| it.started_at));
    let rows = match made {
        Made::Progress => {
            sqlx::query_as!(
                Row,
                r#"
                SELECT
                    item_id AS id, NULL::timestamptz AS started_at, item_id, item_key,
                    jsonb_build_object(
                        'position_ms', position_ms, 'duration_ms', duration_ms, 'is_played', is_played,
                        'play_count', play_count, 'last_played_at', last_played_at) AS "made!: Value"
                FROM progress
                WHERE person_id = $1 AND ($2::uuid IS NULL OR item_id > $2)
                ORDER BY item_id
                LIMIT $3
                "#,
                person.0,
                after,
                limit,
            )
            .fetch_all(db)
            .await?
        }
        Made::Favourites => {
            sqlx::query_as!(
                Row,
                r#"
                SELECT
                    item_id AS id, NULL::timestamptz AS started_at, item_id, item_key,
                    jsonb_build_object('at', created_at) AS "made!: Value"
                FROM favourite
                WHERE person_id = $1 AND ($2::uuid IS NULL OR item_id > $2)
                ORDER BY item_id
                LIMIT $3
                "#,
                person.0,
                after,
                limit,
            )
            .fetch_all(db)
            .await?
        }
        Made::Ratings => {
            sqlx::query_as!(
                Row,
                r#"
                SELECT
                    item_id AS id, NULL::timestamptz AS started_at, item_id, item_key,
                    jsonb_build_object('half_stars', value, 'at', rated_at) AS "made!: Value"
                FROM rating
                WHERE person_id = $1 AND ($2::uuid IS NULL OR item_id > $2)
                ORDER BY item_id
                LIMIT $3
                "#,
                person.0,
                after,
                limit,
            )
            .fetch_all(db)
            .await?
        }
        Made::Hidden => {
            sqlx::query_as!(
                Row,
                r#"
                SELECT
                    item_id AS id, NULL::timestamptz AS started_at, item_id, item_key,
                    jsonb_build_object('at', created_at) AS "made!: Value"
                FROM hidden
                WHERE person_id = $1 AND ($2::uuid IS NULL OR item_id > $2)
                ORDER BY item_id
                LIMIT $3
                "#,
                person.0,
                after,
                limit,
            )
            .fetch_all(db)
            .await?
        }
        Made::PlaylistEntries => {
            sqlx::query_as!(
                Row,
                r#"
                SELECT
                    entry.id, NULL::timestamptz AS started_at, entry.item_id, entry.item_key,
                    jsonb_build_object(
                        'playlist', entry.playlist_id, 'place', entry.position, 'at', entry.added_at) AS "made!: Value"
                FROM playlist
                JOIN playlist_entry AS entry ON entry.playlist_id = playlist.id
                WHERE playlist.person_id = $1 AND ($2::uuid IS NULL OR entry.id > $2)
                ORDER BY entry.id
                LIMIT $3
                "#,
                person.0,
                after,
                limit,
            )
            .fetch_all(db)
            .await?
        }
        Made::Plays => {
            sqlx::query_as!(
                Row,
                r#"
                SELECT
                    id, started_at, item_id, item_key,
                    jsonb_build_object(
                        'title', title, 'started_at', started_at, 'ended_at', ended_at, 'watched_ms', watched_ms,
                        'end_position_ms', end_position_ms, 'is_completed', is_completed, 'method', method) AS "made!: Value"
                FROM play_event
                WHERE person_id = $1 AND ($2::uuid IS NULL OR started_at < $4 OR (started_at = $4 AND id > $2))
                ORDER BY started_at DESC, id
                LIMIT $3
                "#,
                person.0,
                after,
                limit,
                started_at,
            )
            .fetch_all(db)
            .await?
        }
    };
    Ok(rows)
}

/// What the items are, in words that another server understands.
pub async fn find_items(
    db: &mut PgConnection,
    scope: &LibraryScope,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Value)>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            item.id,
            jsonb_strip_nulls(jsonb_build_object(
                'kind', item.kind, 'title', item.title, 'year', item.year,
                'season', item.parent_number, 'number', item.number,
                'series', CASE WHEN root.id <> item.id THEN root.title END,
                'ids', (SELECT jsonb_object_agg(provider, value) FROM external_id WHERE item_id = item.id),
                'series_ids', (
                    SELECT jsonb_object_agg(provider, value) FROM external_id
                    WHERE item_id = root.id AND root.id <> item.id))) AS "item!: Value"
        FROM item
        JOIN item AS root ON root.id = item.root_id
        WHERE item.id = ANY($1) AND item.library_id = ANY($2) AND allows(item.marks, $3)
        "#,
        ids,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.id, it.item)).collect())
}
