//! The history of what people changed.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{ItemId, PersonId};
use serde_json::Value;
use sqlx::PgConnection;

use super::store;

/// A change to note.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which field.
    pub field: &'static str,
    /// What was there.
    pub before: Value,
    /// What is there now.
    pub after: Value,
    /// Whether it was locked.
    pub was_locked: bool,
    /// Whether it is now.
    pub is_locked: bool,
}

/// Notes what `person` changed about an item, in the transaction that changes it.
pub async fn insert_edits(
    db: &mut PgConnection,
    person: PersonId,
    item: ItemId,
    changes: &[Change],
    now: DateTime<Utc>,
) -> Result<()> {
    for change in changes {
        store::insert_edit(db, person, item, change, now).await?;
    }
    Ok(())
}
