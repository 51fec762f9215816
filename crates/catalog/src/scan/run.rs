//! One scan from its beginning to its end: look at each folder, arrange, read, write.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use futures::StreamExt as _;
use kernel::id::{Ids, LibraryId};
use kernel::notice::{Notice, Teller};
use kernel::{Clock, Error, Result};
use media::Tools;
use sqlx::{Connection as _, PgConnection, PgPool};
use uuid::Uuid;

use super::arrange::{Decisions, REVISION, Unit, units};
use super::compare::{Comparison, State};
use super::lanes::{FILES_AT_ONCE, Lanes};
use super::pace::{Pace, Snapshot, Stage};
use super::read::Files;
use super::store::progress::{ScannedFolder, ScannedLibrary};
use super::store::{presence, progress};
use super::write::Target;
use crate::describe::Sources;
use crate::door::{Disk, Door};
use crate::edit::{self, Decision};
use crate::kind::Kind;
use crate::stored_path;

/// Threads that read ahead of the writer, at the most; a disk may allow fewer.
const N_AHEAD: usize = 16;
/// Files that one of them reads before it is asked again: a handover costs as much as reading a small header.
const FILES_A_READER: usize = 16;

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
    /// To the disks, which may hang.
    pub door: Door,
    /// Whose word on an item counts more.
    pub sources: Sources,
    /// Writes down what people may want to be told of.
    pub teller: Teller,
}

/// Which scan.
#[derive(Clone, Debug)]
pub struct Request {
    /// The library.
    pub library: LibraryId,
    /// Only these folders and what is below them; absolute, as [`stored_path`] writes them. The whole library if there is none.
    pub folders: Vec<String>,
    /// Whether files that could not be read are read again though they did not change.
    pub reads_problems: bool,
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
    /// Whether it shall go slowly, because somebody plays a film.
    pub is_slow: Arc<AtomicBool>,
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
        run.pace.enter(stage, self.clock.now());
        let mut tx = db.begin().await?;
        run.pace.save(&mut tx, error.as_deref(), self.clock.now()).await?;
        if let Some(reason) = error.or(run.warning) {
            let notice = Notice::ScanTroubled { library_id: request.library, reason };
            self.teller.tell(&mut tx, notice).await?;
        }
        tx.commit().await?;
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
pub(super) enum Stop {
    Cancelled,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// A scan that runs.
pub(super) struct Run<'a> {
    pub scanner: &'a Scanner,
    pub request: &'a Request,
    kind: &'static Kind,
    library: ScannedLibrary,
    pub watch: &'a Watch,
    pub pace: Pace,
    warning: Option<String>,
}

/// A folder of the library that was looked at.
pub(super) struct Looked {
    pub folder: ScannedFolder,
    pub disk: Arc<Disk>,
    pub comparison: Comparison,
}

struct Arranged {
    folder: ScannedFolder,
    disk: Arc<Disk>,
    units: Vec<Unit>,
    vanished: Vec<Uuid>,
}

impl Run<'_> {
    async fn all(&mut self, db: &mut PgConnection) -> Result<(), Stop> {
        let folders = progress::list_folders(db, self.request.library).await?;
        if self.request.folders.is_empty() {
            // The best guess there is for how much a walk will find.
            let n_files = progress::count_present_files(db, self.request.library).await?;
            self.pace.counts.total = Some(n_files).filter(|it| *it > 0);
        }
        let mut looked = Vec::new();
        for folder in folders {
            looked.extend(self.look(db, folder).await?);
        }
        let n_found: usize = looked.iter().map(|it| it.comparison.entries.len()).sum();
        let counts = &mut self.pace.counts;
        (counts.found, counts.done, counts.total) = (n_found as i64, 0, None);
        let decided = edit::list_decisions(db, self.request.library).await?;
        let mut arranged = Vec::new();
        for it in looked {
            arranged.push(self.arrange(it, &decided).await?);
        }
        let n_files: usize =
            arranged.iter().flat_map(|it| &it.units).map(|it| it.files.len()).sum();
        self.pace.counts.total = Some(n_files as i64);
        self.pace.enter(Stage::Reading, self.scanner.clock.now());
        for it in arranged {
            match self.read_and_write(db, &it.folder, it.disk, it.units).await {
                // The other folders are there; of this one nothing is concluded.
                Err(Stop::Failed(Error::Unavailable { source, .. })) if is_silence(&source) => {
                    self.warn(&format!(
                        "{} does not answer; is its disk or share there?",
                        it.folder.path
                    ));
                }
                done => {
                    done?;
                    self.miss(db, it.folder.id, &it.vanished).await?;
                }
            }
        }
        self.finish(db).await
    }

