//! Sheets on disk: below a folder for each file one for each version of it. Written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use kernel::id::FileId;

use super::Settings;
use crate::kept::free_bytes;

/// What nobody knows of is perhaps being made.
const UNFINISHED: Duration = Duration::from_hours(48);
/// The largest sheet that is sent.
const MAX_SHEET_BYTES: u64 = 64 << 20;

/// Which sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sheet {
    /// Of the pictures along the film, from 0.
    Along(usize),
    /// Of the chapters.
    Chapters,
}

impl Sheet {
    fn name(self) -> String {
        match self {
            Self::Along(number) => format!("{number}.jpg"),
            Self::Chapters => "chapters.jpg".to_owned(),
        }
    }
}

/// All sheets of this node. Cheap to clone. Its functions wait for the disk.
#[derive(Debug, Clone)]
pub(crate) struct Shelf(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    max_bytes: u64,
    min_free_bytes: u64,
    /// Bytes of all sheets, since they were last counted.
    used_bytes: AtomicU64,
}

/// What was found on the shelf.
pub(crate) struct Found {
    pub file: FileId,
    pub version: String,
    modified_at: Option<SystemTime>,
    size_bytes: u64,
}

impl Shelf {
    pub fn new(settings: &Settings) -> Self {
        Self(Arc::new(Inner {
            folder: settings.folder.clone(),
            max_bytes: settings.max_bytes,
            min_free_bytes: settings.min_free_bytes,
            used_bytes: AtomicU64::new(0),
        }))
    }

    fn folder(&self, file: FileId) -> PathBuf {
        let name = file.to_string();
        // The head of an id is the time.
        let shelf = name.get(name.len().saturating_sub(2)..).unwrap_or_default();
        self.0.folder.join(shelf).join(name)
    }

    /// Where a sheet is. `version` is one of ours: it came from the database.
    pub fn path(&self, file: FileId, version: &str, sheet: Sheet) -> PathBuf {
        self.folder(file).join(version).join(sheet.name())
    }

