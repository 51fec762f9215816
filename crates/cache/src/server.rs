//! The engine over the Redis protocol: the commands, each with the error that callers know.

mod connection;
mod listener;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use kernel::{Error, Result};
use redis::{Cmd, FromRedisValue, RedisError, Script, cmd};
use tokio::sync::mpsc;

use crate::channels::{Channels, Subscription};
use crate::rate::{Decision, Rate};

use connection::Connection;
pub use connection::ServerConfig;
use listener::Listen;

/// GCRA in one step: returns (allowed, remaining, microseconds to wait). The clock is the server's, so that nodes whose
/// clocks differ count alike.
const ALLOW: &str = r"
local step, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local before = tonumber(redis.call('GET', KEYS[1]) or now)
if before < now then before = now end
local after = before + step
local wait = after - now - span
if wait > 0 then return {0, 0, wait} end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
return {1, math.floor(-wait / step), 0}
";

/// A value in place of another, if that is still there.
const REPLACE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
";

static ALLOW_SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(ALLOW));

/// Lua counts in doubles: beyond this many microseconds (a hundred years) it would lose whole ones.
const MAX_SPAN_US: i64 = 100 * 365 * 86_400 * 1_000_000;

#[derive(Debug)]
pub(crate) struct Server {
    connection: Connection,
    channels: Arc<Channels>,
    listen: mpsc::UnboundedSender<Listen>,
}

impl Server {
    pub fn new(config: &ServerConfig) -> Result<Arc<Self>> {
        let connection = Connection::new(config)?;
        let channels = Arc::new(Channels::default());
        let listen = listener::start(connection.client().clone(), Arc::clone(&channels));
        Ok(Arc::new(Self { connection, channels, listen }))
    }

    pub async fn ping(&self) -> Result<()> {
        self.run::<()>(&cmd("PING")).await
    }

    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.run(cmd("GET").arg(key)).await
    }

    pub async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.run(cmd("MGET").arg(keys)).await
    }

    pub async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<()> {
        self.run(cmd("SET").arg(key).arg(&value[..]).arg("PX").arg(millis(ttl))).await
    }

    pub async fn set_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool> {
        let set: Option<String> = self
            .run(cmd("SET").arg(key).arg(&value[..]).arg("PX").arg(millis(ttl)).arg("NX"))
            .await?;
        Ok(set.is_some())
    }

    pub async fn replace(
        &self,
        key: &str,
        before: &[u8],
        value: Bytes,
        ttl: Duration,
    ) -> Result<bool> {
        // Sent whole each time: it is as short as the hash that it could go by.
        let mut command = cmd("EVAL");
        command.arg(REPLACE).arg(1).arg(key).arg(before).arg(&value[..]).arg(millis(ttl));
        self.run(&command).await
    }

    pub async fn delete(&self, key: &str) -> Result<bool> {
        Ok(self.run::<u64>(cmd("DEL").arg(key)).await? > 0)
    }

    pub async fn publish(&self, channel: &str, message: Bytes) -> Result<()> {
        self.run::<u64>(cmd("PUBLISH").arg(channel).arg(&message[..])).await.map(drop)
    }

    pub async fn subscribe(&self, channel: String) -> Subscription {
        let subscription = self.channels.subscribe(&channel);
        listener::wait_for(&self.listen, channel).await;
        subscription
    }

    pub async fn allow(&self, key: &str, rate: Rate) -> Result<Decision> {
        let span = rate.span_us().min(MAX_SPAN_US);
        let step = (span / i64::from(rate.limit.max(1))).max(1);
        if rate.limit == 0 {
            return Ok(Decision::from_parts(false, 0, span));
        }
        let invocation = {
            let mut invocation = ALLOW_SCRIPT.key(key);
            invocation.arg(step).arg(span);
            invocation
        };
        let (allowed, remaining, wait): (bool, i64, i64) = self
            .connection
            .run(|mut connection| async move { invocation.invoke_async(&mut connection).await })
            .await
            .map_err(unavailable)?;
        Ok(Decision::from_parts(allowed, remaining, wait))
    }

    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        self.connection
            .run(|mut connection| async move { command.query_async(&mut connection).await })
            .await
            .map_err(unavailable)
    }
}

/// A refused command (no memory, a read-only replica, a wrong password) is to the caller the same as no server.
fn unavailable(error: RedisError) -> Error {
    Error::Unavailable { service: "the cache server", source: error.into() }
}

/// The server knows no shorter life than a millisecond and none longer than fits its clock.
fn millis(ttl: Duration) -> u64 {
    const LONGEST: u64 = MAX_SPAN_US as u64 / 1000;
    u64::try_from(ttl.as_millis()).unwrap_or(LONGEST).clamp(1, LONGEST)
}
