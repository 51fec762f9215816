//! Sessions: how long they last, how their tokens are made anew, what a new device does, and what other sites cannot do.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};

const DAY: Duration = Duration::from_hours(24);

async fn enter(app: &App, caller: &Caller, device: Value) -> Answer {
    let body = json!({ "name": "owner", "password": PASSWORD, "device": device });
    let answer = app.post(caller, "/sessions", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer
}

fn with_token(answer: &Answer) -> Caller {
    Caller::with_token(answer.json()["token"].as_str().expect("a token"))
}

/// The cookies of an answer, as a browser sends them back.
fn cookies(answer: &Answer) -> Vec<String> {
    let values = answer.headers.get_all("set-cookie").iter();
    values
        .map(|it| it.to_str().expect("text").split(';').next().expect("a pair").to_owned())
        .collect()
}

#[tokio::test]
async fn a_session_is_over_after_ninety_days_without_use_and_after_a_year_whatever_happens() {
    let (app, owner) = App::start_with_owner().await;
    for _ in 0..4 {
        app.clock.advance(DAY * 89);
        assert_eq!(app.get(&owner, "/me").await.status, 200, "{}", app.clock.now());
    }
    app.clock.advance(DAY * 10);
    assert_eq!(app.get(&owner, "/me").await.status, 401, "366 days");
}

#[tokio::test]
async fn a_token_is_made_anew_and_the_old_one_ends_once_the_new_one_was_seen() {
    let (app, owner) = App::start_with_owner().await;
    let path = "/api/v1/sessions/current/token";
    let renewed = app.send(&owner, Method::POST, path, None).await;
    assert_eq!(renewed.status, 201);
    let new = with_token(&renewed);
    app.clock.advance(Duration::from_mins(30));
    assert_eq!(app.get(&owner, "/me").await.status, 200, "the answer may have got lost");
    assert_eq!(app.get(&new, "/me").await.status, 200);
    assert_eq!(app.get(&owner, "/me").await.status, 401, "the new one was seen");
    assert_eq!(app.get(&new, "/me").await.status, 200);
}

#[tokio::test]
async fn a_browsers_cookie_is_made_anew_once_a_day() {
    let (app, _) = App::start_with_owner().await;
    let entered = enter(&app, &Caller::nobody(), json!("Browser")).await;
    let first = cookies(&entered).remove(0);
    let browser = Caller::nobody().with("cookie", first.clone());
    assert!(app.get(&browser, "/me").await.headers.get("set-cookie").is_none(), "it is young");
    app.clock.advance(DAY + Duration::from_mins(1));
    let renewed = app.get(&browser, "/me").await;
    let second = cookies(&renewed).remove(0);
    assert!(second.starts_with("revenge_session=") && second != first, "{second}");
    assert_eq!(app.get(&browser, "/me").await.status, 200, "a request that was under way");
    let browser = Caller::nobody().with("cookie", second);
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(app.get(&browser, "/me").await.status, 200);
    let stolen = Caller::nobody().with("cookie", first);
    assert_eq!(app.get(&stolen, "/me").await.status, 401);
}

#[tokio::test]
async fn a_new_device_is_announced_once_and_is_known_from_then_on() {
    let (app, owner) = App::start_with_owner().await;
    let mut hearing = app.listen(&owner).await;
    let entered = enter(&app, &Caller::nobody(), json!("Anna\u{7}s phone")).await;
    let event = hearing.next_event().await;
    assert!(event.contains("event: session.started") && event.contains("Annas phone"), "{event}");
    let secret = entered.json()["device_secret"].as_str().expect("a secret").to_owned();

    let again = Caller::nobody().with("x-revenge-device", secret.clone());
    assert!(enter(&app, &again, json!("Anna")).await.json()["device_secret"].is_null());
    let by_cookie = Caller::nobody().with("cookie", format!("revenge_device={secret}"));
    assert_eq!(cookies(&enter(&app, &by_cookie, json!("Anna")).await).len(), 1);
    assert!(hearing.is_quiet().await, "it is known");

    let made_up = Caller::nobody().with("x-revenge-device", "A".repeat(43));
    assert!(enter(&app, &made_up, json!("Eve")).await.json()["device_secret"].is_string());
    assert!(hearing.next_event().await.contains("Eve"));
}

#[tokio::test]
async fn a_list_of_devices_tells_what_they_are_and_all_others_are_ended_at_once() {
    let (app, owner) = App::start_with_owner().await;
    app.clock.advance(Duration::from_secs(1));
    let agent = "Mozilla/5.0 (SMART-TV; LINUX; Tizen 8.0) AppleWebKit/537.36";
    let tv = enter(&app, &Caller::nobody().with("user-agent", agent), Value::Null).await;
    app.clock.advance(Duration::from_secs(1));
    let body =
        json!({ "name": "owner", "password": PASSWORD, "device": "Pad", "device_kind": "tablet" });
    app.post(&Caller::nobody(), "/sessions", body).await;
    let sessions = app.get(&owner, "/sessions").await.json();
    let kinds: Vec<_> =
        sessions["items"].as_array().expect("a list").iter().map(|it| it["kind"].clone()).collect();
    assert_eq!(kinds, ["app", "tv", "tablet"]);
    assert_eq!(app.send(&owner, Method::DELETE, "/api/v1/sessions", None).await.status, 204);
    assert_eq!(app.get(&with_token(&tv), "/me").await.status, 401);
    assert_eq!(
        app.get(&owner, "/sessions").await.json()["items"].as_array().expect("a list").len(),
        1
    );
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_by_our_cookie() {
    let (app, _) = App::start_with_owner().await;
    let entered = enter(&app, &Caller::nobody(), json!("Browser")).await;
    let cookie = cookies(&entered).remove(0);
    let browser = || {
        Caller::nobody()
            .with("cookie", cookie.clone())
            .with("x-revenge", "1")
            .with("host", "films.lan:8096")
    };
    let change = async |caller: Caller| {
        let patch = json!({ "language": "de" });
        app.send(&caller, Method::PATCH, "/api/v1/me", Some(patch)).await.status.as_u16()
    };
    for (name, value, expect) in [
        ("sec-fetch-site", "same-origin", 200),
        ("sec-fetch-site", "none", 200),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "http://films.lan:8096", 200),
        ("origin", "https://films.lan:8096", 200),
        ("origin", "https://evil.example", 403),
        ("origin", "http://films.lan:9999", 403),
        ("origin", "null", 403),
    ] {
        assert_eq!(change(browser().with(name, value)).await, expect, "{name}: {value}");
    }
}
