//! SQL of finding: the documents of the search index, their outbox, and titles alike when the index is away.

pub mod names;
pub mod own;
pub mod recent;

use chrono::{DateTime, Utc};
use kernel::id::ItemId;
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use super::check::SearchLag;

/// An item as the search index knows it.
#[derive(Debug)]
pub struct DocumentRow {
    pub id: Uuid,
    pub kind: String,
    pub library_id: Uuid,
    pub is_top: bool,
    pub title: String,
    pub sort_title: String,
    pub titles: Vec<String>,
    /// Names, what each did, and whom they played, in one order; somebody who did several things is there several times.
    pub people: Vec<String>,
    pub roles: Vec<String>,
    pub characters: Vec<String>,
    /// The kinds of its labels, in the order of their names.
    pub label_kinds: Vec<String>,
    pub label_names: Vec<String>,
    pub year: Option<i32>,
    pub rating: Option<f32>,
    pub content_rating_age: Option<i16>,
    pub overview: Option<String>,
    pub popularity: f32,
    pub added_at: DateTime<Utc>,
    pub marks: Vec<i64>,
}

/// Items whose titles are like `text`, the likest first. Served by `item_title_trgm_idx`.
pub async fn list_alike(
    db: &mut PgConnection,
    scope: &LibraryScope,
    text: &str,
    kind: Option<&str>,
    limit: i64,
) -> Result<Vec<ItemId>> {
    let ids = sqlx::query_scalar!(
        r#"
        SELECT id AS "id: ItemId"
        FROM item
        WHERE library_id = ANY($1) AND allows(marks, $5)
          AND missing_since IS NULL
          AND lower($2) OPERATOR(public.<%) lower(title)
          AND ($3::text IS NULL OR kind = $3)
        ORDER BY public.word_similarity(lower($2), lower(title)) DESC, popularity DESC, id
        LIMIT $4
        "#,
        scope.ids(),
        text,
        kind,
        limit,
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(ids)
}

/// The oldest entries of the outbox, held by this transaction: two feeders never take the same.
pub async fn take_outbox(db: &mut PgConnection, limit: i64) -> Result<Vec<(i64, Uuid)>> {
    let rows = sqlx::query!(
        "
        SELECT id, item_id
        FROM search_outbox
        ORDER BY id
        LIMIT $1
        FOR UPDATE
        ",
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.id, it.item_id)).collect())
}

/// Has these items brought to the index.
pub async fn insert_outbox(db: &mut PgConnection, items: &[Uuid]) -> Result<()> {
    if !items.is_empty() {
        sqlx::query!("INSERT INTO search_outbox (item_id) SELECT unnest($1::uuid[])", items)
            .execute(db)
            .await?;
    }
    Ok(())
}

/// How far the index is behind.
pub async fn find_lag(db: &mut PgConnection) -> Result<SearchLag> {
    Ok(sqlx::query_as!(
        SearchLag,
        r#"
        SELECT
            (SELECT count(*) FROM (SELECT FROM search_outbox LIMIT 100000) AS entry) AS "waiting!",
            COALESCE(
                (SELECT GREATEST(extract(epoch FROM now() - written_at), 0)::float8
                 FROM search_outbox
                 ORDER BY id
                 LIMIT 1),
                0) AS "seconds!"
        "#,
    )
    .fetch_one(db)
    .await?)
}

/// Strikes entries off the outbox.
pub async fn delete_outbox(db: &mut PgConnection, ids: &[i64]) -> Result<()> {
    sqlx::query!("DELETE FROM search_outbox WHERE id = ANY($1)", ids).execute(db).await?;
    Ok(())
}

