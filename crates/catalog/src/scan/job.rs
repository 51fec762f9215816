//! The scan as background work, and the clean-up long after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jobs::{Context, JobError, JobId, JobState, Jobs, Queue, Registry, Work};
use kernel::Result;
use kernel::event::{Audience, Event};
use kernel::id::LibraryId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ask::{Lock, parts};
use super::pace::{Snapshot, Stage};
use super::store::ask::RequestRow;
use super::store::cleanup::{delete_files_past_grace, delete_items_past_grace};
use super::store::progress::Counts;
use super::{Request, Scanner, Watch, store};
use crate::Catalog;
use crate::analysis::AnalyzeFiles;
use crate::artwork::MakeArtwork;
use crate::describe::LibraryMetadata;
use crate::describe::job::DescribeLibrary;
use crate::describe::nfo_library::WriteLibraryNfo;
use crate::finding::FeedSearch;
use crate::library::ScanView;

/// What vanished is kept so long: a disk may be away for repair, a share while its owner is.
const GRACE: chrono::Duration = chrono::Duration::days(30);

/// After so many new files PostgreSQL is asked to look at its tables: by itself it does within a minute or two, and plans by
/// empty tables until then.
const MANY: i64 = 1000;

/// How often a scan asks whether somebody plays a film, and how long ago their player must have spoken.
const LOOK_FOR_PLAYERS_EVERY: Duration = Duration::from_secs(5);
const PLAYERS_SPOKE: chrono::TimeDelta = chrono::TimeDelta::seconds(45);

/// Scans what is asked of a library; see [`super::ask`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScanLibrary {
    /// Which.
    pub library_id: LibraryId,
    /// The request that made this job; without one the job itself asks for the whole library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
}

impl ScanLibrary {
    /// The job of a request.
    pub(super) fn of(library_id: LibraryId, request_id: Uuid) -> Self {
        Self { library_id, request_id: Some(request_id) }
    }
}

impl Work for ScanLibrary {
    const KIND: &'static str = "catalog.scan_library";
    /// Not behind the pictures of other libraries: somebody has just put a film there.
    const QUEUE: Queue = Queue::Default;
    /// A first scan of a large library on a slow share takes hours; what it did is done when the time is over.
    const TIMEOUT: Duration = Duration::from_hours(12);
    const MAX_ATTEMPTS: u16 = 3;
    const ONE_PER: Option<&'static str> = Some("request");

    fn unique_key(&self) -> Option<String> {
        // Not the library: a job that ends just now would swallow what was asked a moment before.
        Some(self.request_id.unwrap_or(self.library_id.0).to_string())
    }
}

/// Deletes what has been missing for a long time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteVanished;

