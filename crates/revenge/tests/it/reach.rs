//! What the running server and `revenge doctor` say about the way to the server.

use serde_json::Value;

use crate::process::{Program, revenge};

fn part<'a>(parts: &'a Value, name: &str) -> Option<&'a Value> {
    parts.as_array().expect("parts").iter().find(|it| it["name"] == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_nobody_named_is_told_of_and_doctor_finds_the_way_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::start(folder.path());
    let token = program.set_up().await;
    let before = program.get(&token, "/system").await;
    assert_eq!(part(&before["parts"], "proxy"), None);
    assert_eq!(part(&before["parts"], "clock").expect("a clock")["status"], "fine");

    let url = format!("http://127.0.0.1:{}", program.port());
    let client = outbound::trusted_client().expect("a client");
    let forwarded = client.get(format!("{url}/healthz")).header("x-forwarded-for", "1.2.3.4");
    assert_eq!(forwarded.send().await.expect("it answers").status(), 200);
    let after = program.get(&token, "/system").await;
    let proxy = part(&after["parts"], "proxy").expect("the proxy");
    assert_eq!(proxy["status"], "degraded");
    assert!(proxy["found"].as_str().is_some_and(|it| it.contains("127.0.0.1")), "{proxy}");
    assert!(!proxy.to_string().contains("1.2.3.4"), "{proxy}");

    let output = revenge(folder.path())
        .env("REVENGE_SERVER__PUBLIC_URL", &url)
        .args(["doctor", "--json"])
        .output()
        .expect("it runs");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let way = part(&told, "public_url").expect("the way in");
    assert_eq!(way["status"], "fine", "{way}");
    let numbers = part(&told, "proxy").expect("numbers for everybody");
    assert!(
        numbers["found"].as_str().is_some_and(|it| it.ends_with("/metrics answers")),
        "{numbers}"
    );
    assert_eq!(part(&told, "clock").expect("a clock")["status"], "fine");
    assert_eq!(program.stop(), Some(0));
}
