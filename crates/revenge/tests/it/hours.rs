//! Hours of the week: outside of them nothing exists for somebody, however they ask.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::access::{Access, operations};
use crate::app::{App, Caller, PASSWORD};
use crate::process::{make_clip, make_poster};
use crate::roles::{id_of, role};
use crate::transcode::addresses;

const OUTSIDE: &str = "accounts.outside_hours";
const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A server whose clock hangs in Berlin, where it is four in the morning of a Friday in winter.
async fn start() -> (App, Caller) {
    let app = App::start_with(|it| it.server.time_zone = Some("Europe/Berlin".to_owned())).await;
    let owner = app.owner().await;
    (app, owner)
}

/// Moves the clock to this moment.
fn go_to(app: &App, at: &str) {
    let at: chrono::DateTime<chrono::Utc> = at.parse().expect("a time");
    app.clock.advance((at - app.clock.now()).to_std().expect("a later time"));
}

fn span(weekday: &str, from_minute: u16, until_minute: u16) -> Value {
    json!({ "weekday": weekday, "from_minute": from_minute, "until_minute": until_minute })
}

async fn give_hours(app: &App, by: &Caller, id: &str, hours: &[Value]) -> u16 {
    let body = json!({ "parental": { "hours": hours } });
    let path = format!("/api/v1/people/{id}");
    app.send(by, Method::PATCH, &path, Some(body)).await.status.as_u16()
}

/// A child who sees all, with a key for a program.
async fn child(app: &App, owner: &Caller) -> (Caller, String, Caller) {
    let role = role(app, owner, "member").await;
    let body =
        json!({ "name": "child", "password": PASSWORD, "all_libraries": true, "role_id": role });
    let child = app.person(owner, body).await;
    let id = id_of(app, &child).await;
    let key = json!({ "name": "TV", "scopes": ["browse", "play"] });
    let key = app.post(&child, "/me/keys", key).await.json();
    let program = Caller::with_token(key["secret"].as_str().expect("a key"));
    (child, id, program)
}

/// What the child plays: every address that is handed out for it.
async fn play(app: &App, child: &Caller, library: &str) -> (Value, Vec<String>) {
    let page = app.get(child, &format!("/items?library_id={library}")).await.json();
    let item = page["items"][0]["id"].clone();
    let fetch = async |url: &str| app.send(&Caller::nobody(), Method::GET, url, None).await;
    let hls = json!({ "protocols": ["hls"], "containers": [], "video": [{ "codec": "h264" }],
        "audio": [{ "codec": "aac" }] });
    let body = json!({ "item_id": item, "profile": hls });
    let cut = app.post(child, "/playback", body).await.json();
    let master = cut["url"].as_str().expect("an address").to_owned();
    let media = addresses(&fetch(&master).await.text()).remove(0);
    let segment = addresses(&fetch(&media).await.text()).remove(0);
    let direct = json!({ "protocols": ["hls"], "containers": ["mp4"], "video": [{ "codec": "h264" }],
        "audio": [{ "codec": "aac" }] });
    let body = json!({ "item_id": item, "profile": direct });
    let whole = app.post(child, "/playback", body).await.json();
    assert_eq!(whole["method"], "direct", "{whole}");
    let file = whole["url"].as_str().expect("an address").to_owned();
    let subtitle = whole["subtitles"][0]["url"].as_str().expect("an address").to_owned();
    let all = vec![master, media, segment, file, subtitle];
    for url in &all {
        assert_eq!(fetch(url).await.status, 200, "{url}");
    }
    (whole, all)
}

