//! TheTVDB: series and films, version 4 of its API.

mod answer;
mod movie;
mod series;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use http::header::AUTHORIZATION;
use kernel::Result;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::client::{Client, Limits, Place, Workshop};
use crate::document::{Many, Maybe, Text};
use crate::provider::{Attribution, FoundBy};
use crate::settings::{Secret, TvdbSettings};
use crate::{Described, Hit, Locale, Provider, ProviderError, Query, Subject};

use answer::{SearchRow, ThingRow};

const URL: &str = "https://api4.thetvdb.com/v4";
/// It publishes no limit; this is what its own pages do.
const SPACING: Duration = Duration::from_millis(100);
const SEARCH_IS_FRESH: TimeDelta = TimeDelta::hours(6);
const DETAIL_IS_FRESH: TimeDelta = TimeDelta::hours(20);

/// The provider.
#[derive(Debug)]
pub(crate) struct Tvdb {
    client: Client,
    key: Secret,
    pin: Option<Secret>,
    /// Good for a month; asked for anew when it is refused.
    token: Mutex<Option<Secret>>,
}

/// Every answer lies in an envelope.
#[derive(Debug, Deserialize)]
struct Envelope<T> {
    data: T,
    #[serde(default)]
    links: Maybe<Links>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Links {
    next: Text,
}

/// A thing that has an id of another catalog.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Found {
    series: Maybe<ThingRow>,
    movie: Maybe<ThingRow>,
}

impl Tvdb {
    /// None without a key.
    pub fn new(settings: &TvdbSettings, workshop: &Workshop) -> Result<Option<Self>> {
        let Some(key) = settings.key.clone() else { return Ok(None) };
        let place = Place {
            name: "tvdb",
            url: settings.url.as_deref().unwrap_or(URL),
            is_own: settings.url.is_some(),
            spacing: SPACING,
            limits: Limits::THING,
        };
        let client = Client::new(workshop, &place)?;
        Ok(Some(Self { client, key, pin: settings.pin.clone(), token: Mutex::default() }))
    }

    async fn log_in(&self) -> Result<Secret, ProviderError> {
        #[derive(Deserialize)]
        struct Login {
            token: String,
        }
        let mut body = serde_json::json!({ "apikey": self.key.reveal() });
        if let Some(pin) = &self.pin {
            body["pin"] = pin.reveal().into();
        }
        let login: Envelope<Login> = self.client.post("login", &body).await?;
        Ok(Secret::new(login.data.token))
    }

    /// The client with a token; `refused` is one that no longer works.
    async fn signed_in(&self, refused: Option<&Secret>) -> Result<(Client, Secret), ProviderError> {
        let mut token = self.token.lock().await;
        let usable = token.clone().filter(|it| Some(it) != refused);
        let usable = match usable {
            Some(usable) => usable,
            None => self.log_in().await?,
        };
        *token = Some(usable.clone());
        let header = Secret::new(format!("Bearer {}", usable.reveal()));
        Ok((self.client.clone().with_header(AUTHORIZATION, &header), usable))
    }

    async fn ask<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        fresh_for: TimeDelta,
    ) -> Result<Envelope<T>, ProviderError> {
        let (client, token) = self.signed_in(None).await?;
        match client.get(path, query, fresh_for).await {
            Err(ProviderError::KeyRefused) => {
                let (client, _) = self.signed_in(Some(&token)).await?;
                client.get(path, query, fresh_for).await
            }
            answer => answer,
        }
    }

    async fn get<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ProviderError> {
        Ok(self.ask(path, query, DETAIL_IS_FRESH).await?.data)
    }
}

fn kind(subject: Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::Movie => ("movie", "movies"),
        Subject::Series => ("series", "series"),
    }
}

#[async_trait]
impl Provider for Tvdb {
    fn name(&self) -> &'static str {
        "tvdb"
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "TheTVDB",
            text: "Metadata provided by TheTVDB. Please consider adding missing information or subscribing.",
            url: "https://thetvdb.com/subscribe",
        }
    }

    fn knows(&self, _: Subject) -> bool {
        true
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        let year = query.year.map(|it| it.to_string());
        for year in [year.as_deref(), None] {
            let mut asked = vec![("query", query.title.as_str()), ("type", kind(query.subject).0)];
            asked.extend(year.map(|it| ("year", it)));
            let rows: Envelope<Many<SearchRow>> =
                self.ask("search", &asked, SEARCH_IS_FRESH).await?;
            let hits: Vec<Hit> = rows.data.iter().filter_map(|it| it.hit(&query.locale)).collect();
            if !hits.is_empty() || year.is_none() {
                return Ok(hits);
            }
        }
        Ok(Vec::new())
    }

    async fn find(
        &self,
        subject: Subject,
        ids: &BTreeMap<String, String>,
        _: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        if let Some(id) = ids.get("tvdb") {
            let thing: ThingRow =
                self.get(&format!("{}/{}", kind(subject).1, number(id)?), &[]).await?;
            return Ok(thing.hit().map(|it| Hit { found_by: FoundBy::Id, ..it }));
        }
        // Numbers of other catalogs could be anybody's there; the letters of IMDb could not.
        let Some(imdb) = ids.get("imdb") else { return Ok(None) };
        let path = format!("search/remoteid/{imdb}");
        let rows: Many<Found> = self.get(&path, &[]).await?;
        let hit = rows.iter().find_map(|it| {
            let thing = match subject {
                Subject::Movie => it.movie.as_ref(),
                Subject::Series => it.series.as_ref(),
            };
            thing?.hit()
        });
        Ok(hit.map(|mut hit| {
            hit.found_by = FoundBy::Id;
            hit.ids.insert("imdb".to_owned(), imdb.clone());
            hit
        }))
    }

    async fn describe(
        &self,
        subject: Subject,
        id: &str,
        locale: &Locale,
    ) -> Result<Described, ProviderError> {
        let id = number(id)?;
        match subject {
            Subject::Movie => movie::describe(self, id, locale).await,
            Subject::Series => series::describe(self, id, locale).await,
        }
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        let token = self.log_in().await?;
        *self.token.lock().await = Some(token);
        Ok(())
    }
}

fn number(id: &str) -> Result<u64, ProviderError> {
    id.parse().map_err(|_| ProviderError::NotFound)
}
