//! Work may be done twice: a node that was killed had perhaps finished. Every kind of work, done again, changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use arrivals::jobs::{ImportHousehold, Stage};
use catalog::arrival::ArrivalId;
use catalog::describe::job::{DescribeItem, DescribeLibrary};
use catalog::describe::nfo::WriteNfo;
use catalog::describe::nfo_library::WriteLibraryNfo;
use kernel::id::{ItemId, LibraryId};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, Row as _};
use testkit::mouthpiece::Mouthpiece;

use crate::app::App;
use crate::process::{make_clip, make_poster};

/// Columns that say when something was looked at last, and how often an answer became outdated.
const MOVING: [&str; 6] =
    ["updated_at", "described_at", "last_scanned_at", "last_seen_at", "generation", "seen_at"];

/// Tables that tell of the work itself: each run of a scan is a row, what was fed is gone.
const TELLS_OF_WORK: [&str; 3] = ["scan", "search_outbox", "_migrations"];

/// Every row of every table of ours, by table.
async fn content(db: &mut PgConnection) -> BTreeMap<String, Vec<Value>> {
    let tables = sqlx::raw_sql(
        "SELECT schemaname, tablename FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'river', 'public') ORDER BY 1, 2",
    );
    let mut content = BTreeMap::new();
    for row in tables.fetch_all(&mut *db).await.expect("the tables") {
        let (schema, table): (String, String) = (row.get(0), row.get(1));
        if TELLS_OF_WORK.contains(&table.as_str()) {
            continue;
        }
        let sql = format!(
            "SELECT to_jsonb(it) - '{{{}}}'::text[] AS it FROM {schema}.{table} AS it ORDER BY 1",
            MOVING.join(",")
        );
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut *db).await.expect("the rows");
        let rows = rows.iter().map(|it| it.get::<Value, _>(0)).collect();
        content.insert(format!("{schema}.{table}"), rows);
    }
    content
}

/// The kinds of which a job was done without fault.
async fn kinds_done(db: &mut PgConnection) -> BTreeSet<String> {
    let sql = "SELECT DISTINCT kind FROM river.river_job WHERE state = 'completed'";
    let rows = sqlx::raw_sql(sql).fetch_all(db).await.expect("the jobs");
    rows.iter().map(|it| it.get::<String, _>(0)).collect()
}

/// Describing begins by itself only where a provider is in use; asked for, it finds out that none is.
async fn describe(app: &App, db: &mut PgConnection) {
    let item =
        sqlx::raw_sql("SELECT id, library_id FROM catalog.item WHERE is_top ORDER BY id LIMIT 1");
    let item = item.fetch_one(&mut *db).await.expect("an item");
    let (item_id, library_id) = (ItemId(item.get(0)), LibraryId(item.get(1)));
    let jobs = &app.workshop.jobs;
    jobs.enqueue(db, &DescribeItem { item_id }).await.expect("enqueued");
    jobs.enqueue(db, &DescribeLibrary { library_id }).await.expect("enqueued");
    jobs.enqueue(db, &WriteNfo { item_id }).await.expect("enqueued");
    jobs.enqueue(db, &WriteLibraryNfo { library_id, since: None }).await.expect("enqueued");
    // An import that was deleted meanwhile.
    let import_id = ArrivalId(item_id.0);
    let import = ImportHousehold { import_id, stage: Stage::Bring };
    jobs.enqueue(db, &import).await.expect("enqueued");
    app.run_jobs().await;
}

#[tokio::test]
async fn every_kind_of_work_done_again_changes_nothing() {
    let app = App::start_with(|config| config.analysis.enabled = true).await;
    let owner = app.owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let film = folder.join("Open Sky (2001)");
    std::fs::create_dir_all(&film).expect("a folder");
    make_clip(&film.join("Open Sky (2001).mp4"));
    make_poster(&film.join("poster.jpg"));
    make_clip(&folder.join("Hidden Valley (2002).mp4"));
    std::fs::write(folder.join("Broken (2003).mkv"), "no film").expect("written");
    app.scan(&owner, &library).await;

    let mut db = app.database.options().connect().await.expect("connected");
    let registry = revenge::wiring::registry(&app.workshop).expect("the list of work");
    let known: BTreeSet<String> = registry.kinds().map(str::to_owned).collect();
    describe(&app, &mut db).await;
    let listener = Mouthpiece::start().await;
    let address = format!("json://127.0.0.1:{}/", listener.port);
    let target = json!({ "address": address, "events": ["items.added"], "is_local": true });
    let target = app.post(&owner, "/notices/targets", target).await.json();
    let id = target["target"]["id"].as_str().expect("an id");
    app.post(&owner, &format!("/notices/targets/{id}/test"), Value::Null).await;
    app.run_jobs().await;
    let done = kinds_done(&mut db).await;
    // What comes around by itself needs no argument; it is written down as any client of the queue would.
    for kind in known.difference(&done) {
        let sql = "INSERT INTO river.river_job (kind, args, max_attempts, queue) VALUES ($1, '{}', 1, 'low')";
        sqlx::query(sql).bind(kind).execute(&mut db).await.expect("enqueued");
    }
    app.run_jobs().await;
    assert_eq!(
        kinds_done(&mut db).await,
        known,
        "each kind of work has something to do in this test"
    );

    let before = content(&mut db).await;
    assert!(before["catalog.item"].len() >= 2, "the scan found the films");
    sqlx::raw_sql(
        "UPDATE river.river_job SET state = 'available', finalized_at = NULL, attempt = 0, errors = NULL
         WHERE id IN (
             SELECT max(id) FROM river.river_job WHERE state = 'completed' GROUP BY COALESCE(unique_key, int8send(id))
         )",
    )
    .execute(&mut db)
    .await
    .expect("put back, of the same work the last");
    app.run_jobs().await;

    let after = content(&mut db).await;
    for (table, rows) in &before {
        assert_eq!(rows, &after[table], "{table}");
    }
    assert_eq!(listener.heard().len(), 1, "what was sent is not sent again");
}
