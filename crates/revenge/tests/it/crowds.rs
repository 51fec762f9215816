//! Many who watch at once, who vanish in the middle, and a server that is killed: the real program over real connections.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::HeaderValue;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::app::stand_in;
use crate::process::{Program, is_scanned};
use crate::transcode::{
    BOTH, addresses, fetch, house, make_film, n_running, parts, profile, until,
};

/// Pictures that anybody plays, of which there is much: noise cannot be pressed together.
const NOISE: &str = "-vf noise=alls=20:allf=t -c:v libx264 -pix_fmt yuv420p -preset veryfast -qp 30 -g 25 \
     -c:a aac";
/// The same with little of it.
const PLAIN: &str = "-c:v libx264 -pix_fmt yuv420p -preset veryfast -g 25 -c:a aac";
/// Clients at once.
const CROWD: usize = 100;
/// What a hundred clients may cost the server in memory, whatever they are sent: some hundred kilobytes each.
const CROWD_KB: u64 = 96 << 10;

/// The program with a library of these films.
struct Cinema {
    program: Program,
    token: String,
    /// By their titles.
    items: BTreeMap<String, Value>,
}

impl Cinema {
    async fn open(data: &Path, films: &Path, variables: &[(&str, &str)]) -> Self {
        // It would read the films beside those who watch.
        let quiet = [("REVENGE_ANALYSIS__ENABLED", "false")];
        let program = Program::start_with(data, &[variables, &quiet].concat());
        let token = program.set_up().await;
        let library = program.add_library(&token, films).await;
        program.scan(&token, &library).await;
        let n_films = std::fs::read_dir(films).expect("films").count();
        program.wait_for(&token, &library, |it| is_scanned(it, n_films)).await;
        let page = program.get(&token, &format!("/items?library_id={library}")).await;
        let items = page["items"].as_array().expect("a list").iter();
        let items =
            items.map(|it| (it["title"].as_str().expect("a title").into(), it["id"].clone()));
        let items = items.collect();
        Self { program, token, items }
    }

    async fn start(&self, title: &str, profile: Value) -> Value {
        let body = json!({ "item_id": self.items[title], "profile": profile });
        let (status, begun) =
            self.program.ask(Some(&self.token), Method::POST, "/playback", Some(body)).await;
        assert_eq!(status, 200, "{begun}");
        begun
    }

    async fn text(&self, path: &str) -> String {
        let (status, bytes) = self.program.fetch(path).await;
        assert_eq!(status, 200, "{path}");
        String::from_utf8(bytes).expect("text")
    }

    /// The addresses of the parts of the pictures that come first.
    async fn segments(&self, title: &str) -> Vec<String> {
        let begun = self.start(title, profile()).await;
        let master = self.text(begun["url"].as_str().expect("a URL")).await;
        addresses(&self.text(&addresses(&master)[0]).await)
    }

    /// The most memory that the server ever had, in kilobytes.
    fn peak_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program.id()));
        let status = status.expect("the server runs");
        let line = status.lines().find(|it| it.starts_with("VmHWM:")).expect("its peak");
        line.split_whitespace().nth(1).and_then(|it| it.parse().ok()).expect("a number")
    }

    /// How much the server has open, and how often this file.
    fn n_open(&self, path: &Path) -> (usize, usize) {
        let folder = format!("/proc/{}/fd", self.program.id());
        let entries = std::fs::read_dir(folder).expect("the server runs").flatten();
        let targets: Vec<PathBuf> =
            entries.filter_map(|it| std::fs::read_link(it.path()).ok()).collect();
        (targets.len(), targets.iter().filter(|it| *it == path).count())
    }

    /// Connections that the server has with its clients: established, or left by them alone.
    fn n_connections(&self) -> usize {
        let own = format!(":{:04X}", self.program.port());
        let table = std::fs::read_to_string("/proc/net/tcp").expect("connections");
        let is_own = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.get(1).is_some_and(|it| it.ends_with(&own))
                && words.get(3).is_some_and(|it| ["01", "08"].contains(it))
        };
        table.lines().filter(is_own).count()
    }
}

