//! What who brings something from elsewhere asks of the spine.

use futures::future::BoxFuture;
use kernel::id::{FileId, ItemId, PersonId};
use kernel::{Error, Result};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::store::{self, find, merge};
use super::{
    Arrival, ArrivalId, ArrivalState, Brought, Filed, Made, Named, NewArrival, Place, Set,
};
use crate::Catalog;
use crate::finding::store::insert_outbox;
use crate::personal::recount_roots;

/// Rows that are read at once where all are looked at.
const PAGE: i64 = 5_000;
/// Ids asked for at once.
const IDS_AT_ONCE: usize = 2_000;

/// Puts the work on an arrival on the queue, in the transaction of the caller, and says under which job.
pub type EnqueueArrival =
    Box<dyn for<'a> FnOnce(&'a mut PgConnection) -> BoxFuture<'a, Result<i64>> + Send>;

/// A step of writing: who comes back to it after it was done passes it by.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Of which arrival.
    pub arrival: ArrivalId,
    /// Which, from 0.
    pub number: i32,
    /// For whom, by the other server's id.
    pub source_person: &'a str,
}

impl Catalog {
    /// Keeps a new arrival.
    pub async fn create_arrival(&self, new: NewArrival) -> Result<Arrival> {
        let id: ArrivalId = self.ids.next();
        let mut db = self.connection().await?;
        store::insert_arrival(&mut db, id, &new, self.clock.now()).await?;
        found(store::find_arrival(&mut db, id).await?)
    }

    /// All arrivals, the last first.
    pub async fn list_arrivals(&self) -> Result<Vec<Arrival>> {
        store::list_arrivals(&mut *self.connection().await?).await
    }

    /// One arrival.
    pub async fn find_arrival(&self, id: ArrivalId) -> Result<Arrival> {
        found(store::find_arrival(&mut *self.connection().await?, id).await?)
    }

    /// How to read it, as long as that was not done.
    pub async fn find_arrival_asked(&self, id: ArrivalId) -> Result<Option<Value>> {
        store::find_asked(&mut *self.connection().await?, id).await
    }

    /// What was read, as it was handed over.
    pub async fn find_arrival_content(&self, id: ArrivalId) -> Result<Option<Vec<u8>>> {
        store::find_content(&mut *self.connection().await?, id).await
    }

    /// What of it is not here.
    pub async fn find_arrival_missing(&self, id: ArrivalId) -> Result<Option<Value>> {
        store::find_missing(&mut *self.connection().await?, id).await
    }

    /// Puts it into another state, with why where that is a bad one.
    pub async fn set_arrival_state(
        &self,
        id: ArrivalId,
        state: ArrivalState,
        problem: Option<&str>,
    ) -> Result<()> {
        let mut db = self.connection().await?;
        store::update_state(&mut db, id, state, problem, None, self.clock.now()).await
    }

