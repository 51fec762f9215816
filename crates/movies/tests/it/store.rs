//! All SQL of these tests.

use std::path::Path;

use kernel::id::LibraryId;
use sqlx::PgPool;
use uuid::Uuid;

/// A library with one folder, called like its id.
pub async fn insert_library(pool: &PgPool, library: LibraryId, kind: &str, folder: &Path) {
    sqlx::query("INSERT INTO library (id, kind, name) VALUES ($1, $2, $1::text)")
        .bind(library.0)
        .bind(kind)
        .execute(pool)
        .await
        .expect("a library");
    insert_folder(pool, library, folder).await;
}

/// One more folder of a library.
pub async fn insert_folder(pool: &PgPool, library: LibraryId, folder: &Path) {
    sqlx::query("INSERT INTO library_folder (library_id, path) VALUES ($1, $2)")
        .bind(library.0)
        .bind(catalog::stored_path::to_text(folder))
        .execute(pool)
        .await
        .expect("a folder of it");
}

/// The only text of a query.
pub async fn find_text(pool: &PgPool, query: &'static str) -> Option<String> {
    sqlx::query_scalar(query).fetch_one(pool).await.expect("one row")
}

/// The item with this identity.
pub async fn find_item(pool: &PgPool, identity: &str) -> Option<Uuid> {
    sqlx::query_scalar("SELECT id FROM item WHERE identity = $1")
        .bind(identity)
        .fetch_optional(pool)
        .await
        .expect("an answer")
}

/// The only number of a query.
pub async fn count(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.expect("a count")
}

/// What a person or another part of the program does to the rows.
pub async fn execute(pool: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(pool).await.expect("done");
}

/// Why the file whose path is like this could not be read.
pub async fn find_problem(pool: &PgPool, like: &str) -> String {
    sqlx::query_scalar("SELECT problem FROM file WHERE path LIKE $1")
        .bind(like)
        .fetch_one(pool)
        .await
        .expect("a file with a problem")
}

/// Every row that a scan writes, ids and times aside, as text in a fixed order.
pub async fn list_rows(pool: &PgPool) -> Vec<String> {
    let query = "
        SELECT 'file ' || file.path || ' ' || size_bytes || ' ' || class || ' ' || COALESCE(container, '-') || ' '
            || COALESCE(problem, '-') || ' ' || COALESCE(placement, -1) || ' ' || (missing_since IS NULL)
        FROM file
        UNION ALL
        SELECT 'stream ' || file.path || ' ' || stream.index || ' ' || stream.codec
        FROM stream JOIN file ON file.id = stream.file_id
        UNION ALL
        SELECT 'item ' || kind || ' ' || identity || ' ' || title || ' ' || COALESCE(year, 0) || ' '
            || COALESCE(runtime_ms, 0) || ' ' || leaf_count || ' ' || (missing_since IS NULL)
        FROM item
        UNION ALL
        SELECT 'link ' || item.identity || ' ' || file.path || ' ' || role || ' ' || COALESCE(version, '-')
        FROM item_file JOIN item ON item.id = item_file.item_id JOIN file ON file.id = item_file.file_id
        UNION ALL
        SELECT 'image ' || item.identity || ' ' || role || ' ' || source || ' ' || COALESCE(file.path, '-')
        FROM image JOIN item ON item.id = image.item_id LEFT JOIN file ON file.id = image.file_id
        UNION ALL
        SELECT 'label ' || item.identity || ' ' || label.kind || ' ' || label.name
        FROM item_label JOIN item ON item.id = item_id JOIN label ON label.id = label_id
        ORDER BY 1";
    sqlx::query_scalar(query).fetch_all(pool).await.expect("rows")
}
