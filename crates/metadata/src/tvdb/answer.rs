//! What films and series have in common in TheTVDB's answers.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::age_rating;
use crate::described::{OtherTitle, Translation};
use crate::document::{Many, Maybe, Number, Text, distinct};
use crate::facts::{ContentRating, Trailer, TrailerKind};
use crate::language::{country, from_three_letters, to_three_letters};
use crate::{Address, ArtworkRole, Credit, Hit, Locale, RemoteArtwork, Role};

const PICTURES: &str = "https://artworks.thetvdb.com";
/// Lists of the longest series hold everybody who was ever in it.
const MAX_PEOPLE: usize = 300;

/// A row of a search.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SearchRow {
    tvdb_id: Text,
    name: Text,
    aliases: Many<Text>,
    year: Text,
    first_air_time: Text,
    overview: Text,
    image_url: Text,
    translations: Maybe<BTreeMap<String, Text>>,
    overviews: Maybe<BTreeMap<String, Text>>,
    remote_ids: Many<RemoteId>,
}

impl SearchRow {
    pub fn hit(&self, locale: &Locale) -> Option<Hit> {
        let id = self.tvdb_id.id()?;
        let name = self.name.get()?;
        let translated = |texts: &Maybe<BTreeMap<String, Text>>| {
            let texts = texts.as_ref()?;
            let mut codes = locale.languages().into_iter().filter_map(|it| to_three_letters(&it));
            codes.find_map(|it| texts.get(it)?.get().map(str::to_owned))
        };
        let title = translated(&self.translations).unwrap_or_else(|| name.to_owned());
        let all = self.translations.as_ref().map(|it| it.values()).into_iter().flatten();
        let others = self.aliases.iter().chain(all).filter_map(Text::get);
        let mut ids = remote_ids(&self.remote_ids);
        ids.insert("tvdb".to_owned(), id.clone());
        Some(Hit {
            original_title: Some(name.to_owned()),
            other_titles: distinct(others),
            year: self.year.year().or(self.first_air_time.year()),
            released_on: self.first_air_time.date(),
            overview: translated(&self.overviews).or(self.overview.get().map(str::to_owned)),
            poster: picture(&self.image_url),
            ids,
            ..Hit::new("tvdb", id, title)
        })
    }
}

/// A film or series in a few words.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ThingRow {
    id: Text,
    name: Text,
    image: Text,
    year: Text,
    #[serde(rename = "firstAired")]
    first_aired: Text,
    #[serde(alias = "averageRuntime")]
    runtime: Number,
    overview: Text,
    aliases: Many<Alias>,
}

