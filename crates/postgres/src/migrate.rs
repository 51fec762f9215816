//! Migrations: forward only, one transaction each, tracked in `<schema>._migrations`. While one waits for a table, those
//! who use that table wait behind it for moments only.
//!
//! A set's SQL names no schema, so that the same set can be run for several: `catalog` and `c`.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migration, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::transfer::Applied;
use crate::{Error, Result, extensions, pool};

/// One node migrates, the others wait for this lock. Any number will do that nobody else uses.
const MIGRATION_LOCK: i64 = 0x0072_6576_656e_6765;
const TABLE: &str = "_migrations";
/// A migration that waits for a table keeps everybody behind it from that table, so it waits no longer than this ...
const LOCK_PATIENCE: &str = "2s";
/// ... lets the others pass for this long ...
const LOCK_PAUSE: Duration = Duration::from_secs(1);
/// ... and tries again so often: a backup of a large library takes its time.
const LOCK_TRIES: u32 = 600;
/// SQLSTATE of a lock that was not to be had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// The migrations of one schema.
#[derive(Clone, Debug)]
pub struct MigrationSet {
    schema: Cow<'static, str>,
    migrations: Cow<'static, [Migration]>,
}

impl MigrationSet {
    /// The migrations that `sqlx::migrate!()` embedded in a room, for `schema`.
    pub fn embedded(schema: &'static str, migrator: &'static Migrator) -> Self {
        Self { schema: schema.into(), migrations: Cow::Borrowed(&migrator.migrations) }
    }

    /// The `*.sql` files of `folder`, for `schema`: for tools that run before the rooms compile.
    pub async fn load_dir(schema: impl Into<String>, folder: &Path) -> Result<Self> {
        let schema = schema.into();
        let migrator = Migrator::new(folder)
            .await
            .map_err(|source| Error::Migration { schema: schema.clone(), source })?;
        Ok(Self { schema: schema.into(), migrations: migrator.migrations })
    }

    /// The schema they are for.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The same as far as a database that has gone through `applied` has come; an error where that was another set, or a
    /// newer one.
    pub fn up_to(&self, applied: &[Applied]) -> Result<Self> {
        let schema = || self.schema.to_string();
        let mut migrations = Vec::with_capacity(applied.len());
        for it in applied {
            let Some(known) = self.migrations.iter().find(|known| known.version == it.version)
            else {
                return Err(if it.version > self.newest() {
                    Error::Newer { schema: schema(), found: it.version, known: self.newest() }
                } else {
                    Error::Changed { schema: schema(), version: it.version }
                });
            };
            let checksum = known.checksum.iter().map(|byte| format!("{byte:02x}"));
            if checksum.collect::<String>() != it.checksum {
                return Err(Error::Changed { schema: schema(), version: it.version });
            }
            migrations.push(known.clone());
        }
        Ok(Self { schema: self.schema.clone(), migrations: migrations.into() })
    }

    fn newest(&self) -> i64 {
        self.migrations.last().map_or(0, |it| it.version)
    }

    fn knows(&self, version: i64) -> bool {
        self.migrations.iter().any(|it| it.version == version)
    }
}

impl Hash for MigrationSet {
    /// Two sets that hash alike make the same tables.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.schema.hash(state);
        for migration in &*self.migrations {
            (migration.version, &migration.checksum).hash(state);
        }
    }
}

/// Brings every set's schema up to date, in the order given. Nothing is changed when one of them is newer than we are.
pub async fn migrate(options: &PgConnectOptions, sets: &[MigrationSet]) -> Result<()> {
    let mut connection = options.clone().application_name("revenge migrate").connect().await?;
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut connection)
        .await?;
    for set in sets {
        refuse_newer(&mut connection, set).await?;
    }
    extensions::ensure(&mut connection).await?;
    for set in sets {
        apply(&mut connection, set).await?;
    }
    // The lock goes with the connection.
    connection.close().await?;
    Ok(())
}

async fn refuse_newer(connection: &mut PgConnection, set: &MigrationSet) -> Result<()> {
    let table = format!("{}.{TABLE}", set.schema);
    let exists: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(&table)
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Ok(());
    }
    let applied = sqlx::AssertSqlSafe(format!("SELECT version FROM {table} ORDER BY version DESC"));
    let applied: Vec<i64> = sqlx::query_scalar(applied).fetch_all(connection).await?;
    match applied.into_iter().find(|version| !set.knows(*version)) {
        Some(found) if found > set.newest() => {
            Err(Error::Newer { schema: set.schema.to_string(), found, known: set.newest() })
        }
        Some(version) => Err(Error::Changed { schema: set.schema.to_string(), version }),
        None => Ok(()),
    }
}

async fn apply(connection: &mut PgConnection, set: &MigrationSet) -> Result<()> {
    let path = pool::search_path(&set.schema);
    sqlx::query("SELECT set_config('search_path', $1, false)")
        .bind(path)
        .execute(&mut *connection)
        .await?;
    let mut migrator = Migrator::with_migrations(set.migrations.to_vec());
    migrator.dangerous_set_table_name(format!("{}.{TABLE}", set.schema));
    migrator.create_schema(set.schema.to_string());
    // Ours is held already, over all sets.
    migrator.set_locking(false);
    sqlx::query("SELECT set_config('lock_timeout', $1, false)")
        .bind(LOCK_PATIENCE)
        .execute(&mut *connection)
        .await?;
    let mut n_tries = 1;
    loop {
        match migrator.run_direct(None, &mut *connection, false).await {
            Ok(()) => return Ok(()),
            Err(MigrateError::VersionMismatch(version)) => {
                return Err(Error::Changed { schema: set.schema.to_string(), version });
            }
            Err(source) if n_tries < LOCK_TRIES && is_of_lock(&source) => {
                tracing::warn!(schema = &*set.schema, n_tries, "migration.waits_for_a_table");
                n_tries += 1;
                tokio::time::sleep(LOCK_PAUSE).await;
            }
            Err(source) => {
                return Err(Error::Migration { schema: set.schema.to_string(), source });
            }
        }
    }
}

/// Whether a table was in use for too long.
fn is_of_lock(error: &MigrateError) -> bool {
    let (MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _)) = error else {
        return false;
    };
    let code = source.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|it| it == LOCK_NOT_AVAILABLE)
}
