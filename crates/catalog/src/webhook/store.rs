//! SQL of the webhook.

use chrono::{DateTime, Utc};
use kernel::Result;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::{LastCall, PathMapping, Webhook};

/// The webhook, if anybody ever looked at it.
pub async fn find_webhook(db: &mut PgConnection) -> Result<Option<Webhook>> {
    let row = sqlx::query!(
        r#"
        SELECT token, path_mappings AS "path_mappings: Json<Vec<PathMapping>>", last_call AS "last_call: Json<LastCall>"
        FROM webhook
        "#,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| Webhook {
        token: it.token,
        path_mappings: it.path_mappings.0,
        last_call: it.last_call.map(|it| it.0),
    }))
}

/// Makes the webhook with this token, unless there is one.
pub async fn insert_webhook(db: &mut PgConnection, token: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO webhook (token, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        token,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Has callers know another token from now on.
pub async fn update_token(db: &mut PgConnection, token: &str) -> Result<()> {
    sqlx::query!("UPDATE webhook SET token = $1", token).execute(db).await?;
    Ok(())
}

/// Sets what other programs call our folders.
pub async fn update_path_mappings(db: &mut PgConnection, mappings: &[PathMapping]) -> Result<()> {
    sqlx::query!("UPDATE webhook SET path_mappings = $1", Json(mappings) as _).execute(db).await?;
    Ok(())
}

/// Keeps what was told last.
pub async fn update_last_call(db: &mut PgConnection, call: &LastCall) -> Result<()> {
    sqlx::query!("UPDATE webhook SET last_call = $1", Json(call) as _).execute(db).await?;
    Ok(())
}
