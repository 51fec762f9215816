//! What providers offer to somebody who looks for a title that no library has. Nothing is kept of it here but, for a day,
//! where its picture is.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use kernel::{Error, Result};
use metadata::{Hit, Query, Subject};
use tokio::time::timeout;

use crate::Catalog;
use crate::describe::LibraryMetadata;
use crate::describe::score::{Scored, Wanted, rank};
use crate::review::{AttributionView, ProviderFailure};

/// Titles of an answer.
const MAX_OFFERS: usize = 30;
/// A person waits no longer, however many providers are slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// A title, as providers know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// A film or a series.
    pub subject: Subject,
    /// Who offers it first.
    pub provider: String,
    /// Its id there.
    pub id: String,
    /// Its title in the server's language.
    pub title: String,
    /// Its title where it was made.
    pub original_title: Option<String>,
    /// When it came out.
    pub year: Option<i32>,
    /// Where its poster is, at the provider.
    pub poster: Option<String>,
    /// Its ids, as far as those who offer it tell: provider to id.
    pub ids: BTreeMap<String, String>,
}

/// What a search brought.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    /// Titles, the likeliest first, each once.
    pub items: Vec<Offer>,
    /// Who gave no answer, and why.
    pub failures: Vec<ProviderFailure>,
    /// What must be said where the answers are shown.
    pub attributions: Vec<AttributionView>,
    /// Whether anybody could be asked.
    pub has_providers: bool,
}

impl Offer {
    fn of(subject: Subject, hit: Hit) -> Self {
        let mut ids = hit.ids;
        ids.insert(hit.provider.clone(), hit.id.clone());
        Self {
            subject,
            provider: hit.provider,
            id: hit.id,
            title: hit.title,
            original_title: hit.original_title,
            year: hit.year,
            poster: hit.poster.map(|it| it.as_str().to_owned()),
            ids,
        }
    }

    /// Whether two providers mean the same.
    fn is(&self, other: &Self) -> bool {
        let shares_id = self.ids.iter().any(|(name, id)| other.ids.get(name) == Some(id));
        let differs =
            self.ids.iter().any(|(name, id)| other.ids.get(name).is_some_and(|it| it != id));
        let is_called_alike = self.year.is_some()
            && self.year == other.year
            && naming::fold(&self.title) == naming::fold(&other.title);
        self.subject == other.subject && (shares_id || is_called_alike && !differs)
    }

    fn take(&mut self, other: Self) {
        self.year = self.year.or(other.year);
        self.poster = self.poster.take().or(other.poster);
        self.original_title = self.original_title.take().or(other.original_title);
        for (name, id) in other.ids {
            self.ids.entry(name).or_insert(id);
        }
    }
}

impl Catalog {
    /// Asks the providers of the server for titles like `title`.
    pub async fn search_offers(
        &self,
        subjects: &[Subject],
        title: &str,
        year: Option<i32>,
    ) -> Result<Offers> {
        self.sources.refresh(&mut *self.connection().await?).await?;
        let library = LibraryMetadata::default();
        let (lineup, locale) = (self.sources.lineup(&library), self.sources.locale(&library));
        let asked = subjects.iter().map(|subject| {
            let query = Query {
                subject: *subject,
                title: title.to_owned(),
                other_titles: Vec::new(),
                year,
                ids: BTreeMap::new(),
                paths: Vec::new(),
                hashes: Vec::new(),
                locale: locale.clone(),
            };
            let lineup = &lineup;
            async move { (*subject, lineup.search(&query).await) }
        });
        let answers = timeout(PATIENCE, join_all(asked)).await.map_err(|_| too_slow())?;
        let mut offers = Offers { has_providers: !lineup.is_empty(), ..Offers::default() };
        let mut scored: Vec<(f32, Offer)> = Vec::new();
        for (subject, found) in answers {
            let titles = vec![title];
            let wanted = Wanted { subject, titles, year, runtime_ms: None, episode_count: None };
            let ranked = rank(&wanted, found.hits).into_iter();
            scored.extend(ranked.map(|Scored { hit, score }| (score, Offer::of(subject, hit))));
            for (provider, error) in found.failures {
                let provider = provider.to_owned();
                if !offers.failures.iter().any(|it| it.provider == provider) {
                    offers.failures.push(ProviderFailure { provider, reason: error.to_string() });
                }
            }
        }
        offers.items = merged(scored);
        let names: Vec<&str> =
            offers.items.iter().flat_map(|it| it.ids.keys()).map(String::as_str).collect();
        let said = lineup.attributions().into_iter().filter(|it| names.contains(&it.0));
        offers.attributions = said.map(|it| it.1.into()).collect();
        Ok(offers)
    }

    /// What the providers of the server say of the title with this id; nothing where none knows it.
    pub async fn find_offer(
        &self,
        subject: Subject,
        provider: &str,
        id: &str,
    ) -> Result<Option<Offer>> {
        self.sources.refresh(&mut *self.connection().await?).await?;
        let library = LibraryMetadata::default();
        let (lineup, locale) = (self.sources.lineup(&library), self.sources.locale(&library));
        let ids = BTreeMap::from([(provider.to_owned(), id.to_owned())]);
        let asked = lineup.find(subject, &ids, &locale);
        let found = timeout(PATIENCE, asked).await.map_err(|_| too_slow())?;
        let mut offer: Option<Offer> = None;
        for hit in found.hits {
            let next = Offer::of(subject, hit);
            match &mut offer {
                Some(offer) => offer.take(next),
                None => offer = Some(next),
            }
        }
        match (offer, found.failures.into_iter().next()) {
            // Whoever offers it is asked by an id that all of them understand.
            (Some(mut offer), _) => {
                offer.ids.insert(provider.to_owned(), id.to_owned());
                Ok(Some(offer))
            }
            (None, None) => Ok(None),
            (None, Some((name, error))) => Err(Error::Unavailable {
                service: "the metadata provider",
                source: anyhow::anyhow!("{name}: {error}"),
            }),
        }
    }
}

/// Each title once, the likeliest first.
fn merged(mut scored: Vec<(f32, Offer)>) -> Vec<Offer> {
    // Stable: equals stay as their providers rank them.
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut offers: Vec<Offer> = Vec::new();
    for (_, offer) in scored {
        match offers.iter_mut().find(|it| it.is(&offer)) {
            Some(known) => known.take(offer),
            None => offers.push(offer),
        }
    }
    offers.truncate(MAX_OFFERS);
    offers
}

fn too_slow() -> Error {
    Error::Unavailable {
        service: "the metadata provider",
        source: anyhow::anyhow!("no answer within {} s", PATIENCE.as_secs()),
    }
}
