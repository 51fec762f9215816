//! All background work, on one page: what there is, and what it needs.

use std::sync::Arc;
use std::time::Duration;

use ::jobs::{JobError, Jobs, Queue, Registry, Work};
use accounts::Accounts;
use catalog::artwork::{self, Artist, Camera};
use catalog::describe;
use catalog::describe::job::{DescribeItem, DescribeLibrary};
use catalog::describe::nfo::WriteNfo;
use catalog::describe::nfo_library::WriteLibraryNfo;
use catalog::finding::{self, FeedSearch};
use catalog::kind::Kind;
use catalog::scan::{self, Scanner};
use catalog::suggest;
use catalog::{Catalog, Describe, EnqueueDescribe, EnqueueFeed, EnqueueScan};
use kernel::Result;
use kernel::id::Ids;
use playback::Playback;
use serde::{Deserialize, Serialize};

use super::House;
use crate::backups;
use crate::kinds::{ADULT_KINDS, KINDS};

/// One file may keep a scan waiting for so long: a hung network mount must not stop it.
const PROBE_PATIENCE: Duration = Duration::from_secs(20);

/// Every kind of work and who does it. Each node knows all of them.
pub fn registry(house: &House) -> Result<Registry> {
    let mut registry = Registry::with_pace(&house.pace);
    let rooms = (&house.catalog, &house.playback, &house.jobs);
    content(&mut registry, house, KINDS, rooms)?;
    if let Some(adult) = &house.adult {
        let rooms = (&adult.catalog, &adult.playback, &adult.jobs);
        registry.apart(|registry| content(registry, house, ADULT_KINDS, rooms))?;
    }
    forget_expired_sessions(&mut registry, &house.accounts)?;
    backups::job::register(&mut registry, &house.backups, &house.notices)?;
    arrivals::jobs::register(&mut registry, &house.arrivals)?;
    notices::register(&mut registry, &house.notices)?;
    requests::register(&mut registry, &house.wanted)?;
    if !house.schedules.is_empty() {
        registry.share(&house.schedules);
    }
    Ok(registry)
}

/// The work on one catalog.
fn content(
    registry: &mut Registry,
    house: &House,
    kinds: &'static [&'static Kind],
    (catalog, playback, jobs): (&Catalog, &Playback, &Jobs),
) -> Result<()> {
    let scanner = Scanner {
        pool: catalog.pool.clone(),
        clock: house.clock.clone(),
        ids: Ids::clone(&catalog.ids),
        kinds,
        tools: Arc::new(media::Tools {
            ffprobe: house.tools.ffprobe.clone(),
            timeout: PROBE_PATIENCE,
        }),
        door: catalog.door.clone(),
        sources: catalog.sources.clone(),
        teller: catalog.teller.clone(),
    };
    let artist = Artist {
        pool: catalog.pool.clone(),
        gallery: catalog.gallery.clone(),
        camera: Camera {
            ffmpeg: house.tools.ffmpeg.clone(),
            has_zscale: house.tools.has_zscale,
            tools: Arc::clone(&scanner.tools),
        },
    };
    scan::job::register(registry, catalog, &scanner, jobs)?;
    artwork::job::register(registry, catalog, &artist)?;
    finding::register(registry, catalog)?;
    suggest::register(registry, catalog)?;
    describe::job::register(registry, catalog, jobs)?;
    playback::analyze::register(registry, playback)
}

/// How the catalog puts a scan on the queue.
pub fn enqueue_scan(jobs: Jobs) -> EnqueueScan {
    Arc::new(move |db, scan| {
        let jobs = jobs.clone();
        Box::pin(async move { Ok(jobs.enqueue(db, &scan).await?.0) })
    })
}

/// How the catalog puts a describing on the queue.
pub fn enqueue_describe(jobs: Jobs) -> EnqueueDescribe {
    Arc::new(move |db, what| {
        let jobs = jobs.clone();
        Box::pin(async move {
            let id = match what {
                Describe::Item(item_id) => jobs.enqueue(db, &DescribeItem { item_id }).await?,
                Describe::Nfo(item_id) => jobs.enqueue(db, &WriteNfo { item_id }).await?,
                Describe::LibraryNfo(library_id) => {
                    jobs.enqueue(db, &WriteLibraryNfo { library_id, since: None }).await?
                }
                Describe::Library(library_id) => {
                    jobs.enqueue(db, &DescribeLibrary { library_id }).await?
                }
            };
            Ok(id.0)
        })
    })
}

/// How the catalog puts the feeding of its search index on the queue.
pub fn enqueue_feed(jobs: Jobs) -> EnqueueFeed {
    Arc::new(move || {
        let jobs = jobs.clone();
        Box::pin(async move { jobs.enqueue_alone(&FeedSearch).await.map(|_| ()) })
    })
}

/// Forgets the sessions nobody has used for long.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ForgetSessions;

impl Work for ForgetSessions {
    const KIND: &'static str = "accounts.forget_sessions";
    const QUEUE: Queue = Queue::Low;
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

fn forget_expired_sessions(registry: &mut Registry, accounts: &Accounts) -> Result<()> {
    let accounts = accounts.clone();
    registry.add::<ForgetSessions, _, _>(move |_, _| {
        let accounts = accounts.clone();
        async move { accounts.delete_expired_sessions().await.map(|_| ()).map_err(JobError::from) }
    });
    registry.every(Duration::from_hours(24), || ForgetSessions)?;
    Ok(())
}
