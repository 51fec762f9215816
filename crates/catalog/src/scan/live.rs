//! Libraries that keep themselves up to date: their folders are watched, and their schedules ask for scans.
//!
//! Where the system tells of changes they are gathered until nothing has happened for a moment and what was written is whole;
//! then the part of the library they are in is scanned. Of what happens on another machine, or where the system cannot watch
//! so much, nothing is told: such folders are scanned again and again. Every node does this; requests that are equal are one.

mod ear;
mod whole;

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kernel::Result;
use kernel::id::LibraryId;
use notify::RecommendedWatcher;
use sqlx::Connection as _;
use tokio::sync::Notify;
use tokio::time::Instant;
use uuid::Uuid;

use self::ear::{Deaf, Ear};
use super::Ask;
use super::store::live::{
    KeptFolder, claim_schedule, list_kept_folders, list_scheduled_libraries, update_watched_by,
};
use crate::door::{NoAnswer, is_network};
use crate::library::WatchedBy;
use crate::{Catalog, stored_path};

/// A request whose job was lost is given another after so long.
const FORGOTTEN_FOR: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// How often what is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// Which folders there are, whether they are there, and what is due.
    pub look: Duration,
    /// So long nothing must happen before a change is believed to be over.
    pub settle: Duration,
    /// A file that is open for writing is waited for no longer than this after its last change.
    pub writer: Duration,
    /// Folders of which the system does not tell.
    pub poll: Duration,
}

impl Rhythm {
    /// The usual times; folders that cannot be watched are scanned at this interval.
    pub fn polling(poll: Duration) -> Self {
        Self {
            look: Duration::from_secs(10),
            settle: Duration::from_secs(2),
            writer: Duration::from_mins(2),
            poll,
        }
    }
}

/// Keeps every library up to date as its settings say. Drop it to end that.
pub struct Live {
    catalog: Catalog,
    rhythm: Rhythm,
    folders: HashMap<Uuid, Kept>,
    /// Called when anything was heard.
    wake: Arc<Notify>,
    next_look: Instant,
}

/// A folder that is looked after.
struct Kept {
    library: LibraryId,
    root: PathBuf,
    mode: Mode,
}

/// How changes in a folder are noticed.
enum Mode {
    /// It is not there.
    Away,
    /// The system tells of them.
    Events { ear: Arc<Ear>, number: (u64, u64), watcher: RecommendedWatcher },
    /// By scanning it.
    Polling { next: Instant, note: Option<String> },
}

impl Live {
    /// Looks after the libraries of `catalog`.
    pub fn new(catalog: Catalog, rhythm: Rhythm) -> Self {
        let (folders, wake) = (HashMap::new(), Arc::new(Notify::new()));
        Self { catalog, rhythm, folders, wake, next_look: Instant::now() }
    }

