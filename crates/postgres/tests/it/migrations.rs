//! Migrations on one server, each test in a database of its own.

use std::path::Path;

use postgres::{MigrationSet, migrate};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Executor};

use crate::open;

const SHELF: &str = "-- A shelf.\nCREATE TABLE shelf (id int PRIMARY KEY, title citext NOT NULL);\n\
    CREATE INDEX shelf_title_idx ON shelf USING gin (title gin_trgm_ops);";
const BOOK: &str = "CREATE TABLE book (shelf_id int NOT NULL REFERENCES shelf);";

/// A folder of migrations that a test writes.
struct Files(tempfile::TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, sql) in files {
            std::fs::write(folder.path().join(name), sql).expect("a migration");
        }
        Self(folder)
    }

    async fn set(&self, schema: &str) -> MigrationSet {
        MigrationSet::load_dir(schema, self.0.path()).await.expect("migrations")
    }
}

async fn tables(options: &PgConnectOptions) -> Vec<String> {
    let mut connection = options.connect().await.expect("a connection");
    sqlx::query_scalar(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('catalog', 'c') ORDER BY 1",
    )
    .fetch_all(&mut connection)
    .await
    .expect("tables")
}

#[tokio::test]
async fn whoever_uses_a_table_is_not_kept_waiting_by_a_migration_that_waits_for_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let mut files = vec![("0001_shelf.sql", SHELF)];
    migrate(server.options(), &[Files::new(&files).set("catalog").await]).await.expect("a shelf");
    let mut reader = server.options().connect().await.expect("a connection");
    reader.execute("BEGIN; SELECT FROM catalog.shelf").await.expect("a long look");

    files.push(("0002_room.sql", "ALTER TABLE shelf ADD room text"));
    let set = Files::new(&files).set("catalog").await;
    let options = server.options().clone();
    let migrating = tokio::spawn(async move { migrate(&options, &[set]).await });
    let mut other = server.options().connect().await.expect("a connection");
    let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'catalog.shelf'::regclass)";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut other).await.expect("an answer") {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // Behind the migration in the line; it would wait until the long look is over.
    other.execute("SET lock_timeout = '20s'; SELECT FROM catalog.shelf").await.expect("it passes");
    assert!(!migrating.is_finished());
    reader.execute("COMMIT").await.expect("the look is over");
    migrating.await.expect("no panic").expect("it came to its end");
    other.execute("SELECT room FROM catalog.shelf").await.expect("the new column");
}

#[tokio::test]
async fn one_set_serves_two_schemas_and_grows_without_running_twice() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let first = Files::new(&[("0001_shelf.sql", SHELF)]);
    let sets = [first.set("catalog").await, first.set("c").await];
    migrate(server.options(), &sets).await.expect("both schemas");
    migrate(server.options(), &sets).await.expect("nothing left to do");

    let second = Files::new(&[("0001_shelf.sql", SHELF), ("0002_book.sql", BOOK)]);
    // Nodes that start together take turns.
    let sets = [second.set("catalog").await];
    let (one, other) =
        tokio::join!(migrate(server.options(), &sets), migrate(server.options(), &sets));
    one.and(other).expect("one of them migrates, the other finds it done");

    assert_eq!(
        tables(server.options()).await,
        ["c._migrations", "c.shelf", "catalog._migrations", "catalog.book", "catalog.shelf"]
    );
    server.stop().await;
}

#[tokio::test]
async fn a_newer_database_is_refused_before_anything_is_touched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let newer = Files::new(&[("0001_shelf.sql", SHELF), ("0002_book.sql", BOOK)]);
    migrate(server.options(), &[newer.set("c").await]).await.expect("a newer program");

    let older = Files::new(&[("0001_shelf.sql", SHELF)]);
    let sets = [older.set("catalog").await, older.set("c").await];
    let refusal = migrate(server.options(), &sets).await.expect_err("we are older").to_string();
    assert!(
        refusal.starts_with(
            "the database is newer than this program: schema c is at migration 2, this program knows up to 1"
        ),
        "{refusal}"
    );
    assert_eq!(tables(server.options()).await, ["c._migrations", "c.book", "c.shelf"]);
    server.stop().await;
}

#[tokio::test]
async fn a_migration_that_changed_or_vanished_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let original = Files::new(&[("0001_shelf.sql", SHELF), ("0002_book.sql", BOOK)]);
    migrate(server.options(), &[original.set("catalog").await]).await.expect("applied");

    let changed = Files::new(&[("0001_shelf.sql", "SELECT 1"), ("0002_book.sql", BOOK)]);
    let vanished = Files::new(&[("0002_book.sql", BOOK)]);
    for files in [changed, vanished] {
        let sets = [files.set("catalog").await];
        let refusal = migrate(server.options(), &sets).await.expect_err("not ours").to_string();
        assert!(refusal.starts_with("migration 1 of schema catalog was changed"), "{refusal}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_of_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let broken = "CREATE TABLE half (); SELECT no_such_thing();";
    let files = Files::new(&[("0001_shelf.sql", SHELF), ("0002_broken.sql", broken)]);
    let refusal =
        migrate(server.options(), &[files.set("catalog").await]).await.expect_err("broken");
    let cause = std::error::Error::source(&refusal).expect("a cause").to_string();
    assert!(cause.contains("no_such_thing"), "{cause}");
    assert_eq!(tables(server.options()).await, ["catalog._migrations", "catalog.shelf"]);
    server.stop().await;
}

#[tokio::test]
async fn a_server_without_the_extensions_says_what_to_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let mut connection = server.options().connect().await.expect("a connection");
    connection.execute("CREATE ROLE guest LOGIN").await.expect("a role");
    let guest = server.options().clone().username("guest");

    let refusal = migrate(&guest, &[]).await.expect_err("a guest may not").to_string();
    assert!(refusal.contains("CREATE EXTENSION btree_gin SCHEMA public"), "{refusal}");
    server.stop().await;
}

#[tokio::test]
async fn a_missing_folder_of_migrations_is_an_error() {
    let missing = MigrationSet::load_dir("catalog", Path::new("/no/such/folder")).await;
    assert!(missing.is_err());
}
