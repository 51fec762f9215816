//! The catalog as a value: what its functions work with, built once by the program's wiring.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use cache::Cache;
use futures::future::BoxFuture;
use kernel::id::{Ids, ItemId, LibraryId};
use kernel::notice::Teller;
use kernel::{Clock, Result, Rng};
use postgres::{MigrationSet, Readers, Reading};
use search::Search;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};

use crate::artwork::Gallery;
use crate::describe::Sources;
use crate::door::Door;
use crate::images::Variants;
use crate::kind::Kind;
use crate::scan::ScanLibrary;

static MIGRATOR: Migrator = sqlx::migrate!();

/// The spine's migrations, once for each schema that holds a catalog.
pub fn migrations() -> [MigrationSet; 2] {
    ["catalog", "c"].map(|schema| MigrationSet::embedded(schema, &MIGRATOR))
}

/// Puts the scan of a library on the queue, in the transaction of the caller, and says under which job.
pub type EnqueueScan = Arc<
    dyn for<'a> Fn(&'a mut PgConnection, ScanLibrary) -> BoxFuture<'a, Result<i64>> + Send + Sync,
>;

/// Puts the describing of an item or a library on the queue, in the transaction of the caller, and says under which job.
pub type EnqueueDescribe =
    Arc<dyn for<'a> Fn(&'a mut PgConnection, Describe) -> BoxFuture<'a, Result<i64>> + Send + Sync>;

/// Has the search index brought up to date with what was committed.
pub type EnqueueFeed = Arc<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// What is to be described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Describe {
    /// One item: a person waits.
    Item(ItemId),
    /// What is due in a library.
    Library(LibraryId),
    /// Nobody is asked: what is known of a topmost item is written into NFO files.
    Nfo(ItemId),
    /// The same of all items of a library.
    LibraryNfo(LibraryId),
}

/// One spine: a set of libraries in one schema, with all that works on it. Cheap to clone.
#[derive(Clone)]
pub struct Catalog(Arc<Parts>);

/// What a catalog is made of.
pub struct Parts {
    /// Connections whose `search_path` is the schema of this catalog.
    pub pool: PgPool,
    /// The same on replicas, where there are any.
    pub readers: Option<Readers>,
    /// Tells the time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
    /// Makes secrets.
    pub rng: Rng,
    /// Carries events between nodes, and the generations of libraries.
    pub cache: Cache,
    /// Keeps answers.
    pub answers: Cache,
    /// The index of titles.
    pub search: Search,
    /// Puts a scan on the queue.
    pub enqueue_scan: EnqueueScan,
    /// Puts a describing on the queue.
    pub enqueue_describe: EnqueueDescribe,
    /// Puts the feeding of the search index on the queue.
    pub enqueue_feed: EnqueueFeed,
    /// Writes down what people may want to be told of.
    pub teller: Teller,
    /// The content kinds a library can be of.
    pub kinds: &'static [&'static Kind],
    /// Who is asked about items, and whose word counts more.
    pub sources: Sources,
    /// Where the originals of images are, and how they get there.
    pub gallery: Gallery,
    /// Sized pictures made of the originals.
    pub variants: Variants,
    /// Folders to offer when a library is made.
    pub folder_suggestions: Vec<PathBuf>,
    /// To the disks, which may hang.
    pub door: Door,
}

impl Catalog {
    /// The catalog made of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// A connection into this catalog's schema.
    pub async fn connection(&self) -> Result<PoolConnection<Postgres>> {
        Ok(self.pool.acquire().await?)
    }

    /// What `read` finds: on a replica that has everything written so far, where there is one, else on the primary. For pages
    /// and lists; what is read in order to change it is read by [`Catalog::connection`].
    ///
    /// `read` is called once more where the replica does not finish, so it changes nothing.
    pub async fn reading<T, F, Fut>(&self, read: F) -> Result<T>
    where
        F: Fn(Reading) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        if let Some(readers) = &self.readers
            && let Some(found) = Box::pin(readers.read(&read)).await
        {
            return found;
        }
        read(self.connection().await?.into()).await
    }
}

impl Deref for Catalog {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kinds: Vec<_> = self.kinds.iter().map(|it| it.id).collect();
        f.debug_struct("Catalog").field("kinds", &kinds).finish_non_exhaustive()
    }
}
