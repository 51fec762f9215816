//! The databases that other tests are given.

use postgres::MigrationSet;
use sqlx::{ConnectOptions, Connection};
use testkit::database::{TestDatabase, rolled_back};

async fn set() -> MigrationSet {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sql = "CREATE TABLE shelf (title citext NOT NULL)";
    std::fs::write(folder.path().join("0001_shelf.sql"), sql).expect("a migration");
    MigrationSet::load_dir("catalog", folder.path()).await.expect("migrations")
}

#[tokio::test]
async fn every_test_has_its_rows_for_itself() {
    let sets = [set().await];
    let (one, other) = tokio::join!(TestDatabase::create(&sets), TestDatabase::create(&sets));
    let (one_pool, other_pool) = (one.pool("catalog").await, other.pool("catalog").await);

    sqlx::query("INSERT INTO shelf VALUES ('Films')").execute(&one_pool).await.expect("a row");
    let count = "SELECT count(*) FROM shelf WHERE title = 'films'";
    let counted: i64 = sqlx::query_scalar(count).fetch_one(&one_pool).await.expect("a count");
    let counted_there: i64 =
        sqlx::query_scalar(count).fetch_one(&other_pool).await.expect("a count");
    assert_eq!((counted, counted_there), (1, 0));

    let jobs: i64 = sqlx::query_scalar("SELECT count(*) FROM river.river_job")
        .fetch_one(&one_pool)
        .await
        .expect("River's tables are there");
    assert_eq!(jobs, 0);
}

#[tokio::test]
async fn a_database_goes_with_its_test() {
    let database = TestDatabase::create(&[]).await;
    let _held = database.pool("public").await;
    let options = database.options().clone();
    drop(database);

    let connection = options.connect().await.expect_err("it is deleted");
    assert!(connection.to_string().contains("does not exist"), "{connection}");
}

#[tokio::test]
async fn a_rolled_back_test_leaves_nothing() {
    let sets = [set().await];
    for _ in ["first", "second"] {
        let mut connection = rolled_back(&sets, "catalog").await;
        sqlx::query("INSERT INTO shelf VALUES ('Films')")
            .execute(&mut *connection)
            .await
            .expect("a row");
        let counted: i64 = sqlx::query_scalar("SELECT count(*) FROM shelf")
            .fetch_one(&mut *connection)
            .await
            .expect("a count");
        assert_eq!(counted, 1);
    }
}

#[tokio::test]
async fn what_a_killed_test_left_is_swept_by_the_next_process() {
    let database = TestDatabase::create(&[]).await;
    // No process has a number above the kernel's limit of 2^22.
    let left = "t_99999999_0";
    let mut connection = database.options().connect().await.expect("a connection");
    sqlx::query("CREATE DATABASE t_99999999_0").execute(&mut connection).await.expect("a database");
    testkit::database::sweep().await.expect("swept");

    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(left)
            .fetch_one(&mut connection)
            .await
            .expect("an answer");
    assert!(!exists);
    connection.close().await.expect("closed");
}
