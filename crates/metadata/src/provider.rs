//! What every provider can be asked, and how it answers.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{Address, Described};

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A film, or a scene.
    Movie,
    /// A series.
    Series,
}

/// In which language and for which country things are described.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Locale {
    /// BCP 47: `de`, `pt-BR`.
    pub language: String,
    /// ISO 3166-1, two capital letters: whose age ratings and dates count.
    pub country: Option<String>,
    /// Languages for texts that are missing in the first, the most wanted first.
    pub fallbacks: Vec<String>,
}

impl Default for Locale {
    fn default() -> Self {
        Self { language: "en".to_owned(), country: Some("US".to_owned()), fallbacks: Vec::new() }
    }
}

/// What is known of a thing that is looked for.
#[derive(Clone, Debug)]
pub struct Query {
    /// What kind of thing it is.
    pub subject: Subject,
    /// The most likely title.
    pub title: String,
    /// Further titles it may have.
    pub other_titles: Vec<String>,
    /// Year of release or first broadcast.
    pub year: Option<i32>,
    /// Its ids as far as they are known: provider to id.
    pub ids: BTreeMap<String, String>,
    /// Its files or folders as this server sees them: Radarr and Sonarr know theirs.
    pub paths: Vec<String>,
    /// What its files are told by, as far as that is known.
    pub hashes: Vec<FileHash>,
    /// In which language it is answered.
    pub locale: Locale,
}

/// What a file is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHash {
    /// Of what.
    pub kind: HashKind,
    /// The hash.
    pub value: u64,
}

impl FileHash {
    /// As databases write it: sixteen small hexadecimal digits.
    pub fn text(&self) -> String {
        format!("{:016x}", self.value)
    }
}

/// What a hash is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashKind {
    /// Of size and both ends of the file, as OpenSubtitles has it.
    Bytes,
    /// Of pictures along the film.
    Pictures,
}

/// Why a provider offers a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// Its title is like the one asked for.
    Title,
    /// It has an id that was asked for.
    Id,
    /// It lies in a folder that was asked for: whoever downloaded it knew what it is.
    Path,
    /// It has a hash that was asked for: it is the thing if it is as long.
    Fingerprint,
    /// Words of it are like those asked for, which proves nothing: a person decides.
    Words,
}

/// A thing that may be the one that is looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// Who offers it: [`Provider::name`].
    pub provider: String,
    /// Its id there, for [`Provider::describe`].
    pub id: String,
    /// Why it is offered.
    pub found_by: FoundBy,
    /// Its title in the language asked for.
    pub title: String,
    /// Its title in the language it was made in.
    #[serde(default)]
    pub original_title: Option<String>,
    /// Further titles it has.
    #[serde(default)]
    pub other_titles: Vec<String>,
    /// Year of release or first broadcast.
    #[serde(default)]
    pub year: Option<i32>,
    /// Day of release or first broadcast.
    #[serde(default)]
    pub released_on: Option<NaiveDate>,
    /// How long it plays; of a series one episode.
    #[serde(default)]
    pub runtime_ms: Option<i64>,
    /// How many regular episodes a series has.
    #[serde(default)]
    pub episode_count: Option<i32>,
    /// How known it is among what this provider has; comparable within one provider only.
    #[serde(default)]
    pub popularity: f32,
    /// What it is about.
    #[serde(default)]
    pub overview: Option<String>,
    /// A poster.
    #[serde(default)]
    pub poster: Option<Address>,
    /// Its ids as far as the provider says: provider to id.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
}

impl Hit {
    /// A thing of which no more is known.
    pub fn new(provider: &str, id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            provider: provider.to_owned(),
            id: id.into(),
            found_by: FoundBy::Title,
            title: title.into(),
            original_title: None,
            other_titles: Vec::new(),
            year: None,
            released_on: None,
            runtime_ms: None,
            episode_count: None,
            popularity: 0.0,
            overview: None,
            poster: None,
            ids: BTreeMap::new(),
        }
    }
}

/// What must be said where a provider's answers are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Attribution {
    /// The provider's name as it writes it.
    pub name: &'static str,
    /// What its terms want said.
    pub text: &'static str,
    /// Its page.
    pub url: &'static str,
}

/// Why a provider gave no answer, told apart by what helps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It does not know the thing. Asking again soon does not help.
    #[error("it knows no such thing")]
    NotFound,
    /// The key is missing, wrong, used up or not for this. A person has to act.
    #[error("it does not accept the key")]
    KeyRefused,
    /// It was asked too much. It helps to wait.
    #[error("it was asked too much; again in {} s", .retry_after.as_secs())]
    Busy {
        /// How long.
        retry_after: Duration,
    },
    /// It cannot be reached, fails, or has failed so often that it is left in peace. It helps to wait.
    #[error("it cannot be reached: {reason}")]
    Unavailable {
        /// What it said, without anything secret.
        reason: String,
        /// How long.
        retry_after: Duration,
    },
    /// Its answer makes no sense to us. Asking again soon does not help.
    #[error("its answer makes no sense: {0}")]
    Garbage(String),
}

impl ProviderError {
    /// How long to wait before asking again; none where waiting does not help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } | Self::Unavailable { retry_after, .. } => {
                Some(*retry_after)
            }
            Self::NotFound | Self::KeyRefused | Self::Garbage(_) => None,
        }
    }
}

/// An outside source of facts.
#[async_trait]
pub trait Provider: Debug + Send + Sync {
    /// The stable name: `tmdb`, `tvdb`, `tvmaze`, `wikidata`, `omdb`, `fanart`, `radarr`, `sonarr`, `box1` to `box6`.
    fn name(&self) -> &'static str;

    /// What must be said where its answers are shown.
    fn attribution(&self) -> Attribution;

    /// Whether it knows things of this kind at all.
    fn knows(&self, subject: Subject) -> bool;

    /// Whether it can be searched by title.
    fn can_search(&self, subject: Subject) -> bool {
        self.knows(subject)
    }

    /// The id for [`Provider::describe`] that `ids` hold already, without asking anybody.
    fn own_id(&self, subject: Subject, ids: &BTreeMap<String, String>) -> Option<String> {
        ids.get(self.name()).filter(|_| self.knows(subject)).cloned()
    }

    /// Things that may be what is asked for, as the provider ranks them.
    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError>;

    /// The thing that has one of `ids`, its own or those of others that it knows.
    async fn find(
        &self,
        subject: Subject,
        ids: &BTreeMap<String, String>,
        locale: &Locale,
    ) -> Result<Option<Hit>, ProviderError>;

    /// All it says of one thing.
    async fn describe(
        &self,
        subject: Subject,
        id: &str,
        locale: &Locale,
    ) -> Result<Described, ProviderError>;

    /// Asks for something that every key may have: tells whether the key is good.
    async fn check_key(&self) -> Result<(), ProviderError>;
}
