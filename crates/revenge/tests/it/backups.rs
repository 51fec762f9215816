//! A server saved and brought back, by the program as a person runs it, on real databases.

mod archives;
mod moving;
mod served;
mod upgrading;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use postgres::Target;
use postgres::cluster::PrivateConfig;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, Row as _};

use crate::process::{Program, binaries, is_scanned, make_clip, make_poster, revenge};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Tables in which a restore leaves traces of its own: pictures to be made again, work to do so, lists of migrations with the
/// time at which each ran.
const TRACES: [&str; 5] = [
    "catalog.image",
    "river.river_job",
    "river.river_notification",
    "river.river_migration",
    "river.river_queue",
];

/// Runs the program on a data folder to its end.
fn run(data: &Path, words: &[&str]) -> Output {
    run_with(data, &[], words)
}

fn run_with(data: &Path, variables: &[(&str, String)], words: &[&str]) -> Output {
    let mut command = revenge(data);
    for (name, value) in variables {
        command.env(name, value);
    }
    command.arg("--data-dir").arg(data).args(words).output().expect("it runs")
}

fn words(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Runs it, and expects that it succeeds.
fn done(data: &Path, with: &[&str]) -> String {
    let output = run(data, with);
    assert!(output.status.success(), "{with:?}: {}", words(&output));
    words(&output)
}

/// Runs it, and expects that it fails and says why.
fn refused(data: &Path, with: &[&str], why: &str) {
    let output = run(data, with);
    assert_eq!(output.status.code(), Some(1), "{with:?}: {}", words(&output));
    assert!(words(&output).contains(why), "{with:?}: {}", words(&output));
}

/// Every row of every table of ours, by table.
async fn content(db: &mut PgConnection) -> BTreeMap<String, Vec<Value>> {
    let tables = sqlx::raw_sql(
        "SELECT schemaname, tablename FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public') AND tablename <> '_migrations'
         ORDER BY 1, 2",
    );
    let mut content = BTreeMap::new();
    for row in tables.fetch_all(&mut *db).await.expect("the tables") {
        let (schema, table): (String, String) = (row.get(0), row.get(1));
        let sql = format!("SELECT to_jsonb(it) AS it FROM {schema}.{table} AS it ORDER BY 1");
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut *db).await.expect("the rows");
        let rows = rows.iter().map(|it| it.get::<Value, _>(0)).collect();
        content.insert(format!("{schema}.{table}"), rows);
    }
    content
}

/// The content of the private database in a data folder on which no server runs.
async fn content_of(data: &Path) -> BTreeMap<String, Vec<Value>> {
    let config =
        PrivateConfig { binaries: Some(binaries()), ..PrivateConfig::new(data.join("postgresql")) };
    let server = postgres::open(Target::Private(config)).await.expect("the database");
    let mut db = server.options().connect().await.expect("a connection");
    let content = content(&mut db).await;
    drop(db);
    server.stop().await;
    content
}

/// That two databases hold the same, but for the traces of a restore.
fn assert_same(
    before: &BTreeMap<String, Vec<Value>>,
    after: &BTreeMap<String, Vec<Value>>,
    traces: &[&str],
) {
    assert!(before.keys().eq(after.keys()), "{:?} {:?}", before.keys(), after.keys());
    for (table, rows) in before {
        if !traces.contains(&table.as_str()) {
            assert_eq!(rows, &after[table], "{table}");
        }
    }
    let filled = before.values().filter(|it| !it.is_empty()).count();
    assert!(filled > 20, "only {filled} tables have rows: this proves little");
}

/// A data folder whose server was used: people, a library, a position, a mark, an edit and a picture of one's own.
struct Used {
    folder: tempfile::TempDir,
    film: String,
    picture: Vec<u8>,
}

impl Used {
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Uses a server; `then` is done while it still runs.
    async fn new(then: impl AsyncFnOnce(&Self, &Program, &str)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let films = folder.path().join("films");
        std::fs::create_dir_all(&films).expect("a folder");
        for name in ["Open Sky (2001).mp4", "Closed Sky (2003).mp4", "Sea (1990).mp4"] {
            make_clip(&films.join(name));
        }
        let poster = folder.path().join("mine.png");
        make_poster(&poster);
        let picture = std::fs::read(poster).expect("a picture");
        let mut used = Self { folder, film: String::new(), picture };
        std::fs::create_dir_all(used.data()).expect("a folder");
        let config = "# mine\nlog:\n  level: ${LEVEL:info}\nmetadata:\n  tmdb:\n    key:\n";
        std::fs::write(used.data().join("revenge.yaml"), config).expect("written");

        // The work of looking at films would be waited for.
        let variables = [("REVENGE_ANALYSIS__ENABLED", "false")];
        let program = Program::start_with(&used.data(), &variables);
        let token = program.set_up().await;
        let person = json!({ "name": "Ana", "password": "a long password" });
        let (status, answer) =
            program.ask(Some(&token), Method::POST, "/people", Some(person)).await;
        assert_eq!(status, 201, "{answer}");
        let library = program.add_library(&token, &films).await;
        program.scan(&token, &library).await;
        program.wait_for(&token, &library, |it| is_scanned(it, 3)).await;
        let page = program.get(&token, "/items?limit=10").await;
        let items = page["items"].as_array().expect("a list");
        let film = items.iter().find(|it| it["title"] == "Open Sky").expect("the film");
        film["id"].as_str().expect("an id").clone_into(&mut used.film);
        let sea = items.iter().find(|it| it["title"] == "Sea").expect("the other");
        let sea = sea["id"].as_str().expect("an id");
        let item = format!("/items/{}", used.film);
        for (method, path, body) in [
            (
                Method::PUT,
                format!("{item}/progress"),
                json!({ "position_ms": 400, "duration_ms": 1000, "state": "stopped" }),
            ),
            (Method::PUT, format!("{item}/favourite"), json!({})),
            (Method::PUT, format!("/items/{sea}/played"), json!({})),
            (Method::PATCH, item.clone(), json!({ "overview": "Ünder\tthe \\N sky\nit flies" })),
        ] {
            let (status, answer) = program.ask(Some(&token), method, &path, Some(body)).await;
            assert!((200..300).contains(&status), "{path}: {status} {answer}");
        }
        let (status, answer) =
            program.upload(&token, &format!("{item}/images/poster"), used.picture.clone()).await;
        assert_eq!(status, 201, "{answer}");
        wait_for_quiet(&program, &token).await;
        then(&used, &program, &token).await;
        assert_eq!(program.stop(), Some(0));
        used
    }
}

