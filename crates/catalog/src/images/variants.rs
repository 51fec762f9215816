//! The folder of sized pictures: each made once, by few threads, and the ones longest unused deleted when it is full.

use std::fs::{File, FileTimes};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use tokio::sync::Semaphore;

use super::single_flight::SingleFlight;
use super::size::{self, Format};

/// Of a full folder so much is kept.
const KEPT_PERCENT: u64 = 80;
/// A variant used again is marked so, but not more often than this.
const MARK_EVERY: Duration = Duration::from_hours(24);

/// Variants that may wait to be made later.
const MAX_QUEUED: usize = 256;

/// Sized pictures on disk. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Variants(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    max_bytes: u64,
    /// Known once the folder was counted.
    used_bytes: OnceLock<AtomicU64>,
    flights: SingleFlight,
    makers: Arc<Semaphore>,
    /// AVIF takes ten times as long: it never stands in the way of the others.
    slow_makers: Arc<Semaphore>,
    /// Places for variants to be made later.
    queue: Arc<Semaphore>,
}

/// A sized picture.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub bytes: Bytes,
    pub format: Format,
}

impl Variants {
    /// Variants kept in `folder`, about `max_bytes` of them at the most; at most `makers` are made at a time.
    pub fn new(folder: PathBuf, max_bytes: u64, makers: usize) -> Self {
        Self(Arc::new(Inner {
            folder,
            max_bytes,
            used_bytes: OnceLock::new(),
            flights: SingleFlight::default(),
            makers: Arc::new(Semaphore::new(makers.max(1))),
            slow_makers: Arc::new(Semaphore::new(1)),
            queue: Arc::new(Semaphore::new(MAX_QUEUED)),
        }))
    }

    /// The picture with this content, `width` wide: from the folder, or made of `original` now.
    pub(super) async fn get(
        &self,
        hash: &str,
        original: &Path,
        width: u32,
        wish: Format,
    ) -> Result<Variant> {
        if let Some(found) = self.find(hash, width, wish).await {
            return Ok(found);
        }
        let _turn = self.0.flights.turn(&format!("{hash}-{width}-{}", wish.ending())).await;
        if let Some(found) = self.find(hash, width, wish).await {
            return Ok(found);
        }
        let makers = if wish == Format::Avif { &self.0.slow_makers } else { &self.0.makers };
        let permit = Arc::clone(makers).acquire_owned().await?;
        let (this, hash, original) = (self.clone(), hash.to_owned(), original.to_owned());
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            this.make(&hash, &original, width, wish)
        })
        .await?
    }

    /// Whether this variant is there already.
    pub(super) async fn has(&self, hash: &str, width: u32, format: Format) -> bool {
        tokio::fs::try_exists(self.path(hash, width, format)).await.unwrap_or(false)
    }

    /// Makes a variant while nobody waits for it. Where many wait to be made already it is left to the next who asks.
    pub(super) fn make_later(&self, hash: &str, original: PathBuf, width: u32, wish: Format) {
        let Ok(place) = Arc::clone(&self.0.queue).try_acquire_owned() else { return };
        let (this, hash) = (self.clone(), hash.to_owned());
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = this.get(&hash, &original, width, wish).await {
                tracing::warn!(error = format!("{error:#}"), "image.variant_not_made");
            }
        });
    }

    async fn find(&self, hash: &str, width: u32, wish: Format) -> Option<Variant> {
        for format in wish.answers() {
            let path = self.path(hash, width, *format);
            if let Ok(bytes) = tokio::fs::read(&path).await {
                tokio::task::spawn_blocking(move || mark_used(&path));
                return Some(Variant { bytes: bytes.into(), format: *format });
            }
        }
        None
    }

    fn make(&self, hash: &str, original: &Path, width: u32, wish: Format) -> Result<Variant> {
        let bytes =
            std::fs::read(original).with_context(|| format!("reading {}", original.display()))?;
        let made = size::resized(&bytes, width, wish)
            .with_context(|| format!("resizing {}", original.display()))?;
        let path = self.path(hash, width, made.format);
        // A full or read-only disk costs time with every request, but shows the picture.
        if let Err(error) = self.keep(&path, &made.bytes) {
            tracing::warn!(path = %path.display(), error = format!("{error:#}"), "image.variant_not_kept");
        }
        Ok(Variant { bytes: made.bytes.into(), format: made.format })
    }

    /// Writes beside and renames, so that nobody reads half a picture.
    fn keep(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let folder = path.parent().context("a variant lies in a folder")?;
        std::fs::create_dir_all(folder)?;
        let beside = path.with_extension("part");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(&beside, path)?;
        let used = self.0.used_bytes.get_or_init(|| AtomicU64::new(total(&listed(&self.0.folder))));
        let used = used.fetch_add(bytes.len() as u64, Ordering::Relaxed) + bytes.len() as u64;
        if used > self.0.max_bytes {
            self.shrink();
        }
        Ok(())
    }

    /// Deletes the variants longest unused until there is room again.
    fn shrink(&self) {
        let mut files = listed(&self.0.folder);
        files.sort_unstable_by_key(|it| it.used_at);
        let mut used = total(&files);
        let kept = self.0.max_bytes / 100 * KEPT_PERCENT;
        for file in files {
            if used <= kept {
                break;
            }
            if std::fs::remove_file(&file.path).is_ok() {
                used -= file.size;
            }
        }
        if let Some(count) = self.0.used_bytes.get() {
            count.store(used, Ordering::Relaxed);
        }
    }

    fn path(&self, hash: &str, width: u32, format: Format) -> PathBuf {
        let shelf = hash.get(..2).unwrap_or(hash);
        self.0.folder.join(shelf).join(format!("{hash}-{width}.{}", format.ending()))
    }
}

