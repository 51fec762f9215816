//! All SQL of the room.

pub(crate) mod adult;
pub(crate) mod audit;
pub(crate) mod avatar;
pub(crate) mod believed;
pub(crate) mod challenge;
pub(crate) mod device;
pub(crate) mod identity;
pub(crate) mod invitation;
pub(crate) mod key;
pub(crate) mod parental;
pub(crate) mod passkey;
pub(crate) mod quick_connect;
pub(crate) mod role;
pub(crate) mod second_factor;
pub(crate) mod setting;

use chrono::{DateTime, Utc};
use kernel::error::OnConstraint as _;
use kernel::id::{LibraryId, PersonId, RoleId, SessionId};
use kernel::{BuiltInRole, Error, Limit, Limits, Parental, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::device::DeviceKind;
use crate::person::Person;
use crate::role::{Role, id_of, permissions_of};
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
}

/// A person to be inserted.
pub(crate) struct PersonRow<'a> {
    pub id: PersonId,
    pub name: &'a str,
    pub name_key: &'a str,
    pub password_hash: &'a str,
    pub role_id: RoleId,
    pub all_libraries: bool,
    pub language: &'a str,
}

/// What the columns say of how much a person may play: streams, bits per second away and in the house.
pub(crate) fn limits((streams, bps, local_bps): (Option<i16>, Option<i64>, Option<i64>)) -> Limits {
    Limits {
        max_streams: streams.and_then(|it| it.try_into().ok()),
        max_bitrate_bps: bps,
        max_local_bitrate_bps: local_bps,
    }
}

fn name_taken() -> Error {
    Error::conflict("accounts.name_taken", "somebody already has that name; choose another")
}

pub(crate) async fn insert_person(
    db: &mut PgConnection,
    row: &PersonRow<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.person (id, name, name_key, password_hash, role_id, all_libraries, language, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        "#,
        row.id.0,
        row.name,
        row.name_key,
        row.password_hash,
        row.role_id.0,
        row.all_libraries,
        row.language,
        now,
    )
    .execute(db)
    .await
    .on_constraint("person_name_key_unique", name_taken)?;
    Ok(())
}

/// A person with their role, as a row.
struct PersonRowRead {
    id: PersonId,
    name: String,
    is_disabled: bool,
    all_libraries: bool,
    language: String,
    created_at: DateTime<Utc>,
    last_seen_at: Option<DateTime<Utc>>,
    library_ids: Vec<LibraryId>,
    role_id: RoleId,
    role_name: String,
    built_in: Option<String>,
    permissions: Vec<String>,
    needs_second_factor: bool,
    role_created_at: DateTime<Utc>,
    avatar: Option<String>,
    max_streams: Option<i16>,
    max_bitrate_bps: Option<i64>,
    max_local_bitrate_bps: Option<i64>,
    max_age: Option<i16>,
    hides_unrated: bool,
    blocked_tags: Vec<String>,
    allowed_tags: Vec<String>,
}

impl From<PersonRowRead> for Person {
    fn from(row: PersonRowRead) -> Self {
        let role = Role {
            id: row.role_id,
            name: row.role_name,
            permissions: permissions_of(row.built_in.as_deref(), &row.permissions),
            built_in: row.built_in.as_deref().and_then(BuiltInRole::parse),
            needs_second_factor: row.needs_second_factor,
            created_at: row.role_created_at,
        };
        Self {
            id: row.id,
            name: row.name,
            role,
            is_disabled: row.is_disabled,
            all_libraries: row.all_libraries,
            library_ids: row.library_ids,
            limits: limits((row.max_streams, row.max_bitrate_bps, row.max_local_bitrate_bps)),
            parental: Parental {
                max_age: row.max_age.and_then(|it| it.try_into().ok()),
                hides_unrated: row.hides_unrated,
                blocked_tags: row.blocked_tags,
                allowed_tags: row.allowed_tags,
            },
            language: row.language,
            avatar: row.avatar,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
        }
    }
}

/// Takes the lock under which the first account is made and administrators are counted; held until the transaction ends.
pub(crate) async fn lock_people(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('core.person'))").execute(db).await?;
    Ok(())
}

pub(crate) async fn has_people(db: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"SELECT EXISTS (SELECT 1 FROM core.person) AS "exists!""#)
        .fetch_one(db)
        .await?)
}

