//! A cluster of an earlier major version becomes one of the programs' version, at the start that finds it.
//!
//! The new cluster is made and filled beside the old one, in `upgrade/`, while the old one is only read. Until [`switch`]
//! writes its marker nothing has happened: a run that was cut short is thrown away and begun anew. Behind the marker nothing
//! but renaming is left, which any start finishes. The old cluster stays, under another name, until a person deletes it.

mod switch;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

pub use self::switch::{Previous, list_previous};
pub(super) use self::switch::{finish, write_marker};
use super::place::create_private_folder;
use super::{Binaries, Cluster, Durability, FolderLock, Identity, Place, USER};
use crate::{Error, Result, server};

/// The new cluster's folder while it is being made.
const UNFINISHED: &str = "upgrade";
/// What a new cluster takes before the first row, its log included.
const EMPTY_BYTES: u64 = 512 << 20;

/// Why rows could not be carried over.
pub type CarryError = Box<dyn std::error::Error + Send + Sync>;

/// Makes the tables of one database in another, empty one and brings every row. What it may write in the first is nothing but
/// what puts that in order: its sessions are read only unless they ask for more.
#[derive(Clone)]
pub struct Carry(Arc<CarryFn>);

type CarryFn = dyn Fn(PgConnectOptions, PgConnectOptions) -> BoxFuture<'static, Result<(), CarryError>>
    + Send
    + Sync;

impl Carry {
    /// By `carry`, which is given the old database and the new one.
    pub fn new(
        carry: impl Fn(PgConnectOptions, PgConnectOptions) -> BoxFuture<'static, Result<(), CarryError>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Arc::new(carry))
    }
}

impl fmt::Debug for Carry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carry")
    }
}

/// What programs do with a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// It is of their version.
    Use,
    /// It is older: bring it to their version.
    Upgrade,
    /// It is newer: leave it alone.
    Refuse,
}

/// What programs of version `programs` do with a cluster of version `cluster`.
pub(super) fn decide(cluster: u32, programs: u32) -> Plan {
    match cluster.cmp(&programs) {
        std::cmp::Ordering::Equal => Plan::Use,
        std::cmp::Ordering::Less => Plan::Upgrade,
        std::cmp::Ordering::Greater => Plan::Refuse,
    }
}

/// Brings the cluster of `lock`'s folder from the programs `from` to the programs `to`. After an error the old one is as it was.
pub async fn upgrade(
    lock: &FolderLock,
    from: Binaries,
    to: Binaries,
    durability: Durability,
    carry: &Carry,
) -> Result<()> {
    let place = Place::of(lock.folder())?;
    must_have_space(&place)?;
    let identity = Identity::choose(&place.folder, place.owner(), &from).await?;
    identity.must_reach(&place.data)?;
    let unfinished = place.folder.join(UNFINISHED);
    create_private_folder(&unfinished)?;
    let (old_major, new_major) = (from.major, to.major);
    let new_place = Place::of(&unfinished)?;
    let old = Cluster { binaries: from, place, identity, durability, is_read_only: true };
    let new = Cluster { binaries: to, place: new_place, identity, durability, is_read_only: false };
    tracing::warn!(
        folder = %old.place.data.display(),
        from = old_major,
        to = new_major,
        "bringing the database to a newer PostgreSQL; this takes a while, and nothing is lost if it is cut short"
    );
    discard(&new).await?;
    create_private_folder(&new.place.socket)?;
    if let Err(error) = fill(&old, &new, carry).await {
        discard(&new).await?;
        return Err(error);
    }
    write_marker(&old.place, old_major, new_major)?;
    finish(&old.place).map(drop)
}

/// Both clusters run while rows are carried; neither does afterwards.
async fn fill(old: &Cluster, new: &Cluster, carry: &Carry) -> Result<()> {
    // One that a crash left running takes more than it should while it is read.
    if let Some(running) = old.running() {
        running.stop().await;
    }
    new.initialize().await?;
    let source = old.start().await?;
    let filled = match new.start().await {
        Ok(target) => {
            let filled = carry_over(old, new, carry).await;
            target.stop().await;
            filled
        }
        Err(error) => Err(error),
    };
    source.stop().await;
    filled
}

