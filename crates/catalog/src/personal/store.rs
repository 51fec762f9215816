//! SQL of progress, plays and favourites of single items.

mod adopt;
mod carry;
pub(super) mod export;
mod groups;

use chrono::{DateTime, Utc};
use kernel::id::{FileId, ItemId, PersonId, SessionId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;
use uuid::Uuid;

pub use adopt::adopt;
pub use carry::carry_over;
pub use groups::recount;
pub(crate) use groups::recount_roots;
pub(super) use groups::{recount_person, touch_groups};

use super::Progress;
use super::rules::Outcome;
use crate::item::Form;

/// What the rules need to know of an item.
#[derive(Clone, Debug)]
pub struct Target {
    pub id: ItemId,
    pub root_id: ItemId,
    pub form: Form,
    pub item_key: String,
    pub title: String,
    pub runtime_ms: Option<i64>,
}

/// A play that has not ended.
#[derive(Debug)]
pub struct OpenPlay {
    pub id: Uuid,
    pub end_position_ms: i64,
    pub is_completed: bool,
}

/// The item, if it exists for `scope`.
pub async fn find_target(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Option<Target>> {
    let target = sqlx::query_as!(
        Target,
        r#"
        SELECT
            id AS "id: ItemId", root_id AS "root_id: ItemId",
            form AS "form: Form", kind || ':' || identity AS "item_key!", title, runtime_ms
        FROM item
        WHERE id = $1 AND library_id = ANY($2) AND allows(marks, $3)
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(target)
}

/// Where the credits of a file of the item begin, as far as that is known well enough to count. Served by
/// `segment_file_idx`.
pub async fn find_credits(
    db: &mut PgConnection,
    item: ItemId,
    file: FileId,
) -> Result<Option<i64>> {
    let credits_ms = sqlx::query_scalar!(
        "
        SELECT max(segment.start_ms)
        FROM segment
        JOIN item_file ON item_file.file_id = segment.file_id
        WHERE segment.file_id = $1 AND item_file.item_id = $2 AND segment.kind = 'credits' AND segment.confidence >= 0.6
        ",
        file.0,
        item.0,
    )
    .fetch_one(db)
    .await?;
    Ok(credits_ms)
}

/// How far the person is, and when that was last written. Locks the row, so that two reports do not count one play twice.
pub async fn find_progress(
    db: &mut PgConnection,
    person: PersonId,
    item: ItemId,
) -> Result<Option<(Progress, DateTime<Utc>)>> {
    let row = sqlx::query!(
        "
        SELECT position_ms, duration_ms, is_played, play_count, last_played_at, updated_at
        FROM progress
        WHERE person_id = $1 AND item_id = $2
        FOR UPDATE
        ",
        person.0,
        item.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| {
        let progress = Progress {
            position_ms: it.position_ms,
            duration_ms: it.duration_ms,
            is_played: it.is_played,
            play_count: it.play_count,
            last_played_at: it.last_played_at,
        };
        (progress, it.updated_at)
    }))
}

/// Writes what a report came to. `counts` where it makes the item played one time more.
pub async fn upsert_report(
    db: &mut PgConnection,
    person: PersonId,
    target: &Target,
    outcome: &Outcome,
    counts: bool,
    file: Option<FileId>,
    at: DateTime<Utc>,
) -> Result<Progress> {
    let progress = sqlx::query_as!(
        Progress,
        "
        INSERT INTO progress AS known (
            person_id, item_id, item_key, position_ms, duration_ms, is_played, play_count, last_played_at, file_id,
            updated_at
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)
        ON CONFLICT (person_id, item_id) DO UPDATE SET
            position_ms = excluded.position_ms,
            duration_ms = COALESCE(excluded.duration_ms, known.duration_ms),
            is_played = known.is_played OR excluded.is_played,
            play_count = known.play_count + excluded.play_count,
            last_played_at = excluded.last_played_at,
            file_id = COALESCE(excluded.file_id, known.file_id),
            updated_at = excluded.updated_at
        RETURNING position_ms, duration_ms, is_played, play_count, last_played_at
        ",
        person.0,
        target.id.0,
        target.item_key,
        outcome.position_ms,
        outcome.duration_ms,
        outcome.is_completed,
        i32::from(counts),
        at,
        file.map(|it| it.0),
    )
    .fetch_one(db)
    .await?;
    Ok(progress)
}

/// The newest play of an item that has not ended. Served by `play_event_open_idx`.
pub async fn find_open_play(
    db: &mut PgConnection,
    person: PersonId,
    item: ItemId,
) -> Result<Option<OpenPlay>> {
    let play = sqlx::query_as!(
        OpenPlay,
        r#"
        SELECT id, COALESCE(end_position_ms, 0) AS "end_position_ms!", is_completed
        FROM play_event
        WHERE person_id = $1 AND item_id = $2 AND ended_at IS NULL
        ORDER BY started_at DESC
        LIMIT 1
        "#,
        person.0,
        item.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(play)
}

/// Notes that a play began.
pub async fn insert_play(
    db: &mut PgConnection,
    id: Uuid,
    person: PersonId,
    session: Option<SessionId>,
    target: &Target,
    file: Option<FileId>,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO play_event (id, person_id, item_id, item_key, title, file_id, session_id, started_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ",
        id,
        person.0,
        target.id.0,
        target.item_key,
        target.title,
        file.map(|it| it.0),
        session.map(|it| it.0),
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes how far a play is, and where `ended_at` is given, that it is over.
pub async fn update_play(
    db: &mut PgConnection,
    id: Uuid,
    watched_ms: i64,
    position_ms: i64,
    is_completed: bool,
    ended_at: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE play_event
        SET watched_ms = watched_ms + $2,
            end_position_ms = $3,
            is_completed = is_completed OR $4,
            ended_at = $5
        WHERE id = $1
        ",
        id,
        watched_ms,
        position_ms,
        is_completed,
        ended_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends a play whose player went silent: it ended when it was last heard of.
pub async fn end_play(db: &mut PgConnection, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!("UPDATE play_event SET ended_at = $2 WHERE id = $1", id, at).execute(db).await?;
    Ok(())
}

/// Marks all leaves of an item as played that are not. One statement, whatever there is below it.
pub async fn mark_played(
    db: &mut PgConnection,
    person: PersonId,
    target: &Target,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        WITH marked AS (
            INSERT INTO progress AS known (
                person_id, item_id, item_key, is_played, play_count, last_played_at, updated_at
            )
            SELECT $1, item.id, item.kind || ':' || item.identity, TRUE, 1, $4, $4
            FROM item
            WHERE item.form <> 'group'
              AND item.missing_since IS NULL
              AND (item.id = $2 OR item.parent_id = $2 OR (item.root_id = $2 AND $3))
            ON CONFLICT (person_id, item_id) DO UPDATE SET
                position_ms = 0,
                is_played = TRUE,
                play_count = known.play_count + 1,
                last_played_at = excluded.last_played_at,
                updated_at = excluded.updated_at
            WHERE NOT known.is_played OR known.position_ms > 0
            RETURNING known.item_id, known.item_key
        )
        INSERT INTO play_event (person_id, item_id, item_key, title, started_at, ended_at, is_completed)
        SELECT $1, marked.item_id, marked.item_key, item.title, $4, $4, TRUE
        FROM marked
        JOIN item ON item.id = marked.item_id
        "#,
        person.0,
        target.id.0,
        target.id == target.root_id,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Marks all leaves of an item as not played. How often they were, and the history, stay.
pub async fn mark_unplayed(
    db: &mut PgConnection,
    person: PersonId,
    target: &Target,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE progress
        SET position_ms = 0, is_played = FALSE, updated_at = $4
        FROM item
        WHERE progress.person_id = $1
          AND progress.item_id = item.id
          AND item.form <> 'group'
          AND (item.id = $2 OR item.parent_id = $2 OR (item.root_id = $2 AND $3))
        ",
        person.0,
        target.id.0,
        target.id == target.root_id,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes an item a favourite.
pub async fn insert_favourite(
    db: &mut PgConnection,
    person: PersonId,
    target: &Target,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO favourite (person_id, item_id, item_key, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (person_id, item_id) DO NOTHING
        ",
        person.0,
        target.id.0,
        target.item_key,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes an item no favourite any more.
pub async fn delete_favourite(db: &mut PgConnection, person: PersonId, item: ItemId) -> Result<()> {
    sqlx::query!("DELETE FROM favourite WHERE person_id = $1 AND item_id = $2", person.0, item.0)
        .execute(db)
        .await?;
    Ok(())
}