fn films(folder: &Path, titles: &[&str], coding: &str) -> PathBuf {
    let films = folder.join("films");
    std::fs::create_dir(&films).expect("a folder");
    for title in titles {
        make_film(&films.join(format!("{title} (2001).mkv")), coding);
    }
    films
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_watch_three_films_at_once_all_get_every_byte_and_cost_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let titles = ["Open Sky", "Low Tide", "Far Hills"];
    let films = films(folder.path(), &titles, NOISE);
    let cinema = Cinema::open(&folder.path().join("data"), &films, &[]).await;
    let mut wanted = Vec::new();
    for title in titles {
        for segment in cinema.segments(title).await {
            let (status, bytes) = cinema.program.fetch(&segment).await;
            assert_eq!(status, 200);
            wanted.push((segment, bytes));
        }
    }
    let size: usize = wanted.iter().map(|it| it.1.len()).sum();
    assert!(size / wanted.len() > 1 << 20, "large enough to be felt: {size} bytes");
    let before_kb = cinema.peak_kb();
    let (wanted, all_began) = (Arc::new(wanted), Arc::new(Barrier::new(CROWD)));
    let port = cinema.program.port();
    let clients = (0..CROWD).map(|number| {
        let (wanted, all_began) = (Arc::clone(&wanted), Arc::clone(&all_began));
        tokio::spawn(async move {
            // Connections of its own.
            let client = outbound::trusted_client().expect("a client");
            for round in 0..wanted.len() {
                let (path, expected) = &wanted[(number + round) % wanted.len()];
                let url = format!("http://127.0.0.1:{port}{path}");
                let mut answer = client.get(url).send().await.expect("it answers");
                assert_eq!(answer.status(), 200);
                // Nobody reads on before everybody's answer has begun.
                all_began.wait().await;
                let mut left = expected.as_slice();
                while let Some(bytes) = answer.chunk().await.expect("it does not break") {
                    left = left.strip_prefix(&*bytes).expect("the same bytes");
                }
                assert!(left.is_empty(), "client {number} lacks some");
            }
        })
    });
    for client in join_all(clients).await {
        client.expect("no client fails");
    }
    let grown_kb = cinema.peak_kb() - before_kb;
    assert!(grown_kb < CROWD_KB, "{grown_kb} kB for {CROWD} clients");
    assert_eq!(cinema.program.stop(), Some(0));
}

#[tokio::test]
async fn a_thousand_who_want_the_same_segment_get_the_same_bytes() {
    let house = house(PLAIN, |_| ()).await;
    let body = json!({ "item_id": house.item, "profile": profile() });
    let begun = house.app.post(&house.member, "/playback", body).await.json();
    assert_eq!(begun["method"], "remux");
    let master = fetch(&house.app, begun["url"].as_str().expect("a URL")).await.text();
    let (_, segments) = parts(&house.app, &addresses(&master)[0]).await;
    let asked = (0..1000).map(|_| async {
        let answer = fetch(&house.app, &segments[1]).await;
        // A thousand bodies at once are for the test to bear; one is enough to compare.
        (answer.status, answer.headers["etag"].clone(), answer.body.len(), digest(&answer.body))
    });
    let answers: Vec<(_, HeaderValue, usize, u64)> = join_all(asked).await;
    assert!(answers.iter().all(|it| *it == answers[0]));
    assert!(answers[0].0 == 200 && answers[0].2 > 10_000, "{:?}", answers[0]);
}