    /// Goes on until it is dropped. A database that is away is tried again.
    pub async fn run(mut self) {
        loop {
            if let Err(error) = self.step().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "live.failed");
                tokio::time::sleep(self.rhythm.settle).await;
            }
        }
    }

    /// Waits for something to do and does it.
    pub async fn step(&mut self) -> Result<()> {
        let is_stirred = self.ears().any(|(_, ear)| ear.is_stirred());
        let soon = Instant::now() + self.rhythm.settle / 4;
        tokio::select! {
            () = tokio::time::sleep_until(self.next_look) => {
                self.next_look = Instant::now() + self.rhythm.look;
                self.look().await?;
                self.keep_schedules().await?;
                self.catalog.ask_forgotten_scans(FORGOTTEN_FOR).await?;
            }
            () = self.wake.notified(), if !is_stirred => {}
            () = tokio::time::sleep_until(soon), if is_stirred => {}
        }
        self.settle().await
    }

    fn ears(&self) -> impl Iterator<Item = (&Kept, &Arc<Ear>)> {
        self.folders.values().filter_map(|it| match &it.mode {
            Mode::Events { ear, .. } => Some((it, ear)),
            _ => None,
        })
    }

    /// Holds what is watched against what shall be, and against what is there.
    async fn look(&mut self) -> Result<()> {
        let mut db = self.catalog.connection().await?;
        let wanted = list_kept_folders(&mut db).await?;
        drop(db);
        let mut before = std::mem::take(&mut self.folders);
        for folder in wanted {
            let kept = before.remove(&folder.id).filter(|_| folder.is_watched);
            let kept =
                if folder.is_watched { Some(self.look_at(&folder, kept).await?) } else { None };
            let (watched_by, note) = match kept.as_ref().map(|it| &it.mode) {
                None | Some(Mode::Away) => (WatchedBy::Nothing, None),
                Some(Mode::Events { .. }) => (WatchedBy::Events, None),
                Some(Mode::Polling { note, .. }) => (WatchedBy::Polling, note.clone()),
            };
            if (watched_by, &note) != (folder.watched_by, &folder.watch_note) {
                let mut db = self.catalog.connection().await?;
                update_watched_by(&mut db, folder.id, watched_by, note.as_deref()).await?;
                drop(db);
                self.catalog.announce_library(folder.library_id).await;
            }
            if let Some(kept) = kept {
                self.folders.insert(folder.id, kept);
            }
        }
        Ok(())
    }

    async fn look_at(&self, folder: &KeptFolder, before: Option<Kept>) -> Result<Kept> {
        let root = stored_path::from_text(&folder.path);
        let library = folder.library_id;
        let asked = root.clone();
        let found = self.catalog.door.ask(&root, move || {
            let found = std::fs::metadata(&asked).ok().filter(std::fs::Metadata::is_dir)?;
            Some(((found.dev(), found.ino()), is_network(&asked)))
        });
        let Some((number, is_network)) = found.await.unwrap_or(None) else {
            let was_here = before.is_some_and(|it| !matches!(it.mode, Mode::Away));
            if was_here {
                // The scan takes nothing away, and says what is wrong.
                self.ask(library, None).await?;
            }
            return Ok(Kept { library, root, mode: Mode::Away });
        };
        let (mode, is_new) = match before.map(|it| it.mode) {
            Some(Mode::Events { ear, number: watched, watcher }) if watched == number => {
                match ear.deaf() {
                    None => (Mode::Events { ear, number, watcher }, false),
                    Some(deaf) => (self.poll(deaf), true),
                }
            }
            Some(Mode::Polling { next, note }) if Instant::now() < next => {
                (Mode::Polling { next, note }, false)
            }
            _ if is_network => (self.poll(Deaf::Network), true),
            _ => (self.listen(&root, number).await, true),
        };
        // What happened before we listened, or since we polled, nobody told.
        if is_new && folder.is_scanned {
            self.ask(library, None).await?;
        }
        Ok(Kept { library, root, mode })
    }

    fn poll(&self, deaf: Deaf) -> Mode {
        Mode::Polling { next: Instant::now() + self.rhythm.poll, note: Some(deaf.to_string()) }
    }

    /// Has the system tell of changes below `root`, or polls if it cannot.
    async fn listen(&self, root: &Path, number: (u64, u64)) -> Mode {
        let ear = Arc::new(Ear::new(root.to_owned(), Arc::clone(&self.wake)));
        let (listening, path) = (Arc::clone(&ear), root.to_owned());
        let watched = self.catalog.door.ask(root, move || ear::watch(&path, listening)).await;
        match watched {
            Ok(Ok(watcher)) => Mode::Events { ear, number, watcher },
            Ok(Err(deaf)) => self.poll(deaf),
            Err(NoAnswer) => self.poll(Deaf::Silent),
        }
    }

    /// Asks for scans of what has come to rest.
    async fn settle(&mut self) -> Result<()> {
        let mut asked: BTreeMap<LibraryId, Vec<Option<String>>> = BTreeMap::new();
        for (kept, ear) in self.ears() {
            let rested = ear.rested(self.rhythm.settle, self.rhythm.writer, Instant::now());
            if rested.is_whole {
                asked.entry(kept.library).or_default().push(None);
            }
            for part in rested.parts {
                let print = whole::print(&self.catalog.door, &kept.root, &part).await;
                if ear.is_settled(&part, print, Instant::now()) {
                    let folder = stored_path::to_text(&kept.root.join(&part));
                    asked.entry(kept.library).or_default().push(Some(folder));
                }
            }
        }
        for (library, folders) in asked {
            for folder in folders {
                self.ask(library, folder).await?;
            }
        }
        Ok(())
    }

    async fn ask(&self, library: LibraryId, folder: Option<String>) -> Result<()> {
        let told = self.catalog.door.name(std::path::Path::new(folder.as_deref().unwrap_or("")));
        tracing::debug!(library.id = %library, folder = %told, "live.asks_for_scan");
        let mut db = self.catalog.connection().await?;
        let mut tx = db.begin().await?;
        self.catalog.ask_scan(&mut tx, library, &Ask { folder, reads_problems: false }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Asks for the scans that are due.
    async fn keep_schedules(&self) -> Result<()> {
        let mut db = self.catalog.connection().await?;
        let now = self.catalog.clock.now();
        for it in list_scheduled_libraries(&mut db).await? {
            let last = it.scheduled_at.unwrap_or(it.created_at);
            if !it.times.is_due(last, now, &chrono::Local) {
                continue;
            }
            let mut tx = db.begin().await?;
            if claim_schedule(&mut tx, it.id, it.scheduled_at, now).await? {
                self.catalog.ask_scan(&mut tx, it.id, &Ask::default()).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
