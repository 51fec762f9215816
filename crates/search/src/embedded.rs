//! The engine in this process: Tantivy, one folder per generation of the index, `CURRENT` naming the one that answers.

mod gather;
mod index;
mod keys;
mod query;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use kernel::{Error, Result};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::document::{compared_in, seen_in};
use crate::facet::Test;
use crate::generation::Generation;
use crate::likeness::vectors::{ROWS_A_THREAD, Seen, nearest};
use crate::likeness::{Near, Neighbour, Vector};
use crate::rank::Needle;
use crate::{Candidates, Counts, Query};

use gather::Gather;
pub(crate) use index::Index;
use query::Within;

/// The file that names the generation that answers.
const CURRENT: &str = "CURRENT";

#[derive(Debug)]
pub(crate) struct Embedded {
    /// `None` for an index in memory.
    folder: Option<PathBuf>,
    current: RwLock<Arc<Index>>,
    /// A search has met damage: the index wants to be built anew.
    is_damaged: AtomicBool,
    /// Searches run on the blocking pool, no more at once than the machine has cores.
    searches: Arc<Semaphore>,
}

impl Embedded {
    pub async fn open(folder: &Path) -> Result<Self> {
        let folder = folder.to_owned();
        let open = folder.clone();
        let index = blocking(move || open_current(&open)).await?;
        Ok(Self::over(Some(folder), index))
    }

    pub async fn in_memory() -> Result<Self> {
        let index = blocking(|| Index::create(None, Generation::empty(1)).map_err(damaged)).await?;
        Ok(Self::over(None, index))
    }

