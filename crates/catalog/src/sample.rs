//! A catalog with made-up content, for tests.

pub(crate) mod pictures;
mod provider;
mod store;

use std::sync::Arc;
use std::time::Duration;

use cache::Cache;
use chrono::{DateTime, TimeZone as _, Utc};
use kernel::id::{Ids, ItemId, LibraryId, PersonId};
use kernel::{BuiltInRole, Clock, LibraryScope, Permission, Rng, Viewer};
use metadata::{Provider, Providers, Settings as MetadataSettings, Subject};
use naming::Hint;
use outbound::{Outbound, Settings};
use search::Search;
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use tempfile::TempDir;
use testkit::database::TestDatabase;
use uuid::Uuid;

use crate::artwork::Gallery;
use crate::describe::Sources;
use crate::door::Door;
use crate::images::Variants;
use crate::kind::{Arrangement, Kind};
use crate::{Catalog, Parts, migrations};

pub(crate) use provider::Memory;
pub(crate) use store::*;

/// A catalog on a database of its own. What it stands on goes with it.
pub(crate) struct Sample {
    pub catalog: Catalog,
    pub folder: TempDir,
    _database: TestDatabase,
}

/// The job that every scan is put on the queue as.
pub(crate) const SCAN_JOB: i64 = 7;
/// The job that every describing is put on the queue as.
pub(crate) const DESCRIBE_JOB: i64 = 8;

/// Kinds of which only what the spine asks is said.
static KINDS: &[&Kind] = &[&FILMS, &SHOWS];
static FILMS: Kind = kind("movies", Subject::Movie);
static SHOWS: Kind = kind("shows", Subject::Series);
static NO_MIGRATIONS: Migrator = Migrator::DEFAULT;

const fn kind(id: &'static str, subject: Subject) -> Kind {
    Kind {
        id,
        hint: Hint::Any,
        subject: Some(subject),
        items: &[],
        migrations: &NO_MIGRATIONS,
        arrange: |_| Arrangement::default(),
        describe: |_, _| Box::pin(async { Ok(()) }),
    }
}

impl Sample {
    pub async fn start() -> Self {
        Self::asking(&[]).await
    }

    /// One that asks these providers.
    pub async fn asking(providers: &[Memory]) -> Self {
        let clock = Clock::manual(at(20));
        // Rows of the tests come in behind its back, so there is no room for answers.
        let answers = Cache::in_process(0, clock.clone());
        Self::of(providers, Cache::in_process(1 << 20, clock), answers).await
    }

    /// One that keeps answers in this cache.
    pub async fn keeping(cache: Cache) -> Self {
        Self::of(&[], cache.clone(), cache).await
    }

    async fn of(providers: &[Memory], cache: Cache, answers: Cache) -> Self {
        let database = TestDatabase::create(&migrations()).await;
        let pool = database.pool("catalog,public").await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let providers = providers.iter().map(|it| Arc::new(it.clone()) as Arc<dyn Provider>);
        let providers = Providers::of(providers.collect());
        let sources = Sources::new(providers, MetadataSettings::default());
        let catalog = Catalog::new(Parts { sources, ..parts(pool, &folder, cache, answers).await });
        Self { catalog, folder, _database: database }
    }

    pub async fn library(&self, name: &str) -> LibraryId {
        let mut db = self.catalog.connection().await.expect("a connection");
        insert_library(&mut db, name).await
    }

    /// Somebody who runs the server and sees all of its libraries.
    pub async fn admin(&self) -> Viewer {
        administrator(self.catalog.all_library_ids().await.expect("the libraries"))
    }

    pub async fn item(&self, new: NewItem<'_>) -> ItemId {
        let mut db = self.catalog.connection().await.expect("a connection");
        insert_item(&mut db, self.catalog.ids.next(), new).await
    }

