//! SQL of whom notices reach.

use kernel::Result;
use kernel::id::PersonId;
use sqlx::PgConnection;

/// What decides whether a person is told something, beside their row.
pub(crate) struct RecipientRow {
    pub blocked_marks: Vec<i64>,
    pub allowed_marks: Vec<i64>,
    /// Their role demands a second factor, and they have none.
    pub lacks_factor: bool,
}

pub(crate) async fn find_recipient(
    db: &mut PgConnection,
    id: PersonId,
) -> Result<Option<RecipientRow>> {
    let row = sqlx::query_as!(
        RecipientRow,
        r#"
        SELECT core.marks_of(blocked_tags) AS "blocked_marks!", core.marks_of(allowed_tags) AS "allowed_marks!",
               needs_second_factor
                   AND NOT EXISTS (
                       SELECT 1 FROM core.totp WHERE totp.person_id = person.id AND confirmed_at IS NOT NULL
                   )
                   AND NOT EXISTS (SELECT 1 FROM core.passkey WHERE passkey.person_id = person.id)
                   AS "lacks_factor!"
        FROM core.person JOIN core.role ON role.id = person.role_id
        WHERE person.id = $1
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}
