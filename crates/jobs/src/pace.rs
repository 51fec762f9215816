//! How background work stands back behind those who use the server.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// What background work is asked to make room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Somebody watches or listens: of [`Queue::Low`](crate::Queue::Low) one job at a time begins on each node.
    pub is_anybody_playing: bool,
    /// Heavy work ([`Work::IS_HEAVY`](crate::Work::IS_HEAVY)) is not wanted for so long. `None` when it may run now.
    pub heavy_after: Option<Duration>,
}

/// The demands as they are now. Cheap to clone; clones are the same.
#[derive(Clone, Debug)]
pub struct Pace(Arc<watch::Sender<Demands>>);

impl Default for Pace {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Demands::default())))
    }
}

impl Pace {
    /// From now on these hold. Work that runs goes on, but for heavy work, which stops where it next asks whether it may
    /// ([`Context::check`](crate::Context::check)) and goes on when it is wanted again.
    pub fn demand(&self, demands: Demands) {
        self.0.send_if_modified(|it| std::mem::replace(it, demands) != demands);
    }

    /// What holds now.
    pub fn now(&self) -> Demands {
        *self.0.borrow()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Demands> {
        self.0.subscribe()
    }
}
