#![doc = include_str!("../README.md")]

mod cached;
mod disk;
mod failure;
mod gate;
mod guard;
mod pace;
mod retry;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kernel::{Clock, Rng};
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep_until, timeout};
use url::Url;

pub use cached::{CachedClient, CachedRequest};
pub use disk::DiskCache;
pub use failure::{Failure, Reason};
pub use gate::Gate;

use guard::Guard;
use pace::Pace;

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;
/// As much of a failure's body is read.
const MAX_FAILURE_BYTES: usize = 4096;
/// Some services refuse whoever does not say what they are.
const USER_AGENT: &str =
    concat!("Revenge/", env!("CARGO_PKG_VERSION"), " (self-hosted media server)");

/// How requests to the outside behave.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Hosts (names or addresses as written in URLs) that may be in a private network.
    pub allowed_hosts: HashSet<String>,
    /// For one attempt, from the connection to the last byte.
    pub attempt_time: Duration,
    /// The largest body that is read.
    pub max_body_bytes: usize,
    /// How often a request is sent at most.
    pub attempts: u32,
    /// The pause before the second attempt; doubled before each further one.
    pub first_pause: Duration,
    /// A server that asks for a longer pause than this gets its failure reported instead.
    pub longest_pause: Duration,
    /// The time between two requests to one host.
    pub spacing: Duration,
    /// A proxy that all requests go through.
    pub proxy: Option<Url>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allowed_hosts: HashSet::new(),
            attempt_time: Duration::from_secs(20),
            max_body_bytes: 32 << 20,
            attempts: 3,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(10),
            spacing: Duration::from_millis(50),
            proxy: None,
        }
    }
}

/// The client. Cheap to clone; clones share connections and spacing.
#[derive(Clone, Debug)]
pub struct Outbound(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    guard: Guard,
    pace: Pace,
    settings: Settings,
    clock: Clock,
    rng: Rng,
}

/// What to ask for.
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
}

impl Request {
    /// Reads what is at `url`.
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: None }
    }

    /// Sends `body` to `url`, once: a failure is not followed by another attempt.
    pub fn post(url: Url, body: impl Into<Bytes>) -> Self {
        Self { method: Method::POST, url, headers: HeaderMap::new(), body: Some(body.into()) }
    }

    /// With these headers. They go to the host of the URL only.
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    fn header(mut self, name: HeaderName, value: &str) -> Self {
        // What cannot stand in a header was never one.
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// A successful answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// 2xx, or 304 where the request was conditional.
    pub status: StatusCode,
    /// As they came.
    pub headers: HeaderMap,
    /// Whole and decompressed.
    pub body: Bytes,
    /// Where it came from, after redirects.
    pub url: Url,
}

impl Outbound {
    /// A client with `settings`; `clock` spaces requests and reads dates, `rng` makes the jitter.
    pub fn new(settings: Settings, clock: Clock, rng: Rng) -> kernel::Result<Self> {
        let guard = Guard::new(settings.allowed_hosts.clone(), settings.proxy.as_ref());
        let mut http = builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(guard.clone());
        if let Some(proxy) = &settings.proxy {
            let proxy = reqwest::Proxy::all(proxy.clone())
                .map_err(|error| anyhow::Error::new(error).context("the proxy"))?;
            http = http.proxy(proxy);
        }
        let http =
            http.build().map_err(|error| anyhow::Error::new(error).context("the HTTP client"))?;
        let pace = Pace::new(settings.spacing, clock.clone());
        Ok(Self(Arc::new(Inner { http, guard, pace, settings, clock, rng })))
    }

    /// Reads JSON from `url`.
    pub async fn get_json<T: DeserializeOwned>(&self, url: Url) -> Result<T, Failure> {
        self.json(Request::get(url)).await
    }

