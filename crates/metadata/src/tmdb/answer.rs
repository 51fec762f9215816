//! What films and series have in common in TMDb's answers.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::age_rating;
use crate::described::{OtherTitle, Translation};
use crate::document::{Many, Maybe, Number, Text};
use crate::facts::{ContentRating, SourceRating, Trailer, TrailerKind};
use crate::{Address, Hit, Locale, Subject};

use super::Results;
use super::pictures::Pictures;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    pub results: Many<Row>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Found {
    pub movie_results: Many<Row>,
    pub tv_results: Many<Row>,
}

/// A row of a search, and as much of a whole description.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Row {
    id: Text,
    #[serde(alias = "name")]
    title: Text,
    #[serde(alias = "original_name")]
    original_title: Text,
    #[serde(alias = "first_air_date")]
    release_date: Text,
    overview: Text,
    popularity: Number,
    poster_path: Text,
    runtime: Number,
    number_of_episodes: Number,
    imdb_id: Text,
}

impl Row {
    pub fn hit(&self, subject: Subject, pictures: &Pictures) -> Option<Hit> {
        let id = self.id.id()?;
        let title = self.title.get().or(self.original_title.get())?;
        let mut ids = BTreeMap::from([("tmdb".to_owned(), id.clone())]);
        ids.extend(self.imdb_id.imdb_id().map(|it| ("imdb".to_owned(), it)));
        Some(Hit {
            original_title: self.original_title.get().map(str::to_owned),
            year: self.release_date.year(),
            released_on: self.release_date.date(),
            runtime_ms: self.runtime.minutes_as_ms(),
            episode_count: self.number_of_episodes.int().filter(|_| subject == Subject::Series),
            popularity: self.popularity.real().unwrap_or_default() as f32,
            overview: self.overview.get().map(str::to_owned),
            poster: pictures.poster(&self.poster_path),
            ids,
            ..Hit::new("tmdb", id, title)
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ExternalIds {
    #[serde(rename = "imdb_id")]
    imdb: Text,
    #[serde(rename = "tvdb_id")]
    tvdb: Text,
    #[serde(rename = "wikidata_id")]
    wikidata: Text,
}

impl ExternalIds {
    pub fn read(&self) -> BTreeMap<String, String> {
        let wikidata = self.wikidata.get().filter(|it| it.starts_with('Q'));
        [
            ("imdb", self.imdb.imdb_id()),
            ("tvdb", self.tvdb.id()),
            ("wikidata", wikidata.map(str::to_owned)),
        ]
        .into_iter()
        .filter_map(|(provider, id)| Some((provider.to_owned(), id?)))
        .collect()
    }
}

/// Texts in one language; films call their title `title`, series `name`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TranslationRow {
    iso_639_1: Text,
    iso_3166_1: Text,
    #[serde(rename = "data")]
    texts: Maybe<Texts>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Texts {
    #[serde(alias = "name")]
    title: Text,
    overview: Text,
    tagline: Text,
}

/// The translations; where one language has several countries, the main one stands for the language.
pub(super) fn translations(rows: &Results<TranslationRow>) -> Vec<Translation> {
    let mut found: Vec<Translation> = Vec::new();
    for row in rows.results.iter() {
        let (Some(language), Some(texts)) = (row.iso_639_1.get(), row.texts.as_ref()) else {
            continue;
        };
        let text = |it: &Text| it.get().map(str::to_owned);
        let language = match row.iso_3166_1.get() {
            Some(country) if found.iter().any(|it| it.language == language) => {
                format!("{language}-{country}")
            }
            // Of these, no country stands for the language.
            Some(country) if matches!(language, "pt" | "zh") => format!("{language}-{country}"),
            _ => language.to_owned(),
        };
        let translation = Translation {
            language,
            title: text(&texts.title),
            overview: text(&texts.overview),
            tagline: text(&texts.tagline),
        };
        let is_empty = translation.title.is_none()
            && translation.overview.is_none()
            && translation.tagline.is_none();
        if !is_empty {
            found.push(translation);
        }
    }
    found
}

/// The first text that one of the wanted languages has.
pub(super) fn wanted<'a>(
    translations: &'a [Translation],
    locale: &Locale,
    text: impl Fn(&'a Translation) -> Option<&'a String>,
) -> Option<String> {
    locale.languages().iter().find_map(|language| {
        let exact = translations.iter().find(|it| it.language.eq_ignore_ascii_case(language));
        let near = || {
            let primary = crate::language::primary(language);
            translations
                .iter()
                .find(|it| crate::language::primary(&it.language).eq_ignore_ascii_case(primary))
        };
        exact.and_then(&text).or_else(|| near().and_then(&text)).cloned()
    })
}

/// A title as an answer in the wanted language shows it, which may be that of another language where nobody wrote one.
pub(super) struct Shown {
    pub title: Option<String>,
    pub original_title: Option<String>,
    pub original_language: Option<String>,
}

impl Shown {
    /// The title in the first of the wanted languages that has one.
    pub fn title(self, translations: &[Translation], locale: &Locale) -> Option<String> {
        let is_original = |language: &str| {
            self.original_language.as_deref() == Some(crate::language::primary(language))
        };
        let is_told = self.title.as_ref().filter(|title| {
            is_original(&locale.language)
                || (Some(*title) != self.original_title.as_ref()
                    && translations.iter().all(|it| it.title.as_ref() != Some(*title)))
        });
        let mut languages = locale.languages().into_iter();
        let exact = Locale { fallbacks: Vec::new(), ..locale.clone() };
        wanted(translations, &exact, |it| it.title.as_ref())
            .or_else(|| is_told.cloned())
            .or_else(|| {
                languages.find_map(|language| {
                    let original = self.original_title.clone().filter(|_| is_original(&language));
                    let one = Locale { language, fallbacks: Vec::new(), country: None };
                    wanted(translations, &one, |it| it.title.as_ref()).or(original)
                })
            })
            .or(self.title)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlternativeTitle {
    iso_3166_1: Text,
    title: Text,
}

pub(super) fn other_titles(rows: &Results<AlternativeTitle>) -> Vec<OtherTitle> {
    let titles = rows.results.iter().filter_map(|it| {
        Some(OtherTitle {
            title: it.title.get()?.to_owned(),
            country: it.iso_3166_1.get().map(str::to_owned),
            language: None,
        })
    });
    titles.collect()
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Video {
    iso_639_1: Text,
    name: Text,
    key: Text,
    site: Text,
    #[serde(rename = "type")]
    kind: Text,
    official: Maybe<bool>,
}

/// Trailers first, the wanted language before others, official ones before those of strangers.
pub(super) fn trailers(rows: &Results<Video>, locale: &Locale) -> Vec<Trailer> {
    let languages = locale.languages();
    let mut found: Vec<(_, Trailer)> = rows
        .results
        .iter()
        .filter_map(|video| {
            let kind = match video.kind.get()? {
                "Trailer" => TrailerKind::Trailer,
                "Teaser" => TrailerKind::Teaser,
                "Clip" => TrailerKind::Clip,
                "Featurette" | "Behind the Scenes" => TrailerKind::Featurette,
                _ => return None,
            };
            let key = video.key.get()?;
            let is_plain = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
            let address = match video.site.get()? {
                "YouTube" => format!("https://www.youtube.com/watch?v={key}"),
                "Vimeo" => format!("https://vimeo.com/{key}"),
                _ => return None,
            };
            let url = Address::parse(&address).filter(|_| key.bytes().all(is_plain))?;
            let language = video.iso_639_1.get().map(str::to_owned);
            let rank = language.as_ref().and_then(|language| {
                languages.iter().position(|it| crate::language::primary(it) == language)
            });
            let is_foreign = (rank.unwrap_or(usize::MAX), !video.official.unwrap_or(false));
            let title = video.name.get().map(str::to_owned);
            Some(((kind, is_foreign), Trailer { title, url, kind, language }))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, trailer)| trailer).collect()
}

/// The rating, where anybody gave one.
pub(super) fn rating(average: Number, count: Number) -> Option<SourceRating> {
    let votes = count.whole().filter(|it| *it > 0)?;
    let value = average.out_of(10.0)?;
    Some(SourceRating { source: "tmdb".to_owned(), value, votes: Some(votes) })
}

/// A rating of one country with the age it stands for.
pub(super) fn content_rating(country: &Text, rating: &Text) -> Option<ContentRating> {
    let (country, rating) = (country.get()?.to_owned(), rating.get()?.to_owned());
    let age = age_rating::age_in(&country, &rating);
    Some(ContentRating { country, rating, age })
}

/// The rating of the wanted country, else that of the United States.
pub(super) fn rating_for(ratings: &[ContentRating], locale: &Locale) -> Option<String> {
    let of = |country: &str| ratings.iter().find(|it| it.country == country);
    let own = locale.country.as_deref().and_then(of);
    own.map(|it| it.rating.clone())
        // Elsewhere its country must be told, or it would be read as one of the wanted country.
        .or_else(|| of("US").map(|it| format!("US:{}", it.rating)))
}
