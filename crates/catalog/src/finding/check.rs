//! Whether the search index says what the database does, and how far it is behind.

use jobs::JobError;
use kernel::Result;
use search::Document;
use uuid::Uuid;

use super::feed::{BATCH, documents_of, names_of};
use super::store;
use crate::Catalog;

/// What waits for the search index.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SearchLag {
    /// Changes that wait, counted up to 100,000.
    pub waiting: i64,
    /// Seconds since the oldest of them was written; 0 where none waits.
    pub seconds: f64,
}

/// Where the search index differed from the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Documents that were compared.
    pub compared: u64,
    /// Those the index did not have.
    pub missing: u64,
    /// Those it had otherwise.
    pub different: u64,
    /// Those it had that should not be.
    pub extra: u64,
}

impl Drift {
    fn total(self) -> u64 {
        self.missing + self.different + self.extra
    }
}

/// What the index has, and which of it was met in the database.
struct Known {
    digests: Vec<(Uuid, u64)>,
    is_met: Vec<bool>,
    drift: Drift,
}

impl Known {
    /// Whether the index has this document, and as it is.
    fn has(&mut self, document: &Document) -> bool {
        self.drift.compared += 1;
        let Ok(at) = self.digests.binary_search_by_key(&document.id, |it| it.0) else {
            self.drift.missing += 1;
            return false;
        };
        self.is_met[at] = true;
        let is_same = self.digests[at].1 == document.digest();
        self.drift.different += u64::from(!is_same);
        is_same
    }
}

impl Catalog {
    /// How far the search index is behind the database.
    pub async fn search_lag(&self) -> Result<SearchLag> {
        store::find_lag(&mut *self.connection().await?).await
    }

    /// Compares every document of the search index with the database and has what differs brought again. What changes
    /// meanwhile may count as a difference; it is brought twice then, which changes nothing. `go_on` is told how many of
    /// how many were compared, and may end it.
    pub async fn check_search(
        &self,
        go_on: impl Fn(u64, u64) -> Result<(), JobError>,
    ) -> Result<Drift, JobError> {
        // Read before the database: what comes later is in the outbox.
        let digests = self.search.digests().await?;
        let is_met = vec![false; digests.len()];
        let total = digests.len() as u64;
        let mut known = Known { digests, is_met, drift: Drift::default() };
        let mut after = None;
        loop {
            go_on(known.drift.compared.min(total), total)?;
            let mut db = self.connection().await?;
            let ids = store::list_item_ids_unscoped(&mut db, after, BATCH).await?;
            let Some(last) = ids.last().copied() else { break };
            after = Some(last);
            let documents = documents_of(&mut db, &ids).await?;
            let wrong: Vec<Uuid> =
                documents.iter().filter(|it| !known.has(it)).map(|it| it.id).collect();
            store::insert_outbox(&mut db, &wrong).await?;
        }
        after = None;
        loop {
            go_on(known.drift.compared.min(total), total)?;
            let mut db = self.connection().await?;
            let ids = store::names::list_all_name_ids_unscoped(&mut db, after, BATCH).await?;
            let Some(last) = ids.last().copied() else { break };
            after = Some(last);
            let mut names = names_of(&mut db, &ids).await?;
            drop(db);
            names.retain(|it| !known.has(it));
            // The outbox is for items only; a name is nobody's to bring before an item changes that has it.
            self.search.upsert(&names).await?;
        }
        let met = known.digests.iter().zip(&known.is_met);
        let extra: Vec<Uuid> = met.filter(|it| !it.1).map(|it| it.0.0).collect();
        known.drift.extra = extra.len() as u64;
        for ids in extra.chunks(BATCH as usize) {
            let mut db = self.connection().await?;
            store::insert_outbox(&mut db, ids).await?;
        }
        self.search.flush().await?;
        let drift = known.drift;
        metrics::counter!("revenge_search_drift_total").increment(drift.total());
        if drift.total() > 0 {
            let Drift { compared, missing, different, extra } = drift;
            tracing::warn!(compared, missing, different, extra, "search.drifted");
        }
        Ok(drift)
    }
}
