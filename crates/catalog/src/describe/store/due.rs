//! Whom providers are to be asked about, when, and what items are matched with.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{ItemId, LibraryId};
use metadata::provider::{FileHash, HashKind};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::describe::score::Scored;

/// Takes some of a library's items that are due, the longest due first, and puts them off until `until`: a node that dies
/// with them loses nothing. Served by `item_due_idx`.
pub async fn take_due(
    db: &mut PgConnection,
    library: LibraryId,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ItemId>> {
    Ok(sqlx::query_scalar!(
        r#"
        UPDATE item SET describe_due_at = $3
        FROM (
            SELECT id FROM item
            WHERE library_id = $1 AND describe_due_at <= $2
            ORDER BY describe_due_at, id
            LIMIT $4
            FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE item.id = due.id
        RETURNING item.id AS "id: ItemId"
        "#,
        library.0,
        now,
        until,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// How many of a library's items are due. Served by `item_due_idx`.
pub async fn count_due(
    db: &mut PgConnection,
    library: LibraryId,
    now: DateTime<Utc>,
) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM item WHERE library_id = $1 AND describe_due_at <= $2"#,
        library.0,
        now,
    )
    .fetch_one(db)
    .await?)
}

/// The libraries that have something due.
pub async fn list_due_libraries_unscoped(
    db: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Vec<LibraryId>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT id AS "id: LibraryId"
        FROM library
        WHERE EXISTS (SELECT FROM item WHERE item.library_id = library.id AND item.describe_due_at <= $1)
        ORDER BY id
        "#,
        now,
    )
    .fetch_all(db)
    .await?)
}

/// Says when providers are to be asked about items next. Only topmost ones are asked about.
pub async fn update_due(
    db: &mut PgConnection,
    items: &[Uuid],
    at: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query!("UPDATE item SET describe_due_at = $2 WHERE id = ANY($1) AND is_top", items, at,)
        .execute(db)
        .await?;
    Ok(())
}

