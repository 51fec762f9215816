//! Films that another machine makes anew: the real `revenge transcoder` as a process of its own.

mod fake;
mod manners;
mod node;

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use revenge::config::{Config, NodeSection};
use serde_json::{Value, json};

use self::fake::Fake;
pub use self::node::Node;
use self::node::{changed_program, patient_program};
use crate::app::App;
use crate::process::{Program, is_scanned};
use crate::transcode::{
    BOTH, House, addresses, fetch, house, make_film, master, parts, profile, running, until,
    until_idle,
};

const SECRET: &str = "0123456789abcdef";

/// A server without FFmpeg, whose films are made by these nodes.
pub fn by_nodes(urls: &[&str]) -> impl FnOnce(&mut Config) {
    let nodes = urls.iter().map(|url| section(url)).collect();
    move |config| {
        config.media.ffmpeg = Some("/nowhere/ffmpeg".into());
        config.transcode.disk_cache_mb = 0;
        config.transcode.nodes = nodes;
    }
}

fn section(url: &str) -> NodeSection {
    NodeSection { url: url.to_owned(), secret: Some(SECRET.to_owned()), certificate: None }
}

/// Every part of the pictures, and what comes before them, by address.
async fn all_of(app: &App, urls: &[String]) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    for url in urls {
        let answer = fetch(app, url).await;
        assert_eq!(answer.status, 200, "{url}: {}", answer.text());
        bytes.push(answer.body);
    }
    bytes
}

/// A film, the addresses of its pictures, and the parts as this machine's own FFmpeg makes them.
async fn made_here() -> (House, Vec<String>, Vec<Vec<u8>>) {
    let house = house(BOTH, |config| config.transcode.disk_cache_mb = 0).await;
    let (init, mut urls) = parts(&house.app, &addresses(&master(&house).await)[0]).await;
    urls.insert(0, init);
    let bytes = all_of(&house.app, &urls).await;
    until_idle(&house.app).await;
    assert_eq!(house.app.workshop.playback.load().n_made_there, 0);
    (house, urls, bytes)
}

fn assert_same(urls: &[String], before: &[Vec<u8>], after: &[Vec<u8>]) {
    for ((url, before), after) in urls.iter().zip(before).zip(after) {
        assert!(before == after, "{url}: {} and {} bytes", before.len(), after.len());
    }
}

/// What the server says of its nodes: for each its status and what was found.
async fn told(app: &App) -> BTreeMap<String, (String, String)> {
    let parts = revenge::system::report(&app.workshop).await;
    let parts = serde_json::to_value(parts).expect("JSON");
    let text = |it: &Value| it.as_str().expect("text").to_owned();
    let nodes = parts.as_array().expect("a list").iter().filter(|it| it["name"] == "transcoder");
    nodes
        .map(|it| {
            let found = text(&it["found"]);
            let (url, said) = found.split_once(": ").expect("an address");
            (url.to_owned(), (text(&it["status"]), said.to_owned()))
        })
        .collect()
}

#[tokio::test]
async fn a_server_without_ffmpeg_plays_what_a_node_makes_and_the_bytes_are_the_same() {
    let (house, urls, before) = Box::pin(made_here()).await;
    let node = Node::start(&[]);
    let app = house.app.restarted(by_nodes(&[&node.url])).await;
    let after = all_of(&app, &urls).await;
    assert_same(&urls, &before, &after);
    let n_made = until_idle(&app).await;
    let load = app.workshop.playback.load();
    assert_eq!((load.n_made_there, n_made), (n_made, n_made), "all of it there");
    assert!(n_made >= 3, "three runs: {load:?}");
    let (status, found) = told(&app).await.remove(&node.url).expect("the node");
    assert!(status == "fine" && found.contains("ffmpeg version"), "{status}: {found}");
    assert_eq!(node.stop(), Some(0), "it stops when it is told to");
}

#[tokio::test]
async fn a_server_without_ffmpeg_and_with_a_node_offers_pictures_and_sound_made_anew() {
    let node = Node::start(&[]);
    let house = house(BOTH, by_nodes(&[&node.url])).await;
    let master = master(&house).await;
    let sound = master.lines().find(|it| it.contains("TYPE=AUDIO")).expect("a track");
    assert!(sound.contains("/1/aac/media.m3u8"), "{master}");
    let sound = sound.split("URI=\"").nth(1).and_then(|it| it.split('"').next());
    let (init, mut urls) = parts(&house.app, sound.expect("an address")).await;
    urls.insert(0, init);
    assert!(all_of(&house.app, &urls).await.iter().all(|it| !it.is_empty()));
}

