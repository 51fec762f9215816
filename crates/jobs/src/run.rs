//! Working the queue off.

use std::time::Duration;

use kernel::Result;
use riverqueue::{Client, ClientBuilder, MaintenanceConfig, QueueConfig, RunHandle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use crate::beat;
use crate::cap::Cap;
use crate::outcome::from_river;
use crate::queue::database;
use crate::{Jobs, Queue, Registry, store};

/// River fetches at most this often, when something was written or a place became free: the least it allows. Its default of
/// 100 ms would hold a queue of one worker to ten jobs a second.
pub(crate) const FETCH_COOLDOWN: Duration = Duration::from_millis(1);
/// How often a drain looks for work and for the end of it.
const DRAIN_EVERY: Duration = Duration::from_millis(10);
/// Above the longest time-out, so that River's rescue never takes work from a node that is alive.
const RESCUE_MARGIN: Duration = Duration::from_mins(10);
/// How often a node says of what it works on that it still does. After four without, the others take it over: within a
/// minute of the end of a node.
const BEAT_EVERY: Duration = Duration::from_secs(10);
/// Between two tries to start working again after the database was lost.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// How much is done at once, and by whom.
#[derive(Clone, Debug)]
pub struct Config {
    /// Jobs at once over all queues: `jobs.workers`.
    pub workers: usize,
    /// Jobs at once of [`Queue::High`].
    pub high: usize,
    /// Jobs at once of [`Queue::Default`].
    pub default: usize,
    /// Jobs at once of [`Queue::Low`].
    pub low: usize,
    /// This node: the same after every start, different from every other node. What it left unfinished when it died is
    /// found by this name.
    pub node_id: String,
    /// How often this node says of its work that it is alive. After four times without a word the others take that over.
    pub beat_every: Duration,
}

impl Config {
    /// The usual numbers for the node called `node_id`.
    pub fn new(node_id: impl Into<String>) -> Self {
        Self {
            workers: 10,
            high: 10,
            default: 5,
            low: 2,
            node_id: node_id.into(),
            beat_every: BEAT_EVERY,
        }
    }

    fn at_once(&self, queue: Queue) -> usize {
        match queue {
            Queue::High => self.high,
            Queue::Default => self.default,
            Queue::Low => self.low,
        }
    }
}

/// Workers at work. Stop them with [`Running::stop`]; dropped, they are cut short.
#[derive(Debug)]
pub struct Running {
    stop: oneshot::Sender<Duration>,
    watch: JoinHandle<()>,
}

impl Running {
    /// Begins no more work, lets what runs finish until `deadline` is over, then tells it to stop: it will be done after
    /// the next start, without loss of an attempt.
    pub async fn stop(self, deadline: Duration) {
        // The watch takes no message only when it is gone.
        let _ = self.stop.send(deadline);
        if let Err(error) = self.watch.await {
            tracing::error!(%error, "the watch over the job workers ended early");
        }
    }
}

impl Jobs {
    /// Starts working. What this node left unfinished when it died is put back first.
    pub async fn start(&self, config: &Config, registry: &Registry) -> Result<Running> {
        let mut builder = self.builder(config, registry).fetch_cooldown(FETCH_COOLDOWN);
        for queue in Queue::ALL {
            let settings = QueueConfig::new(config.at_once(queue).max(1));
            builder = builder.queue(queue.name(), settings);
        }
        let client = builder.build().map_err(from_river)?;
        registry.schedules().begin(client.periodic_jobs())?;
        let run = self.begin(&client).await?;
        let (stop, stopped) = oneshot::channel();
        let names = registry.kinds().collect();
        let beats = beat::keep(self.pool.clone(), config.node_id.clone(), names, config.beat_every);
        let beats = AbortOnDropHandle::new(tokio::spawn(beats));
        let jobs = self.clone();
        let watch = tokio::spawn(async move {
            let _alive_to_the_end = beats;
            jobs.watch(client, run, stopped).await;
        });
        Ok(Running { stop, watch })
    }

    /// Works until nothing is left, retries and scheduled work included, without waiting for their time. For tests.
    pub async fn drain(&self, registry: &Registry) -> Result<()> {
        let config = Config::new("drain");
        let mut builder =
            self.builder(&config, registry).fetch_cooldown(DRAIN_EVERY).without_leader_election();
        for queue in Queue::ALL {
            let settings =
                QueueConfig::new(config.at_once(queue)).with_fetch_poll_interval(DRAIN_EVERY);
            builder = builder.queue(queue.name(), settings);
        }
        let client = builder.build().map_err(from_river)?;
        let mut run = client.start().map_err(from_river)?;
        // Where nothing waits, the queues shall be there all the same.
        run.wait_ready().await.map_err(from_river)?;
        while store::bring_forward(&self.pool).await? > 0 {
            tokio::time::sleep(DRAIN_EVERY).await;
        }
        run.stop().await.map_err(from_river)
    }

    fn builder(&self, config: &Config, registry: &Registry) -> ClientBuilder {
        let maintenance = MaintenanceConfig::default()
            .with_rescue_after(registry.longest_timeout + RESCUE_MARGIN);
        Client::builder(database(&self.pool))
            .id(config.node_id.clone())
            .workers(registry.workers.clone())
            .work_middleware(Cap::new(config.workers, registry.pace.clone()))
            .maintenance(maintenance)
    }

    async fn begin(&self, client: &Client) -> Result<RunHandle> {
        let put_back = store::put_back_abandoned(&self.pool, client.id()).await?;
        if put_back > 0 {
            tracing::info!(jobs = put_back, "put back what was running when this node ended");
        }
        let mut run = client.start().map_err(from_river)?;
        run.wait_ready().await.map_err(from_river)?;
        Ok(run)
    }

    /// River ends when the database is gone for long; work goes on when it is back.
    async fn watch(
        self,
        client: Client,
        mut run: RunHandle,
        mut stopped: oneshot::Receiver<Duration>,
    ) {
        loop {
            let ended = tokio::select! {
                ended = run.wait() => ended,
                deadline = &mut stopped => {
                    finish(run, deadline.unwrap_or_default()).await;
                    return;
                }
            };
            if let Err(error) = ended {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the job workers ended; starting them again"
                );
            }
            run = loop {
                tokio::select! {
                    () = tokio::time::sleep(RESTART_PAUSE) => {}
                    _ = &mut stopped => return,
                }
                match self.begin(&client).await {
                    Ok(run) => break run,
                    Err(error) => tracing::warn!(%error, "the job workers could not start yet"),
                }
            };
        }
    }
}

async fn finish(mut run: RunHandle, deadline: Duration) {
    let ended = match tokio::time::timeout(deadline, run.stop()).await {
        Ok(ended) => ended,
        Err(_) => run.stop_and_cancel().await,
    };
    if let Err(error) = ended {
        tracing::warn!(error = &error as &dyn std::error::Error, "the job workers ended badly");
    }
}
