//! SQL of who wants what.

use chrono::{DateTime, Utc};
use kernel::id::{ItemId, PersonId};
use kernel::{Limit, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::request::{Kind, RequestId, RequestRow, State, Wish};

/// Those who want a title, that are named.
const MAX_ASKERS: i64 = 20;

/// Requests of a person that nothing came of yet. Served by `wish_person_idx`.
pub(crate) async fn count_open(db: &mut PgConnection, person: PersonId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
        FROM requests.wish
        JOIN requests.request ON request.id = wish.request_id
        WHERE wish.person_id = $1 AND wish.here_at IS NULL AND request.answer <> 'declined'
        "#,
        person.0,
    )
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// A person's wish for a title.
pub(crate) async fn find_wish(
    db: &mut PgConnection,
    id: RequestId,
    person: PersonId,
) -> Result<Option<Wish>> {
    let row = sqlx::query_as!(
        Wish,
        r#"
        SELECT request_id AS "request_id: RequestId", person_id AS "person_id: PersonId", word, seasons, wished_at,
               here_at, item_id AS "item_id: ItemId"
        FROM requests.wish
        WHERE request_id = $1 AND person_id = $2
        "#,
        id.0,
        person.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// Writes down that a person wants a title, once more where they did: what they say now counts.
pub(crate) async fn upsert_wish(
    db: &mut PgConnection,
    id: RequestId,
    person: PersonId,
    (word, seasons): (Option<&str>, &[i32]),
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO requests.wish (request_id, person_id, word, seasons, wished_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ON CONSTRAINT wish_pkey DO UPDATE
        SET word = excluded.word, seasons = excluded.seasons, here_at = NULL, item_id = NULL
        ",
        id.0,
        person.0,
        word,
        seasons,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A person wants it no more.
pub(crate) async fn delete_wish(
    db: &mut PgConnection,
    id: RequestId,
    person: PersonId,
) -> Result<()> {
    sqlx::query!(
        "DELETE FROM requests.wish WHERE request_id = $1 AND person_id = $2",
        id.0,
        person.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A person's wishes with their titles, the newest titles first. Served by `wish_person_idx`.
pub(crate) async fn list_mine(
    db: &mut PgConnection,
    person: PersonId,
    before: Option<RequestId>,
    limit: Limit,
) -> Result<Vec<(RequestRow, Wish)>> {
    let rows = sqlx::query!(
        r#"
        SELECT request.id AS "id: RequestId", request.kind AS "kind: Kind", request.title, request.year, request.poster,
               request.answer AS "answer: State", request.state AS "state: State", request.word AS answer_word,
               request.answered_at, request.created_at,
               wish.word, wish.seasons, wish.wished_at, wish.here_at, wish.item_id AS "item_id: ItemId"
        FROM requests.wish
        JOIN requests.request ON request.id = wish.request_id
        WHERE wish.person_id = $1 AND ($2::uuid IS NULL OR wish.request_id < $2)
        ORDER BY wish.request_id DESC
        LIMIT $3
        "#,
        person.0,
        before.map(|it| it.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    let both = rows.into_iter().map(|it| {
        let title = RequestRow {
            id: it.id,
            kind: it.kind,
            title: it.title,
            year: it.year,
            poster: it.poster,
            answer: it.answer,
            state: it.state,
            word: it.answer_word,
            answered_at: it.answered_at,
            created_at: it.created_at,
        };
        let wish = Wish {
            request_id: it.id,
            person_id: person,
            word: it.word,
            seasons: it.seasons,
            wished_at: it.wished_at,
            here_at: it.here_at,
            item_id: it.item_id,
        };
        (title, wish)
    });
    Ok(both.collect())
}

/// Who wants these titles: how many of each there are, and the first ones of them. Served by `wish_pkey`.
pub(crate) async fn list_askers(
    db: &mut PgConnection,
    requests: &[Uuid],
) -> Result<Vec<(i64, Wish)>> {
    let rows = sqlx::query!(
        r#"
        SELECT wish.request_id AS "request_id!: RequestId", wish.person_id AS "person_id!: PersonId", wish.word,
               wish.seasons AS "seasons!", wish.wished_at AS "wished_at!", wish.here_at,
               wish.item_id AS "item_id: ItemId", wish.total AS "total!"
        FROM unnest($1::uuid[]) AS asked (id)
        CROSS JOIN LATERAL (
            SELECT *, count(*) OVER () AS total
            FROM requests.wish
            WHERE wish.request_id = asked.id
            ORDER BY wished_at, person_id
            LIMIT $2
        ) AS wish
        "#,
        requests,
        MAX_ASKERS,
    )
    .fetch_all(db)
    .await?;
    let both = rows.into_iter().map(|it| {
        let wish = Wish {
            request_id: it.request_id,
            person_id: it.person_id,
            word: it.word,
            seasons: it.seasons,
            wished_at: it.wished_at,
            here_at: it.here_at,
            item_id: it.item_id,
        };
        (it.total, wish)
    });
    Ok(both.collect())
}

/// Everybody who wants a title and does not have it. Served by `wish_open_idx`.
pub(crate) async fn list_waiting_for(
    db: &mut PgConnection,
    id: RequestId,
) -> Result<Vec<PersonId>> {
    let people = sqlx::query_scalar!(
        r#"
        SELECT person_id AS "person_id: PersonId"
        FROM requests.wish
        WHERE request_id = $1 AND here_at IS NULL
        ORDER BY person_id
        "#,
        id.0,
    )
    .fetch_all(db)
    .await?;
    Ok(people)
}

/// Notes that a title is here for these people, as this item; false where that was known of all of them.
pub(crate) async fn mark_here(
    db: &mut PgConnection,
    id: RequestId,
    people: &[Uuid],
    item: Option<ItemId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let marked = sqlx::query!(
        "
        UPDATE requests.wish SET here_at = $4, item_id = $3
        WHERE request_id = $1 AND person_id = ANY($2) AND here_at IS NULL
        ",
        id.0,
        people,
        item.map(|it| it.0),
        now,
    )
    .execute(db)
    .await?;
    Ok(marked.rows_affected() > 0)
}

/// Takes back that somebody said by hand that a title is here.
pub(crate) async fn take_back_by_hand(db: &mut PgConnection, id: RequestId) -> Result<()> {
    sqlx::query!(
        "UPDATE requests.wish SET here_at = NULL WHERE request_id = $1 AND item_id IS NULL",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