#[tokio::test]
async fn a_node_that_dies_midway_is_replaced_by_the_next_and_no_request_fails() {
    let (house, urls, before) = Box::pin(made_here()).await;
    let programs = tempfile::tempdir().expect("a folder");
    let patient = patient_program(programs.path(), "1.0173");
    let mut first = Node::start(&[("REVENGE_MEDIA__FFMPEG", &patient)]);
    let second = Node::start(&[]);
    let app = house.app.restarted(by_nodes(&[&first.url, &second.url])).await;
    assert!(fetch(&app, &urls[1]).await.body == before[1], "the first second, of the first node");
    until("its child is at work", || !running("1.0173").is_empty()).await;
    let (rest, ()) = tokio::join!(all_of(&app, &urls[2..]), async { first.kill() });
    assert_same(&urls[2..], &before[2..], &rest);
    until("no child is left", || running("1.0173").is_empty()).await;
    let (status, found) = told(&app).await.remove(&first.url).expect("the node");
    assert!(status == "degraded" && found.contains("not there"), "{status}: {found}");
}

/// A film on a server whose own FFmpeg was found to be slower than the film, so that nodes come first.
async fn slow_house(node: &Node, programs: &tempfile::TempDir) -> (House, Vec<String>) {
    let slow = patient_program(programs.path(), "0.6137");
    let node = section(&node.url);
    let house = house(BOTH, |config| {
        config.media.ffmpeg = Some(slow.into());
        config.transcode.disk_cache_mb = 0;
        config.transcode.nodes = vec![node];
    })
    .await;
    // The first run begins when play is pressed.
    let (init, mut urls) = parts(&house.app, &addresses(&master(&house).await)[0]).await;
    urls.insert(0, init);
    let first = all_of(&house.app, &urls[..4]).await;
    assert_eq!(first.len(), 4);
    until_idle(&house.app).await;
    (house, urls)
}

#[tokio::test]
async fn a_node_that_dies_midway_is_replaced_by_this_machine() {
    let programs = tempfile::tempdir().expect("a folder");
    let others = tempfile::tempdir().expect("a folder");
    let patient = patient_program(others.path(), "1.0291");
    let mut node = Node::start(&[("REVENGE_MEDIA__FFMPEG", &patient)]);
    let (house, urls) = Box::pin(slow_house(&node, &programs)).await;
    let app = &house.app;
    // The third run.
    assert_eq!(fetch(app, &urls[7]).await.status, 200);
    until("the node's child is at work", || !running("1.0291").is_empty()).await;
    let (rest, ()) = tokio::join!(all_of(app, &urls[8..]), async { node.kill() });
    until("no child is left there", || running("1.0291").is_empty()).await;
    until_idle(app).await;
    let alone = house.app.restarted(|config| {
        config.transcode.nodes.clear();
        config.media.ffmpeg = None;
    });
    let alone = all_of(&alone.await, &urls[8..]).await;
    assert_same(&urls[8..], &alone, &rest);
}

#[tokio::test]
async fn a_film_spreads_over_two_nodes() {
    let programs = tempfile::tempdir().expect("a folder");
    let others = tempfile::tempdir().expect("a folder");
    let (one, other) =
        (patient_program(programs.path(), "1.0311"), patient_program(others.path(), "1.0427"));
    let nodes = [
        Node::start(&[("REVENGE_MEDIA__FFMPEG", &one)]),
        Node::start(&[("REVENGE_MEDIA__FFMPEG", &other)]),
    ];
    let house = house(BOTH, by_nodes(&[&nodes[0].url, &nodes[1].url])).await;
    let (_, urls) = parts(&house.app, &addresses(&master(&house).await)[0]).await;
    assert_eq!(fetch(&house.app, &urls[0]).await.status, 200);
    until("both are at work on the film", || {
        !running("1.0311").is_empty() && !running("1.0427").is_empty()
    })
    .await;
    assert!(all_of(&house.app, &urls).await.iter().all(|it| !it.is_empty()));
    until_idle(&house.app).await;
    for node in nodes {
        assert_eq!(node.stop(), Some(0));
    }
    assert!(running("1.0311").is_empty() && running("1.0427").is_empty(), "nothing is left");
}

