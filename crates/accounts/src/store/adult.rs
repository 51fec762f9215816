//! Who may open the adult area, and how.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::PersonId;
use sqlx::PgConnection;

/// What a person did to open the area.
pub(crate) struct EntryRow {
    pub pin_hash: Option<String>,
}

/// `None` for who never said that they are old enough.
pub(crate) async fn find_entry(
    db: &mut PgConnection,
    person: PersonId,
) -> Result<Option<EntryRow>> {
    let row = sqlx::query_as!(
        EntryRow,
        "SELECT pin_hash FROM core.adult_entry WHERE person_id = $1",
        person.0
    )
    .fetch_optional(db)
    .await?;
    Ok(row)
}

/// Keeps that somebody said that they are old enough; `false` where they had said so before.
pub(crate) async fn insert_entry(
    db: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let kept = sqlx::query!(
        r#"
        INSERT INTO core.adult_entry (person_id, age_confirmed_at) VALUES ($1, $2)
        ON CONFLICT (person_id) DO NOTHING
        "#,
        person.0,
        now,
    )
    .execute(db)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// Keeps another PIN, or none; `false` for who never said that they are old enough.
pub(crate) async fn update_pin(
    db: &mut PgConnection,
    person: PersonId,
    pin_hash: Option<&str>,
) -> Result<bool> {
    let kept = sqlx::query!(
        "UPDATE core.adult_entry SET pin_hash = $2 WHERE person_id = $1",
        person.0,
        pin_hash,
    )
    .execute(db)
    .await?;
    Ok(kept.rows_affected() > 0)
}
