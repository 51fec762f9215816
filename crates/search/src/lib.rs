#![doc = include_str!("../README.md")]

mod asked;
mod curation;
mod digest;
mod document;
mod embedded;
mod facet;
mod fold;
mod generation;
mod likeness;
mod meaning;
mod numerals;
mod pieces;
mod rank;
mod sort;
mod typesense;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

use futures::{Stream, StreamExt};
use kernel::{Error, Result};
use uuid::Uuid;

pub use asked::{Asked, Narrowing, Own, Wanted, facet_called, quoted, written};
pub use curation::Curation;
pub use document::{Counts, Document, Hit, Hits, MAX_HITS, Matched, Of, Query};
pub use facet::{Facet, FacetCounts, Filter, IdSet, Number, Test};
pub use likeness::{Near, Neighbour, Rarity, RarityCount};
pub use meaning::{
    Meaning, MeaningCenter, MeaningCount, MeaningNumbers, ModelError, ModelPlace, ModelText,
    TextModel,
};
pub use pieces::{Piece, excerpt, pieces};
pub use sort::{Sort, SortBy};
pub use typesense::TypesenseConfig;

use document::{Card, Entry};
use embedded::Embedded;
use rank::Needle;
use typesense::Typesense;

/// How many candidates an engine proposes at least, of which the best are chosen by [`rank`].
const CANDIDATES: usize = 60;

/// The search engine. Cheap to clone; clones are the same engine.
#[derive(Clone, Debug)]
pub struct Search(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    /// By what documents are written from now on, and words read.
    curation: RwLock<Arc<Curation>>,
    /// By what vectors are made from now on.
    rarity: RwLock<Arc<Rarity>>,
    /// The text model of the operator, if there is one.
    model: OnceLock<Arc<ModelPlace>>,
    /// Held by every write, so that a rebuild and the writes beside it are in one order. Points to the rebuild that runs.
    writing: tokio::sync::Mutex<Weak<Rebuild>>,
}

#[derive(Debug)]
enum Engine {
    Embedded(Embedded),
    Typesense(Typesense),
}

/// An index that is being filled, beside the one that answers.
#[derive(Debug)]
struct Rebuild {
    next: Next,
    /// Documents written or deleted since it began: newer than what the rebuild still brings.
    touched: Mutex<HashSet<Uuid>>,
}

#[derive(Debug)]
enum Next {
    Embedded(Arc<embedded::Index>),
    Typesense(String),
}

impl Search {
    /// The engine in this process, its index in `folder`, which it makes and owns.
    ///
    /// A damaged index or one of another form is replaced by an empty one and [`Search::needs_rebuild`] says so. A folder
    /// that another process uses is a conflict.
    pub async fn in_folder(folder: &Path) -> Result<Self> {
        Ok(Self::over(Engine::Embedded(Embedded::open(folder).await?)))
    }

    /// The engine in this process, its index in memory: for tests and trials.
    pub async fn in_memory() -> Result<Self> {
        Ok(Self::over(Engine::Embedded(Embedded::in_memory().await?)))
    }

    /// A Typesense server. Nothing is asked of it yet, so one that is away is no error here.
    pub fn typesense(http: reqwest::Client, config: TypesenseConfig) -> Self {
        Self::over(Engine::Typesense(Typesense::new(http, config)))
    }

    fn over(engine: Engine) -> Self {
        let (curation, rarity) = (RwLock::default(), RwLock::default());
        let writing = tokio::sync::Mutex::default();
        Self(Arc::new(Inner { engine, curation, rarity, model: OnceLock::new(), writing }))
    }

    /// Has a text model used, which whoever feeds the index asks what titles are about. Once, before there is work.
    pub fn use_model(&self, place: ModelPlace) {
        self.0.model.get_or_init(|| Arc::new(place));
    }

    /// Where the text model is, if the operator has one.
    pub fn model(&self) -> Option<Arc<ModelPlace>> {
        self.0.model.get().cloned()
    }

    /// What the operator teaches, from now on. Stop words hold at once, synonyms for what is written from now on: rebuild
    /// the index where they changed.
    pub fn teach(&self, curation: Curation) {
        let mut current = self.0.curation.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(curation);
    }

