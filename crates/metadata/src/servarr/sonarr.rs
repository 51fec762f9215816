//! Sonarr: series.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::Result;
use serde::Deserialize;

use super::server::{AlternateTitle, Image, Rating, Servers, artwork, is_like, texts};
use crate::client::Workshop;
use crate::described::{EpisodeDescribed, OtherTitle, SeasonDescribed};
use crate::document::{Many, Maybe, Named, Number, Text};
use crate::facts::{SourceRating, Status};
use crate::language::from_english_name;
use crate::provider::{Attribution, FoundBy};
use crate::settings::ServarrSettings;
use crate::{Described, Facts, Hit, Locale, Provider, ProviderError, Query, Subject};

const ALL: &str = "api/v3/series";

/// The provider.
#[derive(Debug)]
pub(crate) struct Sonarr(Servers<Row>);

/// As much of a series as a search needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    title: Text,
    alternate_titles: Many<AlternateTitle>,
    year: Number,
    runtime: Number,
    path: Text,
    imdb_id: Text,
    tvdb_id: Text,
    tmdb_id: Text,
    tv_maze_id: Text,
    first_aired: Text,
    statistics: Maybe<Statistics>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Statistics {
    total_episode_count: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Series {
    id: Text,
    #[serde(flatten)]
    row: Row,
    original_language: Maybe<Named>,
    status: Text,
    overview: Text,
    last_aired: Text,
    next_airing: Text,
    network: Text,
    certification: Text,
    genres: Many<Text>,
    images: Many<Image>,
    ratings: Maybe<Rating>,
    seasons: Many<Season>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Season {
    season_number: Number,
    images: Many<Image>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Episode {
    tvdb_id: Text,
    season_number: Number,
    #[serde(rename = "episodeNumber")]
    number: Number,
    absolute_episode_number: Number,
    title: Text,
    overview: Text,
    air_date: Text,
    runtime: Number,
    images: Many<Image>,
}

impl Sonarr {
    /// None without a server.
    pub fn new(settings: &[ServarrSettings], workshop: &Workshop) -> Result<Option<Self>> {
        Ok(Servers::new("sonarr", settings, workshop)?.map(Self))
    }
}

#[async_trait]
impl Provider for Sonarr {
    fn name(&self) -> &'static str {
        "sonarr"
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "Sonarr",
            text: "Series information as your Sonarr has it, most of it by TheTVDB.",
            url: "https://sonarr.tv/",
        }
    }

    fn knows(&self, subject: Subject) -> bool {
        subject == Subject::Series
    }

    /// Its ids are those of TheTVDB.
    fn own_id(&self, subject: Subject, ids: &BTreeMap<String, String>) -> Option<String> {
        ids.get("tvdb").filter(|_| self.knows(subject)).cloned()
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        let by_path = self
            .0
            .rows(ALL, |server, row| {
                let is_there = server.holds(&row.path, &query.paths);
                is_there.then(|| row.hit(FoundBy::Path)).flatten()
            })
            .await?;
        if !by_path.is_empty() {
            return Ok(by_path);
        }
        let wanted = || std::iter::once(&query.title).chain(&query.other_titles);
        self.0
            .rows(ALL, |_, row| {
                let has = row.titles().any(|title| wanted().any(|it| is_like(it, title)));
                has.then(|| row.hit(FoundBy::Title)).flatten()
            })
            .await
    }

    async fn find(
        &self,
        _: Subject,
        ids: &BTreeMap<String, String>,
        _: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        let hits = self
            .0
            .rows(ALL, |_, row| {
                let own = row.ids();
                let is_it = own.iter().any(|(provider, id)| ids.get(provider) == Some(id));
                is_it.then(|| row.hit(FoundBy::Id)).flatten()
            })
            .await?;
        Ok(hits.into_iter().next())
    }

    async fn describe(
        &self,
        _: Subject,
        id: &str,
        locale: &Locale,
    ) -> Result<Described, ProviderError> {
        let is_it = |it: &Series| it.row.tvdb_id.get() == Some(id);
        let (server, series) = self.0.first(ALL, &[("tvdbId", id)], is_it).await?;
        let own_id = series.id.id().unwrap_or_default();
        let query = [("seriesId", own_id.as_str()), ("includeImages", "true")];
        let episodes: Vec<Episode> = server.get("api/v3/episode", &query).await?;
        Ok(read(series, &episodes, locale))
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        self.0.check().await
    }
}

impl Row {
    fn titles(&self) -> impl Iterator<Item = &str> {
        let others = self.alternate_titles.iter().filter_map(|it| it.title.get());
        self.title.get().into_iter().chain(others)
    }

    fn ids(&self) -> BTreeMap<String, String> {
        [
            ("tvdb", self.tvdb_id.id()),
            ("imdb", self.imdb_id.imdb_id()),
            ("tmdb", self.tmdb_id.id()),
            ("tvmaze", self.tv_maze_id.id()),
        ]
        .into_iter()
        .filter_map(|(provider, id)| Some((provider.to_owned(), id?)))
        .collect()
    }

    fn hit(&self, found_by: FoundBy) -> Option<Hit> {
        Some(Hit {
            found_by,
            other_titles: self.titles().skip(1).map(str::to_owned).collect(),
            year: self.year.int().filter(|it| *it > 0),
            released_on: self.first_aired.date(),
            runtime_ms: self.runtime.minutes_as_ms(),
            episode_count: self.statistics.as_ref().and_then(|it| it.total_episode_count.int()),
            ids: self.ids(),
            ..Hit::new("sonarr", self.tvdb_id.id()?, self.title.get()?)
        })
    }
}

fn read(series: Series, episodes: &[Episode], locale: &Locale) -> Described {
    let status = match series.status.get() {
        Some("continuing") => Some(Status::Continuing),
        Some("ended") => Some(Status::Ended),
        Some("upcoming") => Some(Status::Upcoming),
        _ => None,
    };
    let rating = series.ratings.as_ref().and_then(|it| {
        let votes = it.votes.whole().filter(|it| *it > 0);
        // Which source it is, it does not say; it takes it from its own service.
        Some(SourceRating { source: "sonarr".to_owned(), value: it.value.out_of(10.0)?, votes })
    });
    let facts = Facts {
        title: series.row.title.get().map(str::to_owned),
        original_language: series
            .original_language
            .as_ref()
            .and_then(|it| from_english_name(it.name.get()?)),
        overview: series.overview.take(),
        year: series.row.year.int().filter(|it| *it > 0),
        released_on: series.row.first_aired.date(),
        ended_on: series.last_aired.date().filter(|_| status == Some(Status::Ended)),
        next_air_on: series.next_airing.date(),
        runtime_ms: series.row.runtime.minutes_as_ms(),
        rating: rating.as_ref().map(|it| it.value),
        ratings: rating.into_iter().collect(),
        content_rating: series.certification.take(),
        status,
        genres: texts(&series.genres),
        networks: series.network.take().into_iter().collect(),
        ids: series.row.ids(),
        ..Facts::default()
    };
    let languages = locale.languages();
    let sorted = |images: &[Image]| {
        let mut artwork = artwork(images);
        crate::artwork::sort(&mut artwork, &languages);
        artwork
    };
    let mut seasons: Vec<SeasonDescribed> = series
        .seasons
        .iter()
        .filter_map(|it| {
            let number = it.season_number.int()?;
            let facts = Facts { season: Some(number), ..Facts::default() };
            let artwork = sorted(&it.images);
            Some(SeasonDescribed { number, facts, artwork, ..SeasonDescribed::default() })
        })
        .collect();
    seasons.sort_by_key(|it| it.number);
    let mut episodes: Vec<EpisodeDescribed> = episodes.iter().filter_map(read_episode).collect();
    episodes.sort_by_key(|it| (it.season, it.number));
    let other_titles = series.row.titles().skip(1).map(|it| OtherTitle {
        title: it.to_owned(),
        country: None,
        language: None,
    });
    Described {
        facts,
        other_titles: other_titles.collect(),
        artwork: sorted(&series.images),
        seasons,
        episodes,
        ..Described::default()
    }
}

fn read_episode(episode: &Episode) -> Option<EpisodeDescribed> {
    let (season, number) = (episode.season_number.int()?, episode.number.int()?);
    let facts = Facts {
        title: episode.title.get().filter(|it| *it != "TBA").map(str::to_owned),
        overview: episode.overview.get().map(str::to_owned),
        year: episode.air_date.year(),
        released_on: episode.air_date.date(),
        runtime_ms: episode.runtime.minutes_as_ms(),
        season: Some(season),
        episode: Some(number),
        absolute_number: episode.absolute_episode_number.int().filter(|it| *it > 0),
        ids: episode.tvdb_id.id().map(|it| ("tvdb".to_owned(), it)).into_iter().collect(),
        ..Facts::default()
    };
    let artwork = artwork(&episode.images);
    Some(EpisodeDescribed { season, number, facts, translations: Vec::new(), artwork })
}
