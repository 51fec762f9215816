//! One scan from its beginning to its end: walk, compare, arrange, read, write.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{StreamExt as _, TryStreamExt as _};
use kernel::id::{Ids, LibraryId};
use kernel::{Clock, Error, Result};
use media::Tools;
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::arrange::{Decisions, REVISION, Unit, units};
use super::compare::{Comparison, State, compare};
use super::fingerprint::fingerprint;
use super::pace::{Pace, Snapshot, Stage};
use super::read::{Files, ReadUnit};
use super::store::progress::{ScannedFolder, ScannedLibrary};
use super::store::{files, presence, progress};
use super::walk::{Walked, walk};
use super::write::{Target, write};
use crate::describe::Sources;
use crate::edit;
use crate::kind::Kind;
use crate::stored_path;

/// Files open at a time. Reading headers waits for the disk much more than for the processor.
const N_OPEN: usize = 16;
/// Units read ahead of the writer.
const N_AHEAD: usize = 64;
/// A transaction holds about so many files: enough to make its cost small, few enough to keep it short.
const FILES_AT_ONCE: usize = 300;

/// What every scan works with.
#[derive(Clone)]
pub struct Scanner {
    /// Connections whose `search_path` is the schema of the catalog.
    pub pool: PgPool,
    /// Tells the time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
    /// The content kinds.
    pub kinds: &'static [&'static Kind],
    /// FFprobe, and the time one file may take.
    pub tools: Arc<Tools>,
    /// Whose word on an item counts more.
    pub sources: Sources,
}

/// Which scan.
#[derive(Clone, Debug)]
pub struct Request {
    /// The library.
    pub library: LibraryId,
    /// Only this folder and what is below it; absolute, as [`stored_path`] writes it. The whole library otherwise.
    pub folder: Option<String>,
    /// The job that does it.
    pub job: Option<i64>,
}

/// How a scan talks to whoever started it.
#[derive(Clone)]
pub struct Watch {
    /// Whether it shall stop.
    pub is_stopped: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Hears how far it is, a few times a second.
    pub report: Arc<dyn Fn(Snapshot) + Send + Sync>,
}

impl Scanner {
    /// Scans a library. What is done is done, whenever it is stopped; the next scan does the rest.
    pub async fn scan(&self, request: &Request, watch: &Watch) -> Result<Snapshot> {
        let mut db = self.pool.acquire().await?;
        let library = progress::find_library(&mut db, request.library)
            .await?
            .ok_or(Error::NotFound("library"))?;
        let kind = self.kind(&library)?;
        let id: Uuid = self.ids.next();
        let now = self.clock.now();
        progress::insert_scan(&mut db, id, request.library, request.job, now).await?;
        let mut run = Run {
            scanner: self,
            request,
            kind,
            library,
            watch,
            pace: Pace::new(id, request.library, request.job, now),
            warning: None,
        };
        let done = run.all(&mut db).await;
        let (stage, error) = match &done {
            Ok(()) => (Stage::Done, None),
            Err(Stop::Cancelled) => (Stage::Cancelled, None),
            Err(Stop::Failed(error)) => (Stage::Failed, Some(error.to_string())),
        };
        run.pace.stage = stage;
        run.pace.save(&mut db, error.as_deref(), self.clock.now()).await?;
        (watch.report)(run.pace.snapshot(self.clock.now()));
        match done {
            Err(Stop::Failed(error)) => Err(error),
            _ => Ok(run.pace.snapshot(self.clock.now())),
        }
    }

    fn kind(&self, library: &ScannedLibrary) -> Result<&'static Kind> {
        let known = self.kinds.iter().find(|it| it.id == library.kind);
        known.copied().ok_or_else(|| {
            Error::Internal(anyhow::anyhow!("no content kind is called {:?}", library.kind))
        })
    }
}

/// Why a scan ended before its end.
enum Stop {
    Cancelled,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

struct Run<'a> {
    scanner: &'a Scanner,
    request: &'a Request,
    kind: &'static Kind,
    library: ScannedLibrary,
    watch: &'a Watch,
    pace: Pace,
    warning: Option<String>,
}

