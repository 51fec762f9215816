//! A provider with a memory instead of a network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use metadata::provider::{Attribution, FoundBy};
use metadata::{Described, Hit, Locale, Provider, ProviderError, Query, Subject};

/// A provider that knows what a test tells it.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    name: &'static str,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    things: Vec<(Hit, Described)>,
    failure: Option<ProviderError>,
    n_asked: usize,
}

impl Memory {
    /// One that knows nothing yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, known: Arc::default() }
    }

    /// Knows one thing more, under `id`; what it says has that id too.
    pub fn know(&self, id: &str, title: &str, year: i32, mut said: Described) {
        let mut hit = Hit::new(self.name, id, title);
        hit.year = Some(year);
        hit.ids = said.facts.ids.clone();
        said.facts.title.get_or_insert_with(|| title.to_owned());
        said.facts.year.get_or_insert(year);
        said.facts.ids.insert(self.name.to_owned(), id.to_owned());
        let mut known = self.known();
        known.things.retain(|it| it.0.id != id);
        known.things.push((hit, said));
    }

    /// Has a picture of the thing `id` at an address.
    pub fn picture(&self, id: &str, url: &str) {
        let mut known = self.known();
        for (hit, _) in known.things.iter_mut().filter(|it| it.0.id == id) {
            hit.poster = metadata::Address::parse(url);
        }
    }

    /// Answers nothing else from now on.
    pub fn fail(&self, failure: Option<ProviderError>) {
        self.known().failure = failure;
    }

    /// How often it was asked.
    pub fn n_asked(&self) -> usize {
        self.known().n_asked
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self) -> Result<std::sync::MutexGuard<'_, Known>, ProviderError> {
        let mut known = self.known();
        known.n_asked += 1;
        match known.failure.clone() {
            Some(failure) => Err(failure),
            None => Ok(known),
        }
    }
}

#[async_trait]
impl Provider for Memory {
    fn name(&self) -> &'static str {
        self.name
    }

    fn attribution(&self) -> Attribution {
        Attribution { name: "Memory", text: "As the test told it.", url: "https://example.org/" }
    }

    fn knows(&self, _: Subject) -> bool {
        true
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        let known = self.ask()?;
        let word = naming::fold(query.title.split(' ').next().unwrap_or_default());
        let hits = known.things.iter().map(|it| it.0.clone());
        Ok(hits.filter(|it| naming::fold(&it.title).contains(&word)).collect())
    }

    async fn find(
        &self,
        _: Subject,
        ids: &BTreeMap<String, String>,
        _: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        let known = self.ask()?;
        let is_it =
            |said: &Described| ids.iter().any(|(name, id)| said.facts.ids.get(name) == Some(id));
        let found = known.things.iter().find(|it| is_it(&it.1));
        Ok(found.map(|it| Hit { found_by: FoundBy::Id, ..it.0.clone() }))
    }

    async fn describe(&self, _: Subject, id: &str, _: &Locale) -> Result<Described, ProviderError> {
        let known = self.ask()?;
        let found = known.things.iter().find(|it| it.0.id == id);
        found.map(|it| it.1.clone()).ok_or(ProviderError::NotFound)
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        self.ask().map(|_| ())
    }
}
