//! SQL of arrivals.

pub mod find;
pub mod merge;

use chrono::{DateTime, Utc};
use kernel::Result;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::{Arrival, ArrivalId, ArrivalState, BroughtBy, NewArrival};

/// Arrivals that are listed; an administrator deletes those that are of no more use.
const MAX_LISTED: i64 = 100;

/// Keeps a new one.
pub async fn insert_arrival(
    db: &mut PgConnection,
    id: ArrivalId,
    new: &NewArrival,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO arrival (id, source, origin, state, asked, created_at, updated_at)
        VALUES ($1, $2, $3, 'new', $4, $5, $5)
        ",
        id.0,
        new.source,
        new.origin,
        new.asked,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// All, the last first. Served by `arrival_pkey`.
pub async fn list_arrivals(db: &mut PgConnection) -> Result<Vec<Arrival>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            id AS "id: ArrivalId", source, origin, state AS "state: ArrivalState", problem, plan, report,
            brought AS "brought: Json<BroughtBy>", step, job_id, created_at, finished_at
        FROM arrival
        ORDER BY id DESC
        LIMIT $1
        "#,
        MAX_LISTED,
    )
    .fetch_all(db)
    .await?;
    let arrivals = rows.into_iter().map(|it| Arrival {
        id: it.id,
        source: it.source,
        origin: it.origin,
        state: it.state,
        problem: it.problem,
        plan: it.plan,
        report: it.report,
        brought: it.brought.0,
        step: it.step,
        job_id: it.job_id,
        created_at: it.created_at,
        finished_at: it.finished_at,
    });
    Ok(arrivals.collect())
}

/// One of them, locked until the transaction ends.
pub async fn find_arrival(db: &mut PgConnection, id: ArrivalId) -> Result<Option<Arrival>> {
    let row = sqlx::query!(
        r#"
        SELECT
            id AS "id: ArrivalId", source, origin, state AS "state: ArrivalState", problem, plan, report,
            brought AS "brought: Json<BroughtBy>", step, job_id, created_at, finished_at
        FROM arrival
        WHERE id = $1
        FOR UPDATE
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| Arrival {
        id: it.id,
        source: it.source,
        origin: it.origin,
        state: it.state,
        problem: it.problem,
        plan: it.plan,
        report: it.report,
        brought: it.brought.0,
        step: it.step,
        job_id: it.job_id,
        created_at: it.created_at,
        finished_at: it.finished_at,
    }))
}

/// How to read it, if that is still known.
pub async fn find_asked(db: &mut PgConnection, id: ArrivalId) -> Result<Option<Value>> {
    let row = sqlx::query_scalar!("SELECT asked FROM arrival WHERE id = $1", id.0);
    Ok(row.fetch_optional(db).await?.flatten())
}

/// What was read, compressed.
pub async fn find_content(db: &mut PgConnection, id: ArrivalId) -> Result<Option<Vec<u8>>> {
    let row = sqlx::query_scalar!("SELECT content FROM arrival WHERE id = $1", id.0);
    Ok(row.fetch_optional(db).await?.flatten())
}

/// What of it is not here.
pub async fn find_missing(db: &mut PgConnection, id: ArrivalId) -> Result<Option<Value>> {
    let row = sqlx::query_scalar!("SELECT missing FROM arrival WHERE id = $1", id.0);
    Ok(row.fetch_optional(db).await?.flatten())
}

/// Has it be in another state, with the job that is at it.
pub async fn update_state(
    db: &mut PgConnection,
    id: ArrivalId,
    state: ArrivalState,
    problem: Option<&str>,
    job: Option<i64>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE arrival
        SET state = $2, problem = $3, job_id = COALESCE($4, job_id), updated_at = $5::timestamptz,
            finished_at = CASE WHEN $2 = 'done' THEN $5::timestamptz END
        WHERE id = $1
        ",
        id.0,
        state.as_str(),
        problem,
        job,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps what was read, and forgets how.
pub async fn update_content(
    db: &mut PgConnection,
    id: ArrivalId,
    origin: &str,
    content: &[u8],
    plan: &Value,
) -> Result<()> {
    sqlx::query!(
        "UPDATE arrival SET origin = $2, content = $3, plan = $4, asked = NULL, state = 'checking' WHERE id = $1",
        id.0,
        origin,
        content,
        plan,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps who is who; what was written before is no more what is to be written.
pub async fn update_plan(db: &mut PgConnection, id: ArrivalId, plan: &Value) -> Result<()> {
    sqlx::query!(
        "UPDATE arrival SET plan = $2, brought = '{}', step = 0 WHERE id = $1",
        id.0,
        plan
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps what would become of it.
pub async fn update_report(
    db: &mut PgConnection,
    id: ArrivalId,
    report: &Value,
    missing: &Value,
) -> Result<()> {
    sqlx::query!(
        "UPDATE arrival SET report = $2, missing = $3 WHERE id = $1",
        id.0,
        report,
        missing
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that a step of writing was done.
pub async fn update_step(
    db: &mut PgConnection,
    id: ArrivalId,
    step: i32,
    brought: &BroughtBy,
) -> Result<()> {
    sqlx::query!(
        "UPDATE arrival SET step = $2, brought = $3 WHERE id = $1",
        id.0,
        step,
        Json(brought) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets it. What it brought stays.
pub async fn delete_arrival(db: &mut PgConnection, id: ArrivalId) -> Result<bool> {
    let done = sqlx::query!("DELETE FROM arrival WHERE id = $1", id.0).execute(db).await?;
    Ok(done.rows_affected() > 0)
}
