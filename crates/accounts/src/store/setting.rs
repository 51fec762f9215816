//! SQL of what the owner decided, and of the secrets that all nodes share.

use chrono::{DateTime, Utc};
use kernel::Result;
use sqlx::PgConnection;

pub(crate) async fn find_setting(
    db: &mut PgConnection,
    key: &str,
) -> Result<Option<serde_json::Value>> {
    Ok(sqlx::query_scalar!("SELECT value FROM core.setting WHERE key = $1", key)
        .fetch_optional(db)
        .await?)
}

/// Keeps `value` where nothing is kept yet, and returns what is kept: all nodes agree on the first.
pub(crate) async fn insert_setting(
    db: &mut PgConnection,
    key: &str,
    value: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<serde_json::Value> {
    let kept = sqlx::query_scalar!(
        r#"
        INSERT INTO core.setting (key, value, updated_at) VALUES ($1, $2, $3)
        ON CONFLICT (key) DO UPDATE SET value = core.setting.value
        RETURNING value
        "#,
        key,
        value,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok(kept)
}

pub(crate) async fn delete_setting(db: &mut PgConnection, key: &str) -> Result<()> {
    sqlx::query!("DELETE FROM core.setting WHERE key = $1", key).execute(db).await?;
    Ok(())
}

/// Keeps an entry of a setting in place of what was there; `None` takes it away.
pub(crate) async fn keep_entry(
    db: &mut PgConnection,
    setting: &str,
    entry: &str,
    value: Option<&serde_json::Value>,
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
