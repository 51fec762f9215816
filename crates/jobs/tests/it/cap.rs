//! How much is done at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jobs::{Config, Context, JobState, Queue, Registry, Work};

use crate::{TestQueue, config, waiting, work};

work!(Urgent, "test.urgent", const QUEUE: Queue = Queue::High);
work!(Usual, "test.usual");
work!(Idle, "test.idle", const QUEUE: Queue = Queue::Low);

/// Counts how many handlers run at once.
#[derive(Clone, Default)]
struct AtOnce {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl AtOnce {
    fn watch<W: Work>(&self, registry: &mut Registry) {
        let at_once = self.clone();
        registry.add::<W, _, _>(move |_, _: Context| {
            let at_once = at_once.clone();
            async move {
                let now = at_once.now.fetch_add(1, Ordering::SeqCst) + 1;
                at_once.most.fetch_max(now, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                at_once.now.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        });
    }
}

#[tokio::test]
async fn all_queues_together_stay_under_the_cap() {
    let queue = TestQueue::new().await;
    let at_once = AtOnce::default();
    let mut registry = Registry::new();
    at_once.watch::<Urgent>(&mut registry);
    at_once.watch::<Usual>(&mut registry);
    at_once.watch::<Idle>(&mut registry);
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(queue.enqueue(&Urgent(number)).await);
        ids.push(queue.enqueue(&Usual(number)).await);
        ids.push(queue.enqueue(&Idle(number)).await);
    }

    let config = Config { workers: 3, ..config() };
    let running = queue.jobs.start(&config, &registry).await.expect("started");
    for id in ids {
        queue.when_in(id, JobState::Completed).await;
    }
    assert_eq!(at_once.most.load(Ordering::SeqCst), 3);
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_place_is_kept_for_what_a_person_waits_for() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    let mut usual = waiting::<Usual>(&mut registry);
    let mut urgent = waiting::<Urgent>(&mut registry);
    let config = Config { workers: 2, ..config() };
    let running = queue.jobs.start(&config, &registry).await.expect("started");
    for number in 0..5 {
        queue.enqueue(&Usual(number)).await;
    }
    usual.recv().await.expect("one of them begins");

    let id = queue.enqueue(&Urgent(1)).await;
    let begun = tokio::time::timeout(Duration::from_secs(20), urgent.recv()).await;
    assert_eq!(begun.expect("at once"), Some(id));
    assert!(usual.try_recv().is_err(), "the others wait");
    running.stop(Duration::ZERO).await;
}
