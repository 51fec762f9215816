#![doc = include_str!("../README.md")]

mod channels;
mod fill;
mod in_process;
mod rate;
mod server;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kernel::{Clock, Error, Result};

pub use channels::{Event, Subscription};
pub use rate::{Decision, Rate};
pub use server::ServerConfig;

use fill::Fills;
use in_process::InProcess;
use rate::Limiter;
use server::Server;

/// How often a change begins again because others were faster: each time one of them is done, so many at once are served.
const MAX_CHANGES: usize = 64;

/// Values with a time to live, rate limits and messages. Cheap to clone; clones are the same cache.
#[derive(Clone, Debug)]
pub struct Cache {
    engine: Engine,
    prefix: Arc<str>,
    fills: Arc<Fills>,
    /// Counts the rate limits of this process: all of them in process, those of an outage with a server.
    limiter: Arc<Limiter>,
}

#[derive(Clone, Debug)]
enum Engine {
    InProcess(Arc<InProcess>),
    Server(Arc<Server>),
}

impl Cache {
    /// The engine in this process, holding at most about `max_bytes` of keys and values.
    pub fn in_process(max_bytes: u64, clock: Clock) -> Self {
        Self::over(Engine::InProcess(Arc::new(InProcess::new(max_bytes, clock.clone()))), clock)
    }

    /// A server that speaks the Redis protocol. Connects with the first use, so a server that is away is no error here;
    /// [`Cache::health`] tells. `clock` counts only the rate limits of an outage.
    pub fn server(config: &ServerConfig, clock: Clock) -> Result<Self> {
        Ok(Self::over(Engine::Server(Server::new(config)?), clock))
    }

    fn over(engine: Engine, clock: Clock) -> Self {
        Self {
            engine,
            prefix: "".into(),
            fills: Arc::default(),
            limiter: Arc::new(Limiter::new(clock)),
        }
    }

    /// The same cache with `prefix` and a colon before every key and channel.
    pub fn prefixed(&self, prefix: &str) -> Self {
        Self { prefix: format!("{}{prefix}:", self.prefix).into(), ..self.clone() }
    }

    /// A cache for what is made anew when it is gone, and takes no room from what is kept here: in process a table of its
    /// own of about `max_bytes` at the most, otherwise the same server.
    pub fn beside(&self, max_bytes: u64, clock: Clock) -> Self {
        match self.engine {
            Engine::InProcess(_) => Self::in_process(max_bytes, clock),
            Engine::Server(_) => self.clone(),
        }
    }

