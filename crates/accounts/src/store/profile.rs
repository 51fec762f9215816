//! SQL of people who share a device.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{PersonId, SessionId};
use sqlx::PgConnection;

use crate::profiles::Profile;

/// What decides whether one may go to somebody, and how.
pub(crate) struct ProfileRow {
    pub session_id: SessionId,
    pub pin_hash: Option<String>,
    pub opens_without_pin: bool,
}

/// What a person says of those who go to them, and what is said of those who leave them.
pub(crate) struct OwnRow {
    pub has_pin: bool,
    pub opens_without_pin: bool,
    pub leaving_needs_pin: bool,
}

pub(crate) async fn find_own(db: &mut PgConnection, person: PersonId) -> Result<Option<OwnRow>> {
    let row = sqlx::query_as!(
        OwnRow,
        r#"
        SELECT pin_hash IS NOT NULL AS "has_pin!", opens_without_pin, leaving_needs_pin
        FROM core.person WHERE id = $1
        "#,
        person.0
    );
    Ok(row.fetch_optional(db).await?)
}

/// Those of a device whose sessions there are not over, by name.
pub(crate) async fn list_profiles(
    db: &mut PgConnection,
    device_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Vec<Profile>> {
    let profiles = sqlx::query_as!(
        Profile,
        r#"
        SELECT person.id AS "person_id: PersonId", person.name, pin_hash IS NOT NULL AS "has_pin!", opens_without_pin,
               (SELECT version FROM core.avatar WHERE avatar.person_id = person.id) AS avatar
        FROM core.profile
        JOIN core.session ON session.id = profile.session_id AND session.expires_at > $2
        JOIN core.person ON person.id = profile.person_id AND NOT is_disabled
        WHERE device_hash = $1
        ORDER BY person.name_key
        "#,
        device_hash,
        now,
    );
    Ok(profiles.fetch_all(db).await?)
}

/// One of a device; `None` as well where the session there is over or the person may not sign in.
pub(crate) async fn find_profile(
    db: &mut PgConnection,
    device_hash: &[u8],
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<ProfileRow>> {
    let row = sqlx::query_as!(
        ProfileRow,
        r#"
        SELECT session.id AS "session_id: SessionId", pin_hash, opens_without_pin
        FROM core.profile
        JOIN core.session ON session.id = profile.session_id AND session.expires_at > $3
        JOIN core.person ON person.id = profile.person_id AND NOT is_disabled
        WHERE device_hash = $1 AND profile.person_id = $2
        "#,
        device_hash,
        person.0,
        now,
    );
    Ok(row.fetch_optional(db).await?)
}

/// Keeps the session by which one goes to a person on a device.
pub(crate) async fn write_profile(
    db: &mut PgConnection,
    device_hash: &[u8],
    person: PersonId,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<()> {
    // A session is on one device; it may have lost what it kept.
    sqlx::query!("DELETE FROM core.profile WHERE session_id = $1", session.0)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        r#"
        INSERT INTO core.profile (device_hash, person_id, session_id, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (device_hash, person_id) DO UPDATE SET session_id = excluded.session_id
        "#,
        device_hash,
        person.0,
        session.0,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn count_profiles(db: &mut PgConnection, device_hash: &[u8]) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM core.profile WHERE device_hash = $1"#,
        device_hash
    );
    Ok(count.fetch_one(db).await?)
}

/// Has a person who is known on a device, and signed in there anew, gone to by the new session; gives the one before.
pub(crate) async fn replace_session(
    db: &mut PgConnection,
    device_hash: &[u8],
    person: PersonId,
    session: SessionId,
) -> Result<Option<SessionId>> {
    let before = sqlx::query_scalar!(
        r#"
        UPDATE core.profile SET session_id = $3 WHERE device_hash = $1 AND person_id = $2
        RETURNING old.session_id AS "session_id!: SessionId"
        "#,
        device_hash,
        person.0,
        session.0,
    );
    Ok(before.fetch_optional(db).await?)
}

pub(crate) async fn delete_profile(
    db: &mut PgConnection,
    device_hash: &[u8],
    person: PersonId,
) -> Result<bool> {
    let gone = sqlx::query!(
        "DELETE FROM core.profile WHERE device_hash = $1 AND person_id = $2",
        device_hash,
        person.0
    );
    Ok(gone.execute(db).await?.rows_affected() > 0)
}

/// Gives a session to who goes to its person: by another token, the one before being worth nothing, and as if nobody had
/// proved there who they are. `false` where it is over.
pub(crate) async fn take_session(
    db: &mut PgConnection,
    session: SessionId,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool> {
    let taken = sqlx::query!(
        r#"
        UPDATE core.session
        SET token_hash = $2, previous_token_hash = NULL, rotated_at = $3, confirmed_at = NULL
        WHERE id = $1 AND expires_at > $3
        "#,
        session.0,
        token_hash,
        now,
    );
    Ok(taken.execute(db).await?.rows_affected() > 0)
}

pub(crate) async fn update_pin(
    db: &mut PgConnection,
    person: PersonId,
    pin_hash: Option<&str>,
) -> Result<()> {
    sqlx::query!("UPDATE core.person SET pin_hash = $2 WHERE id = $1", person.0, pin_hash)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn update_opens_without_pin(
    db: &mut PgConnection,
    person: PersonId,
    opens: bool,
) -> Result<()> {
    sqlx::query!("UPDATE core.person SET opens_without_pin = $2 WHERE id = $1", person.0, opens)
        .execute(db)
        .await?;
    Ok(())
}
