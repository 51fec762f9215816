//! SQL that finds our items by what others know of them. Only who looks after the server asks: nothing is scoped.

use kernel::Result;
use kernel::id::{FileId, ItemId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::arrival::{Filed, Named, Place, Shape};

/// What tells the shape of an item.
fn shape(is_top: bool, form: &str) -> Shape {
    match (is_top, form == "group") {
        (true, false) => Shape::Film,
        (true, true) => Shape::Series,
        (false, true) => Shape::Season,
        (false, false) => Shape::Episode,
    }
}

/// Makes a [`Place`] of a row.
macro_rules! place {
    ($row:ident) => {{
        let shape = shape($row.is_top, &$row.form);
        let is_season = shape == Shape::Season;
        Place {
            id: $row.id,
            root_id: $row.root_id,
            shape,
            season: if is_season { $row.number } else { $row.parent_number },
            episode: $row.number.filter(|_| !is_season),
            episode_end: $row.number_end,
        }
    }};
}

/// The items that providers know under these ids. Served by `external_id_value_idx`.
pub async fn list_by_ids_unscoped(
    db: &mut PgConnection,
    providers: &[String],
    values: &[String],
) -> Result<Vec<(String, String, Place)>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            external_id.provider, external_id.value, item.id AS "id: ItemId", item.root_id AS "root_id: ItemId",
            item.is_top, item.form, item.number, item.number_end, item.parent_number
        FROM UNNEST($1::text[], $2::text[]) AS it (provider, value)
        JOIN external_id ON external_id.provider = it.provider AND external_id.value = it.value
        JOIN item ON item.id = external_id.item_id
        "#,
        providers,
        values,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let place = place!(row);
            (row.provider, row.value, place)
        })
        .collect())
}

/// Topmost items behind `after`, a page of all. Served by `item_pkey`.
pub async fn list_named_unscoped(
    db: &mut PgConnection,
    after: ItemId,
    limit: i64,
) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            id AS "id: ItemId", root_id AS "root_id: ItemId", is_top, form, number, number_end, parent_number, title,
            original_title, year
        FROM item
        WHERE id > $1 AND is_top
        ORDER BY id
        LIMIT $2
        "#,
        after.0,
        limit,
    )
    .fetch_all(db)
    .await?;
    let named = rows.into_iter().map(|row| Named {
        place: place!(row),
        title: row.title,
        original_title: row.original_title,
        year: row.year,
    });
    Ok(named.collect())
}

/// Files that items play, behind `after`, a page of all. Served by `file_pkey`. A file of several items is several rows:
/// all of one file are on one page.
pub async fn list_filed_unscoped(
    db: &mut PgConnection,
    after: FileId,
    limit: i64,
) -> Result<Vec<Filed>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            file.id AS "file_id: FileId", library_folder.path AS folder, file.path, item.id AS "id: ItemId",
            item.root_id AS "root_id: ItemId", item.is_top, item.form, item.number, item.number_end, item.parent_number
        FROM (SELECT id, folder_id, path FROM file WHERE id > $1 ORDER BY id LIMIT $2) AS file
        JOIN library_folder ON library_folder.id = file.folder_id
        JOIN item_file ON item_file.file_id = file.id AND item_file.role = 'main'
        JOIN item ON item.id = item_file.item_id
        ORDER BY file.id
        "#,
        after.0,
        limit,
    )
    .fetch_all(db)
    .await?;
    let filed = rows.into_iter().map(|row| Filed {
        file_id: row.file_id,
        path: format!("{}/{}", row.folder.trim_end_matches('/'), row.path),
        place: place!(row),
    });
    Ok(filed.collect())
}

/// The last file of the page that [`list_filed_unscoped`] gives, whether an item plays it or not.
pub async fn find_last_of_page(
    db: &mut PgConnection,
    after: FileId,
    limit: i64,
) -> Result<Option<FileId>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT id AS "id!: FileId"
        FROM (SELECT id FROM file WHERE id > $1 ORDER BY id LIMIT $2) AS page
        ORDER BY id DESC
        LIMIT 1
        "#,
        after.0,
        limit,
    )
    .fetch_optional(db)
    .await?)
}

/// Everything in these topmost items. Served by `item_root_idx` and `item_children_idx`.
pub async fn list_below_unscoped(db: &mut PgConnection, roots: &[Uuid]) -> Result<Vec<Place>> {
    let rows = sqlx::query!(
        r#"
        SELECT
            id AS "id!: ItemId", root_id AS "root_id!: ItemId", is_top AS "is_top!", form AS "form!", number, number_end,
            parent_number
        FROM (
            SELECT id, root_id, is_top, form, number, number_end, parent_number
            FROM item
            WHERE root_id = ANY($1) AND form <> 'group' AND NOT is_top
            UNION ALL
            SELECT id, root_id, is_top, form, number, number_end, parent_number
            FROM item
            WHERE parent_id = ANY($1) AND form = 'group'
        ) AS below
        "#,
        roots,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| place!(row)).collect())
}
