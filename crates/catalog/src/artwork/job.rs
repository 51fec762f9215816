//! Artwork as background work.

use std::time::Duration;

use jobs::{JobError, Queue, Registry, Work};
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

    fn unique_key(&self) -> Option<String> {
        Some(self.library_id.to_string())
    }
}

/// Registers the work of making pictures.
pub fn register(registry: &mut Registry, catalog: &Catalog, artist: &Artist) {
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
            if n_made > 0 {
                catalog.announce_library(work.library_id).await;
                context.log(format!("{n_made} pictures"));
            }
            context.check().map_err(|_| JobError::Cancelled)
        }
    });
}
