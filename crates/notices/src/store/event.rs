//! SQL of what happened.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{ItemId, LibraryId};
use kernel::notice::Notice;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::target::EventId;

/// Writes an event down; false when the same was told before.
pub(crate) async fn insert_event(
    db: &mut PgConnection,
    id: EventId,
    notice: &Notice,
    once: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let inserted = sqlx::query!(
        r#"
        INSERT INTO notices.event (id, kind, facts, happened_at, once)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ON CONSTRAINT event_once_unique DO NOTHING
        "#,
        id.0,
        notice.kind().name(),
        Json(notice) as _,
        now,
        once,
    )
    .execute(db)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// What was told under this name may be told again.
pub(crate) async fn let_be_told_again(db: &mut PgConnection, once: &str) -> Result<()> {
    sqlx::query!("UPDATE notices.event SET once = NULL WHERE once = $1", once).execute(db).await?;
    Ok(())
}

/// Notes new items that wait to be told of together.
pub(crate) async fn insert_arrival(
    db: &mut PgConnection,
    library: LibraryId,
    items: &[ItemId],
    now: DateTime<Utc>,
) -> Result<()> {
    let items: Vec<Uuid> = items.iter().map(|it| it.0).collect();
    sqlx::query!(
        "INSERT INTO notices.arrival (library_id, item_ids, arrived_at) VALUES ($1, $2, $3)",
        library.0,
        &items,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes the new items of libraries where the last ones came before `quiet`, or the first ones before `longest`.
pub(crate) async fn take_arrivals(
    db: &mut PgConnection,
    quiet: DateTime<Utc>,
    longest: DateTime<Utc>,
) -> Result<Vec<(LibraryId, Vec<ItemId>)>> {
    let rows = sqlx::query!(
        r#"
        WITH due AS (
            SELECT library_id FROM notices.arrival
            GROUP BY library_id
            HAVING max(arrived_at) < $1 OR min(arrived_at) < $2
        ), taken AS (
            DELETE FROM notices.arrival WHERE library_id IN (SELECT library_id FROM due)
            RETURNING id, library_id, item_ids
        )
        SELECT taken.library_id AS "library_id!: LibraryId",
               array_agg(item.id ORDER BY taken.id) AS "item_ids!: Vec<ItemId>"
        FROM taken CROSS JOIN LATERAL unnest(taken.item_ids) AS item (id)
        GROUP BY taken.library_id
        "#,
        quiet,
        longest,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.library_id, it.item_ids)).collect())
}

/// An event that nobody was given yet, which nobody else can take meanwhile.
pub(crate) async fn lock_unspread(
    db: &mut PgConnection,
    id: EventId,
) -> Result<Option<(Notice, DateTime<Utc>)>> {
    let row = sqlx::query!(
        r#"
        SELECT facts AS "facts: Json<Notice>", happened_at
        FROM notices.event
        WHERE id = $1 AND spread_at IS NULL
        FOR UPDATE
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (it.facts.0, it.happened_at)))
}

/// Notes that all who want it were given it.
pub(crate) async fn mark_spread(
    db: &mut PgConnection,
    id: EventId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("UPDATE notices.event SET spread_at = $2 WHERE id = $1", id.0, now)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes what happened before `before`, with what became of it. Served by `event_happened_idx`.
pub(crate) async fn delete_old_events(db: &mut PgConnection, before: DateTime<Utc>) -> Result<u64> {
    let deleted = sqlx::query!("DELETE FROM notices.event WHERE happened_at < $1", before);
    Ok(deleted.execute(db).await?.rows_affected())
}
