//! Why there is no backup, or why it cannot be restored, in words for the one who runs the server.

use std::io;
use std::path::{Path, PathBuf};

/// What this room's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is something else.
    #[error("{} is no backup of Revenge: {why}", .path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What shows it.
        why: String,
    },
    /// The file was a backup once.
    #[error("the backup {} is damaged: {why}; nothing was changed, take another one", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        why: String,
    },
    /// Made by a program that writes archives in another way.
    #[error(
        "the backup {} was made by Revenge {program} in format {format}, this program reads format {known}; restore it \
         with that version or a newer one", .path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// The version that made it.
        program: String,
        /// Its format.
        format: u32,
        /// Ours.
        known: u32,
    },
    /// Made of tables that this program does not have.
    #[error(
        "the backup holds the schema {schema}, which this program does not know; restore it with a newer Revenge"
    )]
    UnknownSchema {
        /// The schema.
        schema: String,
    },
    /// What is there would be lost.
    #[error(
        "there is a server's data in this database already; say --replace to lose it, or name another place"
    )]
    NotEmpty,
    /// Another program works on the database.
    #[error("a server works on this database; stop it first")]
    InUse,
    /// No room left.
    #[error("the disk of {} is full; make room and start again: nothing was kept", .folder.display())]
    DiskFull {
        /// Where it was tried.
        folder: PathBuf,
    },
    /// Not enough room, seen before anything was written.
    #[error(
        "the disk of {} has {free} bytes free, the pictures of the backup take {needed}; make room and start again",
        .folder.display()
    )]
    LittleSpace {
        /// Where it would be written.
        folder: PathBuf,
        /// Bytes there.
        free: u64,
        /// Bytes needed.
        needed: u64,
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
    /// Rows were lost on the way.
    #[error(
        "{table} has {there} rows where it came from and {here} where it went; nothing was kept"
    )]
    Miscounted {
        /// The table.
        table: String,
        /// Rows that arrived.
        here: u64,
        /// Rows that left.
        there: u64,
    },
    /// Rows changed on the way.
    #[error("the rows of {table} are not the same where they went; nothing was kept")]
    Altered {
        /// The table.
        table: String,
    },
    /// Told to stop.
    #[error("stopped; nothing was kept")]
    Stopped,
    /// The database does not do its part.
    #[error("the database")]
    Database(#[from] postgres::Error),
    /// Something of the program's own parts failed.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

impl Error {
    pub(crate) fn files(verb: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        if source.kind() == io::ErrorKind::StorageFull {
            let folder = path.parent().map_or_else(|| path.clone(), Path::to_owned);
            return Self::DiskFull { folder };
        }
        Self::Files { verb, path, source }
    }

    pub(crate) fn damaged(path: &Path, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.into() }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}
