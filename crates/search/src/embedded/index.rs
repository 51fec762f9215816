//! One index: read by many, written by one, committed in batches.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use kernel::Result;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{
    DocAddress, DocSet, IndexReader, IndexWriter, ReloadPolicy, TERMINATED, TantivyDocument,
    TantivyError, Term,
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::gather::Gather;
use super::query::{Spelling, Within, query};
use super::schema::Fields;
use super::{blocking, damaged};
use crate::Candidates;
use crate::curation::Curation;
use crate::document::{Card, Entry};
use crate::generation::Generation;
use crate::likeness::vectors::{Matching, Seen, Vectors};
use crate::rank::Needle;

/// How long written documents wait for a commit, so that many share one.
const COMMIT_AFTER: Duration = Duration::from_millis(800);
/// What the writer may hold in memory before it writes a segment: the least Tantivy takes.
const WRITER_BYTES: usize = 15_000_000;
/// Blocks of stored cards kept unpacked, 16 KB each.
const CACHED_BLOCKS: usize = 32;

pub(crate) struct Index {
    generation: Generation,
    fields: Fields,
    reader: IndexReader,
    vectors: Vectors,
    writer: Mutex<IndexWriter>,
    /// Something waits for a commit.
    is_written: Arc<Notify>,
    /// Whether it commits by itself; one that is being filled or was replaced does not.
    is_live: AtomicBool,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Index {
    /// A new, empty index in `folder`, or in memory.
    pub fn create(folder: Option<&Path>, generation: Generation) -> Result<Self, TantivyError> {
        let (schema, _) = Fields::schema();
        let index = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                tantivy::Index::create_in_dir(folder, schema)?
            }
            None => tantivy::Index::create_in_ram(schema),
        };
        Self::over(&index, generation)
    }

    /// The index in `folder`.
    pub fn open(folder: &Path, generation: Generation) -> Result<Self, TantivyError> {
        let index = tantivy::Index::open_in_dir(folder)?;
        if index.schema() != Fields::schema().0 {
            return Err(TantivyError::SchemaError("not the fields we write".into()));
        }
        Self::over(&index, generation)
    }

    fn over(index: &tantivy::Index, generation: Generation) -> Result<Self, TantivyError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(WRITER_BYTES)
            .build();
        let writer = index.writer_with_options(options)?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(CACHED_BLOCKS)
            .try_into()?;
        Ok(Self {
            generation,
            fields: Fields::schema().1,
            reader,
            vectors: Vectors::default(),
            writer: Mutex::new(writer),
            is_written: Arc::default(),
            is_live: AtomicBool::new(false),
        })
    }

    /// Begins to commit by itself.
    pub fn go_live(self) -> Arc<Self> {
        Self::go_live_shared(&Arc::new(self))
    }

    /// Begins to commit by itself.
    pub fn go_live_shared(this: &Arc<Self>) -> Arc<Self> {
        this.is_live.store(true, Ordering::Release);
        let (weak, is_written) = (Arc::downgrade(this), Arc::clone(&this.is_written));
        tokio::spawn(async move {
            loop {
                is_written.notified().await;
                sleep_until(Instant::now() + COMMIT_AFTER).await;
                let Some(index) = weak.upgrade() else { return };
                if !index.is_live.load(Ordering::Acquire) {
                    return;
                }
                if let Err(error) = index.commit().await {
                    tracing::error!(error = ?error, "search.commit_failed");
                }
            }
        });
        Arc::clone(this)
    }

    /// Stops to commit by itself: another index is in its place.
    pub fn retire(&self) {
        self.is_live.store(false, Ordering::Release);
        self.is_written.notify_one();
    }

    pub fn generation(&self) -> Generation {
        self.generation
    }

    pub fn count(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// The id and digest of every document, in no order.
    pub fn digests(&self) -> anyhow::Result<Vec<(Uuid, u64)>> {
        let searcher = self.reader.searcher();
        let mut digests = Vec::with_capacity(usize::try_from(searcher.num_docs())?);
        for segment in searcher.segment_readers() {
            let column = segment.fast_fields().u64("digest")?;
            let ids = segment.inverted_index(self.fields.id)?;
            let mut terms = ids.terms().stream()?;
            while terms.advance() {
                let id = Uuid::from_slice(terms.key())?;
                let mut documents =
                    ids.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
                while documents.doc() != TERMINATED {
                    if !segment.is_deleted(documents.doc()) {
                        digests.push((id, column.first(documents.doc()).unwrap_or_default()));
                    }
                    documents.advance();
                }
            }
        }
        Ok(digests)
    }

    /// Deletes and writes; found after the next commit.
    pub async fn write(
        self: &Arc<Self>,
        entries: Arc<[Entry]>,
        deleted: Arc<[Uuid]>,
    ) -> Result<()> {
        let index = Arc::clone(self);
        blocking(move || index.write_now(&entries, &deleted).map_err(damaged)).await?;
        self.is_written.notify_one();
        Ok(())
    }

    fn write_now(&self, entries: &[Entry], deleted: &[Uuid]) -> anyhow::Result<()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let by_id = |id: &Uuid| Term::from_field_bytes(self.fields.id, id.as_bytes());
        for id in deleted {
            writer.delete_term(by_id(id));
        }
        for entry in entries {
            writer.delete_term(by_id(&entry.card.id));
            writer.add_document(self.fields.document(entry)?)?;
        }
        Ok(())
    }

    /// Makes what was written before safe and found.
    pub async fn commit(self: &Arc<Self>) -> Result<()> {
        let index = Arc::clone(self);
        blocking(move || index.commit_now().map_err(damaged)).await
    }

    fn commit_now(&self) -> anyhow::Result<()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).commit()?;
        self.reader.reload()?;
        Ok(())
    }

    /// The best documents and what is counted; near spellings only where the exact one finds nothing.
    pub fn candidates(
        &self,
        needle: &Needle,
        within: &Within,
        gather: &Gather,
    ) -> anyhow::Result<Candidates> {
        let searcher = self.reader.searcher();
        let mut candidates = Candidates::default();
        for spelling in [Spelling::Exact, Spelling::WithTypos] {
            let query = query(&self.fields, needle, within, spelling);
            let gathered = searcher.search(&query, gather)?;
            let cards = gathered.best.into_iter().map(|address| self.card(&searcher, address));
            candidates = Candidates {
                cards: cards.collect::<anyhow::Result<_>>()?,
                found: gathered.found,
                values: gathered.values,
                in_sets: gathered.in_sets,
            };
            if candidates.found > 0 || needle.core.is_empty() {
                break;
            }
        }
        Ok(candidates)
    }

    /// The vectors that may be looked at.
    pub fn seen(&self, within: &Within) -> anyhow::Result<Vec<Seen>> {
        let searcher = self.reader.searcher();
        let rows = self.vectors.of(&searcher)?;
        let no_words = Needle::new("", &Curation::default());
        let query = query(&self.fields, &no_words, within, Spelling::Exact);
        Ok(searcher.search(&query, &Matching { rows })?)
    }

    fn card(&self, searcher: &tantivy::Searcher, address: DocAddress) -> anyhow::Result<Card> {
        let document: TantivyDocument = searcher.doc(address)?;
        let card = document.get_first(self.fields.card);
        let card = card.as_ref().and_then(Value::as_bytes).context("a document has no card")?;
        Ok(serde_json::from_slice(card)?)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // Ends the task that commits.
        self.is_written.notify_one();
    }
}