/// Has providers asked about all of a library's items, or of all libraries', from `at` on.
pub async fn update_due_of_library(
    db: &mut PgConnection,
    library: Option<LibraryId>,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE item SET describe_due_at = $2
        WHERE is_top AND missing_since IS NULL AND ($1::uuid IS NULL OR library_id = $1)
          AND (describe_due_at IS NULL OR describe_due_at > $2)
        ",
        library.map(|it| it.0),
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What is known of an item that providers are asked about.
#[derive(Clone, Debug)]
pub struct TargetRow {
    pub id: ItemId,
    pub library_id: LibraryId,
    pub library_kind: String,
    pub settings: Value,
    pub title: String,
    pub is_top: bool,
    pub is_fixed: bool,
    pub provider: Option<String>,
    pub provider_id: Option<String>,
    pub runtime_ms: Option<i64>,
    /// Regular episodes that are there.
    pub episode_count: i64,
    /// Files of it, as this server sees them.
    pub paths: Vec<String>,
    /// What these are told by, as far as that is known: of their bytes, and of their pictures.
    pub oshashes: Vec<i64>,
    pub picture_hashes: Vec<i64>,
}

impl TargetRow {
    /// All that its files are told by.
    pub fn hashes(&self) -> Vec<FileHash> {
        let of = |kind, all: &[i64]| -> Vec<FileHash> {
            all.iter().map(|it| FileHash { kind, value: it.cast_unsigned() }).collect()
        };
        let mut hashes = of(HashKind::Bytes, &self.oshashes);
        hashes.extend(of(HashKind::Pictures, &self.picture_hashes));
        hashes
    }
}

/// The item, if there is one.
pub async fn find_target_unscoped(
    db: &mut PgConnection,
    item: ItemId,
) -> Result<Option<TargetRow>> {
    Ok(sqlx::query_as!(
        TargetRow,
        r#"
        SELECT
            item.id AS "id: ItemId", item.library_id AS "library_id: LibraryId", library.kind AS library_kind,
            library.settings, item.title, item.is_top, COALESCE(item_match.is_fixed, FALSE) AS "is_fixed!",
            item_match.provider AS "provider?", item_match.provider_id AS "provider_id?",
            (
                SELECT max(version.ms)::bigint
                FROM (
                    SELECT sum(file.duration_ms) AS ms
                    FROM item_file JOIN file ON file.id = item_file.file_id
                    WHERE item_file.item_id = item.id AND item_file.role = 'main'
                    GROUP BY item_file.version
                ) AS version
            ) AS runtime_ms,
            (
                SELECT count(*) FROM item AS leaf
                WHERE leaf.root_id = item.id AND leaf.form <> 'group' AND leaf.id <> item.id
                  AND leaf.missing_since IS NULL AND leaf.parent_number IS DISTINCT FROM 0
            ) AS "episode_count!",
            ARRAY(
                SELECT library_folder.path || '/' || file.path
                FROM item AS leaf
                JOIN item_file ON item_file.item_id = leaf.id AND item_file.role = 'main'
                JOIN file ON file.id = item_file.file_id AND file.missing_since IS NULL
                JOIN library_folder ON library_folder.id = file.folder_id
                WHERE (leaf.id = item.id OR leaf.root_id = item.id AND leaf.form <> 'group')
                ORDER BY leaf.watch_order, file.path
                LIMIT 8
            ) AS "paths!",
            ARRAY(
                SELECT file_print.oshash
                FROM item_file
                JOIN file ON file.id = item_file.file_id AND file.missing_since IS NULL
                JOIN file_print ON file_print.file_id = file.id
                WHERE item_file.item_id = item.id AND item_file.role = 'main' AND file_print.oshash IS NOT NULL
                ORDER BY file.id
                LIMIT 4
            ) AS "oshashes!",
            ARRAY(
                SELECT file_print.picture_hash
                FROM item_file
                JOIN file ON file.id = item_file.file_id AND file.missing_since IS NULL
                JOIN file_print ON file_print.file_id = file.id
                WHERE item_file.item_id = item.id AND item_file.role = 'main'
                  AND file_print.picture_hash IS NOT NULL
                ORDER BY file.id
                LIMIT 4
            ) AS "picture_hashes!"
        FROM item
        JOIN library ON library.id = item.library_id
        LEFT JOIN item_match ON item_match.item_id = item.id
        WHERE item.id = $1
        "#,
        item.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Holds the item's row until the transaction ends, and says what it is matched with by now: provider, id, and whether a
/// person decided so. None where the item is gone.
pub async fn lock_match(
    db: &mut PgConnection,
    item: ItemId,
) -> Result<Option<(Option<String>, Option<String>, bool)>> {
    let found = sqlx::query_scalar!(r#"SELECT id FROM item WHERE id = $1 FOR UPDATE"#, item.0)
        .fetch_optional(&mut *db)
        .await?;
    if found.is_none() {
        return Ok(None);
    }
    let row = sqlx::query!(
        "SELECT provider, provider_id, is_fixed FROM item_match WHERE item_id = $1",
        item.0
    )
    .fetch_optional(db)
    .await?;
    Ok(Some(row.map(|it| (it.provider, it.provider_id, it.is_fixed)).unwrap_or_default()))
}

/// What an item is matched with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'a> {
    pub provider: Option<&'a str>,
    pub provider_id: Option<&'a str>,
    pub is_fixed: bool,
}

/// Keeps what an item is matched with.
pub async fn upsert_match(
    db: &mut PgConnection,
    item: ItemId,
    found: &Match<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO item_match (item_id, item_key, provider, provider_id, is_fixed, matched_at)
        SELECT id, kind || ':' || identity, $2, $3, $4, $5 FROM item WHERE id = $1
        ON CONFLICT ON CONSTRAINT item_match_pkey DO UPDATE
        SET item_key = EXCLUDED.item_key, provider = EXCLUDED.provider, provider_id = EXCLUDED.provider_id,
            is_fixed = EXCLUDED.is_fixed, matched_at = EXCLUDED.matched_at
        ",
        item.0,
        found.provider,
        found.provider_id,
        found.is_fixed,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets what items are matched with, but for what a person decided. The items are asked about as if they were new.
pub async fn forget_matches(db: &mut PgConnection, items: &[Uuid]) -> Result<()> {
    sqlx::query!("DELETE FROM item_match WHERE item_id = ANY($1) AND NOT is_fixed", items)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "
        UPDATE item SET match_state = 'parsed'
        WHERE id = ANY($1) AND match_state <> 'parsed'
          AND NOT EXISTS (SELECT FROM item_match WHERE item_match.item_id = item.id)
        ",
        items,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets what an item is matched with, whoever decided so.
pub async fn delete_match(db: &mut PgConnection, item: ItemId) -> Result<()> {
    sqlx::query!("DELETE FROM item_match WHERE item_id = $1", item.0).execute(db).await?;
    Ok(())
}

/// What asking about an item came to.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub match_state: &'a str,
    /// Whether something was learned.
    pub is_described: bool,
    pub problem: Option<&'a str>,
    pub due_at: Option<DateTime<Utc>>,
}

/// Notes what asking about an item came to.
pub async fn update_asked(
    db: &mut PgConnection,
    item: ItemId,
    asked: &Asked<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE item
        SET match_state = $2, described_at = CASE WHEN $3 THEN $6 ELSE described_at END, describe_problem = $4,
            describe_due_at = $5
        WHERE id = $1
        ",
        item.0,
        asked.match_state,
        asked.is_described,
        asked.problem,
        asked.due_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes `candidates` what an item may be.
pub async fn replace_candidates(
    db: &mut PgConnection,
    item: ItemId,
    candidates: &[Scored],
) -> Result<()> {
    sqlx::query!("DELETE FROM match_candidate WHERE item_id = $1", item.0)
        .execute(&mut *db)
        .await?;
    if candidates.is_empty() {
        return Ok(());
    }
    let mut values = serde_json::to_value(candidates).unwrap_or_default();
    crate::describe::rows::clean_value(&mut values);
    sqlx::query!(
        r#"
        INSERT INTO match_candidate (item_id, position, candidate)
        SELECT $1, it.position::smallint, it.candidate
        FROM jsonb_array_elements($2) WITH ORDINALITY AS it (candidate, position)
        "#,
        item.0,
        Json(values) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives items that were just made the decision that a person once made about a thing of their key. Returns those that have
/// one.
pub async fn adopt_matches(db: &mut PgConnection, items: &[Uuid]) -> Result<Vec<Uuid>> {
    sqlx::query!(
        "
        UPDATE item_match SET item_id = lost.new_id
        FROM (
            SELECT DISTINCT ON (item.id) item.id AS new_id, item_match.item_id
            FROM item
            JOIN item_match ON item_match.item_key = item.kind || ':' || item.identity AND item_match.is_fixed
            WHERE item.id = ANY($1)
              AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = item_match.item_id)
            ORDER BY item.id, item_match.matched_at DESC
        ) AS lost
        WHERE item_match.item_id = lost.item_id
          AND NOT EXISTS (SELECT FROM item_match AS own WHERE own.item_id = lost.new_id)
        ",
        items,
    )
    .execute(&mut *db)
    .await?;
    Ok(sqlx::query_scalar!(
        "
        UPDATE item SET match_state = 'fixed'
        FROM item_match
        WHERE item.id = ANY($1) AND item_match.item_id = item.id AND item_match.is_fixed
        RETURNING item.id
        ",
        items,
    )
    .fetch_all(db)
    .await?)
}

/// The items whose identity changed keep what was decided about them under the new one.
pub async fn rename_keys(db: &mut PgConnection, items: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "
        UPDATE item_match SET item_key = item.kind || ':' || item.identity
        FROM item
        WHERE item_match.item_id = item.id AND item.id = ANY($1)
        ",
        items,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        UPDATE item_edit SET item_key = item.kind || ':' || item.identity
        FROM item
        WHERE item_edit.item_id = item.id AND item.id = ANY($1)
        ",
        items,
    )
    .execute(db)
    .await?;
    Ok(())
}
