//! Knows in the background which replicas are of use, so that nobody who reads has to find out.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::join_all;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::place::{Place, Standing};
use super::{All, Counts, NO_ANSWER, Outcome};
use crate::server::address;

/// So long is one at most passed over that is well again, and trusted that is not.
const EVERY: Duration = Duration::from_secs(1);
/// A busy machine takes its time. Reads that are under way on a replica that answers nothing end after this.
const PATIENCE: Duration = Duration::from_secs(2);

/// One copy of the primary.
#[derive(Debug)]
pub struct Replica {
    options: PgConnectOptions,
    address: String,
    state: watch::Sender<State>,
    counts: Counts,
}

/// What is known of it.
#[derive(Clone, Debug, Default)]
struct State {
    /// Another one since each time it was away: connections of an older one are of no use.
    epoch: u64,
    usage: Usage,
    version: Option<String>,
    lag_bytes: Option<i64>,
    lag: Option<Duration>,
}

/// Whether it is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Usage {
    Fine,
    /// For now: it answers, and has not everything yet.
    Behind,
    Out(String),
}

impl Default for Usage {
    fn default() -> Self {
        Self::Out("it was not asked yet".to_owned())
    }
}

/// How a replica is.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Host and port, or socket.
    pub address: String,
    /// Whether it is read from just now. One that is merely behind is not, and in no trouble.
    pub is_usable: bool,
    /// Why it is of no use, until somebody or something changes that.
    pub trouble: Option<String>,
    /// Its version, if it was reached.
    pub version: Option<String>,
    /// Bytes of changes that it does not have yet, at the last look.
    pub lag_bytes: Option<i64>,
    /// How old its newest change is, where it does not have all.
    pub lag: Option<Duration>,
    /// Reads that it answered.
    pub served: u64,
    /// Reads that it was to answer, and the primary did.
    pub fell_back: u64,
}

impl Replica {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let options = options.application_name("revenge");
        let address = address(&options);
        Self { options, address, state: watch::Sender::default(), counts: Counts::default() }
    }

    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The epoch of connections to it, if it is to be used.
    pub(super) fn usable(&self) -> Option<u64> {
        let state = self.state.borrow();
        (state.usage == Usage::Fine).then_some(state.epoch)
    }

    pub(super) fn is_lost(&self, epoch: u64) -> bool {
        self.state.borrow().epoch != epoch
    }

    /// Waits until connections of `epoch` are of no use.
    pub(super) async fn lost(&self, epoch: u64) {
        // The sender is ours, so there is no other end of waiting.
        let _ = self.state.subscribe().wait_for(|it| it.epoch != epoch).await;
    }

    /// Lets nobody use it until the next look that finds it well. Word of an older epoch is no news.
    pub(super) fn put_out(&self, epoch: u64, why: &str) {
        self.state.send_if_modified(|state| {
            let is_news = state.epoch == epoch;
            if is_news {
                self.tell_out(state, why);
                state.epoch += 1;
                state.usage = Usage::Out(why.to_owned());
                (state.lag_bytes, state.lag) = (None, None);
            }
            is_news
        });
    }

    /// Lets nobody use it until the next look that finds it well; what is under way on it goes on.
    pub(super) fn doubt(&self, why: &str) {
        self.state.send_modify(|state| {
            self.tell_out(state, why);
            state.usage = Usage::Out(why.to_owned());
        });
    }

    /// Lets nobody use it until it has caught up; who reads from it goes on.
    pub(super) fn set_behind(&self, epoch: u64, bytes: i64) {
        self.state.send_if_modified(|state| {
            let is_news = state.epoch == epoch && state.usage == Usage::Fine;
            if is_news {
                tracing::debug!(replica = self.address, bytes, "replica.behind");
                (state.usage, state.lag_bytes) = (Usage::Behind, Some(bytes));
            }
            is_news
        });
    }

    pub(super) fn count(&self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Served => &self.counts.served,
            Outcome::FellBack => &self.counts.fell_back,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn report(&self) -> Report {
        let State { epoch: _, usage, version, lag_bytes, lag } = self.state.borrow().clone();
        let is_usable = usage == Usage::Fine;
        let trouble = match usage {
            Usage::Fine | Usage::Behind => None,
            Usage::Out(why) => Some(why),
        };
        Report {
            address: self.address.clone(),
            is_usable,
            trouble,
            version,
            lag_bytes,
            lag,
            served: self.counts.served.load(Ordering::Relaxed),
            fell_back: self.counts.fell_back.load(Ordering::Relaxed),
        }
    }

    fn tell_out(&self, state: &State, why: &str) {
        let is_known = matches!(&state.usage, Usage::Out(known) if known == why);
        if !is_known {
            tracing::warn!(replica = self.address, why, "replica.passed_over");
        }
    }

    /// Takes over what a look found.
    fn learn(&self, seen: Seen) {
        let Seen { standing, version, lag } = seen;
        if let Standing::Foreign(why) = standing {
            self.state.send_modify(|it| it.version = Some(version));
            let epoch = self.state.borrow().epoch;
            self.put_out(epoch, why);
            return;
        }
        self.state.send_modify(|state| {
            if matches!(state.usage, Usage::Out(_)) {
                tracing::info!(replica = self.address, "replica.reached");
            }
            (state.usage, state.lag_bytes, state.lag) = match standing {
                Standing::Behind(bytes) => (Usage::Behind, Some(bytes), lag),
                Standing::There | Standing::Foreign(_) => {
                    (Usage::Fine, Some(0), Some(Duration::ZERO))
                }
            };
            state.version = Some(version);
        });
    }
}

