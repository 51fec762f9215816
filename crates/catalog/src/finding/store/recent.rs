//! SQL of what people looked for last.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::PersonId;
use sqlx::PgConnection;

/// What the person looked for, the newest first. Served by `recent_search_time_idx`.
pub async fn list_recent(
    db: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<(String, DateTime<Utc>)>> {
    let rows = sqlx::query!(
        "
        SELECT words, searched_at
        FROM recent_search
        WHERE person_id = $1
        ORDER BY searched_at DESC
        LIMIT $2
        ",
        person.0,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.words, it.searched_at)).collect())
}

/// Puts `words` in front and deletes what is behind the newest `kept`.
pub async fn insert_recent(
    db: &mut PgConnection,
    person: PersonId,
    words: &str,
    now: DateTime<Utc>,
    kept: i64,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO recent_search (person_id, words, searched_at) VALUES ($1, $2, $3)
        ON CONFLICT (person_id, words) DO UPDATE SET searched_at = EXCLUDED.searched_at
        ",
        person.0,
        words,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        DELETE FROM recent_search
        WHERE person_id = $1 AND words IN (
            SELECT words FROM recent_search WHERE person_id = $1 ORDER BY searched_at DESC OFFSET $2)
        ",
        person.0,
        kept,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes one of what the person looked for, or all of it.
pub async fn delete_recent(
    db: &mut PgConnection,
    person: PersonId,
    words: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "DELETE FROM recent_search WHERE person_id = $1 AND ($2::text IS NULL OR words = $2)",
        person.0,
        words,
    )
    .execute(db)
    .await?;
    Ok(())
}
