//! The files of `deploy/proxy` in the programs that they are for, before the program itself.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use testkit::proxy::{Proxy, caddy_reads, certificate, free_port, nginx_reads};

use crate::process::{Program, revenge};

/// Another address of this machine than the one of proxies.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/proxy").join(name);
    std::fs::read_to_string(path).expect("the file is in the repository")
}

/// `text` with each of `changes` made, none of which may be left out.
fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (before, after)| {
        assert!(text.contains(before), "{before}");
        text.replace(before, after)
    })
}

fn check(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Without the certificate, which nobody here has.
fn nginx(server: u16, port: u16) -> String {
    let (server, port) = (format!("127.0.0.1:{server}"), format!("listen 127.0.0.1:{port};"));
    let changes = [
        ("127.0.0.1:8096", server.as_str()),
        ("listen 443 ssl http2;", port.as_str()),
        ("listen [::]:443 ssl http2;", ""),
        ("listen [::]:80;", ""),
        ("listen 80;", "listen unix:/dev/null/none;"),
    ];
    let text = changed(&example("nginx.conf"), &changes);
    // The first server only sends people on to the second one.
    let first = text.find("server {").expect("the first server");
    let second = first + 1 + text[first + 1..].find("server {").expect("the second server");
    let site = format!("{}{}", &text[..first], &text[second..]);
    let kept: Vec<&str> = site.lines().filter(|it| !it.trim().starts_with("ssl_")).collect();
    kept.join("\n")
}

fn caddy(server: u16, port: u16) -> String {
    let (server, port) = (format!("127.0.0.1:{server}"), format!("http://127.0.0.1:{port} {{"));
    let changes = [("127.0.0.1:8096", server.as_str()), ("media.example.org {", port.as_str())];
    changed(&example("Caddyfile"), &changes)
}

#[test]
fn both_files_are_understood_as_they_are() {
    check(&caddy_reads(&example("Caddyfile")));
    let broken = changed(&example("Caddyfile"), &[("flush_interval", "flush_intervall")]);
    assert!(!caddy_reads(&broken).status.success(), "it would not tell");

    // A certificate of this test's in place of the one of Let's Encrypt.
    let folder = tempfile::tempdir().expect("a folder");
    let (chain, key) = certificate("media.example.org");
    let place = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(place("chain"), chain).expect("written");
    std::fs::write(place("key"), key).expect("written");
    let live = "/etc/letsencrypt/live/media.example.org/";
    let changes = [
        (format!("{live}fullchain.pem"), place("chain")),
        (format!("{live}privkey.pem"), place("key")),
    ];
    let changes = changes.each_ref().map(|(before, after)| (before.as_str(), after.as_str()));
    let site = changed(&example("nginx.conf"), &changes);
    check(&nginx_reads(&site));
    let broken = changed(&site, &[("proxy_buffering", "proxy_bufferin")]);
    assert!(!nginx_reads(&broken).status.success(), "it would not tell");
}

/// What somebody at the other end of the proxy has of the server.
async fn look_through(data: &Path, server: &Program, token: &str, proxy: &Proxy) {
    let url = format!("http://127.0.0.1:{}", proxy.port());
    let client = Client::builder().local_address(IpAddr::from(ELSEWHERE)).no_proxy().build();
    let client = client.expect("a client");

    let output = revenge(data)
        .env("REVENGE_SERVER__PUBLIC_URL", &url)
        .env("REVENGE_SERVER__TRUSTED_PROXIES", "127.0.0.1")
        .args(["doctor", "--json"])
        .output()
        .expect("it runs");
    let parts: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let parts: Vec<_> = parts.as_array().expect("parts").iter().collect();
    let way = parts.iter().find(|it| it["name"] == "public_url").expect("the way in");
    assert_eq!(way["status"], "fine", "{way}");
    let complaints: Vec<_> = parts.iter().filter(|it| it["name"] == "proxy").collect();
    assert!(complaints.is_empty(), "{complaints:?}");

    let numbers = client.get(format!("{url}/metrics")).send().await.expect("it answers");
    assert_eq!(numbers.status(), 404);

    // An event comes through while the stream stays open.
    let events = client.get(format!("{url}/api/v1/events")).bearer_auth(token).send().await;
    let mut events = events.expect("it answers");
    assert_eq!(events.status(), 200);
    // What they do is known to be done from where they are, whatever they claim.
    let body = json!({ "name": "Films", "kind": "movies", "folders": [data.join("films")] });
    let request = client.post(format!("{url}/api/v1/libraries")).bearer_auth(token).json(&body);
    let made = request.header("x-forwarded-for", "203.0.113.9").send().await.expect("it answers");
    assert_eq!(made.status(), 201);
    let acts = server.get(token, "/audit?limit=1").await;
    assert_eq!(acts["items"][0]["address"], ELSEWHERE.to_string(), "{acts}");
    let mut heard = String::new();
    while !heard.contains("event: ") {
        let piece = tokio::time::timeout(Duration::from_mins(1), events.chunk()).await;
        let piece = piece.expect("it is not held back").expect("it does not break");
        heard += &String::from_utf8_lossy(&piece.expect("it does not end"));
    }
}

async fn starts(site: impl Fn(u16, u16) -> String, proxy: impl Fn(&str, u16) -> Proxy) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("films")).expect("a folder");
    // Behind a proxy nobody is taken for the machine itself, so the owner is made before.
    let first = Program::start(folder.path());
    let token = first.set_up().await;
    first.stop();
    let server =
        Program::start_with(folder.path(), &[("REVENGE_SERVER__TRUSTED_PROXIES", "127.0.0.1")]);
    let port = free_port();
    let proxy = proxy(&site(server.port(), port), port);
    look_through(folder.path(), &server, &token, &proxy).await;
    drop(proxy);
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_passes_on_all_that_the_server_needs() {
    starts(nginx, Proxy::nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_passes_on_all_that_the_server_needs() {
    starts(caddy, Proxy::caddy).await;
}