    /// Has a job be at it from now on, which `enqueue` writes down in the same transaction. False where it is in none of the
    /// states `from`.
    pub async fn begin_arrival(
        &self,
        id: ArrivalId,
        from: &[ArrivalState],
        state: ArrivalState,
        enqueue: EnqueueArrival,
    ) -> Result<bool> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let arrival = found(store::find_arrival(&mut tx, id).await?)?;
        if !from.contains(&arrival.state) {
            return Ok(false);
        }
        let job = enqueue(&mut tx).await?;
        store::update_state(&mut tx, id, state, None, Some(job), self.clock.now()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Keeps what was read, with a first plan, and forgets how it was read.
    pub async fn keep_arrival_content(
        &self,
        id: ArrivalId,
        origin: &str,
        content: &[u8],
        plan: &Value,
    ) -> Result<()> {
        store::update_content(&mut *self.connection().await?, id, origin, content, plan).await
    }

    /// Keeps who is who; writing begins anew.
    pub async fn plan_arrival(&self, id: ArrivalId, plan: &Value) -> Result<()> {
        store::update_plan(&mut *self.connection().await?, id, plan).await
    }

    /// Keeps what would become of it.
    pub async fn report_arrival(
        &self,
        id: ArrivalId,
        report: &Value,
        missing: &Value,
    ) -> Result<()> {
        store::update_report(&mut *self.connection().await?, id, report, missing).await
    }

    /// Forgets it; what it brought stays.
    pub async fn delete_arrival(&self, id: ArrivalId) -> Result<()> {
        if store::delete_arrival(&mut *self.connection().await?, id).await? {
            Ok(())
        } else {
            Err(Error::NotFound("import"))
        }
    }

    /// The items that providers know under these ids: provider, id, item.
    pub async fn list_by_ids_unscoped(
        &self,
        ids: &[(String, String)],
    ) -> Result<Vec<(String, String, Place)>> {
        let mut db = self.connection().await?;
        let mut found = Vec::new();
        for chunk in ids.chunks(IDS_AT_ONCE) {
            let (providers, values): (Vec<String>, Vec<String>) = chunk.iter().cloned().unzip();
            found.extend(find::list_by_ids_unscoped(&mut db, &providers, &values).await?);
        }
        Ok(found)
    }

    /// The next topmost items behind `after`; none are behind the last.
    pub async fn list_named_unscoped(&self, after: Option<ItemId>) -> Result<Vec<Named>> {
        let after = after.unwrap_or(ItemId(Uuid::nil()));
        find::list_named_unscoped(&mut *self.connection().await?, after, PAGE).await
    }

    /// The next files behind `after`, and where the page after them begins, if there is one.
    pub async fn list_filed_unscoped(
        &self,
        after: Option<FileId>,
    ) -> Result<(Vec<Filed>, Option<FileId>)> {
        let after = after.unwrap_or(FileId(Uuid::nil()));
        let mut db = self.connection().await?;
        let next = find::find_last_of_page(&mut db, after, PAGE).await?;
        Ok((find::list_filed_unscoped(&mut db, after, PAGE).await?, next))
    }

    /// Everything in these topmost items.
    pub async fn list_below_unscoped(&self, roots: &[ItemId]) -> Result<Vec<Place>> {
        let mut db = self.connection().await?;
        let mut below = Vec::new();
        for chunk in roots.chunks(IDS_AT_ONCE) {
            let roots: Vec<Uuid> = chunk.iter().map(|it| it.0).collect();
            below.extend(find::list_below_unscoped(&mut db, &roots).await?);
        }
        Ok(below)
    }

    /// What bringing `made` to a person would write; nothing is. Without a person, to somebody who is new.
    pub async fn try_bringing(&self, person: Option<PersonId>, made: &[Made]) -> Result<Brought> {
        let person = person.unwrap_or_else(|| self.ids.next());
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let brought = self.write_made(&mut tx, person, made).await?;
        tx.rollback().await?;
        Ok(brought)
    }

    /// Gives a person what they had made elsewhere. False where this step was done before.
    pub async fn bring(&self, step: Step<'_>, person: PersonId, made: &[Made]) -> Result<bool> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let Some(arrival) = begin_step(&mut tx, step).await? else { return Ok(false) };
        let brought = self.write_made(&mut tx, person, made).await?;
        let items: Vec<Uuid> = made.iter().map(|it| it.item_id.0).collect();
        let roots = merge::list_roots_unscoped(&mut tx, &items).await?;
        recount_roots(&mut tx, person, &roots).await?;
        end_step(&mut tx, arrival, step, brought).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What bringing sets would write; nothing is.
    pub async fn try_bringing_sets(&self, sets: &[Set]) -> Result<Brought> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let brought = self.write_sets(&mut tx, sets).await?;
        tx.rollback().await?;
        Ok(brought)
    }

    /// Makes sets, and puts into them what they lack. False where this step was done before.
    pub async fn bring_sets(&self, step: Step<'_>, sets: &[Set]) -> Result<bool> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let Some(arrival) = begin_step(&mut tx, step).await? else { return Ok(false) };
        let brought = self.write_sets(&mut tx, sets).await?;
        end_step(&mut tx, arrival, step, brought).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn write_made(
        &self,
        tx: &mut PgConnection,
        person: PersonId,
        made: &[Made],
    ) -> Result<Brought> {
        let now = self.clock.now();
        let id = |it: &Made| it.item_id.0;
        let (progress_new, progress_changed) = merge::merge_progress(tx, person, made, now).await?;
        let does_play = |it: &&Made| it.is_played || it.play_count > 0 || it.position_ms > 0;
        let n_said = made.iter().filter(does_play).count() as i64;
        let plays = made.iter().flat_map(|it| it.plays.iter().map(|at| (id(it), *at)));
        let (played, times): (Vec<_>, Vec<_>) = plays.unzip();
        let loved: Vec<Uuid> = made.iter().filter(|it| it.is_favourite).map(id).collect();
        let rated = made.iter().filter_map(|it| Some((id(it), it.rating?)));
        let (rated, values): (Vec<_>, Vec<_>) = rated.unzip();
        Ok(Brought {
            progress_new,
            progress_changed,
            progress_same: (n_said - progress_new - progress_changed).max(0),
            plays: merge::insert_plays(tx, person, &played, &times).await?,
            favourites: merge::insert_favourites(tx, person, &loved, now).await?,
            ratings: merge::insert_ratings(tx, person, &rated, &values, now).await?,
            ..Brought::default()
        })
    }

    async fn write_sets(&self, tx: &mut PgConnection, sets: &[Set]) -> Result<Brought> {
        let now = self.clock.now();
        let mut brought = Brought::default();
        for set in sets {
            let items: Vec<Uuid> = set.items.iter().map(|it| it.0).collect();
            let id = match merge::find_set(tx, &set.sort_name).await? {
                // Whatever is put into it by others, its source takes out again.
                Some((_, true)) => continue,
                Some((id, false)) => id,
                None if items.is_empty() => continue,
                None => {
                    let id = self.ids.next();
                    merge::insert_set(tx, id, set, now).await?;
                    brought.collections += 1;
                    id
                }
            };
            let n_new = merge::insert_set_items(tx, id, &items, now).await?;
            if n_new > 0 {
                // A collection is brought to the search index with what is in it.
                insert_outbox(tx, &items).await?;
            }
            brought.collection_items += n_new;
        }
        Ok(brought)
    }
}

fn found(arrival: Option<Arrival>) -> Result<Arrival> {
    arrival.ok_or(Error::NotFound("import"))
}

/// The arrival, if this is its next step. It stays locked: two jobs never do one step.
pub(super) async fn begin_step(tx: &mut PgConnection, step: Step<'_>) -> Result<Option<Arrival>> {
    let arrival = found(store::find_arrival(tx, step.arrival).await?)?;
    Ok(Some(arrival).filter(|it| it.step <= step.number))
}

pub(super) async fn end_step(
    tx: &mut PgConnection,
    mut arrival: Arrival,
    step: Step<'_>,
    brought: Brought,
) -> Result<()> {
    *arrival.brought.entry(step.source_person.to_owned()).or_default() += brought;
    store::update_step(tx, step.arrival, step.number + 1, &arrival.brought).await
}
