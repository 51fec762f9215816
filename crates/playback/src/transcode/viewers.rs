//! What each viewer watches: the run goes on between one part and the next, and ends at once when they went elsewhere.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kernel::id::{FileId, PersonId, SessionId};
use tokio::task::AbortHandle;

use super::key::RunKey;
use super::run::Waiter;

/// Whoever got a part comes for the next within this time, or has enough for the moment.
const AHEAD: Duration = Duration::from_secs(5);
/// Viewers that are remembered; those who hold nothing are forgotten first.
const MAX_VIEWERS: usize = 1000;

/// Who watches: one session of one person.
pub type Who = (PersonId, Option<SessionId>);

/// What all of them watch.
#[derive(Debug, Default)]
pub(super) struct Viewers(Mutex<HashMap<(Who, FileId, u32), Watched>>);

/// What one of them watches of a stream.
#[derive(Debug)]
struct Watched {
    run: RunKey,
    held: Vec<(RunKey, AbortHandle)>,
}

impl Viewers {
    /// The viewer wants this run now. Gives the runs they wanted before and do not come to by watching on.
    pub fn turn_to(&self, who: Who, run: &RunKey) -> Vec<RunKey> {
        let mut viewers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if viewers.len() >= MAX_VIEWERS {
            viewers.retain(|_, it| it.held.iter().any(|(_, holding)| !holding.is_finished()));
        }
        if viewers.len() >= MAX_VIEWERS {
            viewers.clear();
        }
        let watched = viewers
            .entry((who, run.of.file, run.of.stream))
            .or_insert_with(|| Watched { run: run.clone(), held: Vec::new() });
        let before = std::mem::replace(&mut watched.run, run.clone());
        let mut left: Vec<RunKey> = Vec::new();
        watched.held.retain(|(held, holding)| {
            let stays = held.is_beside(run);
            if !stays {
                holding.abort();
                left.push(held.clone());
            }
            stays && !holding.is_finished()
        });
        if !before.is_beside(run) && !left.contains(&before) {
            left.push(before);
        }
        left
    }

    /// Waits for the rest of a run in the viewer's stead, for some time.
    pub fn hold(&self, who: Who, run: &RunKey, waiter: Waiter) {
        let mut viewers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(watched) = viewers.get_mut(&(who, run.of.file, run.of.stream)) else { return };
        // They went elsewhere in the meantime.
        if !watched.run.is_beside(run) {
            return;
        }
        let holding = tokio::spawn(async move {
            let _ = tokio::time::timeout(AHEAD, waiter.stay()).await;
        });
        // The new hold lasts longer than the one before.
        watched.held.retain(|(held, holding)| {
            if held == run {
                holding.abort();
            }
            held != run
        });
        watched.held.push((run.clone(), holding.abort_handle()));
    }
}

#[cfg(test)]
mod tests {
    use media::transcode::Rendition;
    use uuid::Uuid;

    use super::super::key::Subject;
    use super::super::run::Run;
    use super::*;

    fn run(version: &str, run: usize) -> RunKey {
        let of = Subject {
            file: FileId(Uuid::from_u128(1)),
            version: version.to_owned(),
            stream: 0,
            rendition: Rendition::Sound,
        };
        RunKey { of, run: Some(run) }
    }

    #[tokio::test]
    async fn who_seeks_leaves_a_run_and_who_watches_on_does_not() {
        let viewers = Viewers::default();
        let (one, other) =
            ((PersonId(Uuid::from_u128(2)), None), (PersonId(Uuid::from_u128(3)), None));
        let made = Run::new(3);
        assert_eq!(viewers.turn_to(one, &run("a", 4)), []);
        viewers.hold(one, &run("a", 4), made.join());
        assert_eq!(viewers.turn_to(one, &run("a", 5)), []);
        assert!(!made.is_deserted(), "the run before is finished for them");
        assert_eq!(viewers.turn_to(other, &run("a", 90)), []);
        assert_eq!(viewers.turn_to(one, &run("a", 90)), [run("a", 4), run("a", 5)]);
        made.unwant();
        made.deserted().await;
        viewers.hold(one, &run("a", 5), made.join());
        assert!(made.is_deserted(), "too late");
        assert_eq!(viewers.turn_to(one, &run("b", 90)), [run("a", 90)], "another size or file");
    }
}
