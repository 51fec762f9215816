//! What waits for its answer.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::PersonId;
use sqlx::PgConnection;

use crate::challenge::{Answered, NewChallenge};

pub(crate) async fn insert_challenge(db: &mut PgConnection, row: &NewChallenge<'_>) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.challenge (secret_hash, purpose, person_id, bound_to, device, state, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        "#,
        row.secret_hash,
        row.purpose,
        row.person_id.map(|it| it.0),
        row.bound_to,
        row.device,
        row.state,
        row.expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts a try at a challenge that is not over. One from another device is not counted: it must not end it for its owner.
pub(crate) async fn try_challenge(
    db: &mut PgConnection,
    secret_hash: &[u8],
    purpose: &str,
    bound_to: &[u8],
    now: DateTime<Utc>,
    max_tries: i32,
) -> Result<Option<Answered>> {
    let row = sqlx::query!(
        r#"
        UPDATE core.challenge SET tries = tries + 1
        WHERE secret_hash = $1 AND purpose = $2 AND bound_to = $3 AND expires_at > $4 AND tries < $5
        RETURNING secret_hash, person_id, device, state
        "#,
        secret_hash,
        purpose,
        bound_to,
        now,
        max_tries,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| Answered {
        secret_hash: it.secret_hash,
        person_id: it.person_id.map(PersonId),
        device: it.device,
        state: it.state,
    }))
}

pub(crate) async fn delete_challenge(db: &mut PgConnection, secret_hash: &[u8]) -> Result<bool> {
    Ok(sqlx::query!("DELETE FROM core.challenge WHERE secret_hash = $1", secret_hash)
        .execute(db)
        .await?
        .rows_affected()
        > 0)
}

/// Served by `challenge_expires_idx`.
pub(crate) async fn delete_expired_challenges(
    db: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<u64> {
    Ok(sqlx::query!("DELETE FROM core.challenge WHERE expires_at <= $1", now)
        .execute(db)
        .await?
        .rows_affected())
}