async fn carry_over(old: &Cluster, new: &Cluster, carry: &Carry) -> Result<()> {
    server::create_database(&new.options("postgres")).await?;
    let (from, to) = (old.options(USER), new.options(USER));
    // A cluster whose very first start was cut short has no database, and nothing to bring.
    if !has_database(&old.options("postgres")).await? {
        return Ok(());
    }
    (carry.0)(from.clone(), to.clone()).await.map_err(|source| Error::Carry {
        from: old.binaries.major,
        to: new.binaries.major,
        source,
    })?;
    let left = list_left(&from, &to).await?;
    if !left.is_empty() {
        tracing::warn!(
            tables = left.join(", "),
            "not of Revenge, and therefore in the old database alone; bring over yourself what you want to keep"
        );
    }
    Ok(())
}

async fn has_database(options: &PgConnectOptions) -> Result<bool> {
    let mut connection = server::connect(options).await?;
    let has = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(USER)
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(has)
}

/// Tables, and other databases, that are in the old cluster and not in the new one.
async fn list_left(from: &PgConnectOptions, to: &PgConnectOptions) -> Result<Vec<String>> {
    let list = async |options: &PgConnectOptions| -> Result<Vec<String>> {
        let mut connection = options.connect().await?;
        let names = sqlx::query_scalar(
            r"
            SELECT schemaname || '.' || tablename FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
            UNION ALL
            SELECT 'the database ' || datname FROM pg_database
            WHERE NOT datistemplate AND datname <> 'postgres'
            ORDER BY 1
            ",
        )
        .fetch_all(&mut connection)
        .await?;
        connection.close().await?;
        Ok(names)
    };
    let there = list(to).await?;
    let here = list(from).await?;
    Ok(here.into_iter().filter(|it| !there.contains(it)).collect())
}

/// Ends and deletes what is left of a new cluster.
async fn discard(new: &Cluster) -> Result<()> {
    if let Some(running) = new.running() {
        running.stop().await;
    }
    let folder = &new.place.folder;
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::files("delete", folder, error))
        }
        _ => Ok(()),
    }
}

/// The new cluster gets at most as large as the old one, and then some.
fn must_have_space(place: &Place) -> Result<()> {
    let needed = size_of(&place.data)?.saturating_add(EMPTY_BYTES);
    let facts = rustix::fs::statvfs(&place.folder)
        .map_err(|error| Error::files("look at", &place.folder, error.into()))?;
    let free = facts.f_bavail.saturating_mul(facts.f_frsize);
    enough(&place.folder, needed, free)
}

fn enough(folder: &Path, needed: u64, free: u64) -> Result<()> {
    if free >= needed {
        return Ok(());
    }
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    Err(Error::UpgradeSpace {
        folder: folder.to_owned(),
        needed_mib: mib(needed),
        free_mib: mib(free),
    })
}

/// The bytes of all files below `folder`.
fn size_of(folder: &Path) -> Result<u64> {
    let failed = |error| Error::files("read", folder, error);
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // Files come and go in a cluster that is in use.
        let Ok(facts) = entry.metadata() else { continue };
        bytes += if facts.is_dir() { size_of(&entry.path())? } else { facts.len() };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_cluster_is_upgraded_and_a_newer_one_left_alone() {
        for (cluster, programs, plan) in [
            (18, 18, Plan::Use),
            (17, 18, Plan::Upgrade),
            (18, 19, Plan::Upgrade),
            (18, 21, Plan::Upgrade),
            (19, 18, Plan::Refuse),
        ] {
            assert_eq!(decide(cluster, programs), plan, "{cluster} {programs}");
        }
    }

    #[test]
    fn a_disk_that_cannot_hold_two_clusters_is_told_with_what_is_missing() {
        let folder = Path::new("/data/postgresql");
        assert!(enough(folder, 1 << 30, 1 << 30).is_ok());
        let refusal = enough(folder, 1 << 30, (1 << 30) - 1).expect_err("too little").to_string();
        assert!(refusal.contains("/data/postgresql"), "{refusal}");
        assert!(refusal.contains("1024 MiB"), "{refusal}");
    }

    #[test]
    fn the_size_of_a_folder_counts_what_is_below() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("base")).expect("a folder");
        std::fs::write(folder.path().join("base/1"), [0; 1000]).expect("a file");
        std::fs::write(folder.path().join("2"), [0; 24]).expect("a file");
        assert_eq!(size_of(folder.path()).expect("readable"), 1024);
    }
}