/// How many people could administer the server right now.
pub(crate) async fn count_administrators(db: &mut PgConnection) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM core.person WHERE role_id = $1 AND NOT is_disabled"#,
        id_of(BuiltInRole::Admin).0,
    )
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// The hash that a sign-in under this name must fit; `None` for nobody, for people who may not sign in, and for those who
/// have no password.
pub(crate) async fn find_password(
    db: &mut PgConnection,
    name_key: &str,
) -> Result<Option<(PersonId, String)>> {
    let row = sqlx::query!(
        "SELECT id, password_hash FROM core.person WHERE name_key = $1 AND NOT is_disabled AND password_hash <> ''",
        name_key
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (PersonId(it.id), it.password_hash)))
}

pub(crate) async fn find_person(db: &mut PgConnection, id: PersonId) -> Result<Option<Person>> {
    let person = sqlx::query_as!(
        PersonRowRead,
        r#"
        SELECT person.id AS "id: PersonId", person.name, is_disabled, all_libraries, language, person.created_at,
               last_seen_at, role_id AS "role_id: RoleId", role.name AS role_name, built_in, permissions,
               role.needs_second_factor, role.created_at AS role_created_at, max_streams, max_bitrate_bps, max_local_bitrate_bps,
               (SELECT version FROM core.avatar WHERE person_id = person.id) AS avatar,
               max_age, hides_unrated, blocked_tags, allowed_tags,
               ARRAY(SELECT library_id FROM core.person_library WHERE person_id = person.id)
                   AS "library_ids!: Vec<LibraryId>"
        FROM core.person JOIN core.role ON role.id = person.role_id
        WHERE person.id = $1
        "#,
        id.0
    )
    .fetch_optional(db)
    .await?;
    Ok(person.map(Person::from))
}

