//! Messages to whoever listens in this process. Senders never wait: a slow listener loses the oldest messages.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// How many messages a listener may lag behind.
pub(crate) const MAX_LAG: usize = 256;

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message, as it was published.
    Message(Bytes),
    /// Messages were lost here, or may have been: read anew what they would have told.
    Missed,
}

/// The events of one channel, in order; made by [`crate::Cache::subscribe`].
pub struct Subscription(BoxStream<'static, Event>);

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

impl Stream for Subscription {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_next_unpin(context)
    }
}

/// The channels somebody in this process listens to.
#[derive(Debug, Default)]
pub(crate) struct Channels(Mutex<HashMap<String, broadcast::Sender<Event>>>);

impl Channels {
    pub fn subscribe(&self, channel: &str) -> Subscription {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|name, sender| name == channel || sender.receiver_count() > 0);
        let receiver = channels
            .entry(channel.to_owned())
            .or_insert_with(|| broadcast::channel(MAX_LAG).0)
            .subscribe();
        Subscription(stream::unfold(receiver, next_event).boxed())
    }

    /// Hands `message` to the listeners; says whether there are any.
    pub fn send(&self, channel: &str, message: Bytes) -> bool {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = channels
            .get(channel)
            .is_some_and(|sender| sender.send(Event::Message(message)).is_ok());
        if !heard {
            channels.remove(channel);
        }
        heard
    }

    /// Tells every listener that messages may have been lost.
    pub fn send_missed(&self) {
        for sender in self.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            // A channel nobody listens to any more has nobody to tell.
            let _ = sender.send(Event::Missed);
        }
    }

    /// The channels somebody listens to.
    pub fn names(&self) -> Vec<String> {
        let mut channels = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        channels.retain(|_, sender| sender.receiver_count() > 0);
        channels.keys().cloned().collect()
    }
}

async fn next_event(
    mut receiver: broadcast::Receiver<Event>,
) -> Option<(Event, broadcast::Receiver<Event>)> {
    match receiver.recv().await {
        Ok(event) => Some((event, receiver)),
        Err(RecvError::Lagged(_)) => Some((Event::Missed, receiver)),
        Err(RecvError::Closed) => None,
    }
}
