//! No request reads a large table as a whole: every query that the program may ask is explained on a database with many
//! items, and one that would read a table from end to end, or sort as much, fails, unless it is known why it must.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use revenge::wiring::migration_sets;
use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, Row as _};
use testkit::database::TestDatabase;

/// Queries that may read all of it, by the file they stand in (or its folder) and a part of their text.
const ALLOWED: &[(&str, &str, &str)] = &[
    (
        "catalog/src/analysis/store.rs",
        "FROM file JOIN library",
        "a job: looks through all files for what is due",
    ),
    (
        "catalog/src/artwork/store.rs",
        "FROM file JOIN library_folder",
        "a job: pictures nobody has looked at",
    ),
    (
        "catalog/src/library/store.rs",
        "SELECT count(*) FROM item WHERE library_id",
        "kept under the library's generation",
    ),
    (
        "catalog/src/describe/store/due.rs",
        "SET describe_due_at",
        "a person wants a whole library described anew",
    ),
    (
        "catalog/src/library/store.rs",
        "INSERT INTO search_outbox",
        "a library is deleted, with all it holds",
    ),
    (
        "catalog/src/library/store.rs",
        "item.parent_number = 0",
        "a setting of a library changed; walks it once",
    ),
    (
        "catalog/src/scan/store/cleanup.rs",
        "DELETE FROM item",
        "a job: forgets what has long been gone",
    ),
    ("catalog/src/scan/store/progress.rs", "count(*)", "a job: a scan counts once what it knows"),
    (
        "catalog/src/suggest/store/meaning.rs",
        "INSERT INTO text_due",
        "a job: a text model that is new is to read every title",
    ),
    (
        "catalog/src/suggest/store/rarity.rs",
        "SELECT count(*)",
        "a job: asks each quarter of an hour whether there is twice as much",
    ),
];

/// A query of the program's.
struct Query {
    /// As it stands in the source, its blanks made one.
    text: String,
    /// As PostgreSQL names the types of its parameters.
    types: Vec<String>,
    /// Where it stands, from the folder of crates.
    file: String,
}

/// Every checked query there is, with the file it stands in.
fn list_queries() -> Vec<Query> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources: Vec<(String, String)> = rust_files(&crates)
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source");
            let name = path.strip_prefix(&crates).expect("below it").display().to_string();
            // In ordinary strings quotes and backslashes stand behind a backslash.
            (name, plain(&text.replace("\\\"", "\"").replace("\\\\", "\\")))
        })
        .collect();
    let mut queries = Vec::new();
    for entry in std::fs::read_dir(crates.join("../.sqlx")).expect("the checked queries") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a query");
        let query: Value = serde_json::from_str(&text).expect("JSON");
        let text = plain(query["query"].as_str().expect("its text"));
        // What sets something or gathers statistics has no plan.
        if !["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|it| text.starts_with(it)) {
            continue;
        }
        let types = query["describe"]["parameters"]["Left"].as_array().into_iter().flatten();
        let types = types.map(|it| type_name(it.as_str().expect("a plain type"))).collect();
        let file = sources.iter().find(|(_, source)| source.contains(&text));
        let file = file.map_or_else(|| panic!("nobody asks {text}"), |(name, _)| name.clone());
        queries.push(Query { text, types, file });
    }
    queries
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files
}

