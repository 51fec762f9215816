//! Deletes originals that no row speaks of any more: posters that were replaced, pictures of items that are gone.

use std::time::{Duration, SystemTime};

use kernel::Result;

use super::store::list_unused;
use crate::Catalog;

/// A picture may be kept a while before its row is written, so what is younger stays.
const MIN_AGE: Duration = Duration::from_hours(24);

impl Catalog {
    /// Deletes them, shelf by shelf; `go_on` is asked between two and told how many are done. Returns how many were deleted.
    pub(crate) async fn delete_unused_pictures(
        &self,
        go_on: &(dyn Fn(u64) -> bool + Send + Sync),
    ) -> Result<u64> {
        let before = SystemTime::from(self.clock.now()) - MIN_AGE;
        let mut n_deleted = 0;
        for shelf in 0..=u8::MAX {
            if !go_on(n_deleted) {
                break;
            }
            let gallery = self.gallery.clone();
            let listed = tokio::task::spawn_blocking(move || gallery.list_shelf(shelf, before));
            let hashes = listed.await.map_err(anyhow::Error::from)?;
            if hashes.is_empty() {
                continue;
            }
            let unused = list_unused(&mut *self.connection().await?, &hashes).await?;
            n_deleted += unused.len() as u64;
            let gallery = self.gallery.clone();
            let deleting = tokio::task::spawn_blocking(move || gallery.delete(&unused, before));
            deleting.await.map_err(anyhow::Error::from)?;
        }
        Ok(n_deleted)
    }
}

#[cfg(test)]
mod tests {
    use crate::sample::pictures::png;
    use crate::sample::{NewItem, Sample, insert_image};

    #[tokio::test]
    async fn originals_go_a_day_after_nothing_speaks_of_them_any_more() {
        let it = Sample::start().await;
        let film = it.item(NewItem::film(it.library("Films").await, "Akira")).await;
        let mut kept = Vec::new();
        for shade in [1, 2, 3] {
            let bytes = png(4, 6, [shade, 0, 0]);
            let picture = it.catalog.gallery.keep(move || Ok(bytes)).await.expect("kept");
            kept.push(picture.expect("a picture").content_hash);
        }
        let mut db = it.catalog.connection().await.expect("a connection");
        insert_image(&mut db, film, "poster", &kept[0]).await;
        let path = |hash: &[u8]| it.catalog.gallery.path(&crate::artwork::hex(hash));
        // The clock of the test stands in the past: everything is young.
        assert_eq!(it.catalog.delete_unused_pictures(&|_| true).await.expect("looked"), 0);
        let modified = std::fs::metadata(path(&kept[1])).and_then(|it| it.modified());
        let modified = chrono::DateTime::<chrono::Utc>::from(modified.expect("its time"));
        let day = modified - it.catalog.clock.now() + chrono::Duration::hours(25);
        it.catalog.clock.advance(day.to_std().expect("a time to come"));
        let young = std::fs::File::options().write(true).open(path(&kept[2])).expect("the third");
        young.set_modified(it.catalog.clock.now().into()).expect("touched");
        assert_eq!(it.catalog.delete_unused_pictures(&|_| true).await.expect("deleted"), 1);
        let is_there: Vec<bool> = kept.iter().map(|it| path(it).exists()).collect();
        assert_eq!(is_there, [true, false, true]);
    }
}
