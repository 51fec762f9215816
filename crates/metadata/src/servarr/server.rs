//! What both servers have in common: how they are asked, and the parts of their answers that are alike.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderName;
use kernel::{Clock, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::paths;
use crate::client::{Client, Limits, Place, Workshop};
use crate::document::{Many, Number, Text};
use crate::settings::ServarrSettings;
use crate::{Address, ArtworkRole, Hit, ProviderError, RemoteArtwork};

/// It is the owner's own server.
const SPACING: Duration = Duration::from_millis(10);
const KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Searches of a whole scan read the list of everything once.
const LIST_IS_FRESH: TimeDelta = TimeDelta::minutes(5);

/// All servers of one kind.
#[derive(Debug)]
pub(super) struct Servers<T>(pub Vec<Server<T>>);

/// One Radarr or Sonarr, with everything it has in a few words.
#[derive(Debug)]
pub(super) struct Server<T> {
    client: Client,
    path_map: BTreeMap<String, String>,
    clock: Clock,
    list: Mutex<Option<List<T>>>,
}

#[derive(Debug)]
struct List<T> {
    read_at: DateTime<Utc>,
    rows: Arc<Vec<T>>,
}

impl<T: DeserializeOwned + Send + Sync + 'static> Servers<T> {
    /// None without a server.
    pub fn new(
        name: &'static str,
        settings: &[ServarrSettings],
        workshop: &Workshop,
    ) -> Result<Option<Self>> {
        let servers: Result<Vec<_>> =
            settings.iter().map(|it| Server::new(name, it, workshop)).collect();
        Ok(Some(Self(servers?)).filter(|it| !it.0.is_empty()))
    }

    /// What `pick` takes of everything at `path`; a failure counts only where no server answered.
    pub async fn rows(
        &self,
        path: &str,
        pick: impl Fn(&Server<T>, &T) -> Option<Hit>,
    ) -> Result<Vec<Hit>, ProviderError> {
        let mut hits: Option<Vec<Hit>> = None;
        let mut failure = ProviderError::NotFound;
        for server in &self.0 {
            match server.list(path).await {
                Ok(rows) => {
                    let picked = rows.iter().filter_map(|it| pick(server, it));
                    hits.get_or_insert_default().extend(picked);
                }
                Err(error) => failure = error,
            }
        }
        hits.ok_or(failure)
    }

    /// The first of what `query` finds at `path` that `is_it` accepts, with the server that has it.
    pub async fn first<E: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        is_it: impl Fn(&E) -> bool,
    ) -> Result<(&Server<T>, E), ProviderError> {
        let mut failure = ProviderError::NotFound;
        for server in &self.0 {
            match server.get::<E>(path, query).await {
                Ok(found) => {
                    if let Some(found) = found.into_iter().find(|it| is_it(it)) {
                        return Ok((server, found));
                    }
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Whether every server accepts its key.
    pub async fn check(&self) -> Result<(), ProviderError> {
        for server in &self.0 {
            server.check().await?;
        }
        Ok(())
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Server<T> {
    fn new(name: &'static str, settings: &ServarrSettings, workshop: &Workshop) -> Result<Self> {
        let url = &settings.url;
        let limits = Limits::COLLECTION;
        let place = Place { name, url, is_own: true, spacing: SPACING, limits };
        Ok(Self {
            client: Client::new(workshop, &place)?.with_header(KEY, &settings.key),
            path_map: settings.path_map.clone(),
            clock: workshop.clock.clone(),
            list: Mutex::default(),
        })
    }

    /// Everything it has, read from `path` at most every few minutes.
    async fn list(&self, path: &str) -> Result<Arc<Vec<T>>, ProviderError> {
        let mut list = self.list.lock().await;
        let now = self.clock.now();
        if let Some(list) = &*list
            && now - list.read_at < LIST_IS_FRESH
        {
            return Ok(Arc::clone(&list.rows));
        }
        let rows = Arc::new(self.get(path, &[]).await?);
        *list = Some(List { read_at: now, rows: Arc::clone(&rows) });
        Ok(rows)
    }

    /// Reads a list without the entries that make no sense; it is near, so nothing is kept.
    pub async fn get<E: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<E>, ProviderError> {
        let entries: Unbounded<E> = self.client.get(path, query, TimeDelta::zero()).await?;
        Ok(entries.0.into_iter().filter_map(|it| it.0).collect())
    }

    /// Whether one of `wanted` lies in `folder` of its machine.
    pub fn holds(&self, folder: &Text, wanted: &[String]) -> bool {
        let Some(folder) = folder.get() else { return false };
        let folder = paths::here(folder, &self.path_map);
        wanted.iter().any(|it| paths::is_in(it, &folder))
    }

    async fn check(&self) -> Result<(), ProviderError> {
        #[derive(Deserialize)]
        struct Status {
            #[expect(dead_code, reason = "that it is there tells that this is one of theirs")]
            version: String,
        }
        let _: Status = self.client.get("api/v3/system/status", &[], TimeDelta::zero()).await?;
        Ok(())
    }
}

/// A list as long as its body may be: of a collection, nothing is left out.
#[derive(Deserialize)]
#[serde(transparent, bound = "E: DeserializeOwned")]
struct Unbounded<E>(Vec<crate::document::Maybe<E>>);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Image {
    #[serde(rename = "coverType")]
    kind: Text,
    #[serde(rename = "remoteUrl")]
    remote_url: Text,
}

/// Pictures where they come from: those on the server itself want its key.
pub(super) fn artwork(images: &[Image]) -> Vec<RemoteArtwork> {
    let artwork = images.iter().filter_map(|it| {
        let role = match it.kind.get()? {
            "poster" => ArtworkRole::Poster,
            "fanart" => ArtworkRole::Backdrop,
            "banner" => ArtworkRole::Banner,
            "clearlogo" => ArtworkRole::Logo,
            "screenshot" => ArtworkRole::Thumb,
            _ => return None,
        };
        Some(RemoteArtwork::new(role, Address::parse(it.remote_url.get()?)?))
    });
    artwork.collect()
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlternateTitle {
    pub title: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Rating {
    pub votes: Number,
    pub value: Number,
}

/// Titles of `rows` and genres, as plain lists.
pub(super) fn texts(rows: &Many<Text>) -> Vec<String> {
    crate::document::distinct(rows.iter().filter_map(Text::get))
}

/// Whether two titles are the same but for case and signs.
pub(super) fn is_like(one: &str, other: &str) -> bool {
    let folded = |it: &str| -> String {
        it.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let one = folded(one);
    !one.is_empty() && one == folded(other)
}
