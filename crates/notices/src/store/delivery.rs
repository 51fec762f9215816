//! SQL of deliveries.

use chrono::{DateTime, Utc};
use kernel::notice::Notice;
use kernel::{Limit, Result};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::target::{Delivery, DeliveryId, DeliveryStatus, EventId, TargetId};

/// A delivery that waits, with what it is about.
pub(crate) struct Waiting {
    pub target_id: TargetId,
    pub event_id: EventId,
    pub notice: Notice,
    pub happened_at: DateTime<Utc>,
    pub attempts: i32,
}

/// Gives an event to targets; the ids of those that did not have it, in their order.
pub(crate) async fn insert_deliveries(
    db: &mut PgConnection,
    event: EventId,
    ids: &[DeliveryId],
    targets: &[TargetId],
    now: DateTime<Utc>,
) -> Result<Vec<DeliveryId>> {
    let ids: Vec<Uuid> = ids.iter().map(|it| it.0).collect();
    let targets: Vec<Uuid> = targets.iter().map(|it| it.0).collect();
    let inserted = sqlx::query_scalar!(
        r#"
        INSERT INTO notices.delivery (id, target_id, event_id, status, created_at)
        SELECT it.id, it.target_id, $1, 'waiting', $4
        FROM UNNEST($2::uuid[], $3::uuid[]) AS it (id, target_id)
        ON CONFLICT ON CONSTRAINT delivery_once_unique DO NOTHING
        RETURNING id AS "id: DeliveryId"
        "#,
        event.0,
        &ids,
        &targets,
        now,
    )
    .fetch_all(db)
    .await?;
    Ok(inserted)
}

/// A delivery of this round that still waits.
pub(crate) async fn find_waiting(
    db: &mut PgConnection,
    id: DeliveryId,
    round: i32,
) -> Result<Option<Waiting>> {
    let row = sqlx::query!(
        r#"
        SELECT target_id AS "target_id: TargetId", event_id AS "event_id: EventId", attempts,
               facts AS "facts: Json<Notice>", happened_at
        FROM notices.delivery JOIN notices.event ON event.id = delivery.event_id
        WHERE delivery.id = $1 AND round = $2 AND status = 'waiting'
        "#,
        id.0,
        round,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| Waiting {
        target_id: it.target_id,
        event_id: it.event_id,
        notice: it.facts.0,
        happened_at: it.happened_at,
        attempts: it.attempts,
    }))
}

/// Notes what became of a try.
pub(crate) async fn update_delivery(
    db: &mut PgConnection,
    id: DeliveryId,
    status: DeliveryStatus,
    (title, error): (&str, Option<&str>),
    next_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE notices.delivery
        SET status = $2, title = CASE WHEN $3 = '' THEN title ELSE $3 END, error = $4, next_at = $5, tried_at = $6,
            attempts = attempts + 1
        WHERE id = $1
        "#,
        id.0,
        status as _,
        title,
        error,
        next_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a delivery whose receiver may not know of it.
pub(crate) async fn delete_delivery(db: &mut PgConnection, id: DeliveryId) -> Result<()> {
    sqlx::query!("DELETE FROM notices.delivery WHERE id = $1", id.0).execute(db).await?;
    Ok(())
}

/// Has a delivery that is over wait again; its round from now on.
pub(crate) async fn restart(db: &mut PgConnection, id: DeliveryId) -> Result<Option<i32>> {
    let round = sqlx::query_scalar!(
        r#"
        UPDATE notices.delivery
        SET status = 'waiting', round = round + 1, attempts = 0, error = NULL, next_at = NULL
        WHERE id = $1 AND status <> 'waiting'
        RETURNING round
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(round)
}

/// The target of a delivery.
pub(crate) async fn find_target_of(
    db: &mut PgConnection,
    id: DeliveryId,
) -> Result<Option<TargetId>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT target_id AS "target_id: TargetId" FROM notices.delivery WHERE id = $1"#,
        id.0,
    )
    .fetch_optional(db)
    .await?)
}

/// How many tries there were to a target since `since`, and how many deliveries wait for it before this one. Served by
/// `delivery_target_idx`.
pub(crate) async fn count_tried(
    db: &mut PgConnection,
    target: TargetId,
    id: DeliveryId,
    since: DateTime<Utc>,
) -> Result<(i64, i64)> {
    let row = sqlx::query!(
        r#"
        SELECT count(*) FILTER (WHERE tried_at > $2) AS "n_tried!",
               count(*) FILTER (WHERE status = 'waiting' AND id < $3) AS "n_before!"
        FROM notices.delivery
        WHERE target_id = $1
        "#,
        target.0,
        since,
        id.0,
    )
    .fetch_one(db)
    .await?;
    Ok((row.n_tried, row.n_before))
}

/// Has a delivery that was not tried wait until `next_at`.
pub(crate) async fn postpone(
    db: &mut PgConnection,
    id: DeliveryId,
    next_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE notices.delivery SET next_at = $2 WHERE id = $1 AND status = 'waiting'",
        id.0,
        next_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deliveries whose time has come, and their rounds. Served by `delivery_due_idx`.
pub(crate) async fn list_due_unscoped(
    db: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(DeliveryId, i32)>> {
    let rows = sqlx::query!(
        r#"
        SELECT id AS "id: DeliveryId", round
        FROM notices.delivery
        WHERE status = 'waiting' AND next_at <= $1
        ORDER BY next_at
        LIMIT $2
        "#,
        now,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.id, it.round)).collect())
}

/// What went to a target, the newest first. Served by `delivery_target_idx`.
pub(crate) async fn list_deliveries(
    db: &mut PgConnection,
    target: TargetId,
    before: Option<DeliveryId>,
    limit: Limit,
) -> Result<Vec<Delivery>> {
    let rows = sqlx::query_as!(
        Delivery,
        r#"
        SELECT delivery.id AS "id: DeliveryId", event_id AS "event_id: EventId", kind, title,
               status AS "status: DeliveryStatus", attempts, error, created_at, tried_at, next_at
        FROM notices.delivery JOIN notices.event ON event.id = delivery.event_id
        WHERE target_id = $1 AND ($2::uuid IS NULL OR delivery.id < $2)
        ORDER BY delivery.id DESC
        LIMIT $3
        "#,
        target.0,
        before.map(|it| it.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}
