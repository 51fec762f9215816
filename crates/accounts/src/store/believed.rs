//! SQL of what the cache believes of people, so that it can be told that it is no longer so.

use kernel::Result;
use kernel::id::{ApiKeyId, PersonId, RoleId, SessionId};
use sqlx::PgConnection;

/// The devices and keys of which the cache may believe something.
#[derive(Debug, Default)]
pub(crate) struct Believed {
    pub sessions: Vec<SessionId>,
    pub keys: Vec<ApiKeyId>,
}

/// Those of one person. Served by `session_person_idx` and `api_key_person_idx`.
pub(crate) async fn of_person(db: &mut PgConnection, person: PersonId) -> Result<Believed> {
    let row = sqlx::query!(
        r#"
        SELECT ARRAY(SELECT id FROM core.session WHERE person_id = $1) AS "sessions!: Vec<SessionId>",
               ARRAY(SELECT id FROM core.api_key WHERE person_id = $1) AS "keys!: Vec<ApiKeyId>"
        "#,
        person.0,
    )
    .fetch_one(db)
    .await?;
    Ok(Believed { sessions: row.sessions, keys: row.keys })
}

/// Those of everybody who has the role. Served by `person_role_idx`.
pub(crate) async fn of_role(db: &mut PgConnection, role: RoleId) -> Result<Believed> {
    let row = sqlx::query!(
        r#"
        SELECT ARRAY(
                   SELECT session.id FROM core.session JOIN core.person ON person.id = session.person_id
                   WHERE person.role_id = $1
               ) AS "sessions!: Vec<SessionId>",
               ARRAY(
                   SELECT api_key.id FROM core.api_key JOIN core.person ON person.id = api_key.person_id
                   WHERE person.role_id = $1
               ) AS "keys!: Vec<ApiKeyId>"
        "#,
        role.0,
    )
    .fetch_one(db)
    .await?;
    Ok(Believed { sessions: row.sessions, keys: row.keys })
}
