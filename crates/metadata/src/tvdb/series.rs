//! A series in TheTVDB's answers, with its seasons, episodes and other orders.

use std::collections::HashMap;

use serde::Deserialize;

use crate::described::{EpisodeDescribed, EpisodeOrder, OrderKind, OrderSlot, SeasonDescribed};
use crate::document::{Many, Maybe, Named, Number, Text, distinct, names};
use crate::facts::Status;
use crate::language::{country, from_three_letters, to_three_letters};
use crate::{ArtworkRole, Described, Facts, Locale, ProviderError, RemoteArtwork, artwork};

use super::answer::{
    Alias, Artwork, Character, RatingRow, RemoteId, TrailerRow, Translations, content_ratings,
    credits, other_titles, picture, remote_ids, trailers, translations, wanted,
};
use super::{DETAIL_IS_FRESH, Envelope, Tvdb};

/// A page has five hundred episodes; the longest daily series have fifteen thousand.
const MAX_PAGES: usize = 40;
/// Seasons are numbered by this order.
const AIRED: &str = "official";
const ORDERS: [(&str, OrderKind); 4] = [
    ("dvd", OrderKind::Dvd),
    ("absolute", OrderKind::Absolute),
    ("alternate", OrderKind::Alternate),
    ("regional", OrderKind::Alternate),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Series {
    id: Text,
    name: Text,
    overview: Text,
    image: Text,
    year: Text,
    #[serde(rename = "firstAired")]
    first_aired: Text,
    #[serde(rename = "lastAired")]
    last_aired: Text,
    #[serde(rename = "nextAired")]
    next_aired: Text,
    #[serde(rename = "averageRuntime")]
    average_runtime: Number,
    #[serde(rename = "originalLanguage")]
    original_language: Text,
    #[serde(rename = "originalCountry")]
    original_country: Text,
    #[serde(rename = "originalNetwork")]
    original_network: Maybe<Named>,
    #[serde(rename = "latestNetwork")]
    latest_network: Maybe<Named>,
    status: Maybe<Named>,
    aliases: Many<Alias>,
    artworks: Many<Artwork>,
    characters: Many<Character>,
    companies: Many<Company>,
    #[serde(rename = "contentRatings")]
    content_ratings: Many<RatingRow>,
    genres: Many<Named>,
    #[serde(rename = "remoteIds")]
    remote_ids: Many<RemoteId>,
    seasons: Many<Season>,
    #[serde(rename = "seasonTypes")]
    season_types: Many<SeasonType>,
    trailers: Many<TrailerRow>,
    translations: Maybe<Translations>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Company {
    name: Text,
    #[serde(rename = "companyType")]
    kind: Maybe<CompanyType>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CompanyType {
    #[serde(rename = "companyTypeName")]
    name: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Season {
    id: Text,
    number: Number,
    name: Text,
    image: Text,
    year: Text,
    #[serde(rename = "type")]
    kind: Maybe<SeasonType>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SeasonType {
    #[serde(rename = "type")]
    kind: Text,
    name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EpisodePage {
    episodes: Many<Episode>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Episode {
    id: Text,
    name: Text,
    overview: Text,
    aired: Text,
    runtime: Number,
    image: Text,
    number: Number,
    #[serde(rename = "absoluteNumber")]
    absolute_number: Number,
    #[serde(rename = "seasonNumber")]
    season_number: Number,
    #[serde(rename = "airsBeforeSeason")]
    season_after_it: Number,
    #[serde(rename = "airsBeforeEpisode")]
    number_after_it: Number,
    #[serde(rename = "airsAfterSeason")]
    season_before_it: Number,
}

pub(super) async fn describe(
    tvdb: &Tvdb,
    id: u64,
    locale: &Locale,
) -> Result<Described, ProviderError> {
    let path = format!("series/{id}/extended");
    let series: Series = tvdb.get(&path, &[("meta", "translations")]).await?;
    if series.id.id().is_none() {
        return Err(ProviderError::Garbage("a series without an id".to_owned()));
    }
    let aired = aired_episodes(tvdb, id, locale).await?;
    let mut orders = Vec::new();
    for (name, kind) in ORDERS {
        let Some(row) = series.season_types.iter().find(|it| it.kind.get() == Some(name)) else {
            continue;
        };
        let episodes = episodes(tvdb, &format!("series/{id}/episodes/{name}")).await?;
        let slots = slots(&aired, &episodes, kind);
        let name = row.name.get().map(str::to_owned);
        if !slots.is_empty() {
            orders.push(EpisodeOrder { kind, name, slots });
        }
    }
    let mut described = read(series, locale);
    described.episodes = aired.iter().filter_map(read_episode).collect();
    described.episodes.sort_by_key(|it| (it.season, it.number));
    described.orders = orders;
    Ok(described)
}

/// Episodes as they were aired, each text in the first wanted language that has it, else in the original.
async fn aired_episodes(
    tvdb: &Tvdb,
    id: u64,
    locale: &Locale,
) -> Result<Vec<Episode>, ProviderError> {
    let base = format!("series/{id}/episodes/{AIRED}");
    let mut aired = episodes(tvdb, &base).await?;
    let languages = locale.languages();
    let codes: Vec<&str> = languages.iter().filter_map(|it| to_three_letters(it)).collect();
    // The least wanted first: each overwrites what those before it said.
    for code in codes.into_iter().rev() {
        let translated = episodes(tvdb, &format!("{base}/{code}")).await?;
        let by_id: HashMap<&str, &Episode> =
            translated.iter().filter_map(|it| Some((it.id.get()?, it))).collect();
        for episode in &mut aired {
            let Some(same) = episode.id.get().and_then(|it| by_id.get(it)) else { continue };
            if same.name.get().is_some() {
                episode.name = same.name.clone();
            }
            if same.overview.get().is_some() {
                episode.overview = same.overview.clone();
            }
        }
    }
    Ok(aired)
}

async fn episodes(tvdb: &Tvdb, path: &str) -> Result<Vec<Episode>, ProviderError> {
    let mut all = Vec::new();
    for page in 0..MAX_PAGES {
        let number = page.to_string();
        let query = [("page", number.as_str())];
        let answer: Envelope<EpisodePage> = match tvdb.ask(path, &query, DETAIL_IS_FRESH).await {
            // No episode in this order or language.
            Err(ProviderError::NotFound) => break,
            answer => answer?,
        };
        let has_next = answer.links.as_ref().is_some_and(|it| it.next.get().is_some());
        let is_empty = answer.data.episodes.is_empty();
        all.extend(answer.data.episodes.0);
        if !has_next || is_empty {
            break;
        }
    }
    Ok(all)
}

fn slots(aired: &[Episode], ordered: &[Episode], kind: OrderKind) -> Vec<OrderSlot> {
    let places: HashMap<&str, (i32, i32)> = aired
        .iter()
        .filter_map(|it| Some((it.id.get()?, (it.season_number.int()?, it.number.int()?))))
        .collect();
    let mut slots: Vec<OrderSlot> = ordered
        .iter()
        .filter_map(|it| {
            let (aired_season, aired_number) = *places.get(it.id.get()?)?;
            let season = match kind {
                OrderKind::Absolute => it.season_number.int().unwrap_or(1).min(1),
                _ => it.season_number.int()?,
            };
            Some(OrderSlot { season, number: it.number.int()?, aired_season, aired_number })
        })
        .collect();
    slots.sort_by_key(|it| (it.season, it.number));
    slots
}

fn read(series: Series, locale: &Locale) -> Described {
    let translations = translations(&series.translations.0.unwrap_or_default());
    let content_ratings = content_ratings(&series.content_ratings);
    let own = content_ratings.iter().find(|it| Some(&it.country) == locale.country.as_ref());
    let status = series.status.as_ref().and_then(|it| match it.name.get()? {
        "Continuing" => Some(Status::Continuing),
        "Ended" => Some(Status::Ended),
        "Upcoming" => Some(Status::Upcoming),
        _ => None,
    });
    let companies = |kinds: &[&str]| {
        distinct(series.companies.iter().filter_map(|it| {
            let kind = it.kind.as_ref()?.name.get()?;
            it.name.get().filter(|_| kinds.contains(&kind))
        }))
    };
    let networks = [&series.original_network, &series.latest_network];
    let networks = distinct(networks.into_iter().filter_map(|it| it.as_ref()?.name.get()));
    let mut ids = remote_ids(&series.remote_ids);
    ids.extend(series.id.id().map(|it| ("tvdb".to_owned(), it)));
    let facts = Facts {
        title: wanted(&translations, locale, |it| it.title.as_ref())
            .or(series.name.get().map(str::to_owned)),
        original_title: series.name.get().map(str::to_owned),
        original_language: series.original_language.get().and_then(from_three_letters),
        overview: wanted(&translations, locale, |it| it.overview.as_ref())
            .or(series.overview.get().map(str::to_owned)),
        year: series.year.year().or(series.first_aired.year()),
        released_on: series.first_aired.date(),
        ended_on: series.last_aired.date().filter(|_| status == Some(Status::Ended)),
        next_air_on: series.next_aired.date(),
        runtime_ms: series.average_runtime.minutes_as_ms(),
        content_rating: own.map(|it| it.rating.clone()),
        content_ratings,
        status,
        genres: names(&series.genres),
        networks: if networks.is_empty() { companies(&["Network"]) } else { networks },
        studios: companies(&["Studio", "Production Company"]),
        countries: series.original_country.get().and_then(country).into_iter().collect(),
        credits: credits(&series.characters),
        trailers: trailers(&series.trailers),
        ids,
        ..Facts::default()
    };
    let languages = locale.languages();
    let is_of_series = |it: &&Artwork| it.season_id().is_none();
    let mut artwork: Vec<RemoteArtwork> =
        series.artworks.iter().filter(is_of_series).filter_map(Artwork::read).collect();
    if let Some(url) = picture(&series.image).filter(|url| artwork.iter().all(|it| it.url != *url))
    {
        artwork.push(RemoteArtwork::new(ArtworkRole::Poster, url));
    }
    artwork::sort(&mut artwork, &languages);
    let mut seasons: Vec<SeasonDescribed> = series
        .seasons
        .iter()
        .filter_map(|it| read_season(it, &series.artworks, &languages))
        .collect();
    seasons.sort_by_key(|it| it.number);
    let other_titles = other_titles(&series.aliases);
    Described { facts, translations, other_titles, artwork, seasons, ..Described::default() }
}

fn read_season(
    season: &Season,
    artworks: &[Artwork],
    languages: &[String],
) -> Option<SeasonDescribed> {
    season.kind.as_ref().filter(|it| it.kind.get() == Some(AIRED))?;
    let number = season.number.int()?;
    let is_its = |it: &&Artwork| it.season_id().is_some() && it.season_id() == season.id.get();
    let mut artwork: Vec<RemoteArtwork> =
        artworks.iter().filter(is_its).filter_map(Artwork::read).collect();
    if let Some(url) = picture(&season.image).filter(|url| artwork.iter().all(|it| it.url != *url))
    {
        artwork.push(RemoteArtwork::new(ArtworkRole::Poster, url));
    }
    artwork::sort(&mut artwork, languages);
    let facts = Facts {
        title: season.name.get().map(str::to_owned),
        year: season.year.year(),
        season: Some(number),
        ids: season.id.id().map(|it| ("tvdb".to_owned(), it)).into_iter().collect(),
        ..Facts::default()
    };
    Some(SeasonDescribed { number, facts, translations: Vec::new(), artwork })
}

fn read_episode(episode: &Episode) -> Option<EpisodeDescribed> {
    let (season, number) = (episode.season_number.int()?, episode.number.int()?);
    let is_special = season == 0;
    let placed = |it: Number| it.int().filter(|it| is_special && *it > 0);
    let facts = Facts {
        title: episode.name.get().map(str::to_owned),
        overview: episode.overview.get().map(str::to_owned),
        year: episode.aired.year(),
        released_on: episode.aired.date(),
        runtime_ms: episode.runtime.minutes_as_ms(),
        season: Some(season),
        episode: Some(number),
        absolute_number: episode.absolute_number.int().filter(|it| !is_special && *it > 0),
        airs_before: placed(episode.season_after_it)
            .map(|it| (it, placed(episode.number_after_it))),
        airs_after_season: placed(episode.season_before_it),
        ids: episode.id.id().map(|it| ("tvdb".to_owned(), it)).into_iter().collect(),
        ..Facts::default()
    };
    let still = picture(&episode.image);
    let artwork = still.map(|it| RemoteArtwork::new(ArtworkRole::Thumb, it)).into_iter().collect();
    Some(EpisodeDescribed { season, number, facts, translations: Vec::new(), artwork })
}