/// People in the order their accounts were made. Served by `person_pkey`: the ids grow with time.
pub(crate) async fn list_people(
    db: &mut PgConnection,
    after: Option<PersonId>,
    limit: Limit,
) -> Result<Vec<Person>> {
    let people = sqlx::query_as!(
        PersonRowRead,
        r#"
        SELECT person.id AS "id: PersonId", person.name, is_disabled, all_libraries, language, person.created_at,
               last_seen_at, role_id AS "role_id: RoleId", role.name AS role_name, built_in, permissions,
               role.needs_second_factor, role.created_at AS role_created_at, max_streams, max_bitrate_bps, max_local_bitrate_bps,
               (SELECT version FROM core.avatar WHERE person_id = person.id) AS avatar,
               max_age, hides_unrated, blocked_tags, allowed_tags,
               ARRAY(SELECT library_id FROM core.person_library WHERE person_id = person.id)
                   AS "library_ids!: Vec<LibraryId>"
        FROM core.person JOIN core.role ON role.id = person.role_id
        WHERE $1::uuid IS NULL OR person.id > $1
        ORDER BY person.id
        LIMIT $2
        "#,
        after.map(|it| it.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    Ok(people.into_iter().map(Person::from).collect())
}

/// Writes everything about a person that can be changed, but the password.
pub(crate) async fn update_person(
    db: &mut PgConnection,
    person: &Person,
    name_key: &str,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE core.person
        SET name = $2, name_key = $3, role_id = $4, is_disabled = $5, all_libraries = $6, language = $7,
            max_streams = $8, max_bitrate_bps = $9, max_local_bitrate_bps = $10,
            max_age = $11, hides_unrated = $12, blocked_tags = $13, allowed_tags = $14
        WHERE id = $1
        "#,
        person.id.0,
        person.name,
        name_key,
        person.role.id.0,
        person.is_disabled,
        person.all_libraries,
        person.language,
        person.limits.max_streams.and_then(|it| i16::try_from(it).ok()),
        person.limits.max_bitrate_bps,
        person.limits.max_local_bitrate_bps,
        person.parental.max_age.map(i16::from),
        person.parental.hides_unrated,
        &person.parental.blocked_tags,
        &person.parental.allowed_tags,
    )
    .execute(db)
    .await
    .on_constraint("person_name_key_unique", name_taken)?;
    Ok(())
}

/// Makes `libraries` exactly the ones the person sees where not all.
pub(crate) async fn update_grants(
    db: &mut PgConnection,
    id: PersonId,
    libraries: &[LibraryId],
) -> Result<()> {
    let libraries: Vec<Uuid> = libraries.iter().map(|it| it.0).collect();
    sqlx::query!(
        "DELETE FROM core.person_library WHERE person_id = $1 AND library_id <> ALL($2)",
        id.0,
        &libraries
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO core.person_library (person_id, library_id)
        SELECT $1, library_id FROM UNNEST($2::uuid[]) AS granted (library_id)
        ON CONFLICT DO NOTHING
        "#,
        id.0,
        &libraries
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn update_password(db: &mut PgConnection, id: PersonId, hash: &str) -> Result<()> {
    sqlx::query!("UPDATE core.person SET password_hash = $2 WHERE id = $1", id.0, hash)
        .execute(db)
        .await?;
    Ok(())
}

/// Keeps the same password hashed otherwise, unless it was changed meanwhile.
pub(crate) async fn renew_password_hash(
    db: &mut PgConnection,
    id: PersonId,
    old: &str,
    new: &str,
) -> Result<()> {
    sqlx::query!(
        "UPDATE core.person SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
        id.0,
        old,
        new,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn find_password_by_id(
    db: &mut PgConnection,
    id: PersonId,
) -> Result<Option<String>> {
    let hash = sqlx::query_scalar!(
        "SELECT password_hash FROM core.person WHERE id = $1 AND password_hash <> ''",
        id.0
    );
    Ok(hash.fetch_optional(db).await?)
}

pub(crate) async fn find_person_id(
    db: &mut PgConnection,
    name_key: &str,
) -> Result<Option<PersonId>> {
    let id = sqlx::query_scalar!("SELECT id FROM core.person WHERE name_key = $1", name_key)
        .fetch_optional(db)
        .await?;
    Ok(id.map(PersonId))
}

/// What a person and a device of theirs are called.
pub(crate) async fn find_names(
    db: &mut PgConnection,
    person: PersonId,
    session: Option<SessionId>,
) -> Result<Option<(String, String)>> {
    let row = sqlx::query!(
        r#"
        SELECT person.name, COALESCE(session.device, '') AS "device!"
        FROM core.person
        LEFT JOIN core.session ON session.person_id = person.id AND session.id = $2
        WHERE person.id = $1
        "#,
        person.0,
        session.map(|it| it.0),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (it.name, it.device)))
}

pub(crate) async fn delete_person(db: &mut PgConnection, id: PersonId) -> Result<bool> {
    Ok(sqlx::query!("DELETE FROM core.person WHERE id = $1", id.0)
        .execute(db)
        .await?
        .rows_affected()
        > 0)
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
                      max_age, hides_unrated, blocked_tags, allowed_tags
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

pub(crate) async fn find_setting(
    db: &mut PgConnection,
    key: &str,
) -> Result<Option<serde_json::Value>> {
    Ok(sqlx::query_scalar!("SELECT value FROM core.setting WHERE key = $1", key)
        .fetch_optional(db)
        .await?)
}

/// Keeps `value` where nothing is kept yet, and returns what is kept: all nodes agree on the first.
pub(crate) async fn insert_setting(
    db: &mut PgConnection,
    key: &str,
    value: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<serde_json::Value> {
    let kept = sqlx::query_scalar!(
        r#"
        INSERT INTO core.setting (key, value, updated_at) VALUES ($1, $2, $3)
        ON CONFLICT (key) DO UPDATE SET value = core.setting.value
        RETURNING value
        "#,
        key,
        value,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(kept)
}

pub(crate) async fn delete_setting(db: &mut PgConnection, key: &str) -> Result<()> {
    sqlx::query!("DELETE FROM core.setting WHERE key = $1", key).execute(db).await?;
    Ok(())
}

pub(crate) async fn insert_audit(
    db: &mut PgConnection,
    at: DateTime<Utc>,
    person: Option<PersonId>,
    action: &str,
    subject: &str,
    address: &str,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO core.audit (at, person_id, action, subject, address) VALUES ($1, $2, $3, $4, $5)",
        at,
        person.map(|it| it.0),
        action,
        subject,
        address,
    )
    .execute(db)
    .await?;
    Ok(())
}
