//! The search index follows the database: through the outbox, or made anew.

use std::collections::HashSet;

use futures::{StreamExt as _, stream};
use kernel::Result;
use search::Document;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::curation::asked_anew;
use super::{document, store};
use crate::Catalog;
use crate::suggest::meaning::add_meanings;

/// Items brought to the engine at once: some megabytes at the most.
pub(super) const BATCH: i64 = 500;

impl Catalog {
    /// Brings one batch of what changed to the search engine and says how many entries of the outbox that settled; 0 when
    /// there is nothing left. Safe to run twice and by several nodes at once, which take turns: an older document never
    /// comes after a newer one. An entry is struck off only after the engine took it, and bringing an item again changes
    /// nothing.
    pub async fn feed_search(&self) -> Result<usize> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let entries = store::take_outbox(&mut tx, BATCH).await?;
        if entries.is_empty() {
            return Ok(0);
        }
        self.learn_rules(&mut tx).await?;
        self.learn_rarity(&mut tx).await?;
        let items: HashSet<Uuid> = entries.iter().map(|it| it.1).collect();
        let items: Vec<Uuid> = items.into_iter().collect();
        let documents = documents_of(&mut tx, &items).await?;
        // Before the items: what is not theirs any more is found out by whoever finds the name.
        let names = store::names::list_name_ids_unscoped(&mut tx, &items).await?;
        let living: HashSet<Uuid> = documents.iter().map(|it| it.id).collect();
        let gone: Vec<Uuid> = items.into_iter().filter(|it| !living.contains(it)).collect();
        self.note_texts(&mut tx, &documents).await?;
        self.search.upsert(&documents).await?;
        self.search.delete(&gone).await?;
        for names in names.chunks(BATCH as usize) {
            self.search.upsert(&names_of(&mut tx, names).await?).await?;
        }
        let settled: Vec<i64> = entries.iter().map(|it| it.0).collect();
        store::delete_outbox(&mut tx, &settled).await?;
        self.search.flush().await?;
        tx.commit().await?;
        Ok(settled.len())
    }

    /// Makes the search index anew from the database; the old one answers until then. Says how many documents it has.
    pub async fn rebuild_search(&self) -> Result<u64> {
        let mut db = self.connection().await?;
        let rules = self.learn_rules(&mut db).await?;
        let asked = asked_anew(&mut db).await?;
        self.learn_rarity(&mut db).await?;
        let rarity = self.search.rarity();
        drop(db);
        let items = stream::try_unfold(None, |after: Option<Uuid>| async move {
            let mut db = self.connection().await?;
            let ids = store::list_item_ids_unscoped(&mut db, after, BATCH).await?;
            let Some(last) = ids.last().copied() else { return Ok(None) };
            Ok(Some((documents_of(&mut db, &ids).await?, Some(last))))
        });
        let names = stream::try_unfold(None, |after: Option<Uuid>| async move {
            let mut db = self.connection().await?;
            let ids = store::names::list_all_name_ids_unscoped(&mut db, after, BATCH).await?;
            let Some(last) = ids.last().copied() else { return Ok(None) };
            Ok(Some((names_of(&mut db, &ids).await?, Some(last))))
        });
        // Boxed: what it holds between two batches is large.
        let batches = items.chain(names).boxed();
        let n_documents = Box::pin(self.search.rebuild(batches)).await?;
        self.note_indexed(&rules.synonyms, asked).await?;
        self.note_weighed(&rarity).await?;
        Ok(n_documents)
    }
}

/// The documents of these items with what a text model made of them, those that are gone or missing left out.
pub(crate) async fn documents_of(db: &mut PgConnection, items: &[Uuid]) -> Result<Vec<Document>> {
    let rows = store::list_documents_unscoped(db, items).await?;
    let streams = store::list_streams_unscoped(db, items).await?;
    let mut documents = document::documents(rows, streams);
    add_meanings(db, &mut documents).await?;
    Ok(documents)
}

pub(super) async fn names_of(db: &mut PgConnection, names: &[Uuid]) -> Result<Vec<Document>> {
    let rows = store::names::list_names_unscoped(db, names).await?;
    Ok(rows.into_iter().filter_map(document::name).collect())
}
