//! The queue behind a `PgBouncer` that gives each client a connection of its own.

use std::time::Duration;

use jobs::{Jobs, Registry};
use postgres::{PoolConfig, pool};
use testkit::pgbouncer::PgBouncer;
use testkit::postgres_server::PostgresServer;

use crate::{config, waiting, work};

work!(Patient, "bouncer.patient");

#[tokio::test]
async fn work_is_found_at_once_and_cancelled_through_a_bouncer() {
    let server = PostgresServer::alone();
    let bouncer = PgBouncer::before(&server);
    jobs::migrate(&bouncer.options()).await.expect("tables");
    let pool = pool(&bouncer.options(), PoolConfig::new("river", 6)).await.expect("a pool");
    let path: String =
        sqlx::query_scalar("SHOW search_path").fetch_one(&pool).await.expect("an answer");
    assert_eq!(path.replace(' ', ""), "river,public");

    let jobs = Jobs::new(pool.clone()).expect("a queue");
    let mut registry = Registry::new();
    let mut begun = waiting::<Patient>(&mut registry);
    let running = jobs.start(&config(), &registry).await.expect("started");
    let mut db = pool.acquire().await.expect("a connection");
    let id = jobs.enqueue(&mut db, &Patient(1)).await.expect("enqueued");
    // Far before the queue would look by itself: it listens.
    assert_eq!(begun.recv().await, Some(id));
    jobs.cancel(id).await.expect("asked to stop");
    running.stop(Duration::from_secs(5)).await;
}
