//! Empty jobs through our queue and through graphile_worker, on one private PostgreSQL in the same run: inserts a second, jobs a
//! second by 1, 10 and 100 workers, how soon a job begins, and the same with a million that wait. `queue-bench BINARIES`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, TaskHandler, WorkerContext, WorkerOptions, WorkerUtils,
};
use jobs::{Config, JobError, Jobs, Registry, Running, Work};
use postgres::cluster::PrivateConfig;
use postgres::{PoolConfig, Target};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

/// Written by one statement, on both sides.
const BATCH: usize = 1_000;
/// For each figure of throughput; a single worker gets a quarter.
const N_JOBS: usize = 20_000;
/// Asked for one by one with a pause between them, while nothing else waits.
const N_SINGLE: usize = 500;
/// A queue that is slower is measured by what it did until then.
const LONGEST: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);
const N_WAITING: usize = 1_000_000;
/// Connections of each side.
const POOL: u32 = 20;

static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
static N_DONE: AtomicUsize = AtomicUsize::new(0);
static WAITED: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// What both sides work: nothing, but that it is told when it was asked for, in microseconds of this program.
#[derive(Clone, Serialize, Deserialize)]
struct Empty {
    asked_us: u64,
}

impl Empty {
    fn now() -> Self {
        Self { asked_us: BEGAN.elapsed().as_micros() as u64 }
    }

    fn done(&self) {
        if self.asked_us > 0 {
            let now = BEGAN.elapsed().as_micros() as u64;
            WAITED.lock().expect("no panic holds it").push(now - self.asked_us);
        }
        N_DONE.fetch_add(1, Ordering::Relaxed);
    }
}

impl Work for Empty {
    const KIND: &'static str = "bench.empty";
}

impl TaskHandler for Empty {
    const IDENTIFIER: &'static str = "bench_empty";

    async fn run(self, _: WorkerContext) -> impl IntoTaskHandlerResult {
        self.done();
        Ok::<(), String>(())
    }
}

/// One of the two queues.
enum Side {
    Ours { jobs: Jobs, pool: PgPool },
    Graphile { utils: WorkerUtils, pool: PgPool },
}

/// Workers at work; dropped, they end.
enum Working {
    Ours(Running),
    Graphile(tokio::task::JoinHandle<()>),
}

impl Side {
    fn name(&self) -> &'static str {
        match self {
            Self::Ours { .. } => "Revenge on River",
            Self::Graphile { .. } => "graphile_worker",
        }
    }

    async fn insert(&self, n: usize) -> Result<()> {
        for first in (0..n).step_by(BATCH) {
            let works = vec![Empty { asked_us: 0 }; BATCH.min(n - first)];
            match self {
                Self::Ours { jobs, pool } => {
                    jobs.enqueue_many(&mut *pool.acquire().await?, &works).await?;
                }
                Self::Graphile { utils, .. } => {
                    let spec = JobSpec::default();
                    let works: Vec<(Empty, &JobSpec)> =
                        works.into_iter().map(|it| (it, &spec)).collect();
                    utils.add_jobs(&works).await?;
                }
            }
        }
        Ok(())
    }

    async fn insert_one(&self) -> Result<()> {
        match self {
            Self::Ours { jobs, pool } => {
                jobs.enqueue(&mut *pool.acquire().await?, &Empty::now()).await?;
            }
            Self::Graphile { utils, .. } => {
                utils.add_job(Empty::now(), JobSpec::default()).await?;
            }
        }
        Ok(())
    }

    async fn work(&self, n_workers: usize) -> Result<Working> {
        Ok(match self {
            Self::Ours { jobs, .. } => {
                let mut registry = Registry::new();
                registry.add::<Empty, _, _>(|work: Empty, _| async move {
                    work.done();
                    Ok::<(), JobError>(())
                });
                // One place is always kept for the queue that a person waits for.
                let config = Config {
                    workers: n_workers + 1,
                    default: n_workers,
                    high: 1,
                    low: 1,
                    ..Config::new("bench")
                };
                Working::Ours(jobs.start(&config, &registry).await?)
            }
            Self::Graphile { pool, .. } => {
                let worker = WorkerOptions::default()
                    .concurrency(n_workers)
                    .define_job::<Empty>()
                    .pg_pool(pool.clone())
                    .init()
                    .await?;
                Working::Graphile(tokio::spawn(async move {
                    if let Err(error) = worker.run().await {
                        eprintln!("graphile_worker ended: {error}");
                    }
                }))
            }
        })
    }

    async fn clear(&self) -> Result<()> {
        let (pool, sql) = match self {
            Self::Ours { pool, .. } => (pool, "TRUNCATE river.river_job"),
            Self::Graphile { pool, .. } => (pool, "TRUNCATE graphile_worker._private_jobs CASCADE"),
        };
        sqlx::raw_sql(sql).execute(pool).await?;
        sqlx::raw_sql("VACUUM ANALYZE").execute(pool).await?;
        Ok(())
    }
}

