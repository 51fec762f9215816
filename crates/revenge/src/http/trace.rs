//! A span and two measurements per request, and an id that ties a client's report to our log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use kernel::{Clock, Rng, id::Ids};
use tracing::Instrument as _;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps a request in its span. An id that the client or a proxy sent is kept when it is short and plain.
pub async fn trace(request: Request, next: Next) -> Response {
    let sent = request.headers().get(&REQUEST_ID).and_then(|it| it.to_str().ok());
    let is_plain = |it: &&str| {
        it.len() <= 64
            && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let id = sent.filter(is_plain).map_or_else(new_id, str::to_owned);
    let method = request.method().as_str().to_owned();
    // The route, not the path: ids and signatures belong neither in a log nor in a label.
    let route =
        request.extensions().get::<MatchedPath>().map_or("web", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", id = %id, method = %method, route = %route);

    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let elapsed = started.elapsed();

    let status = response.status().as_u16();
    span.in_scope(|| {
        tracing::debug!(status, duration_ms = elapsed.as_secs_f64() * 1000.0, "request.answered");
    });
    let labels = [("method", method), ("route", route), ("status", status.to_string())];
    metrics::counter!("revenge_http_requests_total", &labels).increment(1);
    metrics::histogram!("revenge_http_request_seconds", &labels[..2]).record(elapsed.as_secs_f64());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn new_id() -> String {
    Ids::new(Clock::system(), Rng::system()).next::<Uuid>().to_string()
}
