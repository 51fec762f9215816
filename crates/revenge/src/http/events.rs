//! Live events: one stream of server-sent events for each open page.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{self, KeepAlive, Sse};
use cache::Cache;
use futures::{Stream, StreamExt as _};
use kernel::event::Event;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{Problem, Result, SignedIn};

/// What the stream is made of.
#[derive(Clone)]
pub struct Listening {
    /// Carries the events.
    pub cache: Cache,
    /// Ends the streams when the server stops.
    pub stop: CancellationToken,
}

pub fn routes() -> OpenApiRouter<Listening> {
    OpenApiRouter::new().routes(routes!(read_events))
}

/// Hear of what changes: `library.changed`, `scan.progress`, `progress.changed`, `job.changed`.
///
/// Events that a slow client missed are gone; it gets one `missed` and should read again what it shows.
#[utoipa::path(get, path = "/events", tag = "server", operation_id = "read_events", security(("session" = [])),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = Problem)))]
async fn read_events(
    State(listening): State<Listening>,
    SignedIn(viewer): SignedIn,
) -> Result<Sse<impl Stream<Item = std::result::Result<sse::Event, Infallible>>>> {
    let subscription = listening.cache.subscribe(Event::CHANNEL).await;
    let events = subscription.filter_map(move |message| {
        let event = match message {
            cache::Event::Message(bytes) => Event::from_bytes(&bytes)
                .filter(|it| it.is_for(&viewer))
                .map(|it| sse::Event::default().event(it.name).data(it.data.to_string())),
            cache::Event::Missed => Some(sse::Event::default().event("missed").data("{}")),
        };
        futures::future::ready(event.map(Ok))
    });
    let events = events.take_until(listening.stop.cancelled_owned());
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}
