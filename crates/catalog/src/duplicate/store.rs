//! SQL of films that are there twice.

use chrono::{DateTime, Utc};
use kernel::id::{FileId, ItemId, LibraryId, PersonId};
use kernel::{LibraryScope, Limit, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use super::group::{Alike, Print};

/// Rows read at a time.
pub(super) const AT_ONCE: i64 = 5_000;

/// Keeps one of the numbers that a file is told by; the other stays.
pub(super) async fn upsert_oshash(db: &mut PgConnection, file: FileId, oshash: i64) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO file_print (file_id, oshash)
        SELECT file.id, $2 FROM file WHERE file.id = $1
        ON CONFLICT (file_id) DO UPDATE SET oshash = excluded.oshash
        "#,
        file.0,
        oshash,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn upsert_picture_hash(
    db: &mut PgConnection,
    file: FileId,
    hash: Option<i64>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO file_print (file_id, picture_hash)
        SELECT file.id, $2 FROM file WHERE file.id = $1
        ON CONFLICT (file_id) DO UPDATE SET picture_hash = excluded.picture_hash
        "#,
        file.0,
        hash,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Has providers asked again about items of a file that nobody knows yet. Served by `item_file_file_idx`.
pub(super) async fn update_due_of_file(
    db: &mut PgConnection,
    file: FileId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE item SET describe_due_at = $2
        FROM item_file
        WHERE item_file.file_id = $1 AND item_file.role = 'main' AND item.id = item_file.item_id AND item.is_top
          AND item.match_state IN ('parsed', 'review')
        "#,
        file.0,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A page of what files that are there are told by. Walks `file_print_pkey`.
pub(super) async fn list_prints_unscoped(
    db: &mut PgConnection,
    after: FileId,
) -> Result<Vec<Print>> {
    Ok(sqlx::query_as!(
        Print,
        r#"
        SELECT file_print.file_id AS "file: FileId", film.item_id AS "item: ItemId", file.size_bytes,
               file.duration_ms, file_print.oshash, file_print.picture_hash
        FROM file_print
        JOIN file ON file.id = file_print.file_id
        CROSS JOIN LATERAL (
            SELECT item_id FROM item_file
            WHERE item_file.file_id = file.id AND role = 'main'
            ORDER BY item_id
            LIMIT 1
        ) AS film
        WHERE file_print.file_id > $1 AND file.missing_since IS NULL
        ORDER BY file_print.file_id
        LIMIT $2
        "#,
        after.0,
        AT_ONCE,
    )
    .fetch_all(db)
    .await?)
}

/// What the files of a group are told by, and how they stand in it. Served by `alike_group_idx`.
pub(super) async fn list_prints_of_group(
    db: &mut PgConnection,
    scope: &LibraryScope,
    group: Uuid,
    most: i64,
) -> Result<Vec<Print>> {
    Ok(sqlx::query_as!(
        Print,
        r#"
        SELECT file_print.file_id AS "file: FileId", film.item_id AS "item: ItemId", file.size_bytes,
               file.duration_ms, file_print.oshash, file_print.picture_hash
        FROM alike
        JOIN file_print ON file_print.file_id = alike.file_id
        JOIN file ON file.id = alike.file_id
        CROSS JOIN LATERAL (
            SELECT item_id FROM item_file
            WHERE item_file.file_id = file.id AND role = 'main'
            ORDER BY item_id
            LIMIT 1
        ) AS film
        WHERE alike.group_id = $1 AND file.library_id = ANY($2) AND allows_file(file.id, $3)
          AND file.missing_since IS NULL
        ORDER BY alike.file_id
        LIMIT $4
        "#,
        group,
        scope.ids(),
        scope.guard(),
        most,
    )
    .fetch_all(db)
    .await?)
}

/// A page of the pairs that people told apart. Walks `told_apart_pkey`.
pub(super) async fn list_apart_unscoped(
    db: &mut PgConnection,
    after: (FileId, FileId),
) -> Result<Vec<(FileId, FileId)>> {
    let rows = sqlx::query!(
        r#"
        SELECT file_id AS "file_id: FileId", other_id AS "other_id: FileId"
        FROM told_apart
        WHERE (file_id, other_id) > ($1, $2)
        ORDER BY file_id, other_id
        LIMIT $3
        "#,
        after.0.0,
        after.1.0,
        AT_ONCE,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.file_id, it.other_id)).collect())
}

/// The pairs among some files that people told apart. Served by `told_apart_pkey`.
pub(super) async fn list_apart_among_unscoped(
    db: &mut PgConnection,
    files: &[Uuid],
) -> Result<Vec<(FileId, FileId)>> {
    let rows = sqlx::query!(
        r#"
        SELECT file_id AS "file_id: FileId", other_id AS "other_id: FileId"
        FROM told_apart
        WHERE file_id = ANY($1) AND other_id = ANY($1)
        "#,
        files,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.file_id, it.other_id)).collect())
}

