//! PostgreSQL clusters for building: one for a single run, one for a developer to look around in.
//!
//! Migrations are applied by PostgreSQL's single-user mode before the server starts, so that neither a client nor a
//! compiled Revenge is needed: the SQL that Revenge is compiled against comes from here.

mod cluster;
mod migrations;

use std::fs;
use std::path::Path;

use anyhow::Result;

pub use self::cluster::Cluster;
use crate::root::tools;

/// Starts a cluster with all migrations in an empty folder. It ends, and its folder goes, when the value is dropped.
pub fn throw_away(folder: &Path) -> Result<Cluster> {
    let migrations = migrations::all()?;
    Cluster::create(folder)?.migrated(&migrations)?.started(true)
}

/// The `DATABASE_URL` of a development cluster with all migrations, which keeps running. When a migration has changed,
/// it is made anew and its content is lost.
pub fn development() -> Result<String> {
    let folder = tools().join("development-database");
    let migrations = migrations::all()?;
    let stamp = folder.with_extension("sql");
    let cluster = Cluster::at(&folder)?;
    if fs::read_to_string(&stamp).is_ok_and(|it| it == migrations) {
        if !cluster.is_running() {
            return Ok(cluster.started(false)?.url());
        }
        return Ok(cluster.url());
    }
    cluster.stop()?;
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let cluster = Cluster::create(&folder)?.migrated(&migrations)?.started(false)?;
    fs::write(&stamp, &migrations)?;
    Ok(cluster.url())
}

/// Stops the development cluster. Its content stays.
pub fn stop_development() -> Result<()> {
    Cluster::at(&tools().join("development-database"))?.stop()
}
