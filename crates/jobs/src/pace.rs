//! How background work stands back behind those who use the server.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::JobId;

/// What background work is asked to make room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Somebody watches or listens: of [`Queue::Low`](crate::Queue::Low) one job at a time runs on each node.
    pub is_anybody_playing: bool,
    /// Heavy work ([`Work::IS_HEAVY`](crate::Work::IS_HEAVY)) is not wanted for so long. `None` when it may run now.
    pub heavy_after: Option<Duration>,
}

/// The demands as they are now. Cheap to clone; clones are the same.
#[derive(Clone, Debug)]
pub struct Pace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    demands: watch::Sender<Demands>,
    /// What runs of the low queue, in the order in which it began.
    low: Mutex<Vec<JobId>>,
}

impl Default for Pace {
    fn default() -> Self {
        let demands = watch::Sender::new(Demands::default());
        Self(Arc::new(Inner { demands, low: Mutex::default() }))
    }
}

impl Pace {
    /// From now on these hold. Work that is to make room stops where it next asks whether it may
    /// ([`Context::check`](crate::Context::check)) and goes on when it is wanted again: heavy work, and while somebody
    /// plays all of the low queue but what began first. Other work that runs goes on.
    pub fn demand(&self, demands: Demands) {
        self.0.demands.send_if_modified(|it| std::mem::replace(it, demands) != demands);
    }

    /// What holds now.
    pub fn now(&self) -> Demands {
        *self.0.demands.borrow()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Demands> {
        self.0.demands.subscribe()
    }

    /// What runs of the low queue, in the order in which it began.
    pub(crate) fn low(&self) -> MutexGuard<'_, Vec<JobId>> {
        self.0.low.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this job runs beside another one of the low queue that began before it, while somebody plays.
    pub(crate) fn is_one_too_many(&self, job: JobId) -> bool {
        self.now().is_anybody_playing && self.low().iter().skip(1).any(|it| *it == job)
    }
}