    /// The engine, in words of the operator.
    pub fn engine(&self) -> &'static str {
        match self.engine {
            Engine::InProcess(_) => "in process",
            Engine::Server(_) => "Redis protocol",
        }
    }

    /// Whether the engine answers now.
    pub async fn health(&self) -> Result<()> {
        match &self.engine {
            Engine::InProcess(_) => Ok(()),
            Engine::Server(server) => server.ping().await,
        }
    }

    /// The value under `key`, unless it was never set, is over, or was evicted.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let key = self.full(key);
        match &self.engine {
            Engine::InProcess(engine) => Ok(engine.get(&key).await),
            Engine::Server(server) => server.get(&key).await,
        }
    }

    /// The values under `keys`, in their order, in one round trip.
    pub async fn get_many(&self, keys: &[impl AsRef<str>]) -> Result<Vec<Option<Bytes>>> {
        let keys: Vec<String> = keys.iter().map(|key| self.full(key.as_ref())).collect();
        match &self.engine {
            Engine::InProcess(engine) => {
                Ok(futures::future::join_all(keys.iter().map(|key| engine.get(key))).await)
            }
            Engine::Server(server) => server.get_many(&keys).await,
        }
    }

    /// Keeps `value` under `key` for `ttl`, in place of what was there.
    pub async fn set(&self, key: &str, value: impl Into<Bytes>, ttl: Duration) -> Result<()> {
        let key = self.full(key);
        match &self.engine {
            Engine::InProcess(engine) => {
                engine.set(key, value.into(), ttl).await;
                Ok(())
            }
            Engine::Server(server) => server.set(&key, value.into(), ttl).await,
        }
    }

    /// Keeps `value` only where nothing is kept yet; says whether it did. Of many callers at once, one gets `true`.
    pub async fn set_if_absent(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Duration,
    ) -> Result<bool> {
        let key = self.full(key);
        match &self.engine {
            Engine::InProcess(engine) => Ok(engine.set_if_absent(key, value.into(), ttl).await),
            Engine::Server(server) => server.set_if_absent(&key, value.into(), ttl).await,
        }
    }

    /// Keeps `after` for `ttl` if the value is still `before` (`None`: no value); says whether it was. Of many who saw the
    /// same value, one gets `true`, on whichever node.
    pub async fn replace(
        &self,
        key: &str,
        before: Option<&[u8]>,
        after: impl Into<Bytes>,
        ttl: Duration,
    ) -> Result<bool> {
        let Some(before) = before else { return self.set_if_absent(key, after, ttl).await };
        let key = self.full(key);
        match &self.engine {
            Engine::InProcess(engine) => Ok(engine.replace(key, before, after.into(), ttl).await),
            Engine::Server(server) => server.replace(&key, before, after.into(), ttl).await,
        }
    }

    /// Makes the value under `key` what `change` makes of it, and keeps that for `ttl`; `None` from `change` leaves it as it
    /// is. Where others change it at the same time, `change` is called again with what they made. Returns the value.
    pub async fn change(
        &self,
        key: &str,
        ttl: Duration,
        mut change: impl FnMut(Option<&[u8]>) -> Option<Vec<u8>>,
    ) -> Result<Option<Bytes>> {
        for _ in 0..MAX_CHANGES {
            let before = self.get(key).await?;
            let Some(after) = change(before.as_deref()) else { return Ok(before) };
            let after = Bytes::from(after);
            if self.replace(key, before.as_deref(), after.clone(), ttl).await? {
                return Ok(Some(after));
            }
        }
        Err(Error::Busy { retry_after: Duration::from_secs(1) })
    }

    /// Forgets `key`; says whether there was a value.
    pub async fn delete(&self, key: &str) -> Result<bool> {
        let key = self.full(key);
        match &self.engine {
            Engine::InProcess(engine) => Ok(engine.delete(&key).await),
            Engine::Server(server) => server.delete(&key).await,
        }
    }

    /// The value under `key`, or else what `fill` makes, kept for `ttl`.
    ///
    /// One `fill` per key runs at a time in this process and all who ask meanwhile get its value. The cache being away
    /// only costs the fill; the errors are those of `fill`.
    pub async fn get_or_fill<F, Fut>(&self, key: &str, ttl: Duration, fill: F) -> Result<Bytes>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Bytes>>,
    {
        if let Ok(Some(value)) = self.get(key).await {
            return Ok(value);
        }
        let filled = async {
            // Somebody may have filled it between our look and our turn.
            if let Ok(Some(value)) = self.get(key).await {
                return Ok(value);
            }
            let value = fill().await?;
            if let Err(error) = self.set(key, value.clone(), ttl).await {
                tracing::debug!(%error, "cache.value_not_kept");
            }
            Ok(value)
        };
        self.fills.run(self.full(key), filled).await
    }

    /// Counts one event under `key` and says whether it is within `rate`. Atomic over all nodes on one server.
    ///
    /// Never fails: while the server is away this process counts by itself.
    pub async fn allow(&self, key: &str, rate: Rate) -> Decision {
        let key = format!("{}rate:{key}", self.prefix);
        if let Engine::Server(server) = &self.engine {
            match server.allow(&key, rate).await {
                Ok(decision) => return decision,
                Err(error) => tracing::debug!(%error, "cache.rate_limit_counted_locally"),
            }
        }
        self.limiter.allow(&key, rate)
    }

    /// Sends `message` to everyone who listens to `channel` now, on every node.
    pub async fn publish(&self, channel: &str, message: impl Into<Bytes>) -> Result<()> {
        let channel = self.full(channel);
        match &self.engine {
            Engine::InProcess(engine) => {
                engine.channels.send(&channel, message.into());
                Ok(())
            }
            Engine::Server(server) => server.publish(&channel, message.into()).await,
        }
    }

    /// Listens to `channel`: a stream that ends only with the cache itself.
    ///
    /// With a server it waits until the server has taken the subscription, at most a second; when the server is away the
    /// subscription begins as soon as it is back, with an [`Event::Missed`].
    pub async fn subscribe(&self, channel: &str) -> Subscription {
        let channel = self.full(channel);
        match &self.engine {
            Engine::InProcess(engine) => engine.channels.subscribe(&channel),
            Engine::Server(server) => server.subscribe(channel).await,
        }
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}
