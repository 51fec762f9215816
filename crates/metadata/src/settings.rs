//! Which providers are asked, where and with which keys: the section `metadata` of the configuration, or what a person
//! entered later.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::Locale;

/// Every source whose rank may be set: the person's own files, then providers.
pub const SOURCES: [&str; 10] =
    ["nfo", "tags", "radarr", "sonarr", "tmdb", "tvdb", "tvmaze", "wikidata", "omdb", "fanart"];

/// Which providers are asked. By default none: no call leaves the house that its owner did not want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whose word counts more, the strongest first; those left out follow in their own order.
    #[serde(deserialize_with = "known_sources")]
    pub order: Vec<String>,
    /// BCP 47 language of texts.
    #[serde(deserialize_with = "language")]
    pub language: String,
    /// ISO 3166-1 country whose age ratings and dates count.
    #[serde(deserialize_with = "country")]
    pub country: String,
    /// Languages for texts that are missing in the first.
    pub fallbacks: Vec<String>,
    /// A proxy for all requests to public providers: `http://proxy.lan:3128`.
    #[serde(deserialize_with = "address")]
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
    /// Databases of scenes. They are entered in the adult area, and stand in no configuration.
    #[serde(skip)]
    pub boxes: Vec<BoxSettings>,
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
            boxes: Vec::new(),
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
    #[serde(deserialize_with = "address")]
    pub url: Option<String>,
    /// Without one it is not asked.
    pub key: Option<Secret>,
}

/// TheTVDB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TvdbSettings {
    /// Where it is; its public address where nothing is said.
    #[serde(deserialize_with = "address")]
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
    #[serde(deserialize_with = "address")]
    pub url: Option<String>,
    /// Whether it is asked.
    pub enabled: bool,
}

/// A Radarr or Sonarr server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServarrSettings {
    /// Where it is: `http://radarr:7878`.
    #[serde(deserialize_with = "needed_address")]
    pub url: String,
    /// Its key: Settings, General, Security.
    pub key: Secret,
    /// Its folders as this server sees them, where they differ: `/movies: /srv/films`.
    #[serde(default)]
    pub path_map: BTreeMap<String, String>,
}

/// A database of scenes that speaks the GraphQL of stash-box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoxSettings {
    /// One of [`crate::boxes::BOXES`]: what it is called in all that is kept of it.
    pub name: String,
    /// Where it is: `https://stashdb.org/graphql`.
    pub url: String,
    /// The key of an account there.
    pub key: Secret,
}

/// Whether an address is one of the house: an address in numbers, or a name that no public one has. What is public is asked
/// as public things are, and never leads into the house.
pub fn is_at_home(url: &str) -> bool {
    const ENDINGS: [&str; 6] = [".local", ".lan", ".home", ".internal", ".localhost", ".home.arpa"];
    let Ok(url) = url::Url::parse(url) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => {
            !name.contains('.') || ENDINGS.iter().any(|it| name.ends_with(it))
        }
        Some(_) => true,
        None => false,
    }
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

fn known_sources<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    match names.iter().find(|it| !SOURCES.contains(&it.as_str())) {
        Some(unknown) => Err(de::Error::unknown_variant(unknown, &SOURCES)),
        None => Ok(names),
    }
}

fn language<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let tag = String::deserialize(deserializer)?;
    let is_part =
        |it: &str| (1..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric());
    let has_language = (2..=3).contains(&crate::language::primary(&tag).len());
    if has_language && tag.len() <= 35 && tag.split('-').all(is_part) {
        return Ok(tag);
    }
    Err(de::Error::custom(format!("\"{tag}\" is no language, such as de or pt-BR")))
}

fn country<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let code = String::deserialize(deserializer)?;
    if code.len() == 2 && code.bytes().all(|it| it.is_ascii_alphabetic()) {
        return Ok(code.to_ascii_uppercase());
    }
    Err(de::Error::custom(format!("\"{code}\" is no country of two letters, such as DE")))
}

fn needed_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_web = |it: url::Url| matches!(it.scheme(), "http" | "https") && it.has_host();
    if url::Url::parse(&text).is_ok_and(is_web) {
        return Ok(text);
    }
    Err(de::Error::custom("expected an address that begins with http:// or https://"))
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Named(#[serde(deserialize_with = "needed_address")] String);
    Ok(Option::<Named>::deserialize(deserializer)?.map(|it| it.0))
}
