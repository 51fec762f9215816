//! The door to disks and shares, behind which everything may hang: a share whose server is gone lets whoever asks wait without end.
//!
//! Who asks through the door waits a bounded time. A question that was not answered keeps its thread until it is, so no second
//! one is asked of the same place meanwhile, and the threads that are lost are never more than [`MAX_LOST`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

/// Threads that may wait for answers that do not come. When so many do, nothing more is asked.
const MAX_LOST: usize = 24;
/// A local disk's queue is kept full by so many.
const N_LOCAL: usize = 16;
/// More at once make a network share slow for everybody.
const N_NETWORK: usize = 4;

/// See the module. Cheap to clone; clones share what they know of places that do not answer.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    patience: Duration,
    is_discreet: bool,
    knock: Knock,
    silent: Mutex<BTreeSet<PathBuf>>,
    disks: Mutex<BTreeMap<i64, Arc<Disk>>>,
}

type Knock = Box<dyn Fn(&Path) + Send + Sync>;

/// The place did not answer in time, now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

/// A disk or share: how much may be asked of it at once, by all scans together.
#[derive(Debug)]
pub struct Disk {
    /// Places for those who read files.
    pub readers: Arc<Semaphore>,
    /// Places for those who list folders.
    pub walkers: Arc<Semaphore>,
}

impl Door {
    /// A door at which everybody waits so long and no longer.
    pub fn new(patience: Duration) -> Self {
        Self::knocking(patience, |_| ())
    }

    /// The same, of whose places no log tells what they are called.
    pub fn discreet(patience: Duration) -> Self {
        Self::of(patience, true, Box::new(|_| ()))
    }

    /// The same; `knock` is called with each folder before it is looked into, and may hang as a dead share does.
    pub fn knocking(patience: Duration, knock: impl Fn(&Path) + Send + Sync + 'static) -> Self {
        Self::of(patience, false, Box::new(knock))
    }

    fn of(patience: Duration, is_discreet: bool, knock: Knock) -> Self {
        let (silent, disks) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { patience, is_discreet, knock, silent, disks }))
    }

    /// What a log calls a place.
    pub fn name<'a>(&self, place: &'a Path) -> std::path::Display<'a> {
        if self.0.is_discreet { Path::new("(not told)").display() } else { place.display() }
    }

    /// How long an answer may take.
    pub fn patience(&self) -> Duration {
        self.0.patience
    }

    /// What `question` says of `place`, unless it takes too long.
    pub async fn ask<T: Send + 'static>(
        &self,
        place: &Path,
        question: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        if !self.may_ask(place) {
            return Err(NoAnswer);
        }
        let (door, asked) = (self.clone(), place.to_owned());
        let mut answer = tokio::task::spawn_blocking(move || {
            door.knock(&asked);
            question()
        });
        if let Ok(answer) = tokio::time::timeout(self.0.patience, &mut answer).await {
            // A question that panicked has no answer.
            return answer.map_err(|_| NoAnswer);
        }
        self.lose(place);
        let (door, place) = (self.clone(), place.to_owned());
        tokio::spawn(async move {
            let _ = answer.await;
            door.regain(&place);
        });
        Err(NoAnswer)
    }

    /// Whether `place`, and every place above it, has answered so far.
    pub fn may_ask(&self, place: &Path) -> bool {
        let silent = self.silent();
        silent.len() < MAX_LOST
            && (silent.is_empty() || !place.ancestors().any(|it| silent.contains(it)))
    }

    /// Called in the thread that asks, right before it does.
    pub(crate) fn knock(&self, place: &Path) {
        (self.0.knock)(place);
    }

    /// A thread waits at `place` and will not be waited for any longer.
    pub(crate) fn lose(&self, place: &Path) {
        tracing::warn!(place = %self.name(place), "door.no_answer");
        self.silent().insert(place.to_owned());
    }

    /// That thread came back.
    pub(crate) fn regain(&self, place: &Path) {
        tracing::info!(place = %self.name(place), "door.answers_again");
        self.silent().remove(place);
    }

    /// The disk with the number `device`; `is_network` counts when it is met first.
    pub(crate) fn disk(&self, device: i64, is_network: bool) -> Arc<Disk> {
        let n = if is_network { N_NETWORK } else { N_LOCAL };
        let mut disks = self.0.disks.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            Arc::new(Disk {
                readers: Arc::new(Semaphore::new(n)),
                walkers: Arc::new(Semaphore::new(n)),
            })
        };
        Arc::clone(disks.entry(device).or_insert_with(made))
    }

    fn silent(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.0.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("silent", &*self.silent()).finish_non_exhaustive()
    }
}

/// Types of file systems whose server is another machine, or a program: statfs(2) has their numbers.
const NETWORK: [i64; 12] = [
    0x6969,      // NFS
    0x517b,      // SMB
    0xfe53_4d42, // SMB2
    0xff53_4d42, // CIFS
    0x6573_5546, // FUSE: sshfs, rclone, mergerfs
    0x0102_1997, // 9p: virtual machines
    0x5346_414f, // AFS
    0x0bd0_0bd0, // Lustre
    0x00c3_6400, // Ceph
    0x0116_1970, // GFS2
    0x7461_636f, // OCFS2
    0x786f_4256, // VirtualBox
];

/// Whether changes below `path` may come from another machine, of which this one hears nothing. Blocks.
pub(crate) fn is_network(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|it| {
        #[expect(clippy::unnecessary_cast, reason = "the type differs between machines")]
        let magic = (it.f_type as i64) & 0xffff_ffff;
        NETWORK.contains(&magic)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_place_that_hangs_is_given_up_and_not_asked_again_until_it_answers() {
        let (let_go, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let door = Door::knocking(Duration::from_millis(20), move |place| {
            if place == Path::new("/dead") {
                let _ = held.lock().expect("nobody panicked").recv();
            }
        });
        assert_eq!(door.ask(Path::new("/dead"), || 1).await, Err(NoAnswer));
        assert!(!door.may_ask(Path::new("/dead/below")));
        assert_eq!(door.ask(Path::new("/dead/below"), || 1).await, Err(NoAnswer), "not even asked");
        assert_eq!(door.ask(Path::new("/alive"), || 2).await, Ok(2));
        let_go.send(()).expect("somebody waits");
        while !door.may_ask(Path::new("/dead")) {
            tokio::task::yield_now().await;
        }
        drop(let_go);
        assert_eq!(door.ask(Path::new("/dead"), || 3).await, Ok(3));
    }

    #[test]
    fn a_local_folder_is_no_network_share() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(!is_network(folder.path()));
        assert!(!is_network(Path::new("/nowhere")));
    }
}
