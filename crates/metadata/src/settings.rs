//! Which providers are asked, where and with which keys: the section `metadata` of the configuration, or what a person
//! entered later.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Locale;

/// Which providers are asked. By default none: no call leaves the house that its owner did not want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whose word counts more, the strongest first; those left out follow in their own order.
    pub order: Vec<String>,
    /// BCP 47 language of texts.
    pub language: String,
    /// ISO 3166-1 country whose age ratings and dates count.
    pub country: String,
    /// Languages for texts that are missing in the first.
    pub fallbacks: Vec<String>,
    /// A proxy for all requests to providers: `http://proxy.lan:3128`.
    pub proxy: Option<String>,
    /// TMDb: films and series.
    pub tmdb: KeyedSettings,
    /// TheTVDB: series and films.
    pub tvdb: TvdbSettings,
    /// OMDb: ratings of IMDb, Rotten Tomatoes and Metacritic.
    pub omdb: KeyedSettings,
    /// Fanart.tv: artwork.
    pub fanart: KeyedSettings,
    /// TVmaze: series; needs no key.
    pub tvmaze: OpenSettings,
    /// Wikidata: ids and titles; needs no key.
    pub wikidata: OpenSettings,
    /// Radarr servers: what they downloaded, they know.
    pub radarr: Vec<ServarrSettings>,
    /// Sonarr servers.
    pub sonarr: Vec<ServarrSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            language: "en".to_owned(),
            country: "US".to_owned(),
            fallbacks: Vec::new(),
            proxy: None,
            tmdb: KeyedSettings::default(),
            tvdb: TvdbSettings::default(),
            omdb: KeyedSettings::default(),
            fanart: KeyedSettings::default(),
            tvmaze: OpenSettings::default(),
            wikidata: OpenSettings::default(),
            radarr: Vec::new(),
            sonarr: Vec::new(),
        }
    }
}

impl Settings {
    /// Language and country.
    pub fn locale(&self) -> Locale {
        Locale {
            language: self.language.clone(),
            country: Some(self.country.clone()).filter(|it| !it.is_empty()),
            fallbacks: self.fallbacks.clone(),
        }
    }
}

/// A provider that wants a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyedSettings {
    /// Where it is; its public address where nothing is said.
    pub url: Option<String>,
    /// Without one it is not asked.
    pub key: Option<Secret>,
}

/// TheTVDB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TvdbSettings {
    /// Where it is; its public address where nothing is said.
    pub url: Option<String>,
    /// Without one it is not asked.
    pub key: Option<Secret>,
    /// The PIN of a person's subscription, for keys that want one.
    pub pin: Option<Secret>,
}

/// A provider that wants no key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenSettings {
    /// Where it is; its public address where nothing is said.
    pub url: Option<String>,
    /// Whether it is asked.
    pub enabled: bool,
}

/// A Radarr or Sonarr server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServarrSettings {
    /// Where it is: `http://radarr:7878`.
    pub url: String,
    /// Its key: Settings, General, Security.
    pub key: Secret,
    /// Its folders as this server sees them, where they differ: `/movies: /srv/films`.
    #[serde(default)]
    pub path_map: BTreeMap<String, String>,
}

/// A text that no log shows.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes `text` in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be sent to whom it belongs.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}
