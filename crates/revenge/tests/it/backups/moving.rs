//! The private database moved to a server and back, and backups that older programs made.

use postgres::transfer::Snapshot;
use revenge::wiring::migration_sets;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use testkit::database::TestDatabase;

use super::{Used, assert_same, content, content_of, done, refused, run_with, words};
use crate::process::Program;

fn address(options: &PgConnectOptions) -> String {
    let socket = options.get_socket().expect("a socket").display().to_string();
    let host = socket.replace('/', "%2F");
    let (user, name) = (options.get_username(), options.get_database().expect("a name"));
    format!("postgres://{user}@{host}:{}/{name}", options.get_port())
}

/// Jobs that seemed to run are put back, and the list of migrations tells when each ran.
const TRACES: [&str; 2] = ["river.river_job", "river.river_migration"];

#[tokio::test]
async fn the_private_database_moves_to_a_server_and_back() {
    let used = Used::new(async |used, _, _| {
        refused(&used.data(), &["database", "move", "--to", "postgres://x@y/z"], "in use by");
    })
    .await;
    let data = used.data();
    let before = content_of(&data).await;
    let external = TestDatabase::create(&migration_sets()).await;
    let to = address(external.options());
    let told = done(&data, &["database", "move", "--to", &to]);
    assert!(told.contains("counted on both sides"), "{told}");
    let mut db = external.options().connect().await.expect("a connection");
    assert_same(&before, &content(&mut db).await, &TRACES);
    db.close().await.expect("closed");
    refused(&data, &["database", "move", "--to", &to], "say --replace");
    refused(&data, &["database", "move", "--to", "private"], "private already");

    // The server works there, and the folder is as it was.
    let program = Program::start_with(&data, &[("REVENGE_DATABASE__URL", &to)]);
    let body = serde_json::json!({ "name": "owner", "password": "correct horse" });
    let (status, _) = program.ask(None, reqwest::Method::POST, "/sessions", Some(body)).await;
    assert_eq!(status, 201);
    let back = used.folder.path().join("back");
    let variables = [("REVENGE_DATABASE__URL", to)];
    let output = run_with(&back, &variables, &["database", "move", "--to", "private"]);
    assert!(words(&output).contains("a server works on this database"), "{}", words(&output));
    assert_eq!(program.stop(), Some(0));
    assert_same(&before, &content_of(&data).await, &TRACES);

    let output = run_with(&back, &variables, &["database", "move", "--to", "private"]);
    assert!(output.status.success(), "{}", words(&output));
    let mut db = external.options().connect().await.expect("a connection");
    let there = content(&mut db).await;
    db.close().await.expect("closed");
    assert_same(&there, &content_of(&back).await, &TRACES);
}

#[tokio::test]
async fn a_backup_comes_back_into_an_external_database() {
    let used = Used::new(async |_, _, _| {}).await;
    let file = used.path("saved.tar.zst");
    done(&used.data(), &["backup", &file]);
    let external = TestDatabase::create(&migration_sets()).await;
    let variables = [("REVENGE_DATABASE__URL", address(external.options()))];
    let back = used.folder.path().join("back");
    let output = run_with(&back, &variables, &["restore", &file]);
    assert!(output.status.success(), "{}", words(&output));
    assert!(!back.join("postgresql").exists(), "no private database is made");
    let mut db = external.options().connect().await.expect("a connection");
    assert_same(&content_of(&used.data()).await, &content(&mut db).await, &super::TRACES);
    db.close().await.expect("closed");
}

#[tokio::test]
async fn a_backup_of_an_older_program_is_migrated_on() {
    let folder = tempfile::tempdir().expect("a folder");
    // A database as a program knew it that lacked the last migration of each spine.
    let full = TestDatabase::create(&migration_sets()).await;
    let mut older = Vec::new();
    let mut snapshot = Snapshot::begin(full.options()).await.expect("a moment");
    for set in migration_sets() {
        let mut applied = snapshot.list_applied(set.schema()).await.expect("the migrations");
        if ["catalog", "c"].contains(&set.schema()) {
            applied.pop();
        }
        older.push(set.up_to(&applied).expect("the same set"));
    }
    snapshot.finish().await.expect("finished");
    let database = TestDatabase::create(&older).await;
    let mut db = database.options().connect().await.expect("a connection");
    let insert = "INSERT INTO catalog.library (kind, name) VALUES ('movies', 'Films')";
    sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut db).await.expect("inserted");
    db.close().await.expect("closed");

    let file = folder.path().join("old.tar.zst").display().to_string();
    let variables = [("REVENGE_DATABASE__URL", address(database.options()))];
    let data = folder.path().join("data");
    let output = run_with(&data, &variables, &["backup", &file]);
    assert!(output.status.success(), "{}", words(&output));
    let back = folder.path().join("back");
    done(&back, &["restore", &file]);
    let after = content_of(&back).await;
    assert_eq!(after["catalog.library"][0]["name"], "Films");
    let program = Program::start(&back);
    assert_eq!(program.stop(), Some(0));
}