    /// A series with `lengths[n]` episodes in season `n`; all episodes in order.
    pub async fn series(&self, library: LibraryId, title: &str, lengths: &[i32]) -> Series {
        let root = self
            .item(NewItem { form: "group", kind: "series", ..NewItem::film(library, title) })
            .await;
        let mut series = Series { root, seasons: Vec::new(), episodes: Vec::new() };
        for (season_number, episodes) in (0..).zip(lengths) {
            let season_title = format!("{title} season {season_number}");
            let season = NewItem {
                form: "group",
                kind: "season",
                parent: Some((root, root)),
                number: Some(season_number),
                ..NewItem::film(library, &season_title)
            };
            let season = self.item(season).await;
            series.seasons.push(season);
            for number in 1..=*episodes {
                let episode_title = format!("{title} {season_number}x{number}");
                let episode = NewItem {
                    kind: "episode",
                    parent: Some((season, root)),
                    number: Some(number),
                    parent_number: Some(season_number),
                    ..NewItem::film(library, &episode_title)
                };
                series.episodes.push(self.item(episode).await);
            }
        }
        self.recount(&[root]).await;
        series
    }

    pub async fn recount(&self, roots: &[ItemId]) {
        let mut db = self.catalog.connection().await.expect("a connection");
        crate::personal::recount(&mut db, roots).await.expect("counted");
    }

    pub fn pass(&self, minutes: u64) {
        self.catalog.clock.advance(Duration::from_mins(minutes));
    }
}

/// What [`Sample::series`] made.
pub(crate) struct Series {
    pub root: ItemId,
    pub seasons: Vec<ItemId>,
    pub episodes: Vec<ItemId>,
}

/// Somebody who sees these libraries; the same person for the same number.
pub(crate) fn viewer(number: u128, libraries: impl IntoIterator<Item = LibraryId>) -> Viewer {
    Viewer {
        person_id: PersonId(Uuid::from_u128(number)),
        session_id: None,
        api_key_id: None,
        scope: LibraryScope::of(libraries),
        permissions: BuiltInRole::Member.permissions().to_vec(),
        limits: kernel::Limits::default(),
        hours_end: None,
        address: None,
        area: kernel::Area::Main,
    }
}

/// Somebody who runs the server and sees these libraries.
pub(crate) fn administrator(libraries: impl IntoIterator<Item = LibraryId>) -> Viewer {
    Viewer { permissions: vec![Permission::Administer], ..viewer(1, libraries) }
}

pub(crate) fn at(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, day, 12, 0, 0).single().expect("a day of January")
}

async fn parts(pool: PgPool, folder: &TempDir, cache: Cache, answers: Cache) -> Parts {
    let clock = Clock::manual(at(20));
    Parts {
        pool,
        readers: None,
        ids: Ids::new(clock.clone(), Rng::system()),
        rng: Rng::system(),
        cache,
        answers,
        clock,
        search: Search::in_memory().await.expect("a search engine"),
        enqueue_scan: Arc::new(|_, _| Box::pin(async { Ok(SCAN_JOB) })),
        enqueue_describe: Arc::new(|_, _| Box::pin(async { Ok(DESCRIBE_JOB) })),
        enqueue_feed: Arc::new(|| Box::pin(async { Ok(()) })),
        teller: kernel::notice::Teller::silent(),
        kinds: KINDS,
        sources: Sources::none(),
        gallery: Gallery::new(folder.path().join("artwork"), outbound(), 1),
        variants: Variants::new(folder.path().join("variants"), 1 << 20, 1),
        folder_suggestions: vec![folder.path().to_owned()],
        door: Door::new(Duration::from_secs(10)),
    }
}

/// Asks servers of this machine, and nobody twice.
fn outbound() -> Outbound {
    let settings = Settings {
        allowed_hosts: ["127.0.0.1".to_owned()].into(),
        max_body_bytes: 1 << 20,
        attempts: 1,
        spacing: Duration::ZERO,
        ..Settings::default()
    };
    Outbound::new(settings, Clock::system(), Rng::system()).expect("a client")
}
