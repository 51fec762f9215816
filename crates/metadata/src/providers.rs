//! The providers that are in use, and what they say together.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::TimeDelta;
use futures::future::join_all;
use kernel::{Clock, Result, Rng};
use outbound::DiskCache;

use crate::boxes::SceneBox;
use crate::client::Workshop;
use crate::fanart::Fanart;
use crate::omdb::Omdb;
use crate::provider::Attribution;
use crate::servarr::{Radarr, Sonarr};
use crate::tmdb::Tmdb;
use crate::tvdb::Tvdb;
use crate::tvmaze::Tvmaze;
use crate::wikidata::Wikidata;
use crate::{Described, Hit, Locale, Provider, ProviderError, Query, Settings, Subject};

/// Bytes of answers that are kept on disk.
const MAX_CACHE_BYTES: u64 = 512 << 20;
/// The oldest answer that is better than none.
const MAX_CACHE_AGE: TimeDelta = TimeDelta::days(90);

/// Makes the providers that settings ask for.
type Build = dyn Fn(&Settings) -> Result<Vec<Arc<dyn Provider>>> + Send + Sync;

/// The providers in use. Cheap to clone; clones change together when new settings are applied.
#[derive(Clone)]
pub struct Providers(Arc<Inner>);

struct Inner {
    build: Box<Build>,
    now: RwLock<Lineup>,
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Providers").field(&self.lineup(&[]).names()).finish()
    }
}

impl Providers {
    /// No provider at all, whatever the settings.
    pub fn none() -> Self {
        Self::of(Vec::new())
    }

    /// The providers of `settings`, keeping their answers in a folder.
    pub fn open(settings: &Settings, place: Place) -> Result<Self> {
        let now = RwLock::new(Lineup::default());
        let cache = DiskCache::new(
            place.cache.clone(),
            MAX_CACHE_BYTES,
            MAX_CACHE_AGE,
            place.clock.clone(),
        );
        let build = Box::new(move |settings: &Settings| build(settings, &place, &cache));
        let providers = Self(Arc::new(Inner { build, now }));
        providers.apply(settings)?;
        Ok(providers)
    }

    /// The databases of scenes of `settings` and nobody else. Nothing of their answers is kept here.
    pub fn open_boxes(settings: &Settings, place: Place) -> Result<Self> {
        let now = RwLock::new(Lineup::default());
        let build = Box::new(move |settings: &Settings| build_boxes(settings, &place));
        let providers = Self(Arc::new(Inner { build, now }));
        providers.apply(settings)?;
        Ok(providers)
    }

    /// Exactly these providers, whatever the settings.
    pub fn of(providers: Vec<Arc<dyn Provider>>) -> Self {
        let now = RwLock::new(Lineup(providers.clone()));
        Self(Arc::new(Inner { build: Box::new(move |_| Ok(providers.clone())), now }))
    }

    /// From now on asks the providers of `settings`. What runs already ends with those it began with.
    pub fn apply(&self, settings: &Settings) -> Result<()> {
        let lineup = Lineup((self.0.build)(settings)?).reordered(&settings.order);
        *self.0.now.write().unwrap_or_else(PoisonError::into_inner) = lineup;
        Ok(())
    }

    /// The providers of this moment: those of `order` first, the others as the settings order them.
    pub fn lineup(&self, order: &[String]) -> Lineup {
        let now = self.0.now.read().unwrap_or_else(PoisonError::into_inner).clone();
        now.reordered(order)
    }

    /// Whether `provider` accepts the key that `settings` have for it. Nothing is applied.
    pub async fn try_out(&self, settings: &Settings, provider: &str) -> Result<(), ProviderError> {
        let built = (self.0.build)(settings).map_err(|error| ProviderError::Unavailable {
            reason: error.to_string(),
            retry_after: std::time::Duration::ZERO,
        })?;
        Lineup(built).get(provider)?.check_key().await
    }
}

/// What providers need beside their settings.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where their answers are kept.
    pub cache: PathBuf,
    /// Time.
    pub clock: Clock,
    /// For the jitter of pauses.
    pub rng: Rng,
    /// How requests behave where a provider's own limits do not say it.
    pub requests: outbound::Settings,
}

/// Those that `settings` ask for, in the order that is usual: what the owner runs first, then the public ones.
fn build(settings: &Settings, place: &Place, cache: &DiskCache) -> Result<Vec<Arc<dyn Provider>>> {
    fn add<T: Provider + 'static>(list: &mut Vec<Arc<dyn Provider>>, provider: Option<T>) {
        list.extend(provider.map(|it| Arc::new(it) as Arc<dyn Provider>));
    }
    let workshop = workshop(settings, place, Some(cache.clone()))?;
    let mut list = Vec::new();
    add(&mut list, Radarr::new(&settings.radarr, &workshop)?);
    add(&mut list, Sonarr::new(&settings.sonarr, &workshop)?);
    add(&mut list, Tmdb::new(&settings.tmdb, &workshop)?);
    add(&mut list, Tvdb::new(&settings.tvdb, &workshop)?);
    add(&mut list, Tvmaze::new(&settings.tvmaze, &workshop)?);
    add(&mut list, Wikidata::new(&settings.wikidata, &workshop)?);
    add(&mut list, Omdb::new(&settings.omdb, &workshop)?);
    add(&mut list, Fanart::new(&settings.fanart, &workshop)?);
    Ok(list)
}

/// The databases of scenes that `settings` ask for.
fn build_boxes(settings: &Settings, place: &Place) -> Result<Vec<Arc<dyn Provider>>> {
    let workshop = workshop(settings, place, None)?;
    let mut list = Vec::new();
    for settings in &settings.boxes {
        let provider = SceneBox::new(settings, &workshop)?;
        list.extend(provider.map(|it| Arc::new(it) as Arc<dyn Provider>));
    }
    Ok(list)
}

