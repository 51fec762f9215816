//! How attempts end.

use std::time::Duration;

use chrono::TimeDelta;
use jobs::{JobError, JobState, Registry};

use crate::{TestQueue, config, waiting, work};

work!(Fragile, "test.fragile", const MAX_ATTEMPTS: u16 = 3);
work!(Late, "test.late", const TIMEOUT: Duration = Duration::from_millis(200), const MAX_ATTEMPTS: u16 = 1);
work!(Patient, "test.patient");

#[tokio::test]
async fn failing_work_is_tried_again_until_its_attempts_are_used_up() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Fragile, _, _>(|_, context| async move {
        assert_eq!(context.is_last_attempt(), context.attempt() == 3);
        Err(anyhow::anyhow!("no disk").context(format!("attempt {}", context.attempt())).into())
    });
    let id = queue.enqueue(&Fragile(1)).await;
    queue.jobs.drain(&registry).await.expect("drained");

    let view = queue.get(id).await;
    assert_eq!((view.state, view.attempt), (JobState::Discarded, 3));
    let messages: Vec<&str> = view.failures.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(messages, ["attempt 1: no disk", "attempt 2: no disk", "attempt 3: no disk"]);

    let retried = queue.jobs.retry(id).await.expect("one more");
    assert_eq!((retried.state, retried.max_attempts), (JobState::Available, 4));
}

#[tokio::test]
async fn a_panic_is_a_failure_like_any_other() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Fragile, _, _>(|work: Fragile, _| async move {
        assert_ne!(work.0, 1, "it breaks");
        Ok(())
    });
    let (broken, fine) = (queue.enqueue(&Fragile(1)).await, queue.enqueue(&Fragile(2)).await);
    queue.jobs.drain(&registry).await.expect("drained");

    let view = queue.get(broken).await;
    assert_eq!(view.state, JobState::Discarded);
    assert!(view.failures[0].message.contains("it breaks"), "{view:?}");
    assert_eq!(queue.get(fine).await.state, JobState::Completed);
}

#[tokio::test]
async fn work_that_gives_up_is_not_tried_again_and_says_why() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Fragile, _, _>(|_, _| async { Err(JobError::give_up("the file is gone")) });
    let id = queue.enqueue(&Fragile(1)).await;
    queue.jobs.drain(&registry).await.expect("drained");

    let view = queue.get(id).await;
    assert_eq!((view.state, view.attempt), (JobState::Discarded, 1));
    assert_eq!(view.failures[0].message, "the file is gone");
}

#[tokio::test]
async fn work_that_is_put_off_waits_as_long_as_it_asked_and_loses_no_attempt() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Patient, _, _>(|_, _| async {
        let after = Duration::from_hours(1);
        Err(kernel::Error::Busy { retry_after: after }.into())
    });
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let id = queue.enqueue(&Patient(1)).await;

    let view = queue.when_in(id, JobState::Scheduled).await;
    let wait = view.scheduled_at - view.attempted_at.expect("attempted");
    assert!((wait - TimeDelta::hours(1)).abs() < TimeDelta::minutes(1), "{wait}");
    assert_eq!((view.attempt, view.failures.len()), (0, 0), "nothing failed");
    assert!(view.log[0].contains("try again in 3600 s"), "{view:?}");
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn work_that_is_put_off_for_ever_comes_to_an_end() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Fragile, _, _>(|_, _| async {
        Err(kernel::Error::Busy { retry_after: Duration::from_hours(1) }.into())
    });
    let id = queue.enqueue(&Fragile(1)).await;
    queue.jobs.drain(&registry).await.expect("drained");
    let view = queue.get(id).await;
    assert_eq!((view.state, view.attempt, view.log.len()), (JobState::Discarded, 3, 33));
}

#[tokio::test]
async fn work_that_asks_for_another_attempt_uses_one_up() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Patient, _, _>(|_, _| async {
        Err(JobError::Retry { after: Duration::from_hours(1), message: "half".to_owned() })
    });
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let id = queue.enqueue(&Patient(1)).await;
    let view = queue.when_in(id, JobState::Retryable).await;
    assert_eq!((view.attempt, &*view.failures[0].message), (1, "half"));
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn work_that_takes_too_long_is_stopped_and_told_so() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    let _begun = waiting::<Late>(&mut registry);
    let id = queue.enqueue(&Late(1)).await;
    queue.jobs.drain(&registry).await.expect("drained");

    let view = queue.get(id).await;
    assert_eq!(view.state, JobState::Discarded);
    assert_eq!(view.failures[0].message, "ran longer than 0.2 s and was stopped");
}

#[tokio::test]
async fn running_work_stops_when_a_person_cancels_it_on_another_node() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    let mut begun = waiting::<Patient>(&mut registry);
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let id = queue.enqueue(&Patient(1)).await;
    assert_eq!(begun.recv().await, Some(id));

    let elsewhere = jobs::Jobs::new(queue.database.pool("river").await).expect("a queue");
    elsewhere.cancel(id).await.expect("asked to stop");
    let view = queue.when_in(id, JobState::Cancelled).await;
    assert!(view.finalized_at.is_some());
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn waiting_work_is_cancelled_at_once() {
    let queue = TestQueue::new().await;
    let id = queue.enqueue(&Patient(1)).await;
    let view = queue.jobs.cancel(id).await.expect("cancelled");
    assert_eq!(view.state, JobState::Cancelled);
}