fn digest(bytes: &[u8]) -> u64 {
    use std::hash::{DefaultHasher, Hasher as _};
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// Asks for something, reads a little of the answer, and is gone.
fn vanish(port: u16, path: &str, range: &str) {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{range}\r\n");
    connection.write_all(request.as_bytes()).expect("it reads");
    let mut beginning = [0; 5000];
    connection.read_exact(&mut beginning).expect("it answers");
    let head = String::from_utf8_lossy(&beginning);
    assert!(head.starts_with("HTTP/1.1 20"), "{head}");
}

#[tokio::test]
async fn whoever_vanishes_in_the_middle_leaves_nothing_open_and_the_next_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let films = films(folder.path(), &["Open Sky"], NOISE);
    let cinema = Cinema::open(&folder.path().join("data"), &films, &[]).await;
    let path = films.join("Open Sky (2001).mkv").canonicalize().expect("the film");
    let film = std::fs::read(&path).expect("the film");
    let mut anything = profile();
    anything["containers"] = json!(["matroska"]);
    let begun = cinema.start("Open Sky", anything).await;
    assert_eq!(begun["method"], "direct");
    let direct = begun["url"].as_str().expect("a URL").to_owned();
    let segments = cinema.segments("Open Sky").await;
    // Whoever looks to the end is the measure.
    let whole = cinema.program.fetch(&direct).await;
    assert!(whole == (200, film.clone()));
    let segment = cinema.program.fetch(&segments[1]).await;
    assert!(segment.0 == 200 && segment.1.len() > 1 << 20);
    until("those are gone", || cinema.n_connections() == 0).await;
    let (before, of_film) = cinema.n_open(&path);
    let port = cinema.program.port();
    for _ in 0..40 {
        let (direct, segment) = (direct.clone(), segments[1].clone());
        let vanishing = tokio::task::spawn_blocking(move || {
            vanish(port, &direct, "Range: bytes=1000-\r\n");
            vanish(port, &segment, "");
        });
        vanishing.await.expect("they are served until then");
    }
    until("nobody is left", || cinema.n_connections() == 0).await;
    until("the film is not left open", || cinema.n_open(&path).1 == of_film).await;
    // What goes on beside it may have something open by now, but not for each of eighty clients.
    until("nothing is left open", || cinema.n_open(&path).0 < before + 20).await;
    assert!(cinema.program.fetch(&direct).await.1 == film, "the next is served");
    assert!(cinema.program.fetch(&segments[1]).await == segment);
    assert_eq!(cinema.program.stop(), Some(0));
}

/// In place of FFmpeg: the same program, but that it waits before it makes pictures as long as a file beside it is there.
const WAITING: &str = "#!/bin/sh\n[ -e \"$0.waits\" ] && case \"$*\" in *libx264*) exec sleep 7341.25;; esac\n\
     exec FFMPEG \"$@\"\n";

#[tokio::test]
async fn a_server_killed_while_it_converts_leaves_no_child_and_goes_on_after_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let films = films(folder.path(), &["Open Sky"], BOTH);
    let ffmpeg = stand_in(folder.path(), "ffmpeg", WAITING);
    let waits = folder.path().join("ffmpeg.waits");
    let variables = [
        ("REVENGE_MEDIA__FFMPEG", ffmpeg.to_str().expect("a path")),
        ("REVENGE_TRANSCODE__HARDWARE", "off"),
        ("REVENGE_TRANSCODE__MIN_FREE_MB", "0"),
        ("REVENGE_TRANSCODE__PATIENCE_SECONDS", "0"),
    ];
    let data = folder.path().join("data");
    let cinema = Cinema::open(&data, &films, &variables).await;
    let segments = cinema.segments("Open Sky").await;
    let (status, first) = cinema.program.fetch(&segments[0]).await;
    assert_eq!(status, 200);

    std::fs::write(&waits, "").expect("written");
    let last = segments.last().expect("segments");
    {
        let asked = cinema.program.fetch(last);
        tokio::pin!(asked);
        tokio::select! {
            (status, _) = &mut asked => panic!("answered with {status}"),
            () = until("a child waits", || n_running("7341.25") > 0) => {}
        }
        // While its client still waits: it has no other reason to end its child.
        cinema.program.signal(rustix::process::Signal::KILL);
    }
    drop(cinema);
    until("no child is left", || n_running("7341.25") == 0).await;

    std::fs::remove_file(&waits).expect("deleted");
    let program = Program::start_with(&data, &variables);
    assert!(program.fetch(&segments[0]).await == (200, first), "the same bytes");
    let (status, made) = program.fetch(last).await;
    assert!(status == 200 && made.len() > 1000, "{status}, {} bytes", made.len());
    assert_eq!(program.stop(), Some(0));
}
