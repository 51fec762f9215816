//! Pools: every connection that the rooms work on comes from here, so each is bounded in number and in time.

use std::sync::Arc;
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
    /// Whether they may only read.
    pub is_read_only: bool,
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
            is_read_only: false,
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
    let pool = bounded(config).connect_with(options.clone().application_name("revenge")).await?;
    Ok(pool)
}

/// The bounds of a pool, and what each of its connections sees.
pub(crate) fn bounded(config: PoolConfig<'_>) -> PgPoolOptions {
    let session: Arc<[(&'static str, String)]> = session(config).into();
    PgPoolOptions::new()
        .max_connections(config.max)
        .acquire_timeout(config.acquire_timeout)
        .after_connect(move |connection, _| {
            let session = Arc::clone(&session);
            Box::pin(async move { set(connection, &session).await })
        })
        .after_release(|connection, _| Box::pin(is_outside_of_a_transaction(connection)))
}

/// What a connection is set to.
fn session(config: PoolConfig<'_>) -> Vec<(&'static str, String)> {
    let mut session = vec![
        ("search_path", search_path(config.search_path)),
        ("statement_timeout", config.statement_timeout.as_millis().to_string()),
        // Whoever forgets a transaction must not hold back the cleaning of every table.
        ("idle_in_transaction_session_timeout", "60s".to_owned()),
    ];
    if config.is_read_only {
        session.push(("default_transaction_read_only", "on".to_owned()));
    }
    // Last: the role may be one that may set nothing.
    session.extend(config.role.map(|it| ("role", it.to_owned())));
    session
}

/// Said once the connection stands, not while it is made: a `PgBouncer` in between takes no such words then.
async fn set(connection: &mut PgConnection, session: &[(&str, String)]) -> sqlx::Result<()> {
    let (names, values): (Vec<&str>, Vec<&str>) =
        session.iter().map(|(name, value)| (*name, value.as_str())).unzip();
    sqlx::query(
        "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS it (name, value)",
    )
    .persistent(false)
    .bind(names)
    .bind(values)
    .execute(connection)
    .await?;
    Ok(())
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
