//! Artwork as background work.

use std::time::Duration;

use jobs::{Queue, Registry, Work};
use kernel::Result;
use kernel::id::LibraryId;
use serde::{Deserialize, Serialize};

use super::Artist;
use crate::Catalog;

/// Makes the pictures that a library lacks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MakeArtwork {
    /// Which.
    pub library_id: LibraryId,
}

impl Work for MakeArtwork {
    const KIND: &'static str = "catalog.make_artwork";
    const QUEUE: Queue = Queue::Low;
    /// A frame takes about a second, and libraries have thousands of films.
    const TIMEOUT: Duration = Duration::from_hours(12);
    const MAX_ATTEMPTS: u16 = 3;
    const ONE_PER: Option<&'static str> = Some("library");

    fn unique_key(&self) -> Option<String> {
        Some(self.library_id.to_string())
    }
}

/// Fetches the pictures of providers that pages show. Put it on the queue in the transaction that wrote their rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FetchArtwork;

impl Work for FetchArtwork {
    const KIND: &'static str = "catalog.fetch_artwork";
    const QUEUE: Queue = Queue::Low;
    /// Thousands of pictures, politely asked for. What is here when the time is over stays.
    const TIMEOUT: Duration = Duration::from_hours(12);
    const MAX_ATTEMPTS: u16 = 3;
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Deletes originals that nothing speaks of any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeleteUnusedPictures;

impl Work for DeleteUnusedPictures {
    const KIND: &'static str = "catalog.delete_unused_pictures";
    const QUEUE: Queue = Queue::Low;
    const TIMEOUT: Duration = Duration::from_hours(1);
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Pictures that failed are looked at again so often; each says itself when it is due.
const FETCH_EVERY: Duration = Duration::from_mins(10);

/// Registers the work of making and fetching pictures.
pub fn register(registry: &mut Registry, catalog: &Catalog, artist: &Artist) -> Result<()> {
    let with = catalog.clone();
    registry.add::<FetchArtwork, _, _>(move |_, context| {
        let catalog = with.clone();
        async move {
            let watching = context.clone();
            let go_on = move |n_fetched| {
                watching.progress(n_fetched, 0, "pictures");
                watching.check().is_ok()
            };
            let n_fetched = catalog.fetch_due_images(&go_on).await?;
            if n_fetched > 0 {
                context.log(format!("{n_fetched} pictures"));
            }
            context.check()
        }
    });
    registry.every(FETCH_EVERY, || FetchArtwork)?;
    let with = catalog.clone();
    registry.add::<DeleteUnusedPictures, _, _>(move |_, context| {
        let catalog = with.clone();
        async move {
            let watching = context.clone();
            let go_on = move |n_deleted| {
                watching.progress(n_deleted, 0, "pictures");
                watching.check().is_ok()
            };
            let n_deleted = catalog.delete_unused_pictures(&go_on).await?;
            context.log(format!("{n_deleted} pictures that nothing showed any more"));
            context.check()
        }
    });
    registry.every(Duration::from_hours(24), || DeleteUnusedPictures)?;
    let (catalog, artist) = (catalog.clone(), artist.clone());
    registry.add::<MakeArtwork, _, _>(move |work, context| {
        let (catalog, artist) = (catalog.clone(), artist.clone());
        async move {
            let watching = context.clone();
            let go_on = move |n_made| {
                watching.progress(n_made, 0, "pictures");
                watching.check().is_ok()
            };
            let n_made = artist.make(work.library_id, &go_on).await?;
            // What providers offered in the meantime does not wait for its own round.
            let n_fetched = catalog.fetch_due_images(&|n| go_on(n_made + n)).await?;
            if n_made > 0 {
                catalog.announce_library(work.library_id).await;
            }
            context.log(format!("{n_made} pictures made, {n_fetched} fetched"));
            context.check()
        }
    });
    Ok(())
}
