//! Who made a thing and who plays in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Address;

/// One person's part in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The person's name.
    pub name: String,
    /// What they did.
    pub role: Role,
    /// Whom they played.
    #[serde(default)]
    pub character: Option<String>,
    /// What exactly they did, in the words of the source: `Director of Photography`.
    #[serde(default)]
    pub job: Option<String>,
    /// In how many episodes.
    #[serde(default)]
    pub episode_count: Option<i32>,
    /// A portrait.
    #[serde(default)]
    pub picture: Option<Address>,
    /// The person's ids at outside catalogs: provider to id.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
}

impl Credit {
    /// A part of which no more is known.
    pub fn new(name: impl Into<String>, role: Role) -> Self {
        Self {
            name: name.into(),
            role,
            character: None,
            job: None,
            episode_count: None,
            picture: None,
            ids: BTreeMap::new(),
        }
    }
}

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Played in it.
    Actor,
    /// Played in this episode only.
    Guest,
    /// Led through it, or was in it as themselves.
    Host,
    /// Invented the series.
    Creator,
    /// Directed it.
    Director,
    /// Wrote it, or what it is made from.
    Writer,
    /// Produced it.
    Producer,
    /// Wrote the music.
    Composer,
    /// Led the camera.
    Cinematographer,
    /// Cut it.
    Editor,
    /// Made how it looks: sets, costumes, make-up, effects.
    Design,
    /// Made how it sounds.
    Sound,
    /// Found who plays in it.
    Casting,
    /// Anything else.
    Crew,
}

impl Role {
    /// Every role, the most prominent first.
    pub const ALL: [Self; 14] = [
        Self::Actor,
        Self::Guest,
        Self::Host,
        Self::Creator,
        Self::Director,
        Self::Writer,
        Self::Producer,
        Self::Composer,
        Self::Cinematographer,
        Self::Editor,
        Self::Design,
        Self::Sound,
        Self::Casting,
        Self::Crew,
    ];

    /// The stable name, as stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Guest => "guest",
            Self::Host => "host",
            Self::Creator => "creator",
            Self::Director => "director",
            Self::Writer => "writer",
            Self::Producer => "producer",
            Self::Composer => "composer",
            Self::Cinematographer => "cinematographer",
            Self::Editor => "editor",
            Self::Design => "design",
            Self::Sound => "sound",
            Self::Casting => "casting",
            Self::Crew => "crew",
        }
    }

    /// The role of a stable name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}
