//! The engine on a Typesense server: an alias that answers, and one collection per generation behind it.
//!
//! Uses only what Typesense 27 has.

mod client;
mod schema;

use std::collections::HashMap;

use kernel::{Error, Guard, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::document::{Card, Entry};
use crate::generation::Generation;
use crate::rank::Needle;
use crate::{Candidates, Query};

use client::Client;
pub use client::TypesenseConfig;

/// How many documents are deleted by one filter: its text goes into the address of the request.
const DELETE_AT_ONCE: usize = 50;
/// How many words a prefix or a near spelling may stand for.
const MAX_WORDS: u32 = 200;

#[derive(Debug)]
pub(crate) struct Typesense {
    client: Client,
    /// What answers; collections are named after it.
    alias: String,
    /// Set when the alias was seen to point to a collection of our form.
    is_ready: OnceCell<()>,
}

impl Typesense {
    pub fn new(http: reqwest::Client, config: TypesenseConfig) -> Self {
        let alias = config.collection.clone();
        Self { client: Client::new(http, config), alias, is_ready: OnceCell::new() }
    }

    pub async fn health(&self) -> Result<()> {
        self.client.health().await?;
        // Health needs no key; this does.
        self.generation().await.map(drop)
    }

    pub async fn count(&self) -> Result<u64> {
        self.ready().await?;
        let collection = self.client.get(&["collections", &self.alias]).await?;
        let collection = collection.ok_or_else(|| self.gone())?;
        Ok(collection["num_documents"].as_u64().unwrap_or(0))
    }

    pub async fn needs_rebuild(&self) -> Result<bool> {
        self.ready().await?;
        Ok(!self.generation().await?.is_some_and(|it| it.is_complete))
    }

    /// Writes to `collection`, or to the one that answers.
    pub async fn write(
        &self,
        collection: Option<&str>,
        entries: &[Entry],
        deleted: &[Uuid],
    ) -> Result<()> {
        self.ready().await?;
        let collection = collection.unwrap_or(&self.alias);
        for ids in deleted.chunks(DELETE_AT_ONCE) {
            let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
            self.client.delete_where(collection, &format!("id:=[{}]", ids.join(","))).await?;
        }
        if entries.is_empty() {
            return Ok(());
        }
        let mut lines = String::new();
        for entry in entries {
            lines.push_str(&schema::document(entry)?.to_string());
            lines.push('\n');
        }
        self.client.import(collection, lines).await
    }

    pub async fn candidates(
        &self,
        needle: &Needle,
        query: &Query<'_>,
        window: usize,
    ) -> Result<Candidates> {
        self.ready().await?;
        let search = json!({
            "collection": self.alias,
            "q": needle.text(),
            "query_by": "titles,joined,people,tags,overview",
            "query_by_weights": "8,8,4,4,1",
            "prefix": "true,true,true,true,false",
            "num_typos": "2,2,2,2,0",
            "min_len_1typo": 4,
            "min_len_2typo": 8,
            "enable_typos_for_numerical_tokens": false,
            // Near spellings only where the exact one finds nothing; never fewer words than typed.
            "typo_tokens_threshold": 1,
            "drop_tokens_threshold": 0,
            "split_join_tokens": "always",
            "max_candidates": MAX_WORDS,
            "filter_by": filter(query),
            "sort_by": "_text_match:desc,popularity:desc,added_at:desc",
            "include_fields": "card",
            "highlight_fields": "none",
            "enable_highlight_v1": false,
            "page": 1,
            "per_page": window,
        });
        let answer = self.client.search(&search).await?;
        let answer: Answer = serde_json::from_value(answer).map_err(|error| {
            Error::Internal(anyhow::Error::new(error).context("an answer of Typesense"))
        })?;
        let cards = answer.hits.into_iter().map(|hit| {
            serde_json::from_str::<Card>(&hit.document.card)
                .map_err(|error| Error::Internal(anyhow::Error::new(error).context("a card")))
        });
        Ok((cards.collect::<Result<_>>()?, answer.found))
    }

    /// A new collection beside the one that answers. What an unfinished rebuild left is deleted.
    pub async fn begin_rebuild(&self) -> Result<String> {
        self.ready().await?;
        let current = self.generation().await?;
        self.delete_all_but(current).await?;
        let next = Generation::rebuilt(current.map_or(0, |it| it.number) + 1);
        let name = self.collection(next);
        if self.client.create_collection(&schema::collection(&name)).await? {
            Ok(name)
        } else {
            Err(Error::conflict(
                "search.rebuild_running",
                "another node rebuilds the search index already",
            ))
        }
    }

    /// Lets the alias point to a filled collection.
    pub async fn finish_rebuild(&self, collection: &str) -> Result<()> {
        self.client.set_alias(&self.alias, collection).await?;
        self.delete_all_but(self.parse(collection)).await
    }

    /// Makes sure that the alias points to a collection of our form, once.
    async fn ready(&self) -> Result<()> {
        let ensure = || async {
            let current = self.generation().await?;
            if current.is_some_and(Generation::is_current_form) {
                return Ok(());
            }
            let empty = Generation::empty(current.map_or(0, |it| it.number) + 1);
            let name = self.collection(empty);
            // Another node may have been quicker with either; both make the same.
            self.client.create_collection(&schema::collection(&name)).await?;
            self.client.set_alias(&self.alias, &name).await
        };
        self.is_ready.get_or_try_init(ensure).await?;
        Ok(())
    }

    /// What the alias points to.
    async fn generation(&self) -> Result<Option<Generation>> {
        let alias = self.client.get(&["aliases", &self.alias]).await?;
        Ok(alias.and_then(|it| self.parse(it["collection_name"].as_str()?)))
    }

    async fn delete_all_but(&self, current: Option<Generation>) -> Result<()> {
        let collections = self.client.get(&["collections"]).await?.unwrap_or_default();
        let names =
            collections.as_array().into_iter().flatten().filter_map(|it| it["name"].as_str());
        for name in names {
            if self.parse(name).is_some_and(|it| Some(it) != current) {
                self.client.delete_collection(name).await?;
            }
        }
        Ok(())
    }

    fn collection(&self, generation: Generation) -> String {
        format!("{}_{}", self.alias, generation.name())
    }

    fn parse(&self, collection: &str) -> Option<Generation> {
        Generation::parse(collection.strip_prefix(&self.alias)?.strip_prefix('_')?)
    }

    fn gone(&self) -> Error {
        client::unavailable(anyhow::anyhow!("the collection {} is gone; rebuild it", self.alias))
    }
}

#[derive(Deserialize)]
struct Answer {
    found: u64,
    hits: Vec<AnswerHit>,
}

#[derive(Deserialize)]
struct AnswerHit {
    document: AnswerDocument,
}

#[derive(Deserialize)]
struct AnswerDocument {
    card: String,
}

fn filter(query: &Query<'_>) -> String {
    let libraries: Vec<String> = query.libraries.iter().map(Uuid::to_string).collect();
    let mut filter = format!("library_id:=[{}]", libraries.join(","));
    let numbers = |marks: &[i64]| marks.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let Guard { hidden, wanted } = query.guard;
    if !hidden.is_empty() {
        filter = format!("{filter} && marks:!=[{}]", numbers(hidden));
    }
    if !wanted.is_empty() {
        filter = format!("{filter} && marks:=[{}]", numbers(wanted));
    }
    let Some(kinds) = &query.kinds else { return filter };
    // Between backticks nothing is a sign of the filter's own.
    let kinds: Vec<String> = kinds.iter().map(|it| format!("`{}`", it.replace('`', ""))).collect();
    format!("{filter} && kind:=[{}]", kinds.join(","))
}

/// The errors of an import, by how often each came.
fn import_errors(answer: &str) -> HashMap<String, usize> {
    let mut errors = HashMap::new();
    for line in answer.lines().filter(|it| !it.is_empty()) {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        if line["success"] != true {
            let error = line["error"].as_str().unwrap_or("no reason given");
            *errors.entry(error.to_owned()).or_default() += 1;
        }
    }
    errors
}
