//! Who did what.

use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Limit, Result};
use sqlx::PgConnection;

use crate::audit::{ADULT_CHANGE, Act, AuditFilter, AuditKey};

/// Acts from the newest on; of the adult area only for whoever is inside. Served by `audit_at_idx`, `audit_person_idx` and `audit_action_idx`.
pub(crate) async fn list_audit(
    db: &mut PgConnection,
    filter: &AuditFilter,
    is_inside: bool,
    after: Option<AuditKey>,
    limit: Limit,
) -> Result<Vec<Act>> {
    let acts = sqlx::query_as!(
        Act,
        r#"
        SELECT audit.id, audit.at, audit.person_id AS "person_id: PersonId", person.name AS "person_name?",
               audit.action, audit.subject, audit.address
        FROM core.audit LEFT JOIN core.person ON person.id = audit.person_id
        WHERE ($1::uuid IS NULL OR audit.person_id = $1)
          AND ($2::text IS NULL OR audit.action = $2)
          AND ($3::timestamptz IS NULL OR audit.at >= $3)
          AND ($4::timestamptz IS NULL OR audit.at < $4)
          AND ($5::timestamptz IS NULL OR (audit.at, audit.id) < ($5, $6))
          AND ($8 OR audit.action <> $9)
        ORDER BY audit.at DESC, audit.id DESC
        LIMIT $7
        "#,
        filter.person.map(|it| it.0),
        filter.action,
        filter.from,
        filter.until,
        after.map(|it| it.0),
        after.map(|it| it.1),
        limit.probe(),
        is_inside,
        ADULT_CHANGE,
    )
    .fetch_all(db)
    .await?;
    Ok(acts)
}

/// Notes an act.
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
