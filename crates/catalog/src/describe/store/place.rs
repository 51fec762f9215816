//! Where the files of items are, beside which a description is written.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{ItemId, LibraryId};
use sqlx::PgConnection;
use uuid::Uuid;

/// An item that plays, with the first of its files.
#[derive(Clone, Debug)]
pub struct PlaceRow {
    pub item_id: ItemId,
    pub folder: String,
    pub path: String,
    /// The group it is in.
    pub parent_id: Option<ItemId>,
    pub season: Option<i32>,
    pub number: Option<i32>,
    /// Whether a file of that name lies beside it: then that is the one to write.
    pub has_movie_nfo: bool,
}

/// Topmost items of a library that are there and changed since then, by id, from the one behind `after` on.
pub async fn list_tops_unscoped(
    db: &mut PgConnection,
    library: LibraryId,
    since: Option<DateTime<Utc>>,
    after: Option<ItemId>,
    limit: i64,
) -> Result<Vec<ItemId>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT id AS "id: ItemId"
        FROM item
        WHERE library_id = $1 AND is_top AND missing_since IS NULL
          AND ($2::timestamptz IS NULL OR updated_at >= $2) AND ($3::uuid IS NULL OR id > $3)
        ORDER BY id
        LIMIT $4
        "#,
        library.0,
        since,
        after.map(|it| it.0),
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// Where those of `items` are that play.
pub async fn list_places_unscoped(db: &mut PgConnection, items: &[Uuid]) -> Result<Vec<PlaceRow>> {
    Ok(sqlx::query_as!(
        PlaceRow,
        r#"
        SELECT DISTINCT ON (item.watch_order, item.id)
            item.id AS "item_id: ItemId", library_folder.path AS folder, file.path, item.parent_id AS "parent_id: ItemId",
            item.parent_number AS season, item.number,
            EXISTS (
                SELECT FROM file AS beside
                WHERE beside.folder_id = file.folder_id AND beside.missing_since IS NULL
                  AND beside.path = regexp_replace(file.path, '[^/]*$', '') || 'movie.nfo'
            ) AS "has_movie_nfo!"
        FROM item
        JOIN item_file ON item_file.item_id = item.id AND item_file.role = 'main'
        JOIN file ON file.id = item_file.file_id AND file.missing_since IS NULL
        JOIN library_folder ON library_folder.id = file.folder_id
        WHERE item.id = ANY($1)
        ORDER BY item.watch_order, item.id, item_file.version NULLS FIRST, item_file.part NULLS FIRST, file.path
        "#,
        items,
    )
    .fetch_all(db)
    .await?)
}
