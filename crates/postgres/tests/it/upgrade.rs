//! A cluster of PostgreSQL 17 that comes to 18, with a schema of the test's own.

use std::path::{Path, PathBuf};

use futures::{FutureExt as _, StreamExt as _};
use postgres::Target;
use postgres::cluster::{
    Binaries, Carry, CarryError, Cluster, FolderLock, PrivateConfig, list_previous,
};
use postgres::transfer::{Loading, Snapshot};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::{binaries, config, connect, process, scalar};

const TABLES: &str = "
    CREATE SCHEMA shop;
    CREATE TABLE shop.customer (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT customer_pk PRIMARY KEY,
        name text NOT NULL, note text, born date, share double precision, picture bytea,
        loud text GENERATED ALWAYS AS (upper(name)) STORED
    );
    CREATE TABLE shop.order_line (
        customer_id bigint NOT NULL CONSTRAINT order_line_customer_fk REFERENCES shop.customer (id),
        facts jsonb NOT NULL, words text[] NOT NULL
    )";

const ROWS: &str = r"
    INSERT INTO shop.customer (name, note, born, share, picture)
    SELECT 'näme ' || n, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN E'two\nlines\tand \\N' ELSE '' END,
           date '1900-01-01' + n, n / 7.0, sha256(n::text::bytea)
    FROM generate_series(1, 5000) AS n;
    INSERT INTO shop.order_line
    SELECT id, jsonb_build_object('id', id, 'null', NULL), ARRAY['a,b', NULL, name] FROM shop.customer";

/// Of everything there is, in whatever order.
const SUM: &str = "
    SELECT md5(string_agg(it, '|' ORDER BY it)) FROM (
        SELECT c::text AS it FROM shop.customer AS c UNION ALL SELECT o::text FROM shop.order_line AS o
    ) AS rows";

fn binaries_of_17() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/postgresql-17/bin");
    assert!(folder.is_dir(), "PostgreSQL 17 is installed for tests: run `make setup`");
    folder
}

async fn carry(from: PgConnectOptions, to: PgConnectOptions) -> Result<(), CarryError> {
    let mut made = to.connect().await?;
    made.execute(TABLES).await?;
    made.close().await?;
    let mut snapshot = Snapshot::begin(&from).await?;
    let mut loading = Loading::begin(&to, &["shop"]).await?;
    for table in snapshot.list_tables(&["shop"]).await? {
        let mut into = loading.load(&table).await?;
        let mut rows = snapshot.read(&table).await?;
        while let Some(bytes) = rows.next().await {
            into.send(bytes?).await?;
        }
        drop(rows);
        into.finish().await?;
    }
    for sequence in snapshot.list_sequences(&["shop"]).await? {
        loading.set_sequence(&sequence).await?;
    }
    loading.finish().await?;
    snapshot.finish().await?;
    Ok(())
}

/// Programs of 18 that know how to bring a cluster of 17 over.
fn upgrading(folder: &Path) -> PrivateConfig {
    PrivateConfig {
        previous_binaries: Some(binaries_of_17()),
        carry: Some(Carry::new(|from, to| carry(from, to).boxed())),
        ..config(folder)
    }
}

/// A used cluster of 17, stopped; the sum of its rows.
async fn make_17(folder: &Path) -> String {
    let lock = FolderLock::take(folder).expect("free");
    let programs = Binaries { folder: binaries_of_17(), major: 17 };
    let cluster =
        Cluster::prepare_with(programs, &config(folder), &lock).await.expect("a cluster of 17");
    let server = cluster.start().await.expect("it starts");
    let mut db = cluster.options("postgres").connect().await.expect("a connection");
    db.execute("CREATE DATABASE revenge").await.expect("a database");
    db.close().await.expect("closed");
    let mut db = cluster.options("revenge").connect().await.expect("a connection");
    db.execute(TABLES).await.expect("tables");
    db.execute(ROWS).await.expect("rows");
    db.execute("CREATE TABLE public.of_somebody AS SELECT 1 AS one").await.expect("a table");
    let sum = scalar(&mut db, SUM).await;
    db.close().await.expect("closed");
    server.stop().await;
    sum
}

fn version(data: &Path) -> String {
    std::fs::read_to_string(data.join("PG_VERSION")).expect("a cluster").trim().to_owned()
}

