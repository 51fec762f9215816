//! What a kind of work says about itself.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A piece of work that can be written down now and done later, perhaps by another node, perhaps twice: it must be
/// idempotent.
pub trait Work: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Stable name, `room.verb_noun`: it stands in the database.
    const KIND: &'static str;
    /// Who waits for it.
    const QUEUE: Queue = Queue::Default;
    /// Longer than this is a failure.
    const TIMEOUT: Duration = Duration::from_mins(5);
    /// Tries, the first included. River waits longer before each.
    const MAX_ATTEMPTS: u16 = 5;
    /// Keeps the machine busy for long: it keeps to the hours that an administrator gave such work
    /// ([`Demands::heavy_after`](crate::Demands::heavy_after)), and asks [`Context::check`](crate::Context::check) every now
    /// and then.
    const IS_HEAVY: bool = false;
    /// What there is at most one of at a time: `library` for one job a library, `server` for one in all. `None` where
    /// [`Work::unique_key`] gives none. For those who look at the list of work.
    const ONE_PER: Option<&'static str> = None;

    /// While work of this kind with the same key waits or runs, no second one is written down.
    fn unique_key(&self) -> Option<String> {
        None
    }
}

/// Which work is done first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// A person waits for it.
    High,
    /// Soon.
    #[default]
    Default,
    /// Scans, thumbnails, cleaning: whenever there is nothing better to do.
    Low,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::High, Self::Default, Self::Low];

    /// River's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Default => "default",
            Self::Low => "low",
        }
    }
}

/// One job in the database.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = i64)]
pub struct JobId(pub i64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