fn workshop(settings: &Settings, place: &Place, cache: Option<DiskCache>) -> Result<Workshop> {
    let proxy = settings.proxy.as_deref().map(str::parse).transpose();
    Ok(Workshop {
        cache,
        proxy: proxy.map_err(|_| anyhow::anyhow!("metadata.proxy is no address"))?,
        clock: place.clock.clone(),
        rng: place.rng.clone(),
        requests: place.requests.clone(),
    })
}

/// Some providers in the order of their word.
#[derive(Clone, Debug, Default)]
pub struct Lineup(Vec<Arc<dyn Provider>>);

/// What a search brought.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What may be meant, by provider in the order of their word.
    pub hits: Vec<Hit>,
    /// Who gave no answer, and why.
    pub failures: Vec<(&'static str, ProviderError)>,
}

/// What one provider says of a thing.
#[derive(Clone, Debug)]
pub struct SourceAnswer {
    /// Whose word it is.
    pub provider: &'static str,
    /// The thing's id there, where it is known.
    pub id: Option<String>,
    /// What it says.
    pub outcome: Result<Described, ProviderError>,
}

impl Lineup {
    /// Their names in order.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|it| it.name()).collect()
    }

    /// Whether nobody can be asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What must be said where their answers are shown.
    pub fn attributions(&self) -> Vec<(&'static str, Attribution)> {
        self.0.iter().map(|it| (it.name(), it.attribution())).collect()
    }

    /// Only the one called `provider`; nobody where it is not in use.
    pub fn only(mut self, provider: &str) -> Self {
        self.0.retain(|it| it.name() == provider);
        self
    }

    /// Asks all who can search, at once.
    pub async fn search(&self, query: &Query) -> Found {
        let asked = self.0.iter().filter(|it| it.can_search(query.subject));
        let answers = asked.map(|it| async move { (it.name(), it.search(query).await) });
        let mut found = Found::default();
        for (name, answer) in join_all(answers).await {
            match answer {
                Ok(hits) => found.hits.extend(hits),
                Err(ProviderError::NotFound) => {}
                Err(error) => found.failures.push((name, error)),
            }
        }
        found
    }

    /// Asks all who may know one of `ids`, at once.
    pub async fn find(
        &self,
        subject: Subject,
        ids: &BTreeMap<String, String>,
        locale: &Locale,
    ) -> Found {
        let asked = self.0.iter().filter(|it| it.knows(subject));
        let answers =
            asked.map(|it| async move { (it.name(), it.find(subject, ids, locale).await) });
        let mut found = Found::default();
        for (name, answer) in join_all(answers).await {
            match answer {
                Ok(hit) => found.hits.extend(hit),
                Err(ProviderError::NotFound) => {}
                Err(error) => found.failures.push((name, error)),
            }
        }
        found
    }

    /// What `provider` says of its `id`.
    pub async fn describe(
        &self,
        provider: &str,
        subject: Subject,
        id: &str,
        locale: &Locale,
    ) -> Result<Described, ProviderError> {
        self.get(provider)?.describe(subject, id, locale).await
    }

    /// What everybody says of the thing that has `ids`, in the order of their word. Ids that one tells help to find the
    /// thing at the next.
    pub async fn describe_all(
        &self,
        subject: Subject,
        ids: &BTreeMap<String, String>,
        locale: &Locale,
    ) -> Vec<SourceAnswer> {
        let mut known = ids.clone();
        let mut waiting: Vec<(usize, &Arc<dyn Provider>)> =
            self.0.iter().enumerate().filter(|(_, it)| it.knows(subject)).collect();
        let mut answers: Vec<(usize, SourceAnswer)> = Vec::new();
        while !waiting.is_empty() {
            // Whoever knows it by an id of their own is asked before anybody has to look it up.
            let by_own_id = waiting.iter().position(|(_, it)| it.own_id(subject, &known).is_some());
            let (position, provider) = waiting.remove(by_own_id.unwrap_or(0));
            let answer = Self::ask(provider.as_ref(), subject, &known, locale).await;
            if let Ok(described) = &answer.outcome {
                for (other, id) in &described.facts.ids {
                    known.entry(other.clone()).or_insert_with(|| id.clone());
                }
            }
            answers.push((position, answer));
        }
        answers.sort_by_key(|(position, _)| *position);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn ask(
        provider: &dyn Provider,
        subject: Subject,
        ids: &BTreeMap<String, String>,
        locale: &Locale,
    ) -> SourceAnswer {
        let answer = |id, outcome| SourceAnswer { provider: provider.name(), id, outcome };
        let id = match provider.own_id(subject, ids) {
            Some(id) => id,
            None => match provider.find(subject, ids, locale).await {
                Ok(Some(hit)) => hit.id,
                Ok(None) => return answer(None, Err(ProviderError::NotFound)),
                Err(error) => return answer(None, Err(error)),
            },
        };
        let outcome = provider.describe(subject, &id, locale).await;
        answer(Some(id), outcome)
    }

    /// Whether `provider` accepts its key.
    pub async fn check(&self, provider: &str) -> Result<(), ProviderError> {
        self.get(provider)?.check_key().await
    }

    fn get(&self, provider: &str) -> Result<&dyn Provider, ProviderError> {
        let found = self.0.iter().find(|it| it.name() == provider);
        found.map(|it| &**it).ok_or(ProviderError::NotFound)
    }

    fn reordered(mut self, order: &[String]) -> Self {
        let rank = |it: &Arc<dyn Provider>| {
            order.iter().position(|name| name == it.name()).unwrap_or(order.len())
        };
        self.0.sort_by_key(rank);
        self
    }
}

#[cfg(test)]
mod tests;
