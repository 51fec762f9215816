//! Rows of items: found by identity, carried over when their files were renamed, inserted, updated.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{ItemId, LibraryId};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::column;
use crate::describe::store::out::FactRow;
use crate::item::Form;

/// The items of a library that have these identities: kind, identity, row. Looks each up in the index; a join is planned once,
/// when there are few items, and reads all of them for every batch when there are many.
pub async fn find_items(
    db: &mut PgConnection,
    library: LibraryId,
    kinds: &[String],
    identities: &[String],
) -> Result<Vec<(String, String, ItemId)>> {
    let rows = sqlx::query!(
        r#"
        SELECT it.kind AS "kind!", it.identity AS "identity!", found.id AS "id: ItemId"
        FROM UNNEST($2::text[], $3::text[]) AS it (kind, identity)
        CROSS JOIN LATERAL (
            SELECT item.id FROM item
            WHERE item.library_id = $1 AND item.kind = it.kind AND item.identity = it.identity
            OFFSET 0
        ) AS found
        "#,
        library.0,
        kinds,
        identities,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.kind, it.identity, it.id)).collect())
}

/// An item that some file played in until now.
#[derive(Debug)]
pub struct Ancestor {
    pub file_id: Uuid,
    pub id: ItemId,
    pub kind: String,
}

/// The items that `files` play, with those above them.
pub async fn list_ancestors(db: &mut PgConnection, files: &[Uuid]) -> Result<Vec<Ancestor>> {
    Ok(sqlx::query_as!(
        Ancestor,
        r#"
        WITH RECURSIVE line AS (
            SELECT item_file.file_id, item.id, item.kind, item.parent_id
            FROM item_file JOIN item ON item.id = item_file.item_id
            WHERE item_file.file_id = ANY($1) AND item_file.role = 'main'
            UNION
            SELECT line.file_id, item.id, item.kind, item.parent_id
            FROM line JOIN item ON item.id = line.parent_id
        )
        SELECT file_id AS "file_id!", id AS "id!: ItemId", kind AS "kind!" FROM line
        "#,
        files,
    )
    .fetch_all(db)
    .await?)
}

/// Those of `items`, and of the items above them, that some present file outside of `files` plays.
pub async fn list_staying(
    db: &mut PgConnection,
    items: &[Uuid],
    files: &[Uuid],
) -> Result<Vec<ItemId>> {
    Ok(sqlx::query_scalar!(
        r#"
        WITH RECURSIVE stay AS (
            SELECT leaf.id, leaf.parent_id
            FROM item AS leaf
            JOIN item_file ON item_file.item_id = leaf.id AND item_file.role = 'main'
            JOIN file ON file.id = item_file.file_id AND file.missing_since IS NULL
            WHERE leaf.root_id IN (SELECT root_id FROM item WHERE id = ANY($1)) AND leaf.form <> 'group'
              AND NOT file.id = ANY($2)
            UNION
            SELECT item.id, item.parent_id FROM stay JOIN item ON item.id = stay.parent_id
        )
        SELECT id AS "id!: ItemId" FROM stay
        "#,
        items,
        files,
    )
    .fetch_all(db)
    .await?)
}

/// An item as its names tell it.
#[derive(Debug, Serialize)]
pub struct ItemRow {
    pub id: ItemId,
    pub kind: &'static str,
    pub form: Form,
    pub parent_id: Option<ItemId>,
    pub root_id: ItemId,
    pub is_top: bool,
    pub identity: String,
    pub number: Option<i32>,
    pub number_end: Option<i32>,
    pub parent_number: Option<i32>,
    pub absolute_number: Option<i32>,
    pub title: String,
    pub sort_title: String,
    pub added_at: DateTime<Utc>,
}

