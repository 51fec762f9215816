//! Threads for work that nobody waits for: what they read comes after what anybody else reads, and they get the processor
//! when nobody else wants it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::oneshot;

/// As many jobs of the low queue run at once, where nobody configured more.
const N_THREADS: usize = 2;
/// The most that a thread can stand back.
const NICENESS: i32 = 19;

type Work = Box<dyn FnOnce() + Send>;

/// The threads, which begin with the first work and end with the last clone. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leisure(Arc<OnceLock<Option<Sender<Work>>>>);

impl Leisure {
    /// What `work` gives, once one of the threads had time for it.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let (told, hears) = oneshot::channel();
        let work: Work = Box::new(move || {
            // Nobody may be left to hear it.
            let _ = told.send(work());
        });
        let sent = match self.0.get_or_init(begin) {
            Some(threads) => threads.send(work).map_err(|it| it.0),
            None => Err(work),
        };
        if let Err(work) = sent {
            tokio::task::spawn_blocking(work).await?;
        }
        Ok(hears.await?)
    }
}

/// `None` where the system gives no threads: then others do the work.
fn begin() -> Option<Sender<Work>> {
    let (sender, receiver) = channel::<Work>();
    let receiver = Arc::new(Mutex::new(receiver));
    let begun = (0..N_THREADS).filter(|at| {
        let receiver = Arc::clone(&receiver);
        let thread = std::thread::Builder::new().name(format!("leisure-{at}"));
        let begun = thread.spawn(move || {
            stand_back();
            while let Some(work) = next(&receiver) {
                // Whoever waits for it sees that nothing came.
                let _ = catch_unwind(AssertUnwindSafe(work));
            }
        });
        begun.inspect_err(|error| tracing::warn!(%error, "leisure.no_thread")).is_ok()
    });
    (begun.count() > 0).then_some(sender)
}

fn next(receiver: &Mutex<Receiver<Work>>) -> Option<Work> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Puts this thread behind all others, on the processor and at disks. The disk's part is the work of a program of
/// util-linux, for there is no call of the system for it that is safe; where it is not, the rest holds.
#[expect(
    clippy::disallowed_methods,
    reason = "a thread of its own waits for a program of the system"
)]
fn stand_back() {
    let thread = rustix::thread::gettid();
    // On Linux the number of a thread stands for the thread alone.
    if let Err(error) = rustix::process::setpriority_process(Some(thread), NICENESS) {
        tracing::debug!(%error, "leisure.priority_kept");
    }
    let mut ionice = Command::new("ionice");
    ionice.args(["--class", "idle", "--pid"]).arg(thread.to_string());
    ionice.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match ionice.status() {
        Ok(status) if status.success() => {}
        Ok(status) => tracing::debug!(%status, "leisure.disk_priority_kept"),
        Err(error) => tracing::debug!(%error, "leisure.disk_priority_kept"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(program: &str, arguments: &[&str], thread: &str) -> String {
        #[expect(clippy::disallowed_methods, reason = "a test asks a program of the system")]
        let output = Command::new(program).args(arguments).arg(thread).output().expect(program);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[tokio::test]
    async fn its_threads_stand_behind_all_others() {
        let leisure = Leisure::default();
        let (thread, disk, stat) = leisure
            .run(|| {
                let thread = rustix::thread::gettid().to_string();
                let disk = said("ionice", &["-p"], &thread);
                let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("of Linux");
                (thread, disk, stat)
            })
            .await
            .expect("done");
        assert_eq!(disk.trim(), "idle");
        let nice = stat.rsplit_once(") ").expect("a name").1.split(' ').nth(16).expect("a field");
        assert_eq!(nice, "19", "{stat}");
        let own = rustix::thread::gettid().to_string();
        assert_ne!(own, thread);
        assert_ne!(said("ionice", &["-p"], &own).trim(), "idle", "nobody else stands back");
    }

    #[tokio::test]
    async fn work_that_breaks_takes_no_thread_along() {
        let leisure = Leisure::default();
        for _ in 0..=N_THREADS {
            let broken = leisure.run(|| std::panic::resume_unwind(Box::new("broken"))).await;
            assert!(broken.is_err());
        }
        assert_eq!(leisure.run(|| 42).await.expect("done"), 42);
        let many = (0..50).map(|it| leisure.run(move || it));
        let done: Vec<i32> = futures::future::try_join_all(many).await.expect("done");
        assert_eq!(done, (0..50).collect::<Vec<_>>());
    }
}
