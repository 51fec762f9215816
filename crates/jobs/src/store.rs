//! What River's client has no call for, in SQL on River's tables.

use std::time::Duration;

use kernel::Result;
use sqlx::{PgConnection, PgPool};

use crate::JobCounts;
use crate::apart::PREFIX;

/// Work that was running when its node died this often is suspected of having killed it: then its attempts count.
const ABANDONED_MAX: i32 = 3;

/// Puts back what `node` was working on when it died: before it works again, nothing of it can be running.
///
/// River's own rescue comes only after the longest time-out. An attempt that was cut short by our end does not count,
/// unless that happens again and again.
pub(crate) async fn put_back_abandoned(pool: &PgPool, node: &str) -> Result<u64> {
    let mut tx = pool.begin().await?;
    let abandoned = sqlx::query_scalar(
        r"
        SELECT id
        FROM river.river_job
        WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1
        FOR UPDATE
        ",
    )
    .bind(node)
    .fetch_all(&mut *tx)
    .await?;
    let n_put_back = put_back(&mut tx, &abandoned).await?;
    tx.commit().await?;
    Ok(n_put_back)
}

/// As [`put_back_abandoned`], what other nodes than `node` were working on, of which nothing was told for `patience`. Served by
/// River's index over states.
pub(crate) async fn put_back_silent(
    pool: &PgPool,
    node: &str,
    kinds: &[String],
    patience: Duration,
) -> Result<u64> {
    let mut tx = pool.begin().await?;
    let silent: Vec<i64> = sqlx::query_scalar(
        r"
        SELECT id
        FROM river.river_job
        WHERE state = 'running'
          AND kind = ANY($2)
          AND attempted_by[array_upper(attempted_by, 1)] <> $1
          AND attempted_at < now() - make_interval(secs => $3)
          AND COALESCE(to_timestamp((metadata->>'revenge:beat')::float8), attempted_at) < now() - make_interval(secs => $3)
        FOR UPDATE SKIP LOCKED
        ",
    )
    .bind(node)
    .bind(kinds)
    .bind(patience.as_secs_f64())
    .fetch_all(&mut *tx)
    .await?;
    if silent.is_empty() {
        return Ok(0);
    }
    let n_put_back = put_back(&mut tx, &silent).await?;
    tx.commit().await?;
    Ok(n_put_back)
}

/// Says of everything that `node` has been working on for longer than `every` that it still does.
pub(crate) async fn beat(pool: &PgPool, node: &str, every: Duration) -> Result<()> {
    sqlx::query(
        r"
        UPDATE river.river_job
        SET metadata = metadata || jsonb_build_object('revenge:beat', extract(epoch FROM now())::float8)
        WHERE state = 'running'
          AND attempted_by[array_upper(attempted_by, 1)] = $1
          AND attempted_at < now() - make_interval(secs => $2)
        ",
    )
    .bind(node)
    .bind(every.as_secs_f64())
    .execute(pool)
    .await?;
    Ok(())
}

async fn put_back(db: &mut PgConnection, jobs: &[i64]) -> Result<u64> {
    let outcome = sqlx::query(
        r#"
        WITH abandoned AS (
            SELECT
                id,
                COALESCE((metadata->>'revenge:abandoned')::int, 0) + 1 AS times,
                metadata ? 'cancel_attempted_at' AS is_cancelled
            FROM river.river_job
            WHERE id = ANY($1)
        ), decided AS (
            SELECT
                job.id,
                times,
                CASE WHEN times <= $2 THEN GREATEST(attempt - 1, 0) ELSE attempt END AS attempt,
                CASE
                    WHEN is_cancelled THEN 'cancelled'
                    WHEN times > $2 AND attempt >= max_attempts THEN 'discarded'
                    ELSE 'available'
                END AS state
            FROM river.river_job AS job
            JOIN abandoned USING (id)
        )
        UPDATE river.river_job AS job
        SET state = decided.state::river.river_job_state,
            attempt = decided.attempt,
            scheduled_at = now(),
            finalized_at = CASE WHEN decided.state = 'available' THEN NULL ELSE now() END,
            metadata = (job.metadata - 'revenge:beat') || jsonb_build_object('revenge:abandoned', decided.times),
            errors = array_append(job.errors, jsonb_build_object(
                'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                'attempt', job.attempt,
                'error', 'the server ended while this was running',
                'trace', ''
            ))
        FROM decided
        WHERE job.id = decided.id
        "#,
    )
    .bind(jobs)
    .bind(ABANDONED_MAX)
    .execute(db)
    .await?;
    Ok(outcome.rows_affected())
}

