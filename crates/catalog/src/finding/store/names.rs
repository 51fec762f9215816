//! SQL of the names that items have: people, labels and collections as the search index knows them.

use kernel::{LibraryScope, Result};
use sqlx::PgConnection;
use uuid::Uuid;

/// A name as the search index knows it.
#[derive(Clone, Debug)]
pub struct NameRow {
    pub id: Uuid,
    /// `person`, `collection`, or the kind of the label.
    pub kind: String,
    pub name: String,
    pub libraries: Vec<Uuid>,
    /// How many topmost items have it.
    pub item_count: i64,
}

/// Names that these items have, as ids. Served by the primary keys of `credit` and `item_label`, and `collection_item_item_idx`.
pub async fn list_name_ids_unscoped(db: &mut PgConnection, items: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT person_id AS "id!" FROM credit WHERE item_id = ANY($1)
        UNION
        SELECT label_id FROM item_label WHERE item_id = ANY($1)
        UNION
        SELECT collection_id FROM collection_item WHERE item_id = ANY($1)
        "#,
        items,
    )
    .fetch_all(db)
    .await?)
}

/// Ids of all names behind `after`, in order: the pages of a rebuild.
pub async fn list_all_name_ids_unscoped(
    db: &mut PgConnection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT id AS "id!" FROM (
            (SELECT id FROM person WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2)
            UNION ALL
            (SELECT id FROM label WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2)
            UNION ALL
            (SELECT id FROM collection
             WHERE kind = 'collection' AND person_id IS NULL AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2)
        ) AS name
        ORDER BY id
        LIMIT $2
        "#,
        after,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// These names with where they are found. One that no item has is left out. Walks the items of each, which for the largest
/// genre is all of them.
pub async fn list_names_unscoped(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<NameRow>> {
    Ok(sqlx::query_as!(
        NameRow,
        r#"
        SELECT person.id AS "id!", 'person' AS "kind!", person.name AS "name!",
            array_agg(DISTINCT item.library_id) AS "libraries!", count(DISTINCT item.root_id) AS "item_count!"
        FROM person
        JOIN credit ON credit.person_id = person.id
        JOIN item ON item.id = credit.item_id AND item.missing_since IS NULL
        WHERE person.id = ANY($1)
        GROUP BY person.id
        UNION ALL
        SELECT label.id, label.kind, label.name, array_agg(DISTINCT item.library_id), count(DISTINCT item.root_id)
        FROM label
        JOIN item_label ON item_label.label_id = label.id
        JOIN item ON item.id = item_label.item_id AND item.missing_since IS NULL
        WHERE label.id = ANY($1)
        GROUP BY label.id
        UNION ALL
        SELECT collection.id, 'collection', collection.name, array_agg(DISTINCT item.library_id),
            count(DISTINCT item.root_id)
        FROM collection
        JOIN collection_item ON collection_item.collection_id = collection.id
        JOIN item ON item.id = collection_item.item_id AND item.missing_since IS NULL
        WHERE collection.id = ANY($1) AND collection.kind = 'collection' AND collection.person_id IS NULL
        GROUP BY collection.id
        "#,
        ids,
    )
    .fetch_all(db)
    .await?)
}

/// Those of these names that exist for `scope`, through an item in it: id, kind, name.
pub async fn list_seen_names(
    db: &mut PgConnection,
    scope: &LibraryScope,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT id AS "id!", 'person' AS "kind!", name AS "name!" FROM person
        WHERE id = ANY($1) AND EXISTS (
            SELECT FROM credit JOIN item ON item.id = credit.item_id
            WHERE credit.person_id = person.id AND item.library_id = ANY($2) AND allows(item.marks, $3)
              AND item.missing_since IS NULL)
        UNION ALL
        SELECT id, kind, name FROM label
        WHERE id = ANY($1) AND EXISTS (
            SELECT FROM item_label JOIN item ON item.id = item_label.item_id
            WHERE item_label.label_id = label.id AND item.library_id = ANY($2) AND allows(item.marks, $3)
              AND item.missing_since IS NULL)
        UNION ALL
        SELECT id, 'collection', name FROM collection
        WHERE id = ANY($1) AND kind = 'collection' AND person_id IS NULL AND EXISTS (
            SELECT FROM collection_item JOIN item ON item.id = collection_item.item_id
            WHERE collection_item.collection_id = collection.id AND item.library_id = ANY($2)
              AND allows(item.marks, $3) AND item.missing_since IS NULL)
        "#,
        ids,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.id, it.kind, it.name)).collect())
}
