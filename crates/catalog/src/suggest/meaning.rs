//! What titles are about, as the operator's text model says it: read in the background, told to the search index.
//!
//! A model is in force from when it has read every title; until then the one before is, or none. So nobody ever sees a half
//! of each. What was read is kept by model and text: an index made anew asks no model, and no text is read twice.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use jobs::JobError;
use kernel::{Error, Result};
use search::{
    Document, Meaning, MeaningCenter, MeaningNumbers, ModelError, ModelPlace, ModelText, TextModel,
};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::store::meaning as store;
use crate::Catalog;
use crate::finding::feed::documents_of;
use crate::finding::store::insert_outbox;

/// Titles that are read in one transaction: some seconds at the most.
const BATCH: i64 = 16;
/// Numbers that are read at once to find their center.
const PAGE: i64 = 2_000;

/// What came of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextsRead {
    /// There is no model, and nothing is left of one.
    NoModel,
    /// The model is of no use; what another said before is kept.
    Unusable(String),
    /// So many titles were read, and no more are to be.
    Read(u64),
}

impl Catalog {
    /// Has the text model read what it has not read yet, and puts it in force once it has read all. Done again, it changes
    /// nothing. `go_on` is told how many of how many were read, and may end it; the next time goes on from there.
    pub async fn read_texts(
        &self,
        go_on: impl Fn(u64, u64) -> Result<(), JobError>,
    ) -> Result<TextsRead, JobError> {
        self.read_texts_by(self.search.model(), go_on).await
    }

    async fn read_texts_by(
        &self,
        place: Option<Arc<ModelPlace>>,
        go_on: impl Fn(u64, u64) -> Result<(), JobError>,
    ) -> Result<TextsRead, JobError> {
        let mut db = self.connection().await?;
        let models = store::list_models(&mut db).await?;
        let Some(place) = place else {
            if !models.is_empty() {
                let mut tx = db.begin().await?;
                store::delete_models(&mut tx).await?;
                tx.commit().await?;
            }
            return Ok(TextsRead::NoModel);
        };
        let known = Arc::clone(&place);
        let digest = match blocking(move || known.digest()).await? {
            Ok(digest) => digest,
            Err(error) => return Ok(unusable(&error)),
        };
        store::delete_models_beside(&mut db, &digest).await?;
        store::insert_model(&mut db, &digest, self.clock.now()).await?;
        let total = store::count_due_unscoped(&mut db).await?.unsigned_abs();
        drop(db);
        let mut reader = Reader { place, model: None };
        let mut n_read = 0;
        loop {
            go_on(n_read, total.max(n_read))?;
            match self.read_some(&digest, &mut reader).await? {
                Ok(0) => break,
                Ok(n) => n_read += n,
                Err(error) => return Ok(unusable(&error)),
            }
        }
        drop(reader);
        self.put_in_force(&digest).await?;
        Ok(TextsRead::Read(n_read))
    }

