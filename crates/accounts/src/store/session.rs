//! SQL of signed-in devices.

use chrono::{DateTime, Utc};
use kernel::id::{PersonId, SessionId};
use kernel::{Hours, Limit, Result};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::device::DeviceKind;
use crate::session::Session;

/// What the sign-in middleware must know of a session, in one row.
pub(crate) struct SessionRow {
    pub person_id: PersonId,
    pub token_hash: Vec<u8>,
    pub previous_token_hash: Option<Vec<u8>>,
    pub rotated_at: DateTime<Utc>,
    pub built_in: Option<String>,
    pub permissions: Vec<String>,
    pub all_libraries: bool,
    pub library_ids: Vec<Uuid>,
    pub max_streams: Option<i16>,
    pub max_bitrate_bps: Option<i64>,
    pub max_local_bitrate_bps: Option<i64>,
    /// Their role demands a second factor, and they have none.
    pub lacks_factor: bool,
    pub max_age: Option<i16>,
    pub hides_unrated: bool,
    pub blocked_marks: Vec<i64>,
    pub allowed_marks: Vec<i64>,
    pub hours: Json<Hours>,
}

pub(crate) async fn insert_session(
    db: &mut PgConnection,
    session: &Session,
    token_hash: &[u8],
    address: &str,
    (expires_at, ends_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.session
            (id, person_id, token_hash, device, kind, address, created_at, last_seen_at, expires_at, ends_at,
             confirmed_at, rotated_at)
        VALUES ($1, $2, $3, $4, $9, $5, $6, $6, $7, $8, $6, $6)
        "#,
        session.id.0,
        session.person_id.0,
        token_hash,
        session.device,
        address,
        session.created_at,
        expires_at,
        ends_at,
        session.kind as DeviceKind,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What the middleware must know of a session that is neither over nor of a disabled person; notes that it was used.
pub(crate) async fn use_session(
    db: &mut PgConnection,
    id: SessionId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<Option<SessionRow>> {
    let row = sqlx::query_as!(
        SessionRow,
        r#"
        WITH used AS (
            UPDATE core.session SET last_seen_at = $2, expires_at = LEAST($3, ends_at)
            WHERE id = $1 AND expires_at > $2
            RETURNING person_id, token_hash, previous_token_hash, rotated_at, came_by
        ), seen AS (
            UPDATE core.person SET last_seen_at = $2
            WHERE id = (SELECT person_id FROM used) AND NOT is_disabled
            RETURNING id, role_id, all_libraries, max_streams, max_bitrate_bps, max_local_bitrate_bps,
                      max_age, hides_unrated, blocked_tags, allowed_tags, hours
        )
        SELECT seen.id AS "person_id: PersonId", used.token_hash, used.previous_token_hash, used.rotated_at,
               role.built_in, role.permissions, seen.all_libraries,
               role.needs_second_factor
                   AND NOT COALESCE((used.came_by ->> 'has_second_factor')::boolean, false)
                   AND NOT EXISTS (
                       SELECT 1 FROM core.totp WHERE totp.person_id = seen.id AND confirmed_at IS NOT NULL
                   )
                   AND NOT EXISTS (SELECT 1 FROM core.passkey WHERE passkey.person_id = seen.id)
                   AS "lacks_factor!",
               seen.max_streams, seen.max_bitrate_bps, seen.max_local_bitrate_bps, seen.max_age, seen.hides_unrated,
               seen.hours AS "hours: Json<Hours>",
               core.marks_of(seen.blocked_tags) AS "blocked_marks!",
               core.marks_of(seen.allowed_tags) AS "allowed_marks!",
               ARRAY(SELECT library_id FROM core.person_library WHERE person_id = seen.id) AS "library_ids!"
        FROM used JOIN seen ON seen.id = used.person_id JOIN core.role ON role.id = seen.role_id
        "#,
        id.0,
        now,
        expires_at,
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// Gives a session whose token is from before `older_than`, or of then, another; `false` for one that is younger or over.
pub(crate) async fn rotate_token(
    db: &mut PgConnection,
    id: SessionId,
    token_hash: &[u8],
    now: DateTime<Utc>,
    older_than: DateTime<Utc>,
) -> Result<bool> {
    let rotated = sqlx::query!(
        r#"
        UPDATE core.session SET previous_token_hash = token_hash, token_hash = $2, rotated_at = $3
        WHERE id = $1 AND rotated_at <= $4 AND expires_at > $3
        "#,
        id.0,
        token_hash,
        now,
        older_than,
    )
    .execute(db)
    .await?;
    Ok(rotated.rows_affected() > 0)
}

/// Ends the time of the token before `token_hash`, which was seen.
pub(crate) async fn forget_previous_token(
    db: &mut PgConnection,
    id: SessionId,
    token_hash: &[u8],
) -> Result<()> {
    sqlx::query!(
        "UPDATE core.session SET previous_token_hash = NULL WHERE id = $1 AND token_hash = $2",
        id.0,
        token_hash,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A person's signed-in devices in the order they signed in. Served by `session_person_idx`.
pub(crate) async fn list_sessions(
    db: &mut PgConnection,
    person: PersonId,
    after: Option<SessionId>,
    limit: Limit,
    now: DateTime<Utc>,
) -> Result<Vec<Session>> {
    let sessions = sqlx::query_as!(
        Session,
        r#"
        SELECT id AS "id: SessionId", person_id AS "person_id: PersonId", device, kind AS "kind: DeviceKind",
               created_at, last_seen_at
        FROM core.session
        WHERE person_id = $1 AND expires_at > $2 AND ($3::uuid IS NULL OR id > $3)
        ORDER BY id
        LIMIT $4
        "#,
        person.0,
        now,
        after.map(|it| it.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    Ok(sessions)
}

pub(crate) async fn delete_session(
    db: &mut PgConnection,
    person: PersonId,
    id: SessionId,
) -> Result<bool> {
    let gone =
        sqlx::query!("DELETE FROM core.session WHERE id = $2 AND person_id = $1", person.0, id.0)
            .execute(db)
            .await?;
    Ok(gone.rows_affected() > 0)
}

/// Ends a person's sessions but `kept`; returns the ended ones.
pub(crate) async fn delete_sessions(
    db: &mut PgConnection,
    person: PersonId,
    kept: Option<SessionId>,
) -> Result<Vec<SessionId>> {
    let ended = sqlx::query_scalar!(
        r#"DELETE FROM core.session WHERE person_id = $1 AND ($2::uuid IS NULL OR id <> $2) RETURNING id"#,
        person.0,
        kept.map(|it| it.0),
    )
    .fetch_all(db)
    .await?;
    Ok(ended.into_iter().map(SessionId).collect())
}

/// Served by `session_expires_idx`.
pub(crate) async fn delete_expired_sessions(
    db: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<u64> {
    Ok(sqlx::query!("DELETE FROM core.session WHERE expires_at <= $1", now)
        .execute(db)
        .await?
        .rows_affected())
}
