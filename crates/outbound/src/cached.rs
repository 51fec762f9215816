//! A service that is asked for the same things again: answers are kept, confirmed instead of fetched again, and used when
//! the service is away.

use std::sync::Arc;

use bytes::Bytes;
use chrono::TimeDelta;
use kernel::Clock;
use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use url::Url;

use crate::disk::{Entry, Head};
use crate::{DiskCache, Failure, Gate, Outbound, Reason, Request};

/// The client of one service. Cheap to clone; clones share the gate.
#[derive(Clone, Debug)]
pub struct CachedClient {
    outbound: Outbound,
    cache: Option<DiskCache>,
    gate: Arc<Gate>,
    clock: Clock,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct CachedRequest {
    /// Where.
    pub url: Url,
    /// With these headers.
    pub headers: HeaderMap,
    /// What it is, the same for the same thing, without any secret: the answer is kept under it.
    pub key: String,
    /// As long an answer is good without asking again; zero keeps nothing.
    pub fresh_for: TimeDelta,
}

impl CachedClient {
    /// A client over `outbound` that keeps answers in `cache`.
    pub fn new(outbound: Outbound, cache: Option<DiskCache>, clock: Clock) -> Self {
        Self { outbound, cache, gate: Arc::new(Gate::new(clock.clone())), clock }
    }

    /// The body of the answer.
    pub async fn get(&self, request: CachedRequest) -> Result<Bytes, Failure> {
        let cache = self.cache.as_ref().filter(|_| request.fresh_for > TimeDelta::zero());
        let kept = match cache {
            Some(cache) => cache.get(&request.key).await,
            None => None,
        };
        if let Some(kept) = &kept
            && self.clock.now() - kept.head.fetched_at < request.fresh_for
        {
            return Ok(kept.body.clone());
        }
        let mut asked = Request::get(request.url.clone()).headers(request.headers);
        if let Some(kept) = &kept {
            asked = conditional(asked, &kept.head);
        }
        match (self.send(asked).await, kept) {
            (Ok(answer), Some(kept)) if answer.status == StatusCode::NOT_MODIFIED => {
                let head = Head { fetched_at: self.clock.now(), ..kept.head };
                let body = kept.body;
                if let Some(cache) = cache {
                    cache.put(Entry { head, body: body.clone() }).await;
                }
                Ok(body)
            }
            (Ok(answer), _) => {
                if let Some(cache) = cache {
                    let head = self.head(request.key, &answer.headers);
                    cache.put(Entry { head, body: answer.body.clone() }).await;
                }
                Ok(answer.body)
            }
            (Err(failure), Some(kept)) if is_away(&failure.reason) => {
                tracing::info!(host = failure.host, reason = %failure.reason, "outbound.used_kept_answer");
                Ok(kept.body)
            }
            (Err(failure), _) => Err(failure),
        }
    }

    /// Sends `request` unless the service is left in peace; nothing is kept.
    pub async fn send(&self, request: Request) -> Result<crate::Answer, Failure> {
        if let Err(again_in) = self.gate.enter() {
            return Err(Failure::new(&request.url, Reason::Resting { again_in }));
        }
        let answer = self.outbound.send(request).await;
        match &answer {
            Ok(_) => self.gate.answered(),
            Err(failure) => self.gate.failed(failure),
        }
        answer
    }

    fn head(&self, key: String, headers: &HeaderMap) -> Head {
        let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Head {
            key,
            fetched_at: self.clock.now(),
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        }
    }
}

fn conditional(mut request: Request, head: &Head) -> Request {
    if let Some(etag) = &head.etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    if let Some(at) = &head.last_modified {
        request = request.header(IF_MODIFIED_SINCE, at);
    }
    request
}

/// Whether the service is away for now, so that an older answer is better than none.
fn is_away(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Status { status: 429 | 500.., .. }
            | Reason::Unreachable(_)
            | Reason::TimedOut
            | Reason::Resting { .. }
    )
}