/// With one blank for many.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `UuidArray` is `uuid[]`.
fn type_name(name: &str) -> String {
    match name.strip_suffix("Array") {
        Some(element) => format!("{}[]", element.to_lowercase()),
        None => name.to_lowercase(),
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Item,
    Library,
    Person,
}

/// A value of a type, as a literal.
fn sample(name: &str, asked: Asked) -> String {
    if let Some(element) = name.strip_suffix("[]") {
        let elements = match (element, asked) {
            ("uuid", Asked::Item) => {
                "'04000000-0000-7000-8000-000000000001', '04000000-0000-7000-8000-000000000002', '02000000-0000-7000-8000-000000000001'".to_owned()
            }
            ("uuid", _) => "'02000000-0000-7000-8000-000000000001', '02000000-0000-7000-8000-000000000002'".to_owned(),
            (element, _) => sample(element, asked),
        };
        return format!("ARRAY[{elements}]::{name}");
    }
    let value = match (name, asked) {
        ("uuid", Asked::Item) => "'04000000-0000-7000-8000-000000000001'",
        ("uuid", Asked::Library) => "'02000000-0000-7000-8000-000000000001'",
        ("uuid", Asked::Person) => "'01000000-0000-7000-8000-000000000001'",
        ("bool", Asked::Library) => "false",
        ("bool", _) => "true",
        ("timestamptz" | "date", _) => "'2026-01-01'",
        ("jsonb", _) => "'{}'",
        ("bytea", _) => "'\\x00'",
        ("int2" | "int4" | "int8" | "float4", _) => "40",
        _ => "'amber'",
    };
    format!("{value}::{name}")
}

/// The tables that a plan reads from end to end.
fn read_whole(plan: &Value, found: &mut BTreeSet<String>) {
    if plan["Node Type"].as_str().is_some_and(|it| it.ends_with("Seq Scan")) {
        let name = |field: &str| plan[field].as_str().expect("a name").to_owned();
        found.insert(format!("{}.{}", name("Schema"), name("Relation Name")));
    }
    for inner in plan["Plans"].as_array().into_iter().flatten() {
        read_whole(inner, found);
    }
}

/// Whether a plan sorts so many rows, where the order of an index should have given the first of them.
fn sorts_many(plan: &Value, many: f64) -> bool {
    let inner = || plan["Plans"].as_array().into_iter().flatten();
    let is_sort = plan["Node Type"] == "Sort";
    is_sort && inner().any(|it| it["Plan Rows"].as_f64().is_some_and(|it| it >= many))
        || inner().any(|it| sorts_many(it, many))
}

async fn explain(db: &mut PgConnection, query: &Query, asked: Asked) -> sqlx::Result<Value> {
    let schema = if query.file.starts_with("accounts") { "core" } else { "catalog" };
    let (types, values): (Vec<_>, Vec<_>) =
        query.types.iter().map(|it| (it.clone(), sample(it, asked))).unzip();
    let in_brackets = |it: Vec<String>| {
        if it.is_empty() { String::new() } else { format!("({})", it.join(", ")) }
    };
    let setup = format!(
        "DEALLOCATE ALL; SET search_path = {schema}, public; SET plan_cache_mode = force_custom_plan;
         PREPARE asked{} AS {}",
        in_brackets(types),
        query.text
    );
    sqlx::raw_sql(AssertSqlSafe(setup)).execute(&mut *db).await?;
    let explain = format!("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE asked{}", in_brackets(values));
    let row = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_one(db).await?;
    let plans: Value = row.try_get(0)?;
    Ok(plans[0]["Plan"].clone())
}

/// Explains every query on a database with `n_items` items.
async fn check(n_items: u64) {
    let database = TestDatabase::create(&migration_sets()).await;
    let mut db = database.options().connect().await.expect("a connection");
    let content = include_str!("plans/content.sql").replace("N_ITEMS", &n_items.to_string());
    sqlx::raw_sql(AssertSqlSafe(content)).execute(&mut db).await.expect("content");
    let large = sqlx::query_scalar::<_, String>(
        "SELECT relnamespace::regnamespace || '.' || relname FROM pg_class WHERE relkind = 'r' AND reltuples >= $1",
    );
    let large: BTreeSet<String> = large
        .bind(n_items as f32 / 4.0)
        .fetch_all(&mut db)
        .await
        .expect("sizes")
        .into_iter()
        .collect();
    assert!(
        large.len() >= 15 && large.contains("catalog.item") && large.contains("catalog.play_event"),
        "{large:?}"
    );

    let sorting = Query {
        text: "SELECT id FROM item ORDER BY title || id::text LIMIT 10".to_owned(),
        types: Vec::new(),
        file: "catalog".to_owned(),
    };
    let plan = explain(&mut db, &sorting, Asked::Item).await.expect("a plan");
    assert!(sorts_many(&plan, n_items as f64 / 4.0), "no index has this order: {plan}");

    let mut found = BTreeSet::new();
    for query in list_queries() {
        let is_allowed = ALLOWED
            .iter()
            .any(|(file, part, _)| query.file.starts_with(file) && query.text.contains(part));
        for asked in [Asked::Item, Asked::Library, Asked::Person] {
            let plan = match explain(&mut db, &query, asked).await {
                Ok(plan) => plan,
                Err(error) => panic!("{}: {}: {error}", query.file, query.text),
            };
            let mut whole = BTreeSet::new();
            read_whole(&plan, &mut whole);
            if !is_allowed {
                let told = |table| format!("{}: {table} as a whole: {}", query.file, query.text);
                found.extend(whole.intersection(&large).map(told));
                if sorts_many(&plan, n_items as f64 / 4.0) {
                    found.insert(format!("{}: sorts it all: {}", query.file, query.text));
                }
            }
        }
    }
    let found: Vec<_> = found.into_iter().collect();
    assert!(found.is_empty(), "{} queries:\n{}", found.len(), found.join("\n"));
}

#[tokio::test]
async fn no_request_reads_a_table_of_a_hundred_thousand_items_as_a_whole() {
    check(100_000).await;
}

#[tokio::test]
async fn slow_no_request_reads_a_table_of_a_million_items_as_a_whole() {
    check(1_000_000).await;
}
