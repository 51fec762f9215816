//! TMDb: films and series, version 3 of its API.

mod answer;
mod movie;
mod people;
mod pictures;
mod series;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use http::header::AUTHORIZATION;
use kernel::Result;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::client::{Client, Limits, Place, Workshop};
use crate::document::Many;
use crate::provider::{Attribution, FoundBy};
use crate::settings::{KeyedSettings, Secret};
use crate::{Described, Hit, Locale, Provider, ProviderError, Query, Subject};

use answer::{Found, Page, Row};
use pictures::Pictures;

const URL: &str = "https://api.themoviedb.org/3";
/// It allows about forty requests a second.
const SPACING: Duration = Duration::from_millis(30);
/// Searches are for what is new as well.
const SEARCH_IS_FRESH: TimeDelta = TimeDelta::hours(6);
/// Whoever refreshes an item wants to see what changed today.
const DETAIL_IS_FRESH: TimeDelta = TimeDelta::hours(20);
/// Further titles that are searched where the first brings nothing.
const MAX_OTHER_TITLES: usize = 3;

/// The provider.
#[derive(Debug)]
pub(crate) struct Tmdb {
    client: Client,
    pictures: OnceCell<Pictures>,
}

impl Tmdb {
    /// None without a key.
    pub fn new(settings: &KeyedSettings, workshop: &Workshop) -> Result<Option<Self>> {
        let Some(key) = &settings.key else { return Ok(None) };
        let place = Place {
            name: "tmdb",
            url: settings.url.as_deref().unwrap_or(URL),
            is_own: settings.url.is_some(),
            spacing: SPACING,
            limits: Limits::THING,
        };
        let client = Client::new(workshop, &place)?;
        // The long token of version 4 goes into a header, the short key of version 3 into the query.
        let client = if key.reveal().contains('.') {
            client.with_header(AUTHORIZATION, &Secret::new(format!("Bearer {}", key.reveal())))
        } else {
            client.with_query("api_key", key)
        };
        Ok(Some(Self { client, pictures: OnceCell::new() }))
    }

    async fn pictures(&self) -> Pictures {
        let found = self.pictures.get_or_try_init(|| Pictures::ask(&self.client)).await;
        // Its addresses have not changed in years; they are asked for again next time.
        found.cloned().unwrap_or_default()
    }

    async fn search_one(
        &self,
        subject: Subject,
        title: &str,
        year: Option<i32>,
        locale: &Locale,
    ) -> Result<Vec<Row>, ProviderError> {
        let (path, year_name) = match subject {
            Subject::Movie => ("search/movie", "year"),
            Subject::Series => ("search/tv", "first_air_date_year"),
        };
        let year = year.map(|it| it.to_string());
        let mut query = vec![
            ("query", title),
            ("language", locale.language.as_str()),
            ("include_adult", "false"),
        ];
        query.extend(year.as_deref().map(|it| (year_name, it)));
        let page: Page = self.client.get(path, &query, SEARCH_IS_FRESH).await?;
        Ok(page.results.0)
    }
}

/// The part of a path that names the kind of thing.
fn kind(subject: Subject) -> &'static str {
    match subject {
        Subject::Movie => "movie",
        Subject::Series => "tv",
    }
}

#[async_trait]
impl Provider for Tmdb {
    fn name(&self) -> &'static str {
        "tmdb"
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "TMDB",
            text: "This product uses the TMDB API but is not endorsed or certified by TMDB.",
            url: "https://www.themoviedb.org/",
        }
    }

    fn knows(&self, _: Subject) -> bool {
        true
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        let pictures = self.pictures().await;
        let titles = std::iter::once(&query.title)
            .chain(query.other_titles.iter().take(MAX_OTHER_TITLES))
            .filter(|it| !it.trim().is_empty());
        let mut hits: Vec<Hit> = Vec::new();
        for title in titles {
            // First in the year, then in any: the year in a name is often off by one.
            for year in [query.year, None] {
                let rows = self.search_one(query.subject, title, year, &query.locale).await?;
                for hit in rows.iter().filter_map(|it| it.hit(query.subject, &pictures)) {
                    if !hits.iter().any(|it| it.id == hit.id) {
                        hits.push(hit);
                    }
                }
                if query.year.is_none() || hits.iter().any(|it| has_title(it, title)) {
                    break;
                }
            }
            if !hits.is_empty() {
                break;
            }
        }
        Ok(hits)
    }

    async fn find(
        &self,
        subject: Subject,
        ids: &BTreeMap<String, String>,
        locale: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        let language = ("language", locale.language.as_str());
        if let Some(id) = ids.get("tmdb") {
            let path = format!("{}/{}", kind(subject), number(id)?);
            let row: Row = self.client.get(&path, &[language], DETAIL_IS_FRESH).await?;
            let hit = row.hit(subject, &self.pictures().await);
            return Ok(hit.map(|it| Hit { found_by: FoundBy::Id, ..it }));
        }
        for (provider, source) in
            [("imdb", "imdb_id"), ("tvdb", "tvdb_id"), ("wikidata", "wikidata_id")]
        {
            let Some(id) = ids.get(provider) else { continue };
            let query = [("external_source", source), language];
            let path = format!("find/{id}");
            let found: Found = match self.client.get(&path, &query, SEARCH_IS_FRESH).await {
                Err(ProviderError::NotFound) => continue,
                found => found?,
            };
            let rows = match subject {
                Subject::Movie => found.movie_results,
                Subject::Series => found.tv_results,
            };
            let pictures = self.pictures().await;
            if let Some(mut hit) = rows.iter().find_map(|it| it.hit(subject, &pictures)) {
                hit.found_by = FoundBy::Id;
                hit.ids.insert(provider.to_owned(), id.clone());
                return Ok(Some(hit));
            }
        }
        Ok(None)
    }

    async fn describe(
        &self,
        subject: Subject,
        id: &str,
        locale: &Locale,
    ) -> Result<Described, ProviderError> {
        let id = number(id)?;
        let pictures = self.pictures().await;
        match subject {
            Subject::Movie => movie::describe(&self.client, id, locale, &pictures).await,
            Subject::Series => series::describe(&self.client, id, locale, &pictures).await,
        }
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        #[derive(Deserialize)]
        struct Authentication {}
        let Authentication {} = self.client.get("authentication", &[], TimeDelta::zero()).await?;
        Ok(())
    }
}

/// Its ids are numbers; any other is none of its own.
fn number(id: &str) -> Result<u64, ProviderError> {
    id.parse().map_err(|_| ProviderError::NotFound)
}

fn has_title(hit: &Hit, title: &str) -> bool {
    let folded = |it: &str| -> String {
        it.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let wanted = folded(title);
    [Some(&hit.title), hit.original_title.as_ref()]
        .into_iter()
        .flatten()
        .any(|it| folded(it) == wanted)
}

/// Languages of pictures and videos that are asked for: the wanted, English, and none.
fn picture_languages(locale: &Locale) -> String {
    let mut languages: Vec<String> =
        locale.languages().iter().map(|it| crate::language::primary(it).to_owned()).collect();
    languages.extend(["en".to_owned(), "null".to_owned()]);
    crate::document::distinct(languages.iter().map(String::as_str)).join(",")
}

/// A list inside an object: `{"results": [...]}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(bound = "T: serde::de::DeserializeOwned", default)]
struct Results<T> {
    #[serde(alias = "titles", alias = "keywords", alias = "translations")]
    results: Many<T>,
}

impl<T> Default for Results<T> {
    fn default() -> Self {
        Self { results: Many::default() }
    }
}
