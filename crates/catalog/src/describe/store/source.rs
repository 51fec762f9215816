//! What sources say of items, as they said it.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::ItemId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::describe::source::Source;

/// One source's word on one item.
#[derive(Debug)]
pub struct SourceRow {
    pub item_id: ItemId,
    pub source: String,
    pub provider_id: Option<String>,
    /// A [`metadata::Described`] as JSON, as `rows::kept` has it.
    pub facts: String,
}

/// Keeps what sources say, in place of what they said before.
pub async fn upsert_sources(
    db: &mut PgConnection,
    rows: &[SourceRow],
    now: DateTime<Utc>,
) -> Result<()> {
    let items: Vec<Uuid> = rows.iter().map(|it| it.item_id.0).collect();
    let sources: Vec<&str> = rows.iter().map(|it| it.source.as_str()).collect();
    let provider_ids: Vec<Option<&str>> = rows.iter().map(|it| it.provider_id.as_deref()).collect();
    let facts: Vec<&str> = rows.iter().map(|it| it.facts.as_str()).collect();
    sqlx::query!(
        r#"
        INSERT INTO item_source (item_id, source, provider_id, facts, fetched_at)
        SELECT DISTINCT ON (it.item_id, it.source) it.item_id, it.source, it.provider_id, it.facts::jsonb, $5
        FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[]) AS it (item_id, source, provider_id, facts)
        ORDER BY it.item_id, it.source
        ON CONFLICT ON CONSTRAINT item_source_pkey DO UPDATE
        SET provider_id = EXCLUDED.provider_id, facts = EXCLUDED.facts, fetched_at = EXCLUDED.fetched_at
        "#,
        &items,
        &sources as &[&str],
        &provider_ids as &[Option<&str>],
        &facts as &[&str],
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets what `sources[n]` said of `items[n]`.
pub async fn delete_sources(
    db: &mut PgConnection,
    items: &[Uuid],
    sources: &[String],
) -> Result<()> {
    sqlx::query!(
        "
        DELETE FROM item_source
        USING UNNEST($1::uuid[], $2::text[]) AS it (item_id, source)
        WHERE item_source.item_id = it.item_id AND item_source.source = it.source
        ",
        items,
        sources,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets what providers said of an item, and their guides to it; those of `keep` stay.
pub async fn delete_providers(db: &mut PgConnection, item: ItemId, keep: &[String]) -> Result<()> {
    sqlx::query!(
        "DELETE FROM item_source WHERE item_id = $1 AND source NOT IN ('name', 'nfo', 'tags', 'written') AND source <> ALL($2)",
        item.0,
        keep,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "DELETE FROM season_guide WHERE series_id = $1 AND source <> ALL($2)",
        item.0,
        keep
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "DELETE FROM episode_guide WHERE series_id = $1 AND source <> ALL($2)",
        item.0,
        keep
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A kept word, with the time it was asked for.
#[derive(Debug)]
pub struct KeptSource {
    pub item_id: ItemId,
    pub source: Source,
    pub fetched_at: DateTime<Utc>,
}

/// What sources say of `items`. What an older version wrote and we cannot read says nothing.
pub async fn list_sources_unscoped(
    db: &mut PgConnection,
    items: &[Uuid],
) -> Result<Vec<KeptSource>> {
    let rows = sqlx::query!(
        r#"
        SELECT item_id AS "item_id: ItemId", source, provider_id, facts, fetched_at
        FROM item_source
        WHERE item_id = ANY($1)
        "#,
        items,
    )
    .fetch_all(db)
    .await?;
    let kept = rows.into_iter().map(|row| KeptSource {
        item_id: row.item_id,
        source: Source {
            name: row.source,
            provider_id: row.provider_id,
            said: serde_json::from_value(row.facts).unwrap_or_default(),
        },
        fetched_at: row.fetched_at,
    });
    Ok(kept.collect())
}
