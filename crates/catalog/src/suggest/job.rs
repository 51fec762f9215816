//! Counting traits as background work.

use std::time::Duration;

use jobs::{JobError, Queue, Registry, Work};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::Catalog;

/// Counts how rare the traits of films and series are, where that has changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WeighTraits;

impl Work for WeighTraits {
    const KIND: &'static str = "catalog.weigh_traits";
    /// It makes room for who plays something.
    const QUEUE: Queue = Queue::Low;
    const TIMEOUT: Duration = Duration::from_mins(30);
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Registers the work of counting.
pub fn register(registry: &mut Registry, catalog: &Catalog) -> Result<()> {
    let catalog = catalog.clone();
    registry.add::<WeighTraits, _, _>(move |_, context| {
        let catalog = catalog.clone();
        async move {
            let stopped = || Error::Internal(anyhow::anyhow!("counting was stopped"));
            let counted = catalog.count_traits(|| context.check().map_err(|_| stopped())).await;
            context.check().map_err(|_| JobError::Cancelled)?;
            if let Some(n_items) = counted? {
                context.log(format!("the traits of {n_items} items"));
            }
            Ok(())
        }
    });
    registry.every(Duration::from_mins(15), || WeighTraits)?;
    Ok(())
}
