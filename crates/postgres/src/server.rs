//! The one door: a database to work with, whoever runs it.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};
use tokio::time::{Instant, sleep};

use crate::cluster::{self, Cluster, FolderLock, PrivateConfig, Supervisor, USER};
use crate::{Error, OLDEST_MAJOR, Result};

/// A server in another container may start after us.
const PATIENCE: Duration = Duration::from_secs(30);
const RETRY_EVERY: Duration = Duration::from_millis(500);

/// Which server to use.
#[derive(Clone, Debug)]
pub enum Target {
    /// Somebody else runs it.
    External(Box<PgConnectOptions>),
    /// We run it, in a folder of ours.
    Private(PrivateConfig),
}

/// A server that answers, of a version that we can use.
#[derive(Debug)]
pub struct Server {
    options: PgConnectOptions,
    version: String,
    supervisor: Option<Supervisor>,
}

/// Starts, adopts or finds the server and checks its version.
pub async fn open(target: Target) -> Result<Server> {
    let (options, supervisor) = match target {
        Target::External(options) => (*options, None),
        Target::Private(config) => {
            let lock = FolderLock::take(&config.folder)?;
            let cluster = Cluster::prepare(&config, &lock).await?;
            let options = cluster.options(USER);
            let maintenance = cluster.options("postgres");
            let supervisor = Supervisor::start(cluster, lock).await?;
            create_database(&maintenance).await?;
            (options, Some(supervisor))
        }
    };
    let mut connection = connect(&options).await?;
    let version = check_version(&mut connection).await?;
    connection.close().await?;
    Ok(Server { options, version, supervisor })
}

/// The private server that another process of ours runs on `folder`, for commands beside a running server. Stopping it
/// is not ours to do.
pub async fn attach(folder: &Path) -> Result<Server> {
    let options = cluster::options_of_running(folder)?;
    let mut connection = connect(&options).await?;
    let version = check_version(&mut connection).await?;
    connection.close().await?;
    Ok(Server { options, version, supervisor: None })
}

impl Server {
    /// How to connect to our database.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The server's version as it prints it: `18.4`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The private server's process; `None` for an external one, and while a crashed one is being started again.
    pub fn pid(&self) -> Option<i32> {
        self.supervisor.as_ref()?.pid()
    }

    /// Ends a private server cleanly; leaves an external one alone. Close the pools first: sessions are broken off.
    pub async fn stop(self) {
        if let Some(supervisor) = self.supervisor {
            supervisor.stop().await;
        }
    }
}

pub(crate) async fn create_database(options: &PgConnectOptions) -> Result<()> {
    let mut connection = connect(options).await?;
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(USER)
            .fetch_one(&mut connection)
            .await?;
    if !exists {
        connection.execute("CREATE DATABASE revenge").await?;
    }
    connection.close().await?;
    Ok(())
}

/// Connects, waiting a while for a server that is still on its way up.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    let give_up_at = Instant::now() + PATIENCE;
    let mut told = false;
    loop {
        let source = match options.connect().await {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        if !is_starting(&source) || Instant::now() > give_up_at {
            return Err(Error::Connect { address: address(options), source });
        }
        if !std::mem::replace(&mut told, true) {
            tracing::info!(address = address(options), "waiting for PostgreSQL");
        }
        sleep(RETRY_EVERY).await;
    }
}

/// Whether waiting may help: nobody listens yet, or the server says that it is starting.
fn is_starting(error: &sqlx::Error) -> bool {
    const CANNOT_CONNECT_NOW: &str = "57P03";
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(refusal) => refusal.code().as_deref() == Some(CANNOT_CONNECT_NOW),
        _ => false,
    }
}

pub(crate) fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

async fn check_version(connection: &mut PgConnection) -> Result<String> {
    let (number, name): (i32, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::int, split_part(current_setting('server_version'), ' ', 1)",
    )
    .fetch_one(connection)
    .await?;
    if number.cast_unsigned() / 10_000 < OLDEST_MAJOR {
        return Err(Error::ServerVersion { found: name });
    }
    Ok(name)
}
