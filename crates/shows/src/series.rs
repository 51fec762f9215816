//! How the episodes of a series are numbered, and what that makes of the numbers in a name.

use catalog::kind::Candidate;
use chrono::{Datelike as _, NaiveDate};
use naming::Parsed;

/// How episodes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// By season and number.
    Season,
    /// By day of broadcast.
    Date,
    /// Through all seasons.
    Absolute,
}

impl Numbering {
    /// As `shows.series.numbering` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Season => "season",
            Self::Date => "date",
            Self::Absolute => "absolute",
        }
    }

    /// How most episodes of `series` are counted, specials aside.
    pub fn of(series: &Candidate) -> Self {
        let seasons = series.children.iter().filter(|it| it.number != Some(0));
        let (mut by_season, mut by_date, mut through) = (0, 0, 0);
        for episode in seasons.flat_map(|it| &it.children) {
            match (episode.number, episode.absolute_number, episode.released_on) {
                (_, Some(_), _) => through += 1,
                (None, None, Some(_)) => by_date += 1,
                _ => by_season += 1,
            }
        }
        match by_season.max(by_date).max(through) {
            most if most == by_season => Self::Season,
            most if most == by_date => Self::Date,
            _ => Self::Absolute,
        }
    }
}

/// The place of an episode in its series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Season; 0 holds the specials.
    pub season: i32,
    /// What tells it from the other episodes of the series, behind the series' identity.
    pub identity: String,
    /// Number in the season.
    pub number: Option<i32>,
    /// Last number when the file holds several.
    pub number_end: Option<i32>,
    /// Number through all seasons.
    pub absolute: Option<i32>,
    /// Day of broadcast.
    pub date: Option<NaiveDate>,
}

impl Place {
    /// Where the name says the episode belongs; `None` when it says no number and no day.
    pub fn of(parsed: &Parsed) -> Option<Self> {
        let number = |it: Option<u16>| it.map(i32::from);
        let season = number(parsed.season);
        let date = parsed.date.as_deref().and_then(|it| it.parse::<NaiveDate>().ok());
        let place = |season: i32, identity| Self {
            season,
            identity,
            number: None,
            number_end: None,
            absolute: None,
            date,
        };
        if let Some(episode) = number(parsed.episode) {
            let season = season.unwrap_or(1);
            let end = number(parsed.episode_end).filter(|it| *it > episode);
            let identity = format!("s{season:02}e{episode:02}");
            return Some(Self {
                number: Some(episode),
                number_end: end,
                ..place(season, identity)
            });
        }
        if let Some(absolute) = number(parsed.absolute) {
            let season = season.unwrap_or(1);
            let end = number(parsed.absolute_end).filter(|it| *it > absolute);
            return Some(Self {
                number: Some(absolute),
                number_end: end,
                absolute: Some(absolute),
                ..place(season, format!("a{absolute:03}"))
            });
        }
        let date = date?;
        Some(place(season.unwrap_or(date.year()), date.to_string()))
    }

    /// What to call an episode whose name has no title.
    pub fn title(&self) -> Option<String> {
        match (self.number, self.number_end, self.date) {
            (Some(first), Some(last), _) => Some(format!("Episodes {first}-{last}")),
            (Some(number), None, _) => Some(format!("Episode {number}")),
            (None, _, Some(date)) => Some(date.to_string()),
            (None, _, None) => None,
        }
    }
}
