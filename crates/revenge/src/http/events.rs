//! Live events: one stream of server-sent events for each open page.

use std::convert::Infallible;
use std::time::Duration;

use accounts::Accounts;
use axum::extract::State;
use axum::response::sse::{self, KeepAlive, Sse};
use cache::Cache;
use catalog::Catalog;
use futures::{Stream, StreamExt as _, stream};
use kernel::Viewer;
use kernel::event::Event;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{Allowed, Problem, Result, may};

use super::adult;

/// What the stream is made of.
#[derive(Clone)]
pub struct Listening {
    /// Says, at every event anew, who is listening: a page stays open longer than a grant may last.
    pub accounts: Accounts,
    /// Carries the events.
    pub cache: Cache,
    /// Ends the streams when the server stops.
    pub stop: CancellationToken,
    /// The adult catalog, where the events are those of its area.
    pub adult: Option<Catalog>,
}

pub fn routes() -> OpenApiRouter<Listening> {
    OpenApiRouter::new().routes(routes!(read_events))
}

/// Hear of what changes: `library.changed`, `scan.progress`, `progress.changed`, `playing.changed`, `group.changed`,
/// `session.started` (a device nobody signed in with before); and of
/// what a player of yours is asked to do: `player.command`.
///
/// Events that a slow client missed are gone; it gets one `missed` and should read again what it shows. The stream ends
/// when the session or the API key does.
#[utoipa::path(get, path = "/events", tag = "server", operation_id = "read_events", security(("session" = ["browse"])),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = Problem)))]
async fn read_events(
    State(listening): State<Listening>,
    Allowed(viewer, ..): Allowed<may::Browse>,
) -> Result<Sse<impl Stream<Item = std::result::Result<sse::Event, Infallible>>>> {
    let subscription = listening.cache.subscribe(Event::CHANNEL).await;
    let stop = listening.stop.clone();
    let told = stream::unfold((subscription, viewer), move |(mut subscription, viewer)| {
        let listening = listening.clone();
        async move {
            let message = subscription.next().await?;
            let heard = hear(&listening, &viewer, message).await?;
            Some((heard, (subscription, viewer)))
        }
    });
    let events = told
        .filter_map(|heard| futures::future::ready(heard.map(Ok)))
        .take_until(stop.cancelled_owned());
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

/// What the listener may hear of a message by now; `None` ends the stream.
async fn hear(
    listening: &Listening,
    viewer: &Viewer,
    message: cache::Event,
) -> Option<Option<sse::Event>> {
    let cache::Event::Message(bytes) = message else {
        return Some(Some(sse::Event::default().event("missed").data("{}")));
    };
    let Some(event) = Event::from_bytes(&bytes) else { return Some(None) };
    let mut viewer = listening.accounts.viewer_now(viewer).await.ok()??;
    if let Some(catalog) = &listening.adult {
        // Hearing of something is no use of the area: it closes all the same.
        if !listening.accounts.is_adult_open(&viewer, false).await {
            return None;
        }
        viewer = adult::inside(catalog, viewer).await.ok()?;
    }
    let event = event
        .is_for(&viewer)
        .then(|| sse::Event::default().event(event.name).data(event.data.to_string()));
    Some(event)
}
