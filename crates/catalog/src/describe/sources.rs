//! Who is asked about items, in which order and language: the server's settings, and a library's own.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use kernel::{Error, Result};
use metadata::providers::Lineup;
use metadata::{Locale, Providers, Settings};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::source::complete_order;
use super::stored::Stored;

/// The providers in use with the settings of the moment. Cheap to clone; clones change together.
#[derive(Clone, Debug)]
pub struct Sources(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    providers: Providers,
    /// What the configuration says; what a person enters in the interface goes over it.
    configured: Settings,
    now: RwLock<Moment>,
}

#[derive(Clone, Debug)]
struct Moment {
    settings: Arc<Settings>,
    /// When what is applied was entered; nothing while only the configuration counts.
    entered_at: Option<DateTime<Utc>>,
}

impl Sources {
    /// `providers`, as `configured` until a person enters something else.
    pub fn new(providers: Providers, configured: Settings) -> Self {
        let now = Moment { settings: Arc::new(configured.clone()), entered_at: None };
        Self(Arc::new(Inner { providers, configured, now: RwLock::new(now) }))
    }

    /// Nobody is asked.
    pub fn none() -> Self {
        Self::new(Providers::none(), Settings::default())
    }

    /// The providers.
    pub fn providers(&self) -> &Providers {
        &self.0.providers
    }

    /// What the configuration says.
    pub fn configured(&self) -> &Settings {
        &self.0.configured
    }

    /// The settings of the moment.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0.now.read().unwrap_or_else(PoisonError::into_inner).settings)
    }

    /// Applies what a person entered on any node since it was last looked at.
    pub async fn refresh(&self, db: &mut PgConnection) -> Result<()> {
        let stored = super::stored::find(db).await?;
        let entered_at = stored.as_ref().map(|it| it.1);
        let known = self.0.now.read().unwrap_or_else(PoisonError::into_inner).entered_at;
        if entered_at == known {
            return Ok(());
        }
        let stored = stored.map(|it| it.0).unwrap_or_default();
        self.apply(&stored, entered_at)
    }

    /// Goes by `stored` from now on.
    pub fn apply(&self, stored: &Stored, entered_at: Option<DateTime<Utc>>) -> Result<()> {
        let settings = stored.over(&self.0.configured);
        self.0.providers.apply(&settings)?;
        let now = Moment { settings: Arc::new(settings), entered_at };
        *self.0.now.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    /// Whose word counts more in this library, the strongest first.
    pub fn order(&self, library: &LibraryMetadata) -> Vec<String> {
        let server = &self.settings().order;
        complete_order(if library.order.is_empty() { server } else { &library.order })
    }

    /// The providers to ask for this library.
    pub fn lineup(&self, library: &LibraryMetadata) -> Lineup {
        self.0.providers.lineup(&self.order(library))
    }

    /// The language and country of this library.
    pub fn locale(&self, library: &LibraryMetadata) -> Locale {
        let server = self.settings().locale();
        let own = library.language.clone();
        let mut fallbacks =
            if library.fallbacks.is_empty() { server.fallbacks } else { library.fallbacks.clone() };
        let language = own.unwrap_or_else(|| server.language.clone());
        if language != server.language && !fallbacks.contains(&server.language) {
            fallbacks.push(server.language);
        }
        Locale { country: library.country.clone().or(server.country), language, fallbacks }
    }
}

/// How one library is described; what is left out is as the server has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct LibraryMetadata {
    /// BCP 47 language of texts: `de`, `pt-BR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// ISO 3166-1 country whose age ratings and dates count: `DE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Languages for texts that are missing in the first, the most wanted first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
    /// Whose word counts more, the strongest first: `nfo`, `tags`, `radarr`, `sonarr`, `tmdb`, `tvdb`, `tvmaze`,
    /// `wikidata`, `omdb`, `fanart`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// Whether NFO files are written beside the media.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub write_nfo: bool,
}

impl LibraryMetadata {
    /// The key in a library's settings.
    pub const KEY: &str = "metadata";

    /// What a library's settings say. What we cannot read says nothing.
    pub fn of(settings: &serde_json::Value) -> Self {
        let own = settings.get(Self::KEY).cloned().unwrap_or_default();
        serde_json::from_value(own).unwrap_or_default()
    }