impl ThingRow {
    pub fn hit(&self) -> Option<Hit> {
        let id = self.id.id()?;
        Some(Hit {
            other_titles: distinct(self.aliases.iter().filter_map(|it| it.name.get())),
            year: self.year.year().or(self.first_aired.year()),
            released_on: self.first_aired.date(),
            runtime_ms: self.runtime.minutes_as_ms(),
            overview: self.overview.get().map(str::to_owned),
            poster: picture(&self.image),
            ids: [("tvdb".to_owned(), id.clone())].into(),
            ..Hit::new("tvdb", id, self.name.get()?)
        })
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Alias {
    language: Text,
    name: Text,
}

pub(super) fn other_titles(aliases: &[Alias]) -> Vec<OtherTitle> {
    let titles = aliases.iter().filter_map(|it| {
        Some(OtherTitle {
            title: it.name.get()?.to_owned(),
            country: None,
            language: it.language.get().and_then(from_three_letters),
        })
    });
    titles.collect()
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RemoteId {
    id: Text,
    #[serde(rename = "sourceName")]
    source: Text,
}

pub(super) fn remote_ids(rows: &[RemoteId]) -> BTreeMap<String, String> {
    let ids = rows.iter().filter_map(|it| {
        let (provider, id) = match it.source.get()? {
            "IMDB" => ("imdb", it.id.imdb_id()?),
            "TheMovieDB.com" => ("tmdb", it.id.id()?),
            "TV Maze" => ("tvmaze", it.id.id()?),
            "Wikidata" => ("wikidata", it.id.get().filter(|it| it.starts_with('Q'))?.to_owned()),
            _ => return None,
        };
        Some((provider.to_owned(), id))
    });
    ids.collect()
}

/// Texts in every language, as the extended answers have them when asked with `meta=translations`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Translations {
    #[serde(rename = "nameTranslations")]
    names: Many<NameRow>,
    #[serde(rename = "overviewTranslations")]
    overviews: Many<OverviewRow>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct NameRow {
    language: Text,
    name: Text,
    tagline: Text,
    #[serde(rename = "isAlias")]
    is_alias: Maybe<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct OverviewRow {
    language: Text,
    overview: Text,
}

pub(super) fn translations(rows: &Translations) -> Vec<Translation> {
    let mut found: BTreeMap<String, Translation> = BTreeMap::new();
    let mut of = |language: &Text, fill: &dyn Fn(&mut Translation)| {
        if let Some(language) = language.get().and_then(from_three_letters) {
            let translation = found.entry(language.clone()).or_default();
            translation.language = language;
            fill(translation);
        }
    };
    for row in rows.names.iter().filter(|it| it.is_alias.0 != Some(true)) {
        of(&row.language, &|it| {
            it.title = row.name.get().map(str::to_owned);
            it.tagline = row.tagline.get().map(str::to_owned);
        });
    }
    for row in rows.overviews.iter() {
        of(&row.language, &|it| it.overview = row.overview.get().map(str::to_owned));
    }
    found.into_values().collect()
}

/// The first text that one of the wanted languages has.
pub(super) fn wanted<'a>(
    translations: &'a [Translation],
    locale: &Locale,
    text: impl Fn(&'a Translation) -> Option<&'a String>,
) -> Option<String> {
    let languages = locale.languages();
    let mut codes = languages.iter().filter_map(|it| to_three_letters(it));
    codes.find_map(|code| {
        let language = from_three_letters(code)?;
        text(translations.iter().find(|it| it.language == language)?).cloned()
    })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RatingRow {
    name: Text,
    country: Text,
}

pub(super) fn content_ratings(rows: &[RatingRow]) -> Vec<ContentRating> {
    let ratings = rows.iter().filter_map(|it| {
        let country = it.country.get().and_then(country)?;
        let rating = it.name.get()?.to_owned();
        let age = age_rating::age_in(&country, &rating);
        Some(ContentRating { country, rating, age })
    });
    ratings.collect()
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrailerRow {
    name: Text,
    url: Text,
    language: Text,
}

pub(super) fn trailers(rows: &[TrailerRow]) -> Vec<Trailer> {
    let trailers = rows.iter().filter_map(|it| {
        Some(Trailer {
            title: it.name.get().map(str::to_owned),
            url: Address::parse(it.url.get()?)?,
            kind: TrailerKind::Trailer,
            language: it.language.get().and_then(from_three_letters),
        })
    });
    trailers.collect()
}

/// Somebody's part: it names the character, not the person, `name`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Character {
    name: Text,
    #[serde(rename = "peopleId")]
    people_id: Text,
    #[serde(rename = "personName")]
    person_name: Text,
    #[serde(rename = "personImgURL")]
    portrait: Text,
    #[serde(rename = "peopleType")]
    kind: Text,
    sort: Number,
    #[serde(rename = "isFeatured")]
    is_featured: Maybe<bool>,
}

pub(super) fn credits(characters: &[Character]) -> Vec<Credit> {
    let mut credits: Vec<(_, Credit)> = characters
        .iter()
        .filter_map(|it| {
            let (role, job) = role(it.kind.get()?);
            let is_played = matches!(role, Role::Actor | Role::Guest);
            let character = it.name.get().filter(|_| is_played).map(str::to_owned);
            let ids = it.people_id.id().map(|it| ("tvdb".to_owned(), it));
            let credit = Credit {
                character,
                job,
                picture: picture(&it.portrait),
                ids: ids.into_iter().collect(),
                ..Credit::new(it.person_name.get()?, role)
            };
            // Crew first, as everywhere with us; the featured before the others.
            let rank =
                (is_played, it.is_featured.0 != Some(true), it.sort.int().unwrap_or(i32::MAX));
            Some((rank, credit))
        })
        .collect();
    credits.sort_by_key(|(rank, _)| *rank);
    credits.truncate(MAX_PEOPLE);
    credits.into_iter().map(|(_, credit)| credit).collect()
}

fn role(kind: &str) -> (Role, Option<String>) {
    let role = match kind {
        "Actor" => Role::Actor,
        "Guest Star" | "Musical Guest" => Role::Guest,
        "Host" => Role::Host,
        "Director" => Role::Director,
        "Writer" => Role::Writer,
        "Creator" | "Showrunner" => Role::Creator,
        "Producer" | "Executive Producer" => Role::Producer,
        _ => Role::Crew,
    };
    let is_told_by_role =
        matches!(kind, "Actor" | "Guest Star" | "Director" | "Writer" | "Creator");
    (role, (!is_told_by_role).then(|| kind.to_owned()))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Artwork {
    image: Text,
    thumbnail: Text,
    language: Text,
    #[serde(rename = "type")]
    kind: Number,
    score: Number,
    width: Number,
    height: Number,
    #[serde(rename = "seasonId")]
    season_id: Text,
}

impl Artwork {
    /// The season whose picture it is.
    pub fn season_id(&self) -> Option<&str> {
        self.season_id.get()
    }

    pub fn read(&self) -> Option<RemoteArtwork> {
        let role = match self.kind.int()? {
            1 | 6 | 16 => ArtworkRole::Banner,
            2 | 7 | 14 => ArtworkRole::Poster,
            3 | 8 | 15 => ArtworkRole::Backdrop,
            11 | 12 => ArtworkRole::Thumb,
            22 | 24 => ArtworkRole::Clearart,
            23 | 25 => ArtworkRole::Logo,
            _ => return None,
        };
        let side = |it: Number| u32::try_from(it.whole()?).ok().filter(|it| *it > 0);
        // Its score counts likes from 100,000 upward; one more like is one more vote of ten.
        let votes = self.score.whole().map_or(0, |it| (it - 100_000).clamp(0, 1_000));
        Some(RemoteArtwork {
            preview: picture(&self.thumbnail),
            width: side(self.width),
            height: side(self.height),
            language: self.language.get().and_then(from_three_letters),
            liking: if votes > 0 { 10.0 } else { 0.0 },
            votes: votes as i32,
            ..RemoteArtwork::new(role, picture(&self.image)?)
        })
    }
}

/// An address, which older records give without its host.
pub(super) fn picture(image: &Text) -> Option<Address> {
    let image = image.get()?;
    if image.starts_with('/') && !image.starts_with("//") {
        return Address::parse(&format!("{PICTURES}{image}"));
    }
    Address::parse(image)
}
