//! SQL of who people are to providers of identity, and of how sessions came to be.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::error::OnConstraint as _;
use kernel::id::{PersonId, SessionId};
use serde_json::Value;
use sqlx::PgConnection;

use crate::identity::{Identity, IdentityId};
use crate::oidc::refusal;

/// An identity to be inserted.
pub(crate) struct IdentityRow<'a> {
    pub id: IdentityId,
    pub person: PersonId,
    pub issuer: &'a str,
    pub subject: &'a str,
    pub name: &'a str,
}

pub(crate) async fn insert_identity(
    db: &mut PgConnection,
    row: &IdentityRow<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.identity (id, person_id, issuer, subject, name, created_at, last_used_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6)
        "#,
        row.id.0,
        row.person.0,
        row.issuer,
        row.subject,
        row.name,
        now,
    )
    .execute(db)
    .await
    .on_constraint("identity_subject_unique", refusal::linked_elsewhere)?;
    Ok(())
}

/// Whose identity it is; notes that it was used. Served by `identity_subject_unique`.
pub(crate) async fn use_identity(
    db: &mut PgConnection,
    issuer: &str,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>> {
    let person = sqlx::query_scalar!(
        "UPDATE core.identity SET last_used_at = $3 WHERE issuer = $1 AND subject = $2 RETURNING person_id",
        issuer,
        subject,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(person.map(PersonId))
}

pub(crate) async fn find_person(
    db: &mut PgConnection,
    issuer: &str,
    subject: &str,
) -> Result<Option<PersonId>> {
    let person = sqlx::query_scalar!(
        "SELECT person_id FROM core.identity WHERE issuer = $1 AND subject = $2",
        issuer,
        subject
    )
    .fetch_optional(db)
    .await?;
    Ok(person.map(PersonId))
}

pub(crate) async fn find_identity(
    db: &mut PgConnection,
    issuer: &str,
    subject: &str,
) -> Result<Option<Identity>> {
    let identity = sqlx::query_as!(
        Identity,
        r#"
        SELECT id AS "id: IdentityId", issuer, subject, name, created_at, last_used_at
        FROM core.identity
        WHERE issuer = $1 AND subject = $2
        "#,
        issuer,
        subject,
    )
    .fetch_optional(db)
    .await?;
    Ok(identity)
}

/// A person's identities in the order they were connected. Served by `identity_person_idx`.
pub(crate) async fn list_identities(
    db: &mut PgConnection,
    person: PersonId,
) -> Result<Vec<Identity>> {
    let identities = sqlx::query_as!(
        Identity,
        r#"
        SELECT id AS "id: IdentityId", issuer, subject, name, created_at, last_used_at
        FROM core.identity
        WHERE person_id = $1
        ORDER BY id
        "#,
        person.0,
    )
    .fetch_all(db)
    .await?;
    Ok(identities)
}

pub(crate) async fn delete_identity(
    db: &mut PgConnection,
    person: PersonId,
    id: IdentityId,
) -> Result<bool> {
    let gone =
        sqlx::query!("DELETE FROM core.identity WHERE id = $1 AND person_id = $2", id.0, person.0);
    Ok(gone.execute(db).await?.rows_affected() > 0)
}

/// Keeps how a session came to be.
pub(crate) async fn update_came_by(
    db: &mut PgConnection,
    session: SessionId,
    came_by: &Value,
) -> Result<()> {
    sqlx::query!("UPDATE core.session SET came_by = $2 WHERE id = $1", session.0, came_by)
        .execute(db)
        .await?;
    Ok(())
}

/// How a session came to be, where that was by a provider.
pub(crate) async fn find_came_by(
    db: &mut PgConnection,
    session: SessionId,
) -> Result<Option<Value>> {
    let found = sqlx::query_scalar!("SELECT came_by FROM core.session WHERE id = $1", session.0);
    Ok(found.fetch_optional(db).await?.flatten())
}
