//! Radarr: films.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::Result;
use serde::Deserialize;

use super::server::{AlternateTitle, Image, Rating, Servers, artwork, is_like, texts};
use crate::client::Workshop;
use crate::document::{Many, Maybe, Named, Number, Text};
use crate::facts::{Collection, Release, ReleaseKind, SourceRating, Status, Trailer, TrailerKind};
use crate::language::from_english_name;
use crate::provider::{Attribution, FoundBy};
use crate::settings::ServarrSettings;
use crate::{
    Address, Credit, Described, Facts, Hit, Locale, Provider, ProviderError, Query, Role, Subject,
};

const ALL: &str = "api/v3/movie";

/// The provider.
#[derive(Debug)]
pub(crate) struct Radarr(Servers<Row>);

/// As much of a film as a search needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Row {
    title: Text,
    original_title: Text,
    alternate_titles: Many<AlternateTitle>,
    year: Number,
    runtime: Number,
    path: Text,
    imdb_id: Text,
    tmdb_id: Text,
    popularity: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Movie {
    id: Text,
    #[serde(flatten)]
    row: Row,
    original_language: Maybe<Named>,
    status: Text,
    overview: Text,
    in_cinemas: Text,
    physical_release: Text,
    digital_release: Text,
    images: Many<Image>,
    you_tube_trailer_id: Text,
    studio: Text,
    certification: Text,
    genres: Many<Text>,
    keywords: Many<Text>,
    ratings: Maybe<Ratings>,
    collection: Maybe<CollectionRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Ratings {
    imdb: Maybe<Rating>,
    tmdb: Maybe<Rating>,
    metacritic: Maybe<Rating>,
    rotten_tomatoes: Maybe<Rating>,
    trakt: Maybe<Rating>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CollectionRow {
    title: Text,
    tmdb_id: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CreditRow {
    person_name: Text,
    person_tmdb_id: Text,
    images: Many<Portrait>,
    job: Text,
    character: Text,
    order: Number,
    #[serde(rename = "type")]
    kind: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Portrait {
    remote_url: Text,
}

impl Radarr {
    /// None without a server.
    pub fn new(settings: &[ServarrSettings], workshop: &Workshop) -> Result<Option<Self>> {
        Ok(Servers::new("radarr", settings, workshop)?.map(Self))
    }
}

#[async_trait]
impl Provider for Radarr {
    fn name(&self) -> &'static str {
        "radarr"
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "Radarr",
            text: "Film information as your Radarr has it, most of it by TMDB.",
            url: "https://radarr.video/",
        }
    }

    fn knows(&self, subject: Subject) -> bool {
        subject == Subject::Movie
    }

    /// Its ids are those of TMDb.
    fn own_id(&self, subject: Subject, ids: &BTreeMap<String, String>) -> Option<String> {
        ids.get("tmdb").filter(|_| self.knows(subject)).cloned()
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
                let has = |provider, id: &Text| {
                    id.get().is_some() && ids.get(provider).map(String::as_str) == id.get()
                };
                let is_it = has("tmdb", &row.tmdb_id) || has("imdb", &row.imdb_id);
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
        let is_it = |it: &Movie| it.row.tmdb_id.get() == Some(id);
        let (server, movie) = self.0.first(ALL, &[("tmdbId", id)], is_it).await?;
        let own_id = movie.id.id().unwrap_or_default();
        let credits = server.get("api/v3/credit", &[("movieId", &own_id)]).await?;
        Ok(read(movie, credits, locale))
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        self.0.check().await
    }
}

impl Row {
    fn titles(&self) -> impl Iterator<Item = &str> {
        let own = [self.title.get(), self.original_title.get()].into_iter().flatten();
        own.chain(self.alternate_titles.iter().filter_map(|it| it.title.get()))
    }

    fn ids(&self) -> BTreeMap<String, String> {
        [("tmdb", self.tmdb_id.id()), ("imdb", self.imdb_id.imdb_id())]
            .into_iter()
            .filter_map(|(provider, id)| Some((provider.to_owned(), id?)))
            .collect()
    }

    fn hit(&self, found_by: FoundBy) -> Option<Hit> {
        Some(Hit {
            found_by,
            original_title: self.original_title.get().map(str::to_owned),
            other_titles: self.titles().skip(1).map(str::to_owned).collect(),
            year: self.year.int().filter(|it| *it > 0),
            runtime_ms: self.runtime.minutes_as_ms(),
            popularity: self.popularity.real().unwrap_or_default() as f32,
            ids: self.ids(),
            ..Hit::new("radarr", self.tmdb_id.id()?, self.title.get()?)
        })
    }
}

fn read(movie: Movie, credits: Vec<CreditRow>, locale: &Locale) -> Described {
    let releases = [
        (ReleaseKind::Cinema, &movie.in_cinemas),
        (ReleaseKind::Digital, &movie.digital_release),
        (ReleaseKind::Physical, &movie.physical_release),
    ];
    let releases: Vec<Release> = releases
        .into_iter()
        .filter_map(|(kind, on)| Some(Release { country: String::new(), kind, on: on.date()? }))
        .collect();
    let ratings = ratings(&movie.ratings.0.unwrap_or_default());
    let collection = movie.collection.as_ref().and_then(|it| {
        let ids = it.tmdb_id.id().map(|it| ("tmdb".to_owned(), it)).into_iter().collect();
        Some(Collection { name: it.title.get()?.to_owned(), ids, ..Collection::default() })
    });
    let trailer = movie.you_tube_trailer_id.get().and_then(|it| {
        let url = Address::parse(&format!("https://www.youtube.com/watch?v={it}"))?;
        Some(Trailer { title: None, url, kind: TrailerKind::Trailer, language: None })
    });
    let is_upcoming = matches!(movie.status.get(), Some("tba" | "announced"));
    let facts = Facts {
        title: movie.row.title.get().map(str::to_owned),
        original_title: movie.row.original_title.get().map(str::to_owned),
        original_language: movie
            .original_language
            .as_ref()
            .and_then(|it| from_english_name(it.name.get()?)),
        overview: movie.overview.take(),
        year: movie.row.year.int().filter(|it| *it > 0),
        released_on: releases.iter().map(|it| it.on).min(),
        runtime_ms: movie.row.runtime.minutes_as_ms(),
        rating: ratings.iter().find(|it| it.source == "tmdb").map(|it| it.value),
        ratings,
        // It keeps the one of the country it was set up for and does not say which.
        content_rating: movie.certification.take(),
        releases,
        status: is_upcoming.then_some(Status::Upcoming),
        collection,
        genres: texts(&movie.genres),
        tags: texts(&movie.keywords),
        studios: movie.studio.take().into_iter().collect(),
        credits: self::credits(credits),
        trailers: trailer.into_iter().collect(),
        ids: movie.row.ids(),
        ..Facts::default()
    };
    let mut artwork = artwork(&movie.images);
    crate::artwork::sort(&mut artwork, &locale.languages());
    Described { facts, artwork, ..Described::default() }
}

fn ratings(ratings: &Ratings) -> Vec<SourceRating> {
    let of = [
        ("imdb", &ratings.imdb, 10.0),
        ("tmdb", &ratings.tmdb, 10.0),
        ("metacritic", &ratings.metacritic, 100.0),
        ("rottentomatoes", &ratings.rotten_tomatoes, 100.0),
        ("trakt", &ratings.trakt, 10.0),
    ];
    let read = of.into_iter().filter_map(|(source, rating, most)| {
        let rating = rating.as_ref()?;
        let votes = rating.votes.whole().filter(|it| *it > 0);
        Some(SourceRating { source: source.to_owned(), value: rating.value.out_of(most)?, votes })
    });
    read.collect()
}

fn credits(mut rows: Vec<CreditRow>) -> Vec<Credit> {
    rows.sort_by_key(|it| (it.kind.get() == Some("cast"), it.order.int()));
    let credits = rows.iter().filter_map(|it| {
        let job = it.job.get();
        let role = match (it.kind.get()?, job) {
            ("cast", _) => Role::Actor,
            (_, Some("Director")) => Role::Director,
            (_, Some("Writer" | "Screenplay" | "Story" | "Novel")) => Role::Writer,
            (_, Some("Producer" | "Executive Producer")) => Role::Producer,
            (_, Some("Original Music Composer")) => Role::Composer,
            (_, Some("Director of Photography")) => Role::Cinematographer,
            (_, Some("Editor")) => Role::Editor,
            (_, Some("Casting")) => Role::Casting,
            _ => Role::Crew,
        };
        let picture = it.images.iter().find_map(|it| Address::parse(it.remote_url.get()?));
        Some(Credit {
            character: it.character.get().filter(|_| role == Role::Actor).map(str::to_owned),
            job: job.filter(|_| role != Role::Actor).map(str::to_owned),
            picture,
            ids: it.person_tmdb_id.id().map(|it| ("tmdb".to_owned(), it)).into_iter().collect(),
            ..Credit::new(it.person_name.get()?, role)
        })
    });
    credits.collect()
}
