//! Work whose node died in the middle of it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use jobs::{Config, JobError, JobState, Jobs, Registry};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::process::Command;

use crate::{TestQueue, config, waiting, work};

work!(Scan, "test.scan", const MAX_ATTEMPTS: u16 = 1);

/// How often a node says that it is alive, in these tests.
const BEAT: Duration = Duration::from_millis(100);

const SOCKET: &str = "REVENGE_TEST_SOCKET";
const DATABASE: &str = "REVENGE_TEST_DATABASE";

#[tokio::test]
async fn what_a_killed_program_left_is_done_after_the_next_start() {
    let queue = TestQueue::new().await;
    let id = queue.enqueue(&Scan(1)).await;
    let mut child = another_program(queue.database.options());
    queue.when_in(id, JobState::Running).await;
    child.kill().await.expect("it can be killed");
    assert_eq!(queue.get(id).await.state, JobState::Running);

    let running = queue.jobs.start(&config(), &succeeding()).await.expect("started");
    let view = queue.when_in(id, JobState::Completed).await;
    assert_eq!(view.attempt, 1, "the attempt that was cut short does not count");
    assert_eq!(view.failures[0].message, "the server ended while this was running");
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn what_another_node_works_on_is_left_to_it() {
    let queue = TestQueue::new().await;
    let id = queue.enqueue(&Scan(1)).await;
    abandon(&queue, "node-2").await;
    let running = queue.jobs.start(&config(), &succeeding()).await.expect("started");
    assert_eq!(queue.get(id).await.state, JobState::Running);
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn what_a_node_that_is_gone_left_is_taken_over_by_another() {
    let queue = TestQueue::new().await;
    let id = queue.enqueue(&Scan(1)).await;
    let mut child = another_program(queue.database.options());
    queue.when_in(id, JobState::Running).await;
    child.kill().await.expect("it can be killed");

    let running = queue.jobs.start(&other_node(), &succeeding()).await.expect("started");
    let view = queue.when_in(id, JobState::Completed).await;
    assert_eq!(view.attempt, 1, "the attempt that was cut short does not count");
    assert_eq!(view.failures[0].message, "the server ended while this was running");
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn long_work_of_a_living_node_is_left_to_it() {
    let queue = TestQueue::new().await;
    let mut registry = Registry::new();
    let mut begun = waiting::<Scan>(&mut registry);
    let first = Config { beat_every: BEAT, ..config() };
    let first = queue.jobs.start(&first, &registry).await.expect("started");
    let second = queue.jobs.start(&other_node(), &registry).await.expect("started");
    let id = queue.enqueue(&Scan(1)).await;
    assert_eq!(begun.recv().await, Some(id));

    // Several times as long as a node that tells nothing is waited for.
    let wait = tokio::time::timeout(BEAT * 20, begun.recv()).await;
    assert!(wait.is_err(), "nobody else began it");
    assert_eq!(queue.get(id).await.failures.len(), 0);
    first.stop(Duration::ZERO).await;
    second.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn what_another_client_of_the_queue_works_on_is_left_to_it() {
    let queue = TestQueue::new().await;
    let id = queue.enqueue(&Scan(1)).await;
    abandon(&queue, "somebody else").await;
    sqlx::query(
        "UPDATE river.river_job SET kind = 'foreign', attempted_at = now() - interval '2 minutes'",
    )
    .execute(&queue.pool)
    .await
    .expect("made foreign");
    let running = queue.jobs.start(&other_node(), &succeeding()).await.expect("started");
    tokio::time::sleep(BEAT * 12).await;
    assert_eq!(queue.get(id).await.state, JobState::Running);
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn work_that_kills_its_server_again_and_again_comes_to_an_end() {
    let queue = TestQueue::new().await;
    let id = queue.enqueue(&Scan(1)).await;
    for _ in 0..4 {
        abandon(&queue, "node-1").await;
        // Puts it back; nobody works in that queue.
        let running = queue.jobs.start(&config(), &succeeding()).await.expect("started");
        running.stop(Duration::from_secs(5)).await;
    }
    assert_eq!(queue.get(id).await.state, JobState::Discarded);
}

/// Leaves the waiting job as `node` would if it was killed while it worked.
async fn abandon(queue: &TestQueue, node: &str) {
    let left = sqlx::query(
        "UPDATE river.river_job
         SET state = 'running', attempt = attempt + 1, attempted_at = now(), attempted_by = ARRAY[$1],
             queue = 'elsewhere'",
    )
    .bind(node)
    .execute(&queue.pool)
    .await
    .expect("abandoned");
    assert_eq!(left.rows_affected(), 1);
}

fn other_node() -> Config {
    Config { beat_every: BEAT, ..Config::new("node-9") }
}

fn succeeding() -> Registry {
    let mut registry = Registry::new();
    registry.add::<Scan, _, _>(|_, _| async { Ok::<(), JobError>(()) });
    registry
}

/// Our own test program again, working on the queue.
#[expect(clippy::disallowed_methods, reason = "the child is killed by the test that starts it")]
fn another_program(database: &PgConnectOptions) -> tokio::process::Child {
    Command::new(std::env::current_exe().expect("we are a program"))
        .args(["--exact", "abandoned::work_until_killed", "--ignored"])
        .env(SOCKET, database.get_socket().expect("on a socket"))
        .env(DATABASE, database.get_database().expect("one of its own"))
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("our own program runs")
}

#[tokio::test]
#[ignore = "the other process of `what_a_killed_program_left_is_done_after_the_next_start`"]
#[expect(clippy::disallowed_methods, reason = "set by `another_program`")]
async fn work_until_killed() {
    let socket = PathBuf::from(std::env::var_os(SOCKET).expect("set"));
    let database = std::env::var(DATABASE).expect("set");
    let options = PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .username(postgres::cluster::USER)
        .database(&database);
    let pool = PgPoolOptions::new().connect_with(options).await.expect("a pool");
    let mut registry = Registry::new();
    let _begun = waiting::<Scan>(&mut registry);
    let _running =
        Jobs::new(pool).expect("a queue").start(&config(), &registry).await.expect("started");
    std::future::pending::<()>().await;
}