#[tokio::test]
async fn outside_of_their_hours_nothing_answers_and_it_is_said_when_to_come_back() {
    let (app, owner) = start().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let film = folder.join("Open Sky (2001)");
    std::fs::create_dir_all(&film).expect("a folder");
    make_clip(&film.join("Open Sky (2001).mp4"));
    make_poster(&film.join("poster.jpg"));
    let text = "1\n00:00:00,000 --> 00:00:01,000\nHello\n";
    std::fs::write(film.join("Open Sky (2001).en.srt"), text).expect("written");
    app.scan(&owner, &library).await;
    let (child, id, program) = child(&app, &owner).await;
    // From Saturday on it is across midnight.
    let hours = [span("friday", 240, 300), span("saturday", 1380, 60)];
    assert_eq!(give_hours(&app, &owner, &id, &hours).await, 200);
    let me = app.get(&child, "/me").await.json();
    assert_eq!((&me["opens_at"], &me["closes_at"]), (&Value::Null, &json!("2026-01-02T04:00:00Z")));
    assert_eq!((&me["time_zone"], &me["hours"]), (&json!("Europe/Berlin"), &json!(hours)));
    let (playing, media) = play(&app, &child, &library).await;

    go_to(&app, "2026-01-02T03:55:00Z");
    let mut page = app.listen(&child).await;
    let ending = page.next_event().await;
    assert!(ending.contains("hours.ending") && ending.contains("2026-01-02T04:00:00Z"), "{ending}");
    let report =
        format!("/api/v1/playback/playing/{}", playing["play_id"].as_str().expect("an id"));
    let body = json!({ "item_id": playing["item"]["id"], "position_ms": 100, "state": "playing",
        "file_id": playing["file_id"] });
    let answer = app.send(&child, Method::PUT, &report, Some(body.clone())).await;
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.text());
    let next = page.next_event().await;
    assert!(!next.contains("hours"), "once: {next}");
    while !page.is_quiet().await {}

    go_to(&app, "2026-01-02T04:00:00Z");
    let mut wrong = Vec::new();
    let mut n_asked = 0;
    for operation in operations() {
        if matches!(operation.access, Access::Anybody | Access::OtherToken) {
            continue;
        }
        let open =
            ["read_me", "read_my_avatar", "sign_out", "list_profiles", "read_profile_avatar"];
        let is_open = open.contains(&operation.id.as_str()) || operation.id == "switch_profile";
        let path = operation.path_with(UNKNOWN);
        for (who, caller) in [("child", &child), ("key", &program)] {
            if is_open && who == "child" {
                continue;
            }
            let body = matches!(operation.method, Method::POST | Method::PUT | Method::PATCH)
                .then(|| Value::from("unfit"));
            let answer = app.send(caller, operation.method.clone(), &path, body).await;
            let problem = answer.json();
            let is_told = problem["code"] == OUTSIDE
                && problem["opens_at"] == "2026-01-03T22:00:00Z"
                || operation.method == Method::HEAD;
            if answer.status != 403 || !is_told {
                wrong.push(format!("{} for {who}: {} {problem}", operation.id, answer.status));
            }
            n_asked += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(n_asked > 200, "{n_asked}");
    for url in &media {
        let answer = app.send(&Caller::nobody(), Method::GET, url, None).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (403, &json!(OUTSIDE)),
            "{url}"
        );
    }
    let report = app.send(&child, Method::PUT, &report, Some(body)).await;
    assert_eq!(report.json()["code"], OUTSIDE);
    // Whatever happens next wakes the page.
    assert_eq!(give_hours(&app, &owner, &id, &hours).await, 200);
    let over = page.next_event().await;
    assert!(over.contains("hours.over") && over.contains("2026-01-03T22:00:00Z"), "{over}");
    assert!(page.is_over().await);
    // They may sign in, and hear the same.
    let body = json!({ "name": "child", "password": PASSWORD });
    let again = app.post(&Caller::nobody(), "/sessions", body).await;
    assert_eq!(again.status, 201, "{}", again.text());
    assert_eq!(again.json()["person"]["opens_at"], "2026-01-03T22:00:00Z");
    assert_eq!(app.get(&child, "/me").await.json()["opens_at"], "2026-01-03T22:00:00Z");

    go_to(&app, "2026-01-03T21:59:59Z");
    assert_eq!(app.get(&child, "/home").await.json()["code"], OUTSIDE);
    for open in ["2026-01-03T22:00:00Z", "2026-01-03T23:30:00Z"] {
        go_to(&app, open);
        assert_eq!(app.get(&child, "/home").await.status, 200, "{open}");
        assert_eq!(app.get(&program, "/home").await.status, 200, "{open}");
        assert_eq!(app.get(&child, "/me").await.json()["closes_at"], "2026-01-04T00:00:00Z");
    }
    go_to(&app, "2026-01-04T00:00:00Z");
    let answer = app.get(&child, "/home").await.json();
    assert_eq!(answer["opens_at"], "2026-01-09T03:00:00Z", "{answer}");
    assert_eq!(app.get(&owner, "/home").await.status, 200);
}

