//! SQL of the server that takes our mail.

use chrono::{DateTime, Utc};
use kernel::Result;
use sqlx::PgConnection;

/// The row, its password sealed.
pub(crate) struct MailServerRow {
    pub host: String,
    pub port: i32,
    pub security: String,
    pub username: Option<String>,
    pub sealed_password: Option<Vec<u8>>,
    pub sender: String,
}

pub(crate) async fn find_mail_server(db: &mut PgConnection) -> Result<Option<MailServerRow>> {
    let row = sqlx::query_as!(
        MailServerRow,
        "SELECT host, port, security, username, sealed_password, sender FROM notices.mail_server"
    );
    Ok(row.fetch_optional(db).await?)
}

pub(crate) async fn upsert_mail_server(
    db: &mut PgConnection,
    row: &MailServerRow,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO notices.mail_server (host, port, security, username, sealed_password, sender, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE
        SET host = excluded.host, port = excluded.port, security = excluded.security, username = excluded.username,
            sealed_password = excluded.sealed_password, sender = excluded.sender, updated_at = excluded.updated_at
        "#,
        row.host,
        row.port,
        row.security,
        row.username,
        row.sealed_password,
        row.sender,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn delete_mail_server(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("DELETE FROM notices.mail_server").execute(db).await?;
    Ok(())
}
