//! Describing as background work.

use std::time::Duration;

use chrono::TimeDelta;
use futures::StreamExt as _;
use jobs::{Context, JobError, Jobs, Queue, Registry, Work};
use kernel::id::{ItemId, LibraryId};
use kernel::{LibraryScope, Result};
use serde::{Deserialize, Serialize};

use super::nfo::{self, WriteNfo};
use super::nfo_library::{self, WriteLibraryNfo};
use super::run::Outcome;
use super::sources::LibraryMetadata;
use super::store::{due, setting};
use crate::Catalog;
use crate::artwork::MakeArtwork;
use crate::finding::FeedSearch;

/// Items taken off the library's list at once: what a node that dies leaves for later.
const BATCH: i64 = 24;
/// Items asked about at the same time; the providers' own limits hold them back further.
const AT_ONCE: usize = 6;
/// A node that took items and died with them gives them free after this time.
const LEASE: TimeDelta = TimeDelta::minutes(20);
/// So many answers of "later" in a row mean that asking on is of no use now.
const MAX_PUT_OFF: usize = 12;

/// Asks about one item because a person waits for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DescribeItem {
    /// Which.
    pub item_id: ItemId,
}

impl Work for DescribeItem {
    const KIND: &'static str = "catalog.describe_item";
    const QUEUE: Queue = Queue::High;
    const MAX_ATTEMPTS: u16 = 8;
    const ONE_PER: Option<&'static str> = Some("item");

    fn unique_key(&self) -> Option<String> {
        Some(self.item_id.to_string())
    }
}

/// Asks about all items of a library that are due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DescribeLibrary {
    /// Which.
    pub library_id: LibraryId,
}

impl Work for DescribeLibrary {
    const KIND: &'static str = "catalog.describe_library";
    const QUEUE: Queue = Queue::Default;
    /// A first describing of a large library takes as long as its providers allow; what is done is done.
    const TIMEOUT: Duration = Duration::from_hours(6);
    const MAX_ATTEMPTS: u16 = 10;
    const ONE_PER: Option<&'static str> = Some("library");

    fn unique_key(&self) -> Option<String> {
        Some(self.library_id.to_string())
    }
}

/// Looks which libraries have something due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DescribeDue;

impl Work for DescribeDue {
    const KIND: &'static str = "catalog.describe_due";
    const QUEUE: Queue = Queue::Low;
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Registers the work of describing. `jobs` takes what follows from it.
pub fn register(registry: &mut Registry, catalog: &Catalog, jobs: &Jobs) -> Result<()> {
    let (with, queue) = (catalog.clone(), jobs.clone());
    registry.add::<DescribeItem, _, _>(move |work, context| {
        let (catalog, jobs) = (with.clone(), queue.clone());
        async move { describe_item(&catalog, &jobs, &work, &context).await }
    });
    let (with, queue) = (catalog.clone(), jobs.clone());
    registry.add::<DescribeLibrary, _, _>(move |work, context| {
        let (catalog, jobs) = (with.clone(), queue.clone());
        async move { describe_library(&catalog, &jobs, work.library_id, &context).await }
    });
    let (with, queue) = (catalog.clone(), jobs.clone());
    registry.add::<DescribeDue, _, _>(move |_, _| {
        let (catalog, jobs) = (with.clone(), queue.clone());
        async move { describe_due(&catalog, &jobs).await }
    });
    let with = catalog.clone();
    registry.add::<WriteNfo, _, _>(move |work, context| {
        let catalog = with.clone();
        async move { nfo::work(&catalog, &work, &context).await }
    });
    let (with, queue) = (catalog.clone(), jobs.clone());
    registry.add::<WriteLibraryNfo, _, _>(move |work, context| {
        let (catalog, jobs) = (with.clone(), queue.clone());
        async move { nfo_library::work(&catalog, &jobs, &work, &context).await }
    });
    registry.every(Duration::from_hours(1), || DescribeDue)?;
    Ok(())
}

async fn describe_item(
    catalog: &Catalog,
    jobs: &Jobs,
    work: &DescribeItem,
    context: &Context,
) -> Result<(), JobError> {
    let outcome = catalog.describe_item(work.item_id).await?;
    context.log(words(&outcome));
    match outcome {
        Outcome::Later(pause) => {
            let message = "the providers want to be asked later".to_owned();
            Err(JobError::Later { after: pause, message })
        }
        Outcome::Described | Outcome::Doubt => {
            let mut db = catalog.connection().await?;
            if let Some(target) = due::find_target_unscoped(&mut db, work.item_id).await? {
                drop(db);
                catalog.announce_library(target.library_id).await;
                follow(catalog, jobs, target.library_id).await?;
                if LibraryMetadata::of(&target.settings).write_nfo {
                    let mut db = catalog.connection().await?;
                    jobs.enqueue(&mut db, &WriteNfo { item_id: work.item_id }).await?;
                }
            }
            Ok(())
        }
        Outcome::Nothing | Outcome::Nobody => Ok(()),
    }
}

fn words(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Described => "described",
        Outcome::Doubt => "not clear what it is: a person decides",
        Outcome::Nothing => "nothing to ask",
        Outcome::Nobody => "no provider is in use",
        Outcome::Later(_) => "put off: the providers want to be asked later",
    }
}