impl Run<'_> {
    async fn all(&mut self, db: &mut PgConnection) -> Result<(), Stop> {
        let folders = progress::list_folders(db, self.request.library).await?;
        let (mut work, mut found) = (Vec::new(), 0);
        for folder in folders {
            let Some(start) = self.start(&folder) else { continue };
            if let Some(comparison) = self.look(db, &folder, &start).await? {
                found += comparison.entries.len() as i64;
                work.push((folder, comparison));
            }
        }
        self.pace.counts.found = found;
        self.pace.stage = Stage::Reading;
        let all = self.library.arranged_by != REVISION;
        let decided = edit::list_decisions(db, self.request.library).await?;
        let mut arranged = Vec::new();
        for (folder, comparison) in work {
            let Comparison { entries, vanished } = comparison;
            let kind = self.kind;
            let decisions = Decisions::of_folder(&decided, folder.id, &entries);
            let (units, vanished) = tokio::task::spawn_blocking(move || {
                (units(kind, entries, &vanished, &decisions, all), vanished)
            })
            .await
            .map_err(anyhow::Error::from)?;
            let n_files: usize = units.iter().map(|it| it.files.len()).sum();
            *self.pace.counts.total.get_or_insert(0) += n_files as i64;
            arranged.push((folder, units, vanished));
        }
        self.pace.counts.total.get_or_insert(0);
        for (folder, units, vanished) in arranged {
            self.read_and_write(db, &folder, units).await?;
            let ids: Vec<Uuid> = vanished.iter().map(|(id, _)| id.0).collect();
            self.miss(db, &ids).await?;
        }
        let is_whole = self.request.folder.is_none() && self.warning.is_none();
        let now = self.scanner.clock.now();
        let revision = is_whole.then_some(REVISION);
        let warning = self.warning.as_deref();
        progress::finish_library(db, self.request.library, warning, revision, now).await?;
        Ok(())
    }

    /// Where below `folder` the scan begins; `None` when it asks for another one.
    fn start(&self, folder: &ScannedFolder) -> Option<String> {
        let Some(wanted) = &self.request.folder else { return Some(String::new()) };
        let wanted = stored_path::from_text(wanted);
        let below = wanted.strip_prefix(stored_path::from_text(&folder.path)).ok()?;
        // The group of files that are arranged together is walked whole.
        let group = below.components().next();
        Some(group.map(|it| stored_path::to_text(Path::new(&it))).unwrap_or_default())
    }

    /// Walks a folder and compares. `None` when it is not there, or empty where it was not: then nothing is concluded.
    async fn look(
        &mut self,
        db: &mut PgConnection,
        folder: &ScannedFolder,
        start: &str,
    ) -> Result<Option<Comparison>, Stop> {
        let root = stored_path::from_text(&folder.path);
        let walked = match self.walk(&root, start).await? {
            Ok(walked) => walked,
            Err(error) if start.is_empty() => {
                self.warn(&format!("{} cannot be read: {}", folder.path, words(&error)));
                return Ok(None);
            }
            // The folder asked for is gone; whether the library's own folder is there decides what that means.
            Err(_) => Walked::default(),
        };
        let now = self.scanner.clock.now();
        let (paths, reasons) = walked.unreadable.iter().cloned().unzip::<_, _, Vec<_>, Vec<_>>();
        self.pace.counts.problems += paths.len() as i64;
        let mut tx = db.begin().await?;
        progress::replace_folder_problems(&mut tx, folder.id, start, &paths, &reasons, now).await?;
        tx.commit().await?;
        if walked.files.is_empty() && !self.has_others(&root, start).await? {
            self.warn(&format!(
                "{} is empty; what was in it is kept until something is there again",
                folder.path
            ));
            return Ok(None);
        }
        progress::see_folder(db, folder.id, now).await?;
        let known = files::list_known(db, folder.id, start).await?;
        let ids = self.scanner.ids.clone();
        let mut comparison = tokio::task::spawn_blocking(move || {
            let print = |found: &super::walk::Found| {
                let path = root.join(stored_path::from_text(&found.path));
                fingerprint(&std::fs::File::open(path).ok()?).ok()
            };
            compare(walked.files, &known, print, || ids.next())
        })
        .await
        .map_err(anyhow::Error::from)?;
        // What lies below a folder that cannot be read now may still be there.
        comparison.vanished.retain(|(_, path)| {
            !paths.iter().any(|it| {
                path == it
                    || path.strip_prefix(it.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
        });
        let moved = comparison.entries.iter().filter(|it| it.state == State::Moved);
        let (ids, paths): (Vec<Uuid>, Vec<String>) =
            moved.map(|it| (it.id.0, it.found.path.clone())).unzip();
        if !ids.is_empty() {
            let mut tx = db.begin().await?;
            files::move_files(&mut tx, &ids, &paths).await?;
            tx.commit().await?;
        }
        Ok(Some(comparison))
    }

    /// Whether anything but the part that begins at `start` is in the folder. A share that is not mounted leaves an empty
    /// folder behind, and then nothing is gone.
    async fn has_others(&self, root: &Path, start: &str) -> Result<bool, Stop> {
        if start.is_empty() {
            return Ok(false);
        }
        Ok(self.walk(root, "").await?.is_ok_and(|it| !it.files.is_empty()))
    }

    async fn walk(&self, root: &Path, start: &str) -> Result<std::io::Result<Walked>, Stop> {
        let seen = Arc::new(AtomicU64::new(0));
        let (counter, stop) = (Arc::clone(&seen), Arc::clone(&self.watch.is_stopped));
        let (root, start) = (root.to_owned(), start.to_owned());
        let mut walking =
            tokio::task::spawn_blocking(move || walk(&root, &start, &counter, &*stop));
        let mut tick = tokio::time::interval(Pace::EVERY);
        let walked = loop {
            tokio::select! {
                walked = &mut walking => break walked.map_err(anyhow::Error::from)?,
                _ = tick.tick() => {
                    let mut snapshot = self.pace.snapshot(self.scanner.clock.now());
                    snapshot.counts.found += seen.load(Ordering::Relaxed).cast_signed();
                    (self.watch.report)(snapshot);
                }
            }
        };
        self.check()?;
        Ok(walked)
    }

    async fn read_and_write(
        &mut self,
        db: &mut PgConnection,
        folder: &ScannedFolder,
        units: Vec<Unit>,
    ) -> Result<(), Stop> {
        let files = Files {
            root: stored_path::from_text(&folder.path),
            tools: Arc::clone(&self.scanner.tools),
            open: Arc::new(Semaphore::new(N_OPEN)),
        };
        let mut read = futures::stream::iter(units)
            .map(|unit| {
                let files = files.clone();
                async move { files.read(unit).await }
            })
            .buffered(N_AHEAD);
        let mut batch: Vec<ReadUnit> = Vec::new();
        let mut n_files = 0;
        while let Some(unit) = read.try_next().await? {
            self.check()?;
            n_files += unit.unit.files.len();
            batch.push(unit);
            if n_files >= FILES_AT_ONCE {
                self.write(db, folder, &batch).await?;
                batch.clear();
                n_files = 0;
            }
        }
        if !batch.is_empty() {
            self.write(db, folder, &batch).await?;
        }
        Ok(())
    }

    async fn write(
        &mut self,
        db: &mut PgConnection,
        folder: &ScannedFolder,
        batch: &[ReadUnit],
    ) -> Result<(), Stop> {
        let now = self.scanner.clock.now();
        let target = Target {
            kind: self.kind,
            library: self.request.library,
            is_first: self.library.is_first,
            ids: &self.scanner.ids,
            folder: folder.id,
            sources: &self.scanner.sources,
        };
        let mut tx = db.begin().await?;
        let counts = write(&mut tx, target, batch, now).await?;
        self.pace.add(counts);
        self.pace.save(&mut tx, None, now).await?;
        tx.commit().await?;
        if self.pace.is_due(now) {
            (self.watch.report)(self.pace.snapshot(now));
        }
        Ok(())
    }

    async fn miss(&mut self, db: &mut PgConnection, files: &[Uuid]) -> Result<(), Stop> {
        for files in files.chunks(FILES_AT_ONCE) {
            self.check()?;
            let now = self.scanner.clock.now();
            let mut tx = db.begin().await?;
            let items = presence::miss_files(&mut tx, files, now).await?;
            presence::settle(&mut tx, self.request.library, &items, now).await?;
            self.pace.counts.missing += files.len() as i64;
            self.pace.save(&mut tx, None, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Stop> {
        if (self.watch.is_stopped)() { Err(Stop::Cancelled) } else { Ok(()) }
    }

    fn warn(&mut self, warning: &str) {
        tracing::warn!(library.id = %self.request.library, warning, "scan.folder_skipped");
        let before = self.warning.take().map(|it| format!("{it}\n")).unwrap_or_default();
        self.warning = Some(before + warning);
    }
}

fn words(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(libc_code) => super::walk::reason(rustix::io::Errno::from_raw_os_error(libc_code)),
        None => error.to_string(),
    }
}
