//! SQL of people and the libraries they see.

use chrono::{DateTime, Utc};
use kernel::error::OnConstraint as _;
use kernel::id::{LibraryId, PersonId, RoleId, SessionId};
use kernel::{BuiltInRole, Error, Hours, Limit, Parental, Result};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::limits;
use crate::person::Person;
use crate::role::{Role, id_of, permissions_of};

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
    hours: Json<Hours>,
    leaving_needs_pin: bool,
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
                hours: row.hours.0,
                leaving_needs_pin: row.leaving_needs_pin,
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
               max_age, hides_unrated, blocked_tags, allowed_tags, hours AS "hours: Json<Hours>",
               leaving_needs_pin,
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
               max_age, hides_unrated, blocked_tags, allowed_tags, hours AS "hours: Json<Hours>",
               leaving_needs_pin,
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
            max_age = $11, hides_unrated = $12, blocked_tags = $13, allowed_tags = $14, hours = $15,
            leaving_needs_pin = $16
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
        Json(&person.parental.hours) as Json<&Hours>,
        person.parental.leaving_needs_pin,
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

/// What these people are called.
pub(crate) async fn list_names(
    db: &mut PgConnection,
    people: &[Uuid],
) -> Result<Vec<(PersonId, String)>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: PersonId", name FROM core.person WHERE id = ANY($1)"#,
        people,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.id, it.name)).collect())
}

pub(crate) async fn delete_person(db: &mut PgConnection, id: PersonId) -> Result<bool> {
    Ok(sqlx::query!("DELETE FROM core.person WHERE id = $1", id.0)
        .execute(db)
        .await?
        .rows_affected()
        > 0)
}
