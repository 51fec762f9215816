//! Pools: every connection that the rooms work on comes from here, so each is bounded in number and in time.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor as _, PgConnection, PgPool, Row as _};

use crate::Result;

/// One pool's bounds and what its connections see.
#[derive(Clone, Copy, Debug)]
pub struct PoolConfig<'a> {
    /// The schema in which unqualified names are looked up, before `public` with the extensions: `catalog`, `c`.
    pub search_path: &'a str,
    /// Connections at the most.
    pub max: u32,
    /// The database role the connections take on, so that they reach nothing else.
    pub role: Option<&'a str>,
    /// A statement that runs longer is cancelled by the server.
    pub statement_timeout: Duration,
    /// Whoever waits longer for a connection gets an error.
    pub acquire_timeout: Duration,
}

impl<'a> PoolConfig<'a> {
    /// The usual times.
    pub fn new(search_path: &'a str, max: u32) -> Self {
        Self {
            search_path,
            max,
            role: None,
            statement_timeout: Duration::from_secs(30),
            acquire_timeout: Duration::from_secs(10),
        }
    }

    /// The same, as `role`.
    pub fn with_role(self, role: &'a str) -> Self {
        Self { role: Some(role), ..self }
    }
}

/// A pool; fails if not even one connection can be had. Connections that died with the server are replaced unseen.
pub async fn pool(options: &PgConnectOptions, config: PoolConfig<'_>) -> Result<PgPool> {
    let pool = bounded(config).connect_with(session(options, config)).await?;
    Ok(pool)
}

/// The bounds of a pool.
pub(crate) fn bounded(config: PoolConfig<'_>) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(config.max)
        .acquire_timeout(config.acquire_timeout)
        .after_release(|connection, _| Box::pin(is_outside_of_a_transaction(connection)))
}

/// What each connection of a pool sees.
pub(crate) fn session(options: &PgConnectOptions, config: PoolConfig<'_>) -> PgConnectOptions {
    let milliseconds = config.statement_timeout.as_millis();
    let options = options
        .clone()
        .application_name("revenge")
        .options([("search_path", search_path(config.search_path))])
        .options([("statement_timeout", milliseconds)])
        // Whoever forgets a transaction must not hold back the cleaning of every table.
        .options([("idle_in_transaction_session_timeout", "60s")]);
    match config.role {
        Some(role) => options.options([("role", role)]),
        None => options,
    }
}

/// Whether a connection that comes back is as it was handed out. SQLx counts a transaction only when the answer to its BEGIN is
/// there: whoever is dropped while waiting for it (a request whose client went away, a job that was cancelled) leaves one open
/// that nobody knows of, and what the next one writes would never be committed. Such a connection is closed.
async fn is_outside_of_a_transaction(connection: &mut PgConnection) -> sqlx::Result<bool> {
    // Outside of a transaction each statement is one of its own, which begins with it.
    let is_outside = connection.fetch_one("SELECT now() = statement_timestamp()").await?;
    is_outside.try_get(0)
}

pub(crate) fn search_path(schema: &str) -> String {
    format!("{schema},public")
}
