//! OMDb: ratings of IMDb, Rotten Tomatoes and Metacritic, in English.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use kernel::Result;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::age_rating;
use crate::client::{Client, Limits, Place, Workshop, parse, refusal};
use crate::document::{Many, Number, Text};
use crate::facts::{ContentRating, SourceRating};
use crate::provider::{Attribution, FoundBy};
use crate::settings::KeyedSettings;
use crate::{
    Address, ArtworkRole, Credit, Described, Facts, Hit, Locale, Provider, ProviderError, Query,
    RemoteArtwork, Role, Subject,
};

const URL: &str = "https://www.omdbapi.com";
/// It counts by the day, not by the second; this is only polite.
const SPACING: Duration = Duration::from_millis(100);
/// A free key has a thousand requests a day: what it said is good for long.
const FRESH: TimeDelta = TimeDelta::days(7);
/// When the day's requests are used up.
const NEXT_TRY: Duration = Duration::from_hours(6);

/// The provider.
#[derive(Debug)]
pub(crate) struct Omdb(Client);

/// It answers with its own words for nothing, and tells failures only in the text.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Title {
    response: Text,
    error: Text,
    #[serde(rename = "Title")]
    name: Text,
    year: Text,
    rated: Text,
    released: Text,
    runtime: Text,
    genre: Text,
    director: Text,
    writer: Text,
    actors: Text,
    plot: Text,
    poster: Text,
    ratings: Many<RatingRow>,
    metascore: Text,
    #[serde(rename = "imdbRating")]
    imdb_rating: Text,
    #[serde(rename = "imdbVotes")]
    imdb_votes: Number,
    #[serde(rename = "imdbID")]
    imdb_id: Text,
    #[serde(rename = "Type")]
    kind: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RatingRow {
    source: Text,
    value: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Page {
    response: Text,
    error: Text,
    search: Many<Title>,
}

impl Omdb {
    /// None without a key.
    pub fn new(settings: &KeyedSettings, workshop: &Workshop) -> Result<Option<Self>> {
        let Some(key) = &settings.key else { return Ok(None) };
        let place = Place {
            name: "omdb",
            url: settings.url.as_deref().unwrap_or(URL),
            is_own: settings.url.is_some(),
            spacing: SPACING,
            limits: Limits::THING,
        };
        Ok(Some(Self(Client::new(workshop, &place)?.with_query("apikey", key))))
    }

    async fn ask<T: DeserializeOwned + Send + 'static>(
        &self,
        query: &[(&str, &str)],
        fresh_for: TimeDelta,
    ) -> Result<T, ProviderError> {
        match self.0.fetch("", query, fresh_for).await {
            Ok(body) => parse(body).await,
            Err(failure) => {
                // It says 401 for a wrong key and for one that is used up today; the text tells which.
                let said = String::from_utf8_lossy(&failure.body).to_ascii_lowercase();
                if said.contains("limit reached") {
                    return Err(ProviderError::Busy { retry_after: NEXT_TRY });
                }
                Err(refusal(&failure))
            }
        }
    }

    async fn title(&self, id: &str, fresh_for: TimeDelta) -> Result<Title, ProviderError> {
        let title: Title = self.ask(&[("i", id), ("plot", "full")], fresh_for).await?;
        told(&title.response, &title.error)?;
        Ok(title)
    }
}

#[async_trait]
impl Provider for Omdb {
    fn name(&self) -> &'static str {
        "omdb"
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "OMDb",
            text: "Ratings by OMDb API, licensed CC BY-NC 4.0.",
            url: "https://www.omdbapi.com/",
        }
    }

    fn knows(&self, _: Subject) -> bool {
        true
    }

    /// Its ids are those of IMDb.
    fn own_id(&self, _: Subject, ids: &BTreeMap<String, String>) -> Option<String> {
        ids.get("imdb").cloned()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        let year = query.year.map(|it| it.to_string());
        let mut asked = vec![("s", query.title.as_str()), ("type", kind(query.subject))];
        asked.extend(year.as_deref().map(|it| ("y", it)));
        let page: Page = self.ask(&asked, FRESH).await?;
        match told(&page.response, &page.error) {
            Ok(()) => Ok(page.search.iter().filter_map(|it| it.hit(query.subject)).collect()),
            Err(ProviderError::NotFound) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn find(
        &self,
        subject: Subject,
        ids: &BTreeMap<String, String>,
        _: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        let Some(id) = ids.get("imdb") else { return Ok(None) };
        let hit = self.title(id, FRESH).await?.hit(subject);
        Ok(hit.map(|it| Hit { found_by: FoundBy::Id, ..it }))
    }

    async fn describe(
        &self,
        subject: Subject,
        id: &str,
        _: &Locale,
    ) -> Result<Described, ProviderError> {
        let title = self.title(id, FRESH).await?;
        if title.kind.get() != Some(kind(subject)) {
            return Err(ProviderError::NotFound);
        }
        Ok(read(&title))
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        self.title("tt0111161", TimeDelta::zero()).await.map(drop)
    }
}

fn kind(subject: Subject) -> &'static str {
    match subject {
        Subject::Movie => "movie",
        Subject::Series => "series",
    }
}

