//! A series in TMDb's answers, with its seasons, episodes and other orders.

mod orders;
mod season;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;

use crate::client::Client;
use crate::document::{Many, Maybe, Named, Number, Text, distinct, names};
use crate::facts::{ContentRating, Status};
use crate::{ArtworkRole, Described, Facts, Locale, ProviderError, artwork};

use super::answer::{
    AlternativeTitle, ExternalIds, Shown, TranslationRow, Video, content_rating, other_titles,
    rating, rating_for, trailers, translations, wanted,
};
use super::people::{Creator, People, credits};
use super::pictures::{PictureLists, Pictures};
use super::{DETAIL_IS_FRESH, Results, picture_languages};

const PARTS: &str = "aggregate_credits,images,translations,alternative_titles,content_ratings,\
                     keywords,videos,external_ids,episode_groups";
/// A series with more seasons than this is counted by years; the rest is left out.
const MAX_SEASONS: usize = 150;
/// Seasons asked for at once.
const SEASONS_AT_ONCE: usize = 4;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Series {
    id: Text,
    name: Text,
    original_name: Text,
    original_language: Text,
    overview: Text,
    tagline: Text,
    status: Text,
    first_air_date: Text,
    last_air_date: Text,
    next_episode_to_air: Maybe<NextEpisode>,
    episode_run_time: Many<Number>,
    vote_average: Number,
    vote_count: Number,
    poster_path: Text,
    backdrop_path: Text,
    genres: Many<Named>,
    networks: Many<Named>,
    production_companies: Many<Named>,
    origin_country: Many<Text>,
    created_by: Many<Creator>,
    seasons: Many<SeasonRow>,
    aggregate_credits: Maybe<People>,
    images: Maybe<PictureLists>,
    translations: Maybe<Results<TranslationRow>>,
    alternative_titles: Maybe<Results<AlternativeTitle>>,
    content_ratings: Maybe<Results<RatingRow>>,
    keywords: Maybe<Results<Named>>,
    videos: Maybe<Results<Video>>,
    external_ids: Maybe<ExternalIds>,
    episode_groups: Maybe<Results<orders::GroupRow>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NextEpisode {
    air_date: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SeasonRow {
    season_number: Number,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct RatingRow {
    iso_3166_1: Text,
    rating: Text,
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
    let mut series: Series = client.get(&format!("tv/{id}"), &query, DETAIL_IS_FRESH).await?;
    if series.id.id() != Some(id.to_string()) {
        return Err(ProviderError::Garbage("not the series that was asked for".to_owned()));
    }
    let mut numbers: Vec<i32> =
        series.seasons.iter().filter_map(|it| it.season_number.int()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.truncate(MAX_SEASONS);
    let seasons: Vec<season::Read> = stream::iter(numbers)
        .map(|number| season::ask(client, id, number, locale, pictures))
        .buffered(SEASONS_AT_ONCE)
        .try_collect()
        .await?;
    let groups = series.episode_groups.0.take().unwrap_or_default().results;
    let orders = orders::ask(client, &groups, locale).await?;
    let mut described = read(series, locale, pictures);
    for season in seasons {
        described.seasons.extend(season.season);
        described.episodes.extend(season.episodes);
    }
    described.orders = orders;
    let absolute =
        described.orders.iter().find(|it| it.kind == crate::described::OrderKind::Absolute);
    for slot in absolute.map(|it| it.slots.clone()).unwrap_or_default() {
        let is_it = |it: &&mut crate::described::EpisodeDescribed| {
            (it.season, it.number) == (slot.aired_season, slot.aired_number)
        };
        if let Some(episode) = described.episodes.iter_mut().find(is_it) {
            episode.facts.absolute_number = Some(slot.number);
        }
    }
    Ok(described)
}

fn read(series: Series, locale: &Locale, pictures: &Pictures) -> Described {
    let translations = translations(&series.translations.0.unwrap_or_default());
    let content_ratings: Vec<ContentRating> = series
        .content_ratings
        .0
        .unwrap_or_default()
        .results
        .iter()
        .filter_map(|it| content_rating(&it.iso_3166_1, &it.rating))
        .collect();
    let own_rating = rating(series.vote_average, series.vote_count);
    let status = series.status.get().and_then(status);
    let mut ids = series.external_ids.0.unwrap_or_default().read();
    ids.extend(series.id.id().map(|it| ("tmdb".to_owned(), it)));
    let text = |it: &Text| it.get().map(str::to_owned);
    let shown = Shown {
        title: text(&series.name),
        original_title: text(&series.original_name),
        original_language: text(&series.original_language),
    };
    let facts = Facts {
        title: shown.title(&translations, locale),
        original_title: text(&series.original_name),
        original_language: text(&series.original_language),
        tagline: series
            .tagline
            .take()
            .or_else(|| wanted(&translations, locale, |it| it.tagline.as_ref())),
        overview: series
            .overview
            .take()
            .or_else(|| wanted(&translations, locale, |it| it.overview.as_ref())),
        year: series.first_air_date.year(),
        released_on: series.first_air_date.date(),
        ended_on: series.last_air_date.date().filter(|_| status == Some(Status::Ended)),
        next_air_on: series.next_episode_to_air.as_ref().and_then(|it| it.air_date.date()),
        runtime_ms: series.episode_run_time.iter().find_map(|it| it.minutes_as_ms()),
        rating: own_rating.as_ref().map(|it| it.value),
        ratings: own_rating.into_iter().collect(),
        content_rating: rating_for(&content_ratings, locale),
        content_ratings,
        status,
        genres: names(&series.genres),
        tags: names(&series.keywords.0.unwrap_or_default().results),
        studios: names(&series.production_companies),
        networks: names(&series.networks),
        countries: distinct(series.origin_country.iter().filter_map(Text::get)),
        credits: credits(
            &series.aggregate_credits.0.unwrap_or_default(),
            &series.created_by,
            pictures,
        ),
        trailers: trailers(&series.videos.0.unwrap_or_default(), locale),
        ids,
        ..Facts::default()
    };
    let main = [
        (ArtworkRole::Poster, &series.poster_path),
        (ArtworkRole::Backdrop, &series.backdrop_path),
    ];
    let mut artwork = pictures.artwork(&series.images.0.unwrap_or_default(), &main);
    artwork::sort(&mut artwork, &locale.languages());
    Described {
        facts,
        translations,
        other_titles: other_titles(&series.alternative_titles.0.unwrap_or_default()),
        artwork,
        ..Described::default()
    }
}

fn status(status: &str) -> Option<Status> {
    match status {
        "Returning Series" => Some(Status::Continuing),
        "Planned" | "In Production" | "Pilot" => Some(Status::Upcoming),
        "Ended" | "Canceled" | "Cancelled" => Some(Status::Ended),
        _ => None,
    }
}
