//! How rare traits are here: counted now and then, known to all nodes.

use chrono::DateTime;
use kernel::{Error, Result};
use search::Rarity;
use sqlx::PgConnection;
use uuid::Uuid;

use super::store::rarity as store;
use crate::Catalog;
use crate::finding::feed::documents_of;

/// Among fewer items a count says nothing.
const FEWEST: u64 = 20;
/// Items looked at between two questions whether to go on.
const BATCH: i64 = 500;

impl Catalog {
    /// Takes the count that is in force, where another node or an earlier run made a newer one. One row by its key.
    pub(crate) async fn learn_rarity(&self, db: &mut PgConnection) -> Result<()> {
        let known = DateTime::from_timestamp_micros(self.search.rarity().counted_us());
        let Some(row) = store::find_newer(db, Rarity::rule(), known).await? else { return Ok(()) };
        let counted_us = row.counted_at.timestamp_micros();
        let n_items = row.item_count.unsigned_abs();
        let rarity = Rarity::of_bytes(Rarity::rule(), n_items, counted_us, row.counts);
        if let Some(rarity) = rarity {
            self.search.weigh(rarity);
        }
        Ok(())
    }

    /// Whether traits were counted since the index was made.
    pub(crate) async fn has_new_rarity(&self) -> Result<bool> {
        let mut db = self.connection().await?;
        store::is_to_be_indexed(&mut db, Rarity::rule()).await
    }

    /// Notes by which count the index is made.
    pub(crate) async fn note_weighed(&self, rarity: &Rarity) -> Result<()> {
        let counted_at = DateTime::from_timestamp_micros(rarity.counted_us());
        let Some(counted_at) = counted_at else { return Ok(()) };
        store::update_indexed(&mut *self.connection().await?, counted_at).await
    }

    /// Counts the traits of what is here, if nobody did or there is twice or half as much as then, and says among how many
    /// items. The index is made anew by it with the next feeding. Done again, it changes nothing.
    pub async fn count_traits(&self, check: impl Fn() -> Result<()>) -> Result<Option<u64>> {
        let mut db = self.connection().await?;
        let n_items = store::count_compared_unscoped(&mut db).await?.unsigned_abs();
        let before = store::find_item_count(&mut db, Rarity::rule()).await?;
        let is_as_before = before.is_some_and(|before| {
            let before = before.unsigned_abs();
            n_items < before.saturating_mul(2) && n_items.saturating_mul(2) > before
        });
        if n_items < FEWEST || is_as_before {
            return Ok(None);
        }
        drop(db);
        let mut count = Rarity::count();
        let mut after: Option<Uuid> = None;
        loop {
            check()?;
            let mut db = self.connection().await?;
            let ids = store::list_compared_unscoped(&mut db, after, BATCH).await?;
            let Some(last) = ids.last().copied() else { break };
            documents_of(&mut db, &ids).await?.iter().for_each(|it| count.add(it));
            after = Some(last);
        }
        let rarity = count.finish(self.clock.now().timestamp_micros());
        let counted_at = DateTime::from_timestamp_micros(rarity.counted_us())
            .ok_or_else(|| Error::Internal(anyhow::anyhow!("the clock is out of range")))?;
        let (n_items, bytes) = (rarity.n_items(), rarity.bytes());
        let mut db = self.connection().await?;
        let item_count = i64::try_from(n_items).map_err(anyhow::Error::from)?;
        store::upsert_rarity(&mut db, Rarity::rule(), item_count, bytes, counted_at).await?;
        Ok(Some(n_items))
    }
}
