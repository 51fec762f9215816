//! A season and its episodes in TMDb's answers.

use serde::Deserialize;

use crate::client::Client;
use crate::described::{EpisodeDescribed, SeasonDescribed};
use crate::document::{Many, Maybe, Number, Text};
use crate::tmdb::answer::{TranslationRow, rating, translations, wanted};
use crate::tmdb::people::{People, credits};
use crate::tmdb::pictures::{PictureLists, Pictures};
use crate::tmdb::{DETAIL_IS_FRESH, Results, picture_languages};
use crate::{ArtworkRole, Facts, Locale, ProviderError, RemoteArtwork, artwork};

/// What one season brought; nothing where the list names one that is not there.
pub(super) struct Read {
    pub season: Option<SeasonDescribed>,
    pub episodes: Vec<EpisodeDescribed>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Season {
    id: Text,
    name: Text,
    overview: Text,
    air_date: Text,
    poster_path: Text,
    vote_average: Number,
    episodes: Many<Episode>,
    images: Maybe<PictureLists>,
    translations: Maybe<Results<TranslationRow>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Episode {
    id: Text,
    #[serde(rename = "episode_number")]
    number: Number,
    name: Text,
    overview: Text,
    air_date: Text,
    runtime: Number,
    vote_average: Number,
    vote_count: Number,
    still_path: Text,
    #[serde(flatten)]
    people: People,
}

pub(super) async fn ask(
    client: &Client,
    series: u64,
    number: i32,
    locale: &Locale,
    pictures: &Pictures,
) -> Result<Read, ProviderError> {
    let path = format!("tv/{series}/season/{number}");
    let languages = picture_languages(locale);
    let query = [
        ("language", locale.language.as_str()),
        ("append_to_response", "images,translations"),
        ("include_image_language", &languages),
    ];
    let mut season: Season = match client.get(&path, &query, DETAIL_IS_FRESH).await {
        Err(ProviderError::NotFound) => return Ok(Read { season: None, episodes: Vec::new() }),
        season => season?,
    };
    for fallback in locale.languages().iter().skip(1) {
        if season.episodes.iter().all(|it| !it.lacks_text()) {
            break;
        }
        let query = [("language", fallback.as_str())];
        let other: Season = client.get(&path, &query, DETAIL_IS_FRESH).await?;
        for episode in &mut season.episodes.0 {
            let same = other.episodes.iter().find(|it| it.number == episode.number);
            if let Some(same) = same {
                episode.fill_from(same);
            }
        }
    }
    let episodes = season.episodes.iter().filter_map(|it| it.read(number, pictures)).collect();
    Ok(Read { season: Some(read(season, number, locale, pictures)), episodes })
}

fn read(season: Season, number: i32, locale: &Locale, pictures: &Pictures) -> SeasonDescribed {
    let translations = translations(&season.translations.0.unwrap_or_default());
    let main = [(ArtworkRole::Poster, &season.poster_path)];
    let mut artwork = pictures.artwork(&season.images.0.unwrap_or_default(), &main);
    artwork::sort(&mut artwork, &locale.languages());
    let facts = Facts {
        title: wanted(&translations, locale, |it| it.title.as_ref()).or(season.name.take()),
        overview: season
            .overview
            .take()
            .or_else(|| wanted(&translations, locale, |it| it.overview.as_ref())),
        year: season.air_date.year(),
        released_on: season.air_date.date(),
        rating: season.vote_average.out_of(10.0),
        season: Some(number),
        ids: season.id.id().map(|it| ("tmdb".to_owned(), it)).into_iter().collect(),
        ..Facts::default()
    };
    SeasonDescribed { number, facts, translations, artwork }
}

impl Episode {
    /// Where nobody wrote a title in the language, TMDb gives a word for episode and the number.
    fn has_title(&self) -> bool {
        let (Some(name), Some(number)) = (self.name.get(), self.number.int()) else {
            return self.name.get().is_some();
        };
        let is_made_up = name.strip_suffix(&number.to_string()).is_some_and(|it| {
            let word = it.trim();
            !word.is_empty() && !word.contains(' ') && word.chars().all(char::is_alphabetic)
        });
        !is_made_up
    }

    fn lacks_text(&self) -> bool {
        !self.has_title() || self.overview.get().is_none()
    }

    fn fill_from(&mut self, other: &Self) {
        if !self.has_title() && other.has_title() {
            self.name = other.name.clone();
        }
        if self.overview.get().is_none() {
            self.overview = other.overview.clone();
        }
    }

    fn read(&self, season: i32, pictures: &Pictures) -> Option<EpisodeDescribed> {
        let number = self.number.int()?;
        let own_rating = rating(self.vote_average, self.vote_count);
        let facts = Facts {
            title: self.name.get().map(str::to_owned),
            overview: self.overview.get().map(str::to_owned),
            year: self.air_date.year(),
            released_on: self.air_date.date(),
            runtime_ms: self.runtime.minutes_as_ms(),
            rating: own_rating.as_ref().map(|it| it.value),
            ratings: own_rating.into_iter().collect(),
            season: Some(season),
            episode: Some(number),
            credits: credits(&self.people, &[], pictures),
            ids: self.id.id().map(|it| ("tmdb".to_owned(), it)).into_iter().collect(),
            ..Facts::default()
        };
        let still = pictures.original(&self.still_path);
        let artwork =
            still.map(|it| RemoteArtwork::new(ArtworkRole::Thumb, it)).into_iter().collect();
        Some(EpisodeDescribed { season, number, facts, translations: Vec::new(), artwork })
    }
}
