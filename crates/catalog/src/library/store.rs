//! SQL of libraries.

use chrono::{DateTime, Utc};
use kernel::error::OnConstraint as _;
use kernel::id::{ItemId, LibraryId};
use kernel::{Error, LibraryScope, Limit, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{AnalysisSettings, LibraryLimits, LibraryProblem, Times, WatchedBy};

/// A library's own row.
#[derive(Debug)]
pub struct LibraryRow {
    pub id: LibraryId,
    pub name: String,
    pub kind: String,
    pub generation: i64,
    pub last_scanned_at: Option<DateTime<Utc>>,
    pub warning: Option<String>,
    pub is_watched: bool,
    pub times: Times,
    pub places_specials: bool,
    pub limits: LibraryLimits,
    pub analysis: AnalysisSettings,
}

/// A folder of a library.
#[derive(Debug)]
pub struct FolderRow {
    pub library_id: LibraryId,
    pub path: String,
    pub watched_by: WatchedBy,
    pub watch_note: Option<String>,
}

/// The latest scan of a library.
#[derive(Debug)]
pub struct ScanRow {
    pub library_id: LibraryId,
    pub job_id: Option<i64>,
    pub stage: String,
    pub done: i64,
    pub total: Option<i64>,
    pub found: i64,
    pub added: i64,
    pub changed: i64,
    pub missing: i64,
    pub problems: i64,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub eta_ms: Option<i64>,
}

/// What is in a library, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub items: i64,
    pub problems: i64,
}

/// Where a page of problems ended: folders first, by path, then files by id.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ProblemKey {
    pub is_file: bool,
    pub path: String,
    pub id: Uuid,
}

