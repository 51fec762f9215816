//! What is asked of the database about itself.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// What time it is where the database is.
pub async fn find_clock(pool: &PgPool) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(pool).await
}
