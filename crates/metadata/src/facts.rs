//! What a source says about one thing, in the words that all sources share.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{Address, Credit};

/// Whether a field says nothing, so that what is kept leaves it out.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What is known of a film, series, season or episode. What a source does not say is absent or empty.
///
/// It may be kept as JSON: a field that came later reads as absent from what was kept before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Its title in the language of the source.
    #[serde(skip_serializing_if = "is_default")]
    pub title: Option<String>,
    /// The title a list sorts it by, where the source gives its own.
    #[serde(skip_serializing_if = "is_default")]
    pub sort_title: Option<String>,
    /// Its title in the language it was made in.
    #[serde(skip_serializing_if = "is_default")]
    pub original_title: Option<String>,
    /// One line that advertises it.
    #[serde(skip_serializing_if = "is_default")]
    pub tagline: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "is_default")]
    pub overview: Option<String>,
    /// Year of release.
    #[serde(skip_serializing_if = "is_default")]
    pub year: Option<i32>,
    /// Day of the first release or broadcast.
    #[serde(skip_serializing_if = "is_default")]
    pub released_on: Option<NaiveDate>,
    /// Day of the last broadcast.
    #[serde(skip_serializing_if = "is_default")]
    pub ended_on: Option<NaiveDate>,
    /// Day of the next broadcast that is announced.
    #[serde(skip_serializing_if = "is_default")]
    pub next_air_on: Option<NaiveDate>,
    /// How long it plays.
    #[serde(skip_serializing_if = "is_default")]
    pub runtime_ms: Option<i64>,
    /// What people think of it, 0 to 10.
    #[serde(skip_serializing_if = "is_default")]
    pub rating: Option<f32>,
    /// What people think of it, by source.
    #[serde(skip_serializing_if = "is_default")]
    pub ratings: Vec<SourceRating>,
    /// Age rating as its authority writes it: `PG-13`, `FSK 12`. Of several countries that of the country asked for.
    #[serde(skip_serializing_if = "is_default")]
    pub content_rating: Option<String>,
    /// Age ratings by country.
    #[serde(skip_serializing_if = "is_default")]
    pub content_ratings: Vec<ContentRating>,
    /// When it came out where.
    #[serde(skip_serializing_if = "is_default")]
    pub releases: Vec<Release>,
    /// Whether more of it is to come.
    #[serde(skip_serializing_if = "is_default")]
    pub status: Option<Status>,
    /// The set of films it belongs to.
    #[serde(skip_serializing_if = "is_default")]
    pub collection: Option<Collection>,
    /// Season it belongs to or is.
    #[serde(skip_serializing_if = "is_default")]
    pub season: Option<i32>,
    /// Number within its season.
    #[serde(skip_serializing_if = "is_default")]
    pub episode: Option<i32>,
    /// Number of an episode counted through all regular seasons.
    #[serde(skip_serializing_if = "is_default")]
    pub absolute_number: Option<i32>,
    /// A special is shown before this episode of the regular seasons: season, and episode where it is known.
    #[serde(skip_serializing_if = "is_default")]
    pub airs_before: Option<(i32, Option<i32>)>,
    /// A special is shown after this regular season.
    #[serde(skip_serializing_if = "is_default")]
    pub airs_after_season: Option<i32>,
    /// Genres, the most fitting first.
    #[serde(skip_serializing_if = "is_default")]
    pub genres: Vec<String>,
    /// Keywords.
    #[serde(skip_serializing_if = "is_default")]
    pub tags: Vec<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "is_default")]
    pub studios: Vec<String>,
    /// Who broadcasts it.
    #[serde(skip_serializing_if = "is_default")]
    pub networks: Vec<String>,
    /// Where it was made.
    #[serde(skip_serializing_if = "is_default")]
    pub countries: Vec<String>,
    /// BCP 47 language it was made in.
    #[serde(skip_serializing_if = "is_default")]
    pub original_language: Option<String>,
    /// Cast and crew in the order of the source.
    #[serde(skip_serializing_if = "is_default")]
    pub credits: Vec<Credit>,
    /// Films about it, at outside places.
    #[serde(skip_serializing_if = "is_default")]
    pub trailers: Vec<Trailer>,
    /// Its ids at outside catalogs: provider (`imdb`, `tmdb`, `tvdb`) to id.
    #[serde(skip_serializing_if = "is_default")]
    pub ids: BTreeMap<String, String>,
}

