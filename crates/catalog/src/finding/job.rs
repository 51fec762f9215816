//! Keeping the search index true as background work.

use std::time::Duration;

use jobs::{Queue, Registry, Work};
use kernel::Result;
use serde::{Deserialize, Serialize};

use crate::Catalog;

/// Brings the search index up to date with what changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedSearch;

impl Work for FeedSearch {
    const KIND: &'static str = "catalog.feed_search";
    const QUEUE: Queue = Queue::Default;
    /// After the first scan of a large library, or where the index is to be made anew, everything is fed.
    const TIMEOUT: Duration = Duration::from_hours(1);
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Compares the search index with the database, and has brought again what differs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckSearch;

impl Work for CheckSearch {
    const KIND: &'static str = "catalog.check_search";
    const QUEUE: Queue = Queue::Low;
    /// Reads all that is found, which is some minutes for a million items.
    const TIMEOUT: Duration = Duration::from_hours(1);
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Registers the work of feeding and of checking.
pub fn register(registry: &mut Registry, catalog: &Catalog) -> Result<()> {
    let checked = catalog.clone();
    registry.add::<CheckSearch, _, _>(move |_, context| {
        let catalog = checked.clone();
        async move {
            if catalog.is_index_of_another_form().await? {
                context.log("the index is yet to be made anew");
                return Ok(());
            }
            let go_on = |done, total| {
                context.progress(done, total, "");
                context.check()
            };
            let drift = Box::pin(catalog.check_search(go_on)).await?;
            context.log(format!(
                "{} documents: {} were missing, {} different, {} too many",
                drift.compared, drift.missing, drift.different, drift.extra
            ));
            Ok(())
        }
    });
    let catalog = catalog.clone();
    registry.add::<FeedSearch, _, _>(move |_, context| {
        let catalog = catalog.clone();
        async move {
            if catalog.is_index_of_another_form().await? || catalog.has_new_rarity().await? {
                let n_documents = catalog.rebuild_search().await?;
                context.log(format!("{n_documents} documents in a new index"));
            }
            loop {
                context.check()?;
                if catalog.feed_search().await? == 0 {
                    return Ok(());
                }
            }
        }
    });
    // Whatever changes asks for it; what was committed in the moment in which one ended waits for this.
    registry.every(Duration::from_mins(5), || FeedSearch)?;
    registry.every(Duration::from_hours(24), || CheckSearch)?;
    Ok(())
}
