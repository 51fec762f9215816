//! Several servers on one PostgreSQL, one Redis-protocol server and one search server.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use revenge::wiring::migration_sets;
use serde_json::{Value, json};
use sqlx::Row as _;
use testkit::database::TestDatabase;
use testkit::redis::RedisServer;
use testkit::typesense::{API_KEY, TypesenseServer};
use tokio::sync::RwLock;

use crate::process::{Program, is_scanned, make_clip};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the servers share, and a folder for what each has of its own.
struct Cluster {
    folder: tempfile::TempDir,
    database: TestDatabase,
    redis: RedisServer,
    search: TypesenseServer,
}

impl Cluster {
    async fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            database: TestDatabase::create(&migration_sets()).await,
            redis: RedisServer::start(),
            search: TypesenseServer::start().await,
        }
    }

    /// One more server.
    async fn node(&self, name: &str) -> Program {
        let options = self.database.options();
        let socket = options
            .get_socket()
            .map_or_else(|| options.get_host().to_owned(), |it| it.display().to_string());
        let redis = self.redis.config();
        let search_port = self.search.url().rsplit(':').next().expect("a port").to_owned();
        let variables = [
            ("REVENGE_DATABASE__HOST", socket),
            ("REVENGE_DATABASE__PORT", options.get_port().to_string()),
            ("REVENGE_DATABASE__NAME", options.get_database().expect("a name").to_owned()),
            ("REVENGE_DATABASE__USER", options.get_username().to_owned()),
            ("REVENGE_CACHE__HOST", redis.host),
            ("REVENGE_CACHE__PORT", redis.port.to_string()),
            ("REVENGE_SEARCH__HOST", "127.0.0.1".to_owned()),
            ("REVENGE_SEARCH__PORT", search_port),
            ("REVENGE_SEARCH__API_KEY", API_KEY.to_owned()),
            ("REVENGE_ANALYSIS__ENABLED", "false".to_owned()),
        ];
        let data = self.folder.path().join(name);
        tokio::task::spawn_blocking(move || {
            let variables: Vec<(&str, &str)> =
                variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
            Program::start_with(&data, &variables)
        })
        .await
        .expect("the server starts")
    }

    /// A folder with so many films.
    fn films(&self, count: usize) -> PathBuf {
        let films = self.folder.path().join("films");
        std::fs::create_dir_all(&films).expect("a folder");
        let clip = self.folder.path().join("clip.mp4");
        make_clip(&clip);
        for number in 0..count {
            let name = format!("Film {number:04} ({}).mp4", 1950 + number % 70);
            std::fs::copy(&clip, films.join(name)).expect("copied");
        }
        films
    }

    /// The first cell of what a query finds.
    async fn ask<T>(&self, query: &'static str) -> T
    where
        T: for<'a> sqlx::Decode<'a, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let pool = self.database.pool("river").await;
        let row = sqlx::query(query).fetch_one(&pool).await.expect("an answer");
        pool.close().await;
        row.get(0)
    }
}

