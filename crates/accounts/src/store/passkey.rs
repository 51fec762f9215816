//! Passkeys.

use chrono::{DateTime, Utc};
use kernel::error::OnConstraint as _;
use kernel::id::PersonId;
use kernel::{Error, Result};
use serde_json::Value;
use sqlx::PgConnection;

use crate::passkey::{Passkey, PasskeyId};

/// A passkey to be kept.
pub(crate) struct PasskeyRow<'a> {
    pub passkey: &'a Passkey,
    pub person_id: PersonId,
    pub credential_id: &'a [u8],
    pub rp_id: &'a str,
    pub credential: &'a Value,
}

/// Served by `passkey_person_idx`; nobody has more than the service lets them make.
pub(crate) async fn list_passkeys(db: &mut PgConnection, person: PersonId) -> Result<Vec<Passkey>> {
    let passkeys = sqlx::query_as!(
        Passkey,
        r#"
        SELECT id AS "id: PasskeyId", name, rp_id, created_at, last_used_at
        FROM core.passkey
        WHERE person_id = $1
        ORDER BY id
        "#,
        person.0
    )
    .fetch_all(db)
    .await?;
    Ok(passkeys)
}

/// What a person's passkeys for one name of the server are checked with.
pub(crate) async fn list_credentials(
    db: &mut PgConnection,
    person: PersonId,
    rp_id: &str,
) -> Result<Vec<Value>> {
    let credentials = sqlx::query_scalar!(
        "SELECT credential FROM core.passkey WHERE person_id = $1 AND rp_id = $2 ORDER BY id",
        person.0,
        rp_id,
    )
    .fetch_all(db)
    .await?;
    Ok(credentials)
}

pub(crate) async fn insert_passkey(db: &mut PgConnection, row: &PasskeyRow<'_>) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.passkey (id, person_id, credential_id, rp_id, credential, name, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        "#,
        row.passkey.id.0,
        row.person_id.0,
        row.credential_id,
        row.rp_id,
        row.credential,
        row.passkey.name,
        row.passkey.created_at,
    )
    .execute(db)
    .await
    .on_constraint("passkey_credential_id_unique", || {
        Error::conflict("accounts.passkey_known", "that passkey is known already")
    })?;
    Ok(())
}

/// What the passkey of this person is checked with, if they may sign in. Locked: its counter goes up with each use.
pub(crate) async fn find_credential(
    db: &mut PgConnection,
    person: PersonId,
    credential_id: &[u8],
) -> Result<Option<(PasskeyId, Value)>> {
    let row = sqlx::query!(
        r#"
        SELECT passkey.id, credential
        FROM core.passkey JOIN core.person ON person.id = person_id
        WHERE credential_id = $2 AND person_id = $1 AND NOT is_disabled
        FOR UPDATE OF passkey
        "#,
        person.0,
        credential_id,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (PasskeyId(it.id), it.credential)))
}

pub(crate) async fn use_passkey(
    db: &mut PgConnection,
    id: PasskeyId,
    credential: &Value,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE core.passkey SET credential = $2, last_used_at = $3 WHERE id = $1",
        id.0,
        credential,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn rename_passkey(
    db: &mut PgConnection,
    person: PersonId,
    id: PasskeyId,
    name: &str,
) -> Result<bool> {
    let renamed = sqlx::query!(
        "UPDATE core.passkey SET name = $3 WHERE id = $2 AND person_id = $1",
        person.0,
        id.0,
        name,
    )
    .execute(db)
    .await?;
    Ok(renamed.rows_affected() > 0)
}

/// What the deleted one was called.
pub(crate) async fn delete_passkey(
    db: &mut PgConnection,
    person: PersonId,
    id: PasskeyId,
) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "DELETE FROM core.passkey WHERE id = $2 AND person_id = $1 RETURNING name",
        person.0,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(name)
}
