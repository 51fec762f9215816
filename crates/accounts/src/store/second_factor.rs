//! Authenticator apps, recovery codes, and proofs that it is still the same person.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{PersonId, SessionId};
use sqlx::PgConnection;

use crate::second_factor::Factors;

/// A person's authenticator app.
pub(crate) struct TotpRow {
    pub sealed_secret: Vec<u8>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub last_step: i64,
}

/// Keeps a secret that is not confirmed yet; `false` where a confirmed one is in its place.
pub(crate) async fn insert_totp(
    db: &mut PgConnection,
    person: PersonId,
    sealed_secret: &[u8],
    now: DateTime<Utc>,
) -> Result<bool> {
    let kept = sqlx::query!(
        r#"
        INSERT INTO core.totp AS kept (person_id, sealed_secret, created_at) VALUES ($1, $2, $3)
        ON CONFLICT (person_id) DO UPDATE
        SET sealed_secret = excluded.sealed_secret, created_at = excluded.created_at, last_step = 0
        WHERE kept.confirmed_at IS NULL
        "#,
        person.0,
        sealed_secret,
        now,
    )
    .execute(db)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// Whether the role of a session's person demands a second factor that they do not have, nor who sent them asked for.
pub(crate) async fn lacks_factor(db: &mut PgConnection, session: SessionId) -> Result<bool> {
    let lacks = sqlx::query_scalar!(
        r#"
        SELECT needs_second_factor
               AND NOT COALESCE((came_by ->> 'has_second_factor')::boolean, false)
               AND NOT EXISTS (
                   SELECT 1 FROM core.totp WHERE totp.person_id = person.id AND confirmed_at IS NOT NULL
               )
               AND NOT EXISTS (SELECT 1 FROM core.passkey WHERE passkey.person_id = person.id) AS "lacks!"
        FROM core.session
        JOIN core.person ON person.id = session.person_id
        JOIN core.role ON role.id = person.role_id
        WHERE session.id = $1
        "#,
        session.0,
    );
    Ok(lacks.fetch_optional(db).await?.unwrap_or(false))
}

pub(crate) async fn find_totp(db: &mut PgConnection, person: PersonId) -> Result<Option<TotpRow>> {
    let row = sqlx::query_as!(
        TotpRow,
        "SELECT sealed_secret, confirmed_at, last_step FROM core.totp WHERE person_id = $1",
        person.0
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// Marks `step` as used and the app as confirmed; `false` where that step or a later one was used already.
pub(crate) async fn use_totp_step(
    db: &mut PgConnection,
    person: PersonId,
    step: i64,
    now: DateTime<Utc>,
) -> Result<bool> {
    let used = sqlx::query!(
        r#"
        UPDATE core.totp SET last_step = $2, confirmed_at = COALESCE(confirmed_at, $3)
        WHERE person_id = $1 AND last_step < $2
        "#,
        person.0,
        step,
        now,
    )
    .execute(db)
    .await?;
    Ok(used.rows_affected() > 0)
}

pub(crate) async fn delete_totp(db: &mut PgConnection, person: PersonId) -> Result<bool> {
    Ok(sqlx::query!("DELETE FROM core.totp WHERE person_id = $1", person.0)
        .execute(db)
        .await?
        .rows_affected()
        > 0)
}

/// Makes `hashes` the person's recovery codes, in place of those before.
pub(crate) async fn replace_recovery_codes(
    db: &mut PgConnection,
    person: PersonId,
    hashes: &[Vec<u8>],
) -> Result<()> {
    sqlx::query!("DELETE FROM core.recovery_code WHERE person_id = $1", person.0)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "INSERT INTO core.recovery_code (person_id, code_hash) SELECT $1, UNNEST($2::bytea[])",
        person.0,
        hashes,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses a recovery code up; `false` for one that was used or never made.
pub(crate) async fn use_recovery_code(
    db: &mut PgConnection,
    person: PersonId,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool> {
    let used = sqlx::query!(
        r#"
        UPDATE core.recovery_code SET used_at = $3
        WHERE person_id = $1 AND code_hash = $2 AND used_at IS NULL
        "#,
        person.0,
        hash,
        now,
    )
    .execute(db)
    .await?;
    Ok(used.rows_affected() > 0)
}

/// What a person has beside the password.
pub(crate) async fn find_factors(db: &mut PgConnection, person: PersonId) -> Result<Factors> {
    let factors = sqlx::query_as!(
        Factors,
        r#"
        SELECT (SELECT confirmed_at FROM core.totp WHERE person_id = $1) AS totp_since,
               (SELECT count(*) FROM core.passkey WHERE person_id = $1) AS "passkeys!",
               (SELECT count(*) FROM core.recovery_code WHERE person_id = $1 AND used_at IS NULL) AS "recovery_codes!"
        "#,
        person.0
    )
    .fetch_one(db)
    .await?;
    Ok(factors)
}

/// Takes away everything a person has beside the password.
pub(crate) async fn delete_factors(db: &mut PgConnection, person: PersonId) -> Result<()> {
    delete_totp(db, person).await?;
    sqlx::query!("DELETE FROM core.passkey WHERE person_id = $1", person.0)
        .execute(&mut *db)
        .await?;
    replace_recovery_codes(db, person, &[]).await
}

pub(crate) async fn confirm_session(
    db: &mut PgConnection,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("UPDATE core.session SET confirmed_at = $2 WHERE id = $1", id.0, now)
        .execute(db)
        .await?;
    Ok(())
}

/// The person did not prove at this device that it is them.
pub(crate) async fn unconfirm_session(db: &mut PgConnection, id: SessionId) -> Result<()> {
    sqlx::query!("UPDATE core.session SET confirmed_at = NULL WHERE id = $1", id.0)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn find_confirmed_at(
    db: &mut PgConnection,
    id: SessionId,
) -> Result<Option<DateTime<Utc>>> {
    let at = sqlx::query_scalar!("SELECT confirmed_at FROM core.session WHERE id = $1", id.0)
        .fetch_optional(db)
        .await?;
    Ok(at.flatten())
}
