//! Reading from copies of the primary, without anybody noticing that they are copies.
//!
//! A read goes to a replica only when that has replayed everything the primary had made safe when the read began; so a reader sees
//! what was written before, by whichever node. In every other case the primary is asked: no request fails because a replica is away.

mod mark;
mod place;
mod watch;

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kernel::Error;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, PgPool, Postgres};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use self::mark::Mark;
use self::place::{Place, Standing};
pub use self::watch::{Replica, Report};
use crate::PoolConfig;
use crate::pool::bounded;

/// Whoever waits longer for a replica's connection asks the primary.
const CONNECT_PATIENCE: Duration = Duration::from_millis(250);
const NO_ANSWER: &str = "no answer in time";

/// All replicas, and who looks after them. Cheap to clone; ends with its last clone.
#[derive(Clone, Debug)]
pub struct Replicas(Arc<Watched>);

#[derive(Debug)]
struct Watched {
    all: Arc<All>,
    watching: JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

#[derive(Debug)]
pub(super) struct All {
    primary: Mark,
    replicas: Vec<Arc<Replica>>,
    /// Whose turn it is.
    turn: AtomicUsize,
}

impl Replicas {
    /// The replicas of `primary` at these places; looks at them once, and from then on in the background. One that is not there
    /// is no error: it may come.
    pub async fn open(primary: &PgConnectOptions, replicas: Vec<PgConnectOptions>) -> Self {
        let replicas = replicas.into_iter().map(|it| Arc::new(Replica::new(it))).collect();
        let primary = Mark::new(primary.clone().application_name("revenge"));
        let all = Arc::new(All { primary, replicas, turn: AtomicUsize::new(0) });
        let mut eyes = watch::Eyes::new(&all);
        eyes.look().await;
        let watching = tokio::spawn(eyes.keep_looking());
        Self(Arc::new(Watched { all, watching }))
    }

    /// Readers whose connections see what those of a pool with `config` see.
    pub fn readers(&self, config: PoolConfig<'static>) -> Readers {
        let pools = self.0.all.replicas.iter().map(|_| Mutex::new(None)).collect();
        Readers(Arc::new(Parts { replicas: self.clone(), config, pools }))
    }

    /// How each is.
    pub fn report(&self) -> Vec<Report> {
        self.0.all.replicas.iter().map(|it| it.report()).collect()
    }

    /// Looks at all of them now, for who does not want to wait for the next look.
    pub async fn look(&self) {
        watch::Eyes::new(&self.0.all).look().await;
    }
}

/// Connections to the replicas for one part of the house: one schema, one role. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    replicas: Replicas,
    config: PoolConfig<'static>,
    /// By replica. A replica that was away gets a new pool: the connections of the old one may hang for hours.
    pools: Vec<Mutex<Option<(u64, PgPool)>>>,
}

impl Readers {
    /// What `read` finds on a replica; `None` where the primary is to be asked: because no replica has everything yet, or
    /// because the one that was asked could not finish.
    ///
    /// `read` must change nothing, and may be called again.
    pub async fn read<T, F, Fut>(&self, read: &F) -> Option<kernel::Result<T>>
    where
        F: Fn(Reading) -> Fut,
        Fut: Future<Output = kernel::Result<T>>,
    {
        let (replica, reading) = self.connection().await?;
        let epoch = reading.epoch;
        let outcome = tokio::select! {
            outcome = read(reading) => outcome,
            // A server that stands still never answers.
            () = replica.lost(epoch) => {
                replica.count(Outcome::FellBack);
                return None;
            }
        };
        let outcome = match outcome {
            Err(error) => replicas_fault(&error).map_or_else(
                || Some(Err(error)),
                |fault| {
                    if fault.is_gone {
                        replica.put_out(epoch, &fault.why);
                    }
                    tracing::debug!(
                        replica = replica.address(),
                        error = fault.why,
                        "replica.failed"
                    );
                    None
                },
            ),
            found => Some(found),
        };
        replica.count(if outcome.is_some() { Outcome::Served } else { Outcome::FellBack });
        outcome
    }

    /// A connection to a replica that has everything the primary had when this was called.
    async fn connection(&self) -> Option<(Arc<Replica>, Reading)> {
        let (replica, epoch, pool) = self.choose()?;
        let reached = async {
            let mark = self.all().primary.now().await?;
            self.acquire(&replica, epoch, &pool, mark).await
        };
        let reading = reached.await;
        if reading.is_none() {
            replica.count(Outcome::FellBack);
        }
        Some((Arc::clone(&replica), reading?))
    }

