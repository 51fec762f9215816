//! SQL of settings with entries.

use chrono::{DateTime, Utc};
use kernel::Result;
use serde_json::Value;
use sqlx::PgConnection;

/// A setting.
pub(crate) async fn find_entries(db: &mut PgConnection, setting: &str) -> Result<Option<Value>> {
    let value = sqlx::query_scalar!("SELECT value FROM core.setting WHERE key = $1", setting)
        .fetch_optional(db)
        .await?;
    Ok(value)
}

/// Keeps an entry of a setting in place of what was there; `None` takes it away.
pub(crate) async fn keep_entry(
    db: &mut PgConnection,
    setting: &str,
    entry: &str,
    value: Option<&Value>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.setting AS kept (key, value, updated_at)
        VALUES ($1, CASE WHEN $3::jsonb IS NULL THEN '{}' ELSE jsonb_build_object($2::text, $3::jsonb) END, $4)
        ON CONFLICT (key) DO UPDATE
        SET value = (kept.value - $2::text) || excluded.value, updated_at = excluded.updated_at
        "#,
        setting,
        entry,
        value,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
