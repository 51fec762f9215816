//! Keeps a cluster running until told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::{Cluster, FolderLock, Postmaster};
use crate::Result;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A server that lived this long was well: the pauses begin anew.
const WELL_AFTER: Duration = Duration::from_mins(1);

/// Restarts the server when it dies, slower each time; stops it with us.
#[derive(Debug)]
pub struct Supervisor {
    /// The server's process; 0 while there is none.
    pid: Arc<AtomicI32>,
    stop: Option<oneshot::Sender<()>>,
    watch: Option<JoinHandle<()>>,
}

impl Supervisor {
    /// Starts `cluster` (or adopts what runs there) and watches it. The lock goes when the watch ends.
    pub async fn start(cluster: Cluster, lock: FolderLock) -> Result<Self> {
        let postmaster = cluster.start().await?;
        let pid = Arc::new(AtomicI32::new(postmaster.pid()));
        let (stop, stopped) = oneshot::channel();
        let watch = tokio::spawn(watch(cluster, postmaster, Arc::clone(&pid), stopped, lock));
        Ok(Self { pid, stop: Some(stop), watch: Some(watch) })
    }

    /// The server's process id, while there is one.
    pub fn pid(&self) -> Option<i32> {
        Some(self.pid.load(Ordering::SeqCst)).filter(|pid| *pid != 0)
    }

    /// Stops the server cleanly and waits for its end.
    pub async fn stop(mut self) {
        self.stop.take();
        if let Some(watch) = self.watch.take()
            && watch.await.is_err()
        {
            tracing::error!("the watch over PostgreSQL ended early");
        }
    }
}

impl Drop for Supervisor {
    /// Whoever leaves without [`Supervisor::stop`] (a start that fails half way) leaves no server behind.
    fn drop(&mut self) {
        if self.stop.is_some()
            && let Some(pid) = self.pid().and_then(Pid::from_raw)
        {
            // Gone already is as good.
            let _ = rustix::process::kill_process(pid, Signal::INT);
        }
    }
}

async fn watch(
    cluster: Cluster,
    mut postmaster: Postmaster,
    pid: Arc<AtomicI32>,
    mut stopped: oneshot::Receiver<()>,
    _lock: FolderLock,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        let started_at = Instant::now();
        let end = tokio::select! {
            end = postmaster.exited() => end,
            _ = &mut stopped => {
                postmaster.stop().await;
                pid.store(0, Ordering::SeqCst);
                return;
            }
        };
        pid.store(0, Ordering::SeqCst);
        tracing::error!(end, "PostgreSQL ended by itself; starting it again");
        if started_at.elapsed() > WELL_AFTER {
            pause = FIRST_PAUSE;
        }
        postmaster = loop {
            tokio::select! {
                () = sleep(pause) => {}
                _ = &mut stopped => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            match cluster.start().await {
                Ok(started) => break started,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "could not start PostgreSQL"
                    );
                }
            }
        };
        pid.store(postmaster.pid(), Ordering::SeqCst);
        tracing::info!(pid = postmaster.pid(), "PostgreSQL runs again");
    }
}
