//! A run: what one child makes, and those who wait for parts of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kernel::{Error, Result};
use media::transcode::Made;
use tokio::sync::{Notify, watch};

use crate::films::again;

/// A child whose parts nobody waits for any longer may go on this long: a player that changes its mind asks again at
/// once.
const GRACE: Duration = Duration::from_secs(2);

/// What became of a part, for all who want it.
pub(super) type Outcome = Result<Arc<Made>, Arc<Error>>;

/// How far a run is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// What a decoder needs before any part.
    pub beginning: Option<Arc<Vec<u8>>>,
    /// By their place in the run.
    pub parts: Vec<Option<Outcome>>,
    /// Nothing more comes; if something should have, why not.
    pub end: Option<Result<(), Arc<Error>>>,
}

/// A child that runs or waits for its place.
#[derive(Debug)]
pub(super) struct Run {
    progress: watch::Sender<Progress>,
    /// Whoever wanted it watches something else now.
    is_unwanted: AtomicBool,
    changed: Notify,
}

/// Somebody who waits, for whom the run goes on.
#[derive(Debug)]
pub(super) struct Waiter(watch::Receiver<Progress>);

impl Run {
    pub fn new(n_parts: usize) -> Self {
        let progress = Progress { parts: vec![None; n_parts], ..Progress::default() };
        Self {
            progress: watch::Sender::new(progress),
            is_unwanted: AtomicBool::new(false),
            changed: Notify::new(),
        }
    }

    /// Waits with the others. To be called where nobody can end the run at the same time.
    pub fn join(&self) -> Waiter {
        self.is_unwanted.store(false, Ordering::Relaxed);
        Waiter(self.progress.subscribe())
    }

    /// Whether nobody waits.
    pub fn is_deserted(&self) -> bool {
        self.progress.receiver_count() == 0
    }

    /// Ends without grace as soon as nobody waits.
    pub fn unwant(&self) {
        self.is_unwanted.store(true, Ordering::Relaxed);
        self.changed.notify_one();
    }

    /// Tells all who wait.
    pub fn publish(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }

    /// Whether a part has come already.
    pub fn has(&self, place: usize) -> bool {
        self.progress.borrow().parts.get(place).is_some_and(Option::is_some)
    }

    /// Whether what a decoder needs before any part has come.
    pub fn has_beginning(&self) -> bool {
        self.progress.borrow().beginning.is_some()
    }

    /// Whether all parts have come, and none of them failed.
    pub fn is_whole(&self) -> bool {
        self.progress.borrow().parts.iter().all(|it| matches!(it, Some(Ok(_))))
    }

    /// Whether all parts have come.
    pub fn has_all(&self) -> bool {
        self.progress.borrow().parts.iter().all(Option::is_some)
    }

    /// Comes when nobody has waited for some time.
    pub async fn deserted(&self) {
        loop {
            self.progress.closed().await;
            if !self.is_unwanted.load(Ordering::Relaxed) {
                tokio::select! {
                    () = tokio::time::sleep(GRACE) => {}
                    () = self.changed.notified() => {}
                }
            }
            if self.is_deserted() {
                return;
            }
        }
    }
}

impl Waiter {
    /// The part at this place.
    pub async fn part(&mut self, place: usize) -> Result<Arc<Made>> {
        let has_come = |it: &Progress| matches!(it.parts.get(place), Some(Some(_)));
        let progress = self.0.wait_for(|it| has_come(it) || it.end.is_some()).await;
        let progress = progress.map_err(|_| gone())?;
        match (progress.parts.get(place), &progress.end) {
            (Some(Some(Ok(made))), _) => Ok(Arc::clone(made)),
            (Some(Some(Err(error))), _) | (_, Some(Err(error))) => Err(again(error)),
            _ => Err(gone()),
        }
    }

    /// What a decoder needs before any part.
    pub async fn beginning(&mut self) -> Result<Arc<Vec<u8>>> {
        let progress = self.0.wait_for(|it| it.beginning.is_some() || it.end.is_some()).await;
        let progress = progress.map_err(|_| gone())?;
        match (&progress.beginning, &progress.end) {
            (Some(beginning), _) => Ok(Arc::clone(beginning)),
            (None, Some(Err(error))) => Err(again(error)),
            (None, _) => Err(gone()),
        }
    }

    /// Stays until nothing more comes.
    pub async fn stay(mut self) {
        let _ = self.0.wait_for(|it| it.end.is_some()).await;
    }
}

fn gone() -> Error {
    Error::Internal(anyhow::anyhow!("the maker of a part went away"))
}
