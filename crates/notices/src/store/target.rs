//! SQL of where notices go.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{LibraryId, PersonId};
use kernel::notice::NoticeKind;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::target::{Owner, Target, TargetId};
use crate::way::Channel;

struct TargetRow {
    id: TargetId,
    person_id: Option<PersonId>,
    name: String,
    channel: String,
    shown: String,
    kinds: Vec<String>,
    library_ids: Option<Vec<Uuid>>,
    language: String,
    is_local: bool,
    is_enabled: bool,
    created_at: DateTime<Utc>,
    failing_since: Option<DateTime<Utc>>,
    paused_reason: Option<String>,
}

impl From<TargetRow> for Target {
    fn from(row: TargetRow) -> Self {
        Self {
            id: row.id,
            owner: row.person_id.map_or(Owner::Server, Owner::Person),
            name: row.name,
            // The check on the column knows no other.
            channel: Channel::parse(&row.channel).unwrap_or(Channel::Webhook),
            shown: row.shown,
            kinds: row.kinds.iter().filter_map(|it| NoticeKind::parse(it)).collect(),
            libraries: row.library_ids.map(|it| it.into_iter().map(LibraryId).collect()),
            language: row.language,
            is_local: row.is_local,
            is_enabled: row.is_enabled,
            created_at: row.created_at,
            failing_since: row.failing_since,
            paused_reason: row.paused_reason,
        }
    }
}

/// The targets of one owner in the order they were made. Served by `target_person_idx`; they are few.
pub(crate) async fn list_targets(db: &mut PgConnection, owner: Owner) -> Result<Vec<Target>> {
    let rows = sqlx::query_as!(
        TargetRow,
        r#"
        SELECT id AS "id: TargetId", person_id AS "person_id: PersonId", name, channel, shown, kinds, library_ids, language,
               is_local, is_enabled, created_at, failing_since, paused_reason
        FROM notices.target
        WHERE person_id IS NOT DISTINCT FROM $1
        ORDER BY id
        "#,
        owner.person().map(|it| it.0),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Target::from).collect())
}

/// A target, whosever it is, with its sealed address. Who asks is held against its owner by the caller.
pub(crate) async fn find_target_unscoped(
    db: &mut PgConnection,
    id: TargetId,
) -> Result<Option<(Target, Vec<u8>)>> {
    let row = sqlx::query!(
        r#"
        SELECT id AS "id: TargetId", person_id AS "person_id: PersonId", name, channel, shown, kinds, library_ids, language,
               is_local, is_enabled, created_at, failing_since, paused_reason, sealed
        FROM notices.target
        WHERE id = $1
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| {
        let target = TargetRow {
            id: it.id,
            person_id: it.person_id,
            name: it.name,
            channel: it.channel,
            shown: it.shown,
            kinds: it.kinds,
            library_ids: it.library_ids,
            language: it.language,
            is_local: it.is_local,
            is_enabled: it.is_enabled,
            created_at: it.created_at,
            failing_since: it.failing_since,
            paused_reason: it.paused_reason,
        };
        (target.into(), it.sealed)
    }))
}

/// Makes a target.
pub(crate) async fn insert_target(
    db: &mut PgConnection,
    target: &Target,
    sealed: &[u8],
) -> Result<()> {
    let kinds = names(&target.kinds);
    let libraries = ids(target.libraries.as_deref());
    sqlx::query!(
        r#"
        INSERT INTO notices.target
            (id, person_id, name, channel, shown, sealed, kinds, library_ids, language, is_local, is_enabled, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        "#,
        target.id.0,
        target.owner.person().map(|it| it.0),
        target.name,
        target.channel.name(),
        target.shown,
        sealed,
        &kinds,
        libraries.as_deref(),
        target.language,
        target.is_local,
        target.is_enabled,
        target.created_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Changes a target. Whoever changes it gives it another chance.
pub(crate) async fn update_target(
    db: &mut PgConnection,
    target: &Target,
    sealed: &[u8],
) -> Result<()> {
    let kinds = names(&target.kinds);
    let libraries = ids(target.libraries.as_deref());
    sqlx::query!(
        r#"
        UPDATE notices.target
        SET name = $2, channel = $3, shown = $4, sealed = $5, kinds = $6, library_ids = $7, language = $8,
            is_local = $9, is_enabled = $10, failing_since = NULL, n_failures = 0, paused_at = NULL,
            paused_reason = NULL
        WHERE id = $1
        "#,
        target.id.0,
        target.name,
        target.channel.name(),
        target.shown,
        sealed,
        &kinds,
        libraries.as_deref(),
        target.language,
        target.is_local,
        target.is_enabled,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a target with what became of its notices.
pub(crate) async fn delete_target(db: &mut PgConnection, id: TargetId) -> Result<()> {
    sqlx::query!("DELETE FROM notices.target WHERE id = $1", id.0).execute(db).await?;
    Ok(())
}

/// Targets in use that want events of `kind`, of `library` and of `person` where it is about one, as of `happened_at`.
pub(crate) async fn list_wanting_unscoped(
    db: &mut PgConnection,
    kind: NoticeKind,
    library: Option<LibraryId>,
    person: Option<PersonId>,
    happened_at: DateTime<Utc>,
) -> Result<Vec<TargetId>> {
    let rows = sqlx::query_scalar!(
        r#"
        SELECT id AS "id: TargetId"
        FROM notices.target
        WHERE is_enabled AND paused_at IS NULL AND $1 = ANY(kinds)
          AND (library_ids IS NULL OR $2::uuid IS NULL OR $2 = ANY(library_ids))
          AND (person_id IS NULL OR $3::uuid IS NULL OR person_id = $3)
          AND created_at <= $4
        ORDER BY id
        "#,
        kind.name(),
        library.map(|it| it.0),
        person.map(|it| it.0),
        happened_at,
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}

/// Notes that something arrived.
pub(crate) async fn mark_well(db: &mut PgConnection, id: TargetId) -> Result<()> {
    sqlx::query!(
        "
        UPDATE notices.target SET failing_since = NULL, n_failures = 0
        WHERE id = $1 AND failing_since IS NOT NULL
        ",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that something did not arrive; since when, and how often now.
pub(crate) async fn mark_failing(
    db: &mut PgConnection,
    id: TargetId,
    now: DateTime<Utc>,
) -> Result<Option<(DateTime<Utc>, i32)>> {
    let row = sqlx::query!(
        r#"
        UPDATE notices.target
        SET failing_since = COALESCE(failing_since, $2), n_failures = n_failures + 1
        WHERE id = $1
        RETURNING failing_since AS "failing_since!", n_failures
        "#,
        id.0,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (it.failing_since, it.n_failures)))
}

/// Gives a target up until somebody changes it; false where it was already.
pub(crate) async fn pause(
    db: &mut PgConnection,
    id: TargetId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let paused = sqlx::query!(
        "
        UPDATE notices.target SET paused_at = $3, paused_reason = $2
        WHERE id = $1 AND paused_at IS NULL
        ",
        id.0,
        reason,
        now,
    )
    .execute(db)
    .await?;
    Ok(paused.rows_affected() > 0)
}

fn names(kinds: &[NoticeKind]) -> Vec<String> {
    kinds.iter().map(|it| it.name().to_owned()).collect()
}

fn ids(libraries: Option<&[LibraryId]>) -> Option<Vec<Uuid>> {
    libraries.map(|it| it.iter().map(|it| it.0).collect())
}
