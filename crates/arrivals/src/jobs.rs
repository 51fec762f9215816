//! Importing as background work.

use std::time::Duration;

use ::jobs::{Queue, Registry, Work};
use catalog::arrival::ArrivalId;
use kernel::Result;
use serde::{Deserialize, Serialize};

use crate::Arrivals;

/// Does one stage of an import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportHousehold {
    /// Which import.
    pub import_id: ArrivalId,
    /// What is to be done.
    pub stage: Stage,
}

/// A stage of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The other server is read, and what it has looked for here.
    Read,
    /// It is looked for again.
    Check,
    /// It is written.
    Bring,
}

impl Work for ImportHousehold {
    const KIND: &'static str = "arrivals.import_household";
    /// An administrator waits for it.
    const QUEUE: Queue = Queue::High;
    /// Large households on slow machines, asked over the network.
    const TIMEOUT: Duration = Duration::from_hours(6);
    const MAX_ATTEMPTS: u16 = 3;
}

/// Registers it.
pub fn register(registry: &mut Registry, arrivals: &Arrivals) -> Result<()> {
    let arrivals = arrivals.clone();
    registry.add::<ImportHousehold, _, _>(move |work, context| {
        let arrivals = arrivals.clone();
        async move { arrivals.work(&work, &context).await }
    });
    Ok(())
}
