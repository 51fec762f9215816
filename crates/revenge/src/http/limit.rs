//! How many requests somebody may make in a minute: a program gone wild, or one that guesses, is refused before it costs
//! others anything. Counted in the cache, so over all nodes.

use axum::extract::{Request, State};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use cache::{Cache, Rate};
use kernel::{Error, Viewer};
use wire::{Origin, Refusal};

use crate::config::RequestsSection;

/// What the middleware needs.
#[derive(Clone)]
pub struct Limits {
    /// Counts.
    pub cache: Cache,
    /// How many of each kind.
    pub requests: RequestsSection,
}

/// Kinds of requests that are counted apart, so that who watches a film can still press stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Stranger,
    Change,
    Read,
    Media,
}

/// Refuses what is too much. Comes behind the middleware that finds out who asks.
pub async fn limit(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Viewer>();
    let origin = request.extensions().get::<Origin>();
    if origin.is_some_and(|it| it.is_local) {
        return next.run(request).await;
    }
    let class = class_of(viewer.is_some(), request.method(), request.uri());
    let key = match (viewer, origin) {
        (Some(viewer), _) => format!("{}:{}", class.name(), viewer.person_id.0),
        (None, Some(origin)) => format!("{}:{}", class.name(), origin.address),
        (None, None) => class.name().to_owned(),
    };
    let limit = limits.of(class);
    if limit > 0 {
        let decision = limits.cache.allow(&key, Rate::per_minute(limit)).await;
        if !decision.allowed {
            metrics::counter!("revenge_requests_refused_total", "class" => class.name())
                .increment(1);
            let retry_after = decision.retry_after;
            return Refusal::from(Error::Busy { retry_after }).into_response();
        }
    }
    next.run(request).await
}

impl Limits {
    fn of(&self, class: Class) -> u32 {
        let RequestsSection { strangers, changes, reads, media } = self.requests;
        match class {
            Class::Stranger => strangers,
            Class::Change => changes,
            Class::Read => reads,
            Class::Media => media,
        }
    }
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Stranger => "strangers",
            Self::Change => "changes",
            Self::Read => "reads",
            Self::Media => "media",
        }
    }
}

/// `uri` is that behind `/api/v1`.
fn class_of(is_known: bool, method: &Method, uri: &Uri) -> Class {
    /// Where films, their parts and pictures are.
    const MEDIA: [&str; 5] = [
        "/images/",
        "/playback/hls/",
        "/playback/streams/",
        "/playback/subtitles/",
        "/playback/trickplay/",
    ];
    if !is_known {
        return Class::Stranger;
    }
    if !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Class::Change;
    }
    // The adult area has the same once more.
    let path = uri.path().strip_prefix("/adult").unwrap_or(uri.path());
    let is_media = MEDIA.iter().any(|it| path.starts_with(it));
    if is_media { Class::Media } else { Class::Read }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_who_asks_and_for_what() {
        let table = [
            (false, Method::GET, "/playback/hls/1/master.m3u8", Class::Stranger),
            (false, Method::POST, "/sessions", Class::Stranger),
            (true, Method::GET, "/items?limit=100", Class::Read),
            (true, Method::GET, "/playback/playing", Class::Read),
            (true, Method::GET, "/images/1?width=320", Class::Media),
            (true, Method::HEAD, "/playback/streams/1", Class::Media),
            (true, Method::DELETE, "/images/1", Class::Change),
            (true, Method::POST, "/playback", Class::Change),
        ];
        for (is_known, method, uri, class) in table {
            let parsed: Uri = uri.parse().expect("an address");
            assert_eq!(class_of(is_known, &method, &parsed), class, "{method} {uri}");
        }
    }
}