/// What the people of one source think of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceRating {
    /// Whose: `tmdb`, `imdb`, `tvdb`, `tvmaze`, `rottentomatoes`, `metacritic`, `trakt` or as an NFO file calls it.
    pub source: String,
    /// 0 to 10.
    pub value: f32,
    /// How many said so.
    #[serde(default)]
    pub votes: Option<i64>,
}

/// An age rating of one country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentRating {
    /// ISO 3166-1, two capital letters; empty where the source does not say.
    pub country: String,
    /// As its authority writes it.
    pub rating: String,
    /// The age in years it stands for, see [`crate::age_rating`]; none for one that says nothing.
    #[serde(default)]
    pub age: Option<i16>,
}

/// How it came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseKind {
    /// A first showing.
    Premiere,
    /// In cinemas.
    Cinema,
    /// To stream or download.
    Digital,
    /// On discs.
    Physical,
    /// On television.
    Television,
}

impl ReleaseKind {
    /// The stable name, as stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Premiere => "premiere",
            Self::Cinema => "cinema",
            Self::Digital => "digital",
            Self::Physical => "physical",
            Self::Television => "television",
        }
    }
}

/// When it came out in one country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// ISO 3166-1, two capital letters; empty where the source does not say.
    pub country: String,
    /// How.
    pub kind: ReleaseKind,
    /// The day.
    pub on: NaiveDate,
}

/// A set of films that belong together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collection {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub overview: Option<String>,
    /// Its ids at outside catalogs: provider to id.
    pub ids: BTreeMap<String, String>,
    /// A poster of the whole set.
    pub poster: Option<Address>,
    /// A backdrop of the whole set.
    pub backdrop: Option<Address>,
}

/// A film about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trailer {
    /// Its name.
    pub title: Option<String>,
    /// Where it is shown.
    pub url: Address,
    /// What it is.
    pub kind: TrailerKind,
    /// BCP 47.
    #[serde(default)]
    pub language: Option<String>,
}

/// What a film about it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailerKind {
    /// Advertises it.
    Trailer,
    /// Advertises it shortly.
    Teaser,
    /// A scene of it.
    Clip,
    /// About how it was made.
    Featurette,
}

impl TrailerKind {
    /// The stable name, as stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trailer => "trailer",
            Self::Teaser => "teaser",
            Self::Clip => "clip",
            Self::Featurette => "featurette",
        }
    }
}

/// Whether more of a series is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// More episodes will come.
    Continuing,
    /// It is over.
    Ended,
    /// It has not begun.
    Upcoming,
}

impl Status {
    /// The stable name, as stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Continuing => "continuing",
            Self::Ended => "ended",
            Self::Upcoming => "upcoming",
        }
    }
}

impl Facts {
    /// These facts, with what they leave open taken from a weaker source.
    #[must_use]
    pub fn or(self, weaker: Self) -> Self {
        let mut ids = weaker.ids;
        ids.extend(self.ids);
        Self {
            title: self.title.or(weaker.title),
            sort_title: self.sort_title.or(weaker.sort_title),
            original_title: self.original_title.or(weaker.original_title),
            tagline: self.tagline.or(weaker.tagline),
            overview: self.overview.or(weaker.overview),
            year: self.year.or(weaker.year),
            released_on: self.released_on.or(weaker.released_on),
            ended_on: self.ended_on.or(weaker.ended_on),
            next_air_on: self.next_air_on.or(weaker.next_air_on),
            runtime_ms: self.runtime_ms.or(weaker.runtime_ms),
            rating: self.rating.or(weaker.rating),
            ratings: joined(self.ratings, weaker.ratings, |it| it.source.clone()),
            content_rating: self.content_rating.or(weaker.content_rating),
            content_ratings: joined(self.content_ratings, weaker.content_ratings, |it| {
                it.country.clone()
            }),
            releases: stronger(self.releases, weaker.releases),
            status: self.status.or(weaker.status),
            collection: self.collection.or(weaker.collection),
            season: self.season.or(weaker.season),
            episode: self.episode.or(weaker.episode),
            absolute_number: self.absolute_number.or(weaker.absolute_number),
            airs_before: self.airs_before.or(weaker.airs_before),
            airs_after_season: self.airs_after_season.or(weaker.airs_after_season),
            genres: stronger(self.genres, weaker.genres),
            tags: stronger(self.tags, weaker.tags),
            studios: stronger(self.studios, weaker.studios),
            networks: stronger(self.networks, weaker.networks),
            countries: stronger(self.countries, weaker.countries),
            original_language: self.original_language.or(weaker.original_language),
            credits: stronger(self.credits, weaker.credits),
            trailers: stronger(self.trailers, weaker.trailers),
            ids,
        }
    }