#[tokio::test]
async fn the_child_on_a_node_ends_when_nobody_waits_for_it() {
    let programs = tempfile::tempdir().expect("a folder");
    let patient = patient_program(programs.path(), "0.0573");
    let node = Node::start(&[("REVENGE_MEDIA__FFMPEG", &patient)]);
    let house = house(BOTH, by_nodes(&[&node.url])).await;
    let (_, urls) = parts(&house.app, &addresses(&master(&house).await)[0]).await;
    {
        let viewer = fetch(&house.app, &urls[7]);
        let starts = until("a child starts", || !running("0.0573").is_empty());
        tokio::select! {
            answer = viewer => panic!("{}", answer.text()),
            () = starts => {}
        }
    }
    until("the child ends", || running("0.0573").is_empty()).await;
    until("it is forgotten", || house.app.workshop.playback.load().n_running == 0).await;
}

#[tokio::test]
async fn nodes_that_do_not_work_are_left_alone_and_told_of_and_the_film_plays() {
    let (house, urls, before) = Box::pin(made_here()).await;
    let node = Node::start(&[("REVENGE_TRANSCODER__SECRET", SECRET)]);
    let stranger = Node::start(&[("REVENGE_TRANSCODER__SECRET", "another secret")]);
    let fakes = [
        Fake::start(|fake| fake.making += 1).await,
        Fake::start(|fake| fake.answer = b"\0\0\0\x01 is no box".to_vec()).await,
        Fake::start(|fake| fake.is_cut_off = true).await,
        Fake::start(|fake| fake.status = 503).await,
        Fake::start(|fake| fake.status = 404).await,
        Fake::start(|fake| fake.is_odd = true).await,
    ];
    let mut addresses: Vec<&str> = fakes.iter().map(|it| it.url.as_str()).collect();
    addresses.extend(["http://127.0.0.1:9", &stranger.url, &node.url]);
    let app = house.app.restarted(by_nodes(&addresses)).await;
    let after = all_of(&app, &urls).await;
    assert_same(&urls, &before, &after);
    let told = told(&app).await;
    for (url, what) in [
        (fakes[0].url.as_str(), "another version"),
        (&fakes[1].url, "makes no sense"),
        (&fakes[2].url, "cut off"),
        (&fakes[4].url, "refuses: 404"),
        (&fakes[5].url, "not there"),
        ("http://127.0.0.1:9", "not there"),
        (&stranger.url, "refuses: 401"),
    ] {
        let (status, found) = &told[url];
        assert!(status == "degraded" && found.contains(what), "{what}: {status}: {found}");
    }
    for url in [fakes[3].url.as_str(), &node.url] {
        assert_eq!(told[url].0, "fine", "{}", told[url].1);
    }
    assert_eq!(fakes[0].n_runs(), 0, "of another version nothing is wanted");
    for busy_or_broken in &fakes[1..5] {
        assert!(busy_or_broken.n_runs() >= 1, "{}", busy_or_broken.url);
    }
}

#[tokio::test]
async fn a_node_that_hangs_costs_seconds_and_no_film() {
    let hanging = Fake::start(|fake| fake.hangs = true).await;
    let node = Node::start(&[]);
    let house = house(BOTH, by_nodes(&[&hanging.url, &node.url])).await;
    let (_, urls) = parts(&house.app, &addresses(&master(&house).await)[0]).await;
    assert_eq!(fetch(&house.app, &urls[0]).await.status, 200);
    assert!(hanging.n_runs() >= 1);
    let (status, found) = told(&house.app).await.remove(&hanging.url).expect("the node");
    assert!(status == "degraded" && found.contains("too long"), "{status}: {found}");
}

#[tokio::test]
async fn pictures_that_cannot_stand_beside_this_servers_are_made_here() {
    let programs = tempfile::tempdir().expect("a folder");
    let others = tempfile::tempdir().expect("a folder");
    let plain = changed_program(others.path(), "8x8dct=1", "8x8dct=0");
    let node = Node::start(&[("REVENGE_MEDIA__FFMPEG", &plain)]);
    let (house, urls) = Box::pin(slow_house(&node, &programs)).await;
    let after = all_of(&house.app, &urls).await;
    assert!(after[4..].iter().all(|it| !it.is_empty()));
    until_idle(&house.app).await;
    assert_eq!(house.app.workshop.playback.load().n_made_there, 0, "none of it is the node's");
    let (status, found) = told(&house.app).await.remove(&node.url).expect("the node");
    assert!(status == "degraded" && found.contains("another kind of H.264"), "{found}");
}