    /// Sends `request` and reads the answer as JSON.
    pub async fn json<T: DeserializeOwned>(&self, request: Request) -> Result<T, Failure> {
        let answer = self.send(request).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|error| Failure::new(&answer.url, Reason::Garbage(error.to_string())))
    }

    /// Sends `request`, again where that is safe and promising, and reads the whole answer.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let Inner { settings, clock, rng, .. } = &*self.0;
        let attempts = if request.method == Method::GET { settings.attempts.max(1) } else { 1 };
        let mut attempt = 1;
        loop {
            let failure = match self.follow(&request).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let pause = retry::pause(&failure, attempt, settings, rng);
            let Some(pause) = pause.filter(|_| attempt < attempts) else { return Err(failure) };
            tracing::debug!(host = failure.host, attempt, reason = %failure.reason, now = %clock.now(), "outbound.retry");
            sleep_until(Instant::now() + pause).await;
            attempt += 1;
        }
    }

    /// One attempt, with its redirects.
    async fn follow(&self, request: &Request) -> Result<Answer, Failure> {
        let mut request = request.clone();
        for _ in 0..=MAX_REDIRECTS {
            let attempt = timeout(self.0.settings.attempt_time, self.attempt(&request));
            let answer = attempt
                .await
                .unwrap_or_else(|_| Err(Failure::new(&request.url, Reason::TimedOut)))?;
            let location = answer.headers.get(LOCATION).filter(|_| answer.status.is_redirection());
            let Some(location) = location else { return Ok(answer) };
            let next = location.to_str().ok().and_then(|it| request.url.join(it).ok());
            let next = next.ok_or_else(|| {
                Failure::new(&request.url, Reason::Refused("it redirects to no address".into()))
            })?;
            if request.url.scheme() == "https" && next.scheme() != "https" {
                let reason = Reason::Refused("it redirects from HTTPS to HTTP".into());
                return Err(Failure::new(&request.url, reason));
            }
            if next.origin() != request.url.origin() {
                request.headers.clear();
            }
            request.url = next;
        }
        Err(Failure::new(&request.url, Reason::Refused("it redirects without end".into())))
    }

    async fn attempt(&self, request: &Request) -> Result<Answer, Failure> {
        let Inner { http, guard, pace, settings, clock, .. } = &*self.0;
        let url = &request.url;
        let fail = |reason| Failure::new(url, reason);
        guard.check(url).map_err(fail)?;
        guard.check_for_proxy(url).await.map_err(fail)?;
        pace.wait_for_turn(url.host_str().unwrap_or_default()).await;
        let mut sent =
            http.request(request.method.clone(), url.clone()).headers(request.headers.clone());
        if let Some(body) = &request.body {
            sent = sent.body(body.clone());
        }
        let answer = sent.send().await.map_err(|error| fail(failure::reason(&error)))?;
        let status = answer.status();
        let is_followed = status.is_redirection() && request.method == Method::GET;
        if !(status.is_success() || is_followed) {
            let retry_after = answer.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok());
            let retry_after = retry_after.and_then(|it| retry::parse_retry_after(it, clock.now()));
            let reason = Reason::Status { status: status.as_u16(), retry_after };
            let body = read(answer, MAX_FAILURE_BYTES).await.unwrap_or_default();
            return Err(Failure { body, ..fail(reason) });
        }
        let headers = answer.headers().clone();
        let body = read(answer, settings.max_body_bytes).await.map_err(fail)?;
        Ok(Answer { status, headers, body, url: url.clone() })
    }
}

/// Reads the body up to `max_bytes`.
async fn read(mut answer: Response, max_bytes: usize) -> Result<Bytes, Reason> {
    let announced =
        answer.headers().get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    if announced.is_some_and(|it: usize| it > max_bytes) {
        return Err(Reason::TooLarge { max_bytes });
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure::reason(&error))? {
        if body.len() + chunk.len() > max_bytes {
            return Err(Reason::TooLarge { max_bytes });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A client for the servers that the owner named in the configuration: no guard, no spacing, no retries.
pub fn trusted_client() -> kernel::Result<reqwest::Client> {
    let client = builder().no_proxy().build();
    Ok(client.map_err(|error| anyhow::Error::new(error).context("the HTTP client"))?)
}

fn builder() -> reqwest::ClientBuilder {
    // The first call installs it for the whole program; the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().user_agent(USER_AGENT).connect_timeout(Duration::from_secs(5))
}
