//! River's own tables, in schema `river`, by River's own migrations.

use anyhow::Context as _;
use kernel::{Error, Result};
use riverqueue::migrate::{
    Direction, MIGRATION_VERSION_LATEST, MigrateOpts, PostgresMigrator, SchemaName,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};

/// The schema of River's tables.
pub const SCHEMA: &str = "river";

/// The migration of River's that [`migrate`] ends at.
pub const SCHEMA_VERSION: i64 = MIGRATION_VERSION_LATEST;

/// Nodes that start together take turns at making River's tables. Any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x0000_7269_7665_7221;

/// Brings River's tables up to date; refuses a database that a newer program has migrated.
pub async fn migrate(options: &PgConnectOptions) -> Result<()> {
    migrate_to(options, SCHEMA_VERSION).await
}

/// Brings River's tables to `version`, or leaves them at a later one: for rows that were saved at it.
pub async fn migrate_to(options: &PgConnectOptions, version: i64) -> Result<()> {
    if version > SCHEMA_VERSION {
        return Err(newer(version));
    }
    // One connection holds the lock, River's migrator works on the other.
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options.clone()).await?;
    let outcome = locked(&pool, version).await;
    pool.close().await;
    outcome
}

/// The last migration of River's that the database has gone through; 0 without its tables.
pub async fn applied_migration(connection: &mut PgConnection) -> Result<i64> {
    let has_list: bool =
        sqlx::query_scalar("SELECT to_regclass('river.river_migration') IS NOT NULL")
            .fetch_one(&mut *connection)
            .await?;
    if !has_list {
        return Ok(0);
    }
    let last = sqlx::query_scalar("SELECT COALESCE(max(version), 0) FROM river.river_migration")
        .fetch_one(connection)
        .await?;
    Ok(last)
}

async fn locked(pool: &PgPool, version: i64) -> Result<()> {
    let mut lock = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *lock)
        .await?;
    sqlx::query("CREATE SCHEMA IF NOT EXISTS river").execute(pool).await?;
    let migrator = PostgresMigrator::new(pool.clone()).with_schema(schema());
    let applied = migrator.existing_versions().await.context("reading River's migrations")?;
    if let Some(newest) = applied.last().filter(|it| **it > SCHEMA_VERSION) {
        return Err(newer(*newest));
    }
    if version > 0 {
        let target = MigrateOpts::new().with_target_version(version);
        migrator.migrate(Direction::Up, target).await.context("migrating River's schema")?;
    }
    lock.commit().await?;
    Ok(())
}

fn newer(found: i64) -> Error {
    Error::conflict(
        "jobs.newer_database",
        format!(
            "the database is newer than this program: schema river is at migration {found}, this program knows up to \
             {SCHEMA_VERSION}; start the newer Revenge, or restore the backup made before the upgrade"
        ),
    )
}

pub(crate) fn schema() -> SchemaName {
    SchemaName::new(SCHEMA).expect("a plain word is a schema's name")
}
