//! What people see of the queue.

use std::sync::Arc;
use std::time::Duration;

use jobs::{JobCounts, JobId, JobState, Progress, Registry};
use kernel::{Error, Limit};
use tokio::sync::Notify;

use crate::{TestQueue, config, work};

work!(Long, "test.long");

#[tokio::test]
async fn progress_and_log_are_read_while_the_work_runs() {
    let queue = TestQueue::new().await;
    let go_on = Arc::new(Notify::new());
    let mut registry = Registry::new();
    let wait = Arc::clone(&go_on);
    registry.add::<Long, _, _>(move |_, context| {
        let wait = Arc::clone(&wait);
        async move {
            context.progress(1, 3, "Alien (1979)");
            context.log("an empty file was left out");
            wait.notified().await;
            for done in 2..=3 {
                context.progress(done, 3, "the rest");
            }
            Ok(())
        }
    });
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let id = queue.enqueue(&Long(1)).await;

    let view = queue.when(id, |view| view.progress.is_some()).await;
    assert_eq!(view.state, JobState::Running);
    let expected = Progress { done: 1, total: 3, note: "Alien (1979)".to_owned() };
    assert_eq!(view.progress, Some(expected));
    assert_eq!(view.log, ["an empty file was left out"]);

    go_on.notify_one();
    let view = queue.when_in(id, JobState::Completed).await;
    assert_eq!(view.progress.map(|it| it.done), Some(3), "the last word is kept");
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_log_is_bounded() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Long, _, _>(|_, context| async move {
        for line in 0..1000 {
            context.log(format!("{line} {}", "ü".repeat(10_000)));
        }
        Ok(())
    });
    let id = queue.enqueue(&Long(1)).await;
    queue.jobs.drain(&registry).await.expect("drained");

    let log = queue.get(id).await.log;
    assert_eq!(log.len(), 100);
    assert!(log[99].starts_with("999 ü"));
    assert!(log.iter().all(|line| line.chars().count() == 500));
}

#[tokio::test]
async fn the_list_comes_in_pages_newest_first() {
    let queue = TestQueue::new().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(queue.enqueue(&Long(number)).await);
    }
    queue.jobs.cancel(ids[2]).await.expect("cancelled");

    let limit = Limit::new(Some(3));
    let waiting = [JobState::Available];
    let first = queue.jobs.list(&waiting, None, limit).await.expect("a page");
    let second = queue.jobs.list(&waiting, first.next.as_deref(), limit).await.expect("a page");
    let seen: Vec<JobId> = first.items.iter().chain(&second.items).map(|it| it.id).collect();
    assert_eq!(seen, [ids[4], ids[3], ids[1], ids[0]]);
    assert_eq!(second.next, None);

    let all = queue.jobs.list(&[], None, limit).await.expect("a page");
    assert_eq!(all.items[2].state, JobState::Cancelled);

    let counts = queue.jobs.counts().await.expect("counts");
    assert_eq!(counts, JobCounts { available: 4, cancelled: 1, ..JobCounts::default() });
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let queue = TestQueue::new().await;
    let missing = JobId(4711);
    assert!(matches!(queue.jobs.get(missing).await, Err(Error::NotFound("job"))));
    assert!(matches!(queue.jobs.cancel(missing).await, Err(Error::NotFound("job"))));
    assert!(matches!(queue.jobs.retry(missing).await, Err(Error::NotFound("job"))));
    let listed = queue.jobs.list(&[], Some("no cursor"), Limit::new(None)).await;
    assert!(matches!(listed, Err(Error::Invalid { field, .. }) if field == "cursor"));
}