/// Starts as a person would, and finds everything, in a cluster of 18, with the old one kept beside it.
async fn assert_arrives(folder: &Path, sum: &str) {
    let server = postgres::open(Target::Private(upgrading(folder))).await.expect("it starts");
    assert!(server.version().starts_with("18."), "{}", server.version());
    let mut db = connect(&server).await;
    assert_eq!(scalar(&mut db, SUM).await, sum);
    for (question, expected) in [
        ("SELECT count(*)::text FROM shop.order_line", "5000"),
        ("SELECT loud FROM shop.customer WHERE id = 7", "NÄME 7"),
        ("SELECT current_setting('data_checksums')", "on"),
        ("SELECT current_setting('default_transaction_read_only')", "off"),
        (
            "INSERT INTO shop.customer (name) VALUES ('next') RETURNING (id BETWEEN 5001 AND 5009)::text",
            "true",
        ),
        ("DELETE FROM shop.customer WHERE id > 5000 RETURNING name", "next"),
    ] {
        assert_eq!(scalar(&mut db, question).await, expected, "{question}");
    }
    let orphan = db.execute("INSERT INTO shop.order_line VALUES (9999, '{}', '{}')").await;
    assert!(orphan.expect_err("refused").to_string().contains("order_line_customer_fk"));
    db.close().await.expect("closed");
    server.stop().await;

    let previous = list_previous(folder).expect("readable");
    assert_eq!(previous.len(), 1, "{previous:?}");
    assert!(previous[0].folder.ends_with("data-17.old"), "{previous:?}");
    assert!(previous[0].bytes > 1 << 20, "{previous:?}");
    assert_eq!(version(&previous[0].folder), "17");
    assert_eq!(version(&folder.join("data")), "18");
    assert!(!folder.join("upgrade").exists());
    assert!(!folder.join("upgraded").exists());
}

#[tokio::test]
async fn a_cluster_of_an_earlier_version_is_brought_over_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let sum = make_17(folder.path()).await;
    assert_arrives(folder.path(), &sum).await;
    // A second start has nothing to do.
    assert_arrives(folder.path(), &sum).await;

    // The old one is whole: put back, it is brought over again.
    std::fs::remove_dir_all(folder.path().join("data")).expect("deleted");
    std::fs::rename(folder.path().join("data-17.old"), folder.path().join("data")).expect("back");
    assert_arrives(folder.path(), &sum).await;
}

#[tokio::test]
async fn a_switch_that_was_cut_short_is_finished() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let sum = make_17(folder).await;
    let (data, old) = (folder.join("data"), folder.join("data-17.old"));
    let (upgrade, marker) = (folder.join("upgrade"), folder.join("upgraded"));
    assert_arrives(folder, &sum).await;
    let control = std::fs::read(old.join("global/pg_control")).expect("a control file");
    let as_read = || std::fs::write(&marker, [b"17 18\n".as_slice(), &control].concat());

    // Before the marker was deleted.
    as_read().expect("written");
    assert_arrives(folder, &sum).await;

    // Between both renames.
    as_read().expect("written");
    std::fs::create_dir(&upgrade).expect("a folder");
    std::fs::rename(&data, upgrade.join("data")).expect("renamed");
    assert_arrives(folder, &sum).await;

    // Before the first.
    as_read().expect("written");
    std::fs::create_dir(&upgrade).expect("a folder");
    std::fs::rename(&data, upgrade.join("data")).expect("renamed");
    std::fs::rename(&old, &data).expect("renamed");
    assert_arrives(folder, &sum).await;
}

#[tokio::test]
async fn what_was_written_with_the_old_programs_meanwhile_is_not_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let sum = make_17(folder).await;
    assert_arrives(folder, &sum).await;
    let (data, old, upgrade) =
        (folder.join("data"), folder.join("data-17.old"), folder.join("upgrade"));
    let control = std::fs::read(old.join("global/pg_control")).expect("a control file");
    // Cut short before the first rename; then somebody goes on with the programs from before.
    std::fs::create_dir(&upgrade).expect("a folder");
    std::fs::rename(&data, upgrade.join("data")).expect("renamed");
    std::fs::rename(&old, &data).expect("renamed");
    let lock = FolderLock::take(folder).expect("free");
    let programs = Binaries { folder: binaries_of_17(), major: 17 };
    let cluster = Cluster::prepare_with(programs, &config(folder), &lock).await.expect("ready");
    let server = cluster.start().await.expect("it starts");
    let mut db = cluster.options("revenge").connect().await.expect("a connection");
    db.execute("UPDATE shop.customer SET note = 'later' WHERE id = 1").await.expect("written");
    let later = scalar(&mut db, SUM).await;
    assert_ne!(later, sum);
    db.close().await.expect("closed");
    server.stop().await;
    drop(lock);

    std::fs::write(folder.join("upgraded"), [b"17 18\n".as_slice(), &control].concat())
        .expect("written");
    assert_arrives(folder, &later).await;
}

