//! Makes the pictures of a library that are yet to be made.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

use kernel::Result;
use kernel::id::LibraryId;
use sqlx::{Connection as _, PgPool};
use uuid::Uuid;

use super::frame::Camera;
use super::gallery::{Gallery, Kept};
use super::picture::{self, MAX_BYTES, Picture};
use super::store::{
    Bare, Made, PendingPicture, list_bare, list_pending, replace_frame, update_image,
};
use crate::{library, stored_path};

/// Rows looked up at a time.
const AT_ONCE: i64 = 50;

/// Makes pictures.
#[derive(Clone, Debug)]
pub struct Artist {
    /// Connections whose `search_path` is the schema of the catalog.
    pub pool: PgPool,
    /// Where originals are kept.
    pub gallery: Gallery,
    /// For items that have no picture.
    pub camera: Camera,
}

impl Artist {
    /// Makes all that is lacking in a library; `go_on` is asked between two pictures and told how many are made. Returns that
    /// number.
    pub async fn make(
        &self,
        library: LibraryId,
        go_on: &(dyn Fn(u64) -> bool + Send + Sync),
    ) -> Result<u64> {
        let mut db = self.pool.acquire().await?;
        let (mut n_made, mut after) = (0, Uuid::nil());
        loop {
            let pending = list_pending(&mut db, library, after, AT_ONCE).await?;
            let Some(last) = pending.last() else { break };
            after = last.id.0;
            for picture in &pending {
                if !go_on(n_made) {
                    return Ok(n_made);
                }
                let made = self.look_at(picture).await?;
                update_image(&mut db, picture.id, picture.modified_ns, &made).await?;
                n_made += 1;
            }
            library::bump_generation(&mut db, library).await?;
        }
        let Some(ffmpeg) = self.camera.ffmpeg.clone() else { return Ok(n_made) };
        after = Uuid::nil();
        loop {
            let bare = list_bare(&mut db, library, after, AT_ONCE).await?;
            let Some(last) = bare.last() else { break };
            after = last.item_id.0;
            for item in &bare {
                if !go_on(n_made) {
                    return Ok(n_made);
                }
                let pictures = self.shoot(&ffmpeg, item).await?;
                let mut tx = db.begin().await?;
                for (role, made) in &pictures {
                    replace_frame(&mut tx, item, role, made).await?;
                }
                library::bump_generation(&mut tx, library).await?;
                tx.commit().await?;
                n_made += 1;
            }
        }
        Ok(n_made)
    }

    /// A picture that lies in the library, or inside one of its files.
    async fn look_at(&self, pending: &PendingPicture) -> Result<Made> {
        let root = stored_path::from_text(&pending.folder);
        let path = root.join(stored_path::from_text(&pending.path));
        let is_embedded = pending.source == "embedded";
        self.on_blocking_thread(
            move || {
                if is_embedded { read_embedded(&path) } else { read_file(&path) }
            },
        )
        .await
    }

    /// The frame of a film: as it is, and for what stands at the top cut to a poster, too. A failure is written down as the
    /// wanted picture, so that it is not tried again and again.
    async fn shoot(
        &self,
        ffmpeg: &std::path::Path,
        bare: &Bare,
    ) -> Result<Vec<(&'static str, Made)>> {
        let root = stored_path::from_text(&bare.folder);
        let path = root.join(stored_path::from_text(&bare.path));
        let wanted = if bare.is_top { "poster" } else { "thumb" };
        let frame = match self.camera.shoot(ffmpeg, &path).await {
            Ok(frame) => frame,
            Err(problem) => return Ok(vec![(wanted, failed(&problem))]),
        };
        let still = frame.clone();
        let mut pictures = vec![("thumb", self.on_blocking_thread(move || Ok(still)).await?)];
        if bare.is_top {
            let cut = move || picture::poster_of(&frame).map_err(io::Error::other);
            pictures.push(("poster", self.on_blocking_thread(cut).await?));
        }
        Ok(pictures)
    }

    /// Keeps the picture that `read` gives, if it is one.
    async fn on_blocking_thread(
        &self,
        read: impl FnOnce() -> io::Result<Vec<u8>> + Send + 'static,
    ) -> Result<Made> {
        Ok(self.gallery.keep(read).await?.map_or_else(|problem| failed(&problem), made))
    }
}

fn read_file(path: &PathBuf) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The cover inside a file, found anew: the file may have changed since the scan.
fn read_embedded(path: &PathBuf) -> io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    let probe = media::probe(&file, &path.to_string_lossy()).map_err(io::Error::other)?;
    let place = probe.cover.and_then(|it| Some((it.offset?, it.size_bytes?)));
    let (offset, size) = place.ok_or_else(|| io::Error::other("the file has no cover any more"))?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(size.min(MAX_BYTES + 1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn made(Kept { content_hash, picture }: Kept) -> Made {
    let Picture { mime, width, height, blurhash, color } = picture;
    Made {
        content_hash: Some(content_hash),
        mime: Some(mime),
        width: i32::try_from(width).ok(),
        height: i32::try_from(height).ok(),
        blurhash: Some(blurhash),
        color: Some(color),
        problem: None,
    }
}

fn failed(problem: &str) -> Made {
    Made {
        content_hash: None,
        mime: None,
        width: None,
        height: None,
        blurhash: None,
        color: None,
        problem: Some(problem.replace('\0', "")),
    }
}