/// What it means when the answer says that it is none.
fn told(response: &Text, error: &Text) -> Result<(), ProviderError> {
    if response.get() == Some("True") {
        return Ok(());
    }
    let error = error.get().unwrap_or_default().to_ascii_lowercase();
    Err(if error.contains("limit reached") {
        ProviderError::Busy { retry_after: NEXT_TRY }
    } else if error.contains("api key") {
        ProviderError::KeyRefused
    } else if error.contains("not found")
        || error.contains("incorrect")
        || error.contains("too many")
    {
        ProviderError::NotFound
    } else {
        ProviderError::Garbage("neither an answer nor a known error".to_owned())
    })
}

/// It writes `N/A` for what it does not know.
fn known(text: &Text) -> Option<&str> {
    text.get().filter(|it| *it != "N/A")
}

fn list(text: &Text) -> Vec<String> {
    let entries = known(text).unwrap_or_default().split(',').map(str::trim);
    entries.filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

impl Title {
    fn hit(&self, subject: Subject) -> Option<Hit> {
        let id = self.imdb_id.imdb_id()?;
        if self.kind.get() != Some(kind(subject)) {
            return None;
        }
        Some(Hit {
            year: self.year.year(),
            released_on: date(&self.released),
            runtime_ms: runtime_ms(&self.runtime),
            overview: known(&self.plot).map(str::to_owned),
            poster: known(&self.poster).and_then(Address::parse),
            ids: [("imdb".to_owned(), id.clone())].into(),
            ..Hit::new("omdb", id, known(&self.name)?)
        })
    }
}

fn read(title: &Title) -> Described {
    let rating = known(&title.rated).map(str::to_owned);
    let content_rating = rating.clone().map(|rating| {
        let age = age_rating::age_in("US", &rating);
        ContentRating { country: "US".to_owned(), rating, age }
    });
    let ratings = ratings(title);
    let people = |names: &Text, role| {
        // "Jonathan Nolan (screenplay)": the job is not the name.
        list(names)
            .into_iter()
            .map(move |it| Credit::new(it.split(" (").next().unwrap_or_default().to_owned(), role))
    };
    let facts = Facts {
        title: known(&title.name).map(str::to_owned),
        overview: known(&title.plot).map(str::to_owned),
        year: title.year.year(),
        released_on: date(&title.released),
        runtime_ms: runtime_ms(&title.runtime),
        rating: ratings.iter().find(|it| it.source == "imdb").map(|it| it.value),
        ratings,
        content_rating: rating
            .filter(|it| age_rating::age_in("US", it).is_some())
            .map(|it| format!("US:{it}")),
        content_ratings: content_rating.into_iter().filter(|it| it.age.is_some()).collect(),
        genres: list(&title.genre),
        credits: people(&title.director, Role::Director)
            .chain(people(&title.writer, Role::Writer))
            .chain(people(&title.actors, Role::Actor))
            .collect(),
        ids: title.imdb_id.imdb_id().map(|it| ("imdb".to_owned(), it)).into_iter().collect(),
        ..Facts::default()
    };
    let poster = known(&title.poster).and_then(Address::parse);
    let artwork = poster.map(|it| RemoteArtwork::new(ArtworkRole::Poster, it));
    Described { facts, artwork: artwork.into_iter().collect(), ..Described::default() }
}

fn ratings(title: &Title) -> Vec<SourceRating> {
    let mut ratings: Vec<SourceRating> = Vec::new();
    let mut add = |source: &str, value: Option<f32>, votes| {
        let is_new = ratings.iter().all(|it| it.source != source);
        if let Some(value) = value.filter(|it| is_new && *it > 0.0 && *it <= 10.0) {
            ratings.push(SourceRating { source: source.to_owned(), value, votes });
        }
    };
    let parse = |it: &str| it.parse::<f32>().ok();
    let votes = title.imdb_votes.whole();
    add("imdb", known(&title.imdb_rating).and_then(parse), votes);
    add("metacritic", known(&title.metascore).and_then(parse).map(|it| it / 10.0), None);
    for row in title.ratings.iter() {
        let (Some(source), Some(value)) = (row.source.get(), row.value.get()) else { continue };
        match source {
            "Internet Movie Database" => {
                add("imdb", value.strip_suffix("/10").and_then(parse), votes);
            }
            "Rotten Tomatoes" => {
                let value = value.strip_suffix('%').and_then(parse);
                add("rottentomatoes", value.map(|it| it / 10.0), None);
            }
            "Metacritic" => {
                let value = value.strip_suffix("/100").and_then(parse);
                add("metacritic", value.map(|it| it / 10.0), None);
            }
            _ => {}
        }
    }
    ratings
}

/// `15 Dec 1995`.
fn date(text: &Text) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(known(text)?, "%d %b %Y").ok()
}

/// `170 min`.
fn runtime_ms(text: &Text) -> Option<i64> {
    let minutes: i64 = known(text)?.split(' ').next()?.replace(',', "").parse().ok()?;
    (1..100_000).contains(&minutes).then(|| minutes * 60_000)
}
