//! Answers kept on disk, bounded in bytes and age.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use xxhash_rust::xxh3::xxh3_128;

/// Full, it is emptied to this part, so that it is not emptied at every entry.
const KEPT_WHEN_FULL: f64 = 0.8;
/// The description before the body of an entry is never longer.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Answers kept on disk. Cheap to clone; clones share the folder and its count.
///
/// An entry is a file of its own, written beside and renamed: a crash leaves the old one or the new one. What cannot be read
/// is as if it were not there; what cannot be written is not kept.
#[derive(Clone, Debug)]
pub struct DiskCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    max_bytes: u64,
    max_age: TimeDelta,
    clock: Clock,
    /// Bytes in the folder; unknown until it is counted.
    used_bytes: Mutex<Option<u64>>,
    n_written: AtomicU64,
}

/// An answer that was kept.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub head: Head,
    pub body: Bytes,
}

/// What is known of a kept answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The whole key: two keys may have one hash.
    pub key: String,
    /// When it was asked for or confirmed.
    pub fetched_at: DateTime<Utc>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

impl DiskCache {
    /// Keeps at most `max_bytes` in `folder`, none older than `max_age`.
    pub fn new(folder: PathBuf, max_bytes: u64, max_age: TimeDelta, clock: Clock) -> Self {
        let (used_bytes, n_written) = (Mutex::new(None), AtomicU64::new(0));
        Self(Arc::new(Inner { folder, max_bytes, max_age, clock, used_bytes, n_written }))
    }

    pub(crate) async fn get(&self, key: &str) -> Option<Entry> {
        let (inner, key) = (Arc::clone(&self.0), key.to_owned());
        spawn_blocking(move || inner.read(&key)).await.ok().flatten()
    }

    pub(crate) async fn put(&self, entry: Entry) {
        let inner = Arc::clone(&self.0);
        let written = spawn_blocking(move || inner.write(&entry)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(error = %error, "outbound.cache_unwritable");
        }
    }
}

impl Inner {
    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{:032x}", xxh3_128(key.as_bytes())))
    }

    fn read(&self, key: &str) -> Option<Entry> {
        let path = self.path(key);
        let bytes = Bytes::from(std::fs::read(&path).ok()?);
        let end = bytes.iter().take(MAX_HEAD_BYTES).position(|it| *it == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let is_old = self.clock.now() - head.fetched_at > self.max_age;
        (head.key == key && !is_old).then(|| Entry { head, body: bytes.slice(end + 1..) })
    }

    fn write(&self, entry: &Entry) -> std::io::Result<()> {
        let mut bytes = serde_json::to_vec(&entry.head)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&entry.body);
        let n_bytes = bytes.len() as u64;
        // One answer that would push out all others is not worth keeping.
        if n_bytes > self.max_bytes / 4 {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        let path = self.path(&entry.head.key);
        let mut used = self.used_bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let old_bytes = std::fs::metadata(&path).map_or(0, |it| it.len());
        let before = match *used {
            Some(bytes) => bytes,
            None => total(&list(&self.folder)?),
        };
        // Of its own for each writer: another process may write the same entry.
        let number = self.n_written.fetch_add(1, Ordering::Relaxed);
        let beside = path.with_extension(format!("{}-{number}", std::process::id()));
        std::fs::write(&beside, &bytes)?;
        std::fs::rename(&beside, &path)?;
        let after = before.saturating_sub(old_bytes) + n_bytes;
        *used = Some(if after > self.max_bytes { self.make_room(&path)? } else { after });
        Ok(())
    }

    /// Deletes the oldest but `newest` until there is room again; returns what is left.
    fn make_room(&self, newest: &Path) -> std::io::Result<u64> {
        let mut files = list(&self.folder)?;
        files.sort_by_key(|it| it.written_at);
        let mut left = total(&files);
        for file in files.into_iter().filter(|it| it.path != newest) {
            if left as f64 <= self.max_bytes as f64 * KEPT_WHEN_FULL {
                break;
            }
            std::fs::remove_file(&file.path)?;
            left = left.saturating_sub(file.n_bytes);
        }
        Ok(left)
    }
}

struct File {
    path: PathBuf,
    n_bytes: u64,
    written_at: std::time::SystemTime,
}

fn list(folder: &Path) -> std::io::Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // One that another process deleted meanwhile.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_file() {
            let written_at = metadata.modified().unwrap_or(std::time::UNIX_EPOCH);
            files.push(File { path: entry.path(), n_bytes: metadata.len(), written_at });
        }
    }
    Ok(files)
}

fn total(files: &[File]) -> u64 {
    files.iter().map(|it| it.n_bytes).sum()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn entry(key: &str, n_bytes: usize, clock: &Clock) -> Entry {
        let key = key.to_owned();
        let head = Head { key, fetched_at: clock.now(), etag: None, last_modified: None };
        Entry { head, body: vec![b'x'; n_bytes].into() }
    }

    #[tokio::test]
    async fn an_answer_is_kept_until_it_is_too_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let path = folder.path().join("cache");
        let cache = DiskCache::new(path.clone(), 10_000, TimeDelta::hours(1), clock.clone());
        assert!(cache.get("a").await.is_none());
        cache.put(entry("a", 10, &clock)).await;
        assert_eq!(cache.get("a").await.map(|it| it.body.len()), Some(10));
        let reopened = DiskCache::new(path.clone(), 10_000, TimeDelta::hours(1), clock.clone());
        assert!(reopened.get("a").await.is_some());
        clock.advance(Duration::from_secs(3601));
        assert!(cache.get("a").await.is_none());
        for file in std::fs::read_dir(&path).expect("listed").flatten() {
            std::fs::write(file.path(), "no entry").expect("written");
        }
        assert!(reopened.get("a").await.is_none(), "what cannot be read is not there");
    }

    #[tokio::test]
    async fn the_folder_never_holds_more_than_it_may() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let cache =
            DiskCache::new(folder.path().into(), 10_000, TimeDelta::hours(1), clock.clone());
        for number in 0..40 {
            cache.put(entry(&format!("key {number}"), 1_000, &clock)).await;
            assert!(total(&list(folder.path()).expect("listed")) <= 10_000);
        }
        assert!(cache.get("key 39").await.is_some());
        cache.put(entry("huge", 9_000, &clock)).await;
        assert!(cache.get("huge").await.is_none(), "one answer pushes out no others");
        assert!(cache.get("key 39").await.is_some());
    }
}