/// Waits until no work waits or runs.
async fn wait_for_quiet(program: &Program, token: &str) {
    let began = Instant::now();
    loop {
        let queued = program.get(token, "/jobs?state=queued&limit=1").await;
        let running = program.get(token, "/jobs?state=running&limit=1").await;
        if queued["items"] == json!([]) && running["items"] == json!([]) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "still at work: {queued} {running}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The poster that a film shows.
async fn poster(program: &Program, token: &str, film: &str) -> Vec<u8> {
    let images = program.get(token, &format!("/items/{film}/images")).await;
    let text = images.to_string();
    let roles = images["roles"].as_array().unwrap_or_else(|| panic!("{text}"));
    let role = roles.iter().find(|it| it["role"] == "poster").unwrap_or_else(|| panic!("{text}"));
    let shown = role["images"].as_array().expect("images").iter().find(|it| it["is_shown"] == true);
    let id = shown.unwrap_or_else(|| panic!("{text}"))["id"].as_str().expect("an id").to_owned();
    program.fetch_as(token, &format!("/api/v1/images/{id}")).await
}

#[tokio::test]
async fn a_server_comes_back_table_by_table_and_file_by_file() {
    let used = Used::new(async |_, _, _| {}).await;
    let file = used.path("saved.tar.zst");
    let told = done(&used.data(), &["backup", &file]);
    assert!(told.contains("read again and whole") && told.contains("1 pictures"), "{told}");
    let mode = std::fs::metadata(&file).expect("the backup").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(done(&used.data(), &["restore", "--check", &file]).contains("is whole"));

    let back = used.folder.path().join("back");
    let told = done(&back, &["restore", &file]);
    assert!(told.contains("in force from the next start"), "{told}");
    let (before, after) = (content_of(&used.data()).await, content_of(&back).await);
    assert_same(&before, &after, &TRACES);
    let originals: Vec<_> = files_below(&back.join("artwork"));
    assert_eq!(originals.len(), 1, "what can be made again is not kept");
    assert_eq!(std::fs::read(&originals[0]).expect("the picture"), used.picture);
    let config = |data: &Path| std::fs::read_to_string(data.join("revenge.yaml")).expect("read");
    assert_eq!(config(&back), config(&used.data()));
    let mode = std::fs::metadata(back.join("revenge.yaml")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    refused(&back, &["restore", &file], "say --replace");
    assert_same(&after, &content_of(&back).await, &[]);
    done(&back, &["restore", "--replace", &file]);
    assert_same(&before, &content_of(&back).await, &TRACES);

    let program = Program::start_with(&back, &[("REVENGE_ANALYSIS__ENABLED", "false")]);
    let body = json!({ "name": "owner", "password": "correct horse" });
    let (status, answer) = program.ask(None, Method::POST, "/sessions", Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    let token = answer["token"].as_str().expect("a token").to_owned();
    let film = program.get(&token, &format!("/items/{}", used.film)).await;
    assert_eq!(film["progress"]["position_ms"], 400, "{film}");
    assert_eq!(film["overview"], "Ünder\tthe \\N sky\nit flies");
    assert_eq!(film["is_favourite"], true, "{film}");
    assert_eq!(poster(&program, &token, &used.film).await, used.picture);
    wait_for_quiet(&program, &token).await;
    let found = program.get(&token, "/search?q=closed").await;
    assert!(found.to_string().contains("Closed Sky"), "{found}");
    let closed = found["hits"][0]["id"].as_str().expect("an id");
    let frame = poster(&program, &token, closed).await;
    assert!(frame.len() > 100, "a picture that was not saved was made again");
    assert_eq!(program.stop(), Some(0));
}

#[tokio::test]
async fn a_backup_beside_a_running_server_is_of_one_moment() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("saved.tar.zst");
    let used = Used::new(async |used, program, token| {
        // Both marks change in one transaction of each request; the backup has some moment between two.
        let item = format!("/items/{}/favourite", used.film);
        let writing = async {
            for _ in 0..20 {
                for method in [Method::DELETE, Method::PUT] {
                    let (status, answer) = program.ask(Some(token), method, &item, None).await;
                    assert!(status < 300, "{answer}");
                }
            }
        };
        let (data, file) = (used.data(), file.display().to_string());
        let saving = tokio::task::spawn_blocking(move || done(&data, &["backup", &file]));
        let (told, ()) = tokio::join!(saving, writing);
        assert!(told.expect("saved").contains("read again and whole"));
        let saved = folder.path().join("saved.tar.zst").display().to_string();
        refused(&used.data(), &["restore", &saved, "--replace"], "in use by another Revenge");
    })
    .await;
    let back = used.folder.path().join("back");
    done(&back, &["restore", &file.display().to_string()]);
    let program = Program::start(&back);
    let body = json!({ "name": "Ana", "password": "a long password" });
    let (status, answer) = program.ask(None, Method::POST, "/sessions", Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(program.stop(), Some(0));
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            files.extend(files_below(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}
