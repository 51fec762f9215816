//! SQL of collections. One exists for a scope through an item in it.

use kernel::id::ItemId;
use kernel::{LibraryScope, Limit, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::{CollectionId, CollectionRef};

/// Where a page of collections ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CollectionPlace {
    pub sort_name: String,
    pub id: CollectionId,
}

/// A collection.
#[derive(Clone, Debug)]
pub struct CollectionRow {
    pub id: CollectionId,
    pub name: String,
    pub sort_name: String,
    pub item_count: i64,
    pub first_item: Option<ItemId>,
}

/// The house's collections by name. Served by `collection_name_idx`, and `collection_item_pkey` for each.
pub async fn list_collections(
    db: &mut PgConnection,
    scope: &LibraryScope,
    after: Option<&CollectionPlace>,
    limit: Limit,
) -> Result<Vec<CollectionRow>> {
    Ok(sqlx::query_as!(
        CollectionRow,
        r#"
        SELECT
            collection.id AS "id: CollectionId", collection.name, collection.sort_name,
            seen.item_count AS "item_count!", seen.first_item AS "first_item: ItemId"
        FROM collection
        CROSS JOIN LATERAL (
            SELECT
                count(*) AS item_count,
                (array_agg(item.id ORDER BY item.year, item.id))[1] AS first_item
            FROM collection_item
            JOIN item ON item.id = collection_item.item_id
            WHERE collection_item.collection_id = collection.id AND item.library_id = ANY($1) AND allows(item.marks, $5)
              AND item.missing_since IS NULL
        ) AS seen
        WHERE collection.kind = 'collection' AND collection.person_id IS NULL AND seen.item_count > 0
          AND ($2::text IS NULL OR (collection.sort_name, collection.id) > ($2, $3))
        ORDER BY collection.sort_name, collection.id
        LIMIT $4
        "#,
        scope.ids(),
        after.map(|it| it.sort_name.as_str()),
        after.map(|it| it.id.0),
        limit.probe(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}

/// A collection's name and words, if it exists for `scope`.
pub async fn find_collection(
    db: &mut PgConnection,
    scope: &LibraryScope,
    collection: CollectionId,
) -> Result<Option<(String, Option<String>)>> {
    let row = sqlx::query!(
        "
        SELECT name, overview
        FROM collection
        WHERE id = $1 AND kind = 'collection' AND person_id IS NULL AND EXISTS (
            SELECT FROM collection_item JOIN item ON item.id = collection_item.item_id
            WHERE collection_item.collection_id = collection.id AND item.library_id = ANY($2) AND allows(item.marks, $3)
              AND item.missing_since IS NULL)
        ",
        collection.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (it.name, it.overview)))
}

/// The items of a collection, as they came out.
pub async fn list_items(
    db: &mut PgConnection,
    scope: &LibraryScope,
    collection: CollectionId,
    limit: i64,
) -> Result<Vec<ItemId>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT item.id AS "id: ItemId"
        FROM collection_item
        JOIN item ON item.id = collection_item.item_id
        WHERE collection_item.collection_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $4) AND item.missing_since IS NULL
        ORDER BY COALESCE(item.released_on, make_date(COALESCE(item.year, 1), 1, 1)), collection_item.position
        LIMIT $3
        "#,
        collection.0,
        scope.ids(),
        limit,
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}

/// The house's collections that an item is part of. Served by `collection_item_item_idx`.
pub async fn list_of_item(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Vec<CollectionRef>> {
    Ok(sqlx::query_as!(
        CollectionRef,
        r#"
        SELECT collection.id AS "id: CollectionId", collection.name
        FROM collection_item
        JOIN collection ON collection.id = collection_item.collection_id
        JOIN item ON item.id = collection_item.item_id
        WHERE collection_item.item_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
          AND collection.kind = 'collection' AND collection.person_id IS NULL
        ORDER BY collection.sort_name, collection.id
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}
