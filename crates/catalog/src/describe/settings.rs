//! What administrators see and say of providers and of how libraries are described.

use std::collections::BTreeMap;

use kernel::id::LibraryId;
use kernel::{Error, Permission, Result, Viewer};
use metadata::settings::{Secret, ServarrSettings};
use metadata::{ProviderError, Settings};
use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, PgConnection};
use utoipa::ToSchema;

use super::run::refusal;
use super::sources::{LibraryMetadata, MAX_FALLBACKS, check_country, check_language, check_order};
use super::store::{due, setting};
use super::stored::{self, Stored};
use crate::entered::Entered;
use crate::review::AttributionView;
use crate::{Catalog, Describe};

/// Letters of a key or address.
const MAX_KEY: usize = 1024;
/// Servers of one kind.
const MAX_SERVARR: usize = 10;
const MAX_PATHS: usize = 50;

/// The providers and how they are asked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MetadataSettings {
    /// Whose word counts more, the strongest first; complete.
    pub order: Vec<String>,
    /// BCP 47 language of texts.
    pub language: String,
    /// ISO 3166-1 country whose age ratings and dates count; empty for none.
    pub country: String,
    /// Languages for texts that are missing in the first.
    pub fallbacks: Vec<String>,
    /// Everybody who can be asked.
    pub providers: Vec<ProviderView>,
    /// The Radarr servers.
    pub radarr: Vec<ServarrView>,
    /// The Sonarr servers.
    pub sonarr: Vec<ServarrView>,
}

/// A provider.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProviderView {
    /// `tmdb`, `tvdb`, `tvmaze`, `wikidata`, `omdb`, `fanart`.
    pub name: String,
    /// Whether it is asked.
    pub is_enabled: bool,
    /// Whether it wants a key.
    pub needs_key: bool,
    /// Whether it has one.
    pub has_key: bool,
    /// Whether a PIN goes with the key.
    pub has_pin: bool,
    /// Whether what counts was entered here; otherwise it is of the configuration.
    pub is_entered: bool,
    /// What must be said where its answers are shown; while it is in use.
    pub attribution: Option<AttributionView>,
}

/// A Radarr or Sonarr server.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ServarrView {
    /// Where it is.
    pub url: String,
    /// Its folders as this server sees them, where they differ.
    pub path_map: BTreeMap<String, String>,
}

/// What to change about providers; what is left out stays, and `null` gives back to the configuration.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MetadataPatch {
    /// Whose word counts more.
    #[schema(value_type = Option<Vec<String>>)]
    pub order: Entered<Vec<String>>,
    /// BCP 47 language of texts.
    #[schema(value_type = Option<String>)]
    pub language: Entered<String>,
    /// ISO 3166-1 country; empty for none.
    #[schema(value_type = Option<String>)]
    pub country: Entered<String>,
    /// Languages for missing texts.
    #[schema(value_type = Option<Vec<String>>)]
    pub fallbacks: Entered<Vec<String>>,
    /// TMDb's key; empty for none.
    #[schema(value_type = Option<String>)]
    pub tmdb_key: Entered<String>,
    /// TheTVDB's key; empty for none.
    #[schema(value_type = Option<String>)]
    pub tvdb_key: Entered<String>,
    /// The PIN of a subscription to TheTVDB; empty for none.
    #[schema(value_type = Option<String>)]
    pub tvdb_pin: Entered<String>,
    /// OMDb's key; empty for none.
    #[schema(value_type = Option<String>)]
    pub omdb_key: Entered<String>,
    /// Fanart.tv's key; empty for none.
    #[schema(value_type = Option<String>)]
    pub fanart_key: Entered<String>,
    /// Whether TVmaze is asked.
    #[schema(value_type = Option<bool>)]
    pub tvmaze_enabled: Entered<bool>,
    /// Whether Wikidata is asked.
    #[schema(value_type = Option<bool>)]
    pub wikidata_enabled: Entered<bool>,
    /// The Radarr servers, all of them.
    #[schema(value_type = Option<Vec<ServarrEntry>>)]
    pub radarr: Entered<Vec<ServarrEntry>>,
    /// The Sonarr servers, all of them.
    #[schema(value_type = Option<Vec<ServarrEntry>>)]
    pub sonarr: Entered<Vec<ServarrEntry>>,
}

