//! Templates: a database per set of migrations, migrated once, copied for each test.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::{Context as _, Result};
use postgres::MigrationSet;
use postgres::cluster::Cluster;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

/// Serialises the making of templates. Any number that no room uses.
const TEMPLATE_LOCK: i64 = 0x0074_656d_706c_6174;

/// The name of a template with River's tables and those of `sets`, made if it is not there yet.
pub(super) async fn prepare(server: &Cluster, sets: &[MigrationSet]) -> Result<String> {
    let name = format!("template_{:016x}", fingerprint(sets));
    prepare_as(server, sets, &name, "ALLOW_CONNECTIONS false").await?;
    Ok(name)
}

/// The same tables, in a database that tests connect to and leave as it was.
pub(super) async fn prepare_shared(server: &Cluster, sets: &[MigrationSet]) -> Result<String> {
    let name = format!("shared_{:016x}", fingerprint(sets));
    prepare_as(server, sets, &name, "ALLOW_CONNECTIONS true").await?;
    Ok(name)
}

/// Migrates under another name and renames when done: a killed test leaves no half template.
async fn prepare_as(
    server: &Cluster,
    sets: &[MigrationSet],
    name: &str,
    finish: &str,
) -> Result<()> {
    let mut connection = server.options("postgres").connect().await?;
    if exists(&mut connection, name).await? {
        connection.close().await?;
        return Ok(());
    }
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut connection).await?;
    if !exists(&mut connection, name).await? {
        let unfinished = format!("unfinished_{name}");
        for statement in [
            format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"),
            format!("CREATE DATABASE {unfinished} STRATEGY file_copy"),
        ] {
            connection.execute(AssertSqlSafe(statement)).await?;
        }
        let options = server.options(&unfinished);
        jobs::migrate(&options).await.context("migrating River's tables")?;
        postgres::migrate(&options, sets).await.context("migrating the template")?;
        for statement in [
            format!("ALTER DATABASE {unfinished} {finish}"),
            format!("ALTER DATABASE {unfinished} RENAME TO {name}"),
        ] {
            connection.execute(AssertSqlSafe(statement)).await?;
        }
    }
    // The lock goes with the connection.
    connection.close().await?;
    Ok(())
}

async fn exists(connection: &mut PgConnection, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(connection)
        .await
}

fn fingerprint(sets: &[MigrationSet]) -> u64 {
    let mut hasher = DefaultHasher::new();
    sets.hash(&mut hasher);
    jobs::SCHEMA_VERSION.hash(&mut hasher);
    hasher.finish()
}
