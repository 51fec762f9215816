//! Answers by which `revenge doctor` sees what a proxy on the way makes of films and of live events. They tell nothing.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::{StreamExt as _, stream};

/// Where bytes come apart.
pub const STREAM: &str = "healthz/stream";
/// Where parts of something may be asked for.
pub const BYTES: &str = "healthz/bytes";
/// What it is said to be.
pub const KIND: &str = "video/mp4";
/// What lies between both pieces of the stream.
pub const PAUSE: Duration = Duration::from_secs(1);
/// Both pieces: comments of a stream of events.
pub const PIECES: [&str; 2] = [": first\n\n", ": second\n\n"];
/// Something that anybody would compress.
pub const LENGTH: usize = 4096;
/// The part that is asked for, its end included.
pub const PART: (usize, usize) = (100, 199);

/// Both, for whatever router.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(&format!("/{STREAM}"), get(apart)).route(&format!("/{BYTES}"), get(bytes))
}

/// One piece at once, one later: whoever gets both together has somebody on the way who holds back.
async fn apart() -> impl IntoResponse {
    let pieces = stream::iter(PIECES.into_iter().enumerate()).then(async |(place, piece)| {
        if place > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        Ok::<_, Infallible>(Bytes::from_static(piece.as_bytes()))
    });
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(pieces))
}

/// Sent as a film is: whole, or the one part that the doctor asks for.
async fn bytes(headers: HeaderMap) -> Response {
    let (first, last) = PART;
    let whole = [0; LENGTH];
    let is_part = headers.get(header::RANGE).is_some_and(|it| *it == range());
    let fixed = [
        (header::CONTENT_TYPE, KIND),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    if is_part {
        let place = [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{LENGTH}"))];
        let part = whole[first..=last].to_vec();
        return (StatusCode::PARTIAL_CONTENT, fixed, place, part).into_response();
    }
    (fixed, whole.to_vec()).into_response()
}

/// How the part is asked for.
pub fn range() -> String {
    format!("bytes={}-{}", PART.0, PART.1)
}
