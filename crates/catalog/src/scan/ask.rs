//! Asking for scans: whatever is asked is scanned after it was asked, one scan of a library at a time.
//!
//! A request is a row, and its job only says that there is one: the job takes every request of its library, and looks for new
//! ones before it ends. Who finds the library being scanned may go: the scanner looks again after it let go of the library,
//! and the request was written before that.

use kernel::Result;
use kernel::id::LibraryId;
use sqlx::{Connection as _, PgConnection, PgPool};

use super::ScanLibrary;
use super::store::ask::{lock_library, unlock_library, upsert_request};
use crate::Catalog;

/// What is asked to be scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Only this folder and what is below it: absolute, as [`crate::stored_path`] writes it, inside the library.
    pub folder: Option<String>,
    /// Also read again what could not be read and did not change.
    pub reads_problems: bool,
}

impl Catalog {
    /// Asks for a scan in the caller's transaction, and says under which job it waits. The caller has checked that whoever
    /// asks may.
    pub async fn ask_scan(
        &self,
        db: &mut PgConnection,
        library: LibraryId,
        ask: &Ask,
    ) -> Result<i64> {
        let folder = ask.folder.as_deref().unwrap_or_default();
        let id = upsert_request(
            db,
            self.ids.next(),
            library,
            folder,
            ask.reads_problems,
            self.clock.now(),
        )
        .await?;
        (self.enqueue_scan)(db, ScanLibrary::of(library, id)).await
    }

    /// Enqueues anew what was asked and whose job was lost: it was stopped while another one had the library.
    pub async fn ask_forgotten_scans(&self, forgotten_for: chrono::TimeDelta) -> Result<()> {
        let mut db = self.connection().await?;
        let before = self.clock.now() - forgotten_for;
        for (library, request) in
            super::store::ask::list_forgotten_requests(&mut db, before).await?
        {
            (self.enqueue_scan)(&mut db, ScanLibrary::of(library, request)).await?;
        }
        Ok(())
    }
}

/// The right to scan a library, held by a connection of its own: whatever happens to the scan, it ends with it.
#[derive(Debug)]
pub struct Lock {
    library: LibraryId,
    connection: PgConnection,
}

impl Lock {
    /// The right, unless somebody has it.
    pub async fn take(pool: &PgPool, library: LibraryId) -> Result<Option<Self>> {
        // Detached before it has the lock: whatever happens then, the pool never gets a connection that holds one.
        let mut connection = pool.acquire().await?.detach();
        if lock_library(&mut connection, library).await? {
            return Ok(Some(Self { library, connection }));
        }
        connection.close().await?;
        Ok(None)
    }

    /// Gives it back. Whoever asks from here on gets it.
    pub async fn release(mut self) -> Result<()> {
        unlock_library(&mut self.connection, self.library).await?;
        self.connection.close().await?;
        Ok(())
    }
}

/// The parts of a library that these requests are about: empty for the whole of it.
pub fn parts(folders: impl Iterator<Item = String>) -> Vec<String> {
    let mut folders: Vec<String> = folders.collect();
    if folders.len() > MAX_PARTS || folders.iter().any(String::is_empty) {
        return Vec::new();
    }
    folders.sort_unstable();
    folders.dedup();
    folders
}

/// So many folders are no cheaper than the library.
const MAX_PARTS: usize = 200;