#[tokio::test]
async fn a_server_whose_nodes_are_all_gone_says_so_in_time() {
    let house = house(BOTH, by_nodes(&["http://127.0.0.1:9"])).await;
    let (_, urls) = parts(&house.app, &addresses(&master(&house).await)[0]).await;
    let answer = tokio::time::timeout(Duration::from_secs(25), fetch(&house.app, &urls[0])).await;
    let answer = answer.expect("an answer");
    assert_eq!(
        (answer.status.as_u16(), answer.headers["retry-after"].as_bytes()),
        (503, &b"3"[..])
    );
}

#[tokio::test]
async fn a_node_with_a_certificate_is_spoken_to_encrypted_and_no_other_is_believed() {
    let pem = |name: &str| format!("{}/tests/it/nodes/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let start = || {
        Node::start(&[
            ("REVENGE_TRANSCODER__CERTIFICATE", &pem("node")),
            ("REVENGE_TRANSCODER__CERTIFICATE_KEY", &pem("node-key")),
        ])
    };
    let (node, other) = (start(), start());
    assert!(node.url.starts_with("https://"), "{}", node.url);
    let believed =
        |url: &str, name| NodeSection { certificate: Some(pem(name).into()), ..section(url) };
    let nodes = vec![believed(&other.url, "stranger"), believed(&node.url, "node")];
    let house = house(BOTH, |config| {
        config.media.ffmpeg = Some("/nowhere/ffmpeg".into());
        config.transcode.nodes = nodes;
    })
    .await;
    let (_, urls) = parts(&house.app, &addresses(&master(&house).await)[0]).await;
    assert_eq!(fetch(&house.app, &urls[0]).await.status, 200);
    let told = told(&house.app).await;
    assert_eq!(told[&node.url].0, "fine", "{}", told[&node.url].1);
    let (status, found) = &told[&other.url];
    assert!(status == "degraded" && found.contains("certificate"), "{status}: {found}");
}

#[tokio::test]
async fn two_programs_play_a_film_together_of_which_one_alone_has_ffmpeg() {
    let folder = tempfile::tempdir().expect("a folder");
    let films = folder.path().join("films");
    std::fs::create_dir(&films).expect("a folder");
    make_film(&films.join("Open Sky (2001).mkv"), BOTH);
    let node = Node::start(&[]);
    let config = folder.path().join("revenge.yaml");
    let text =
        format!("transcode: {{ nodes: [{{ url: \"{}\", secret: {SECRET:?} }}] }}\n", node.url);
    std::fs::write(&config, text).expect("written");
    let variables = [
        ("REVENGE_CONFIG", config.to_str().expect("text")),
        ("REVENGE_MEDIA__FFMPEG", "/nowhere/ffmpeg"),
        ("REVENGE_ANALYSIS__ENABLED", "false"),
    ];
    let server = Program::start_with(&folder.path().join("data"), &variables);
    let token = server.set_up().await;
    let library = server.add_library(&token, &films).await;
    server.scan(&token, &library).await;
    server.wait_for(&token, &library, |it| is_scanned(it, 1)).await;
    let items = server.get(&token, &format!("/items?library_id={library}")).await;
    let body = json!({ "item_id": items["items"][0]["id"], "profile": profile() });
    let (status, start) = server.ask(Some(&token), Method::POST, "/playback", Some(body)).await;
    assert_eq!((status, &start["method"]), (200, &json!("transcode_video")), "{start}");
    let text = async |url: &str| {
        let (status, body) = server.fetch(url).await;
        assert_eq!(status, 200, "{url}: {}", String::from_utf8_lossy(&body));
        String::from_utf8_lossy(&body).into_owned()
    };
    let master = text(start["url"].as_str().expect("an address")).await;
    let media = text(&addresses(&master)[0]).await;
    let urls = addresses(&media);
    assert_eq!(urls.len(), 9, "{media}");
    for url in urls {
        let (status, part) = server.fetch(&url).await;
        assert!(status == 200 && &part[4..8] == b"moof", "{status}: {url}");
    }
    let system = server.get(&token, "/system").await;
    let parts = system["parts"].as_array().expect("a list");
    let told = parts.iter().find(|it| it["name"] == "transcoder").expect("the node");
    assert_eq!(told["status"], "fine", "{told}");
    assert_eq!(node.stop(), Some(0));
    assert_eq!(server.stop(), Some(0));
}