    /// The bytes of a sheet, if it is there.
    pub fn read(&self, file: FileId, version: &str, sheet: Sheet) -> io::Result<Vec<u8>> {
        use io::Read as _;
        let mut bytes = Vec::new();
        File::open(self.path(file, version, sheet))?
            .take(MAX_SHEET_BYTES)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub fn has(&self, file: FileId, version: &str, sheet: Sheet) -> bool {
        fs::metadata(self.path(file, version, sheet)).is_ok_and(|it| it.len() > 0)
    }

    /// Whether one more sheet may be written.
    pub fn has_room(&self) -> io::Result<bool> {
        fs::create_dir_all(&self.0.folder)?;
        let used = self.0.used_bytes.load(Ordering::Relaxed);
        Ok(used < self.0.max_bytes && free_bytes(&self.0.folder)? > self.0.min_free_bytes)
    }

    pub fn write(&self, file: FileId, version: &str, sheet: Sheet, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(file, version, sheet);
        fs::create_dir_all(path.parent().unwrap_or(&self.0.folder))?;
        let part = path.with_extension("part");
        let mut draft = File::create(&part)?;
        draft.write_all(bytes)?;
        // A power cut must not leave a name without content.
        draft.sync_all()?;
        fs::rename(&part, &path)?;
        self.0.used_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Deletes the other versions of a file.
    pub fn keep_only(&self, file: FileId, version: &str) -> io::Result<()> {
        for entry in entries(&self.folder(file))? {
            if entry.file_name().and_then(|it| it.to_str()) != Some(version) {
                fs::remove_dir_all(&entry)?;
            }
        }
        Ok(())
    }

    /// Everything on the shelf; counts what it takes.
    pub fn list(&self) -> io::Result<Vec<Found>> {
        let mut all = Vec::new();
        for shelf in entries(&self.0.folder)? {
            for folder in entries(&shelf)? {
                let name = folder.file_name().and_then(|it| it.to_str()).unwrap_or_default();
                let Ok(file) = name.parse::<FileId>() else { continue };
                for version in entries(&folder)? {
                    all.push(found(file, &version)?);
                }
            }
        }
        let used = all.iter().map(|it| it.size_bytes).sum();
        self.0.used_bytes.store(used, Ordering::Relaxed);
        Ok(all)
    }

    /// Deletes what was found and is nobody's, unless it is young.
    pub fn delete(&self, unused: &Found, now: SystemTime) -> io::Result<()> {
        let age = unused.modified_at.and_then(|it| now.duration_since(it).ok());
        if age.is_none_or(|it| it < UNFINISHED) {
            return Ok(());
        }
        let folder = self.folder(unused.file);
        fs::remove_dir_all(folder.join(&unused.version))?;
        self.0.used_bytes.fetch_sub(unused.size_bytes, Ordering::Relaxed);
        // The last one takes the folder with it; others keep it.
        let _ = fs::remove_dir(&folder);
        Ok(())
    }
}

fn found(file: FileId, version: &Path) -> io::Result<Found> {
    let sheets = entries(version)?;
    let sizes = sheets.iter().filter_map(|it| fs::metadata(it).ok()).map(|it| it.len());
    Ok(Found {
        file,
        version: version
            .file_name()
            .map(|it| it.to_string_lossy().into_owned())
            .unwrap_or_default(),
        modified_at: fs::metadata(version).and_then(|it| it.modified()).ok(),
        size_bytes: sizes.sum(),
    })
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|it| it.map(|it| it.path())).collect(),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    fn shelf(folder: &Path, max_bytes: u64) -> Shelf {
        let folder = folder.to_owned();
        Shelf::new(&Settings { folder, max_bytes, ..Settings::disabled() })
    }

    const FILE: FileId = FileId(Uuid::from_u128(7));

    #[test]
    fn sheets_are_kept_by_file_and_version_and_an_older_version_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path(), 100);
        shelf.write(FILE, "1-a", Sheet::Along(0), b"old").expect("written");
        shelf.write(FILE, "1-b", Sheet::Along(0), b"sheet").expect("written");
        assert!(shelf.has(FILE, "1-a", Sheet::Along(0)));
        assert!(!shelf.has(FILE, "1-b", Sheet::Chapters));
        shelf.keep_only(FILE, "1-b").expect("deleted");
        assert!(!shelf.has(FILE, "1-a", Sheet::Along(0)));
        assert_eq!(shelf.read(FILE, "1-b", Sheet::Along(0)).expect("read"), b"sheet");
        let all = shelf.list().expect("listed");
        assert_eq!(
            all.iter().map(|it| (it.file, &*it.version)).collect::<Vec<_>>(),
            [(FILE, "1-b")]
        );
    }

    #[test]
    fn a_full_shelf_takes_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path(), 5);
        assert!(shelf.has_room().expect("asked"));
        shelf.write(FILE, "1-a", Sheet::Chapters, b"sheet").expect("written");
        assert!(!shelf.has_room().expect("asked"));
        let other = self::shelf(folder.path(), 5);
        other.list().expect("counted");
        assert!(!other.has_room().expect("asked"), "after a restart as well");
    }

    #[test]
    fn what_is_nobody_s_goes_when_it_is_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path(), 100);
        shelf.write(FILE, "1-a", Sheet::Along(3), b"sheet").expect("written");
        let found = shelf.list().expect("listed").remove(0);
        let made = found.modified_at.expect("a time");
        shelf.delete(&found, made + Duration::from_hours(1)).expect("left");
        assert!(shelf.has(FILE, "1-a", Sheet::Along(3)));
        shelf.delete(&found, made + Duration::from_hours(49)).expect("deleted");
        assert!(shelf.list().expect("listed").is_empty());
        assert!(shelf.has_room().expect("asked"));
    }
}
