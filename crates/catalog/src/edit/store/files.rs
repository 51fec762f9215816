//! SQL of splitting and merging: whole trees of items, read at once and written at once.

use chrono::{DateTime, Utc};
use kernel::id::{FileId, ItemId, LibraryId, PersonId};
use kernel::{LibraryScope, Result};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::edit::Decision;

/// An item of a tree.
#[derive(Clone, Debug)]
pub struct TreeRow {
    pub id: ItemId,
    pub library_id: LibraryId,
    pub kind: String,
    pub parent_id: Option<ItemId>,
    pub root_id: ItemId,
    pub is_group: bool,
    pub is_top: bool,
    pub identity: String,
}

/// The items of these trees, held until the transaction ends, roots first. Only roots that exist for `scope`.
pub async fn lock_trees(
    db: &mut PgConnection,
    scope: &LibraryScope,
    roots: &[Uuid],
) -> Result<Vec<TreeRow>> {
    Ok(sqlx::query_as!(
        TreeRow,
        r#"
        SELECT
            id AS "id: ItemId", library_id AS "library_id: LibraryId", kind, parent_id AS "parent_id: ItemId",
            root_id AS "root_id: ItemId", form = 'group' AS "is_group!", is_top, identity
        FROM item
        WHERE library_id = ANY($2) AND allows(marks, $3)
          AND (id = ANY($1) OR parent_id = ANY($1) OR (root_id = ANY($1) AND form <> 'group'))
        ORDER BY parent_id IS NOT NULL, form <> 'group', watch_order, id
        FOR UPDATE
        "#,
        roots,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}

/// A file of an item.
#[derive(Clone, Debug)]
pub struct PartRow {
    pub item_id: ItemId,
    pub file_id: FileId,
    pub folder_id: Uuid,
    pub path: String,
    pub role: String,
    pub version: Option<String>,
}

/// The files of these items.
pub async fn list_parts_unscoped(db: &mut PgConnection, items: &[Uuid]) -> Result<Vec<PartRow>> {
    Ok(sqlx::query_as!(
        PartRow,
        r#"
        SELECT
            item_file.item_id AS "item_id: ItemId", item_file.file_id AS "file_id: FileId", file.folder_id, file.path,
            item_file.role, item_file.version
        FROM item_file
        JOIN file ON file.id = item_file.file_id
        WHERE item_file.item_id = ANY($1)
        ORDER BY item_file.item_id, file.path
        "#,
        items,
    )
    .fetch_all(db)
    .await?)
}

/// An item that is made after another.
#[derive(Debug, Serialize)]
pub struct CopyRow {
    pub id: ItemId,
    pub like: ItemId,
    pub parent_id: Option<ItemId>,
    pub root_id: ItemId,
    pub identity: String,
}

/// Makes items after others: called and numbered like them, as what lies in the library says it.
pub async fn insert_copies(
    db: &mut PgConnection,
    rows: &[CopyRow],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO item (id, library_id, kind, form, parent_id, root_id, is_top, identity, number, number_end,
                          parent_number, absolute_number, title, sort_title, year, released_on, episode_order, added_at,
                          updated_at)
        SELECT it.id, item.library_id, item.kind, item.form, it.parent_id, it.root_id, item.is_top, it.identity,
               item.number, item.number_end, item.parent_number, item.absolute_number, item.title, item.sort_title,
               item.year, item.released_on, item.episode_order, $2, $2
        FROM jsonb_to_recordset($1) AS it ("like" uuid, id uuid, parent_id uuid, root_id uuid, identity text)
        JOIN item ON item.id = it."like"
        "#,
        Json(rows) as _,
        now,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO item_source (item_id, source, facts, fetched_at)
        SELECT it.id, item_source.source, item_source.facts, $2
        FROM jsonb_to_recordset($1) AS it ("like" uuid, id uuid)
        JOIN item_source ON item_source.item_id = it."like" AND item_source.source = 'name'
        "#,
        Json(rows) as _,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Where an item of a tree goes.
#[derive(Debug, Serialize)]
pub struct MoveRow {
    pub id: ItemId,
    pub parent_id: Option<ItemId>,
    pub root_id: ItemId,
    pub identity: String,
}

/// Puts items into other trees.
pub async fn move_items(db: &mut PgConnection, rows: &[MoveRow]) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE item SET parent_id = it.parent_id, root_id = it.root_id, identity = it.identity
        FROM jsonb_to_recordset($1) AS it (id uuid, parent_id uuid, root_id uuid, identity text)
        WHERE item.id = it.id
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// To which item a file goes.
#[derive(Debug, Serialize)]
pub struct PartMove {
    pub file_id: FileId,
    pub from: ItemId,
    pub to: ItemId,
    pub version: Option<String>,
}

/// Puts files to other items. Until a scan looked at them they count as not arranged.
pub async fn move_parts(db: &mut PgConnection, rows: &[PartMove]) -> Result<()> {
    sqlx::query!(
        r#"
        DELETE FROM item_file
        USING jsonb_to_recordset($1) AS it (file_id uuid, "from" uuid, "to" uuid)
        WHERE item_file.file_id = it.file_id AND item_file.item_id = it."from" AND it."from" <> it."to" AND EXISTS (
            SELECT FROM item_file AS own WHERE own.file_id = it.file_id AND own.item_id = it."to")
        "#,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        UPDATE item_file SET item_id = it."to", version = it.version
        FROM jsonb_to_recordset($1) AS it (file_id uuid, "from" uuid, "to" uuid, version text)
        WHERE item_file.file_id = it.file_id AND item_file.item_id = it."from"
        "#,
        Json(rows) as _,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        UPDATE file SET placement = NULL
        FROM jsonb_to_recordset($1) AS it (file_id uuid)
        WHERE file.id = it.file_id
        "#,
        Json(rows) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A decision to keep.
#[derive(Debug, Serialize)]
pub struct DecisionRow {
    pub file_id: FileId,
    pub folder_id: Uuid,
    pub path: String,
    pub identity: String,
    pub is_whole: bool,
    pub version: Option<String>,
}

/// Keeps to which items `person` put files.
pub async fn upsert_decisions(
    db: &mut PgConnection,
    person: PersonId,
    rows: &[DecisionRow],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO file_decision (file_id, folder_id, path, identity, is_whole, version, person_id, decided_at)
        SELECT DISTINCT ON (it.file_id)
            it.file_id, it.folder_id, it.path, it.identity, it.is_whole, it.version, $2::uuid, $3::timestamptz
        FROM jsonb_to_recordset($1) AS it (
            file_id uuid, folder_id uuid, path text, identity text, is_whole boolean, version text)
        ORDER BY it.file_id
        ON CONFLICT ON CONSTRAINT file_decision_pkey DO UPDATE
        SET folder_id = EXCLUDED.folder_id, path = EXCLUDED.path, identity = EXCLUDED.identity,
            is_whole = EXCLUDED.is_whole, version = EXCLUDED.version, person_id = EXCLUDED.person_id,
            decided_at = EXCLUDED.decided_at
        "#,
        Json(rows) as _,
        person.0,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What was put to an item that is another's part now goes there too.
pub async fn redirect_decisions(
    db: &mut PgConnection,
    library: LibraryId,
    from: &str,
    to: &str,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE file_decision SET identity = $3
        FROM library_folder
        WHERE library_folder.id = file_decision.folder_id AND library_folder.library_id = $1
          AND file_decision.identity = $2
        ",
        library.0,
        from,
        to,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What people decided about the files of a library. Served by `file_decision_folder_idx`.
pub async fn list_decisions(db: &mut PgConnection, library: LibraryId) -> Result<Vec<Decision>> {
    Ok(sqlx::query_as!(
        Decision,
        r#"
        SELECT
            file_decision.file_id AS "file_id: FileId", file_decision.folder_id, file_decision.path,
            file_decision.identity, file_decision.is_whole, file_decision.version
        FROM library_folder
        JOIN file_decision ON file_decision.folder_id = library_folder.id
        WHERE library_folder.library_id = $1
        "#,
        library.0,
    )
    .fetch_all(db)
    .await?)
}

/// Deletes items that are parts of others now. What people edited about them is of those.
pub async fn delete_merged(db: &mut PgConnection, from: &[Uuid], to: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "
        UPDATE item_edit SET item_id = item.id, item_key = item.kind || ':' || item.identity
        FROM UNNEST($1::uuid[], $2::uuid[]) AS it (old_id, new_id)
        JOIN item ON item.id = it.new_id
        WHERE item_edit.item_id = it.old_id
        ",
        from,
        to,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("INSERT INTO search_outbox (item_id) SELECT UNNEST($1::uuid[])", from)
        .execute(&mut *db)
        .await?;
    sqlx::query!("DELETE FROM item_match WHERE item_id = ANY($1)", from).execute(&mut *db).await?;
    sqlx::query!("DELETE FROM item WHERE id = ANY($1)", from).execute(db).await?;
    Ok(())
}

/// The scope of exactly the item's library, for work that nobody in particular does.
pub async fn scope_of_unscoped(db: &mut PgConnection, item: ItemId) -> Result<LibraryScope> {
    let library = sqlx::query_scalar!(
        r#"SELECT library_id AS "id: LibraryId" FROM item WHERE id = $1"#,
        item.0
    )
    .fetch_optional(db)
    .await?;
    Ok(LibraryScope::of(library))
}
