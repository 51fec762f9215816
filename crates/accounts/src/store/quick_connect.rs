//! Devices that wait to be let in.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{PersonId, SessionId};
use sqlx::PgConnection;

use crate::device::DeviceKind;
use crate::quick_connect::{WaitingDevice, WaitingRow};

/// A device that was let in.
pub(crate) struct LetIn {
    /// By whom.
    pub person_id: PersonId,
    pub device: String,
    pub kind: DeviceKind,
    /// Who sent them to the device that let it in asked for a second factor.
    pub has_second_factor: bool,
}

/// Keeps a device that waits; `false` where another one shows the same code.
pub(crate) async fn insert_waiting(db: &mut PgConnection, row: &WaitingRow<'_>) -> Result<bool> {
    let kept = sqlx::query!(
        r#"
        INSERT INTO core.quick_connect (secret_hash, code, device, kind, address, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (code) DO NOTHING
        "#,
        row.secret_hash,
        row.code,
        row.device,
        row.kind as DeviceKind,
        row.address,
        row.expires_at,
    )
    .execute(db)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// The device that shows `code` and that nobody let in yet.
pub(crate) async fn find_waiting(
    db: &mut PgConnection,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<WaitingDevice>> {
    let device = sqlx::query_as!(
        WaitingDevice,
        r#"
        SELECT device, kind AS "kind: DeviceKind", address, expires_at FROM core.quick_connect
        WHERE code = $1 AND person_id IS NULL AND expires_at > $2
        "#,
        code,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(device)
}

/// Lets the device in that shows `code`, as `session` of the person was let in: what it calls itself.
pub(crate) async fn let_in(
    db: &mut PgConnection,
    code: &str,
    person: PersonId,
    session: Option<SessionId>,
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    let device = sqlx::query_scalar!(
        r#"
        UPDATE core.quick_connect
        SET person_id = $2, has_second_factor = COALESCE((
            SELECT (came_by ->> 'has_second_factor')::boolean FROM core.session WHERE id = $4 AND person_id = $2
        ), false)
        WHERE code = $1 AND person_id IS NULL AND expires_at > $3
        RETURNING device
        "#,
        code,
        person.0,
        now,
        session.map(|it| it.0),
    )
    .fetch_optional(db)
    .await?;
    Ok(device)
}

pub(crate) async fn is_waiting(
    db: &mut PgConnection,
    secret_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool> {
    let waits = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM core.quick_connect WHERE secret_hash = $1 AND expires_at > $2
        ) AS "waits!"
        "#,
        secret_hash,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(waits)
}

/// Takes a device that was let in.
pub(crate) async fn take_let_in(
    db: &mut PgConnection,
    secret_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<LetIn>> {
    let row = sqlx::query_as!(
        LetIn,
        r#"
        DELETE FROM core.quick_connect
        WHERE secret_hash = $1 AND person_id IS NOT NULL AND expires_at > $2
        RETURNING person_id AS "person_id!: PersonId", device, kind AS "kind: DeviceKind", has_second_factor
        "#,
        secret_hash,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// Served by `quick_connect_expires_idx`.
pub(crate) async fn delete_expired(db: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("DELETE FROM core.quick_connect WHERE expires_at <= $1", now).execute(db).await?;
    Ok(())
}