    async fn finish(&self, db: &mut PgConnection) -> Result<(), Stop> {
        let library = self.request.library;
        match (&self.warning, self.request.folders.is_empty()) {
            (warning, true) => {
                let now = self.scanner.clock.now();
                let revision = warning.is_none().then_some(REVISION);
                progress::finish_library(db, library, warning.as_deref(), revision, now).await?;
            }
            (Some(warning), false) => progress::warn_library(db, library, warning).await?,
            (None, false) => {}
        }
        Ok(())
    }

    async fn arrange(&self, looked: Looked, decided: &[Decision]) -> Result<Arranged, Stop> {
        let Looked { folder, disk, comparison } = looked;
        let (kind, all) = (self.kind, self.library.arranged_by != REVISION);
        let Comparison { entries, vanished, left } = comparison;
        let decisions = Decisions::of_folder(decided, folder.id, &entries);
        let (units, vanished) = tokio::task::spawn_blocking(move || {
            let left = vanished.iter().map(|(_, path)| path).chain(&left).map(String::as_str);
            let units = units(kind, entries, left, &decisions, all);
            (units, vanished.iter().map(|(id, _)| id.0).collect())
        })
        .await
        .map_err(anyhow::Error::from)?;
        Ok(Arranged { folder, disk, units, vanished })
    }

    async fn read_and_write(
        &mut self,
        db: &mut PgConnection,
        folder: &ScannedFolder,
        disk: Arc<Disk>,
        units: Vec<Unit>,
    ) -> Result<(), Stop> {
        let root = stored_path::from_text(&folder.path);
        let (tools, is_slow) = (Arc::clone(&self.scanner.tools), Arc::clone(&self.watch.is_slow));
        let files = Files::new(root, tools, disk, is_slow);
        let entries = || units.iter().flat_map(|it| &it.files).map(|it| &it.entry);
        let is_new =
            entries().count() > FILES_AT_ONCE && entries().all(|it| it.state == State::New);
        // A task of its own goes on reading while a batch is written; it ends when nobody takes what it read.
        let (send, read) = tokio::sync::mpsc::channel(N_AHEAD);
        let reading = tokio::spawn(async move {
            let reading = futures::stream::iter(shared_out(units)).map(|units| files.read(units));
            let mut reading = std::pin::pin!(reading.buffered(N_AHEAD));
            while let Some(read) = reading.next().await {
                if send.send(read).await.is_err() {
                    return;
                }
            }
        });
        let scanner = self.scanner;
        let lanes = Lanes {
            target: Target {
                kind: self.kind,
                library: self.request.library,
                is_first: self.library.is_first,
                ids: &scanner.ids,
                folder: folder.id,
                sources: &scanner.sources,
                teller: &scanner.teller,
            },
            clock: &scanner.clock,
            watch: self.watch,
            pace: Mutex::new(&mut self.pace),
        };
        lanes.write_all(db, &scanner.pool, read, is_new).await?;
        reading.await.map_err(anyhow::Error::from)?;
        Ok(())
    }

    async fn miss(
        &mut self,
        db: &mut PgConnection,
        folder: Uuid,
        files: &[Uuid],
    ) -> Result<(), Stop> {
        for files in files.chunks(FILES_AT_ONCE) {
            self.check()?;
            let now = self.scanner.clock.now();
            let mut tx = db.begin().await?;
            let (n_missed, items) = presence::miss_files(&mut tx, folder, files, now).await?;
            presence::settle(&mut tx, self.request.library, &items, now).await?;
            self.pace.counts.missing += n_missed;
            self.pace.save(&mut tx, None, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Result<(), Stop> {
        if (self.watch.is_stopped)() { Err(Stop::Cancelled) } else { Ok(()) }
    }

    pub(super) fn warn(&mut self, warning: &str) {
        let told = self.scanner.door.name(std::path::Path::new(warning));
        tracing::warn!(library.id = %self.request.library, warning = %told, "scan.folder_skipped");
        let before = self.warning.take().map(|it| format!("{it}\n")).unwrap_or_default();
        self.warning = Some(before + warning);
    }
}

/// Units for one reader each: as many files as it reads at once, fewer where there are few, so that all have some.
fn shared_out(units: Vec<Unit>) -> Vec<Vec<Unit>> {
    let n_files: usize = units.iter().map(|it| it.files.len()).sum();
    let at_once = (n_files / N_AHEAD).clamp(1, FILES_A_READER);
    let mut shares: Vec<Vec<Unit>> = Vec::new();
    let mut n_in_last = at_once;
    for unit in units {
        if n_in_last >= at_once {
            shares.push(Vec::new());
            n_in_last = 0;
        }
        n_in_last += unit.files.len();
        if let Some(last) = shares.last_mut() {
            last.push(unit);
        }
    }
    shares
}

/// Whether an error says that a disk does not answer, not that the database is away.
fn is_silence(source: &anyhow::Error) -> bool {
    source.is::<super::read::Silent>()
}
