//! A film in TheTVDB's answers.

use serde::Deserialize;

use crate::document::{Many, Maybe, Named, Number, Text, names};
use crate::facts::{Release, ReleaseKind};
use crate::language::{country, from_three_letters};
use crate::{ArtworkRole, Described, Facts, Locale, ProviderError, RemoteArtwork, artwork};

use super::Tvdb;
use super::answer::{
    Alias, Artwork, Character, RatingRow, RemoteId, TrailerRow, Translations, content_ratings,
    credits, other_titles, picture, remote_ids, trailers, translations, wanted,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Movie {
    id: Text,
    name: Text,
    image: Text,
    year: Text,
    runtime: Number,
    #[serde(rename = "originalLanguage")]
    original_language: Text,
    #[serde(rename = "originalCountry")]
    original_country: Text,
    aliases: Many<Alias>,
    artworks: Many<Artwork>,
    characters: Many<Character>,
    companies: Maybe<Companies>,
    studios: Many<Named>,
    #[serde(rename = "contentRatings")]
    content_ratings: Many<RatingRow>,
    first_release: Maybe<ReleaseRow>,
    releases: Many<ReleaseRow>,
    genres: Many<Named>,
    #[serde(rename = "remoteIds")]
    remote_ids: Many<RemoteId>,
    trailers: Many<TrailerRow>,
    translations: Maybe<Translations>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Companies {
    studio: Many<Named>,
    production: Many<Named>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReleaseRow {
    country: Text,
    date: Text,
}

pub(super) async fn describe(
    tvdb: &Tvdb,
    id: u64,
    locale: &Locale,
) -> Result<Described, ProviderError> {
    let path = format!("movies/{id}/extended");
    let movie: Movie = tvdb.get(&path, &[("meta", "translations")]).await?;
    if movie.id.id().is_none() {
        return Err(ProviderError::Garbage("a film without an id".to_owned()));
    }
    let translations = translations(&movie.translations.0.unwrap_or_default());
    let content_ratings = content_ratings(&movie.content_ratings);
    let own_country =
        |it: &&crate::facts::ContentRating| Some(&it.country) == locale.country.as_ref();
    let companies = movie.companies.0.unwrap_or_default();
    let studios = [&movie.studios, &companies.studio, &companies.production];
    let mut ids = remote_ids(&movie.remote_ids);
    ids.extend(movie.id.id().map(|it| ("tvdb".to_owned(), it)));
    let facts = Facts {
        title: wanted(&translations, locale, |it| it.title.as_ref())
            .or(movie.name.get().map(str::to_owned)),
        original_title: movie.name.take(),
        original_language: movie.original_language.get().and_then(from_three_letters),
        tagline: wanted(&translations, locale, |it| it.tagline.as_ref()),
        overview: wanted(&translations, locale, |it| it.overview.as_ref()),
        year: movie.year.year(),
        released_on: movie.first_release.as_ref().and_then(|it| it.date.date()),
        runtime_ms: movie.runtime.minutes_as_ms(),
        content_rating: content_ratings.iter().find(own_country).map(|it| it.rating.clone()),
        content_ratings,
        releases: movie.releases.iter().filter_map(release).collect(),
        genres: names(&movie.genres),
        studios: studios
            .into_iter()
            .map(|it| names(it))
            .find(|it| !it.is_empty())
            .unwrap_or_default(),
        countries: movie.original_country.get().and_then(country).into_iter().collect(),
        credits: credits(&movie.characters),
        trailers: trailers(&movie.trailers),
        ids,
        ..Facts::default()
    };
    let mut artwork: Vec<RemoteArtwork> = movie.artworks.iter().filter_map(Artwork::read).collect();
    if let Some(url) = picture(&movie.image).filter(|url| artwork.iter().all(|it| it.url != *url)) {
        artwork.push(RemoteArtwork::new(ArtworkRole::Poster, url));
    }
    artwork::sort(&mut artwork, &locale.languages());
    let other_titles = other_titles(&movie.aliases);
    Ok(Described { facts, translations, other_titles, artwork, ..Described::default() })
}

fn release(row: &ReleaseRow) -> Option<Release> {
    // "global" is a country to it.
    let country = row.country.get().and_then(country).unwrap_or_default();
    Some(Release { country, kind: ReleaseKind::Cinema, on: row.date.date()? })
}