async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "not so in time: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_on_one_is_signed_in_on_the_other_and_hears_what_happens_there() {
    let cluster = Cluster::new().await;
    let (one, other) = tokio::join!(cluster.node("one"), cluster.node("other"));
    let token = one.set_up().await;
    assert_eq!(other.get(&token, "/me").await["name"], "owner");

    let library = one.add_library(&token, &cluster.films(3)).await;
    let mut heard = other.listen(&token).await;
    one.scan(&token, &library).await;
    other.wait_for(&token, &library, |it| is_scanned(it, 3)).await;
    heard.until("library.changed").await;

    // Where somebody is in a film is written on one, and heard and read on the other.
    let items = other.get(&token, &format!("/items?library_id={library}&limit=10")).await;
    let film = items["items"][0]["id"].as_str().expect("an id").to_owned();
    let (status, _) =
        one.ask(Some(&token), Method::PUT, &format!("/items/{film}/played"), Some(json!({}))).await;
    assert!(status < 300, "{status}");
    heard.until("progress.changed").await;
    let there = other.get(&token, &format!("/items/{film}")).await;
    assert_eq!(there["progress"]["is_played"], true, "{there}");

    // What is found on one is found on the other.
    let found = other.get(&token, "/search?q=film").await;
    assert!(found.to_string().contains(&film), "{found}");

    // A session that is ended on one is over on the other, at once.
    let (status, _) = other.ask(Some(&token), Method::DELETE, "/sessions/current", None).await;
    assert_eq!(status, 204);
    let (status, _) = one.ask(Some(&token), Method::GET, "/me", None).await;
    assert_eq!(status, 401);

    // Who guesses passwords is counted over both.
    let wrong = json!({ "name": "owner", "password": "not this one at all" });
    let mut refused = 0;
    for n in 0..40 {
        let node = if n % 2 == 0 { &one } else { &other };
        let (status, _) = node.ask(None, Method::POST, "/sessions", Some(wrong.clone())).await;
        refused += usize::from(status == 429);
        if refused == 2 {
            break;
        }
        assert!(n < 30, "nobody is refused");
    }
    assert_eq!(refused, 2, "both refuse");
    assert_eq!((one.stop(), other.stop()), (Some(0), Some(0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_is_done_once_and_goes_on_when_one_is_killed() {
    const FILMS: usize = 60;
    let cluster = Cluster::new().await;
    let (one, two, three) =
        tokio::join!(cluster.node("one"), cluster.node("two"), cluster.node("three"));
    let token = one.set_up().await;
    let films = cluster.films(FILMS);
    let library = one.add_library(&token, &films).await;
    one.scan(&token, &library).await;
    two.wait_for(&token, &library, |it| is_scanned(it, FILMS)).await;
    until("all work is done", || async {
        let left: i64 = cluster
            .ask("SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'pending') AND kind LIKE 'catalog.%'")
            .await;
        left == 0
    })
    .await;
    let again: i64 = cluster.ask("SELECT count(*) FROM river_job WHERE attempt > 1").await;
    assert_eq!(again, 0, "nothing is done twice");
    let items = three.get(&token, &format!("/items?library_id={library}&limit=100")).await;
    let ids: HashSet<String> = items["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["title"].to_string() + &it["year"].to_string())
        .collect();
    assert_eq!(ids.len(), FILMS);

    let leader = || cluster.ask::<String>("SELECT coalesce(max(leader_id), '') FROM river_leader");
    until("there is a leader", || async { !leader().await.is_empty() }).await;
    let first = leader().await;
    // The leader goes without a word; whichever it is, the two others are left.
    let mut left = vec![one, two, three];
    let leads = |name: &&str| {
        let id = cluster.folder.path().join(name).join("node_id");
        first.contains(std::fs::read_to_string(id).expect("its id").trim())
    };
    let at = ["one", "two", "three"].iter().position(leads).expect("one of them leads");
    left.remove(at).kill();
    for node in &left {
        assert_eq!(node.get(&token, "/me").await["name"], "owner");
    }
    std::fs::copy(cluster.folder.path().join("clip.mp4"), films.join("Late Film (2001).mp4"))
        .expect("copied");
    left[0].scan(&token, &library).await;
    left[1].wait_for(&token, &library, |it| is_scanned(it, FILMS + 1)).await;
    until("another leads", || async {
        let now = leader().await;
        !now.is_empty() && now != first
    })
    .await;
    for node in left {
        assert_eq!(node.stop(), Some(0));
    }
}

/// Asks one server after the other as a proxy does: whom no connection is had to, or who closes it without an answer, is
/// passed over.
async fn through_proxy(
    client: &reqwest::Client,
    ports: &RwLock<Vec<u16>>,
    turn: usize,
    token: &str,
) -> Option<u16> {
    let ports = ports.read().await.clone();
    for n in 0..ports.len() {
        let port = ports[(turn + n) % ports.len()];
        let url = format!("http://127.0.0.1:{port}/api/v1/me");
        if let Ok(answer) = client.get(url).bearer_auth(token).send().await {
            let status = answer.status().as_u16();
            let is_whole = answer.json::<Value>().await.is_ok();
            return is_whole.then_some(status);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_one_after_the_other_is_restarted() {
    const NAMES: [&str; 2] = ["one", "two"];
    let cluster = Cluster::new().await;
    let (one, two) = tokio::join!(cluster.node(NAMES[0]), cluster.node(NAMES[1]));
    let token = one.set_up().await;
    let ports = Arc::new(RwLock::new(vec![one.port(), two.port()]));
    let is_over = Arc::new(AtomicBool::new(false));
    let asking = tokio::spawn({
        let (ports, is_over, token) = (Arc::clone(&ports), Arc::clone(&is_over), token.clone());
        async move {
            let client = outbound::trusted_client().expect("a client");
            let (mut n_asked, mut failed) = (0, Vec::new());
            while !is_over.load(Ordering::Relaxed) {
                let status = through_proxy(&client, &ports, n_asked, &token).await;
                if status != Some(200) {
                    failed.push(status);
                }
                n_asked += 1;
            }
            (n_asked, failed)
        }
    });
    let mut nodes = vec![one, two];
    for (at, name) in NAMES.into_iter().enumerate() {
        let old = nodes.remove(at);
        let code = tokio::task::spawn_blocking(|| old.stop()).await.expect("it ends");
        assert_eq!(code, Some(0));
        let new = cluster.node(name).await;
        ports.write().await[at] = new.port();
        nodes.insert(at, new);
    }
    is_over.store(true, Ordering::Relaxed);
    let (n_asked, failed) = asking.await.expect("it ends");
    assert!(n_asked > 20, "{n_asked}");
    assert!(failed.is_empty(), "{} of {n_asked}: {failed:?}", failed.len());
    for node in nodes {
        assert_eq!(node.stop(), Some(0));
    }
}