/// Inserts items that no identity or file of old tells of, `facts[n]` being what local sources say of `rows[n]`, the running
/// time that of its files. What stands alone counts as its own leaf, as `personal::recount` has it; providers are asked about
/// the topmost from now on.
pub async fn insert_items(
    db: &mut PgConnection,
    library: LibraryId,
    rows: &[ItemRow],
    facts: &[FactRow],
    now: DateTime<Utc>,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let form: Vec<&str> = column(rows, |it| it.form.as_str());
    sqlx::query!(
        r#"
        INSERT INTO item (id, library_id, kind, form, parent_id, root_id, is_top, identity, number, number_end,
                          parent_number, absolute_number, title, sort_title, year, released_on, added_at, updated_at,
                          original_title, tagline, overview, ended_on, runtime_ms, rating, content_rating,
                          content_rating_age, describe_due_at, leaf_count, newest_at)
        SELECT it.id, $1, it.kind, it.form, it.parent_id, it.root_id, it.is_top, it.identity, it.number, it.number_end,
               it.parent_number, it.absolute_number, it.title, it.sort_title, it.year, it.released_on, it.added_at, $2,
               it.original_title, it.tagline, it.overview, it.ended_on, it.runtime_ms, it.rating, it.content_rating,
               it.content_rating_age, CASE WHEN it.is_top AND it.parent_id IS NULL THEN $2::timestamptz END,
               CASE WHEN it.id = it.root_id AND it.form <> 'group' THEN 1 ELSE 0 END,
               CASE WHEN it.id = it.root_id AND it.form <> 'group' THEN it.added_at END
        FROM UNNEST($3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::boolean[], $9::text[],
                    $10::integer[], $11::integer[], $12::integer[], $13::integer[], $14::text[], $15::text[],
                    $16::integer[], $17::date[], $18::timestamptz[], $19::text[], $20::text[], $21::text[], $22::date[],
                    $23::bigint[], $24::real[], $25::text[], $26::smallint[])
            AS it (id, kind, form, parent_id, root_id, is_top, identity, number, number_end, parent_number,
                   absolute_number, title, sort_title, year, released_on, added_at, original_title, tagline, overview,
                   ended_on, runtime_ms, rating, content_rating, content_rating_age)
        "#,
        library.0,
        now,
        column(rows, |it| it.id.0) as _,
        column(rows, |it| it.kind) as _,
        form as _,
        column(rows, |it| it.parent_id.map(|it| it.0)) as _,
        column(rows, |it| it.root_id.0) as _,
        column(rows, |it| it.is_top) as _,
        column(rows, |it| it.identity.as_str()) as _,
        column(rows, |it| it.number) as _,
        column(rows, |it| it.number_end) as _,
        column(rows, |it| it.parent_number) as _,
        column(rows, |it| it.absolute_number) as _,
        column(rows, |it| it.title.as_str()) as _,
        column(rows, |it| it.sort_title.as_str()) as _,
        column(facts, |it| it.year) as _,
        column(facts, |it| it.released_on) as _,
        column(rows, |it| it.added_at) as _,
        column(facts, |it| it.original_title.as_deref()) as _,
        column(facts, |it| it.tagline.as_deref()) as _,
        column(facts, |it| it.overview.as_deref()) as _,
        column(facts, |it| it.ended_on) as _,
        column(facts, |it| it.runtime_ms) as _,
        column(facts, |it| it.rating) as _,
        column(facts, |it| it.content_rating.as_deref()) as _,
        column(facts, |it| it.content_rating_age) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Updates the places of items. What they are called is made of all that sources say, see `describe::remake`. Those whose
/// files were moved here from another library are of this one now.
pub async fn update_items(
    db: &mut PgConnection,
    library: LibraryId,
    rows: &[ItemRow],
    now: DateTime<Utc>,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        UPDATE item
        SET library_id = $3, parent_id = it.parent_id, root_id = it.root_id, identity = it.identity, number = it.number,
            number_end = it.number_end, parent_number = it.parent_number, absolute_number = it.absolute_number,
            updated_at = $2
        FROM jsonb_to_recordset($1) AS it (
            id uuid, parent_id uuid, root_id uuid, identity text, number integer, number_end integer,
            parent_number integer, absolute_number integer)
        WHERE item.id = it.id
        "#,
        Json(rows) as _,
        now,
        library.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What people made of items whose identity changes stays under the new one. Call it after [`update_items`].
pub async fn rename_keys(db: &mut PgConnection, items: &[Uuid]) -> Result<()> {
    sqlx::query!(
        r#"
        WITH it AS (SELECT id, kind || ':' || identity AS key FROM item WHERE id = ANY($1)),
        a AS (UPDATE progress SET item_key = it.key FROM it WHERE item_id = it.id),
        b AS (UPDATE favourite SET item_key = it.key FROM it WHERE item_id = it.id),
        c AS (UPDATE rating SET item_key = it.key FROM it WHERE item_id = it.id),
        d AS (UPDATE hidden SET item_key = it.key FROM it WHERE item_id = it.id),
        e AS (UPDATE play_event SET item_key = it.key FROM it WHERE item_id = it.id),
        f AS (UPDATE chosen_image SET item_key = it.key FROM it WHERE item_id = it.id),
        g AS (UPDATE playlist_entry SET item_key = it.key FROM it WHERE item_id = it.id)
        UPDATE collection_item SET item_key = it.key FROM it WHERE item_id = it.id
        "#,
        items,
    )
    .execute(db)
    .await?;
    Ok(())
}
