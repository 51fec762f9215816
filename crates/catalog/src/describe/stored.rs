//! What the owner entered in the interface about providers, over what the configuration says.

use chrono::{DateTime, Utc};
use kernel::Result;
use metadata::Settings;
use metadata::settings::{BoxSettings, Secret, ServarrSettings};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::store::setting;

/// The row of the table of settings.
const KEY: &str = "metadata";

/// What was entered; what was not is as the configuration has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stored {
    /// Whose word counts more.
    pub order: Option<Vec<String>>,
    /// BCP 47.
    pub language: Option<String>,
    /// ISO 3166-1; empty for none.
    pub country: Option<String>,
    /// Languages for missing texts.
    pub fallbacks: Option<Vec<String>>,
    /// TMDb's key; empty for none, whatever the configuration says.
    pub tmdb_key: Option<Secret>,
    /// TheTVDB's key.
    pub tvdb_key: Option<Secret>,
    /// The PIN of a subscription to TheTVDB.
    pub tvdb_pin: Option<Secret>,
    /// OMDb's key.
    pub omdb_key: Option<Secret>,
    /// Fanart.tv's key.
    pub fanart_key: Option<Secret>,
    /// Whether TVmaze is asked.
    pub tvmaze_enabled: Option<bool>,
    /// Whether Wikidata is asked.
    pub wikidata_enabled: Option<bool>,
    /// The Radarr servers.
    pub radarr: Option<Vec<ServarrSettings>>,
    /// The Sonarr servers.
    pub sonarr: Option<Vec<ServarrSettings>>,
    /// Databases of scenes.
    pub boxes: Vec<BoxSettings>,
}

impl Stored {
    /// The settings to go by.
    pub fn over(&self, configured: &Settings) -> Settings {
        let mut settings = configured.clone();
        let Self { order, language, country, fallbacks, radarr, sonarr, .. } = self.clone();
        set(&mut settings.order, order);
        set(&mut settings.language, language);
        set(&mut settings.country, country);
        set(&mut settings.fallbacks, fallbacks);
        set(&mut settings.radarr, radarr);
        set(&mut settings.sonarr, sonarr);
        settings.boxes.clone_from(&self.boxes);
        set_key(&mut settings.tmdb.key, self.tmdb_key.as_ref());
        set_key(&mut settings.tvdb.key, self.tvdb_key.as_ref());
        set_key(&mut settings.tvdb.pin, self.tvdb_pin.as_ref());
        set_key(&mut settings.omdb.key, self.omdb_key.as_ref());
        set_key(&mut settings.fanart.key, self.fanart_key.as_ref());
        set(&mut settings.tvmaze.enabled, self.tvmaze_enabled);
        set(&mut settings.wikidata.enabled, self.wikidata_enabled);
        settings
    }
}

fn set<T>(setting: &mut T, entered: Option<T>) {
    if let Some(entered) = entered {
        *setting = entered;
    }
}

fn set_key(setting: &mut Option<Secret>, entered: Option<&Secret>) {
    if let Some(entered) = entered {
        *setting = Some(entered.clone()).filter(|it| !it.reveal().is_empty());
    }
}

/// What was entered, and when. What an older version wrote and we cannot read is nothing.
pub async fn find(db: &mut PgConnection) -> Result<Option<(Stored, DateTime<Utc>)>> {
    let row = setting::find_setting(db, KEY).await?;
    Ok(row.map(|(value, at)| (serde_json::from_value(value).unwrap_or_default(), at)))
}

/// Keeps what was entered.
pub async fn save(db: &mut PgConnection, stored: &Stored, now: DateTime<Utc>) -> Result<()> {
    let value = serde_json::to_value(stored).map_err(anyhow::Error::from)?;
    setting::upsert_setting(db, KEY, value, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_goes_over_the_configuration_and_nothing_else_does() {
        let mut configured = Settings { language: "de".to_owned(), ..Settings::default() };
        configured.tmdb.key = Some(Secret::new("of the file"));
        configured.omdb.key = Some(Secret::new("of the file"));
        let entered = Stored {
            omdb_key: Some(Secret::new("")),
            tvmaze_enabled: Some(true),
            country: Some("AT".to_owned()),
            ..Stored::default()
        };
        let settings = entered.over(&configured);
        assert_eq!(settings.tmdb.key.as_ref().map(Secret::reveal), Some("of the file"));
        assert_eq!((settings.omdb.key, settings.tvmaze.enabled), (None, true));
        assert_eq!((settings.language.as_str(), settings.country.as_str()), ("de", "AT"));
        assert_eq!(Stored::default().over(&configured), configured);
    }
}
