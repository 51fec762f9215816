//! What the owner set in the interface, and a library's own settings.

use chrono::{DateTime, Utc};
use kernel::id::LibraryId;
use kernel::{LibraryScope, Result};
use serde_json::Value;
use sqlx::PgConnection;

/// A setting, and when it was made.
pub async fn find_setting(
    db: &mut PgConnection,
    key: &str,
) -> Result<Option<(Value, DateTime<Utc>)>> {
    let row = sqlx::query!("SELECT value, updated_at FROM setting WHERE key = $1", key)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|it| (it.value, it.updated_at)))
}

/// Makes a setting.
pub async fn upsert_setting(
    db: &mut PgConnection,
    key: &str,
    value: Value,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO setting (key, value, updated_at) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT setting_pkey DO UPDATE SET value = EXCLUDED.value, updated_at = EXCLUDED.updated_at
        ",
        key,
        value,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A library's settings.
pub async fn find_library_settings(
    db: &mut PgConnection,
    scope: &LibraryScope,
    library: LibraryId,
) -> Result<Option<Value>> {
    Ok(sqlx::query_scalar!(
        "SELECT settings FROM library WHERE id = $1 AND id = ANY($2)",
        library.0,
        scope.ids(),
    )
    .fetch_optional(db)
    .await?)
}

/// Makes one of a library's settings; the others stay.
pub async fn update_library_setting(
    db: &mut PgConnection,
    scope: &LibraryScope,
    library: LibraryId,
    key: &str,
    value: Value,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE library SET settings = settings || jsonb_build_object($3::text, $4::jsonb)
        WHERE id = $1 AND id = ANY($2)
        ",
        library.0,
        scope.ids(),
        key,
        value,
    )
    .execute(db)
    .await?;
    Ok(())
}