    async fn acquire(
        &self,
        replica: &Arc<Replica>,
        epoch: u64,
        pool: &PgPool,
        mark: Place,
    ) -> Option<Reading> {
        let until = Instant::now() + CONNECT_PATIENCE;
        let why = match timeout_at(until, pool.acquire()).await {
            // All are in use: it is well, and busy.
            Ok(Err(sqlx::Error::PoolTimedOut)) | Err(_) if is_busy(pool) => return None,
            Ok(Err(error)) => error.to_string(),
            Err(_) => NO_ANSWER.to_owned(),
            Ok(Ok(mut connection)) => {
                match timeout_at(until, mark.reached_by(&mut connection)).await {
                    Ok(Ok(Standing::There)) => {
                        let replica = Some(Arc::clone(replica));
                        return Some(Reading { connection, replica, epoch });
                    }
                    Ok(Ok(Standing::Behind(bytes))) => {
                        replica.set_behind(epoch, bytes);
                        return None;
                    }
                    Ok(Ok(Standing::Foreign(why))) => why.to_owned(),
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => {
                        connection.close_on_drop();
                        NO_ANSWER.to_owned()
                    }
                }
            }
        };
        replica.put_out(epoch, &why);
        None
    }

    /// The next replica that is fine and has a connection to spare: where all are busy, the primary may be less so.
    fn choose(&self) -> Option<(Arc<Replica>, u64, PgPool)> {
        let all = self.all();
        let first = all.turn.fetch_add(1, Ordering::Relaxed);
        (0..all.replicas.len()).find_map(|nth| {
            let index = first.wrapping_add(nth) % all.replicas.len();
            let replica = &all.replicas[index];
            let epoch = replica.usable()?;
            let pool = self.pool(index, replica, epoch);
            (!is_busy(&pool)).then(|| (Arc::clone(replica), epoch, pool))
        })
    }

    fn pool(&self, index: usize, replica: &Replica, epoch: u64) -> PgPool {
        let mut kept = self.0.pools[index].lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((of, pool)) if *of == epoch => pool.clone(),
            _ => {
                let config = PoolConfig {
                    acquire_timeout: CONNECT_PATIENCE,
                    is_read_only: true,
                    ..self.0.config
                };
                let options = replica.options().clone().application_name("revenge");
                // The question for its place tells whether a connection is alive.
                let pool = bounded(config).test_before_acquire(false).connect_lazy_with(options);
                *kept = Some((epoch, pool.clone()));
                pool
            }
        }
    }

    fn all(&self) -> &All {
        &self.0.replicas.0.all
    }
}

fn is_busy(pool: &PgPool) -> bool {
    pool.num_idle() == 0 && pool.size() >= pool.options().get_max_connections()
}

/// A connection to read by: to a replica or to the primary. Nothing can be written by that of a replica.
#[derive(Debug)]
pub struct Reading {
    connection: PoolConnection<Postgres>,
    /// Where it leads, if not to the primary.
    replica: Option<Arc<Replica>>,
    epoch: u64,
}

impl From<PoolConnection<Postgres>> for Reading {
    /// One to the primary.
    fn from(connection: PoolConnection<Postgres>) -> Self {
        Self { connection, replica: None, epoch: 0 }
    }
}

impl Drop for Reading {
    /// What a server that went away left in a connection is waited for by nobody.
    fn drop(&mut self) {
        if self.replica.as_ref().is_some_and(|it| it.is_lost(self.epoch)) {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Reading {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Reading {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// How a read ended.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Served,
    FellBack,
}

/// Reads by how they ended.
#[derive(Debug, Default)]
struct Counts {
    served: AtomicU64,
    fell_back: AtomicU64,
}

/// Why a replica could not finish what the primary may.
struct Fault {
    why: String,
    /// Nobody else will have more luck with it just now.
    is_gone: bool,
}

/// Whether `error` may be the replica's doing: a connection that broke, a statement that stood in the way of replaying. What is
/// wrong with the question itself fails on the primary as well, and is told by that. A statement that ran out of time does not
/// get as much of the primary's.
fn replicas_fault(error: &Error) -> Option<Fault> {
    if !matches!(error, Error::Unavailable { .. } | Error::Internal(_)) {
        return None;
    }
    let mut causes = std::iter::successors(Some(error as &dyn std::error::Error), |it| it.source());
    match causes.find_map(|it| it.downcast_ref::<sqlx::Error>()) {
        Some(sqlx::Error::Database(refusal)) => {
            const QUERY_CANCELED: &str = "57014";
            const OPERATOR_INTERVENTION: &str = "57P";
            let code = refusal.code().unwrap_or_default();
            let is_gone = code.starts_with(OPERATOR_INTERVENTION);
            (code != QUERY_CANCELED).then(|| Fault { why: refusal.to_string(), is_gone })
        }
        Some(error) => {
            let is_gone = matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_));
            Some(Fault { why: error.to_string(), is_gone })
        }
        None => None,
    }
}