impl Work for DeleteVanished {
    const KIND: &'static str = "catalog.delete_vanished";
    const QUEUE: Queue = Queue::Low;
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Registers the work of scanning. `jobs` takes the artwork that follows a scan.
pub fn register(
    registry: &mut Registry,
    catalog: &Catalog,
    scanner: &Scanner,
    jobs: &Jobs,
) -> Result<()> {
    let (with, scanner, jobs) = (catalog.clone(), scanner.clone(), jobs.clone());
    registry.add::<ScanLibrary, _, _>(move |work, context| {
        let (catalog, scanner, jobs) = (with.clone(), scanner.clone(), jobs.clone());
        async move { scan(&catalog, &scanner, &jobs, work, context).await }
    });
    let with = catalog.clone();
    registry.add::<DeleteVanished, _, _>(move |_, context| {
        let catalog = with.clone();
        async move { delete_vanished(&catalog, &context).await }
    });
    registry.every(Duration::from_hours(24), || DeleteVanished)?;
    Ok(())
}

async fn scan(
    catalog: &Catalog,
    scanner: &Scanner,
    jobs: &Jobs,
    work: ScanLibrary,
    context: Context,
) -> Result<(), JobError> {
    let library = work.library_id;
    let job = context.job_id().0;
    let mut db = catalog.connection().await?;
    if !store::progress::is_library(&mut db, library).await? {
        return Err(JobError::give_up("the library was deleted"));
    }
    if work.request_id.is_none() {
        let (id, now) = (catalog.ids.next(), catalog.clock.now());
        store::ask::upsert_request(&mut db, id, library, "", false, now).await?;
    }
    drop(db);
    loop {
        let Some(lock) = Lock::take(&catalog.pool, library).await? else {
            context.log("the library is being scanned; that scan goes on with what was asked");
            return Ok(());
        };
        let done = scan_all(catalog, scanner, jobs, library, &context).await;
        lock.release().await?;
        done?;
        // Whoever asked while the library was ours is not lost.
        let mut db = catalog.connection().await?;
        if !store::ask::is_asked(&mut db, library).await? {
            break;
        }
    }
    tracing::debug!(library.id = %library, job.id = job, "scan.nothing_more_asked");
    Ok(())
}

/// Scans until nothing more is asked of the library, which is ours.
async fn scan_all(
    catalog: &Catalog,
    scanner: &Scanner,
    jobs: &Jobs,
    library: LibraryId,
    context: &Context,
) -> Result<(), JobError> {
    let job = context.job_id().0;
    loop {
        let mut db = catalog.connection().await?;
        let taken = store::ask::take_requests(&mut db, library, job).await?;
        let (asked, unwanted) = still_wanted(jobs, taken, job).await?;
        store::ask::delete_requests(&mut db, &unwanted).await?;
        if asked.is_empty() {
            return Ok(());
        }
        drop(db);
        let request = Request {
            library,
            reads_problems: asked.iter().any(|it| it.reads_problems),
            folders: parts(asked.iter().map(|it| it.folder.clone())),
            job: Some(job),
        };
        scan_once(catalog, scanner, jobs, &request, context).await?;
        let done: Vec<Uuid> = asked.iter().map(|it| it.id).collect();
        store::ask::delete_requests(&mut *catalog.connection().await?, &done).await?;
    }
}

/// The requests that are to be done, and those whose job a person stopped.
async fn still_wanted(
    jobs: &Jobs,
    taken: Vec<RequestRow>,
    job: i64,
) -> Result<(Vec<RequestRow>, Vec<Uuid>), JobError> {
    let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
    for request in taken {
        let is_stopped = match request.taken_by {
            Some(other) if other != job => match jobs.get(JobId(other)).await {
                Ok(view) => view.state == JobState::Cancelled,
                Err(kernel::Error::NotFound(_)) => false,
                Err(error) => return Err(error.into()),
            },
            _ => false,
        };
        if is_stopped {
            unwanted.push(request.id);
        } else {
            wanted.push(request);
        }
    }
    Ok((wanted, unwanted))
}

async fn scan_once(
    catalog: &Catalog,
    scanner: &Scanner,
    jobs: &Jobs,
    request: &Request,
    context: &Context,
) -> Result<(), JobError> {
    let library = request.library;
    let began = Instant::now();
    let stop = Arc::new(AtomicBool::new(false));
    let is_slow = Arc::new(AtomicBool::new(false));
    // Events go out one after the other, and the newest only: who watches cares for nothing older.
    let (send, mut receive) = tokio::sync::watch::channel(None::<Snapshot>);
    let stopped = Arc::clone(&stop);
    let watch = Watch {
        is_stopped: Arc::new(move || stopped.load(Ordering::Relaxed)),
        report: Arc::new(move |snapshot| {
            send.send_replace(Some(snapshot));
        }),
        is_slow: Arc::clone(&is_slow),
    };
    let telling = async {
        while receive.changed().await.is_ok() {
            let Some(snapshot) = *receive.borrow_and_update() else { continue };
            tell(catalog, context, snapshot).await;
        }
    };
    let cancelling = async {
        context.cancelled().await;
        stop.store(true, Ordering::Relaxed);
        std::future::pending::<()>().await;
    };
    let scanning = async {
        let result = scanner.scan(request, &watch).await;
        drop(watch);
        result
    };
    let done = tokio::select! {
        (done, ()) = futures::future::join(scanning, telling) => done?,
        () = cancelling => return Err(JobError::Cancelled),
        () = give_way(catalog, &is_slow) => return Err(JobError::Cancelled),
    };
    catalog.announce_library(library).await;
    if done.stage == Stage::Cancelled {
        return Err(JobError::Cancelled);
    }
    let counts = done.counts;
    context.log(format!(
        "{} files: {} new, {} changed, {} missing, {} with problems",
        counts.found, counts.added, counts.changed, counts.missing, counts.problems
    ));
    tracing::info!(
        library.id = %library, scan.found = counts.found, scan.added = counts.added, scan.changed = counts.changed,
        scan.missing = counts.missing, scan.problems = counts.problems, "scan.done"
    );
    measure(&counts, began.elapsed());
    let mut db = catalog.connection().await?;
    if counts.added >= MANY {
        store::progress::analyze(&mut db).await?;
    }
    jobs.enqueue(&mut db, &MakeArtwork { library_id: library }).await?;
    jobs.enqueue(&mut db, &AnalyzeFiles {}).await?;
    if !catalog.sources.providers().lineup(&[]).is_empty() {
        jobs.enqueue(&mut db, &DescribeLibrary { library_id: library }).await?;
    }
    jobs.enqueue(&mut db, &FeedSearch).await?;
    let settings = store::progress::find_settings(&mut db, library).await?;
    let is_changed = counts.added + counts.changed + counts.missing > 0;
    if is_changed && LibraryMetadata::of(&settings).write_nfo {
        let work = WriteLibraryNfo { library_id: library, since: Some(done.started_at) };
        jobs.enqueue(&mut db, &work).await?;
    }
    Ok(())
}

/// Counts what a scan found.
fn measure(counts: &Counts, took: Duration) {
    metrics::histogram!("revenge_scan_seconds").record(took.as_secs_f64());
    for (outcome, number) in [
        ("found", counts.found),
        ("added", counts.added),
        ("changed", counts.changed),
        ("missing", counts.missing),
        ("problem", counts.problems),
    ] {
        metrics::counter!("revenge_scan_files_total", "outcome" => outcome)
            .increment(number.unsigned_abs());
    }
}

/// Has a scan go slowly while somebody plays something, on whatever node. Never ends.
async fn give_way(catalog: &Catalog, is_slow: &AtomicBool) {
    let mut every = tokio::time::interval(LOOK_FOR_PLAYERS_EVERY);
    loop {
        every.tick().await;
        let Ok(mut db) = catalog.connection().await else { continue };
        let since = catalog.clock.now() - PLAYERS_SPOKE;
        // A database that is away is the scan's own to notice.
        let is_playing = store::progress::is_anybody_playing(&mut db, since).await.unwrap_or(false);
        if is_slow.swap(is_playing, Ordering::Relaxed) != is_playing {
            tracing::debug!(is_playing, "scan.pace");
        }
    }
}

async fn tell(catalog: &Catalog, context: &Context, snapshot: Snapshot) {
    let counts = snapshot.counts;
    let total = counts.total.unwrap_or(0);
    context.progress(counts.done.unsigned_abs(), total.unsigned_abs(), snapshot.stage.as_str());
    let view = ScanView {
        library_id: snapshot.library,
        job_id: snapshot.job,
        stage: snapshot.stage.as_str().to_owned(),
        done: counts.done,
        total: counts.total,
        found: counts.found,
        added: counts.added,
        changed: counts.changed,
        missing: counts.missing,
        problems: counts.problems,
        started_at: snapshot.started_at,
        eta_ms: snapshot.left_ms,
    };
    let Ok(data) = serde_json::to_value(view) else { return };
    // Whoever watches sees what came in so far.
    catalog.renew(snapshot.library).await;
    let audience = Audience::WholeLibrary(snapshot.library);
    catalog.publish(Event { name: "scan.progress".to_owned(), audience, data }).await;
}

async fn delete_vanished(catalog: &Catalog, context: &Context) -> Result<(), JobError> {
    let mut db = catalog.connection().await?;
    let before = catalog.clock.now() - GRACE;
    let n_files = delete_files_past_grace(&mut db, before).await?;
    let n_items = delete_items_past_grace(&mut db, before).await?;
    store::progress::delete_old_scans(&mut db, before).await?;
    context.log(format!(
        "{n_files} files and {n_items} items had been missing for {} days",
        GRACE.num_days()
    ));
    Ok(())
}