/// The documents of these items. One that is gone or missing has none.
pub async fn list_documents_unscoped(
    db: &mut PgConnection,
    items: &[Uuid],
) -> Result<Vec<DocumentRow>> {
    let documents = sqlx::query_as!(
        DocumentRow,
        r#"
        SELECT
            item.id, item.kind, item.library_id, item.is_top, item.title, item.sort_title, item.year, item.overview,
            item.popularity, item.added_at, item.marks, item.rating, item.content_rating_age,
            array_remove(
                item.original_title
                || ARRAY(
                    SELECT translation.title FROM translation WHERE translation.item_id = item.id
                    UNION
                    SELECT other.title ->> 'title'
                    FROM item_source
                    CROSS JOIN LATERAL jsonb_array_elements(item_source.facts -> 'other_titles') AS other (title)
                    WHERE item_source.item_id = item.id
                    ORDER BY title
                ),
                NULL
            ) AS "titles!",
            ARRAY(
                SELECT person.name
                FROM credit
                JOIN person ON person.id = credit.person_id
                WHERE credit.item_id = item.id
                ORDER BY credit.position
            ) AS "people!",
            ARRAY(
                SELECT credit.role FROM credit WHERE credit.item_id = item.id ORDER BY credit.position
            ) AS "roles!",
            ARRAY(
                SELECT COALESCE(credit.character, '')
                FROM credit
                WHERE credit.item_id = item.id
                ORDER BY credit.position
            ) AS "characters!",
            ARRAY(
                SELECT label.kind
                FROM item_label
                JOIN label ON label.id = item_label.label_id
                WHERE item_label.item_id = item.id
                ORDER BY item_label.position, label.kind, label.name
            ) AS "label_kinds!",
            ARRAY(
                SELECT label.name
                FROM item_label
                JOIN label ON label.id = item_label.label_id
                WHERE item_label.item_id = item.id
                ORDER BY item_label.position, label.kind, label.name
            ) AS "label_names!"
        FROM item
        WHERE item.id = ANY($1) AND item.missing_since IS NULL
        "#,
        items,
    )
    .fetch_all(db)
    .await?;
    Ok(documents)
}

/// A stream of an item's files, or of the leaves of a root.
#[derive(Debug)]
pub struct StreamRow {
    pub item_id: Uuid,
    pub kind: String,
    pub codec: String,
    pub language: Option<String>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub hdr: Option<String>,
}

/// What the files of these items have, each once; of a root with leaves, what those have. Served by `item_root_idx`.
pub async fn list_streams_unscoped(
    db: &mut PgConnection,
    items: &[Uuid],
) -> Result<Vec<StreamRow>> {
    Ok(sqlx::query_as!(
        StreamRow,
        r#"
        WITH leaf AS (
            SELECT id AS item_id, id AS leaf_id FROM item WHERE id = ANY($1) AND form <> 'group'
            UNION ALL
            SELECT root_id, id FROM item WHERE root_id = ANY($1) AND form <> 'group' AND id <> root_id
        )
        SELECT DISTINCT
            leaf.item_id AS "item_id!", stream.kind AS "kind!", stream.codec AS "codec!", stream.language,
            stream.width, stream.height, stream.hdr
        FROM leaf
        JOIN item_file ON item_file.item_id = leaf.leaf_id AND item_file.role = 'main'
        JOIN file ON file.id = item_file.file_id AND file.missing_since IS NULL
        JOIN stream ON stream.file_id = item_file.file_id
        WHERE stream.kind IN ('video', 'audio', 'subtitle')
        UNION
        SELECT leaf.item_id, item_file.role, '', item_file.language, NULL, NULL, NULL
        FROM leaf
        JOIN item_file ON item_file.item_id = leaf.leaf_id AND item_file.role IN ('subtitle', 'audio')
        "#,
        items,
    )
    .fetch_all(db)
    .await?)
}

/// Ids of all items behind `after`, in order: the pages of a rebuild.
pub async fn list_item_ids_unscoped(
    db: &mut PgConnection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar!(
        "
        SELECT id
        FROM item
        WHERE $1::uuid IS NULL OR id > $1
        ORDER BY id
        LIMIT $2
        ",
        after,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(ids)
}
