//! The one cluster of all test processes.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use postgres::cluster::{Cluster, Durability, FolderLock, Postmaster, PrivateConfig};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

const BINARIES: &str = "REVENGE_POSTGRES_BIN";
const FOLDER_PREFIX: &str = "revenge-tests-";
/// Another process may just be running initdb.
const TURN_TIMEOUT: Duration = Duration::from_mins(3);
const TURN_EVERY: Duration = Duration::from_millis(20);
/// A cluster of another check-out of the workspace that nobody used for this long is deleted.
const STALE_AFTER: Duration = Duration::from_hours(24);

/// The cluster, running. Once per process: asked for, swept, remembered.
pub(super) async fn server() -> Result<Cluster> {
    static SERVER: OnceCell<Cluster> = OnceCell::const_new();
    let server = SERVER.get_or_try_init(async || {
        let (cluster, first) = start(&folder()).await?;
        if first {
            delete_stale_clusters(&folder()).await;
        }
        sweep_databases(&cluster).await?;
        anyhow::Ok(cluster)
    });
    Ok(server.await?.clone())
}

/// Stops the cluster and deletes it: at the end of a test run, or when in doubt. False when there is none.
pub async fn stop_shared() -> Result<bool> {
    delete_cluster(&folder()).await
}

/// The folder with PostgreSQL's programs that tests use; `None` leaves it to what is installed.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration file")]
pub fn binaries() -> Option<PathBuf> {
    let of_workspace = workspace().join(".tools/postgresql/bin");
    std::env::var_os(BINARIES).map(PathBuf::from).or(Some(of_workspace).filter(|it| it.is_dir()))
}

fn workspace() -> &'static Path {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).expect("this crate lies in the workspace's crates folder")
}

/// One per user and check-out. Short, because a socket's path must be.
fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    workspace().hash(&mut hasher);
    let user = rustix::process::geteuid().as_raw();
    std::env::temp_dir().join(format!("{FOLDER_PREFIX}{user}-{:08x}", hasher.finish() as u32))
}

fn config(folder: &Path) -> PrivateConfig {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration file")]
    let path = std::env::var_os("PATH");
    PrivateConfig {
        binaries: binaries(),
        path,
        durability: Durability::None,
        ..PrivateConfig::new(folder)
    }
}

/// Starts the cluster or adopts it, and says which: true for started.
async fn start(folder: &Path) -> Result<(Cluster, bool)> {
    let lock = turn(folder).await?;
    let first = !folder.join("data/postmaster.pid").exists();
    let cluster = Cluster::prepare(&config(folder), &lock).await?;
    // It outlives this process: the next one adopts it.
    let _running: Postmaster = cluster.start().await?;
    // Tells a sweep in another check-out that we are in use.
    std::fs::write(folder.join("used"), "")?;
    Ok((cluster, first))
}

/// Waits for the folder's lock, which every process takes only to start or stop the cluster.
async fn turn(folder: &Path) -> Result<FolderLock> {
    let give_up_at = Instant::now() + TURN_TIMEOUT;
    loop {
        match FolderLock::take(folder) {
            Err(postgres::Error::InUse { .. }) if Instant::now() < give_up_at => {
                sleep(TURN_EVERY).await;
            }
            outcome => return outcome.context("waiting for the shared test cluster"),
        }
    }
}

/// Deletes the databases of tests that were killed. Each test process does so once, when it asks for its first one.
pub async fn sweep() -> Result<()> {
    sweep_databases(&server().await?).await
}

async fn sweep_databases(cluster: &Cluster) -> Result<()> {
    let mut connection = cluster.options("postgres").connect().await?;
    let names: Vec<String> =
        sqlx::query_scalar(r"SELECT datname::text FROM pg_database WHERE datname LIKE 't\_%'")
            .fetch_all(&mut connection)
            .await?;
    for name in names {
        let pid = name.split('_').nth(1).unwrap_or_default();
        if !Path::new("/proc").join(pid).exists() {
            let drop = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            // Another process may be sweeping the same one.
            if let Err(error) = connection.execute(drop).await {
                tracing::debug!(%error, name, "not swept");
            }
        }
    }
    connection.close().await?;
    Ok(())
}

async fn delete_stale_clusters(ours: &Path) {
    let Ok(siblings) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for folder in siblings.flatten().map(|it| it.path()) {
        let is_cluster = folder
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(FOLDER_PREFIX.as_bytes()));
        let last_use = folder.join("used").metadata().and_then(|it| it.modified());
        let is_stale = last_use.is_ok_and(|used| {
            SystemTime::now().duration_since(used).is_ok_and(|age| age > STALE_AFTER)
        });
        if is_cluster && is_stale && folder != ours {
            // Somebody else's, perhaps: then it is theirs to delete.
            if let Err(error) = delete_cluster(&folder).await {
                tracing::debug!(%error, folder = %folder.display(), "not swept");
            }
        }
    }
}

async fn delete_cluster(folder: &Path) -> Result<bool> {
    if !folder.exists() {
        return Ok(false);
    }
    let lock = turn(folder).await?;
    if folder.join("data/postmaster.pid").exists() {
        Cluster::prepare(&config(folder), &lock).await?.start().await?.stop().await;
    }
    std::fs::remove_dir_all(folder)?;
    Ok(true)
}
