//! Originals and backups: which nobody could fetch or make again, and what is to be made again where one is not there.

use std::collections::BTreeSet;
use std::path::Path;

use kernel::Result;
use kernel::id::LibraryId;
use sqlx::PgConnection;

use super::gallery::{hex, place};
use super::store::lost::{
    forget_images_unscoped, has_chosen_images, list_chosen_hashes_unscoped, list_hashes_unscoped,
};
use crate::library::list_library_ids_unscoped;

/// Rows looked at at a time.
const BATCH: i64 = 2000;

/// The originals that people chose or gave, by SHA-256 in hexadecimal digits, of the schema that `db` looks names up in; none
/// where that is older than such pictures.
pub async fn list_irreplaceable_unscoped(db: &mut PgConnection) -> Result<BTreeSet<String>> {
    if !has_chosen_images(db).await? {
        return Ok(BTreeSet::new());
    }
    let mut hashes = BTreeSet::new();
    let mut after = Vec::new();
    loop {
        let listed = list_chosen_hashes_unscoped(db, &after, BATCH).await?;
        let Some(last) = listed.last() else { return Ok(hashes) };
        after.clone_from(last);
        hashes.extend(listed.iter().map(|it| hex(it)));
    }
}

/// Forgets what is known of originals that are not in the folder `artwork`, in the schema that `db` looks names up in, so that
/// they are fetched or made again. Returns how many rows that are, and the libraries whose pictures are to be made.
pub async fn forget_lost_unscoped(
    db: &mut PgConnection,
    artwork: &Path,
) -> Result<(u64, Vec<LibraryId>)> {
    let mut after = Vec::new();
    let mut n_forgotten = 0;
    loop {
        let hashes = list_hashes_unscoped(db, &after, BATCH).await?;
        let Some(last) = hashes.last() else { break };
        after.clone_from(last);
        let artwork = artwork.to_owned();
        let lost = tokio::task::spawn_blocking(move || {
            let is_lost = |it: &Vec<u8>| !place(&artwork, &hex(it)).exists();
            hashes.into_iter().filter(is_lost).collect::<Vec<_>>()
        });
        let lost = lost.await.map_err(anyhow::Error::from)?;
        if !lost.is_empty() {
            n_forgotten += forget_images_unscoped(db, &lost).await?;
        }
    }
    Ok((n_forgotten, list_library_ids_unscoped(db).await?))
}

#[cfg(test)]
mod tests {
    use super::hex;
    use crate::sample::pictures::png;
    use crate::sample::{NewItem, Sample, insert_image};

    #[tokio::test]
    async fn what_is_not_in_the_folder_is_to_be_made_again() {
        let it = Sample::start().await;
        let film = it.item(NewItem::film(it.library("Films").await, "Akira")).await;
        let kept = it.catalog.gallery.keep(|| Ok(png(4, 6, [1, 0, 0]))).await.expect("kept");
        let kept = kept.expect("a picture").content_hash;
        let mut db = it.catalog.connection().await.expect("a connection");
        insert_image(&mut db, film, "poster", &kept).await;
        insert_image(&mut db, film, "backdrop", &[7; 32]).await;
        let shelf = it.catalog.gallery.path(&hex(&kept));
        let artwork = shelf.ancestors().nth(2).expect("the folder of all shelves").to_owned();
        let forget = async || {
            let mut db = it.catalog.connection().await.expect("a connection");
            super::forget_lost_unscoped(&mut db, &artwork).await.expect("looked")
        };
        let (n_forgotten, libraries) = forget().await;
        assert_eq!((n_forgotten, libraries.len()), (1, 1));
        let (again, _) = forget().await;
        assert_eq!(again, 0, "nothing is forgotten twice");
    }
}