/// A Radarr or Sonarr server as it is entered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServarrEntry {
    /// Where it is: `http://radarr:7878`.
    pub url: String,
    /// Its key; left out, the one that is known for this address.
    #[serde(default)]
    pub key: Option<String>,
    /// Its folders as this server sees them, where they differ: `/movies` to `/srv/films`.
    #[serde(default)]
    pub path_map: BTreeMap<String, String>,
}

/// A provider's name.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ProviderName {
    /// `tmdb`, `tvdb`, ...
    pub provider: String,
}

/// Whether a provider answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderCheck {
    /// Whether it accepts its key.
    pub is_ok: bool,
    /// Why not, for a person.
    pub problem: Option<String>,
}

impl Catalog {
    /// The providers and how they are asked.
    pub async fn metadata_settings(&self, viewer: &Viewer) -> Result<MetadataSettings> {
        viewer.require(Permission::ManageProviders)?;
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        let stored = stored::find(&mut db).await?.map(|it| it.0).unwrap_or_default();
        Ok(self.view_settings(&stored))
    }

    fn view_settings(&self, stored: &Stored) -> MetadataSettings {
        let settings = self.sources.settings();
        let attributions: BTreeMap<&str, _> =
            self.sources.providers().lineup(&[]).attributions().into_iter().collect();
        let keyed = |name: &str, key: Option<&Secret>, entered: bool| ProviderView {
            name: name.to_owned(),
            is_enabled: key.is_some(),
            needs_key: true,
            has_key: key.is_some(),
            has_pin: false,
            is_entered: entered,
            attribution: attributions.get(name).map(|it| (*it).into()),
        };
        let open = |name: &str, is_enabled: bool, entered: bool| ProviderView {
            is_enabled,
            needs_key: false,
            ..keyed(name, None, entered)
        };
        let servarr = |it: &ServarrSettings| ServarrView {
            url: it.url.clone(),
            path_map: it.path_map.clone(),
        };
        let tvdb = ProviderView {
            has_pin: settings.tvdb.pin.is_some(),
            ..keyed("tvdb", settings.tvdb.key.as_ref(), stored.tvdb_key.is_some())
        };
        MetadataSettings {
            order: self.sources.order(&LibraryMetadata::default()),
            language: settings.language.clone(),
            country: settings.country.clone(),
            fallbacks: settings.fallbacks.clone(),
            providers: vec![
                keyed("tmdb", settings.tmdb.key.as_ref(), stored.tmdb_key.is_some()),
                tvdb,
                open("tvmaze", settings.tvmaze.enabled, stored.tvmaze_enabled.is_some()),
                open("wikidata", settings.wikidata.enabled, stored.wikidata_enabled.is_some()),
                keyed("omdb", settings.omdb.key.as_ref(), stored.omdb_key.is_some()),
                keyed("fanart", settings.fanart.key.as_ref(), stored.fanart_key.is_some()),
            ],
            radarr: settings.radarr.iter().map(servarr).collect(),
            sonarr: settings.sonarr.iter().map(servarr).collect(),
        }
    }

    /// Changes the providers' settings; keys that are entered are tried first.
    pub async fn update_metadata_settings(
        &self,
        viewer: &Viewer,
        patch: MetadataPatch,
    ) -> Result<MetadataSettings> {
        viewer.require(Permission::ManageProviders)?;
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        let before = stored::find(&mut db).await?.map(|it| it.0).unwrap_or_default();
        drop(db);
        let known = self.sources.settings();
        let (stored, to_try) = apply(patch, before.clone(), &known)?;
        let settings = stored.over(self.sources.configured());
        for (provider, field) in to_try {
            match self.sources.providers().try_out(&settings, provider).await {
                Ok(()) => {}
                Err(ProviderError::KeyRefused) => {
                    return Err(Error::invalid(field, format!("{provider} does not accept it")));
                }
                Err(error) => return Err(refusal(provider, &error)),
            }
        }
        self.save_metadata_settings(&stored).await?;
        Ok(self.view_settings(&stored))
    }