    /// Refuses what nobody can mean.
    pub fn check(&self) -> Result<()> {
        if let Some(language) = &self.language {
            check_language("language", language)?;
        }
        for language in &self.fallbacks {
            check_language("fallbacks", language)?;
        }
        if let Some(country) = &self.country {
            check_country("country", country)?;
        }
        check_order("order", &self.order)?;
        if self.fallbacks.len() > MAX_FALLBACKS {
            return Err(Error::invalid("fallbacks", format!("at most {MAX_FALLBACKS} languages")));
        }
        Ok(())
    }
}

/// More languages nobody reads.
pub const MAX_FALLBACKS: usize = 10;

/// Refuses what is no BCP 47 tag of a language with or without script and country.
pub fn check_language(field: &str, language: &str) -> Result<()> {
    let mut parts = language.split('-');
    let primary = parts.next().unwrap_or_default();
    let is_word = |it: &str| it.chars().all(|sign| sign.is_ascii_alphanumeric());
    let is_right = (2..=3).contains(&primary.len())
        && primary.chars().all(|it| it.is_ascii_lowercase())
        && language.len() <= 12
        && parts.all(|it| (2..=4).contains(&it.len()) && is_word(it));
    if is_right {
        return Ok(());
    }
    Err(Error::invalid(field, "a language is written like en, de or pt-BR"))
}

/// Refuses what is no country.
pub fn check_country(field: &str, country: &str) -> Result<()> {
    if country.len() == 2 && country.chars().all(|it| it.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(Error::invalid(field, "a country is two capital letters: DE, US"))
}

/// Refuses sources that nobody knows, and those named twice.
pub fn check_order(field: &str, order: &[String]) -> Result<()> {
    let known = super::source::USUAL_ORDER;
    if let Some(wrong) = order.iter().find(|it| !known.contains(&it.as_str())) {
        let known = known.join(", ");
        return Err(Error::invalid(
            field,
            format!("there is no source {wrong:?}; there is {known}"),
        ));
    }
    let twice = order.iter().enumerate().any(|(place, it)| order[..place].contains(it));
    if twice { Err(Error::invalid(field, "each source once")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_says_what_differs_from_the_server() {
        let server =
            Settings { language: "de".to_owned(), country: "DE".to_owned(), ..Settings::default() };
        let sources = Sources::new(Providers::none(), server);
        let plain = sources.locale(&LibraryMetadata::default());
        assert_eq!((plain.language.as_str(), plain.country.as_deref()), ("de", Some("DE")));
        let french = LibraryMetadata { language: Some("fr".to_owned()), ..Default::default() };
        let locale = sources.locale(&french);
        assert_eq!((locale.language.as_str(), locale.fallbacks), ("fr", vec!["de".to_owned()]));
        let order = LibraryMetadata { order: vec!["tvdb".to_owned()], ..Default::default() };
        assert_eq!(sources.order(&order)[..2], ["tvdb", "nfo"]);
    }

    #[test]
    fn what_nobody_can_mean_is_refused() {
        for (language, is_right) in [
            ("de", true),
            ("pt-BR", true),
            ("zh-Hant-TW", true),
            ("", false),
            ("german", false),
            ("DE", false),
            ("d\0", false),
            ("en-", false),
        ] {
            let settings =
                LibraryMetadata { language: Some(language.to_owned()), ..Default::default() };
            assert_eq!(settings.check().is_ok(), is_right, "{language}");
        }
        for (order, is_right) in
            [(vec!["nfo", "tmdb"], true), (vec!["imdb"], false), (vec!["nfo", "nfo"], false)]
        {
            let order = order.into_iter().map(str::to_owned).collect();
            assert_eq!(LibraryMetadata { order, ..Default::default() }.check().is_ok(), is_right);
        }
        for (country, is_right) in [("DE", true), ("de", false), ("DEU", false)] {
            let settings =
                LibraryMetadata { country: Some(country.to_owned()), ..Default::default() };
            assert_eq!(settings.check().is_ok(), is_right, "{country}");
        }
    }
}
