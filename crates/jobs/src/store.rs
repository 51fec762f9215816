//! What River's client has no call for, in SQL on River's tables.

use std::collections::HashMap;
use std::time::Duration;

use kernel::Result;
use serde_json::{Map, Value};
use sqlx::{PgConnection, PgPool};

use crate::apart::PREFIX;
use crate::envelope::Envelope;
use crate::{JobCounts, Work};

/// Work that was running when its node died this often is suspected of having killed it: then its attempts count.
const ABANDONED_MAX: i32 = 3;

/// What all jobs that are written down together have in common.
pub(crate) struct Rows<'a> {
    pub kind: &'a str,
    pub queue: &'a str,
    pub attempts: i16,
    pub metadata: &'a Map<String, Value>,
}

/// A job to be written down.
pub(crate) struct NewJob {
    arguments: String,
    unique_key: Option<Vec<u8>>,
}

impl NewJob {
    pub fn of<W: Work>(work: &W, kind: &str) -> serde_json::Result<Self> {
        let sealed = Envelope::seal(work)?;
        Ok(Self { arguments: sealed.encode()?, unique_key: sealed.unique_key(kind)? })
    }
}

/// Writes jobs down in one statement, which tells the workers of their queue, too; gives the ids in the order of `jobs`, of one
/// whose key is taken that of the job which has it.
///
/// As River's client does it for each by itself: the update that changes nothing locks and returns the row that is there, also
/// one that was committed after this statement began.
pub(crate) async fn insert(
    db: &mut PgConnection,
    rows: &Rows<'_>,
    jobs: &[NewJob],
) -> Result<Vec<i64>> {
    // The same key twice in one statement would be refused.
    let mut keys = HashMap::new();
    let mut asked: Vec<&NewJob> = Vec::with_capacity(jobs.len());
    for job in jobs {
        if job.unique_key.as_ref().is_none_or(|it| keys.insert(it.as_slice(), 0).is_none()) {
            asked.push(job);
        }
    }
    let (arguments, unique_keys): (Vec<&str>, Vec<Option<&[u8]>>) =
        asked.iter().map(|it| (it.arguments.as_str(), it.unique_key.as_deref())).unzip();
    let written: Vec<(i64, Option<Vec<u8>>)> = sqlx::query_as(
        r"
        WITH written AS (
            INSERT INTO river.river_job (
                args, kind, max_attempts, metadata, priority, queue, scheduled_at, state, unique_key, unique_states
            )
            SELECT
                args::jsonb, $3, $4, $5, 1, $6, now(), 'available', unique_key,
                -- Bits of the states, from the right: available, cancelled, completed, discarded, pending, retryable,
                -- running, scheduled. The finished ones are not among them.
                CASE WHEN unique_key IS NOT NULL THEN B'11110001' END
            FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS asked (args, unique_key, place)
            ORDER BY place
            ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL
                AND unique_states IS NOT NULL
                AND river.river_job_state_in_bitmask(unique_states, state)
            DO UPDATE SET kind = river_job.kind
            RETURNING id, unique_key
        )
        SELECT id, unique_key
        FROM written, (SELECT pg_notify('river.river_insert', jsonb_build_object('queue', $6)::text)) AS told
        ORDER BY id
        ",
    )
    .bind(arguments)
    .bind(unique_keys)
    .bind(rows.kind)
    .bind(rows.attempts)
    .bind(sqlx::types::Json(rows.metadata))
    .bind(rows.queue)
    .fetch_all(db)
    .await?;
    // Those without a key were numbered in their order.
    let mut without_key = Vec::new();
    for (id, key) in &written {
        match key.as_deref().and_then(|it| keys.get_mut(it)) {
            Some(place) => *place = *id,
            None => without_key.push(*id),
        }
    }
    let mut without_key = without_key.into_iter();
    let id = |it: &NewJob| match &it.unique_key {
        Some(key) => keys.get(key.as_slice()).copied(),
        None => without_key.next(),
    };
    let ids: Option<Vec<i64>> = jobs.iter().map(id).collect();
    Ok(ids.ok_or_else(|| anyhow::anyhow!("a job that was written down has no id"))?)
}

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

/// Counts each state up to `limit`, so that a million that wait cost no more than that. Served by the indexes that begin with
/// the state.
pub(crate) async fn count_by_state(pool: &PgPool, is_apart: bool, limit: i64) -> Result<JobCounts> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "
        SELECT possible.state::text, found.n
        FROM unnest(enum_range(NULL::river.river_job_state)) AS possible (state)
        CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM (
                SELECT FROM river.river_job
                WHERE state = possible.state AND starts_with(kind, $1) = $2
                LIMIT $3
            ) AS job
        ) AS found
        ",
    )
    .bind(PREFIX)
    .bind(is_apart)
    .bind(limit)
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
