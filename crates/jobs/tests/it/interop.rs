//! Others on the same queue: River's Python client, and River's own migrations.

use jobs::{JobError, JobState, Queue, Registry, Work};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use tokio::sync::mpsc;

use crate::TestQueue;

/// As anybody writes it: a plain object of JSON.
#[derive(Serialize, Deserialize)]
struct Note {
    words: String,
}

impl Work for Note {
    const KIND: &'static str = "test.note";
}

/// What the script says that it put there.
#[derive(Debug, Deserialize)]
struct Inserted {
    alone: i64,
    many: usize,
    later: i64,
}

#[expect(clippy::disallowed_methods, reason = "a trusted script of ours")]
async fn insert_from_python(queue: &TestQueue) -> Inserted {
    let options = queue.database.options();
    let output = tokio::process::Command::new(testkit::python::python())
        .args(["-c", include_str!("riverqueue_client.py")])
        .arg(options.get_socket().expect("on a socket"))
        .arg(postgres::cluster::USER)
        .arg(options.get_database().expect("one of its own"))
        .output()
        .await
        .expect("python runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "pip package riverqueue, see crates/testkit/requirements.txt: {said}"
    );
    serde_json::from_slice(&output.stdout).expect("one line of JSON")
}

#[tokio::test]
async fn what_rivers_python_client_inserts_is_worked_here() {
    let queue = TestQueue::new().await;
    let inserted = insert_from_python(&queue).await;
    let later = queue.get(jobs::JobId(inserted.later)).await;
    assert_eq!(later.state, JobState::Scheduled, "it waits for its time");
    let alone = queue.get(jobs::JobId(inserted.alone)).await;
    assert_eq!((&*alone.queue, alone.max_attempts), (Queue::Low.name(), 3));

    let mut registry = Registry::new();
    let (told, mut words) = mpsc::unbounded_channel();
    registry.add::<Note, _, _>(move |work, context| {
        context.progress(1, 1, "read");
        told.send(work.words).expect("the test listens");
        async { Ok::<(), JobError>(()) }
    });
    // The one of tomorrow, too: a drain waits for no clock.
    queue.jobs.drain(&registry).await.expect("drained");
    let mut worked = Vec::new();
    while let Ok(words) = words.try_recv() {
        worked.push(words);
    }
    worked.sort_unstable();
    let mut expected: Vec<String> = (0..inserted.many).map(|n| format!("many {n}")).collect();
    expected.extend(["alone", "later"].map(str::to_owned));
    expected.sort_unstable();
    assert_eq!(worked, expected, "each once");
    for id in [inserted.alone, inserted.later] {
        assert_eq!(queue.get(jobs::JobId(id)).await.state, JobState::Completed);
    }
}

#[tokio::test]
async fn rivers_migrations_find_nothing_to_do() {
    let queue = TestQueue::new().await;
    let pool = PgPoolOptions::new().connect_with(queue.database.options().clone()).await;
    let schema = riverqueue::migrate::SchemaName::new(jobs::SCHEMA).expect("a name");
    let migrator =
        riverqueue::migrate::PostgresMigrator::new(pool.expect("a pool")).with_schema(schema);
    let validation = migrator.validate(None).await.expect("it can be looked at");
    assert!(validation.is_valid(), "{validation:?}");
    let applied = migrator.existing_versions().await.expect("the versions");
    assert_eq!(applied.last(), Some(&jobs::SCHEMA_VERSION));
}
