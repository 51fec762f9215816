//! The client that all providers share: where they are, what they let us ask, and what their failures mean.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use chrono::TimeDelta;
use kernel::{Clock, Result, Rng};
use outbound::{CachedClient, CachedRequest, DiskCache, Failure, Outbound, Reason, Request};
use serde::de::DeserializeOwned;
use url::Url;

use crate::ProviderError;
use crate::settings::Secret;

/// A body larger than this is read on another thread: it takes more than a millisecond.
const LARGE_BYTES: usize = 64 * 1024;
/// A provider that was asked too much and does not say for how long.
const USUAL_PAUSE: Duration = Duration::from_mins(1);
/// A provider that cannot be reached.
const PAUSE_WHEN_AWAY: Duration = Duration::from_mins(5);

/// What clients are made with.
#[derive(Clone, Debug)]
pub(crate) struct Workshop {
    pub cache: Option<DiskCache>,
    pub proxy: Option<Url>,
    pub clock: Clock,
    pub rng: Rng,
    pub requests: outbound::Settings,
}

/// How large and how slow an answer may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub max_body_bytes: usize,
    /// From the connection to the last byte.
    pub attempt_time: Duration,
}

impl Limits {
    /// One thing: a long series with all its pictures has a tenth of it.
    pub const THING: Self =
        Self { max_body_bytes: 16 << 20, attempt_time: Duration::from_secs(20) };
    /// All that a server of the owner has: some kilobytes for each of ten thousand films, read from its slow disk.
    pub const COLLECTION: Self =
        Self { max_body_bytes: 128 << 20, attempt_time: Duration::from_mins(1) };
}

/// Where a provider is and how it wants to be asked.
pub(crate) struct Place<'a> {
    /// The provider's name.
    pub name: &'static str,
    /// Its address, as configured or as published.
    pub url: &'a str,
    /// The owner named the address: it may be in the private network.
    pub is_own: bool,
    /// The time between two requests, by its published limits.
    pub spacing: Duration,
    /// How much it may answer.
    pub limits: Limits,
}

/// The client of one provider.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    name: &'static str,
    base: Url,
    http: CachedClient,
    headers: http::HeaderMap,
    query: Vec<(&'static str, Secret)>,
}

impl Client {
    pub fn new(workshop: &Workshop, place: &Place<'_>) -> Result<Self> {
        let base = Url::parse(place.url)
            .ok()
            .filter(|it| matches!(it.scheme(), "http" | "https") && it.has_host())
            .with_context(|| format!("metadata.{}: {} is no address", place.name, place.url))?;
        let own_host = base.host_str().filter(|_| place.is_own).map(str::to_owned);
        let settings = outbound::Settings {
            allowed_hosts: own_host.into_iter().collect(),
            max_body_bytes: place.limits.max_body_bytes,
            attempt_time: place.limits.attempt_time,
            // Published limits are those of the public address.
            spacing: if place.is_own { Duration::ZERO } else { place.spacing },
            proxy: workshop.proxy.clone().filter(|_| !place.is_own),
            ..workshop.requests.clone()
        };
        let outbound = Outbound::new(settings, workshop.clock.clone(), workshop.rng.clone())?;
        let http = CachedClient::new(outbound, workshop.cache.clone(), workshop.clock.clone());
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
        Ok(Self { name: place.name, base, http, headers, query: Vec::new() })
    }

    /// Sends a header that holds a key with every request.
    pub fn with_header(mut self, name: http::HeaderName, secret: &Secret) -> Self {
        // A key with letters that no header can hold is wrong; the provider will say so.
        if let Ok(mut value) = http::HeaderValue::from_str(secret.reveal()) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        self
    }

    /// Sends a key in the query of every request.
    pub fn with_query(mut self, name: &'static str, secret: &Secret) -> Self {
        self.query.push((name, secret.clone()));
        self
    }

    /// Reads the document at `path`; an answer is good for `fresh_for`.
    pub async fn get<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        fresh_for: TimeDelta,
    ) -> Result<T, ProviderError> {
        let body = self.fetch(path, query, fresh_for).await.map_err(|it| refusal(&it))?;
        parse(body).await
    }

    /// Reads what is at `path`.
    pub async fn fetch(
        &self,
        path: &str,
        query: &[(&str, &str)],
        fresh_for: TimeDelta,
    ) -> Result<Bytes, Failure> {
        let public = self.url(path, query);
        let key = format!("{} {public}", self.name);
        let mut url = public;
        if !self.query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, secret) in &self.query {
                pairs.append_pair(name, secret.reveal());
            }
        }
        let headers = self.headers.clone();
        self.http.get(CachedRequest { url, headers, key, fresh_for }).await
    }

    /// Sends `body` as JSON to `path` and reads the answer. Nothing is kept.
    pub async fn post<T: DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<T, ProviderError> {
        let mut headers = self.headers.clone();
        let json = http::HeaderValue::from_static("application/json");
        headers.insert(http::header::CONTENT_TYPE, json);
        let request = Request::post(self.url(path, &[]), body.to_string()).headers(headers);
        let answer = self.http.send(request).await.map_err(|it| refusal(&it))?;
        parse(answer.body).await
    }

    /// Every part of `path` becomes one segment, whatever letters are in it.
    fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/').filter(|it| !it.is_empty()));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

/// Reads a JSON document.
pub(crate) async fn parse<T: DeserializeOwned + Send + 'static>(
    body: Bytes,
) -> Result<T, ProviderError> {
    let is_large = body.len() > LARGE_BYTES;
    let read = move || {
        // The message names places and types of the document.
        serde_json::from_slice(&body).map_err(|error| ProviderError::Garbage(error.to_string()))
    };
    if !is_large {
        return read();
    }
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|error| Err(ProviderError::Garbage(error.to_string())))
}

/// What a failed request means to whom asked.
pub(crate) fn refusal(failure: &Failure) -> ProviderError {
    let away = |retry_after: Duration| ProviderError::Unavailable {
        reason: failure.to_string(),
        retry_after,
    };
    match &failure.reason {
        Reason::Status { status: 401 | 403, .. } => ProviderError::KeyRefused,
        Reason::Status { status: 404 | 410, .. } => ProviderError::NotFound,
        Reason::Status { status: 429, retry_after } => {
            ProviderError::Busy { retry_after: retry_after.unwrap_or(USUAL_PAUSE) }
        }
        Reason::Status { status: 500.., retry_after } => {
            away(retry_after.unwrap_or(PAUSE_WHEN_AWAY))
        }
        Reason::Resting { again_in } => away(*again_in),
        Reason::Unreachable(_) | Reason::TimedOut => away(PAUSE_WHEN_AWAY),
        Reason::Status { .. }
        | Reason::TooLarge { .. }
        | Reason::Garbage(_)
        | Reason::Refused(_) => ProviderError::Garbage(failure.to_string()),
    }
}
