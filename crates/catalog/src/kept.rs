//! Answers that are the same for all who may see the same, kept in the cache until something in their libraries changes.
//!
//! Each library has a generation, a word made up anew with each of its changes ([`Catalog::renew`]). The generations are
//! part of the name under which an answer is kept, so nothing that was kept is ever looked for to be thrown away, and an
//! answer that was made while a change went on is found by nobody who asks after it. What a person made of items is no
//! part of these answers.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use kernel::id::LibraryId;
use kernel::{Error, LibraryScope, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::Catalog;

/// What is kept has this form; another program on the same cache may know another.
const FORM: u32 = 1;
/// How long an answer is kept: as old as one may be where a change was told to nobody, because the cache was away or the
/// program was killed between the commit and the telling.
const KEPT: Duration = Duration::from_secs(30);
/// How long a generation is: well beyond the answers under it.
const GENERATION: Duration = Duration::from_hours(24);
/// More libraries than this have their answers made anew each time.
const MAX_LIBRARIES: usize = 256;

impl Catalog {
    /// Lets nobody have an answer again that was made before now with something of `library` in it. Call it after the
    /// commit.
    pub(crate) async fn renew(&self, library: LibraryId) {
        if let Err(error) = self.cache.set(&name_of(library.0), self.word(), GENERATION).await {
            tracing::debug!(%error, "answers.not_renewed");
        }
    }

    /// The answer to `question` about what exists in `scope`, or else what `make` makes of it, for all who ask the same.
    ///
    /// `question` names all that the answer depends on besides. Without a cache it is made each time.
    pub(crate) async fn kept<T, F, Fut>(
        &self,
        scope: &LibraryScope,
        question: &impl Serialize,
        make: F,
    ) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let Some(name) = self.name(scope, question).await else { return Box::pin(make()).await };
        let mut made = None;
        let own = &mut made;
        // Boxed: many layers of futures go around it.
        let fill = move || {
            Box::pin(async move {
                let answer = make().await?;
                let bytes = serde_json::to_vec(&answer).map_err(internal)?;
                *own = Some(answer);
                Ok(Bytes::from(bytes))
            })
        };
        let bytes = self.answers.get_or_fill(&name, KEPT, fill).await?;
        let outcome = if made.is_some() { "made" } else { "kept" };
        metrics::counter!("revenge_answers_total", "outcome" => outcome).increment(1);
        made.map_or_else(|| serde_json::from_slice(&bytes).map_err(internal), Ok)
    }

    /// Under what the answer is kept. `None` where generations cannot be had.
    async fn name(&self, scope: &LibraryScope, question: &impl Serialize) -> Option<String> {
        let ids = scope.ids();
        if ids.is_empty() || ids.len() > MAX_LIBRARIES {
            return None;
        }
        let names: Vec<String> = ids.iter().map(|it| name_of(*it)).collect();
        let mut generations = self.cache.get_many(&names).await.ok()?;
        for (generation, name) in generations.iter_mut().zip(&names) {
            if generation.is_none() {
                // Of many who begin one at once, all have to have that of the first.
                self.cache.set_if_absent(name, self.word(), GENERATION).await.ok()?;
                *generation = Some(self.cache.get(name).await.ok()??);
            }
        }
        let generations: Vec<&[u8]> = generations.iter().flatten().map(|it| &**it).collect();
        let all = (FORM, ids, scope.guard(), generations, question);
        let digest = Sha256::digest(serde_json::to_vec(&all).ok()?);
        Some(format!("answer:{}", URL_SAFE_NO_PAD.encode(digest)))
    }

    /// A word that was never a generation.
    fn word(&self) -> String {
        Uuid::from_bytes(self.rng.bytes()).simple().to_string()
    }
}

fn internal(error: serde_json::Error) -> Error {
    Error::Internal(error.into())
}

fn name_of(library: Uuid) -> String {
    format!("generation:{}", library.simple())
}

#[cfg(test)]
mod tests;