impl Working {
    async fn stop(self) {
        match self {
            Self::Ours(running) => running.stop(Duration::from_secs(10)).await,
            Self::Graphile(worker) => {
                worker.abort();
                // What it holds of the database is let go.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn until_done(n: usize) {
    while N_DONE.load(Ordering::Relaxed) < n {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Jobs a second that are worked off by `n_workers`, of `n` that wait already.
async fn throughput(side: &Side, n_workers: usize, n: usize) -> Result<f64> {
    N_DONE.store(0, Ordering::Relaxed);
    if let Side::Graphile { pool, .. } = side {
        // Its running worker takes one waiting job whenever it looks; this is how it works off what waits.
        let options = WorkerOptions::default().concurrency(n_workers).define_job::<Empty>();
        let worker = options.pg_pool(pool.clone()).init().await?;
        let began = Instant::now();
        let ended = tokio::time::timeout(LONGEST, worker.run_once()).await;
        if let Ok(ended) = ended {
            ended?;
        }
        return Ok(N_DONE.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64());
    }
    let working = side.work(n_workers).await?;
    let began = Instant::now();
    until_done(n).await;
    let rate = n as f64 / began.elapsed().as_secs_f64();
    working.stop().await;
    Ok(rate)
}

/// Milliseconds from asking to beginning, p50 and p99.
async fn latency(side: &Side, n_workers: usize) -> Result<(f64, f64)> {
    N_DONE.store(0, Ordering::Relaxed);
    let working = side.work(n_workers).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    WAITED.lock().expect("no panic holds it").clear();
    for _ in 0..N_SINGLE {
        side.insert_one().await?;
        tokio::time::sleep(PAUSE).await;
    }
    until_done(N_SINGLE).await;
    working.stop().await;
    let mut waited = std::mem::take(&mut *WAITED.lock().expect("no panic holds it"));
    waited.sort_unstable();
    let at = |share: usize| waited[(waited.len() - 1) * share / 100] as f64 / 1_000.0;
    Ok((at(50), at(99)))
}

#[derive(Default)]
struct Figures(Vec<(String, f64)>);

impl Figures {
    /// Told at once: all of them take minutes.
    fn add(&mut self, figure: (String, f64)) {
        eprintln!("{}: {:.2}", figure.0, figure.1);
        self.0.push(figure);
    }
}

async fn measure(side: &Side) -> Result<Vec<(String, f64)>> {
    let mut figures = Figures::default();
    side.clear().await?;
    let began = Instant::now();
    side.insert(N_JOBS).await?;
    figures.add((
        "inserts a second, 1,000 at once".to_owned(),
        N_JOBS as f64 / began.elapsed().as_secs_f64(),
    ));
    side.clear().await?;
    let began = Instant::now();
    for _ in 0..N_SINGLE {
        side.insert_one().await?;
    }
    figures.add((
        "inserts a second, one by one".to_owned(),
        N_SINGLE as f64 / began.elapsed().as_secs_f64(),
    ));
    for (n_workers, n) in [(1, N_JOBS / 4), (10, N_JOBS), (100, N_JOBS)] {
        side.clear().await?;
        side.insert(n).await?;
        figures.add((
            format!("jobs a second, {n_workers} workers"),
            throughput(side, n_workers, n).await?,
        ));
    }
    for n_workers in [1, 10, 100] {
        side.clear().await?;
        let (p50, p99) = latency(side, n_workers).await?;
        figures.add((format!("ms until a job begins, {n_workers} workers, p50"), p50));
        figures.add((format!("ms until a job begins, {n_workers} workers, p99"), p99));
    }
    side.clear().await?;
    let began = Instant::now();
    side.insert(N_WAITING).await?;
    figures.add((
        "inserts a second, to a million".to_owned(),
        N_WAITING as f64 / began.elapsed().as_secs_f64(),
    ));
    figures.add((
        "jobs a second, 10 workers, a million wait".to_owned(),
        throughput(side, 10, N_JOBS).await?,
    ));
    side.clear().await?;
    Ok(figures.0)
}

#[tokio::main]
async fn main() -> Result<()> {
    LazyLock::force(&BEGAN);
    let folder = tempfile::tempdir()?;
    let binaries = std::env::args().nth(1).map(Into::into);
    let config = PrivateConfig { binaries, ..PrivateConfig::new(folder.path().join("postgresql")) };
    let server = postgres::open(Target::Private(config)).await?;
    let options = server.options().clone();
    jobs::migrate(&options).await?;
    let pool = postgres::pool(&options, PoolConfig::new("river", POOL)).await?;
    let ours = Side::Ours { jobs: Jobs::new(pool.clone())?, pool };
    let pool = postgres::pool(&options, PoolConfig::new("public", POOL)).await?;
    let worker =
        WorkerOptions::default().define_job::<Empty>().pg_pool(pool.clone()).init().await?;
    let graphile = Side::Graphile { utils: worker.create_utils(), pool };

    let mut results = Vec::new();
    for side in [&ours, &graphile] {
        results.push(measure(side).await.with_context(|| side.name())?);
    }
    println!("| | {} | {} | ratio |\n|---|---|---|---|", ours.name(), graphile.name());
    for ((what, own), (_, peer)) in results[0].iter().zip(&results[1]) {
        println!("| {what} | {own:.2} | {peer:.2} | {:.2} |", own / peer);
    }
    drop((ours, graphile));
    server.stop().await;
    Ok(())
}