/// What a look found.
struct Seen {
    standing: Standing,
    version: String,
    lag: Option<Duration>,
}

/// Looks at the replicas by connections of its own.
pub(super) struct Eyes {
    all: Arc<All>,
    connections: Vec<Option<PgConnection>>,
}

impl Eyes {
    pub fn new(all: &Arc<All>) -> Self {
        let connections = all.replicas.iter().map(|_| None).collect();
        Self { all: Arc::clone(all), connections }
    }

    pub async fn keep_looking(mut self) {
        loop {
            sleep(EVERY).await;
            self.look().await;
        }
    }

    /// Looks at all of them, at the same time.
    pub async fn look(&mut self) {
        let Some(mark) = self.all.primary.now().await else {
            // Whatever they have, nobody can say whether it is enough.
            let why =
                "the primary does not say how far it is: it is away, or has synchronous_commit off";
            for replica in &self.all.replicas {
                replica.doubt(why);
            }
            return;
        };
        let pairs = self.all.replicas.iter().zip(&mut self.connections);
        join_all(pairs.map(|(replica, kept)| look_at(replica, kept, mark))).await;
    }
}

async fn look_at(replica: &Replica, kept: &mut Option<PgConnection>, mark: Place) {
    let epoch = replica.state.borrow().epoch;
    match timeout(PATIENCE, see(&replica.options, kept.take(), mark)).await {
        Ok(Ok((seen, connection))) => {
            *kept = Some(connection);
            replica.learn(seen);
        }
        Ok(Err(error)) => replica.put_out(epoch, &error.to_string()),
        Err(_) => replica.put_out(epoch, NO_ANSWER),
    }
}

async fn see(
    options: &PgConnectOptions,
    kept: Option<PgConnection>,
    mark: Place,
) -> sqlx::Result<(Seen, PgConnection)> {
    let mut connection = match kept {
        Some(connection) => connection,
        None => options.connect().await?,
    };
    let standing = mark.reached_by(&mut connection).await?;
    let row = sqlx::query(
        "SELECT split_part(current_setting('server_version'), ' ', 1),
                extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8",
    )
    .fetch_one(&mut connection)
    .await?;
    let seconds: Option<f64> = row.try_get(1)?;
    let lag = seconds.and_then(|it| Duration::try_from_secs_f64(it.max(0.0)).ok());
    Ok((Seen { standing, version: row.try_get(0)?, lag }, connection))
}
