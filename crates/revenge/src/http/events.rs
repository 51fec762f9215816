//! Live events: one stream of server-sent events for each open page.

use std::convert::Infallible;
use std::time::Duration;

use accounts::Accounts;
use axum::extract::State;
use axum::response::sse::{self, KeepAlive, Sse};
use cache::Cache;
use catalog::Catalog;
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt as _, stream};
use kernel::event::Event;
use kernel::{Clock, Error, Viewer};
use serde_json::{Value, json};
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
    /// Time.
    pub clock: Clock,
    /// Ends the streams when the server stops.
    pub stop: CancellationToken,
    /// The adult catalog, where the events are those of its area.
    pub adult: Option<Catalog>,
}

pub fn routes() -> OpenApiRouter<Listening> {
    OpenApiRouter::new().routes(routes!(read_events))
}

/// Hear of what changes: `library.changed`, `scan.progress`, `progress.changed`, `playing.changed`, `playlists.changed`,
/// `requests.changed`, `group.changed`, `session.started` (a device nobody signed in with before), `account.changed` (what
/// you may); of what a player of yours is asked to do: `player.command`; and of your hours: `hours.ending` five minutes
/// before their end, `hours.over` then.
///
/// Events that a slow client missed are gone; it gets one `missed` and should read again what it shows. The stream ends
/// when the session or the API key does, and outside of your hours.
#[utoipa::path(get, path = "/events", tag = "server", operation_id = "read_events", security(("session" = ["browse"])),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = Problem)))]
async fn read_events(
    State(listening): State<Listening>,
    Allowed(viewer, ..): Allowed<may::Browse>,
) -> Result<(UnbufferedHeader, Sse<impl Stream<Item = std::result::Result<sse::Event, Infallible>>>)>
{
    let subscription = listening.cache.subscribe(Event::CHANNEL).await;
    let stop = listening.stop.clone();
    let listener = Listener { listening, subscription, viewer, heard: Heard::Nothing };
    let told = stream::unfold(listener, |mut listener| async move {
        let events = listener.next_events().await?;
        Some((stream::iter(events), listener))
    });
    let events = told.flatten().map(Ok).take_until(stop.cancelled_owned());
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)));
    Ok((UNBUFFERED, events))
}

type UnbufferedHeader = [(&'static str, &'static str); 1];

/// Asks nginx to pass on each event as it comes, whatever it does with other answers.
const UNBUFFERED: UnbufferedHeader = [("x-accel-buffering", "no")];

/// How long before the end of somebody's hours they are told of it.
const WARNED_BEFORE: Duration = Duration::from_mins(5);

/// How often it is looked at whether somebody's hours end, where nothing else happens.
const LOOKED_EVERY: Duration = Duration::from_secs(15);

/// An open page.
struct Listener {
    listening: Listening,
    subscription: cache::Subscription,
    viewer: Viewer,
    heard: Heard,
}

/// What a page was told of its person's hours.
#[derive(PartialEq)]
enum Heard {
    /// Nothing; it was not even asked yet.
    Nothing,
    /// When they end, where that is soon.
    Ending(Option<DateTime<Utc>>),
    /// That they are over: the last it is told.
    Over,
}

impl Listener {
    /// What the page may hear of what happened, or of its person's hours; `None` ends the stream.
    async fn next_events(&mut self) -> Option<Vec<sse::Event>> {
        let message = match self.heard {
            Heard::Over => return None,
            // Who opens a page in the last minutes is told at once.
            Heard::Nothing if self.viewer.hours_end.is_some() => None,
            _ if self.viewer.hours_end.is_some() => {
                match tokio::time::timeout(LOOKED_EVERY, self.subscription.next()).await {
                    Ok(message) => Some(message?),
                    Err(_) => None,
                }
            }
            _ => Some(self.subscription.next().await?),
        };
        match self.listening.accounts.viewer_now(&self.viewer).await {
            Ok(viewer) => self.viewer = viewer?,
            Err(Error::OutsideHours { opens_at }) => {
                self.heard = Heard::Over;
                let data = json!({ "opens_at": opens_at });
                return Some(vec![named("hours.over", &data)]);
            }
            Err(_) => return None,
        }
        let soon = self.listening.clock.now() + WARNED_BEFORE;
        let ending = Heard::Ending(self.viewer.hours_end.filter(|it| *it <= soon));
        let mut events = Vec::new();
        if let Heard::Ending(Some(closes_at)) = &ending
            && self.heard != ending
        {
            events.push(named("hours.ending", &json!({ "closes_at": closes_at })));
        }
        self.heard = ending;
        if let Some(message) = message {
            events.extend(hear(&self.listening, &self.viewer, message).await?);
        }
        Some(events)
    }
}

fn named(name: &str, data: &Value) -> sse::Event {
    sse::Event::default().event(name).data(data.to_string())
}

/// What the listener may hear of a message; `None` ends the stream.
async fn hear(
    listening: &Listening,
    viewer: &Viewer,
    message: cache::Event,
) -> Option<Option<sse::Event>> {
    let cache::Event::Message(bytes) = message else {
        return Some(Some(named("missed", &json!({}))));
    };
    let Some(event) = Event::from_bytes(&bytes) else { return Some(None) };
    let mut viewer = viewer.clone();
    if let Some(catalog) = &listening.adult {
        // Hearing of something is no use of the area: it closes all the same.
        if !listening.accounts.is_adult_open(&viewer, false).await {
            return None;
        }
        viewer = adult::inside(catalog, viewer).await.ok()?;
    }
    Some(event.is_for(&viewer).then(|| named(&event.name, &event.data)))
}
