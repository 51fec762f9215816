//! The engine on a Typesense server: an alias that answers, and one collection per generation behind it.
//!
//! Uses only what Typesense 27 has.

mod client;
mod nearest;
mod schema;

use std::collections::HashMap;

use kernel::{Error, Guard, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::document::{Card, Entry, seen_in};
use crate::facet::{Facet, Filter, IdSet, Number, Test};
use crate::fold::fold;
use crate::generation::Generation;
use crate::likeness::{Near, Neighbour, Vector};
use crate::rank::Needle;
use crate::sort::{Sort, SortBy};
use crate::{Candidates, Counts, Query};

use client::Client;
pub use client::TypesenseConfig;

/// How many documents are deleted by one filter: its text goes into the address of the request.
const DELETE_AT_ONCE: usize = 50;
/// How many words a prefix or a near spelling may stand for.
const MAX_WORDS: u32 = 200;
/// Values of one facet that are counted at most.
const MAX_VALUES: u32 = 500;

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

    pub async fn digests(&self) -> Result<Vec<(Uuid, u64)>> {
        self.ready().await?;
        let mut digests = Vec::new();
        let read = |line: &[u8]| {
            let known: Known = serde_json::from_slice(line).map_err(|error| {
                Error::Internal(anyhow::Error::new(error).context("an export of Typesense"))
            })?;
            // One without is not as it would be written now, whatever that is.
            let digest = u64::from_str_radix(&known.digest, 16).unwrap_or_default();
            digests.push((known.id, digest));
            Ok(())
        };
        self.client.export(&self.alias, "id,digest", read).await?;
        Ok(digests)
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

    pub async fn nearest(
        &self,
        vector: &Vector,
        near: &Near<'_>,
        limit: usize,
    ) -> Result<Vec<Neighbour>> {
        self.ready().await?;
        let search = nearest::search(&self.alias, vector, near, limit);
        let mut answers = self.client.search(&[search]).await?;
        nearest::neighbours(answers.pop().unwrap_or_default())
    }

    pub async fn candidates(
        &self,
        needle: &Needle,
        query: &Query<'_>,
        window: usize,
    ) -> Result<Candidates> {
        self.ready().await?;
        let filter_by = filter(query);
        let mut search = json!({
            "collection": self.alias,
            "q": if needle.core.is_empty() { "*".to_owned() } else { needle.core_text() },
            "query_by": "titles,joined,numbered,people,tags,overview",
            "query_by_weights": "8,8,8,4,4,1",
            "prefix": "true,true,true,true,true,false",
            "num_typos": "2,2,0,2,2,0",
            "min_len_1typo": 4,
            "min_len_2typo": 8,
            "enable_typos_for_numerical_tokens": false,
            // Near spellings only where the exact one finds nothing; never fewer words than typed.
            "typo_tokens_threshold": 1,
            "drop_tokens_threshold": 0,
            "split_join_tokens": "always",
            "max_candidates": MAX_WORDS,
            "filter_by": filter_by,
            "sort_by": order(query.sort),
            "include_fields": "card,overview",
            "highlight_fields": "none",
            "enable_highlight_v1": false,
            "page": 1,
            "per_page": window,
        });
        let counted: &[Facet] = match &query.counts {
            Counts::None => &[],
            Counts::All(_) => &Facet::COUNTED,
            Counts::Of(facet, _) => std::slice::from_ref(facet),
        };
        let counted: Vec<String> = counted.iter().map(|it| schema::written(*it)).collect();
        if !counted.is_empty() {
            search["facet_by"] = counted.join(",").into();
            search["max_facet_values"] = MAX_VALUES.into();
        }
        let mut searches = vec![search];
        if let Counts::All(sets) = query.counts {
            for set in sets {
                let mut search = searches[0].clone();
                search["filter_by"] = format!("{filter_by} && id:[{}]", ids(set)).into();
                search["per_page"] = 0.into();
                search.as_object_mut().map(|it| it.remove("facet_by"));
                search.as_object_mut().map(|it| it.remove("max_facet_values"));
                searches.push(search);
            }
        }
        let answers = self.client.search(&searches).await?.into_iter().map(|answer| {
            serde_json::from_value::<Answer>(answer).map_err(|error| {
                Error::Internal(anyhow::Error::new(error).context("an answer of Typesense"))
            })
        });
        let mut answers = answers.collect::<Result<Vec<Answer>>>()?.into_iter();
        let answer = answers.next().unwrap_or_default();
        let cards = answer.hits.into_iter().map(|hit| {
            let card: Card = serde_json::from_str(&hit.document.card)
                .map_err(|error| Error::Internal(anyhow::Error::new(error).context("a card")))?;
            Ok(Card { overview: Some(hit.document.overview), ..card })
        });
        let values = answer.facet_counts.into_iter().flat_map(|it| {
            let key = it.field_name.trim_start_matches("has_").to_owned();
            it.counts.into_iter().map(move |it| (format!("{key}={}", it.value), it.count))
        });
        Ok(Candidates {
            cards: cards.collect::<Result<_>>()?,
            found: answer.found,
            values: values.collect(),
            in_sets: answers.map(|it| it.found).collect(),
        })
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
struct Known {
    id: Uuid,
    #[serde(default)]
    digest: String,
}

#[derive(Default, Deserialize)]
struct Answer {
    found: u64,
    hits: Vec<AnswerHit>,
    #[serde(default)]
    facet_counts: Vec<AnswerFacet>,
}

#[derive(Deserialize)]
struct AnswerHit {
    document: AnswerDocument,
}

#[derive(Deserialize)]
struct AnswerDocument {
    card: String,
    #[serde(default)]
    overview: String,
}

#[derive(Deserialize)]
struct AnswerFacet {
    field_name: String,
    counts: Vec<AnswerCount>,
}

#[derive(Deserialize)]
struct AnswerCount {
    value: String,
    count: u64,
}

/// What comes first; of what is the same in that, what many know, then what is new.
fn order(sort: Option<Sort>) -> String {
    let Some(Sort { by, is_descending }) = sort else {
        return "_text_match:desc,popularity:desc,added_at:desc".to_owned();
    };
    let of = |it: schema::Ordered| if is_descending { it.down } else { it.up };
    let field = match by {
        SortBy::Title => "sort_title",
        SortBy::Year => of(schema::YEAR),
        SortBy::Rating => of(schema::RATING),
        SortBy::AddedAt => "added_at",
    };
    let direction = if is_descending { "desc" } else { "asc" };
    let then = if by == SortBy::AddedAt { "" } else { ",added_at:desc" };
    format!("{field}:{direction},popularity:desc{then}")
}

fn filter(query: &Query<'_>) -> String {
    let libraries: Vec<String> = query.libraries.iter().map(|it| seen_in(it, query.of)).collect();
    let mut clauses = seen(&libraries, query.guard);
    if let Some(kinds) = &query.kinds {
        clauses.push(format!("kind:=[{}]", quoted(kinds.iter().map(String::as_str))));
    }
    clauses.extend(query.filters.iter().filter_map(clause));
    clauses.join(" && ")
}

/// What exists for the one who asks.
fn seen(libraries: &[String], guard: &Guard) -> Vec<String> {
    let mut clauses = vec![format!("library_id:=[{}]", libraries.join(","))];
    let numbers = |marks: &[i64]| marks.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let Guard { hidden, wanted } = guard;
    if !hidden.is_empty() {
        clauses.push(format!("marks:!=[{}]", numbers(hidden)));
    }
    if !wanted.is_empty() {
        clauses.push(format!("marks:=[{}]", numbers(wanted)));
    }
    clauses
}

/// One filter; `None` where it leaves in everything.
fn clause(filter: &Filter) -> Option<String> {
    let not = if filter.is_not { "!" } else { "" };
    match &filter.test {
        Test::OneOf(facet, values) => {
            let values: Vec<String> = values.iter().map(|it| fold(it)).collect();
            let values = quoted(values.iter().map(String::as_str));
            Some(format!("{}:{not}=[{values}]", schema::folded(*facet)))
        }
        Test::Between(number, from, to) => {
            let field = match number {
                Number::Year => "year",
                Number::Rating => "rating",
                Number::Age => "age",
            };
            let (low, high, join) =
                if filter.is_not { ("<", ">", " || ") } else { (">=", "<=", " && ") };
            let ends = [from.map(|it| (low, it)), to.map(|it| (high, it))];
            let ends: Vec<String> = ends
                .into_iter()
                .flatten()
                .map(|(sign, it)| format!("{field}:{sign}{it}"))
                .collect();
            (!ends.is_empty()).then(|| format!("({})", ends.join(join)))
        }
        Test::In(set) if set.ids().is_empty() => None,
        Test::In(set) => {
            Some(format!("id:{}[{}]", if filter.is_not { "!=" } else { "" }, ids(set)))
        }
    }
}

/// Between backticks nothing is a sign of the filter's own.
fn quoted<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.map(|it| format!("`{}`", it.replace('`', ""))).collect::<Vec<_>>().join(",")
}

fn ids(set: &IdSet) -> String {
    // A set of nothing is one of an id that no document has.
    if set.ids().is_empty() {
        return Uuid::nil().to_string();
    }
    set.ids().iter().map(Uuid::to_string).collect::<Vec<_>>().join(",")
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
