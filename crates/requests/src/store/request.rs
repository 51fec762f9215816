//! SQL of requests themselves.

use chrono::{DateTime, Utc};
use kernel::{Limit, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::request::{Kind, RequestId, RequestRow, State};

/// A request to be made.
pub(crate) struct NewTitle<'a> {
    pub id: RequestId,
    pub kind: Kind,
    pub title: &'a str,
    pub sort_title: &'a str,
    pub year: Option<i32>,
    pub is_by_title: bool,
    pub poster: Option<&'a str>,
}

/// Makes a request, which nobody wants yet.
pub(crate) async fn insert_request(
    db: &mut PgConnection,
    new: &NewTitle<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO requests.request (id, kind, title, sort_title, year, is_by_title, poster, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ",
        new.id.0,
        new.kind.name(),
        new.title,
        new.sort_title,
        new.year,
        new.is_by_title,
        new.poster,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes what a provider tells of a title of which only the name was known.
pub(crate) async fn note_offer(
    db: &mut PgConnection,
    id: RequestId,
    poster: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE requests.request SET is_by_title = FALSE, poster = COALESCE(poster, $2) WHERE id = $1",
        id.0,
        poster,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A request, locked until the transaction ends.
pub(crate) async fn lock_request(
    db: &mut PgConnection,
    id: RequestId,
) -> Result<Option<RequestRow>> {
    let row = sqlx::query_as!(
        RequestRow,
        r#"
        SELECT id AS "id: RequestId", kind AS "kind: Kind", title, year, poster, answer AS "answer: State",
               state AS "state: State", word, answered_at, created_at
        FROM requests.request
        WHERE id = $1
        FOR UPDATE
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// All requests that somebody wants, the newest first. Served by `request_pkey`.
pub(crate) async fn list_requests(
    db: &mut PgConnection,
    before: Option<RequestId>,
    limit: Limit,
) -> Result<Vec<RequestRow>> {
    let rows = sqlx::query_as!(
        RequestRow,
        r#"
        SELECT id AS "id: RequestId", kind AS "kind: Kind", title, year, poster, answer AS "answer: State",
               state AS "state: State", word, answered_at, created_at
        FROM requests.request
        WHERE ($1::uuid IS NULL OR id < $1)
          AND EXISTS (SELECT FROM requests.wish WHERE wish.request_id = request.id)
        ORDER BY id DESC
        LIMIT $2
        "#,
        before.map(|it| it.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}

/// The same of those in one state. Served by `request_state_idx`.
pub(crate) async fn list_requests_in(
    db: &mut PgConnection,
    state: State,
    before: Option<RequestId>,
    limit: Limit,
) -> Result<Vec<RequestRow>> {
    let rows = sqlx::query_as!(
        RequestRow,
        r#"
        SELECT id AS "id: RequestId", kind AS "kind: Kind", title, year, poster, answer AS "answer: State",
               state AS "state: State", word, answered_at, created_at
        FROM requests.request
        WHERE state = $1 AND ($2::uuid IS NULL OR id < $2)
          AND EXISTS (SELECT FROM requests.wish WHERE wish.request_id = request.id)
        ORDER BY id DESC
        LIMIT $3
        "#,
        state.name(),
        before.map(|it| it.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}

/// Notes what those said who answer.
pub(crate) async fn update_answer(
    db: &mut PgConnection,
    id: RequestId,
    answer: State,
    word: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE requests.request SET answer = $2, word = $3, answered_at = $4 WHERE id = $1",
        id.0,
        answer.name(),
        word,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts requests as here that everybody has who wants them, and those of which that is true no more as open.
pub(crate) async fn settle(
    db: &mut PgConnection,
    requests: &[Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE requests.request
        SET here_at = CASE
            WHEN EXISTS (SELECT FROM requests.wish WHERE wish.request_id = request.id AND here_at IS NULL) THEN NULL
            ELSE COALESCE(here_at, $2)
        END
        WHERE id = ANY($1)
        ",
        requests,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a request that nobody wants any more.
pub(crate) async fn delete_unwanted(db: &mut PgConnection, id: RequestId) -> Result<()> {
    sqlx::query!(
        "
        DELETE FROM requests.request
        WHERE id = $1 AND NOT EXISTS (SELECT FROM requests.wish WHERE wish.request_id = request.id)
        ",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes those that nobody wants any more because their accounts are gone, and those that were declined or came before
/// `before`. How many.
pub(crate) async fn forget_old(db: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let deleted = sqlx::query!(
        "
        DELETE FROM requests.request
        WHERE NOT EXISTS (SELECT FROM requests.wish WHERE wish.request_id = request.id)
           OR state = 'available' AND here_at < $1
           OR state = 'declined' AND answered_at < $1
        ",
        before,
    )
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}