async fn describe_library(
    catalog: &Catalog,
    jobs: &Jobs,
    library: LibraryId,
    context: &Context,
) -> Result<(), JobError> {
    let (mut n_described, mut n_in_doubt, mut n_failed, mut put_off) =
        (0_u64, 0_u64, 0_u64, 0_usize);
    let mut pause = None;
    loop {
        context.check()?;
        let now = catalog.clock.now();
        let mut db = catalog.connection().await?;
        let items = due::take_due(&mut db, library, now, now + LEASE, BATCH).await?;
        let left = due::count_due(&mut db, library, now).await?;
        drop(db);
        if items.is_empty() {
            break;
        }
        let total = n_described + n_in_doubt + n_failed + left.unsigned_abs() + items.len() as u64;
        let mut described = Vec::new();
        let asking = items.clone().into_iter().map(|id| describe_one(catalog.clone(), id));
        let mut outcomes = futures::stream::iter(asking).buffer_unordered(AT_ONCE);
        while let Some((id, outcome)) = outcomes.next().await {
            match outcome {
                Ok(Outcome::Described) => {
                    n_described += 1;
                    described.push(id);
                }
                Ok(Outcome::Doubt | Outcome::Nothing) => n_in_doubt += 1,
                Ok(Outcome::Later(wait)) => {
                    put_off += 1;
                    pause = pause.max(Some(wait));
                }
                // They stay due for the day that somebody is in use.
                Ok(Outcome::Nobody) => {
                    let mut db = catalog.connection().await?;
                    let items: Vec<_> = items.iter().map(|it| it.0).collect();
                    due::update_due(&mut db, &items, Some(now)).await?;
                    context.log(words(&Outcome::Nobody));
                    return Ok(());
                }
                // One bad item never holds up the others: its lease puts it off.
                Err(error) => {
                    n_failed += 1;
                    tracing::warn!(item.id = %id, error = format!("{error:#}"), "describe.failed");
                    context.log(format!("{id}: {error}"));
                }
            }
            let done = n_described + n_in_doubt + n_failed;
            context.progress(done, total, "describing");
        }
        catalog.announce_library(library).await;
        write_down(catalog, jobs, library, &described).await?;
        if put_off >= MAX_PUT_OFF {
            break;
        }
    }
    if n_described + n_in_doubt > 0 {
        follow(catalog, jobs, library).await?;
        tracing::info!(
            library.id = %library, described = n_described, in_doubt = n_in_doubt, failed = n_failed, put_off,
            "describe.done"
        );
    }
    context.log(format!(
        "{n_described} described, {n_in_doubt} not clear, {n_failed} failed, {put_off} put off"
    ));
    match pause {
        Some(after) => {
            let message = "the providers want to be asked later".to_owned();
            Err(JobError::Later { after, message })
        }
        None => Ok(()),
    }
}

async fn describe_one(catalog: Catalog, id: ItemId) -> (ItemId, Result<Outcome>) {
    let outcome = catalog.describe_item(id).await;
    (id, outcome)
}

/// Has NFO files written for what was described, where the library wants them.
async fn write_down(
    catalog: &Catalog,
    jobs: &Jobs,
    library: LibraryId,
    described: &[ItemId],
) -> Result<(), JobError> {
    let mut db = catalog.connection().await?;
    let scope = LibraryScope::of([library]);
    let settings = setting::find_library_settings(&mut db, &scope, library).await?;
    if settings.is_some_and(|it| LibraryMetadata::of(&it).write_nfo) {
        let works: Vec<_> = described.iter().map(|id| WriteNfo { item_id: *id }).collect();
        jobs.enqueue_many(&mut db, &works).await?;
    }
    Ok(())
}

/// What describing brings along: pictures to fetch, titles to find.
async fn follow(catalog: &Catalog, jobs: &Jobs, library_id: LibraryId) -> Result<(), JobError> {
    let mut db = catalog.connection().await?;
    jobs.enqueue(&mut db, &MakeArtwork { library_id }).await?;
    jobs.enqueue(&mut db, &FeedSearch).await?;
    Ok(())
}

async fn describe_due(catalog: &Catalog, jobs: &Jobs) -> Result<(), JobError> {
    let mut db = catalog.connection().await?;
    catalog.sources.refresh(&mut db).await?;
    if catalog.sources.providers().lineup(&[]).is_empty() {
        return Ok(());
    }
    let libraries = due::list_due_libraries_unscoped(&mut db, catalog.clock.now()).await?;
    let works: Vec<_> =
        libraries.into_iter().map(|library_id| DescribeLibrary { library_id }).collect();
    jobs.enqueue_many(&mut db, &works).await?;
    Ok(())
}
