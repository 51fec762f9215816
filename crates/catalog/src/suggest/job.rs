//! Counting traits, and having a text model read, as background work.

use std::time::Duration;

use jobs::{Queue, Registry, Work};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use super::meaning::TextsRead;
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

/// Has the operator's text model read what titles are about, where it has not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadTexts;

impl Work for ReadTexts {
    const KIND: &'static str = "catalog.read_texts";
    /// It makes room for who plays something.
    const QUEUE: Queue = Queue::Low;
    /// A large library takes hours; what is left then is read by the next.
    const TIMEOUT: Duration = Duration::from_hours(12);
    const ONE_PER: Option<&'static str> = Some("server");
    const IS_HEAVY: bool = true;

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Registers the work of counting and of reading.
pub fn register(registry: &mut Registry, catalog: &Catalog) -> Result<()> {
    let reading = catalog.clone();
    registry.add::<ReadTexts, _, _>(move |_, context| {
        let catalog = reading.clone();
        async move {
            let go_on = |done, total| {
                context.progress(done, total, "");
                context.check()
            };
            match Box::pin(catalog.read_texts(go_on)).await? {
                TextsRead::NoModel | TextsRead::Read(0) => {}
                TextsRead::Unusable(why) => {
                    context.log(format!("the text model is not used: {why}"));
                }
                TextsRead::Read(n_titles) => context.log(format!("{n_titles} titles were read")),
            }
            Ok(())
        }
    });
    let catalog = catalog.clone();
    registry.add::<WeighTraits, _, _>(move |_, context| {
        let catalog = catalog.clone();
        async move {
            let stopped = || Error::Internal(anyhow::anyhow!("counting was stopped"));
            let counted = catalog.count_traits(|| context.check().map_err(|_| stopped())).await;
            context.check()?;
            if let Some(n_items) = counted? {
                context.log(format!("the traits of {n_items} items"));
            }
            Ok(())
        }
    });
    registry.every(Duration::from_mins(15), || WeighTraits)?;
    registry.every(Duration::from_mins(15), || ReadTexts)?;
    Ok(())
}
