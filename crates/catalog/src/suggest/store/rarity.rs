//! SQL of how rare traits are.

use chrono::{DateTime, Utc};
use kernel::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// What was counted.
#[derive(Debug)]
pub struct RarityRow {
    pub item_count: i64,
    pub counts: Vec<u8>,
    pub counted_at: DateTime<Utc>,
}

/// The count by this rule, if it is another than the one of `known`.
pub async fn find_newer(
    db: &mut PgConnection,
    rule: i32,
    known: Option<DateTime<Utc>>,
) -> Result<Option<RarityRow>> {
    Ok(sqlx::query_as!(
        RarityRow,
        "
        SELECT item_count, counts, counted_at
        FROM rarity
        WHERE is_only AND rule = $1 AND counted_at IS DISTINCT FROM $2
        ",
        rule,
        known,
    )
    .fetch_optional(db)
    .await?)
}

/// Among how many items was counted by this rule.
pub async fn find_item_count(db: &mut PgConnection, rule: i32) -> Result<Option<i64>> {
    let sql =
        sqlx::query_scalar!("SELECT item_count FROM rarity WHERE is_only AND rule = $1", rule);
    Ok(sql.fetch_optional(db).await?)
}

/// Whether there is a count by this rule that the index was not made by.
pub async fn is_to_be_indexed(db: &mut PgConnection, rule: i32) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rarity WHERE is_only AND rule = $1 AND NOT is_indexed) AS "is_new!""#,
        rule,
    )
    .fetch_one(db)
    .await?)
}

/// Notes that the index was made by the count of that time.
pub async fn update_indexed(db: &mut PgConnection, counted_at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "UPDATE rarity SET is_indexed = true WHERE is_only AND counted_at = $1 AND NOT is_indexed",
        counted_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps a count in place of the one before.
pub async fn upsert_rarity(
    db: &mut PgConnection,
    rule: i32,
    item_count: i64,
    counts: &[u8],
    counted_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO rarity (rule, item_count, counts, counted_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (is_only) DO UPDATE
        SET rule = EXCLUDED.rule, item_count = EXCLUDED.item_count, counts = EXCLUDED.counts,
            counted_at = EXCLUDED.counted_at, is_indexed = false
        ",
        rule,
        item_count,
        counts,
        counted_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How many films and series there are.
pub async fn count_compared_unscoped(db: &mut PgConnection) -> Result<i64> {
    let sql = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM item WHERE is_top AND missing_since IS NULL"#
    );
    Ok(sql.fetch_one(db).await?)
}

/// Ids of films and series behind `after`, in order.
pub async fn list_compared_unscoped(
    db: &mut PgConnection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "
        SELECT id
        FROM item
        WHERE is_top AND missing_since IS NULL AND ($1::uuid IS NULL OR id > $1)
        ORDER BY id
        LIMIT $2
        ",
        after,
        limit,
    )
    .fetch_all(db)
    .await?)
}
