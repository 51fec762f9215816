//! One running server process: started, adopted, watched, stopped.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::process::Child;
use tokio::time::{Instant, sleep};

use super::pid_file::{PidFile, State};
use super::settings::settings;
use super::{Cluster, Place};
use crate::{Error, Result};

/// How often a process that is not our child, or a file that somebody else writes, is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Replaying the log after a crash may take long on a slow disk; without the end in sight we rather say so.
const READY_TIMEOUT: Duration = Duration::from_mins(10);
/// After a crash the old server's children need a moment to see that it is gone; until then they hold the shared memory.
const ORPHANS_TIMEOUT: Duration = Duration::from_secs(15);
/// A fast shutdown writes what is in memory; after this it is cut short, and the next start replays the log.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// An immediate shutdown has nothing to write.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);
/// The log is begun anew, one old one kept, when it is larger than this at a start.
const LOG_MAX_BYTES: u64 = 4 * 1024 * 1024;
/// How much of the log's end goes into an error.
const LOG_TAIL_BYTES: usize = 2000;

/// A server process on our folder.
#[derive(Debug)]
pub struct Postmaster {
    pid: Pid,
    place: Place,
    /// None for one we found running.
    child: Option<Child>,
}

impl Cluster {
    /// Adopts the server that a crash of ours left running, or starts one; returns when it takes connections.
    pub async fn start(&self) -> Result<Postmaster> {
        if let Some(running) = self.running()
            && let Some(adopted) = self.adopt(running).await
        {
            return Ok(adopted);
        }
        let give_up_at = Instant::now() + ORPHANS_TIMEOUT;
        loop {
            match self.start_new().await {
                Err(Error::Program { output, .. })
                    if output.contains("pre-existing shared memory block")
                        && Instant::now() < give_up_at =>
                {
                    sleep(LOOK_EVERY * 5).await;
                }
                other => return other,
            }
        }
    }

    pub(super) fn running(&self) -> Option<Postmaster> {
        let file = PidFile::read(&self.place.data).filter(|it| it.is_alive(&self.place.data))?;
        Some(Postmaster { pid: file.pid, place: self.place.clone(), child: None })
    }

    /// None when the one that runs is on its way out, or was sent there.
    async fn adopt(&self, mut running: Postmaster) -> Option<Postmaster> {
        while let Some(file) = running.file() {
            match file.state {
                // It listens where an earlier program wanted it: stop it, to start one that listens where we connect.
                _ if file.socket.as_ref().is_some_and(|it| *it != self.place.socket) => {
                    running.stop().await;
                    return None;
                }
                State::Ready => {
                    tracing::info!(pid = running.pid(), "adopted the running PostgreSQL");
                    return Some(running);
                }
                State::Starting => sleep(LOOK_EVERY).await,
                State::Stopping => {
                    running.exited().await;
                    return None;
                }
            }
        }
        None
    }

    async fn start_new(&self) -> Result<Postmaster> {
        // Nothing lives here, as the lock and the look at the process say: what these files tell is of the dead.
        for stale in [
            PidFile::path(&self.place.data),
            self.place.socket_file(),
            self.place.socket_file().with_added_extension("lock"),
        ] {
            match std::fs::remove_file(&stale) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::files("delete", stale, error));
                }
                _ => {}
            }
        }
        let (log, log_start) = open_log(&self.place)?;
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.place.data);
        for setting in settings(&self.place, self.durability) {
            command.arg("-c").arg(setting);
        }
        if self.is_read_only {
            command.arg("-c").arg("default_transaction_read_only=on");
        }
        let second =
            log.try_clone().map_err(|error| Error::files("open", &self.place.log, error))?;
        command.stdout(Stdio::from(second)).stderr(Stdio::from(log));
        let child = command
            .spawn()
            .map_err(|error| Error::files("run", self.binaries.program("postgres"), error))?;
        let pid = child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .expect("a child that was not waited for has an id");
        let mut started = Postmaster { pid, place: self.place.clone(), child: Some(child) };
        started.ready(log_start).await?;
        Ok(started)
    }
}

impl Postmaster {
    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Waits until a server we started takes connections; reports the log's end if it gives up.
    async fn ready(&mut self, log_start: u64) -> Result<()> {
        let ready = async |place: &Place, pid: Pid| {
            while PidFile::read(&place.data)
                .is_none_or(|it| it.pid != pid || it.state != State::Ready)
            {
                sleep(LOOK_EVERY).await;
            }
        };
        let place = self.place.clone();
        let pid = self.pid;
        tokio::select! {
            () = ready(&place, pid) => Ok(()),
            _ = self.exited() => {
                let output = log_tail(&place, log_start);
                Err(Error::program("postgres", &place.folder, output))
            }
            () = sleep(READY_TIMEOUT) => {
                self.signal(Signal::QUIT);
                Err(Error::NotReady { seconds: READY_TIMEOUT.as_secs(), log: place.log })
            }
        }
    }

    /// Returns when the process is gone, with how it went where we can know.
    pub async fn exited(&mut self) -> String {
        if let Some(child) = &mut self.child {
            return match child.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            };
        }
        while self.file().is_some() || self.is_alive() {
            sleep(LOOK_EVERY * 5).await;
        }
        "gone".to_owned()
    }

    /// Ends it: sessions are broken off, what is in memory is written, the children end. A server that does not end in
    /// time is cut short; nothing committed is lost then either, the next start only takes longer.
    pub async fn stop(mut self) {
        for (signal, within) in [
            (Signal::INT, STOP_TIMEOUT),
            (Signal::QUIT, QUIT_TIMEOUT),
            (Signal::KILL, QUIT_TIMEOUT),
        ] {
            self.signal(signal);
            if tokio::time::timeout(within, self.exited()).await.is_ok() {
                return;
            }
            tracing::warn!(pid = self.pid(), within = ?within, "PostgreSQL did not end in time");
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        if self.is_alive() && rustix::process::kill_process(self.pid, signal).is_err() {
            tracing::warn!(pid = self.pid(), "could not signal PostgreSQL");
        }
    }

    fn is_alive(&self) -> bool {
        let file = PidFile { pid: self.pid, socket: None, state: State::Ready };
        file.is_alive(&self.place.data)
    }

    /// What this process last wrote about itself.
    fn file(&self) -> Option<PidFile> {
        let file = PidFile::read(&self.place.data)?;
        (file.pid == self.pid && file.is_alive(&self.place.data)).then_some(file)
    }
}

/// The log, opened for appending, and where this start's part of it begins.
fn open_log(place: &Place) -> Result<(File, u64)> {
    let failed = |error| Error::files("open", &place.log, error);
    if place.log.metadata().is_ok_and(|it| it.len() > LOG_MAX_BYTES) {
        std::fs::rename(&place.log, place.log.with_extension("old.log")).map_err(failed)?;
    }
    let log = File::options().create(true).append(true).open(&place.log).map_err(failed)?;
    let start = log.metadata().map_err(failed)?.len();
    Ok((log, start))
}

fn log_tail(place: &Place, start: u64) -> String {
    let read = || -> std::io::Result<String> {
        let mut log = File::open(&place.log)?;
        log.seek(SeekFrom::Start(start))?;
        let mut printed = Vec::new();
        log.read_to_end(&mut printed)?;
        let tail = &printed[printed.len().saturating_sub(LOG_TAIL_BYTES)..];
        Ok(String::from_utf8_lossy(tail).trim().to_owned())
    };
    read().unwrap_or_else(|error| format!("its log cannot be read: {error}"))
}
