//! River's own tables, in schema `river`, by River's own migrations.

use anyhow::Context as _;
use kernel::{Error, Result};
use riverqueue::migrate::{MIGRATION_VERSION_LATEST, PostgresMigrator, SchemaName};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The schema of River's tables.
pub const SCHEMA: &str = "river";

/// The migration of River's that [`migrate`] ends at.
pub const SCHEMA_VERSION: i64 = MIGRATION_VERSION_LATEST;

/// Nodes that start together take turns at making River's tables. Any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x0000_7269_7665_7221;

/// Brings River's tables up to date; refuses a database that a newer program has migrated.
pub async fn migrate(options: &PgConnectOptions) -> Result<()> {
    // One connection holds the lock, River's migrator works on the other.
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options.clone()).await?;
    let outcome = locked(&pool).await;
    pool.close().await;
    outcome
}

async fn locked(pool: &PgPool) -> Result<()> {
    let mut lock = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *lock)
        .await?;
    sqlx::query("CREATE SCHEMA IF NOT EXISTS river").execute(pool).await?;
    let migrator = PostgresMigrator::new(pool.clone()).with_schema(schema());
    let applied = migrator.existing_versions().await.context("reading River's migrations")?;
    if let Some(newest) = applied.last().filter(|it| **it > SCHEMA_VERSION) {
        return Err(Error::conflict(
            "jobs.newer_database",
            format!(
                "the database is newer than this program: schema river is at migration {newest}, this program knows up \
                 to {SCHEMA_VERSION}; start the newer Revenge, or restore the backup made before the upgrade"
            ),
        ));
    }
    migrator.migrate_up().await.context("migrating River's schema")?;
    lock.commit().await?;
    Ok(())
}

pub(crate) fn schema() -> SchemaName {
    SchemaName::new(SCHEMA).expect("a plain word is a schema's name")
}
