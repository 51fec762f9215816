//! Matches in a person's hands: what is in doubt, what else an item may be, and the decision.

pub(crate) mod api;
mod given;
mod poster;
mod service;
mod store;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Area;
use kernel::id::{ItemId, LibraryId};
use metadata::provider::Hit;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::item::ImageRef;

pub(crate) use service::find_top;

/// An item of which a person has to say what it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReviewItem {
    /// Its id.
    pub id: ItemId,
    /// What it is: `movie`, `series`.
    pub kind: String,
    /// The library it is in.
    pub library_id: LibraryId,
    /// Its title as far as the names of its files tell it.
    pub title: String,
    /// Its year as far as they tell it.
    pub year: Option<i32>,
    /// How long its file plays.
    pub runtime_ms: Option<i64>,
    /// One of its files.
    pub path: Option<String>,
    /// The picture it has.
    pub poster: Option<ImageRef>,
    /// What it may be, the likeliest first; empty where no provider knows anything like it.
    pub candidates: Vec<MatchCandidate>,
}

/// A thing at a provider that an item may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MatchCandidate {
    /// Who offers it: `tmdb`, `tvdb`, ...
    pub provider: String,
    /// Its id there.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its title where it was made.
    pub original_title: Option<String>,
    /// Its year.
    pub year: Option<i32>,
    /// When it came out.
    pub released_on: Option<NaiveDate>,
    /// How long it runs; of a series one episode.
    pub runtime_ms: Option<i64>,
    /// Regular episodes of a series.
    pub episode_count: Option<i32>,
    /// What it is about.
    pub overview: Option<String>,
    /// Where a picture of it is, on this server, for administrators. It is fetched when it is asked for, and takes a `width` as
    /// other pictures do.
    pub poster_url: Option<String>,
    /// Its ids elsewhere.
    pub ids: BTreeMap<String, String>,
    /// How well it fits, 0 to 1.
    pub score: f32,
}

impl MatchCandidate {
    /// `hit` as a person sees it.
    pub(crate) fn of(area: Area, hit: Hit, score: f32) -> Self {
        let poster_url = poster::path_of(area, &hit);
        Self {
            provider: hit.provider,
            id: hit.id,
            title: hit.title,
            original_title: hit.original_title,
            year: hit.year,
            released_on: hit.released_on,
            runtime_ms: hit.runtime_ms,
            episode_count: hit.episode_count,
            overview: hit.overview,
            poster_url,
            ids: hit.ids,
            score,
        }
    }
}

/// What a search for an item's match brought.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Matches {
    /// What it may be, the likeliest first.
    pub candidates: Vec<MatchCandidate>,
    /// Who gave no answer, and why.
    pub failures: Vec<ProviderFailure>,
}

/// A provider that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderFailure {
    /// Who.
    pub provider: String,
    /// Why, for a person.
    pub reason: String,
}

/// What an item is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewMatch {
    /// Who knows it: `tmdb`, `tvdb`, `imdb`, ...
    pub provider: String,
    /// Its id there.
    pub id: String,
}

/// What an item is matched with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MatchView {
    /// `parsed` (not looked for yet), `matched` (found), `review` (a person has to decide) or `fixed` (a person decided).
    pub state: String,
    /// Who knows it; null where it is not matched. With the state `fixed`: a person decided that nothing fits.
    pub provider: Option<String>,
    /// Its id there.
    pub id: Option<String>,
    /// When that was found or decided.
    pub matched_at: Option<DateTime<Utc>>,
    /// Why the last asking came to nothing.
    pub problem: Option<String>,
}

/// The job that asks providers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct DescribeStarted {
    /// Watch it under `/jobs`.
    pub job_id: i64,
}

/// What every source says of an item.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ItemSources {
    /// What it is matched with.
    pub r#match: MatchView,
    /// When it was last described.
    pub described_at: Option<DateTime<Utc>>,
    /// When providers are asked next.
    pub due_at: Option<DateTime<Utc>>,
    /// The fields a person edited: nothing overwrites them.
    pub locked: Vec<String>,
    /// Of a series: the orders of its episodes that sources know beside `aired`: `dvd`, `absolute`, `story`, `alternate`.
    pub episode_orders: Vec<String>,
    /// The sources, the strongest first.
    pub sources: Vec<SourceView>,
}

/// What one source says of an item.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SourceView {
    /// `name`, `nfo`, `tags`, or a provider.
    pub source: String,
    /// What it is called there.
    pub provider_id: Option<String>,
    /// When it was asked.
    pub fetched_at: DateTime<Utc>,
    /// What it says, field by field.
    #[schema(value_type = Object)]
    pub facts: HashMap<String, serde_json::Value>,
    /// What must be said where this is shown.
    pub attribution: Option<AttributionView>,
}

/// What a provider's terms want said where its answers are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttributionView {
    /// The provider's name as it writes it.
    pub name: String,
    /// What is to be said.
    pub text: String,
    /// Its page.
    pub url: String,
}

impl From<metadata::provider::Attribution> for AttributionView {
    fn from(it: metadata::provider::Attribution) -> Self {
        let metadata::provider::Attribution { name, text, url } = it;
        Self { name: name.to_owned(), text: text.to_owned(), url: url.to_owned() }
    }
}
