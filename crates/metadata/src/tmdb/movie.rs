//! A film in TMDb's answers.

use serde::Deserialize;

use crate::client::Client;
use crate::document::{Many, Maybe, Named, Number, Text, distinct, names};
use crate::facts::{Collection, ContentRating, Release, ReleaseKind, Status};
use crate::{ArtworkRole, Described, Facts, Locale, ProviderError, artwork};

use super::answer::{
    AlternativeTitle, ExternalIds, Shown, TranslationRow, Video, content_rating, other_titles,
    rating, rating_for, trailers, translations, wanted,
};
use super::people::{People, credits};
use super::pictures::{PictureLists, Pictures};
use super::{DETAIL_IS_FRESH, Results, picture_languages};

const PARTS: &str =
    "credits,images,translations,alternative_titles,release_dates,keywords,videos,external_ids";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Movie {
    id: Text,
    title: Text,
    original_title: Text,
    original_language: Text,
    overview: Text,
    tagline: Text,
    status: Text,
    release_date: Text,
    runtime: Number,
    vote_average: Number,
    vote_count: Number,
    imdb_id: Text,
    poster_path: Text,
    backdrop_path: Text,
    genres: Many<Named>,
    production_companies: Many<Named>,
    production_countries: Many<Country>,
    belongs_to_collection: Maybe<CollectionRow>,
    credits: Maybe<People>,
    images: Maybe<PictureLists>,
    translations: Maybe<Results<TranslationRow>>,
    alternative_titles: Maybe<Results<AlternativeTitle>>,
    release_dates: Maybe<Results<CountryReleases>>,
    keywords: Maybe<Results<Named>>,
    videos: Maybe<Results<Video>>,
    external_ids: Maybe<ExternalIds>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Country {
    iso_3166_1: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CollectionRow {
    id: Text,
    name: Text,
    poster_path: Text,
    backdrop_path: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct CountryReleases {
    iso_3166_1: Text,
    release_dates: Many<ReleaseDate>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ReleaseDate {
    certification: Text,
    #[serde(rename = "release_date")]
    on: Text,
    #[serde(rename = "type")]
    kind: Number,
}

pub(super) async fn describe(
    client: &Client,
    id: u64,
    locale: &Locale,
    pictures: &Pictures,
) -> Result<Described, ProviderError> {
    let languages = picture_languages(locale);
    let query = [
        ("language", locale.language.as_str()),
        ("append_to_response", PARTS),
        ("include_image_language", &languages),
        ("include_video_language", &languages),
    ];
    let movie: Movie = client.get(&format!("movie/{id}"), &query, DETAIL_IS_FRESH).await?;
    if movie.id.id() != Some(id.to_string()) {
        return Err(ProviderError::Garbage("not the film that was asked for".to_owned()));
    }
    Ok(read(movie, locale, pictures))
}

fn read(movie: Movie, locale: &Locale, pictures: &Pictures) -> Described {
    let translations = translations(&movie.translations.0.unwrap_or_default());
    let countries = movie.release_dates.0.unwrap_or_default().results;
    let content_ratings = content_ratings(&countries);
    let own_rating = rating(movie.vote_average, movie.vote_count);
    let mut ids = movie.external_ids.0.unwrap_or_default().read();
    ids.extend(movie.imdb_id.imdb_id().map(|it| ("imdb".to_owned(), it)));
    ids.extend(movie.id.id().map(|it| ("tmdb".to_owned(), it)));
    let text = |it: &Text| it.get().map(str::to_owned);
    let shown = Shown {
        title: text(&movie.title),
        original_title: text(&movie.original_title),
        original_language: text(&movie.original_language),
    };
    let facts = Facts {
        title: shown.title(&translations, locale),
        original_title: text(&movie.original_title),
        original_language: text(&movie.original_language),
        tagline: movie
            .tagline
            .take()
            .or_else(|| wanted(&translations, locale, |it| it.tagline.as_ref())),
        overview: movie
            .overview
            .take()
            .or_else(|| wanted(&translations, locale, |it| it.overview.as_ref())),
        year: movie.release_date.year(),
        released_on: movie.release_date.date(),
        runtime_ms: movie.runtime.minutes_as_ms(),
        rating: own_rating.as_ref().map(|it| it.value),
        ratings: own_rating.into_iter().collect(),
        content_rating: rating_for(&content_ratings, locale),
        content_ratings,
        releases: releases(&countries),
        status: movie.status.get().and_then(status),
        collection: movie.belongs_to_collection.0.and_then(|it| collection(&it, pictures)),
        genres: names(&movie.genres),
        tags: names(&movie.keywords.0.unwrap_or_default().results),
        studios: names(&movie.production_companies),
        countries: distinct(movie.production_countries.iter().filter_map(|it| it.iso_3166_1.get())),
        credits: credits(&movie.credits.0.unwrap_or_default(), &[], pictures),
        trailers: trailers(&movie.videos.0.unwrap_or_default(), locale),
        ids,
        ..Facts::default()
    };
    let main =
        [(ArtworkRole::Poster, &movie.poster_path), (ArtworkRole::Backdrop, &movie.backdrop_path)];
    let mut artwork = pictures.artwork(&movie.images.0.unwrap_or_default(), &main);
    artwork::sort(&mut artwork, &locale.languages());
    Described {
        facts,
        translations,
        other_titles: other_titles(&movie.alternative_titles.0.unwrap_or_default()),
        artwork,
        ..Described::default()
    }
}

/// One rating a country: that of the cinemas before that of discs.
fn content_ratings(countries: &[CountryReleases]) -> Vec<ContentRating> {
    let ratings = countries.iter().filter_map(|country| {
        let mut rated: Vec<&ReleaseDate> =
            country.release_dates.iter().filter(|it| it.certification.get().is_some()).collect();
        rated.sort_by_key(|it| match it.kind.int() {
            Some(3) => 0,
            Some(2) => 1,
            _ => 2,
        });
        content_rating(&country.iso_3166_1, &rated.first()?.certification)
    });
    ratings.collect()
}

fn releases(countries: &[CountryReleases]) -> Vec<Release> {
    let releases = countries.iter().flat_map(|country| {
        country.release_dates.iter().filter_map(|it| {
            let kind = match it.kind.int()? {
                1 => ReleaseKind::Premiere,
                2 | 3 => ReleaseKind::Cinema,
                4 => ReleaseKind::Digital,
                5 => ReleaseKind::Physical,
                6 => ReleaseKind::Television,
                _ => return None,
            };
            let country = country.iso_3166_1.get()?.to_owned();
            Some(Release { country, kind, on: it.on.date()? })
        })
    });
    releases.collect()
}

fn status(status: &str) -> Option<Status> {
    match status {
        "Rumored" | "Planned" | "In Production" | "Post Production" => Some(Status::Upcoming),
        _ => None,
    }
}

fn collection(row: &CollectionRow, pictures: &Pictures) -> Option<Collection> {
    Some(Collection {
        name: row.name.get()?.to_owned(),
        overview: None,
        ids: [("tmdb".to_owned(), row.id.id()?)].into(),
        poster: pictures.original(&row.poster_path),
        backdrop: pictures.original(&row.backdrop_path),
    })
}
