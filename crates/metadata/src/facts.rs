//! What a source says about one thing, in the words that all sources share.

use std::collections::BTreeMap;

use chrono::NaiveDate;

/// What is known of a film, series, season or episode. What a source does not say is absent or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Its title in the language of the source.
    pub title: Option<String>,
    /// The title a list sorts it by, where the source gives its own.
    pub sort_title: Option<String>,
    /// Its title in the language it was made in.
    pub original_title: Option<String>,
    /// One line that advertises it.
    pub tagline: Option<String>,
    /// What it is about.
    pub overview: Option<String>,
    /// Year of release.
    pub year: Option<i32>,
    /// Day of the first release or broadcast.
    pub released_on: Option<NaiveDate>,
    /// Day of the last broadcast.
    pub ended_on: Option<NaiveDate>,
    /// How long it plays.
    pub runtime_ms: Option<i64>,
    /// What people think of it, 0 to 10.
    pub rating: Option<f32>,
    /// Age rating as its authority writes it: `PG-13`, `FSK 12`.
    pub content_rating: Option<String>,
    /// Whether more of it is to come.
    pub status: Option<Status>,
    /// The set of films it belongs to.
    pub collection: Option<String>,
    /// Season it belongs to or is.
    pub season: Option<i32>,
    /// Number within its season.
    pub episode: Option<i32>,
    /// A special is shown before this episode of the regular seasons: season, and episode where it is known.
    pub airs_before: Option<(i32, Option<i32>)>,
    /// A special is shown after this regular season.
    pub airs_after_season: Option<i32>,
    /// Genres, the most fitting first.
    pub genres: Vec<String>,
    /// Keywords.
    pub tags: Vec<String>,
    /// Who made it.
    pub studios: Vec<String>,
    /// Where it was made.
    pub countries: Vec<String>,
    /// Cast and crew in the order of the source.
    pub credits: Vec<Credit>,
    /// Its ids at outside catalogs: provider (`imdb`, `tmdb`, `tvdb`) to id.
    pub ids: BTreeMap<String, String>,
}

/// One person's part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The person's name.
    pub name: String,
    /// What they did.
    pub role: Role,
    /// Whom they played.
    pub character: Option<String>,
}

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Played in it.
    Actor,
    /// Played in this episode only.
    Guest,
    /// Directed it.
    Director,
    /// Wrote it.
    Writer,
    /// Wrote the music.
    Composer,
    /// Produced it.
    Producer,
}

impl Role {
    /// The stable name, as stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Guest => "guest",
            Self::Director => "director",
            Self::Writer => "writer",
            Self::Composer => "composer",
            Self::Producer => "producer",
        }
    }
}

/// Whether more of a series is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
            runtime_ms: self.runtime_ms.or(weaker.runtime_ms),
            rating: self.rating.or(weaker.rating),
            content_rating: self.content_rating.or(weaker.content_rating),
            status: self.status.or(weaker.status),
            collection: self.collection.or(weaker.collection),
            season: self.season.or(weaker.season),
            episode: self.episode.or(weaker.episode),
            airs_before: self.airs_before.or(weaker.airs_before),
            airs_after_season: self.airs_after_season.or(weaker.airs_after_season),
            genres: stronger(self.genres, weaker.genres),
            tags: stronger(self.tags, weaker.tags),
            studios: stronger(self.studios, weaker.studios),
            countries: stronger(self.countries, weaker.countries),
            credits: stronger(self.credits, weaker.credits),
            ids,
        }
    }

    /// Whether nothing is known at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
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
        let merged = nfo.or(tags);
        assert_eq!(merged.title.as_deref(), Some("Heat"));
        assert_eq!(merged.year, Some(1995));
        assert_eq!(merged.genres, ["Crime"]);
        assert_eq!(merged.ids["imdb"], "tt0113277");
        assert_eq!(merged.ids["tmdb"], "949");
    }
}
