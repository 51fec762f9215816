//! One multiplexed connection that makes itself anew, and never lets a caller wait for a server that is away.

use std::io;
use std::time::Duration;

use kernel::{Error, Result};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    RedisConnectionInfo, RedisError, RedisResult,
};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long a connection may take to make, and a command to answer. A healthy server needs well under a millisecond.
pub(super) const TIME_OUT: Duration = Duration::from_millis(500);
/// How long a server is left alone after a failure.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// Where the cache server is.
#[derive(Clone)]
pub struct ServerConfig {
    /// A name or address; or, beginning with `/`, the path of a unix socket.
    pub host: String,
    /// Ignored for a unix socket.
    pub port: u16,
    /// For servers that ask for one.
    pub password: Option<String>,
}

impl std::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl ServerConfig {
    fn connection_info(&self) -> RedisResult<ConnectionInfo> {
        let address = if self.host.starts_with('/') {
            ConnectionAddr::Unix(self.host.clone().into())
        } else {
            ConnectionAddr::Tcp(self.host.clone(), self.port)
        };
        let mut settings = RedisConnectionInfo::default();
        if let Some(password) = &self.password {
            settings = settings.set_password(password);
        }
        Ok(address.into_connection_info()?.set_redis_settings(settings))
    }
}

/// The connection, or since when there is none.
enum State {
    Connected { connection: MultiplexedConnection, generation: u64 },
    Away { until: Instant, why: String },
}

pub(super) struct Connection {
    client: Client,
    /// Held while connecting: those who come meanwhile wait for the one attempt.
    state: Mutex<State>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    pub fn new(config: &ServerConfig) -> Result<Self> {
        let client = config.connection_info().and_then(Client::open).map_err(|error| {
            Error::invalid("cache.host", format!("not the address of a server: {error}"))
        })?;
        let state = Mutex::new(State::Away { until: Instant::now(), why: String::new() });
        Ok(Self { client, state })
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Runs `command` on the connection. One that breaks or does not answer is replaced by the next call.
    pub async fn run<T, Fut>(
        &self,
        command: impl FnOnce(MultiplexedConnection) -> Fut,
    ) -> RedisResult<T>
    where
        Fut: Future<Output = RedisResult<T>>,
    {
        let (connection, generation) = self.current().await?;
        let result = timeout(TIME_OUT, command(connection)).await.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time").into())
        });
        if let Err(error) = &result
            && (error.is_io_error() || error.is_timeout() || error.is_unrecoverable_error())
        {
            self.give_up(generation, error).await;
        }
        result
    }

    async fn current(&self) -> RedisResult<(MultiplexedConnection, u64)> {
        let mut state = self.state.lock().await;
        match &*state {
            State::Connected { connection, generation } => {
                return Ok((connection.clone(), *generation));
            }
            State::Away { until, why } if Instant::now() < *until => {
                return Err(io::Error::new(io::ErrorKind::NotConnected, why.clone()).into());
            }
            State::Away { .. } => {}
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TIME_OUT))
            .set_response_timeout(Some(TIME_OUT));
        let attempt = self.client.get_multiplexed_async_connection_with_config(&config);
        let connected = timeout(TIME_OUT, attempt).await.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "no connection in time").into())
        });
        match connected {
            Ok(connection) => {
                let generation = NEXT_GENERATION.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                tracing::info!("cache.connected");
                *state = State::Connected { connection: connection.clone(), generation };
                Ok((connection, generation))
            }
            Err(error) => {
                *state = away(&error);
                Err(error)
            }
        }
    }

    /// Drops the connection, unless somebody already made a newer one.
    async fn give_up(&self, broken: u64, error: &RedisError) {
        let mut state = self.state.lock().await;
        if matches!(&*state, State::Connected { generation, .. } if *generation == broken) {
            tracing::warn!(%error, "cache.lost");
            *state = away(error);
        }
    }
}

/// Tells one connection from the one that replaced it.
static NEXT_GENERATION: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

fn away(error: &RedisError) -> State {
    State::Away { until: Instant::now() + PAUSE, why: error.to_string() }
}
