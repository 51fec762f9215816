//! SQL of what people change about items.

mod files;

use chrono::{DateTime, Utc};
use kernel::id::{ItemId, LibraryId, PersonId};
use kernel::{LibraryScope, Limit, Result};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::CreditEdit;
use super::field::{LISTS, Values};
use super::history::Change;
use crate::describe::store::lists::LabelRow;

pub use files::*;

/// An item with what stands in its fields.
#[derive(Clone, Debug)]
pub struct EditableRow {
    pub id: ItemId,
    pub library_id: LibraryId,
    pub root_id: ItemId,
    pub is_group: bool,
    pub locked: Vec<String>,
    pub values: Values,
}

/// The item, held until the transaction ends, if it exists for `scope`.
pub async fn lock_editable(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Option<EditableRow>> {
    let row = sqlx::query!(
        r#"
        SELECT
            id AS "id: ItemId", library_id AS "library_id: LibraryId", root_id AS "root_id: ItemId",
            form = 'group' AS "is_group!", locked, title, sort_title, original_title, tagline, overview,
            year, released_on, rating, content_rating
        FROM item
        WHERE id = $1 AND library_id = ANY($2) AND allows(marks, $3)
        FOR UPDATE
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut values = Values {
        title: row.title,
        sort_title: row.sort_title,
        original_title: row.original_title,
        tagline: row.tagline,
        overview: row.overview,
        year: row.year,
        released_on: row.released_on,
        rating: row.rating,
        content_rating: row.content_rating,
        ..Values::default()
    };
    read_lists(db, item, &mut values).await?;
    Ok(Some(EditableRow {
        id: row.id,
        library_id: row.library_id,
        root_id: row.root_id,
        is_group: row.is_group,
        locked: row.locked,
        values,
    }))
}

async fn read_lists(db: &mut PgConnection, item: ItemId, values: &mut Values) -> Result<()> {
    let labels = sqlx::query!(
        "
        SELECT label.kind, label.name
        FROM item_label JOIN label ON label.id = item_label.label_id
        WHERE item_label.item_id = $1
        ORDER BY item_label.position, label.name
        ",
        item.0,
    )
    .fetch_all(&mut *db)
    .await?;
    for (field, kind) in LISTS {
        let words: Vec<String> =
            labels.iter().filter(|it| it.kind == kind).map(|it| it.name.clone()).collect();
        values.set(field, words.into());
    }
    values.credits = sqlx::query_as!(
        CreditEdit,
        "
        SELECT person.name, credit.role, credit.character
        FROM credit JOIN person ON person.id = credit.person_id
        WHERE credit.item_id = $1
        ORDER BY credit.position
        ",
        item.0,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// Writes the fields of an item's own row, and which of them are locked.
pub async fn update_values(
    db: &mut PgConnection,
    item: ItemId,
    values: &Values,
    locked: &[String],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        UPDATE item
        SET title = $2, sort_title = $3, original_title = $4, tagline = $5, overview = $6, year = $7, released_on = $8,
            rating = $9, content_rating = $10, content_rating_age = $11, locked = $12, updated_at = $13
        WHERE id = $1
        ",
        item.0,
        values.title,
        values.sort_title,
        values.original_title,
        values.tagline,
        values.overview,
        values.year,
        values.released_on,
        values.rating,
        values.content_rating,
        values.content_rating_age(),
        locked,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Says which fields of an item are locked.
pub async fn update_locked(db: &mut PgConnection, item: ItemId, locked: &[String]) -> Result<()> {
    sqlx::query!("UPDATE item SET locked = $2 WHERE id = $1", item.0, locked).execute(db).await?;
    Ok(())
}

/// Says how the numbers of a series' files count.
pub async fn update_episode_order(db: &mut PgConnection, item: ItemId, order: &str) -> Result<()> {
    sqlx::query!("UPDATE item SET episode_order = $2 WHERE id = $1", item.0, order)
        .execute(db)
        .await?;
    Ok(())
}

/// Makes `rows` the labels of one kind that an item has.
pub async fn replace_labels(
    db: &mut PgConnection,
    item: ItemId,
    kind: &str,
    rows: &[LabelRow],
) -> Result<()> {
    let identities: Vec<String> = rows.iter().map(|it| it.identity.clone()).collect();
    let names: Vec<String> = rows.iter().map(|it| it.name.clone()).collect();
    let positions: Vec<i16> = rows.iter().map(|it| it.position).collect();
    sqlx::query!(
        "
        DELETE FROM item_label USING label
        WHERE item_label.item_id = $1 AND label.id = item_label.label_id AND label.kind = $2
        ",
        item.0,
        kind,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        INSERT INTO label (kind, identity, name)
        SELECT DISTINCT ON (it.identity) $1, it.identity, it.name
        FROM UNNEST($2::text[], $3::text[]) AS it (identity, name)
        ORDER BY it.identity, it.name
        ON CONFLICT ON CONSTRAINT label_identity_unique DO NOTHING
        ",
        kind,
        &identities,
        &names,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "
        INSERT INTO item_label (item_id, label_id, position)
        SELECT $1, label.id, it.position
        FROM UNNEST($3::text[], $4::smallint[]) AS it (identity, position)
        JOIN label ON label.kind = $2 AND label.identity = it.identity
        ON CONFLICT ON CONSTRAINT item_label_pkey DO NOTHING
        ",
        item.0,
        kind,
        &identities,
        &positions,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes a change.
pub async fn insert_edit(
    db: &mut PgConnection,
    person: PersonId,
    item: ItemId,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO item_edit (item_id, item_key, person_id, field, before, after, was_locked, is_locked, edited_at)
        SELECT id, kind || ':' || identity, $2, $3, $4, $5, $6, $7, $8 FROM item WHERE id = $1
        ",
        item.0,
        person.0,
        change.field,
        change.before,
        change.after,
        change.was_locked,
        change.is_locked,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A change as it was noted.
#[derive(Clone, Debug)]
pub struct EditRow {
    pub id: Uuid,
    pub person_id: PersonId,
    pub field: String,
    pub before: Value,
    pub after: Value,
    pub was_locked: bool,
    pub is_locked: bool,
    pub edited_at: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
    /// Whether it is the last change of its field that stands.
    pub is_last: bool,
}

/// The changes of an item, the newest first. Served by `item_edit_item_idx`.
pub async fn list_edits(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
    after: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<EditRow>> {
    Ok(sqlx::query_as!(
        EditRow,
        r#"
        SELECT
            edit.id, edit.person_id AS "person_id: PersonId", edit.field, edit.before, edit.after, edit.was_locked,
            edit.is_locked, edit.edited_at, edit.undone_at,
            edit.undone_at IS NULL AND NOT EXISTS (
                SELECT FROM item_edit AS later
                WHERE later.item_id = edit.item_id AND later.field = edit.field AND later.id > edit.id
                  AND later.undone_at IS NULL
            ) AS "is_last!"
        FROM item_edit AS edit
        JOIN item ON item.id = edit.item_id
        WHERE edit.item_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $5) AND ($3::uuid IS NULL OR edit.id < $3)
        ORDER BY edit.id DESC
        LIMIT $4
        "#,
        item.0,
        scope.ids(),
        after,
        limit.probe(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}

/// One change of an item.
pub async fn find_edit(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
    edit: Uuid,
) -> Result<Option<EditRow>> {
    Ok(sqlx::query_as!(
        EditRow,
        r#"
        SELECT
            edit.id, edit.person_id AS "person_id: PersonId", edit.field, edit.before, edit.after, edit.was_locked,
            edit.is_locked, edit.edited_at, edit.undone_at,
            edit.undone_at IS NULL AND NOT EXISTS (
                SELECT FROM item_edit AS later
                WHERE later.item_id = edit.item_id AND later.field = edit.field AND later.id > edit.id
                  AND later.undone_at IS NULL
            ) AS "is_last!"
        FROM item_edit AS edit
        JOIN item ON item.id = edit.item_id
        WHERE edit.item_id = $1 AND edit.id = $3 AND item.library_id = ANY($2) AND allows(item.marks, $4)
        "#,
        item.0,
        scope.ids(),
        edit,
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}

/// Marks a change as undone.
pub async fn mark_undone(
    db: &mut PgConnection,
    edit: Uuid,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "UPDATE item_edit SET undone_at = $3, undone_by = $2 WHERE id = $1",
        edit,
        person.0,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives items that were just made what people once edited about things of their key: which items, and the last change of
/// each field that stands.
pub async fn adopt(db: &mut PgConnection, items: &[Uuid]) -> Result<Vec<(ItemId, String, Value)>> {
    sqlx::query!(
        "
        UPDATE item_edit SET item_id = item.id
        FROM item
        WHERE item.id = ANY($1) AND item_edit.item_key = item.kind || ':' || item.identity
          AND NOT EXISTS (SELECT FROM item AS living WHERE living.id = item_edit.item_id)
        ",
        items,
    )
    .execute(&mut *db)
    .await?;
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT ON (item_id, field)
            item_id AS "item_id: ItemId", field, after, is_locked
        FROM item_edit
        WHERE item_id = ANY($1) AND undone_at IS NULL
        ORDER BY item_id, field, id DESC
        "#,
        items,
    )
    .fetch_all(db)
    .await?;
    let locked = rows.into_iter().filter(|it| it.is_locked);
    Ok(locked.map(|it| (it.item_id, it.field, it.after)).collect())
}
