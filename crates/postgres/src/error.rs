//! Why the database cannot be had, in words for the one who runs the server.

use std::io;
use std::path::{Path, PathBuf};

/// What this room's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What stands between us and a database, and what mends it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No PostgreSQL programs that we can use.
    #[error(
        "no PostgreSQL 18 or newer was found ({looked}); install the package postgresql-18, or name the folder of \
         `postgres` and `initdb` in `database.binaries`, or an existing server in `database.url`"
    )]
    NoBinaries {
        /// Where we looked and what we met there.
        looked: String,
    },
    /// The cluster on disk was made by another major version.
    #[error(
        "the database in {} was made by PostgreSQL {cluster}, the programs in {} are version {programs}; nothing was \
         changed. Install PostgreSQL {cluster} beside them or name its programs in `database.binaries`; to go on with version \
         {programs}, make a backup with those of {cluster} (`revenge backup`) and restore it into an empty data folder \
         with those of {programs} (docs/backup.md)",
        .folder.display(), .binaries.display()
    )]
    ClusterVersion {
        /// The cluster's folder.
        folder: PathBuf,
        /// Major version written in the cluster.
        cluster: String,
        /// Folder of the programs.
        binaries: PathBuf,
        /// Major version of the programs.
        programs: u32,
    },
    /// The cluster on disk is newer than the programs.
    #[error(
        "the database in {} was made by PostgreSQL {cluster}, the programs in {} are the older version {programs}, which cannot read \
         it; nothing was changed. Install PostgreSQL {cluster} again, or name its programs in `database.binaries` (docs/backup.md)",
        .folder.display(), .binaries.display()
    )]
    ClusterNewer {
        /// The cluster's folder.
        folder: PathBuf,
        /// Major version written in the cluster.
        cluster: u32,
        /// Folder of the programs.
        binaries: PathBuf,
        /// Major version of the programs.
        programs: u32,
    },
    /// The cluster is to be brought to a newer version, and nothing is there that reads it.
    #[error(
        "the database in {} was made by PostgreSQL {cluster}, and Revenge now runs on {programs}; to bring it over, the programs of \
         version {cluster} are needed once more ({looked}); nothing was changed. Install the package postgresql-{cluster} beside \
         the other, or name the folder of its `postgres` and `initdb` in `database.previous_binaries`; or start the Revenge from \
         before, make a backup (`revenge backup`), and restore it with this one into an empty data folder (docs/backup.md)",
        .folder.display()
    )]
    NoPreviousBinaries {
        /// The cluster's folder.
        folder: PathBuf,
        /// Major version written in the cluster.
        cluster: u32,
        /// Major version of the programs.
        programs: u32,
        /// Where we looked and what we met there.
        looked: String,
    },
    /// No room for a second cluster beside the first.
    #[error(
        "bringing the database to a newer PostgreSQL needs {needed_mib} MiB in {} for a while, and {free_mib} MiB are free; \
         make room and start again", .folder.display()
    )]
    UpgradeSpace {
        /// Where.
        folder: PathBuf,
        /// What both clusters take.
        needed_mib: u64,
        /// What there is.
        free_mib: u64,
    },
    /// The rows could not be brought to the new cluster.
    #[error(
        "the database could not be brought from PostgreSQL {from} to {to}; the old one is as it was"
    )]
    Carry {
        /// Major version of the old cluster.
        from: u32,
        /// Major version of the new one.
        to: u32,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An external server that is too old.
    #[error("the server runs PostgreSQL {found}; version 18 or newer is needed")]
    ServerVersion {
        /// As the server names it.
        found: String,
    },
    /// Another server works on the folder.
    #[error(
        "the data folder {} is in use by another Revenge (process {pid}); stop that one first or give this one a \
         folder of its own", .folder.display()
    )]
    InUse {
        /// The folder both want.
        folder: PathBuf,
        /// The other's process id, as it wrote it down.
        pid: String,
    },
    /// The folder belongs to somebody else.
    #[error(
        "{} belongs to user id {owner}, we run as {we}; run Revenge as that user or change the owner",
        .folder.display()
    )]
    Owner {
        /// The folder.
        folder: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        we: u32,
    },
    /// Started as root, user namespaces forbidden, and the unprivileged user cannot get to the folder.
    #[error(
        "PostgreSQL must not run as root, and user id {user} may not enter {}; allow it (chmod o+x) or put the data \
         folder elsewhere", .folder.display()
    )]
    Unreachable {
        /// The first folder on the way that is closed.
        folder: PathBuf,
        /// Who must get through.
        user: u32,
    },
    /// No room left.
    #[error("the disk of {} is full; make room and start again", .folder.display())]
    DiskFull {
        /// Where it was tried.
        folder: PathBuf,
    },
    /// A folder or file could not be used.
    #[error("cannot {verb} {}", .path.display())]
    Files {
        /// What was tried.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{program} failed: {output}")]
    Program {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// The end of what it printed.
        output: String,
    },
    /// No answer within the time given.
    #[error("PostgreSQL did not become ready within {seconds} s; its log is {}", .log.display())]
    NotReady {
        /// How long we waited.
        seconds: u64,
        /// Where to read why.
        log: PathBuf,
    },
    /// The server cannot be reached or refuses us.
    #[error("cannot connect to PostgreSQL at {address}")]
    Connect {
        /// Host and port, or socket.
        address: String,
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
    /// The database was migrated by a newer program.
    #[error(
        "the database is newer than this program: schema {schema} is at migration {found}, this program knows up to \
         {known}; start the newer Revenge, or restore the backup made before the upgrade"
    )]
    Newer {
        /// The schema.
        schema: String,
        /// The newest migration applied.
        found: i64,
        /// The newest one we know.
        known: i64,
    },
    /// A migration that ran is not the one we carry.
    #[error(
        "migration {version} of schema {schema} was changed after it was applied to this database; this program and \
         this database do not belong together"
    )]
    Changed {
        /// The schema.
        schema: String,
        /// The migration.
        version: i64,
    },
    /// A migration failed; its transaction was rolled back.
    #[error("migration of schema {schema} failed; nothing of the failing step was kept")]
    Migration {
        /// The schema.
        schema: String,
        /// Which step, and what the server said.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// An extension that we need and may not create.
    #[error(
        "the extension {name} is missing and could not be created; let an administrator of the server run: CREATE \
         EXTENSION {name} SCHEMA public"
    )]
    Extension {
        /// Its name.
        name: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// No room left where the server keeps its data.
    #[error("the disk of the PostgreSQL server is full; make room there and start again")]
    ServerDiskFull {
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
    /// Somebody is bringing a backup back into this database.
    #[error(
        "a backup is being brought back into this database, or it is being moved; start again when that is done"
    )]
    Restoring,
    /// Rows for a table or a column that is not there.
    #[error(
        "the rows of {table} do not fit this database: there is no such table, or it has other columns"
    )]
    Misfit {
        /// The table.
        table: String,
    },
    /// A statement of ours failed.
    #[error("the database refused a statement")]
    Statement(#[from] sqlx::Error),
}

impl Error {
    pub(crate) fn files(verb: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        if source.kind() == io::ErrorKind::StorageFull {
            return Self::DiskFull { folder: path };
        }
        Self::Files { verb, path, source }
    }

    /// What `program` said before it failed at its work in `folder`.
    pub(crate) fn program(program: &'static str, folder: &Path, output: String) -> Self {
        if output.contains("No space left on device") {
            return Self::DiskFull { folder: folder.to_owned() };
        }
        Self::Program { program, output }
    }
}

impl From<Error> for kernel::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Statement(source) => source.into(),
            other => Self::Unavailable { service: "PostgreSQL", source: other.into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_whoever_notices_it() {
        let folder = Path::new("/data");
        let by_program = Error::program(
            "initdb",
            folder,
            "FATAL:  could not write file \"pg_wal/xlogtemp.31\": No space left on device"
                .to_owned(),
        );
        let by_us = Error::files("create", folder, io::ErrorKind::StorageFull.into());
        for error in [by_program, by_us] {
            assert_eq!(error.to_string(), "the disk of /data is full; make room and start again");
        }
    }
}