    fn curation(&self) -> Arc<Curation> {
        Arc::clone(&self.0.curation.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn entries(&self, documents: &[Document]) -> Vec<Entry> {
        let (curation, rarity) = (self.curation(), self.rarity());
        documents.iter().map(|it| Entry::new(it, &curation, &rarity)).collect()
    }

    /// The engine, in words of the operator.
    pub fn engine(&self) -> &'static str {
        match self.0.engine {
            Engine::Embedded(_) => "in process",
            Engine::Typesense(_) => "Typesense",
        }
    }

    /// Whether the engine answers now.
    pub async fn health(&self) -> Result<()> {
        match &self.0.engine {
            Engine::Embedded(engine) => engine.health(),
            Engine::Typesense(engine) => engine.health().await,
        }
    }

    /// How many documents there are.
    pub async fn count(&self) -> Result<u64> {
        match &self.0.engine {
            Engine::Embedded(engine) => Ok(engine.count()),
            Engine::Typesense(engine) => engine.count().await,
        }
    }

    /// What is in the index: each document's id with its [`Document::digest`], in the order of the ids. What was written
    /// since the last [`Search::flush`] may be missing. Some 24 bytes of memory a document.
    pub async fn digests(&self) -> Result<Vec<(Uuid, u64)>> {
        let mut digests = match &self.0.engine {
            Engine::Embedded(engine) => engine.digests().await?,
            Engine::Typesense(engine) => engine.digests().await?,
        };
        digests.sort_unstable();
        Ok(digests)
    }

    /// Whether the index lacks documents that were written before it was made: after the first start, damage, or an update
    /// that changed the form of the documents.
    pub async fn needs_rebuild(&self) -> Result<bool> {
        match &self.0.engine {
            Engine::Embedded(engine) => Ok(engine.needs_rebuild()),
            Engine::Typesense(engine) => engine.needs_rebuild().await,
        }
    }

    /// Writes `documents`, each in place of the one with its id.
    ///
    /// They are found within about a second, and safe from a crash only after [`Search::flush`].
    pub async fn upsert(&self, documents: &[Document]) -> Result<()> {
        if documents.is_empty() {
            return Ok(());
        }
        let ids = documents.iter().map(|it| it.id);
        self.write(ids, self.entries(documents).into(), Vec::new().into()).await
    }

    /// Deletes the documents with these ids; those that do not exist are no error. Seen and safe as with
    /// [`Search::upsert`].
    pub async fn delete(&self, ids: &[Uuid]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        self.write(ids.iter().copied(), Vec::new().into(), ids.into()).await
    }

    async fn write(
        &self,
        touched: impl Iterator<Item = Uuid>,
        entries: Arc<[Entry]>,
        deleted: Arc<[Uuid]>,
    ) -> Result<()> {
        let writing = self.0.writing.lock().await;
        if let Some(rebuild) = writing.upgrade() {
            rebuild.touched.lock().unwrap_or_else(PoisonError::into_inner).extend(touched);
            self.write_next(&rebuild.next, Arc::clone(&entries), Arc::clone(&deleted)).await?;
        }
        match &self.0.engine {
            Engine::Embedded(engine) => engine.current().write(entries, deleted).await,
            Engine::Typesense(engine) => engine.write(None, &entries, &deleted).await,
        }
    }

    async fn write_next(
        &self,
        next: &Next,
        entries: Arc<[Entry]>,
        deleted: Arc<[Uuid]>,
    ) -> Result<()> {
        match (next, &self.0.engine) {
            (Next::Embedded(index), _) => index.write(entries, deleted).await,
            (Next::Typesense(collection), Engine::Typesense(engine)) => {
                engine.write(Some(collection), &entries, &deleted).await
            }
            (Next::Typesense(_), Engine::Embedded(_)) => unreachable!("begun by the same engine"),
        }
    }

    /// Waits until everything written before is found and safe from a crash.
    pub async fn flush(&self) -> Result<()> {
        match &self.0.engine {
            Engine::Embedded(engine) => engine.current().commit().await,
            // Typesense answers a write when it has it on disk and in the index.
            Engine::Typesense(_) => Ok(()),
        }
    }

    /// What matches, best first, or in the order that was asked for.
    pub async fn query(&self, query: &Query<'_>) -> Result<Hits> {
        let needle = Needle::new(query.text, &self.curation());
        let end = query.offset.saturating_add(query.limit).min(MAX_HITS);
        let is_of_no_kind = query.kinds.as_ref().is_some_and(Vec::is_empty);
        let asks_nothing = needle.words.is_empty()
            && query.filters.is_empty()
            && matches!(query.counts, Counts::None);
        // Words of signs alone are not no words.
        let asks_signs = needle.words.is_empty() && !query.text.trim().is_empty();
        let is_of_nothing = query.filters.iter().any(|it| match &it.test {
            Test::In(set) => !it.is_not && set.ids().is_empty(),
            Test::OneOf(_, values) => {
                !it.is_not && values.iter().all(|it| fold::fold(it).is_empty())
            }
            Test::Between(..) => false,
        });
        if asks_nothing
            || asks_signs
            || is_of_nothing
            || query.libraries.is_empty()
            || is_of_no_kind
        {
            return Ok(Hits::default());
        }
        let window = if query.limit == 0 { 0 } else { end.max(CANDIDATES) };
        let found = match &self.0.engine {
            Engine::Embedded(engine) => engine.candidates(needle.clone(), query, window).await?,
            Engine::Typesense(engine) => engine.candidates(&needle, query, window).await?,
        };
        let proposed = found.cards.len();
        let (hits, meant) = rank::order(&needle, found.cards, query.sort);
        if proposed > 0 && hits.is_empty() {
            // What an engine takes for near is not, by our rules, and is not counted either.
            return Ok(Hits {
                facets: facets(&query.counts, Vec::new()),
                in_sets: vec![0; found.in_sets.len()],
                ..Hits::default()
            });
        }
        Ok(Hits {
            found: found.found.saturating_sub((proposed - hits.len()) as u64),
            hits: hits.into_iter().take(end).skip(query.offset).collect(),
            facets: facets(&query.counts, found.values),
            in_sets: found.in_sets,
            meant,
        })
    }

    /// Makes a new index of all `batches` and puts it in place of the old one, which answers until then. Returns how many
    /// documents were brought.
    ///
    /// What this process writes meanwhile goes to both and wins over the batches; with several nodes, replay what the
    /// others wrote since the start. Dropping the future, or an error, leaves the old index as it was.
    pub async fn rebuild(
        &self,
        batches: impl Stream<Item = Result<Vec<Document>>> + Send,
    ) -> Result<u64> {
        let rebuild = {
            let mut writing = self.0.writing.lock().await;
            if writing.upgrade().is_some() {
                return Err(Error::conflict(
                    "search.rebuild_running",
                    "the search index is being rebuilt already",
                ));
            }
            let next = match &self.0.engine {
                Engine::Embedded(engine) => Next::Embedded(engine.begin_rebuild().await?),
                Engine::Typesense(engine) => Next::Typesense(engine.begin_rebuild().await?),
            };
            let rebuild = Arc::new(Rebuild { next, touched: Mutex::default() });
            *writing = Arc::downgrade(&rebuild);
            rebuild
        };
        let mut brought = 0;
        let mut batches = std::pin::pin!(batches);
        while let Some(batch) = batches.next().await {
            let mut batch = batch?;
            let _writing = self.0.writing.lock().await;
            {
                let touched = rebuild.touched.lock().unwrap_or_else(PoisonError::into_inner);
                batch.retain(|it| !touched.contains(&it.id));
            }
            brought += batch.len() as u64;
            let entries = self.entries(&batch);
            self.write_next(&rebuild.next, entries.into(), Vec::new().into()).await?;
        }
        let mut writing = self.0.writing.lock().await;
        match (&rebuild.next, &self.0.engine) {
            (Next::Embedded(index), Engine::Embedded(engine)) => {
                engine.finish_rebuild(Arc::clone(index)).await?;
            }
            (Next::Typesense(collection), Engine::Typesense(engine)) => {
                engine.finish_rebuild(collection).await?;
            }
            _ => unreachable!("begun by the same engine"),
        }
        *writing = Weak::new();
        Ok(brought)
    }
}

/// Counts of `facet=value` by facet, as they were asked for.
fn facets(counts: &Counts<'_>, values: Vec<(String, u64)>) -> Vec<FacetCounts> {
    let mut by_facet: HashMap<Facet, Vec<(String, u64)>> = HashMap::new();
    for (value, count) in values {
        let Some((key, value)) = value.split_once('=') else { continue };
        let Some(facet) = Facet::of_key(key) else { continue };
        by_facet.entry(facet).or_default().push((value.to_owned(), count));
    }
    let mut of = |facet, start: &str| {
        facet::counted(facet, by_facet.remove(&facet).unwrap_or_default(), start)
    };
    match counts {
        Counts::None => Vec::new(),
        Counts::All(_) => Facet::COUNTED.into_iter().map(|it| of(it, "")).collect(),
        Counts::Of(facet, start) => vec![of(*facet, &fold::fold(start))],
    }
}

/// What an engine proposes: the cards, and how many documents match in all.
#[derive(Debug, Default)]
struct Candidates {
    cards: Vec<Card>,
    found: u64,
    /// `facet=value`, as written, with how many have it; if they were to be counted.
    values: Vec<(String, u64)>,
    /// How many are in each set that was to be counted.
    in_sets: Vec<u64>,
}
