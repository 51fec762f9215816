//! A span and two measurements per request, an id that ties a client's report to our log, and the request's part of a trace.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use kernel::{Clock, Rng, id::Ids};
use opentelemetry::trace::{FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_http::HeaderExtractor;
use tracing::Instrument as _;
use uuid::Uuid;

use super::origin::{self, Proxies};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps a request in its span. An id that the client or a proxy sent is kept when it is short and plain.
pub async fn trace(State(proxies): State<Proxies>, request: Request, next: Next) -> Response {
    let sent = request.headers().get(&REQUEST_ID).and_then(|it| it.to_str().ok());
    let is_plain = |it: &&str| {
        it.len() <= 64
            && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let id: Arc<str> = sent.filter(is_plain).map_or_else(new_id, str::to_owned).into();
    let method = request.method().as_str().to_owned();
    // The route, not the path: ids and signatures belong neither in a log nor in a label.
    let route =
        request.extensions().get::<MatchedPath>().map_or("web", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", id = %id, method = %method, route = %route);
    let traced = begin(&request, &proxies, [&*id, &method, &route]);

    let _in_flight = InFlight::begin();
    let started = Instant::now();
    // Boxed: everything the server does for a request lies in there, and each wrapper around it would move it over the stack.
    let answered = jobs::on_behalf_of(Arc::clone(&id), Box::pin(next.run(request)));
    let mut response = answered.with_context(traced.clone()).instrument(span.clone()).await;
    let elapsed = started.elapsed();

    end(&traced, response.status());
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

/// A request that has no answer yet: counted until this is dropped, also where the client left before.
struct InFlight(metrics::Gauge);

impl InFlight {
    fn begin() -> Self {
        let gauge = metrics::gauge!("revenge_http_requests_in_flight");
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

/// The request's part of a trace: of its sender's, where that is one whose word counts, or the beginning of one. A stranger
/// must neither make us tell a collector everything nor put words into the owner's traces.
fn begin(request: &Request, proxies: &Proxies, [id, method, route]: [&str; 3]) -> Context {
    let before = if origin::is_trusted(request, proxies) {
        let headers = HeaderExtractor(request.headers());
        global::get_text_map_propagator(|it| it.extract_with_context(&Context::new(), &headers))
    } else {
        Context::new()
    };
    let tracer = global::tracer("revenge");
    let span = tracer
        .span_builder(format!("{method} {route}"))
        .with_kind(SpanKind::Server)
        .with_attributes([
            KeyValue::new("http.request.method", method.to_owned()),
            KeyValue::new("http.route", route.to_owned()),
            KeyValue::new("request.id", id.to_owned()),
        ])
        .start_with_context(&tracer, &before);
    before.with_span(span)
}

fn end(traced: &Context, status: StatusCode) {
    let span = traced.span();
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    span.end();
}

fn new_id() -> String {
    Ids::new(Clock::system(), Rng::system()).next::<Uuid>().to_string()
}
