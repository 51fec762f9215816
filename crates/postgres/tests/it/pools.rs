//! What a pool's connections see, and what they are kept from.

use std::task::Poll;
use std::time::Duration;

use postgres::{MigrationSet, PoolConfig, migrate, pool, roles};
use sqlx::{Connection as _, Executor};
use testkit::pgbouncer::PgBouncer;
use testkit::postgres_server::PostgresServer;

use crate::{connect, open};

#[tokio::test]
async fn a_pool_sees_its_schema_and_is_bounded_in_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    connect(&server)
        .await
        .execute("CREATE SCHEMA c; CREATE TABLE c.item AS SELECT 'adult' AS what")
        .await
        .expect("a schema");
    let config = PoolConfig {
        statement_timeout: Duration::from_millis(50),
        acquire_timeout: Duration::from_millis(50),
        ..PoolConfig::new("c", 1)
    };
    let pool = pool(server.options(), config).await.expect("a pool");

    let what: String =
        sqlx::query_scalar("SELECT what FROM item").fetch_one(&pool).await.expect("a row");
    assert_eq!(what, "adult");

    let late = sqlx::query("SELECT pg_sleep(60)").execute(&pool).await.expect_err("cancelled");
    assert!(late.to_string().contains("statement timeout"), "{late}");

    let _held = pool.acquire().await.expect("the only connection");
    assert!(matches!(pool.acquire().await, Err(sqlx::Error::PoolTimedOut)));
    server.stop().await;
}

#[tokio::test]
async fn everything_works_through_a_bouncer_that_takes_no_words_at_the_start() {
    let server = PostgresServer::alone();
    let bouncer = PgBouncer::before(&server);
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("0001_shelf.sql"), "CREATE TABLE shelf (id int)")
        .expect("a migration");
    let set = MigrationSet::load_dir("catalog", folder.path()).await.expect("a migration");
    migrate(&bouncer.options(), std::slice::from_ref(&set)).await.expect("a shelf");
    migrate(&bouncer.options(), &[set]).await.expect("nothing left to do");

    let config = PoolConfig { is_read_only: true, ..PoolConfig::new("catalog", 2) };
    let pool = pool(&bouncer.options(), config).await.expect("a pool");
    sqlx::query("SELECT id FROM shelf").fetch_all(&pool).await.expect("in the schema");
    let shown = async |name: &str| -> String {
        let shown = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
        shown.fetch_one(&pool).await.expect("a setting")
    };
    assert_eq!(shown("statement_timeout").await, "30s");
    assert_eq!(shown("idle_in_transaction_session_timeout").await, "1min");
    let refused = sqlx::query("INSERT INTO shelf VALUES (1)").execute(&pool).await;
    assert!(refused.expect_err("refused").to_string().contains("read-only"));
}

#[tokio::test]
async fn a_transaction_that_was_dropped_while_it_began_is_not_handed_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let pool = pool(server.options(), PoolConfig::new("public", 1)).await.expect("a pool");
    sqlx::query("CREATE TABLE play (n integer)").execute(&pool).await.expect("a table");
    let mut connection = pool.acquire().await.expect("the only connection");
    // A quick server may answer at once; then the transaction is whole, and is rolled back as it should be.
    loop {
        let mut begin = std::pin::pin!(connection.begin());
        let first = std::future::poll_fn(|context| Poll::Ready(begin.as_mut().poll(context))).await;
        if first.is_pending() {
            break;
        }
    }
    drop(connection);
    sqlx::query("INSERT INTO play VALUES (1)").execute(&pool).await.expect("written");
    pool.close().await;

    let written: i64 = sqlx::query_scalar("SELECT count(*) FROM public.play")
        .fetch_one(&mut connect(&server).await)
        .await
        .expect("a count");
    assert_eq!(written, 1, "what the next one wrote is there");
    server.stop().await;
}

#[tokio::test]
async fn a_confined_role_reaches_its_schemas_and_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let mut connection = connect(&server).await;
    connection
        .execute(
            "CREATE SCHEMA catalog; CREATE TABLE catalog.item AS SELECT 'film' AS what;
             CREATE SCHEMA c; CREATE TABLE c.item AS SELECT 'adult' AS what",
        )
        .await
        .expect("two schemas");
    for _ in ["first start", "every later one"] {
        let made = roles::confine(&mut connection, "revenge_ordinary", &["catalog"]).await;
        assert!(made.expect("a role"), "a private server lets us");
    }

    // Nodes that start together grant the same at once.
    let nodes = (0..4).map(|_| async {
        let mut connection = connect(&server).await;
        for _ in 0..10 {
            let made = roles::confine(&mut connection, "revenge_ordinary", &["catalog"]).await;
            assert!(made.expect("a role"));
        }
    });
    futures::future::join_all(nodes).await;

    let config = PoolConfig::new("catalog", 1).with_role("revenge_ordinary");
    let pool = pool(server.options(), config).await.expect("a pool");
    let what: String =
        sqlx::query_scalar("SELECT what FROM item").fetch_one(&pool).await.expect("a row");
    assert_eq!(what, "film");
    let mut held = pool.acquire().await.expect("a connection");
    for sql in ["SELECT what FROM c.item", "SET search_path = c; SELECT what FROM item"] {
        let refusal = sqlx::raw_sql(sql).execute(&mut *held).await.expect_err("not its schema");
        let code =
            refusal.as_database_error().and_then(|it| it.code().map(std::borrow::Cow::into_owned));
        // With `c` in the path but closed, its tables do not exist.
        assert!(matches!(code.as_deref(), Some("42501" | "42P01")), "{refusal}");
    }
    server.stop().await;
}
