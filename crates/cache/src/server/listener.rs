//! One connection per process that listens for all subscribers, and begins again whenever it breaks.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use redis::aio::PubSubSink;
use redis::{Client, RedisResult};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, interval, sleep_until, timeout};

use super::connection::{PAUSE, TIME_OUT};
use crate::channels::Channels;

/// How often a quiet connection is asked whether it still lives: one cut without a word is noticed after this.
const PING_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

/// A wish to hear a channel; answered when the server has taken it.
pub(super) struct Listen {
    channel: String,
    taken: oneshot::Sender<()>,
}

/// Starts the task that listens. It ends when the sender is dropped.
pub(super) fn start(client: Client, channels: Arc<Channels>) -> mpsc::UnboundedSender<Listen> {
    let (sender, wishes) = mpsc::unbounded_channel();
    tokio::spawn(listen(client, channels, wishes));
    sender
}

/// Waits until the server has taken the subscription, but no longer than a second.
pub(super) async fn wait_for(listener: &mpsc::UnboundedSender<Listen>, channel: String) {
    let (taken, is_taken) = oneshot::channel();
    if listener.send(Listen { channel, taken }).is_ok() {
        // Away or slow: the subscription begins when the server is back, and says so by `Event::Missed`.
        let _ = timeout(TIME_OUT * 2, is_taken).await;
    }
}

async fn listen(
    client: Client,
    channels: Arc<Channels>,
    mut wishes: mpsc::UnboundedReceiver<Listen>,
) {
    // Nothing to listen to yet: no connection.
    let Some(mut first) = wishes.recv().await.map(Some) else { return };
    let mut has_been_cut = false;
    loop {
        match listen_once(&client, &channels, &mut wishes, &mut first, has_been_cut).await {
            Ok(()) => return,
            Err(error) => tracing::debug!(%error, "cache.listener_cut"),
        }
        has_been_cut = true;
        sleep_until(Instant::now() + PAUSE).await;
    }
}

/// Listens until the connection breaks (an error) or the cache is dropped.
async fn listen_once(
    client: &Client,
    channels: &Channels,
    wishes: &mut mpsc::UnboundedReceiver<Listen>,
    first: &mut Option<Listen>,
    has_been_cut: bool,
) -> RedisResult<()> {
    let (mut sink, mut messages) = in_time(client.get_async_pubsub()).await?.split();
    let mut heard: HashSet<String> = HashSet::new();
    for channel in channels.names() {
        in_time(sink.subscribe(&channel)).await?;
        heard.insert(channel);
    }
    if has_been_cut {
        channels.send_missed();
    }
    if let Some(wish) = first.take() {
        take(&mut sink, &mut heard, wish).await?;
    }
    let mut ping = interval(PING_EVERY);
    loop {
        tokio::select! {
            wish = wishes.recv() => match wish {
                Some(wish) => take(&mut sink, &mut heard, wish).await?,
                None => return Ok(()),
            },
            message = messages.next() => {
                let Some(message) = message else {
                    return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
                };
                let channel = message.get_channel_name();
                if !channels.send(channel, Bytes::copy_from_slice(message.get_payload_bytes())) {
                    in_time(sink.unsubscribe(channel)).await?;
                    heard.remove(channel);
                }
            }
            _ = ping.tick() => in_time(sink.ping::<redis::Value>()).await.map(drop)?,
        }
    }
}

async fn take(sink: &mut PubSubSink, heard: &mut HashSet<String>, wish: Listen) -> RedisResult<()> {
    if !heard.contains(&wish.channel) {
        in_time(sink.subscribe(&wish.channel)).await?;
        heard.insert(wish.channel);
    }
    // The subscriber may have gone meanwhile.
    let _ = wish.taken.send(());
    Ok(())
}

async fn in_time<T>(work: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(TIME_OUT, work)
        .await
        .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
}
