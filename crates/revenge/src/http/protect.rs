//! Headers and answers that protect browsers, and the last resort when a handler panics.

use std::any::Any;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use kernel::Error;
use wire::Refusal;

/// Put on every answer that does not set its own. The web app's pages bring their own content policy with the hashes of
/// their scripts; for everything else nothing at all may run.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
];

/// Adds the headers.
pub async fn secure(request: Request, next: Next) -> axum::response::Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What an unknown address under `/api/v1` gets.
pub async fn no_such_endpoint() -> Refusal {
    Error::NotFound("endpoint").into()
}

/// What the client gets when a handler panicked; the log has the reason.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the reason over")]
pub fn panicked(reason: Box<dyn Any + Send>) -> Response<axum::body::Body> {
    let words = reason
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| reason.downcast_ref::<&str>().copied());
    let words = words.unwrap_or("no words").to_owned();
    Refusal::from(Error::Internal(anyhow::anyhow!("a handler panicked: {words}"))).into_response()
}