    /// Keeps what was entered, goes by it from now on, and has everything described anew.
    pub(super) async fn save_metadata_settings(&self, stored: &Stored) -> Result<()> {
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        stored::save(&mut tx, stored, now).await?;
        due::update_due_of_library(&mut tx, None, now).await?;
        let libraries = due::list_due_libraries_unscoped(&mut tx, now).await?;
        for library in libraries {
            (self.enqueue_describe)(&mut tx, Describe::Library(library)).await?;
        }
        tx.commit().await?;
        self.sources.apply(stored, Some(now))
    }

    /// Has providers asked about whatever is due, if any are in use.
    pub async fn ask_about_due(&self) -> Result<()> {
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        if self.sources.providers().lineup(&[]).is_empty() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        for library in due::list_due_libraries_unscoped(&mut tx, self.clock.now()).await? {
            (self.enqueue_describe)(&mut tx, Describe::Library(library)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Whether a provider accepts its key now.
    pub async fn check_provider(&self, viewer: &Viewer, provider: &str) -> Result<ProviderCheck> {
        viewer.require(Permission::ManageProviders)?;
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        drop(db);
        let lineup = self.sources.providers().lineup(&[]);
        if !lineup.names().contains(&provider) {
            return Err(Error::invalid("provider", "it is not in use"));
        }
        let checked = lineup.check(provider).await;
        let problem = checked.err().map(|it| it.to_string());
        Ok(ProviderCheck { is_ok: problem.is_none(), problem })
    }

    /// How a library is described, as far as it differs from the server.
    pub async fn library_metadata(
        &self,
        viewer: &Viewer,
        id: LibraryId,
    ) -> Result<LibraryMetadata> {
        viewer.require(Permission::ManageLibraries)?;
        let mut db = self.connection().await?;
        let settings = setting::find_library_settings(&mut db, &viewer.scope, id).await?;
        Ok(LibraryMetadata::of(&settings.ok_or(Error::NotFound("library"))?))
    }

    /// Says how a library is described.
    pub async fn update_library_metadata(
        &self,
        viewer: &Viewer,
        id: LibraryId,
        settings: &LibraryMetadata,
    ) -> Result<()> {
        viewer.require(Permission::ManageLibraries)?;
        settings.check()?;
        let now = self.clock.now();
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        let before = setting::find_library_settings(&mut db, &viewer.scope, id).await?;
        let before = LibraryMetadata::of(&before.ok_or(Error::NotFound("library"))?);
        if before == *settings {
            return Ok(());
        }
        let value = serde_json::to_value(settings).map_err(anyhow::Error::from)?;
        let mut tx = db.begin().await?;
        setting::update_library_setting(&mut tx, &viewer.scope, id, LibraryMetadata::KEY, value)
            .await?;
        due::update_due_of_library(&mut tx, Some(id), now).await?;
        self.enqueue_if_in_use(&mut tx, id).await?;
        if settings.write_nfo && !before.write_nfo {
            (self.enqueue_describe)(&mut tx, Describe::LibraryNfo(id)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn enqueue_if_in_use(&self, db: &mut PgConnection, library: LibraryId) -> Result<()> {
        if !self.sources.providers().lineup(&[]).is_empty() {
            (self.enqueue_describe)(db, Describe::Library(library)).await?;
        }
        Ok(())
    }
}

/// What is to be tried: a provider, and the field that its key was entered in.
type ToTry = Vec<(&'static str, &'static str)>;

/// `patch` over `stored`, and which keys are to be tried.
fn apply(patch: MetadataPatch, mut stored: Stored, known: &Settings) -> Result<(Stored, ToTry)> {
    if let Ok(order) = patch.order.said() {
        check_order("order", order.as_deref().unwrap_or_default())?;
        stored.order = order;
    }
    if let Ok(language) = patch.language.said() {
        language.as_deref().map(|it| check_language("language", it)).transpose()?;
        stored.language = language;
    }
    if let Ok(country) = patch.country.said() {
        if let Some(country) = country.as_deref().filter(|it| !it.is_empty()) {
            check_country("country", country)?;
        }
        stored.country = country;
    }
    if let Ok(fallbacks) = patch.fallbacks.said() {
        let languages = fallbacks.as_deref().unwrap_or_default();
        if languages.len() > MAX_FALLBACKS {
            return Err(Error::invalid("fallbacks", format!("at most {MAX_FALLBACKS} languages")));
        }
        for language in languages {
            check_language("fallbacks", language)?;
        }
        stored.fallbacks = fallbacks;
    }
    let mut to_try: ToTry = Vec::new();
    let keys = [
        ("tmdb", "tmdb_key", patch.tmdb_key, &mut stored.tmdb_key),
        ("tvdb", "tvdb_key", patch.tvdb_key, &mut stored.tvdb_key),
        ("tvdb", "tvdb_pin", patch.tvdb_pin, &mut stored.tvdb_pin),
        ("omdb", "omdb_key", patch.omdb_key, &mut stored.omdb_key),
        ("fanart", "fanart_key", patch.fanart_key, &mut stored.fanart_key),
    ];
    for (provider, field, entered, place) in keys {
        let Ok(entered) = entered.said() else { continue };
        let key = entered.as_deref().map(|it| checked_key(field, it)).transpose()?;
        let is_new = key.as_ref().is_some_and(|it| !it.reveal().is_empty());
        if is_new && !to_try.iter().any(|it| it.0 == provider) {
            to_try.push((provider, field));
        }
        *place = key;
    }
    if let Ok(enabled) = patch.tvmaze_enabled.said() {
        stored.tvmaze_enabled = enabled;
    }
    if let Ok(enabled) = patch.wikidata_enabled.said() {
        stored.wikidata_enabled = enabled;
    }
    if let Ok(entered) = patch.radarr.said() {
        stored.radarr = entered.map(|it| servers("radarr", it, &known.radarr)).transpose()?;
        if stored.radarr.as_ref().is_some_and(|it| !it.is_empty()) {
            to_try.push(("radarr", "radarr"));
        }
    }
    if let Ok(entered) = patch.sonarr.said() {
        stored.sonarr = entered.map(|it| servers("sonarr", it, &known.sonarr)).transpose()?;
        if stored.sonarr.as_ref().is_some_and(|it| !it.is_empty()) {
            to_try.push(("sonarr", "sonarr"));
        }
    }
    Ok((stored, to_try))
}

pub(super) fn checked_key(field: &str, key: &str) -> Result<Secret> {
    let key = key.trim();
    if key.len() > MAX_KEY || !key.chars().all(|it| it.is_ascii_graphic()) {
        return Err(Error::invalid(field, "a key has only letters, digits and signs"));
    }
    Ok(Secret::new(key))
}

fn servers(
    field: &str,
    entered: Vec<ServarrEntry>,
    known: &[ServarrSettings],
) -> Result<Vec<ServarrSettings>> {
    if entered.len() > MAX_SERVARR {
        return Err(Error::invalid(field, format!("at most {MAX_SERVARR} servers")));
    }
    let mut servers = Vec::new();
    for (place, entry) in entered.into_iter().enumerate() {
        let at = |part: &str| format!("{field}[{place}].{part}");
        let url = entry.url.trim();
        if metadata::Address::parse(url).is_none() {
            return Err(Error::invalid(at("url"), "an address like http://radarr:7878"));
        }
        let key = match &entry.key {
            Some(key) => checked_key(&at("key"), key)?,
            None => known
                .iter()
                .find(|it| it.url == url)
                .map(|it| it.key.clone())
                .ok_or_else(|| Error::invalid(at("key"), "no key is known for this address"))?,
        };
        if key.reveal().is_empty() {
            return Err(Error::invalid(at("key"), "it has a key: Settings, General, Security"));
        }
        let is_path = |it: &String| it.len() <= 4096 && !it.contains('\0') && !it.is_empty();
        let are_paths = entry.path_map.iter().all(|(from, to)| is_path(from) && is_path(to));
        if entry.path_map.len() > MAX_PATHS || !are_paths {
            return Err(Error::invalid(at("path_map"), "folders, each as both servers call it"));
        }
        servers.push(ServarrSettings { url: url.to_owned(), key, path_map: entry.path_map });
    }
    Ok(servers)
}
