//! What the system tells of one folder, gathered by the part of the library it is in until somebody asks.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use naming::MediaClass;
use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Parts that stir at once at the most; more are the whole folder.
const MAX_PARTS: usize = 1000;
/// Files that are being written in one part at the most; more are not waited for one by one.
const MAX_WRITTEN: usize = 1000;

/// Why a folder cannot be listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Deaf {
    /// Changes are made on another machine.
    #[error("it lies on a network share, where changes of other machines are not told")]
    Network,
    /// The system's limit is used up.
    #[error(
        "the system watches no more folders: raise fs.inotify.max_user_watches and max_user_instances"
    )]
    Limit,
    /// Asking for it takes too long.
    #[error("it does not answer in time")]
    Silent,
    /// The system says no.
    #[error("the system cannot watch it")]
    Refused,
}

/// See the module.
pub struct Ear {
    root: PathBuf,
    heard: Mutex<Heard>,
    wake: Arc<Notify>,
}

#[derive(Default)]
struct Heard {
    /// By the first component below the root.
    parts: BTreeMap<PathBuf, Stir>,
    /// More happened than was told.
    whole_since: Option<Instant>,
    deaf: Option<Deaf>,
}

/// A part in which something happens.
struct Stir {
    at: Instant,
    /// Files that are open for writing, as far as we heard.
    written: HashSet<PathBuf>,
    /// How the part looked when it was quiet before.
    print: Option<u64>,
}

/// What was quiet for long enough.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rested {
    /// The folder as a whole.
    pub is_whole: bool,
    /// Parts of it.
    pub parts: Vec<PathBuf>,
}

/// Has the system tell `ear` what happens below `root`. Blocks: the whole tree is gone through.
pub fn watch(root: &Path, ear: Arc<Ear>) -> Result<RecommendedWatcher, Deaf> {
    let hear = move |event: notify::Result<Event>| ear.hear(event, Instant::now());
    let mut watcher = notify::recommended_watcher(hear).map_err(|it| deaf(&it))?;
    watcher.watch(root, RecursiveMode::Recursive).map_err(|it| deaf(&it))?;
    Ok(watcher)
}

fn deaf(error: &notify::Error) -> Deaf {
    // EMFILE: no more instances; ENOSPC: no more watches.
    const LIMITS: [i32; 2] = [24, 28];
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => Deaf::Limit,
        notify::ErrorKind::Io(error)
            if error.raw_os_error().is_some_and(|it| LIMITS.contains(&it)) =>
        {
            Deaf::Limit
        }
        _ => Deaf::Refused,
    }
}

impl Ear {
    /// Hears of `root`; calls `wake` when it did.
    pub fn new(root: PathBuf, wake: Arc<Notify>) -> Self {
        Self { root, heard: Mutex::default(), wake }
    }

    /// Why it hears nothing any more.
    pub fn deaf(&self) -> Option<Deaf> {
        self.heard().deaf
    }

    /// Whether anything waits to come to rest.
    pub fn is_stirred(&self) -> bool {
        let heard = self.heard();
        !heard.parts.is_empty() || heard.whole_since.is_some()
    }

    /// Called by the system's watcher, from its own thread.
    pub fn hear(&self, event: notify::Result<Event>, now: Instant) {
        match event {
            Ok(event) if event.need_rescan() => {
                self.heard().whole_since = Some(now);
            }
            Ok(event) => {
                let is_news =
                    event.paths.iter().filter(|it| self.note(event.kind, it, now)).count() > 0;
                if !is_news {
                    return;
                }
            }
            Err(error) => {
                // What it says names folders.
                tracing::warn!(why = ?deaf(&error), "live.deaf");
                let mut heard = self.heard();
                heard.deaf = Some(deaf(&error));
                heard.whole_since = Some(now);
            }
        }
        self.wake.notify_one();
    }

    /// Notes that `path` changed; false when that is nothing to us.
    fn note(&self, kind: EventKind, path: &Path, now: Instant) -> bool {
        let change = match kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => Change::Written,
            EventKind::Modify(ModifyKind::Data(_)) => Change::Writing,
            EventKind::Create(CreateKind::File) | EventKind::Remove(RemoveKind::File) => {
                Change::File
            }
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(_) => Change::Other,
            _ => return false,
        };
        let Ok(below) = path.strip_prefix(&self.root) else { return false };
        let Some(Component::Normal(part)) = below.components().next() else { return false };
        if !is_ours(below, change) {
            return false;
        }
        let mut heard = self.heard();
        if heard.parts.len() >= MAX_PARTS && !heard.parts.contains_key(Path::new(part)) {
            heard.parts.clear();
            heard.whole_since = Some(now);
            return true;
        }
        let new = || Stir { at: now, written: HashSet::new(), print: None };
        let stir = heard.parts.entry(PathBuf::from(part)).or_insert_with(new);
        (stir.at, stir.print) = (now, None);
        match change {
            Change::Writing if stir.written.len() < MAX_WRITTEN => {
                stir.written.insert(path.to_owned());
            }
            Change::Writing => {}
            _ => {
                stir.written.remove(path);
            }
        }
        true
    }

    /// What has been quiet for `settle`, files that are being written for `writer`.
    pub fn rested(&self, settle: Duration, writer: Duration, now: Instant) -> Rested {
        let mut heard = self.heard();
        let is_whole = heard.whole_since.is_some_and(|it| now.duration_since(it) >= settle);
        if is_whole {
            heard.whole_since = None;
        }
        let is_quiet = |it: &Stir| {
            now.duration_since(it.at) >= if it.written.is_empty() { settle } else { writer }
        };
        let parts = heard.parts.iter().filter(|(_, it)| is_quiet(it));
        Rested { is_whole, parts: parts.map(|(part, _)| part.clone()).collect() }
    }

    /// Whether a part that is quiet looks as it did when it was quiet before: then it is forgotten here, and to be scanned.
    pub fn is_settled(&self, part: &Path, print: u64, now: Instant) -> bool {
        let mut heard = self.heard();
        let Some(stir) = heard.parts.get_mut(part) else { return false };
        if stir.print == Some(print) {
            heard.parts.remove(part);
            return true;
        }
        (stir.print, stir.at) = (Some(print), now);
        stir.written.clear();
        false
    }

    /// Never held across an await, and whole after each change.
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// A file was written and closed.
    Written,
    /// A file is being written.
    Writing,
    /// A file came or went.
    File,
    /// A folder came or went, something was renamed, or its permissions changed.
    Other,
}

