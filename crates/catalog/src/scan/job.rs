//! The scan as background work, and the clean-up long after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jobs::{Context, JobError, Jobs, Queue, Registry, Work};
use kernel::Result;
use kernel::event::{Audience, Event};
use kernel::id::LibraryId;
use serde::{Deserialize, Serialize};

use super::pace::{Snapshot, Stage};
use super::store::cleanup::{delete_files_past_grace, delete_items_past_grace};
use super::{Request, Scanner, Watch};
use crate::Catalog;
use crate::artwork::MakeArtwork;
use crate::describe::job::DescribeLibrary;
use crate::finding::FeedSearch;
use crate::library::ScanView;

/// What vanished is kept so long: a disk may be away for repair, a share while its owner is.
const GRACE: chrono::Duration = chrono::Duration::days(30);

/// Scans a library.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScanLibrary {
    /// Which.
    pub library_id: LibraryId,
    /// Only this folder of it, absolute, as [`crate::stored_path`] writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

impl Work for ScanLibrary {
    const KIND: &'static str = "catalog.scan_library";
    const QUEUE: Queue = Queue::Low;
    /// A first scan of a large library on a slow share takes hours; what it did is done when the time is over.
    const TIMEOUT: Duration = Duration::from_hours(12);
    const MAX_ATTEMPTS: u16 = 3;

    fn unique_key(&self) -> Option<String> {
        Some(self.library_id.to_string())
    }
}

/// Deletes what has been missing for a long time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteVanished;

impl Work for DeleteVanished {
    const KIND: &'static str = "catalog.delete_vanished";
    const QUEUE: Queue = Queue::Low;

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
    let request = Request { library, folder: work.folder, job: Some(context.job_id().0) };
    let stop = Arc::new(AtomicBool::new(false));
    // Events go out one after the other, and the newest only: who watches cares for nothing older.
    let (send, mut receive) = tokio::sync::watch::channel(None::<Snapshot>);
    let stopped = Arc::clone(&stop);
    let watch = Watch {
        is_stopped: Arc::new(move || stopped.load(Ordering::Relaxed)),
        report: Arc::new(move |snapshot| {
            send.send_replace(Some(snapshot));
        }),
    };
    let telling = async {
        while receive.changed().await.is_ok() {
            let Some(snapshot) = *receive.borrow_and_update() else { continue };
            tell(catalog, &context, snapshot).await;
        }
    };
    let cancelling = async {
        context.cancelled().await;
        stop.store(true, Ordering::Relaxed);
        std::future::pending::<()>().await;
    };
    let scanning = async {
        let result = scanner.scan(&request, &watch).await;
        drop(watch);
        result
    };
    let done = tokio::select! {
        (done, ()) = futures::future::join(scanning, telling) => done?,
        () = cancelling => return Err(JobError::Cancelled),
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
    let mut db = catalog.connection().await?;
    jobs.enqueue(&mut db, &MakeArtwork { library_id: library }).await?;
    if !catalog.sources.providers().lineup(&[]).is_empty() {
        jobs.enqueue(&mut db, &DescribeLibrary { library_id: library }).await?;
    }
    jobs.enqueue(&mut db, &FeedSearch).await?;
    Ok(())
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
    let audience = Audience::Library(snapshot.library);
    catalog.publish(Event { name: "scan.progress".to_owned(), audience, data }).await;
}

async fn delete_vanished(catalog: &Catalog, context: &Context) -> Result<(), JobError> {
    let mut db = catalog.connection().await?;
    let before = catalog.clock.now() - GRACE;
    let n_files = delete_files_past_grace(&mut db, before).await?;
    let n_items = delete_items_past_grace(&mut db, before).await?;
    context.log(format!(
        "{n_files} files and {n_items} items had been missing for {} days",
        GRACE.num_days()
    ));
    Ok(())
}