/// The ids of all libraries, for those who may see everything.
pub async fn list_library_ids_unscoped(db: &mut PgConnection) -> Result<Vec<LibraryId>> {
    let ids = sqlx::query_scalar!(r#"SELECT id AS "id: LibraryId" FROM library ORDER BY id"#)
        .fetch_all(db)
        .await?;
    Ok(ids)
}

/// Libraries of the scope by name. There are never so many that a page would be cut.
pub(super) async fn list_libraries(
    db: &mut PgConnection,
    scope: &LibraryScope,
) -> Result<Vec<LibraryRow>> {
    let libraries = sqlx::query!(
        r#"
        SELECT
            id AS "id: LibraryId", name, kind, generation, last_scanned_at, warning, is_watched, scan_every_minutes,
            scan_at_minute, places_specials, makes_trickplay, finds_segments, measures_loudness,
            max_bitrate_bps, max_local_bitrate_bps
        FROM library
        WHERE id = ANY($1)
        ORDER BY lower(name), id
        "#,
        scope.ids(),
    )
    .fetch_all(db)
    .await?;
    let row = libraries.into_iter().map(|it| LibraryRow {
        id: it.id,
        name: it.name,
        kind: it.kind,
        generation: it.generation,
        last_scanned_at: it.last_scanned_at,
        warning: it.warning,
        is_watched: it.is_watched,
        times: Times { every_minutes: it.scan_every_minutes, at_minute: it.scan_at_minute },
        places_specials: it.places_specials,
        limits: LibraryLimits {
            max_bitrate_bps: it.max_bitrate_bps,
            max_local_bitrate_bps: it.max_local_bitrate_bps,
        },
        analysis: AnalysisSettings {
            trickplay: it.makes_trickplay,
            segments: it.finds_segments,
            loudness: it.measures_loudness,
        },
    });
    Ok(row.collect())
}

/// The folders of these libraries.
pub(super) async fn list_folders(
    db: &mut PgConnection,
    scope: &LibraryScope,
) -> Result<Vec<FolderRow>> {
    let folders = sqlx::query_as!(
        FolderRow,
        r#"
        SELECT library_id AS "library_id: LibraryId", path, watched_by AS "watched_by: WatchedBy", watch_note
        FROM library_folder
        WHERE library_id = ANY($1)
        ORDER BY library_id, path
        "#,
        scope.ids(),
    )
    .fetch_all(db)
    .await?;
    Ok(folders)
}

/// The folders of all libraries, for telling whose a path is that another program names.
pub async fn list_folders_unscoped(db: &mut PgConnection) -> Result<Vec<(LibraryId, String)>> {
    let folders = sqlx::query!(
        r#"SELECT library_id AS "library_id: LibraryId", path FROM library_folder ORDER BY path, library_id"#,
    )
    .fetch_all(db)
    .await?;
    Ok(folders.into_iter().map(|it| (it.library_id, it.path)).collect())
}

/// Sets when a library is scanned by itself.
pub(super) async fn update_schedule(
    db: &mut PgConnection,
    id: LibraryId,
    times: Times,
) -> Result<()> {
    sqlx::query!(
        "UPDATE library SET scan_every_minutes = $2, scan_at_minute = $3 WHERE id = $1",
        id.0,
        times.every_minutes,
        times.at_minute,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets what is found out about a library's files at leisure.
pub(super) async fn update_analysis(
    db: &mut PgConnection,
    id: LibraryId,
    analysis: AnalysisSettings,
) -> Result<()> {
    sqlx::query!(
        "UPDATE library SET makes_trickplay = $2, finds_segments = $3, measures_loudness = $4 WHERE id = $1",
        id.0,
        analysis.trickplay,
        analysis.segments,
        analysis.loudness,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets how much of a library may be played.
pub(super) async fn update_limits(
    db: &mut PgConnection,
    id: LibraryId,
    limits: LibraryLimits,
) -> Result<()> {
    sqlx::query!(
        "UPDATE library SET max_bitrate_bps = $2, max_local_bitrate_bps = $3 WHERE id = $1",
        id.0,
        limits.max_bitrate_bps,
        limits.max_local_bitrate_bps,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Sets whether a library's folders are watched.
pub(super) async fn update_is_watched(
    db: &mut PgConnection,
    id: LibraryId,
    is_watched: bool,
) -> Result<()> {
    sqlx::query!("UPDATE library SET is_watched = $2 WHERE id = $1", id.0, is_watched)
        .execute(db)
        .await?;
    Ok(())
}

/// Sets whether a library's specials are shown among its regular episodes. What comes next to people is derived of it:
/// recount the roots.
pub(super) async fn update_places_specials(
    db: &mut PgConnection,
    id: LibraryId,
    places_specials: bool,
) -> Result<()> {
    sqlx::query!(
        "UPDATE library SET places_specials = $2 WHERE id = $1 AND places_specials <> $2",
        id.0,
        places_specials
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The roots of a library some specials of which have a place. Walks the library: only for a setting that changed.
pub(super) async fn list_roots_with_specials_unscoped(
    db: &mut PgConnection,
    id: LibraryId,
) -> Result<Vec<ItemId>> {
    let roots = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT item.root_id AS "root_id: ItemId"
        FROM item
        JOIN item_about AS about ON about.item_id = item.id
        WHERE item.library_id = $1
          AND item.parent_number = 0
          AND num_nonnulls(about.airs_after_season, about.airs_before_season) > 0
        "#,
        id.0,
    )
    .fetch_all(db)
    .await?;
    Ok(roots)
}

/// The latest scan of each of these libraries. Served by `scan_library_idx`.
pub(super) async fn list_latest_scans(
    db: &mut PgConnection,
    scope: &LibraryScope,
) -> Result<Vec<ScanRow>> {
    let scans = sqlx::query_as!(
        ScanRow,
        r#"
        SELECT
            latest.library_id AS "library_id!: LibraryId", latest.job_id, latest.stage AS "stage!",
            latest.done AS "done!", latest.total, latest.found AS "found!", latest.added AS "added!",
            latest.changed AS "changed!", latest.missing AS "missing!", latest.problems AS "problems!",
            latest.started_at AS "started_at!", latest.finished_at, latest.eta_ms
        FROM unnest($1::uuid[]) AS scope (library_id)
        CROSS JOIN LATERAL (
            SELECT scan.*
            FROM scan
            WHERE scan.library_id = scope.library_id
            ORDER BY scan.id DESC
            LIMIT 1
        ) AS latest
        "#,
        scope.ids(),
    )
    .fetch_all(db)
    .await?;
    Ok(scans)
}

/// Counts what a library's list shows. Walks an index of the whole library: the answer is kept under its generation.
pub(super) async fn count_content(
    db: &mut PgConnection,
    scope: &LibraryScope,
    library: LibraryId,
) -> Result<Counts> {
    let counts = sqlx::query_as!(
        Counts,
        r#"
        SELECT
            (
                SELECT count(*)
                FROM item
                WHERE library_id = $1 AND is_top AND missing_since IS NULL AND allows(marks, $2)
            ) AS "items!",
            (
                SELECT count(*)
                FROM file
                WHERE library_id = $1 AND problem IS NOT NULL AND missing_since IS NULL AND allows_file(id, $2)
            )
            + (
                SELECT count(*)
                FROM folder_problem
                JOIN library_folder ON library_folder.id = folder_problem.folder_id
                WHERE library_folder.library_id = $1
            ) AS "problems!"
        "#,
        library.0,
        scope.guard(),
    )
    .fetch_one(db)
    .await?;
    Ok(counts)
}

/// Adds a library.
pub(super) async fn insert_library(
    db: &mut PgConnection,
    id: LibraryId,
    kind: &str,
    name: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO library (id, kind, name, created_at) VALUES ($1, $2, $3, $4)",
        id.0,
        kind,
        name,
        at,
    )
    .execute(db)
    .await
    .on_constraint("library_name_unique", name_taken)?;
    Ok(())
}

/// Renames a library.
pub(super) async fn update_name(db: &mut PgConnection, id: LibraryId, name: &str) -> Result<()> {
    sqlx::query!("UPDATE library SET name = $2 WHERE id = $1", id.0, name)
        .execute(db)
        .await
        .on_constraint("library_name_unique", name_taken)?;
    Ok(())
}

fn name_taken() -> Error {
    Error::conflict("library.name_taken", "another library has this name")
}

/// Makes `paths` the folders of a library: forgets the others, keeps those it has.
pub(super) async fn replace_folders(
    db: &mut PgConnection,
    id: LibraryId,
    paths: &[String],
) -> Result<()> {
    sqlx::query!(
        "DELETE FROM library_folder WHERE library_id = $1 AND path <> ALL($2)",
        id.0,
        paths
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        INSERT INTO library_folder (library_id, path)
        SELECT $1, path FROM unnest($2::text[]) AS wanted (path)
        ON CONFLICT (library_id, path) DO NOTHING
        ",
        id.0,
        paths,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a library with all that is known of its content, and has the search index forget it. False if there is none.
pub(super) async fn delete_library(db: &mut PgConnection, id: LibraryId) -> Result<bool> {
    sqlx::query!(
        "INSERT INTO search_outbox (item_id) SELECT id FROM item WHERE library_id = $1",
        id.0
    )
    .execute(&mut *db)
    .await?;
    let deleted = sqlx::query!("DELETE FROM library WHERE id = $1", id.0).execute(db).await?;
    Ok(deleted.rows_affected() == 1)
}

/// Marks that a library's content changed: answers cached under the old generation are dead. In the transaction of the
/// change; announce it after the commit with `Catalog::announce_library`.
pub async fn bump_generation(db: &mut PgConnection, id: LibraryId) -> Result<()> {
    sqlx::query!("UPDATE library SET generation = generation + 1 WHERE id = $1", id.0)
        .execute(db)
        .await?;
    Ok(())
}

/// What could not be read in a library: folders by path, then files in the order they were found. Served by
/// `file_problem_idx`; folders with problems are few.
pub(super) async fn list_problems(
    db: &mut PgConnection,
    scope: &LibraryScope,
    after: Option<&ProblemKey>,
    limit: Limit,
) -> Result<Vec<(ProblemKey, LibraryProblem)>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            found.is_file AS "is_file!", found.id AS "id!", found.key AS "key!", found.path AS "path!",
            found.reason AS "reason!", found.seen_at AS "seen_at!"
        FROM (
            (
                SELECT
                    FALSE AS is_file, folder.id, problem.path AS key, folder.path || '/' || problem.path AS path,
                    problem.reason, problem.seen_at
                FROM folder_problem AS problem
                JOIN library_folder AS folder ON folder.id = problem.folder_id
                WHERE folder.library_id = ANY($1)
                  AND ($2::boolean IS NULL OR (NOT $2 AND (problem.path, folder.id) > ($3, $4)))
                ORDER BY problem.path, folder.id
                LIMIT $5
            )
            UNION ALL
            (
                SELECT
                    TRUE, file.id, '', folder.path || '/' || file.path, file.problem,
                    COALESCE(file.probed_at, file.added_at)
                FROM file
                JOIN library_folder AS folder ON folder.id = file.folder_id
                WHERE file.library_id = ANY($1) AND allows_file(file.id, $6)
                  AND file.problem IS NOT NULL
                  AND file.missing_since IS NULL
                  AND ($2::boolean IS NOT TRUE OR file.id > $4)
                ORDER BY file.id
                LIMIT $5
            )
        ) AS found
        ORDER BY found.is_file, found.key, found.id
        LIMIT $5
        "#,
        scope.ids(),
        after.map(|it| it.is_file),
        after.map(|it| it.path.as_str()),
        after.map(|it| it.id),
        limit.probe(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    let rows = rows.into_iter().map(|it| {
        let key = ProblemKey { is_file: it.is_file, path: it.key, id: it.id };
        (key, LibraryProblem { path: it.path, reason: it.reason, seen_at: it.seen_at })
    });
    Ok(rows.collect())
}