/// Keeps that a file is none of `others`.
pub(super) async fn insert_apart(
    db: &mut PgConnection,
    file: FileId,
    others: &[Uuid],
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO told_apart (file_id, other_id, person_id, said_at)
        SELECT least($1, other), greatest($1, other), $3, $4
        FROM unnest($2::uuid[]) AS other
        ON CONFLICT DO NOTHING
        "#,
        file.0,
        others,
        person.0,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A page of the groups as they were written. Walks `alike_pkey`.
pub(super) async fn list_alike_unscoped(
    db: &mut PgConnection,
    after: FileId,
) -> Result<Vec<Alike>> {
    Ok(sqlx::query_as!(
        Alike,
        r#"
        SELECT file_id AS "file: FileId", group_id AS "group: FileId", is_exact, distance
        FROM alike
        WHERE file_id > $1
        ORDER BY file_id
        LIMIT $2
        "#,
        after.0,
        AT_ONCE,
    )
    .fetch_all(db)
    .await?)
}

/// Takes files out of their groups.
pub(super) async fn delete_alike(db: &mut PgConnection, files: &[Uuid]) -> Result<()> {
    sqlx::query!("DELETE FROM alike WHERE file_id = ANY($1)", files).execute(db).await?;
    Ok(())
}

/// Puts files that are still there into groups.
pub(super) async fn upsert_alike(db: &mut PgConnection, alike: &[Alike]) -> Result<()> {
    let files: Vec<Uuid> = alike.iter().map(|it| it.file.0).collect();
    let groups: Vec<Uuid> = alike.iter().map(|it| it.group.0).collect();
    let exact: Vec<bool> = alike.iter().map(|it| it.is_exact).collect();
    let distances: Vec<i16> = alike.iter().map(|it| it.distance).collect();
    sqlx::query!(
        r#"
        INSERT INTO alike (file_id, group_id, is_exact, distance)
        SELECT it.file_id, it.group_id, it.is_exact, it.distance
        FROM unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::smallint[])
            AS it (file_id, group_id, is_exact, distance)
        JOIN file ON file.id = it.file_id
        ON CONFLICT (file_id) DO UPDATE SET
            group_id = excluded.group_id,
            is_exact = excluded.is_exact,
            distance = excluded.distance
        "#,
        &files,
        &groups,
        &exact,
        &distances,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A group of which the viewer sees two files at least.
#[derive(Debug)]
pub(super) struct GroupRow {
    pub id: Uuid,
    pub file_count: i64,
}

/// A page of groups. Versions of one item that a person made of such are no group any more. Walks `alike_group_idx`.
pub(super) async fn list_groups(
    db: &mut PgConnection,
    scope: &LibraryScope,
    after: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<GroupRow>> {
    Ok(sqlx::query_as!(
        GroupRow,
        r#"
        SELECT alike.group_id AS id, count(*) AS "file_count!"
        FROM alike
        JOIN file ON file.id = alike.file_id
        CROSS JOIN LATERAL (
            SELECT item_id FROM item_file
            WHERE item_file.file_id = file.id AND role = 'main'
            ORDER BY item_id
            LIMIT 1
        ) AS film
        WHERE file.library_id = ANY($1) AND allows_file(file.id, $2) AND file.missing_since IS NULL
          AND alike.group_id > $3
        GROUP BY alike.group_id
        HAVING count(*) > 1 AND (bool_or(alike.is_exact) OR count(DISTINCT film.item_id) > 1)
        ORDER BY alike.group_id
        LIMIT $4
        "#,
        scope.ids(),
        scope.guard(),
        after.unwrap_or(Uuid::nil()),
        limit.probe(),
    )
    .fetch_all(db)
    .await?)
}

/// A file of a group.
#[derive(Debug)]
pub(super) struct FileRow {
    pub group_id: Uuid,
    pub id: FileId,
    pub item_id: ItemId,
    pub library_id: LibraryId,
    pub path: String,
    pub size_bytes: i64,
    pub duration_ms: Option<i64>,
    pub bitrate_bps: Option<i64>,
    pub codec: Option<String>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub hdr: Option<String>,
    pub is_exact: bool,
    pub distance: i16,
    pub added_at: DateTime<Utc>,
}

/// The first files of each of some groups, the largest picture first. Served by `alike_group_idx`.
pub(super) async fn list_files(
    db: &mut PgConnection,
    scope: &LibraryScope,
    groups: &[Uuid],
    most: i64,
) -> Result<Vec<FileRow>> {
    Ok(sqlx::query_as!(
        FileRow,
        r#"
        SELECT wanted.id AS "group_id!", found.id AS "id: FileId", found.item_id AS "item_id: ItemId",
               found.library_id AS "library_id: LibraryId", found.path, found.size_bytes, found.duration_ms,
               found.bitrate_bps, found.codec AS "codec?", found.width, found.height, found.hdr, found.is_exact,
               found.distance, found.added_at
        FROM unnest($1::uuid[]) AS wanted (id)
        CROSS JOIN LATERAL (
            SELECT file.id, film.item_id, file.library_id, file.path, file.size_bytes, file.duration_ms,
                   file.bitrate_bps, picture.codec, picture.width, picture.height, picture.hdr, alike.is_exact,
                   alike.distance, file.added_at
            FROM alike
            JOIN file ON file.id = alike.file_id
            CROSS JOIN LATERAL (
                SELECT item_id FROM item_file
                WHERE item_file.file_id = file.id AND role = 'main'
                ORDER BY item_id
                LIMIT 1
            ) AS film
            LEFT JOIN LATERAL (
                SELECT codec, width, height, hdr FROM stream
                WHERE stream.file_id = file.id AND kind = 'video'
                ORDER BY index
                LIMIT 1
            ) AS picture ON TRUE
            WHERE alike.group_id = wanted.id AND file.library_id = ANY($2) AND allows_file(file.id, $3)
              AND file.missing_since IS NULL
            ORDER BY picture.height DESC NULLS LAST, file.size_bytes DESC, file.id
            LIMIT $4
        ) AS found
        "#,
        groups,
        scope.ids(),
        scope.guard(),
        most,
    )
    .fetch_all(db)
    .await?)
}
