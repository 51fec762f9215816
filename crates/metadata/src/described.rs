//! All that a provider says of one film or series.

use serde::{Deserialize, Serialize};

use crate::facts::is_default;
use crate::{Facts, RemoteArtwork};

/// All that a provider says of one film or series. What it does not say is absent or empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Described {
    /// What is known, its texts in the language that was asked for or, text by text, the first fallback that has it.
    #[serde(skip_serializing_if = "is_default")]
    pub facts: Facts,
    /// Its texts in every language the provider has.
    #[serde(skip_serializing_if = "is_default")]
    pub translations: Vec<Translation>,
    /// Other names people know it by.
    #[serde(skip_serializing_if = "is_default")]
    pub other_titles: Vec<OtherTitle>,
    /// Pictures, sorted by [`crate::artwork::sort`] for the languages that were asked for.
    #[serde(skip_serializing_if = "is_default")]
    pub artwork: Vec<RemoteArtwork>,
    /// Seasons of a series in order, specials (0) first.
    #[serde(skip_serializing_if = "is_default")]
    pub seasons: Vec<SeasonDescribed>,
    /// All episodes of a series by season and number as they were aired.
    #[serde(skip_serializing_if = "is_default")]
    pub episodes: Vec<EpisodeDescribed>,
    /// Other orders of the episodes.
    #[serde(skip_serializing_if = "is_default")]
    pub orders: Vec<EpisodeOrder>,
}

/// Texts in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Translation {
    /// BCP 47: `de`, `pt-BR`.
    pub language: String,
    /// Its title.
    pub title: Option<String>,
    /// One line that advertises it.
    pub tagline: Option<String>,
    /// What it is about.
    pub overview: Option<String>,
}

/// Another name people know it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherTitle {
    /// The name.
    pub title: String,
    /// ISO 3166-1 country where it is used, if the provider says.
    #[serde(default)]
    pub country: Option<String>,
    /// BCP 47 language of it, if the provider says.
    #[serde(default)]
    pub language: Option<String>,
}

/// A season of a series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeasonDescribed {
    /// Its number; 0 holds the specials.
    pub number: i32,
    /// What is known of it.
    pub facts: Facts,
    /// Its texts in every language the provider has.
    pub translations: Vec<Translation>,
    /// Its pictures.
    pub artwork: Vec<RemoteArtwork>,
}

/// An episode of a series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EpisodeDescribed {
    /// The season it was aired in; 0 for specials.
    pub season: i32,
    /// Its number there.
    pub number: i32,
    /// What is known of it: day of broadcast, runtime, credits, where a special belongs.
    pub facts: Facts,
    /// Its texts in every language the provider has.
    pub translations: Vec<Translation>,
    /// Its pictures.
    pub artwork: Vec<RemoteArtwork>,
}

/// An order of the episodes other than that of their broadcast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodeOrder {
    /// Which.
    pub kind: OrderKind,
    /// What the provider calls it.
    #[serde(default)]
    pub name: Option<String>,
    /// Every episode that has a place in it, in order.
    pub slots: Vec<OrderSlot>,
}

/// What an order of episodes follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// Discs.
    Dvd,
    /// One count through all of them.
    Absolute,
    /// The story.
    Story,
    /// Another way, such as that of another country.
    Alternate,
}

impl OrderKind {
    /// The stable name, as stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dvd => "dvd",
            Self::Absolute => "absolute",
            Self::Story => "story",
            Self::Alternate => "alternate",
        }
    }
}

/// The place of one episode in another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSlot {
    /// Season of this order; 1 for an absolute one.
    pub season: i32,
    /// Number in it.
    pub number: i32,
    /// Season it was aired in.
    pub aired_season: i32,
    /// Number in that.
    pub aired_number: i32,
}
