//! Looks at one folder of a library: walks it and holds it against its rows. Where that cannot be done as a whole, nothing is
//! concluded of what was not seen.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::Result;
use rustix::io::Errno;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::compare::{Comparison, State, compare};
use super::elsewhere;
use super::fingerprint::fingerprint;
use super::pace::Pace;
use super::run::{Looked, Run, Stop};
use super::store::progress::ScannedFolder;
use super::store::{files, progress};
use super::walk::{Found, Pacer, Walked, reason, walk};
use crate::door::{Disk, NoAnswer, is_network};
use crate::stored_path;

impl Run<'_> {
    /// Walks a folder and compares. `None` when the scan asks for another one, or when it is not there, or is empty where it
    /// was not: then nothing is concluded.
    pub(super) async fn look(
        &mut self,
        db: &mut PgConnection,
        folder: ScannedFolder,
    ) -> Result<Option<Looked>, Stop> {
        let root = stored_path::from_text(&folder.path);
        if !self.is_wanted(&root) {
            return Ok(None);
        }
        let disk = match self.disk(&root).await {
            Ok(disk) => disk,
            Err(error) => {
                self.warn(&format!("{} cannot be read: {}", folder.path, words(&error)));
                return Ok(None);
            }
        };
        let Some(starts) = self.starts(db, &folder, &root).await? else { return Ok(None) };
        let walked = match self.walk_all(&disk, &root, &starts).await? {
            Ok(walked) => walked,
            Err(error) => {
                self.warn(&format!("{} cannot be read: {}", folder.path, words(&error)));
                return Ok(None);
            }
        };
        let now = self.scanner.clock.now();
        let (paths, reasons) = walked.unreadable.iter().cloned().unzip::<_, _, Vec<_>, Vec<_>>();
        self.pace.counts.problems += paths.len() as i64;
        let mut tx = db.begin().await?;
        progress::replace_folder_problems(&mut tx, folder.id, &starts, &paths, &reasons, now)
            .await?;
        tx.commit().await?;
        if walked.files.is_empty() && !self.has_others(&disk, &root, &starts).await? {
            self.warn(&format!(
                "{} is empty; what was in it is kept until something is there again",
                folder.path
            ));
            return Ok(None);
        }
        progress::see_folder(db, folder.id, now).await?;
        let reads_problems = self.request.reads_problems;
        let known = files::list_known(db, folder.id, &starts, reads_problems).await?;
        let (ids, below) = (self.scanner.ids.clone(), root.clone());
        let mut comparison = tokio::task::spawn_blocking(move || {
            compare(walked.files, known, |it| print(&below, it), || ids.next())
        })
        .await
        .map_err(anyhow::Error::from)?;
        // What lies below a folder that cannot be read now may still be there.
        comparison.vanished.retain(|(_, path)| !paths.iter().any(|it| is_below(path, it)));
        self.move_within(db, &folder, &comparison).await?;
        self.move_here(db, &folder, &root, &mut comparison).await?;
        Ok(Some(Looked { folder, disk, comparison }))
    }

    /// Whether the scan is about something in this folder.
    fn is_wanted(&self, root: &Path) -> bool {
        let wanted = &self.request.folders;
        wanted.is_empty() || wanted.iter().any(|it| stored_path::from_text(it).starts_with(root))
    }

    /// The disk a folder lies on; the error is what asking for it says.
    async fn disk(&self, root: &Path) -> std::io::Result<Arc<Disk>> {
        let path = root.to_owned();
        let asked = self.scanner.door.ask(root, move || {
            let found = rustix::fs::stat(&path)?;
            Ok::<_, Errno>((found.st_dev, is_network(&path)))
        });
        let (device, is_network) = asked.await.map_err(|NoAnswer| Errno::TIMEDOUT)??;
        Ok(self.scanner.door.disk(device.cast_signed(), is_network))
    }

    /// The parts of the folder to walk, as paths relative to it: what is arranged together is walked whole. None means all of
    /// it. `None` when asking does not answer.
    async fn starts(
        &mut self,
        db: &mut PgConnection,
        folder: &ScannedFolder,
        root: &Path,
    ) -> Result<Option<Vec<String>>, Stop> {
        let mut starts: Vec<String> = Vec::new();
        for wanted in &self.request.folders {
            let wanted = stored_path::from_text(wanted);
            let Ok(below) = wanted.strip_prefix(root) else { continue };
            let Some(first) = below.components().next() else { return Ok(Some(Vec::new())) };
            let start = stored_path::to_text(Path::new(&first));
            let path = root.join(first);
            let Ok(is_file) = self.scanner.door.ask(root, move || path.is_file()).await else {
                let reason = reason(Errno::TIMEDOUT);
                self.warn(&format!("{} cannot be read: {reason}", folder.path));
                return Ok(None);
            };
            // A file that lies in no folder is arranged with all others of its kind.
            if is_file || files::is_known(db, folder.id, &start).await? {
                return Ok(Some(Vec::new()));
            }
            starts.push(start);
        }
        starts.sort_unstable();
        starts.dedup();
        Ok(Some(starts))
    }

    /// Walks every part. A part that is gone is a part without files; whether that means anything the folder itself tells.
    async fn walk_all(
        &mut self,
        disk: &Disk,
        root: &Path,
        starts: &[String],
    ) -> Result<std::io::Result<Walked>, Stop> {
        if starts.is_empty() {
            return self.walk(disk, root, "").await;
        }
        let mut all = Walked::default();
        for start in starts {
            match self.walk(disk, root, start).await? {
                Ok(mut walked) => {
                    all.files.append(&mut walked.files);
                    all.unreadable.append(&mut walked.unreadable);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => all.unreadable.push((start.clone(), words(&error))),
            }
        }
        all.files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        Ok(Ok(all))
    }

    async fn walk(
        &mut self,
        disk: &Disk,
        root: &Path,
        start: &str,
    ) -> Result<std::io::Result<Walked>, Stop> {
        let seen = Arc::new(AtomicU64::new(0));
        let pacer = Pacer {
            seen: Arc::clone(&seen),
            is_stopped: Arc::clone(&self.watch.is_stopped),
            is_slow: Arc::clone(&self.watch.is_slow),
        };
        let before = self.pace.counts;
        let mut walking = std::pin::pin!(walk(&self.scanner.door, disk, root, start, &pacer));
        let mut tick = tokio::time::interval(Pace::EVERY);
        let walked = loop {
            tokio::select! {
                walked = &mut walking => break walked,
                _ = tick.tick() => {
                    let now = self.scanner.clock.now();
                    let seen = seen.load(Ordering::Relaxed).cast_signed();
                    (self.pace.counts.found, self.pace.counts.done) = (before.found + seen, before.done + seen);
                    self.pace.mark(now);
                    (self.watch.report)(self.pace.snapshot(now));
                }
            }
        };
        let seen = seen.load(Ordering::Relaxed).cast_signed();
        (self.pace.counts.found, self.pace.counts.done) = (before.found + seen, before.done + seen);
        self.check()?;
        Ok(walked)
    }

    /// Whether anything but the parts that were walked is in the folder. A share that is not mounted leaves an empty folder
    /// behind, and then nothing is gone.
    async fn has_others(&self, disk: &Disk, root: &Path, starts: &[String]) -> Result<bool, Stop> {
        if starts.is_empty() {
            return Ok(false);
        }
        let pacer = Pacer::free();
        let seen = Arc::clone(&pacer.seen);
        // The first file is enough.
        let is_stopped = Arc::new(move || seen.load(Ordering::Relaxed) > 0);
        let pacer = Pacer { is_stopped, ..pacer };
        let walked = walk(&self.scanner.door, disk, root, "", &pacer).await;
        Ok(walked.is_ok_and(|it| !it.files.is_empty()))
    }

    async fn move_within(
        &self,
        db: &mut PgConnection,
        folder: &ScannedFolder,
        comparison: &Comparison,
    ) -> Result<(), Stop> {
        let moved = comparison.entries.iter().filter(|it| it.state == State::Moved);
        let (ids, paths): (Vec<Uuid>, Vec<String>) =
            moved.map(|it| (it.id.0, it.found.path.clone())).unzip();
        if ids.is_empty() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        files::move_files(&mut tx, self.request.library, folder.id, &ids, &paths).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives new files the rows they had in another folder or library, so that their items come along.
    async fn move_here(
        &self,
        db: &mut PgConnection,
        folder: &ScannedFolder,
        root: &Path,
        comparison: &mut Comparison,
    ) -> Result<(), Stop> {
        let origins = elsewhere::find(db, &self.scanner.door, root, &comparison.entries).await?;
        if origins.is_empty() {
            return Ok(());
        }
        let (mut ids, mut paths) = (Vec::new(), Vec::new());
        for (position, origin) in &origins {
            let entry = &mut comparison.entries[*position];
            (entry.id, entry.state) = (kernel::id::FileId(origin.id), State::Moved);
            ids.push(origin.id);
            paths.push(entry.found.path.clone());
        }
        let mut tx = db.begin().await?;
        files::move_files(&mut tx, self.request.library, folder.id, &ids, &paths).await?;
        for library in elsewhere::libraries(&origins) {
            crate::library::bump_generation(&mut tx, library).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The fingerprint of a file that was found. Blocks.
pub(super) fn print(root: &Path, found: &Found) -> Option<i64> {
    let path = root.join(stored_path::from_text(&found.path));
    fingerprint(&std::fs::File::open(path).ok()?).ok()
}

fn words(error: &std::io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT) => "it is not there".to_owned(),
        Some(error) => reason(error),
        None => error.to_string(),
    }
}