    /// Whether nothing is known at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One of what several sources say, the strongest first: each field from the first that has it, lists whole, ids and ratings
/// joined.
pub fn merge(sources: impl IntoIterator<Item = Facts>) -> Facts {
    sources.into_iter().fold(Facts::default(), Facts::or)
}

/// Both lists, where each entry stands for another thing; of two for the same the stronger one's.
fn joined<T>(mut strong: Vec<T>, weak: Vec<T>, what: impl Fn(&T) -> String) -> Vec<T> {
    for entry in weak {
        if !strong.iter().any(|it| what(it) == what(&entry)) {
            strong.push(entry);
        }
    }
    strong
}

/// A list is taken whole: genres of two sources in one list would be two words for one thing.
fn stronger<T>(strong: Vec<T>, weak: Vec<T>) -> Vec<T> {
    if strong.is_empty() { weak } else { strong }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weaker_source_only_fills_what_is_open() {
        let nfo = Facts {
            title: Some("Heat".to_owned()),
            genres: vec!["Crime".to_owned()],
            ids: BTreeMap::from([("imdb".to_owned(), "tt0113277".to_owned())]),
            ..Facts::default()
        };
        let tags = Facts {
            title: Some("heat.1995.x264-GRP".to_owned()),
            year: Some(1995),
            genres: vec!["Action".to_owned(), "Drama".to_owned()],
            ids: BTreeMap::from([
                ("imdb".to_owned(), "tt0000001".to_owned()),
                ("tmdb".to_owned(), "949".to_owned()),
            ]),
            ..Facts::default()
        };
        let merged = merge([nfo, tags]);
        assert_eq!(merged.title.as_deref(), Some("Heat"));
        assert_eq!(merged.year, Some(1995));
        assert_eq!(merged.genres, ["Crime"]);
        assert_eq!(merged.ids["imdb"], "tt0113277");
        assert_eq!(merged.ids["tmdb"], "949");
    }

    #[test]
    fn ratings_of_several_sources_stand_beside_each_other() {
        let rated = |ratings: &[(&str, f32)]| Facts {
            ratings: ratings
                .iter()
                .map(|(source, value)| SourceRating {
                    source: (*source).to_owned(),
                    value: *value,
                    votes: None,
                })
                .collect(),
            ..Facts::default()
        };
        let merged = merge([rated(&[("imdb", 8.0)]), rated(&[("tmdb", 7.0), ("imdb", 2.0)])]);
        assert_eq!(merged.ratings, rated(&[("imdb", 8.0), ("tmdb", 7.0)]).ratings);
    }

    #[test]
    fn what_was_kept_before_a_field_came_still_reads() {
        let kept = r#"{ "title": "Heat", "credits": [{ "name": "Al Pacino", "role": "actor" }] }"#;
        let facts: Facts = serde_json::from_str(kept).expect("facts");
        assert_eq!(facts.credits, [Credit::new("Al Pacino", crate::Role::Actor)]);
        let again = serde_json::to_string(&facts).expect("JSON");
        assert_eq!(serde_json::from_str::<Facts>(&again).expect("facts"), facts);
    }
}
