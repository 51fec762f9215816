//! Writing work down.

use std::sync::Arc;
use std::time::Duration;

use jobs::{JobState, Registry, Rule, Work};
use kernel::Error;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use tokio::sync::mpsc;

use crate::{TestQueue, config, waiting, work};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Scan {
    library: u32,
}

impl Work for Scan {
    const KIND: &'static str = "test.scan";

    fn unique_key(&self) -> Option<String> {
        Some(self.library.to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct Sweep;

impl Work for Sweep {
    const KIND: &'static str = "test.sweep";
}

work!(Count, "test.count");

/// Its key needs every kind of escape.
#[derive(Serialize, Deserialize)]
struct Marked;

impl Work for Marked {
    const KIND: &'static str = "test.marked";

    fn unique_key(&self) -> Option<String> {
        Some("<a & \"b\"> \\ \u{2028} \n \u{1} ü".to_owned())
    }
}

#[tokio::test]
async fn work_of_a_rolled_back_transaction_never_was() {
    let queue = TestQueue::new().await;
    let mut db = queue.pool.acquire().await.expect("a connection");
    let mut tx = db.begin().await.expect("a transaction");
    queue.jobs.enqueue(&mut tx, &Scan { library: 1 }).await.expect("enqueued");
    tx.rollback().await.expect("rolled back");
    assert_eq!(queue.jobs.counts().await.expect("counts").available, 0);

    let mut tx = db.begin().await.expect("a transaction");
    queue.jobs.enqueue(&mut tx, &Scan { library: 1 }).await.expect("enqueued");
    tx.commit().await.expect("committed");
    assert_eq!(queue.jobs.counts().await.expect("counts").available, 1);
}

#[tokio::test]
async fn work_reaches_its_handler_as_it_was_written_down() {
    let queue = TestQueue::new().await;
    let (done, mut reached) = mpsc::unbounded_channel();
    let mut registry = Registry::new();
    registry.add::<Scan, _, _>(move |work, _| {
        let done = done.clone();
        async move {
            done.send(work).expect("the test listens");
            Ok(())
        }
    });
    let id = queue.enqueue(&Scan { library: 7 }).await;
    queue.jobs.drain(&registry).await.expect("drained");

    assert_eq!(reached.recv().await, Some(Scan { library: 7 }));
    assert_eq!(queue.get(id).await.state, JobState::Completed);
}

#[tokio::test]
async fn what_is_done_is_not_tried_again_beside_the_same_that_waits() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Scan, _, _>(|_, _| async { Ok(()) });
    let done = queue.enqueue(&Scan { library: 7 }).await;
    queue.jobs.drain(&registry).await.expect("drained");
    let waiting = queue.enqueue(&Scan { library: 7 }).await;
    let refused = queue.jobs.retry(done).await;
    assert!(matches!(refused, Err(Error::Conflict { code: "jobs.under_way", .. })), "{refused:?}");
    queue.jobs.retry(waiting).await.expect("itself is no other");
    queue.jobs.drain(&registry).await.expect("drained");
    queue.jobs.retry(done).await.expect("nothing is beside it");
}

#[tokio::test]
async fn many_are_written_down_in_their_order() {
    let queue = TestQueue::new().await;
    let works: Vec<Count> = (0..2500).map(Count).collect();
    let mut db = queue.pool.acquire().await.expect("a connection");
    let ids = queue.jobs.enqueue_many(&mut db, &works).await.expect("enqueued");
    assert_eq!(ids.len(), 2500);
    assert_eq!(queue.get(ids[1234]).await.arguments, 1234);
}

#[tokio::test]
async fn a_key_that_comes_many_times_in_one_statement_is_written_down_once() {
    let queue = TestQueue::new().await;
    let there = queue.enqueue(&Scan { library: 3 }).await;
    let works: Vec<Scan> = (0..25_000).map(|it| Scan { library: it % 12_000 }).collect();
    let mut db = queue.pool.acquire().await.expect("a connection");
    let ids = queue.jobs.enqueue_many(&mut db, &works).await.expect("enqueued");
    assert_eq!(
        (ids.len(), ids[3], queue.jobs.counts().await.expect("counts").available),
        (25_000, there, 12_000)
    );
    for at in [0, 3, 9_999, 11_999, 12_003, 24_999] {
        assert_eq!(
            queue.get(ids[at]).await.arguments,
            serde_json::json!({
                "library": at % 12_000, "unique_key": (at % 12_000).to_string(),
            })
        );
    }
}

#[tokio::test]
async fn what_river_writes_down_by_itself_has_the_key_that_ours_has() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    registry.add::<Marked, _, _>(|_, _| std::future::pending());
    registry.every(Duration::from_hours(1), || Marked).expect("a schedule");
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let by_river = loop {
        if let Some(it) = queue.jobs.last_of::<Marked>().await.expect("a look") {
            break it.id;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(queue.enqueue(&Marked).await, by_river);
    running.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_key_is_taken_while_its_work_waits_or_runs() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    let mut begun = waiting::<Scan>(&mut registry);

    let first = queue.enqueue(&Scan { library: 1 }).await;
    assert_eq!(queue.enqueue(&Scan { library: 1 }).await, first);
    let other = queue.enqueue(&Scan { library: 2 }).await;
    assert_ne!(other, first);

    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    begun.recv().await.expect("one begins");
    begun.recv().await.expect("the other begins");
    assert_eq!(queue.enqueue(&Scan { library: 1 }).await, first);

    queue.jobs.cancel(first).await.expect("cancelled");
    queue.when_in(first, JobState::Cancelled).await;
    assert_ne!(queue.enqueue(&Scan { library: 1 }).await, first);
    running.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn periodic_work_comes_by_itself() {
    let queue = TestQueue::new().await;
    let (done, mut reached) = mpsc::unbounded_channel();
    let mut registry = Registry::new();
    registry.add::<Sweep, _, _>(move |Sweep, _| {
        let done = done.clone();
        async move {
            done.send(()).expect("the test listens");
            Ok(())
        }
    });
    registry.every(Duration::from_secs(1), || Sweep).expect("a schedule");
    let wrong = Rule::Cron { expression: "at tea time".to_owned() };
    assert!(registry.scheduled(wrong, || Sweep).is_err());

    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    for _ in ["at the start", "and again"] {
        let came = tokio::time::timeout(Duration::from_secs(20), reached.recv()).await;
        came.expect("in time").expect("it runs");
    }
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_database_of_a_newer_river_is_refused() {
    let queue = TestQueue::new().await;
    sqlx::query("INSERT INTO river.river_migration (line, version) VALUES ('main', 99)")
        .execute(&queue.pool)
        .await
        .expect("a newer program was here");
    let refusal = jobs::migrate(queue.database.options()).await.expect_err("we are older");
    assert!(refusal.to_string().contains("schema river is at migration 99"), "{refusal}");
}

#[tokio::test]
#[should_panic(expected = "test.count cannot be registered")]
async fn a_kind_is_registered_once() {
    let mut registry = Registry::new();
    let done = Arc::new(());
    for _ in 0..2 {
        let done = Arc::clone(&done);
        registry.add::<Count, _, _>(move |_, _| {
            let _kept = Arc::clone(&done);
            async { Ok(()) }
        });
    }
}
