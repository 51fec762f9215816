//! A library in a temporary folder with a database of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use catalog::describe::Sources;
use catalog::door::Door;
use catalog::kind::Kind;
use catalog::scan::pace::Snapshot;
use catalog::scan::{Request, Scanner, Watch};
use kernel::id::{Ids, LibraryId};
use kernel::{Clock, Result, Rng};
use media::Tools;
use postgres::MigrationSet;
use sqlx::PgPool;
use tempfile::TempDir;
use testkit::database::TestDatabase;
use uuid::Uuid;

use crate::store;

static KINDS: &[&Kind] = &[&movies::KIND];

/// A library, its folder and its database.
pub struct House {
    pub root: TempDir,
    pub pool: PgPool,
    pub library: LibraryId,
    pub scanner: Scanner,
    _database: TestDatabase,
}

impl House {
    pub async fn new() -> Self {
        let own = MigrationSet::embedded("movies", &movies::MIGRATIONS);
        let sets: Vec<MigrationSet> = catalog::migrations().into_iter().chain([own]).collect();
        let database = TestDatabase::create(&sets).await;
        let pool = database.pool("catalog").await;
        let root = TempDir::new().expect("a folder");
        let clock = Clock::system();
        let ids = Ids::new(clock.clone(), Rng::system());
        let library: LibraryId = ids.next();
        store::insert_library(&pool, library, movies::KIND.id, root.path()).await;
        let ffprobe = media::tool::locate("ffprobe", None);
        let tools = Arc::new(Tools { ffprobe, timeout: Duration::from_secs(20) });
        let door = Door::new(Duration::from_secs(20));
        let scanner = Scanner {
            pool: pool.clone(),
            clock,
            ids,
            kinds: KINDS,
            tools,
            door,
            sources: Sources::none(),
            teller: kernel::notice::Teller::silent(),
        };
        Self { root, pool, library, scanner, _database: database }
    }

    /// Writes `bytes` to a file of the library.
    pub fn write(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Scans the whole library.
    pub async fn scan(&self) -> Snapshot {
        self.try_scan(None, &watch(|| false)).await.expect("a scan")
    }

    pub async fn try_scan(&self, folder: Option<&Path>, watch: &Watch) -> Result<Snapshot> {
        let folders = folder.map(catalog::stored_path::to_text).into_iter().collect();
        let request = Request { library: self.library, folders, reads_problems: false, job: None };
        self.scanner.scan(&request, watch).await
    }

    /// One more library over a folder of its own.
    pub async fn second_library(&self) -> (LibraryId, TempDir) {
        let (library, root) = (self.scanner.ids.next(), TempDir::new().expect("a folder"));
        store::insert_library(&self.pool, library, movies::KIND.id, root.path()).await;
        (library, root)
    }

    /// One more folder of the library.
    pub async fn second_folder(&self) -> TempDir {
        let root = TempDir::new().expect("a folder");
        store::insert_folder(&self.pool, self.library, root.path()).await;
        root
    }

    /// Scans another library as a whole.
    pub async fn scan_other(&self, library: LibraryId) -> Snapshot {
        let request = Request { library, folders: Vec::new(), reads_problems: false, job: None };
        self.scanner.scan(&request, &watch(|| false)).await.expect("a scan")
    }

    /// Every row that a scan writes, ids and times aside, as text in a fixed order.
    pub async fn rows(&self) -> Vec<String> {
        store::list_rows(&self.pool).await
    }

    /// One text or nothing.
    pub async fn text(&self, query: &'static str) -> Option<String> {
        store::find_text(&self.pool, query).await
    }

    /// One number.
    pub async fn count(&self, query: &'static str) -> i64 {
        store::count(&self.pool, query).await
    }

    /// What a person or another part of the program does to the rows.
    pub async fn execute(&self, statement: &'static str) {
        store::execute(&self.pool, statement).await;
    }

    /// The id of the item with this identity.
    pub async fn item(&self, identity: &str) -> Option<Uuid> {
        store::find_item(&self.pool, identity).await
    }
}

/// Watches nothing, and stops when `is_stopped` says so.
pub fn watch(is_stopped: impl Fn() -> bool + Send + Sync + 'static) -> Watch {
    Watch { is_stopped: Arc::new(is_stopped), report: Arc::new(|_| ()), is_slow: Arc::default() }
}

/// Stops the scan when it asks for the `n`th time.
pub fn stop_at(n: usize) -> Watch {
    let asked = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    watch(move || {
        if asked.fetch_add(1, Ordering::Relaxed) >= n {
            stopped.store(true, Ordering::Relaxed);
        }
        stopped.load(Ordering::Relaxed)
    })
}
