//! The extensions that the spine builds on, once per database, in schema `public`.

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::{Error, Result};

/// Search by similarity, without accents, without case, and indexes over several kinds of columns. All are trusted: the
/// owner of a database may create them.
const NEEDED: [&str; 4] = ["btree_gin", "citext", "pg_trgm", "unaccent"];

pub(crate) async fn ensure(connection: &mut PgConnection) -> Result<()> {
    let present: Vec<String> = sqlx::query_scalar("SELECT extname::text FROM pg_extension")
        .fetch_all(&mut *connection)
        .await?;
    for name in NEEDED.into_iter().filter(|name| !present.iter().any(|it| it == name)) {
        let create = format!("CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public");
        connection
            .execute(AssertSqlSafe(create))
            .await
            .map_err(|source| Error::Extension { name, source })?;
    }
    Ok(())
}