#[tokio::test]
async fn hours_go_by_the_clock_of_the_servers_zone_on_days_that_are_shorter_too() {
    let (app, owner) = start().await;
    let (child, id, _) = child(&app, &owner).await;
    // At two in the morning of the 29th of March it is three.
    let hours = [span("sunday", 60, 150), span("sunday", 1200, 1260)];
    assert_eq!(give_hours(&app, &owner, &id, &hours).await, 200);
    go_to(&app, "2026-03-29T00:30:00Z");
    assert_eq!(app.get(&child, "/me").await.json()["closes_at"], "2026-03-29T01:00:00Z");
    go_to(&app, "2026-03-29T01:00:00Z");
    assert_eq!(app.get(&child, "/home").await.json()["opens_at"], "2026-03-29T18:00:00Z");

    let app = app.restarted(|it| it.server.time_zone = Some("America/New_York".to_owned())).await;
    assert_eq!(app.get(&child, "/me").await.json()["opens_at"], "2026-03-29T05:00:00Z");
    go_to(&app, "2026-03-29T05:00:00Z");
    assert_eq!(app.get(&child, "/home").await.status, 200);
    assert_eq!(app.get(&child, "/me").await.json()["closes_at"], "2026-03-29T06:30:00Z");
}

#[tokio::test]
async fn a_change_of_hours_holds_at_once_and_shuts_no_administrator_out() {
    let (app, owner) = start().await;
    let (child, id, _) = child(&app, &owner).await;
    let mut page = app.listen(&child).await;
    assert_eq!(give_hours(&app, &owner, &id, &[span("monday", 0, 60)]).await, 200);
    assert!(page.next_event().await.contains("hours.over"));
    assert!(page.is_over().await);
    assert_eq!(app.get(&child, "/home").await.json()["code"], OUTSIDE);
    assert_eq!(give_hours(&app, &owner, &id, &[]).await, 200);
    assert_eq!(app.get(&child, "/home").await.status, 200);
    for wrong in [span("monday", 1440, 10), span("monday", 0, 0), span("someday", 0, 10)] {
        assert_eq!(give_hours(&app, &owner, &id, &[wrong]).await, 422);
    }
    let own = id_of(&app, &owner).await;
    assert_eq!(give_hours(&app, &owner, &own, &[span("monday", 0, 60)]).await, 200);
    assert_eq!(app.get(&owner, "/home").await.status, 200);
    let key = json!({ "name": "k", "scopes": ["browse"] });
    let key = app.post(&owner, "/me/keys", key).await.json();
    let program = Caller::with_token(key["secret"].as_str().expect("a key"));
    assert_eq!(app.get(&program, "/home").await.status, 200);
    assert_eq!(app.get(&owner, "/me").await.json()["closes_at"], Value::Null);
}

#[tokio::test]
async fn who_has_hours_gives_nobody_others() {
    let (app, owner) = start().await;
    let role = role(&app, &owner, "manager").await;
    let body =
        json!({ "name": "manager", "password": PASSWORD, "all_libraries": true, "role_id": role });
    let manager = app.person(&owner, body).await;
    let (_, child, _) = child(&app, &owner).await;
    let own = id_of(&app, &manager).await;
    assert_eq!(give_hours(&app, &owner, &child, &[span("friday", 240, 300)]).await, 200);
    assert_eq!(give_hours(&app, &owner, &own, &[span("friday", 240, 360)]).await, 200);
    for (hours, expected) in [
        (vec![span("friday", 240, 360)], 200),
        (vec![span("friday", 240, 361)], 403),
        (vec![], 403),
        (vec![span("friday", 250, 260), span("friday", 300, 320)], 200),
    ] {
        assert_eq!(give_hours(&app, &manager, &child, &hours).await, expected, "{hours:?}");
        assert_ne!(give_hours(&app, &manager, &own, &[]).await, 200);
    }
    // Whom they let in has the same.
    let body = json!({ "name": "friend", "password": PASSWORD });
    let friend = app.person(&manager, body).await;
    assert_eq!(app.get(&friend, "/me").await.json()["hours"], json!([span("friday", 240, 360)]));
    app.clock.advance(Duration::from_hours(3));
    assert_eq!(app.get(&friend, "/home").await.json()["code"], OUTSIDE);
}
