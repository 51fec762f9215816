//! `revenge serve`.

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use catalog::scan::live::{Live, Rhythm};
use kernel::{Clock, Rng};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::Serve;
use crate::config::{Config, LogFormat, LogSection};
use crate::telemetry::{SlowQueries, Traces};
use crate::wiring::{self, House, Workshop};
use crate::{Setting, block_on, http, listen, pace, schedules, system};

/// Jobs that are at work get this long when the server stops; what is not done then is done after the next start.
const JOBS_FAREWELL: Duration = Duration::from_secs(5);

/// What the command's flags set.
pub fn flags(serve: &Serve) -> Vec<(&'static str, &'static str, String)> {
    let mut flags = Vec::new();
    if let Some(host) = serve.host {
        flags.push(("--host", "server.host", host.to_string()));
    }
    if let Some(port) = serve.port {
        flags.push(("--port", "server.port", port.to_string()));
    }
    if !serve.media.is_empty() {
        // The wizard is used from elsewhere: what was meant is meant from here.
        let absolute = |it: &PathBuf| std::path::absolute(it).unwrap_or_else(|_| it.clone());
        let folders: Vec<_> =
            serve.media.iter().map(|it| absolute(it).display().to_string()).collect();
        flags.push(("--media", "media.folders", folders.join(",")));
    }
    flags
}

/// Serves until it is told to stop.
pub fn run(setting: &Setting) -> anyhow::Result<()> {
    start_log(&setting.config.log)?;
    block_on(async {
        let began = Instant::now();
        // Bound first: a port that is taken is told before anything is started.
        let address = SocketAddr::new(setting.config.server.host, setting.config.server.port);
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("cannot listen on {address}; choose another port with --port")
        })?;
        let traces = Traces::open(&setting.config.telemetry.otlp, &setting.environment)?;
        let workshop = Workshop::open_to_serve(setting, Clock::system(), Rng::system()).await?;
        let outcome = serve(setting, &workshop, listener, began).await;
        workshop.close().await;
        if let Some(traces) = traces {
            traces.finish().await;
        }
        tracing::info!("server.stopped");
        outcome
    })
}

async fn serve(
    setting: &Setting,
    workshop: &Workshop,
    listener: TcpListener,
    began: Instant,
) -> anyhow::Result<()> {
    let stop = workshop.stop.clone();
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    workshop.install_metrics();
    pace::look(workshop).await?;
    let working = workshop
        .jobs
        .start(&jobs_config(&setting.config, workshop), &wiring::registry(workshop)?)
        .await?;
    greet(setting, workshop, listener.local_addr()?, began).await?;
    let upkeep = tokio::spawn(keep_metrics((**workshop).clone()));
    let following = tokio::spawn(schedules::follow((**workshop).clone()));
    let disks = tokio::spawn(system::watch_disks((**workshop).clone()));
    let pacing = tokio::spawn(pace::follow((**workshop).clone()));
    let poll = Duration::from_mins(setting.config.media.poll_minutes.max(1).into());
    let catalogs = [Some(&workshop.catalog), workshop.adult.as_ref().map(|it| &it.catalog)];
    let live = catalogs.into_iter().flatten().cloned();
    let live: Vec<_> =
        live.map(|catalog| tokio::spawn(Live::new(catalog, Rhythm::polling(poll)).run())).collect();
    let proxies = workshop.proxies.clone();
    let listening =
        tokio::spawn(listen::listen(listener, None, http::router(workshop), proxies, stop.clone()));
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    tracing::info!("server.stopping");
    stop.cancel();
    let (listened, ()) = tokio::join!(listening, working.stop(JOBS_FAREWELL));
    upkeep.abort();
    following.abort();
    pacing.abort();
    disks.abort();
    live.iter().for_each(tokio::task::JoinHandle::abort);
    listened?;
    Ok(())
}

fn jobs_config(config: &Config, workshop: &Workshop) -> jobs::Config {
    let queues = &config.jobs.queues;
    jobs::Config {
        workers: config.jobs.workers.max(1).into(),
        high: queues.high.into(),
        default: queues.default.into(),
        low: queues.low.into(),
        ..jobs::Config::new(workshop.node_id.to_string())
    }
}

/// Measurements wait in memory until somebody reads them; where nobody does, they are folded together now and then. What nothing
/// counts as it happens is looked at as often.
async fn keep_metrics(house: House) {
    let mut every = tokio::time::interval(Duration::from_secs(30));
    loop {
        every.tick().await;
        house.metrics.run_upkeep();
        system::measure(&house).await;
    }
}

/// The few lines a person at the terminal needs, on standard output, whatever the log's form.
async fn greet(
    setting: &Setting,
    workshop: &Workshop,
    address: SocketAddr,
    began: Instant,
) -> anyhow::Result<()> {
    let host = if address.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        address.ip().to_string()
    };
    let elapsed = began.elapsed().as_millis();
    tracing::info!(address = %address, postgresql = %workshop.postgres_version, duration_ms = elapsed as u64, "server.ready");
    let code = workshop.accounts.setup_code().await?;
    let code = code
        .map(|it| format!("  setup code   {it}  (for the first account, from another machine)\n"));
    let words = format!(
        "Revenge {} is ready at http://{host}:{}\n  data folder  {}\n{}",
        env!("CARGO_PKG_VERSION"),
        address.port(),
        setting.data_dir.display(),
        code.unwrap_or_default()
    );
    // Nobody may be reading; the server serves all the same.
    if let Err(error) = std::io::stdout().write_all(words.as_bytes()) {
        tracing::debug!(error = %error, "greeting.unread");
    }
    Ok(())
}

/// Writes the log to standard error.
pub(super) fn start_log(section: &LogSection) -> anyhow::Result<()> {
    // PostgreSQL's notices ("already exists, skipping") tell an operator nothing.
    let filter = EnvFilter::try_new(format!("{},sqlx::postgres::notice=warn", section.level))
        .with_context(|| format!("log.level: \"{}\" is no filter", section.level))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match section.format {
        LogFormat::Human => builder.with_target(false).finish().with(SlowQueries).init(),
        LogFormat::Json => builder.json().finish().with(SlowQueries).init(),
    }
    Ok(())
}
