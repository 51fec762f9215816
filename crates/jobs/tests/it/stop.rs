//! Ends, planned and not.

use std::sync::Arc;
use std::time::Duration;

use jobs::{JobState, Registry};
use tokio::sync::Notify;

use crate::{TestQueue, config, waiting, work};

work!(Long, "test.long");

#[tokio::test]
async fn a_stop_lets_running_work_finish() {
    let queue = TestQueue::new().await;
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut registry = Registry::new();
    let (begins, waits) = (Arc::clone(&begun), Arc::clone(&go_on));
    registry.add::<Long, _, _>(move |_, _| {
        let (begins, waits) = (Arc::clone(&begins), Arc::clone(&waits));
        async move {
            begins.notify_one();
            waits.notified().await;
            Ok(())
        }
    });
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let id = queue.enqueue(&Long(1)).await;
    begun.notified().await;

    let stop = tokio::spawn(running.stop(Duration::from_secs(30)));
    let later = queue.enqueue(&Long(2)).await;
    go_on.notify_one();
    stop.await.expect("stopped");
    assert_eq!(queue.get(id).await.state, JobState::Completed);
    assert_eq!(queue.get(later).await.state, JobState::Available, "nothing new is begun");
}

#[tokio::test]
async fn work_that_does_not_finish_by_the_deadline_is_done_after_the_next_start() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    let mut begun = waiting::<Long>(&mut registry);
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let id = queue.enqueue(&Long(1)).await;
    begun.recv().await.expect("it begins");

    running.stop(Duration::from_millis(50)).await;
    let view = queue.get(id).await;
    assert_eq!((view.state, view.attempt), (JobState::Available, 0));
    assert!(view.failures.is_empty(), "{view:?}");
}
