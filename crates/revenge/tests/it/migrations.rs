//! Upgrades meet databases with content: every migration runs on the tables its predecessors left, filled.

use std::path::{Path, PathBuf};

use postgres::MigrationSet;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use testkit::database::TestDatabase;

/// Every room with tables, in the order in which they may refer to each other, and the schemas it is run for.
const ROOMS: [(&str, &[&str]); 6] = [
    ("accounts", &["core"]),
    ("catalog", &["catalog", "c"]),
    ("movies", &["movies"]),
    ("shows", &["shows"]),
    ("notices", &["notices"]),
    ("requests", &["requests"]),
];

fn folder(room: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(room).join("migrations")
}

fn migrations(room: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder(room)).expect("the room has migrations");
    let mut files: Vec<_> = entries
        .map(|it| it.expect("an entry").path())
        .filter(|it| it.extension().is_some())
        .collect();
    files.sort();
    files
}

fn fixture(migration: &Path) -> PathBuf {
    let room = migration.parent().and_then(Path::parent).expect("a room");
    room.join("fixtures").join(migration.file_name().expect("a name"))
}

#[test]
fn every_migration_has_data() {
    for (room, _) in ROOMS {
        for migration in migrations(room) {
            let data = fixture(&migration);
            assert!(
                data.is_file(),
                "{} has no rows for the next migration to meet: {}",
                migration.display(),
                data.display()
            );
        }
    }
}

#[test]
fn no_migration_adds_a_column_that_rows_cannot_have() {
    for (room, _) in ROOMS {
        for migration in migrations(room) {
            let sql = std::fs::read_to_string(&migration).expect("readable");
            assert!(sql.starts_with("-- "), "{} opens with a sentence", migration.display());
            for statement in sql.split(';').filter(|it| it.contains("ADD COLUMN")) {
                let is_fillable = !statement.contains("NOT NULL") || statement.contains("DEFAULT");
                assert!(is_fillable, "{}: {statement}", migration.display());
            }
        }
    }
}

#[tokio::test]
async fn every_migration_runs_on_tables_with_rows() {
    let database = TestDatabase::create(&[]).await;
    let options = database.options();
    for (room, schemas) in ROOMS {
        for schema in schemas {
            let steps = tempfile::tempdir().expect("a folder");
            for migration in migrations(room) {
                let name = migration.file_name().expect("a name");
                std::fs::copy(&migration, steps.path().join(name)).expect("copied");
                let set = MigrationSet::load_dir(*schema, steps.path()).await.expect("they load");
                postgres::migrate(options, &[set])
                    .await
                    .unwrap_or_else(|error| panic!("{room} {name:?}: {error:#}"));
                let rows = std::fs::read_to_string(fixture(&migration)).expect("rows");
                let mut connection = options.connect().await.expect("connected");
                let sql = format!("SET search_path = {schema}, public; {rows}");
                sqlx::raw_sql(AssertSqlSafe(sql))
                    .execute(&mut connection)
                    .await
                    .unwrap_or_else(|error| panic!("the rows of {room} {name:?}: {error}"));
            }
        }
    }
}
