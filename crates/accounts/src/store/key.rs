//! SQL of API keys.

use chrono::{DateTime, Utc};
use kernel::id::{ApiKeyId, PersonId};
use kernel::{Hours, Limit, Permission, Result};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::key::ApiKey;

/// What the sign-in middleware must know of a key, in one row.
pub(crate) struct KeyRow {
    pub person_id: PersonId,
    pub key_hash: Vec<u8>,
    pub scopes: Vec<String>,
    pub expires_at: Option<DateTime<Utc>>,
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

pub(crate) async fn insert_key(
    db: &mut PgConnection,
    person: PersonId,
    key: &ApiKey,
    hash: &[u8],
) -> Result<()> {
    let scopes: Vec<String> = key.scopes.iter().map(|it| it.name().to_owned()).collect();
    sqlx::query!(
        r#"
        INSERT INTO core.api_key (id, person_id, name, key_hash, scopes, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        "#,
        key.id.0,
        person.0,
        key.name,
        hash,
        &scopes,
        key.created_at,
        key.expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn count_keys(db: &mut PgConnection, person: PersonId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM core.api_key WHERE person_id = $1"#,
        person.0
    );
    Ok(count.fetch_one(db).await?)
}

/// A person's keys in the order they were made. Served by `api_key_person_idx`.
pub(crate) async fn list_keys(
    db: &mut PgConnection,
    person: PersonId,
    after: Option<ApiKeyId>,
    limit: Limit,
) -> Result<Vec<ApiKey>> {
    let rows = sqlx::query!(
        r#"
        SELECT id AS "id: ApiKeyId", name, scopes, created_at, last_used_at, expires_at
        FROM core.api_key
        WHERE person_id = $1 AND ($2::uuid IS NULL OR id > $2)
        ORDER BY id
        LIMIT $3
        "#,
        person.0,
        after.map(|it| it.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    let keys = rows.into_iter().map(|it| ApiKey {
        id: it.id,
        name: it.name,
        scopes: it.scopes.iter().filter_map(|it| Permission::parse(it)).collect(),
        created_at: it.created_at,
        last_used_at: it.last_used_at,
        expires_at: it.expires_at,
    });
    Ok(keys.collect())
}

/// Deletes a person's key and says what it was called.
pub(crate) async fn delete_key(
    db: &mut PgConnection,
    person: PersonId,
    id: ApiKeyId,
) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "DELETE FROM core.api_key WHERE id = $1 AND person_id = $2 RETURNING name",
        id.0,
        person.0,
    );
    Ok(name.fetch_optional(db).await?)
}

/// What the middleware must know of a key that is neither over nor of a disabled person.
pub(crate) async fn find_key(
    db: &mut PgConnection,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<Option<KeyRow>> {
    let row = sqlx::query_as!(
        KeyRow,
        r#"
        SELECT person.id AS "person_id: PersonId", key_hash, scopes, expires_at, built_in, permissions, all_libraries,
               max_streams, max_bitrate_bps, max_local_bitrate_bps, max_age, hides_unrated,
               hours AS "hours: Json<Hours>",
               core.marks_of(blocked_tags) AS "blocked_marks!", core.marks_of(allowed_tags) AS "allowed_marks!",
               ARRAY(SELECT library_id FROM core.person_library WHERE person_id = person.id) AS "library_ids!",
               needs_second_factor
                   AND NOT EXISTS (
                       SELECT 1 FROM core.totp WHERE totp.person_id = person.id AND confirmed_at IS NOT NULL
                   )
                   AND NOT EXISTS (SELECT 1 FROM core.passkey WHERE passkey.person_id = person.id)
                   AS "lacks_factor!"
        FROM core.api_key
        JOIN core.person ON person.id = api_key.person_id AND NOT is_disabled
        JOIN core.role ON role.id = person.role_id
        WHERE api_key.id = $1 AND (expires_at IS NULL OR expires_at > $2)
        "#,
        id.0,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// Notes that a key was used.
pub(crate) async fn note_use(
    db: &mut PgConnection,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("UPDATE core.api_key SET last_used_at = $2 WHERE id = $1", id.0, now)
        .execute(db)
        .await?;
    Ok(())
}
