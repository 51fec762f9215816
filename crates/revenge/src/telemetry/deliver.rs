//! Deliveries to the collector, by our HTTP client and on our runtime. A collector that is away is told of now and then.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// Between two warnings that the collector takes nothing.
const WARN_EVERY: Duration = Duration::from_mins(10);
/// What a collector says is of no interest beyond its status.
const MAX_ANSWER_BYTES: usize = 64 << 10;

#[derive(Debug)]
pub struct Deliver {
    client: reqwest::Client,
    /// Traces are packed on a thread of their own, which has no runtime.
    runtime: Handle,
    patience: Duration,
    warned_at: Mutex<Option<Instant>>,
}

impl Deliver {
    /// Within a runtime: its own.
    pub fn new(patience: Duration) -> anyhow::Result<Self> {
        let client = outbound::trusted_client()?;
        Ok(Self { client, runtime: Handle::try_current()?, patience, warned_at: Mutex::new(None) })
    }

    fn warn(&self, why: &str) {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        if warned_at.is_none_or(|it| it.elapsed() >= WARN_EVERY) {
            *warned_at = Some(Instant::now());
            tracing::warn!(error = why, "telemetry.not_delivered");
        }
    }

    fn delivered(&self) {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        if warned_at.take().is_some() {
            tracing::info!("telemetry.delivered_again");
        }
    }
}

#[async_trait]
impl HttpClient for Deliver {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (client, patience) = (self.client.clone(), self.patience);
        let sent = self.runtime.spawn(async move {
            tokio::time::timeout(patience, send(&client, request)).await.map_err(HttpError::from)?
        });
        let answer = sent.await.map_err(HttpError::from).and_then(|it| it);
        match &answer {
            Ok(answer) if answer.status().is_success() => self.delivered(),
            Ok(answer) => self.warn(&format!("it answers {}", answer.status())),
            Err(error) => self.warn(&error.to_string()),
        }
        answer
    }
}

async fn send(
    client: &reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let (parts, body) = request.into_parts();
    let request = client.post(parts.uri.to_string()).headers(parts.headers).body(body);
    // The address may have a password in it.
    let mut answer = request.send().await.map_err(reqwest::Error::without_url)?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        let room = MAX_ANSWER_BYTES - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == MAX_ANSWER_BYTES {
            break;
        }
    }
    Ok(Response::builder().status(status).body(body.into())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_collector_that_stays_away_is_told_of_once_and_so_is_its_return() {
        let deliver = Deliver::new(Duration::from_secs(5)).expect("a client");
        let warned_at = || *deliver.warned_at.lock().expect("nobody failed");
        let request = || {
            // Nobody listens there.
            let request = Request::post("http://user:hidden@127.0.0.1:9/v1/traces");
            request.body(Bytes::new()).expect("a request")
        };
        let error = deliver.send_bytes(request()).await.expect_err("nobody is there");
        assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
        let first = warned_at();
        assert!(first.is_some());
        deliver.send_bytes(request()).await.expect_err("still nobody");
        assert_eq!(warned_at(), first, "told once");
        deliver.delivered();
        assert_eq!(warned_at(), None);
    }
}