#[tokio::test]
async fn a_program_killed_while_rows_are_carried_begins_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let sum = make_17(folder.path()).await;
    for step in ["before", "loading", "after"] {
        let mut child = process::again("upgrade::be_killed", folder.path(), |command| {
            command.env(STEP, step);
        });
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        while let Some(line) = lines.next_line().await.expect("readable") {
            if line.contains("reached") {
                break;
            }
        }
        child.kill().await.expect("killed");
        // Both servers outlive it; nothing has changed place.
        assert_eq!(version(&folder.path().join("data")), "17", "{step}");
        assert!(folder.path().join("upgrade/data").exists(), "{step}");
        let left = server_of(&folder.path().join("upgrade/data"));
        assert!(process::is_running(left), "{step}");
    }
    assert_arrives(folder.path(), &sum).await;
}

fn server_of(data: &Path) -> i32 {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).expect("it runs");
    text.lines().next().and_then(|it| it.trim().parse().ok()).expect("a pid")
}

/// Names the step to [`be_killed`].
const STEP: &str = "REVENGE_TEST_STEP";

#[tokio::test]
#[ignore = "the other process of the test that kills one"]
#[expect(clippy::disallowed_methods, reason = "set by the test that starts it")]
async fn be_killed() {
    let step = std::env::var(STEP).expect("set");
    let stop = async || {
        println!("reached");
        std::future::pending::<()>().await;
    };
    let carry = Carry::new(move |from, to| {
        let step = step.clone();
        async move {
            match step.as_str() {
                "before" => stop().await,
                "after" => {
                    carry(from, to).await?;
                    stop().await;
                }
                _ => {
                    let mut made = to.connect().await?;
                    made.execute(TABLES).await?;
                    let _snapshot = Snapshot::begin(&from).await?;
                    let _loading = Loading::begin(&to, &["shop"]).await?;
                    stop().await;
                }
            }
            Ok(())
        }
        .boxed()
    });
    let config = PrivateConfig { carry: Some(carry), ..upgrading(&process::folder()) };
    let outcome = postgres::open(Target::Private(config)).await;
    panic!("{outcome:?}");
}

#[tokio::test]
async fn rows_that_cannot_be_carried_leave_the_old_cluster_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let sum = make_17(folder).await;
    let carry = Carry::new(|from, _| {
        async move {
            // Nobody writes to what is being read.
            let mut db = from.connect().await?;
            let refusal = db.execute("DELETE FROM shop.order_line").await.expect_err("read only");
            Err(refusal.into())
        }
        .boxed()
    });
    let config = PrivateConfig { carry: Some(carry), ..upgrading(folder) };
    let refusal = postgres::open(Target::Private(config)).await.expect_err("it cannot");
    assert!(refusal.to_string().contains("from PostgreSQL 17 to 18"), "{refusal}");
    let cause = std::error::Error::source(&refusal).expect("why").to_string();
    assert!(cause.contains("read-only transaction"), "{cause}");
    assert_eq!(version(&folder.join("data")), "17");
    assert!(!folder.join("upgrade").exists());
    assert!(!folder.join("data/postmaster.pid").exists(), "it runs no more");
    assert_arrives(folder, &sum).await;
}

#[tokio::test]
async fn programs_that_are_missing_for_it_are_asked_for_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    make_17(folder).await;
    let empty = folder.join("empty");
    let config = PrivateConfig { previous_binaries: Some(empty.clone()), ..upgrading(folder) };
    let refusal = postgres::open(Target::Private(config)).await.expect_err("none").to_string();
    for words in [
        "was made by PostgreSQL 17",
        &format!("none in {}", empty.display()),
        "postgresql-17",
        "database.previous_binaries",
        "revenge backup",
        "nothing was changed",
    ] {
        assert!(refusal.contains(words), "{words}: {refusal}");
    }
    let wrong = PrivateConfig { previous_binaries: binaries(), ..upgrading(folder) };
    let refusal = postgres::open(Target::Private(wrong)).await.expect_err("18").to_string();
    assert!(refusal.contains("version 18 in"), "{refusal}");
    assert_eq!(version(&folder.join("data")), "17");
}

#[tokio::test]
async fn a_newer_cluster_is_refused_untouched() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    crate::open(folder).await.stop().await;
    std::fs::write(folder.join("data/PG_VERSION"), "19\n").expect("a newer cluster");
    let before = std::fs::read(folder.join("data/global/pg_control")).expect("a control file");
    let refusal = postgres::open(Target::Private(upgrading(folder))).await.expect_err("newer");
    let refusal = refusal.to_string();
    assert!(refusal.contains("made by PostgreSQL 19"), "{refusal}");
    assert!(refusal.contains("older version 18"), "{refusal}");
    assert!(refusal.contains("nothing was changed"), "{refusal}");
    let after = std::fs::read(folder.join("data/global/pg_control")).expect("a control file");
    assert_eq!(before, after);
    assert!(!folder.join("upgrade").exists());
}