    /// Reads a batch of what is due and says how many those were; 0 when nothing is left. One transaction: what is not read to
    /// its end is due as before.
    async fn read_some(
        &self,
        digest: &str,
        reader: &mut Reader,
    ) -> Result<Result<u64, ModelError>> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let due = store::take_due(&mut tx, BATCH).await?;
        if due.is_empty() {
            return Ok(Ok(0));
        }
        let known: HashMap<Uuid, i64> =
            store::list_read_unscoped(&mut tx, digest, &due).await?.into_iter().collect();
        let documents = documents_of(&mut tx, &due).await?;
        let texts = documents.iter().filter_map(|it| Some((it.id, ModelText::of(it)?)));
        let texts: Vec<(Uuid, ModelText)> =
            texts.filter(|(id, text)| known.get(id) != Some(&text.digest())).collect();
        let told = match reader.read(texts).await? {
            Ok(told) => told,
            Err(error) => return Ok(Err(error)),
        };
        let mut changed = Vec::new();
        for (id, text, numbers) in told {
            let bytes = numbers.map(|it| it.bytes());
            store::upsert_vector(&mut tx, digest, id, text.digest(), bytes.as_deref()).await?;
            changed.push(id);
        }
        let models = store::list_models(&mut tx).await?;
        if models.iter().any(|it| it.is_active && it.digest == digest) {
            insert_outbox(&mut tx, &changed).await?;
        }
        tx.commit().await?;
        Ok(Ok(due.len() as u64))
    }

    /// Puts a model that has read all in force, if it is not; and finds its center anew where there are twice or half as many
    /// titles as then.
    async fn put_in_force(&self, digest: &str) -> Result<()> {
        let mut db = self.connection().await?;
        let models = store::list_models(&mut db).await?;
        let Some(model) = models.into_iter().find(|it| it.digest == digest) else { return Ok(()) };
        let n_items = store::count_vectors_unscoped(&mut db, digest).await?;
        let (before, now) = (model.item_count, n_items);
        let is_as_before = now < before.saturating_mul(2) && now.saturating_mul(2) > before;
        if model.is_active && (is_as_before || now == before) {
            return Ok(());
        }
        let mut count = MeaningCenter::count();
        let mut after = None;
        loop {
            let rows = store::list_vectors_unscoped(&mut db, digest, after, PAGE).await?;
            let Some((last, _)) = rows.last() else { break };
            after = Some(*last);
            let numbers = rows.iter().filter_map(|it| MeaningNumbers::of_bytes(it.1.as_deref()?));
            for numbers in numbers {
                count.add(&numbers);
            }
        }
        let n_items = i64::try_from(count.n_items()).map_err(anyhow::Error::from)?;
        let center = count.finish();
        let mut tx = db.begin().await?;
        store::update_active(&mut tx, digest, &center.bytes(), n_items).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Has those of `documents` read by the text model, if there is one, whose text it has not read.
    pub(crate) async fn note_texts(
        &self,
        db: &mut PgConnection,
        documents: &[Document],
    ) -> Result<()> {
        if self.search.model().is_none() {
            return Ok(());
        }
        let texts = documents.iter().filter_map(|it| Some((it.id, ModelText::of(it)?.digest())));
        let (items, texts): (Vec<Uuid>, Vec<i64>) = texts.unzip();
        store::insert_due(db, &items, &texts).await
    }
}

/// Adds to each document what the model in force made of it.
pub(crate) async fn add_meanings(db: &mut PgConnection, documents: &mut [Document]) -> Result<()> {
    let items: Vec<Uuid> = documents.iter().filter(|it| it.is_compared).map(|it| it.id).collect();
    if items.is_empty() {
        return Ok(());
    }
    let mut told: HashMap<Uuid, Vec<u8>> =
        store::list_meanings_unscoped(db, &items).await?.into_iter().collect();
    if told.is_empty() {
        return Ok(());
    }
    let center = store::find_center(db).await?;
    let Some(center) = center.as_deref().and_then(MeaningCenter::of_bytes) else { return Ok(()) };
    for document in documents {
        let numbers = told.remove(&document.id);
        let numbers = numbers.as_deref().and_then(MeaningNumbers::of_bytes);
        document.meaning = numbers.and_then(|it| Meaning::new(&it, &center));
    }
    Ok(())
}

/// The model, in memory from the first text on until nothing is left to read.
struct Reader {
    place: Arc<ModelPlace>,
    model: Option<TextModel>,
}

/// What was read of a text.
type Told = (Uuid, ModelText, Option<MeaningNumbers>);

impl Reader {
    async fn read(
        &mut self,
        texts: Vec<(Uuid, ModelText)>,
    ) -> Result<Result<Vec<Told>, ModelError>> {
        if texts.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let (place, held) = (Arc::clone(&self.place), self.model.take());
        let read = move || {
            let model = match held {
                Some(model) => model,
                None => place.open()?,
            };
            let (ids, texts): (Vec<Uuid>, Vec<ModelText>) = texts.into_iter().unzip();
            let numbers = model.read(&texts)?;
            let told = ids.into_iter().zip(texts).zip(numbers);
            let told = told.map(|((id, text), numbers)| (id, text, numbers));
            Ok((model, told.collect::<Vec<Told>>()))
        };
        Ok(match blocking(read).await? {
            Ok((model, told)) => {
                self.model = Some(model);
                Ok(told)
            }
            Err(error) => Err(error),
        })
    }
}

fn unusable(error: &ModelError) -> TextsRead {
    tracing::warn!(%error, "suggest.text_model_unusable");
    TextsRead::Unusable(error.to_string())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Internal(anyhow::Error::new(error).context("the text model")))
}