struct Listed {
    path: PathBuf,
    size: u64,
    used_at: SystemTime,
}

/// The files two levels down.
fn listed(folder: &Path) -> Vec<Listed> {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let shelves = entries(folder).map(|it| it.path());
    let files = shelves.flat_map(|shelf| entries(&shelf));
    let listed = files.filter_map(|entry| {
        let found = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(Listed { path: entry.path(), size: found.len(), used_at: found.modified().ok()? })
    });
    listed.collect()
}

fn total(files: &[Listed]) -> u64 {
    files.iter().map(|it| it.size).sum()
}

/// Notes in the file's own time that it was used; that is all the bookkeeping there is.
fn mark_used(path: &Path) {
    let Ok(file) = File::options().append(true).open(path) else { return };
    let now = SystemTime::now();
    let used_at = file.metadata().and_then(|it| it.modified()).unwrap_or(now);
    if now.duration_since(used_at).is_ok_and(|it| it > MARK_EVERY) {
        let _ = file.set_times(FileTimes::new().set_modified(now));
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, Rgb, RgbImage};

    use super::*;

    #[tokio::test]
    async fn the_folder_stays_within_its_bound() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let original = folder.path().join("original.png");
        let noise =
            RgbImage::from_fn(320, 320, |x, y| Rgb([(x * y) as u8, (x ^ y) as u8, (x + y) as u8]));
        DynamicImage::ImageRgb8(noise).save(&original).expect("a PNG");
        let kept = folder.path().join("kept");
        let one = Variants::new(kept.clone(), u64::MAX, 1);
        let size =
            one.get("aa", &original, 160, Format::Jpeg).await.expect("made").bytes.len() as u64;

        let few = Variants::new(kept.clone(), size * 3, 1);
        for hash in ["ab", "ac", "ad", "ae", "af"] {
            few.get(hash, &original, 160, Format::Jpeg).await.expect("made");
            assert!(total(&listed(&kept)) <= size * 3);
        }
        assert!(
            listed(&kept).iter().any(|it| it.path.ends_with("af/af-160.jpg")),
            "the newest is kept"
        );
    }

    #[tokio::test]
    async fn what_is_kept_is_not_made_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let original = folder.path().join("original.png");
        DynamicImage::ImageRgb8(RgbImage::new(320, 320)).save(&original).expect("a PNG");
        let variants = Variants::new(folder.path().join("kept"), u64::MAX, 1);
        let made = variants.get("aa", &original, 160, Format::WebP).await.expect("made");
        std::fs::remove_file(&original).expect("gone");
        assert_eq!(
            variants.get("aa", &original, 160, Format::WebP).await.expect("kept").bytes,
            made.bytes
        );
        assert!(variants.get("aa", &original, 320, Format::WebP).await.is_err());
    }
}
