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