    fn over(folder: Option<PathBuf>, index: Index) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            folder,
            current: RwLock::new(index.go_live()),
            is_damaged: AtomicBool::new(false),
            searches: Arc::new(Semaphore::new(cores)),
        }
    }

    /// The index that answers now.
    pub fn current(&self) -> Arc<Index> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn health(&self) -> Result<()> {
        if self.is_damaged.load(Ordering::Relaxed) {
            return Err(damaged(anyhow::anyhow!("a search met damage; rebuild the index")));
        }
        Ok(())
    }

    pub fn count(&self) -> u64 {
        self.current().count()
    }

    pub async fn digests(&self) -> Result<Vec<(Uuid, u64)>> {
        let index = self.current();
        blocking(move || index.digests().map_err(damaged)).await
    }

    pub fn needs_rebuild(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed) || !self.current().generation().is_complete
    }

    pub async fn candidates(
        &self,
        needle: Needle,
        query: &Query<'_>,
        window: usize,
    ) -> Result<Candidates> {
        let within = Within {
            libraries: query.libraries.iter().map(|it| seen_in(it, query.of)).collect(),
            guard: query.guard.clone(),
            kinds: query.kinds.clone(),
            filters: query.filters.to_vec(),
        };
        let sets = query.filters.iter().filter_map(|it| match &it.test {
            Test::In(set) => Some((!it.is_not, set.clone())),
            _ => None,
        });
        let counted_sets = match query.counts {
            Counts::All(sets) => sets.to_vec(),
            _ => Vec::new(),
        };
        let gather = Gather {
            window,
            sort: query.sort,
            sets: sets.collect(),
            counts_values: !matches!(query.counts, Counts::None),
            counted_sets,
        };
        let index = self.current();
        let _permit = self.searches.acquire().await.context("searches never close")?;
        let found =
            tokio::task::spawn_blocking(move || index.candidates(&needle, &within, &gather));
        found.await.context("a search panicked")?.map_err(|error| {
            self.is_damaged.store(true, Ordering::Relaxed);
            damaged(error)
        })
    }

    pub async fn nearest(
        &self,
        vector: Vector,
        near: &Near<'_>,
        limit: usize,
    ) -> Result<Vec<Neighbour>> {
        let within = Within {
            libraries: near.libraries.iter().map(compared_in).collect(),
            guard: near.guard.clone(),
            kinds: None,
            filters: Vec::new(),
        };
        let index = self.current();
        let permit = Arc::clone(&self.searches).acquire_owned().await;
        let permit = permit.context("searches never close")?;
        let searches = Arc::clone(&self.searches);
        let found = tokio::task::spawn_blocking(move || {
            let seen = index.seen(&within)?;
            // Cores that nobody else searches with now help.
            let n_rows: usize = seen.iter().map(Seen::n_rows).sum();
            let mut permits = vec![permit];
            while n_rows > permits.len() * ROWS_A_THREAD
                && let Ok(permit) = Arc::clone(&searches).try_acquire_owned()
            {
                permits.push(permit);
            }
            Ok(nearest(&vector, &seen, limit, permits.len()))
        });
        found.await.context("a search panicked")?.map_err(|error: anyhow::Error| {
            self.is_damaged.store(true, Ordering::Relaxed);
            damaged(error)
        })
    }

    /// A new index beside the one that answers. What an unfinished rebuild left is deleted.
    pub async fn begin_rebuild(&self) -> Result<Arc<Index>> {
        let folder = self.folder.clone();
        let current = self.current().generation();
        let index = blocking(move || {
            let generation = Generation::rebuilt(current.number + 1);
            let folder = folder.map(|it| {
                delete_all_but(&it, current);
                it.join(generation.name())
            });
            Index::create(folder.as_deref(), generation).map_err(damaged)
        });
        Ok(Arc::new(index.await?))
    }

    /// Puts a filled index in place of the one that answers.
    pub async fn finish_rebuild(&self, next: Arc<Index>) -> Result<()> {
        next.commit().await?;
        let generation = next.generation();
        if let Some(folder) = self.folder.clone() {
            blocking(move || Ok(write_current(&folder, generation)?)).await?;
        }
        let before = {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, Index::go_live_shared(&next))
        };
        before.retire();
        self.is_damaged.store(false, Ordering::Relaxed);
        if let Some(folder) = self.folder.clone() {
            // Searches that still read the old index keep its files open; on disk they are gone.
            blocking(move || {
                delete_all_but(&folder, generation);
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}

/// The index `CURRENT` names, or an empty one where there is none that can be read.
fn open_current(folder: &Path) -> Result<Index> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the search folder {}", folder.display()))?;
    let named = std::fs::read_to_string(folder.join(CURRENT)).ok();
    let named = named.as_deref().map(str::trim).and_then(Generation::parse);
    if let Some(generation) = named.filter(|it| it.is_current_form()) {
        match Index::open(&folder.join(generation.name()), generation) {
            Ok(index) => return Ok(index),
            Err(tantivy::TantivyError::LockFailure(..)) => {
                return Err(Error::conflict(
                    "search.folder_in_use",
                    format!("another process uses the search index in {}", folder.display()),
                ));
            }
            Err(error) => {
                tracing::warn!(%error, index = generation.name(), "search.index_unreadable");
            }
        }
    }
    let number = named.map_or(0, |it| it.number) + 1;
    let generation = Generation::empty(number);
    let path = folder.join(generation.name());
    if path.exists() {
        std::fs::remove_dir_all(&path)
            .with_context(|| format!("cannot delete the damaged index {}", path.display()))?;
    }
    let index = Index::create(Some(&path), generation)
        .with_context(|| format!("cannot make a search index in {}", path.display()))?;
    write_current(folder, generation)?;
    delete_all_but(folder, generation);
    Ok(index)
}

/// Names the generation that answers, all or nothing: a crash leaves the old name or the new one.
fn write_current(folder: &Path, generation: Generation) -> anyhow::Result<()> {
    use std::io::Write;
    let written = || -> std::io::Result<()> {
        let new = folder.join("CURRENT.new");
        let mut file = std::fs::File::create(&new)?;
        file.write_all(generation.name().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, folder.join(CURRENT))?;
        std::fs::File::open(folder)?.sync_all()
    };
    written().with_context(|| format!("cannot write {}", folder.join(CURRENT).display()))
}

/// Deletes the indexes in `folder` that do not answer. What cannot be deleted is left for the next time.
fn delete_all_but(folder: &Path, current: Generation) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let generation = name.to_str().and_then(Generation::parse);
        if generation.is_some_and(|it| it != current)
            && let Err(error) = std::fs::remove_dir_all(entry.path())
        {
            tracing::warn!(%error, path = %entry.path().display(), "search.old_index_stays");
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.context("work on the search index panicked")?
}

fn damaged(source: impl Into<anyhow::Error>) -> Error {
    Error::Unavailable { service: "the search index", source: source.into() }
}