/// Whether a scan would look at it: nothing on the way is ignored, and what is certainly a file is one of ours.
fn is_ours(below: &Path, change: Change) -> bool {
    let text = |it: Component<'_>| it.as_os_str().to_string_lossy().into_owned();
    if below.components().any(|it| is_ignored(&text(it))) {
        return false;
    }
    let name = below.components().next_back().map(text).unwrap_or_default();
    let is_pattern = name.starts_with('.');
    let class = MediaClass::of(&name);
    let is_media = !matches!(class, MediaClass::Other | MediaClass::Book | MediaClass::Comic);
    change == Change::Other || is_media || is_pattern
}

/// What a scan passes over, except the files that tell it what to pass over.
fn is_ignored(name: &str) -> bool {
    use crate::scan::ignore::{NO_MEDIA, PATTERN_FILES};
    naming::is_ignored(name) && name != NO_MEDIA && !PATTERN_FILES.contains(&name)
}

#[cfg(test)]
mod tests {
    use notify::event::DataChange;

    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);
    const WRITER: Duration = Duration::from_mins(2);
    const WRITING: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const WRITTEN: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
    const CREATED: EventKind = EventKind::Create(CreateKind::File);

    /// An ear in a time of its own.
    struct Try(Ear, Instant);

    impl Try {
        fn new() -> Self {
            Self(Ear::new(PathBuf::from("/media"), Arc::default()), Instant::now())
        }

        fn tell(&self, kind: EventKind, path: &str) {
            self.0.hear(Ok(Event::new(kind).add_path(PathBuf::from(path))), self.1);
        }

        fn pass(&mut self, time: Duration) {
            self.1 += time;
        }

        fn rested(&self) -> Vec<PathBuf> {
            self.0.rested(SETTLE, WRITER, self.1).parts
        }

        fn is_settled(&self, print: u64) -> bool {
            self.0.is_settled(Path::new("Heat"), print, self.1)
        }
    }

    #[test]
    fn a_part_is_settled_when_it_is_quiet_closed_and_twice_the_same() {
        let mut it = Try::new();
        it.tell(CREATED, "/media/Heat/Heat.mkv");
        it.tell(WRITING, "/media/Heat/Heat.mkv");
        it.pass(SETTLE);
        assert!(it.rested().is_empty(), "it is being written");
        it.tell(WRITTEN, "/media/Heat/Heat.mkv");
        assert!(it.rested().is_empty(), "something happened just now");
        it.pass(SETTLE);
        assert_eq!(it.rested(), [PathBuf::from("Heat")]);
        assert!(!it.is_settled(1), "nobody knows yet whether it changes");
        it.pass(SETTLE);
        assert!(!it.is_settled(2), "it did");
        it.pass(SETTLE);
        assert_eq!(it.rested(), [PathBuf::from("Heat")]);
        assert!(it.is_settled(2));
        assert!(!it.0.is_stirred());
    }

    #[test]
    fn a_writer_that_never_closes_is_not_waited_for_forever() {
        let mut it = Try::new();
        it.tell(WRITING, "/media/Heat/Heat.mkv");
        it.pass(WRITER);
        assert_eq!(it.rested(), [PathBuf::from("Heat")]);
    }

    #[test]
    fn what_no_scan_looks_at_is_not_heard() {
        let it = Try::new();
        for path in [
            "/media/Heat/.Heat.mkv.part",
            "/media/@eaDir/x.mkv",
            "/media/Heat/notes.txt",
            "/media/Heat/Heat.mkv.part",
            "/elsewhere/x.mkv",
            "/media",
        ] {
            it.tell(CREATED, path);
        }
        it.tell(EventKind::Access(AccessKind::Open(AccessMode::Any)), "/media/Heat/Heat.mkv");
        assert!(!it.0.is_stirred());
        for (kind, path) in [
            (CREATED, "/media/Heat/.plexignore"),
            (EventKind::Remove(RemoveKind::Folder), "/media/Heat"),
            (EventKind::Modify(ModifyKind::Name(notify::event::RenameMode::To)), "/media/Heat.mkv"),
        ] {
            let it = Try::new();
            it.tell(kind, path);
            assert!(it.0.is_stirred(), "{path}");
        }
    }

    #[test]
    fn too_much_to_tell_is_the_whole_folder() {
        let mut it = Try::new();
        for number in 0..=MAX_PARTS {
            it.tell(CREATED, &format!("/media/{number}/film.mkv"));
        }
        it.pass(SETTLE);
        let whole = Rested { is_whole: true, parts: Vec::new() };
        assert_eq!(it.0.rested(SETTLE, WRITER, it.1), whole);
        assert!(!it.0.is_stirred());
        let lost = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        it.0.hear(Ok(lost), it.1);
        it.pass(SETTLE);
        assert_eq!(it.0.rested(SETTLE, WRITER, it.1), whole, "the system lost events");
        it.0.hear(Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)), it.1);
        assert_eq!(it.0.deaf(), Some(Deaf::Limit));
    }
}
