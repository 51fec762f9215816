//! Devices that people signed in with before, and how often signing in failed.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::PersonId;
use sqlx::PgConnection;

/// Notes that a known device signs in; `false` for one that is not known.
pub(crate) async fn use_device(
    db: &mut PgConnection,
    person: PersonId,
    secret_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool> {
    let used = sqlx::query!(
        "UPDATE core.known_device SET last_used_at = $3 WHERE person_id = $1 AND secret_hash = $2",
        person.0,
        secret_hash,
        now,
    )
    .execute(db)
    .await?;
    Ok(used.rows_affected() > 0)
}

/// Knows a device from now on; of more than `max`, the one that was used longest ago is forgotten.
pub(crate) async fn insert_device(
    db: &mut PgConnection,
    person: PersonId,
    secret_hash: &[u8],
    now: DateTime<Utc>,
    max: i64,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO core.known_device (person_id, secret_hash, last_used_at) VALUES ($1, $2, $3)",
        person.0,
        secret_hash,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        DELETE FROM core.known_device
        WHERE person_id = $1 AND secret_hash IN (
            SELECT secret_hash FROM core.known_device WHERE person_id = $1
            ORDER BY last_used_at DESC, secret_hash OFFSET $2
        )
        "#,
        person.0,
        max,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether a device of the person called `name_key` has this secret.
pub(crate) async fn is_known_by_name(
    db: &mut PgConnection,
    name_key: &str,
    secret_hash: &[u8],
) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM core.known_device JOIN core.person ON person.id = person_id
            WHERE name_key = $1 AND secret_hash = $2
        ) AS "known!"
        "#,
        name_key,
        secret_hash,
    )
    .fetch_one(db)
    .await?;
    Ok(known)
}

pub(crate) async fn is_known(
    db: &mut PgConnection,
    person: PersonId,
    secret_hash: &[u8],
) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM core.known_device WHERE person_id = $1 AND secret_hash = $2
        ) AS "known!"
        "#,
        person.0,
        secret_hash,
    )
    .fetch_one(db)
    .await?;
    Ok(known)
}

/// Forgets devices and failures nobody saw since `before` and `failed_before`.
pub(crate) async fn delete_old(
    db: &mut PgConnection,
    before: DateTime<Utc>,
    failed_before: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("DELETE FROM core.known_device WHERE last_used_at < $1", before)
        .execute(&mut *db)
        .await?;
    sqlx::query!("DELETE FROM core.sign_in_failure WHERE failed_at < $1", failed_before)
        .execute(db)
        .await?;
    Ok(())
}

/// How often in a row it failed for each of `subjects`, and when last.
pub(crate) async fn list_failures(
    db: &mut PgConnection,
    subjects: &[Vec<u8>],
) -> Result<Vec<(Vec<u8>, i32, DateTime<Utc>)>> {
    let rows = sqlx::query!(
        "SELECT subject, failures, failed_at FROM core.sign_in_failure WHERE subject = ANY($1)",
        subjects
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.subject, it.failures, it.failed_at)).collect())
}

/// Counts a failure for each of `subjects`. One that comes later than `forgotten` before is the first again.
pub(crate) async fn count_failures(
    db: &mut PgConnection,
    subjects: &[Vec<u8>],
    now: DateTime<Utc>,
    forgotten: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.sign_in_failure AS kept (subject, failures, failed_at)
        SELECT subject, 1, $2 FROM UNNEST($1::bytea[]) AS it (subject) ORDER BY subject
        ON CONFLICT (subject) DO UPDATE
        SET failures = CASE WHEN kept.failed_at < $3 THEN 1 ELSE LEAST(kept.failures + 1, 1000000) END,
            failed_at = excluded.failed_at
        "#,
        subjects,
        now,
        forgotten,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn delete_failures(db: &mut PgConnection, subjects: &[Vec<u8>]) -> Result<()> {
    sqlx::query!("DELETE FROM core.sign_in_failure WHERE subject = ANY($1)", subjects)
        .execute(db)
        .await?;
    Ok(())
}
