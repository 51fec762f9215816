//! The tables as they stand after all migrations are part of the repository, so that a review sees what a migration makes
//! of them as a whole: a column, a constraint, an index that was forgotten.

use std::fmt::Write as _;
use std::path::Path;

use revenge::wiring::migration_sets;
use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use testkit::database::TestDatabase;

/// One line a fact, grouped by table. Schema `c` has the tables of `catalog` again, which is asked for itself.
const FACTS: &str = "
SELECT table_schema AS schema, table_name AS name, 1 AS rank, lpad(ordinal_position::text, 3, '0') AS place,
       concat_ws(' ', column_name, format_type(atttypid, atttypmod),
           CASE WHEN is_nullable = 'NO' THEN 'NOT NULL' END, 'DEFAULT ' || column_default,
           'GENERATED AS ' || generation_expression) AS fact
FROM information_schema.columns
JOIN pg_attribute ON attrelid = format('%I.%I', table_schema, table_name)::regclass AND attname = column_name
UNION ALL
SELECT nspname, relname, 2, conname, concat_ws(' ', 'CONSTRAINT', conname, pg_get_constraintdef(pg_constraint.oid))
FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE contype <> 'n'
UNION ALL
SELECT schemaname, tablename, 3, indexname,
       concat_ws(' ', indexdef, '-- ' || obj_description(format('%I.%I', schemaname, indexname)::regclass))
FROM pg_indexes
ORDER BY schema, name, rank, place";

/// The tables of the schemas that are wanted, as text.
pub async fn schema(db: &mut PgConnection, wanted: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    let mut table = String::new();
    for row in sqlx::raw_sql(FACTS).fetch_all(db).await.expect("the facts") {
        let (schema, name): (String, String) = (row.get("schema"), row.get("name"));
        if !wanted(&schema) {
            continue;
        }
        let full = format!("{schema}.{name}");
        if full != table {
            writeln!(text, "\n{full}").expect("text grows");
            table = full;
        }
        writeln!(text, "    {}", row.get::<String, _>("fact")).expect("text grows");
    }
    text
}

async fn migrated() -> (TestDatabase, PgConnection) {
    let database = TestDatabase::create(&migration_sets()).await;
    let connection = database.options().connect().await.expect("connected");
    (database, connection)
}

#[tokio::test]
async fn the_tables_are_the_committed_ones() {
    let (_database, mut db) = migrated().await;
    let ours = ["core", "catalog", "movies", "shows", "requests"];
    let current = schema(&mut db, |it| ours.contains(&it)).await;

    let committed = include_str!("../../fixtures/schema.txt");
    if current.trim() != committed.trim() {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema.txt");
        std::fs::write(&place, current.trim_start()).expect("written");
        panic!(
            "the tables changed: look at {} and put it in the place of crates/revenge/fixtures/schema.txt",
            place.display()
        );
    }
}

#[tokio::test]
async fn the_adult_schema_has_the_tables_of_the_catalog() {
    let (_database, mut db) = migrated().await;
    let catalog = schema(&mut db, |it| it == "catalog").await;
    let adult = schema(&mut db, |it| it == "c").await;
    assert!(catalog.contains("catalog.item"));
    // Only names of the schema differ; a table or an index of one that the other lacks is a mistake.
    let plain = |text: &str, name: &str| text.replace(&format!("{name}."), "").replace('\'', "");
    assert_eq!(plain(&catalog, "catalog"), plain(&adult, "c"));
}
