//! The search index follows the database: through the outbox, or made anew.

use std::collections::HashSet;

use futures::stream;
use kernel::Result;
use search::Document;
use sqlx::Connection as _;
use uuid::Uuid;

use super::store::{self, DocumentRow};
use crate::Catalog;

/// Items brought to the engine at once: some megabytes at the most.
const BATCH: i64 = 500;

impl Catalog {
    /// Brings one batch of what changed to the search engine and says how many entries of the outbox that settled; 0 when
    /// there is nothing left. Safe to run twice and by several nodes at once: an entry is struck off only after the engine
    /// took it, and bringing an item again changes nothing.
    pub async fn feed_search(&self) -> Result<usize> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let entries = store::take_outbox(&mut tx, BATCH).await?;
        if entries.is_empty() {
            return Ok(0);
        }
        let items: HashSet<Uuid> = entries.iter().map(|it| it.1).collect();
        let items: Vec<Uuid> = items.into_iter().collect();
        let documents: Vec<Document> = store::list_documents_unscoped(&mut tx, &items)
            .await?
            .into_iter()
            .map(document)
            .collect();
        let living: HashSet<Uuid> = documents.iter().map(|it| it.id).collect();
        let gone: Vec<Uuid> = items.into_iter().filter(|it| !living.contains(it)).collect();
        self.search.upsert(&documents).await?;
        self.search.delete(&gone).await?;
        let settled: Vec<i64> = entries.iter().map(|it| it.0).collect();
        store::delete_outbox(&mut tx, &settled).await?;
        self.search.flush().await?;
        tx.commit().await?;
        Ok(settled.len())
    }

    /// Makes the search index anew from the database; the old one answers until then. Says how many items it has.
    pub async fn rebuild_search(&self) -> Result<u64> {
        let batches = stream::try_unfold(None, |after: Option<Uuid>| async move {
            let mut db = self.connection().await?;
            let ids = store::list_item_ids_unscoped(&mut db, after, BATCH).await?;
            let Some(last) = ids.last().copied() else { return Ok(None) };
            let documents = store::list_documents_unscoped(&mut db, &ids).await?;
            Ok(Some((documents.into_iter().map(document).collect(), Some(last))))
        });
        self.search.rebuild(batches).await
    }
}

fn document(row: DocumentRow) -> Document {
    Document {
        id: row.id,
        kind: row.kind,
        library_id: row.library_id,
        title: row.title,
        sort_title: row.sort_title,
        titles: row.titles,
        people: row.people,
        genres: row.genres,
        year: row.year,
        overview: row.overview,
        popularity: row.popularity,
        added_at: row.added_at.timestamp(),
        marks: row.marks,
    }
}