/// Marks a job as wanted by a person at any time, and makes it due if it waits for its time.
pub(crate) async fn want_anytime(db: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query(
        r"
        UPDATE river.river_job
        SET metadata = metadata || jsonb_build_object('revenge:anytime', true),
            state = CASE WHEN state = 'scheduled' THEN 'available' ELSE state END,
            scheduled_at = CASE WHEN state = 'scheduled' THEN now() ELSE scheduled_at END
        WHERE id = $1
        ",
    )
    .bind(id)
    .execute(db)
    .await?;
    Ok(())
}

/// Puts back all that runs: for a database in which nothing can be running, since it was just made.
pub(crate) async fn put_back_all(pool: &PgPool) -> Result<u64> {
    let outcome = sqlx::query(
        r"
        UPDATE river.river_job
        SET state = 'available', attempt = GREATEST(attempt - 1, 0), scheduled_at = now()
        WHERE state = 'running'
        ",
    )
    .execute(pool)
    .await?;
    Ok(outcome.rows_affected())
}

/// The last job of a kind that was written down.
pub(crate) async fn find_last_of(pool: &PgPool, kind: &str) -> Result<Option<i64>> {
    let last = sqlx::query_scalar(
        "SELECT id FROM river.river_job WHERE kind = $1 ORDER BY id DESC LIMIT 1",
    )
    .bind(kind)
    .fetch_optional(pool)
    .await?;
    Ok(last)
}

/// The last job of each of these kinds. Served by River's index over kinds.
pub(crate) async fn list_last_of(pool: &PgPool, kinds: &[String]) -> Result<Vec<i64>> {
    let last = sqlx::query_scalar(
        r"
        SELECT last.id
        FROM unnest($1::text[]) AS wanted (kind)
        CROSS JOIN LATERAL (
            SELECT id FROM river.river_job WHERE kind = wanted.kind ORDER BY id DESC LIMIT 1
        ) AS last
        ",
    )
    .bind(kinds)
    .fetch_all(pool)
    .await?;
    Ok(last)
}

/// How many unfinished jobs of each queue are in each state.
pub(crate) async fn count_by_queue(
    pool: &PgPool,
    is_apart: bool,
) -> Result<Vec<(String, String, i64)>> {
    let rows = sqlx::query_as(
        r"
        SELECT queue, state::text, count(*)
        FROM river.river_job
        WHERE state IN ('available', 'pending', 'retryable', 'running', 'scheduled') AND starts_with(kind, $1) = $2
        GROUP BY queue, state
        ",
    )
    .bind(PREFIX)
    .bind(is_apart)
    .fetch_all(pool)
    .await?;
    Ok(rows)
}

pub(crate) async fn count_by_state(pool: &PgPool, is_apart: bool) -> Result<JobCounts> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT state::text, count(*) FROM river.river_job WHERE starts_with(kind, $1) = $2 GROUP BY state",
    )
    .bind(PREFIX)
    .bind(is_apart)
    .fetch_all(pool)
    .await?;
    let mut counts = JobCounts::default();
    for (state, count) in rows {
        match state.as_str() {
            "available" => counts.available = count,
            "running" => counts.running = count,
            "retryable" => counts.retryable = count,
            "scheduled" => counts.scheduled = count,
            "completed" => counts.completed = count,
            "cancelled" => counts.cancelled = count,
            "discarded" => counts.discarded = count,
            _ => counts.pending += count,
        }
    }
    Ok(counts)
}

/// Makes everything that waits for its time due now, and counts what is not finished.
pub(crate) async fn bring_forward(pool: &PgPool) -> Result<i64> {
    sqlx::query(
        r"
        UPDATE river.river_job
        SET state = 'available', scheduled_at = now()
        WHERE state IN ('retryable', 'scheduled')
           OR (state = 'available' AND scheduled_at > now())
        ",
    )
    .execute(pool)
    .await?;
    let unfinished = sqlx::query_scalar(
        "SELECT count(*) FROM river.river_job WHERE finalized_at IS NULL AND state <> 'pending'",
    )
    .fetch_one(pool)
    .await?;
    Ok(unfinished)
}

/// A job that failed for good.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct GivenUp {
    /// Its id.
    pub id: i64,
    /// Its kind.
    pub kind: String,
    /// Its last failure.
    pub error: String,
}

/// The jobs that failed for good within the last day, those that are set apart aside; of very many the newest. Served by River's index over
/// states and times.
pub(crate) async fn list_given_up(pool: &PgPool, limit: i64) -> Result<Vec<GivenUp>> {
    let rows = sqlx::query_as(
        r"
        SELECT id, kind, COALESCE(errors[array_upper(errors, 1)]->>'error', '') AS error
        FROM river.river_job
        WHERE state = 'discarded' AND finalized_at > now() - interval '1 day' AND NOT starts_with(kind, $1)
        ORDER BY finalized_at DESC
        LIMIT $2
        ",
    )
    .bind(PREFIX)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows)
}
