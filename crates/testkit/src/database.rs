//! Databases for tests: one PostgreSQL for all test processes of this workspace, a fresh copy of a migrated template for
//! each test that asks.
//!
//! The cluster is started by whichever process comes first and stays for the next run, until [`stop_shared`]. It keeps
//! nothing safe (no fsync), so that a copy costs tens of milliseconds.

mod shared;
mod template;

use anyhow::{Context as _, Result};
use kernel::Rng;
use postgres::{MigrationSet, PoolConfig};
use sqlx::postgres::PgConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres,
    Transaction,
};

pub use self::shared::{binaries, stop_shared, sweep};

/// Few: a test is one caller, and many tests share the server.
const POOL_MAX: u32 = 5;

/// A database of a test's own, deleted with this value. What a killed test leaves, the next test process sweeps.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    options: PgConnectOptions,
    maintenance: PgConnectOptions,
}

impl TestDatabase {
    /// A database with River's tables and those of `sets`.
    pub async fn create(sets: &[MigrationSet]) -> Self {
        Self::try_create(sets).await.expect("a test database")
    }

    /// As [`TestDatabase::create`], for who can do something about a failure.
    pub async fn try_create(sets: &[MigrationSet]) -> Result<Self> {
        let server = shared::server().await?;
        let template = template::prepare(&server, sets).await?;
        let name = unique_name();
        let maintenance = server.options("postgres");
        let mut connection = maintenance.connect().await?;
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        connection.execute(AssertSqlSafe(copy)).await.context("copying the template")?;
        connection.close().await?;
        Ok(Self { options: server.options(&name), name, maintenance })
    }

    /// How to connect to it.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// A small pool that looks names up in `search_path`.
    pub async fn pool(&self, search_path: &str) -> PgPool {
        postgres::pool(&self.options, PoolConfig::new(search_path, POOL_MAX))
            .await
            .expect("a pool on the test database")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let maintenance = self.maintenance.clone();
        // Dropping cannot wait and the test's runtime may be ending: a thread with a runtime of its own can.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
                let mut connection = maintenance.connect().await?;
                connection.execute(AssertSqlSafe(drop)).await?;
                connection.close().await?;
                anyhow::Ok(())
            })
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            tracing::debug!(database = self.name, "left for the next sweep");
        }
    }
}

/// A transaction that nobody commits, on the database that all tests with these `sets` share: for the SQL of a store.
pub async fn rolled_back(sets: &[MigrationSet], search_path: &str) -> RolledBack {
    let server = shared::server().await.expect("the shared test server");
    let name = template::prepare_shared(&server, sets).await.expect("the shared test database");
    let options = server.options(&name);
    let pool =
        postgres::pool(&options, PoolConfig::new(search_path, 1)).await.expect("a connection");
    RolledBack(pool.begin().await.expect("a transaction"))
}

/// Derefs to the connection. Rolled back when it goes.
#[derive(Debug)]
pub struct RolledBack(Transaction<'static, Postgres>);

impl std::ops::Deref for RolledBack {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl std::ops::DerefMut for RolledBack {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

/// Names its process, so that a sweep can tell whether anybody still works on it; the rest keeps it apart from what an
/// earlier process with the same number left.
fn unique_name() -> String {
    let random = u64::from_be_bytes(Rng::system().bytes());
    format!("t_{}_{random:016x}", std::process::id())
}
