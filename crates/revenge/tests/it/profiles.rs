//! People who share a device and go from one to another, by a PIN or where they allow it, and never round anything.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};
use crate::roles::{id_of, role};

const SHARED: &str = "x-revenge-profiles";

/// A television that a parent and a child signed in on, and stay.
struct Home {
    app: App,
    owner: Caller,
    /// What the television keeps.
    secret: String,
    parent: Caller,
    parent_id: String,
    child: Caller,
    child_id: String,
}

async fn home() -> Home {
    let (app, owner) = App::start_with_owner().await;
    let parent = app.person(&owner, json!({ "name": "parent", "password": PASSWORD })).await;
    let parent_id = id_of(&app, &parent).await;
    let shared = app.send(&parent, Method::POST, "/api/v1/me/profiles", None).await;
    assert_eq!(shared.status, 201, "{}", shared.text());
    let secret = shared.json()["profiles_secret"].as_str().expect("a secret").to_owned();
    let child = app.person(&owner, json!({ "name": "child", "password": PASSWORD })).await;
    let child_id = id_of(&app, &child).await;
    let (parent, child) = (parent.with(SHARED, &secret), child.with(SHARED, &secret));
    let shared = app.send(&child, Method::POST, "/api/v1/me/profiles", None).await;
    assert_eq!((shared.status.as_u16(), &shared.json()["profiles_secret"]), (201, &Value::Null));
    Home { app, owner, secret, parent, parent_id, child, child_id }
}

impl Home {
    async fn put(&self, caller: &Caller, path: &str, body: Value) -> u16 {
        let path = format!("/api/v1{path}");
        self.app.send(caller, Method::PUT, &path, Some(body)).await.status.as_u16()
    }

    async fn go(&self, from: &Caller, to: &str, pin: Option<&str>) -> Answer {
        let body = json!({ "person_id": to, "pin": pin });
        self.app.post(from, "/me/profiles/switch", body).await
    }

    /// Goes to somebody; the caller is them, on the same device.
    async fn gone(&self, from: &Caller, to: &str, pin: Option<&str>) -> Caller {
        let answer = self.go(from, to, pin).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let body = answer.json();
        assert_eq!(body["person"]["id"], to);
        let token = body["token"].as_str().expect("a token");
        Caller::with_token(token).with(SHARED, &self.secret)
    }

    async fn change(&self, id: &str, body: Value) {
        let path = format!("/api/v1/people/{id}");
        let answer = self.app.send(&self.owner, Method::PATCH, &path, Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

fn refusal(answer: &Answer) -> (u16, String) {
    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code)
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn one_goes_to_who_stayed_on_the_device_by_their_pin() {
    let home = home().await;
    let Home { app, parent, parent_id, child, child_id, .. } = &home;
    assert_eq!(home.put(parent, "/me/pin", json!({ "pin": "12a4" })).await, 422);
    assert_eq!(home.put(parent, "/me/pin", json!({ "pin": "1234" })).await, 204);
    let shared = app.get(child, "/me/profiles").await.json();
    assert_eq!((&shared["is_remembered"], &shared["has_pin"]), (&json!(true), &json!(false)));
    let people = shared["people"].as_array().expect("people");
    let facts = |it: &Value| (it["name"].clone(), it["is_me"].clone(), it["may_switch"].clone());
    let expected =
        [(json!("child"), json!(true), json!(false)), (json!("parent"), json!(false), json!(true))];
    assert_eq!(people.iter().map(facts).collect::<Vec<_>>(), expected);

    for wrong in [None, Some("4321"), Some(""), Some("12345678901")] {
        let answer = home.go(child, parent_id, wrong).await;
        assert_eq!(refusal(&answer), refused(422, "invalid"), "{wrong:?}");
        assert_eq!(answer.json()["field"], "pin");
    }
    let now = home.gone(child, parent_id, Some("1234")).await;
    assert_eq!(app.get(&now, "/me").await.json()["name"], "parent");
    assert_eq!(app.get(parent, "/me").await.status, 401, "the token before is worth nothing");
    assert_eq!(app.get(child, "/me").await.status, 200, "who left stays on the device");
    // A PIN is no proof for changing how one signs in.
    assert_eq!(home.put(&now, "/me/pin", json!({ "pin": "9999" })).await, 409);
    let gone = app.send(&now, Method::DELETE, "/api/v1/me/pin", None).await;
    assert_eq!(refusal(&gone), refused(409, "accounts.confirm_first"));
    let sessions = app.get(&now, "/sessions").await.json();
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(1), "the session that was there");

    // Who has no PIN is gone to only where they allow it.
    let answer = home.go(&now, child_id, None).await;
    assert_eq!(refusal(&answer), refused(409, "accounts.profile_needs_pin"));
    let body = json!({ "opens_without_pin": true });
    assert_eq!(home.put(child, "/me/profiles/opening", body).await, 204);
    let back = home.gone(&now, child_id, None).await;
    assert_eq!(app.get(&back, "/me").await.json()["name"], "child");
    let acts = app.get(&home.owner, "/audit").await.json();
    let acts: Vec<_> =
        acts["items"].as_array().expect("acts").iter().map(|it| it["action"].clone()).collect();
    for action in ["profile_remembered", "pin_set", "profile_pin_failed", "profile_switched"] {
        assert!(acts.contains(&json!(action)), "{action}: {acts:?}");
    }
}

#[tokio::test]
async fn whoever_guesses_a_pin_waits_longer_each_time_and_the_password_still_works() {
    let home = home().await;
    let Home { app, parent, parent_id, child, .. } = &home;
    assert_eq!(home.put(parent, "/me/pin", json!({ "pin": "24680" })).await, 204);
    for _ in 0..5 {
        assert_eq!(home.go(child, parent_id, Some("1111")).await.status, 422);
    }
    let mut waits = Vec::new();
    for _ in 0..3 {
        let answer = home.go(child, parent_id, Some("24680")).await;
        assert_eq!(answer.status, 429, "the right one must wait, too");
        let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
        waits.push(wait);
        app.clock.advance(Duration::from_secs(wait + 1));
        assert_eq!(home.go(child, parent_id, Some("1111")).await.status, 422);
    }
    assert_eq!(waits, [30, 60, 120]);
    let body = json!({ "name": "parent", "password": PASSWORD });
    assert_eq!(app.post(&Caller::nobody(), "/sessions", body).await.status, 201);
    app.clock.advance(Duration::from_mins(5));
    home.gone(child, parent_id, Some("24680")).await;
}

#[tokio::test]
async fn a_child_leaves_to_who_has_a_pin_where_that_is_demanded() {
    let home = home().await;
    let Home { app, parent, parent_id, child, child_id, .. } = &home;
    let body = json!({ "opens_without_pin": true });
    assert_eq!(home.put(parent, "/me/profiles/opening", body).await, 204);
    home.change(child_id, json!({ "parental": { "leaving_needs_pin": true } })).await;
    let shared = app.get(child, "/me/profiles").await.json();
    assert_eq!(shared["leaving_needs_pin"], true);
    assert_eq!(shared["people"][1]["may_switch"], false, "{shared}");
    let answer = home.go(child, parent_id, None).await;
    assert_eq!(refusal(&answer), refused(409, "accounts.profile_needs_pin"));
    assert_eq!(home.put(parent, "/me/pin", json!({ "pin": "1234" })).await, 204);
    assert_eq!(home.go(child, parent_id, None).await.status, 422);
    home.gone(child, parent_id, Some("1234")).await;
}

#[tokio::test]
async fn what_ends_a_session_ends_going_to_it() {
    for ending in ["disabled", "password", "ended", "signed out", "left", "unused"] {
        let home = home().await;
        let Home { app, owner, parent, parent_id, child, .. } = &home;
        assert_eq!(home.put(parent, "/me/pin", json!({ "pin": "1234" })).await, 204);
        match ending {
            "disabled" => home.change(parent_id, json!({ "is_disabled": true })).await,
            "password" => {
                let path = format!("/people/{parent_id}/password");
                let body = json!({ "new": "another horse battery" });
                assert_eq!(home.put(owner, &path, body).await, 204);
            }
            "ended" => {
                let body = json!({ "name": "parent", "password": PASSWORD });
                let phone = app.post(&Caller::nobody(), "/sessions", body).await.json();
                let phone = Caller::with_token(phone["token"].as_str().expect("a token"));
                app.send(&phone, Method::DELETE, "/api/v1/sessions", None).await;
            }
            "signed out" => {
                app.send(parent, Method::DELETE, "/api/v1/sessions/current", None).await;
            }
            "left" => {
                app.send(parent, Method::DELETE, "/api/v1/me/profiles", None).await;
                assert_eq!(app.get(parent, "/me").await.status, 200, "and stays signed in");
            }
            _ => {
                app.clock.advance(Duration::from_hours(24 * 60));
                assert_eq!(app.get(child, "/me").await.status, 200);
                app.clock.advance(Duration::from_hours(24 * 31));
            }
        }
        let answer = home.go(child, parent_id, Some("1234")).await;
        assert_eq!(refusal(&answer), refused(404, "not_found"), "{ending}");
        let people = app.get(child, "/me/profiles").await.json()["people"].take();
        assert_eq!(people.as_array().map(Vec::len), Some(1), "{ending}: {people}");
    }
}

#[tokio::test]
async fn only_the_device_itself_and_who_is_signed_in_there_goes_to_anybody() {
    let home = home().await;
    let Home { app, owner, secret, parent, parent_id, child, child_id } = &home;
    assert_eq!(home.put(parent, "/me/pin", json!({ "pin": "1234" })).await, 204);
    let body = json!({ "name": "child", "password": PASSWORD });
    let phone = app.post(&Caller::nobody(), "/sessions", body).await.json();
    let token = phone["token"].as_str().expect("a token");
    let phone = Caller::with_token(token);
    let other = app.send(&phone, Method::POST, "/api/v1/me/profiles", None).await.json();
    let other = other["profiles_secret"].as_str().expect("a secret").to_owned();
    for device in [
        phone.clone(),
        phone.clone().with(SHARED, &other),
        phone.clone().with(SHARED, "A".repeat(43)),
        phone.clone().with(SHARED, "not a secret"),
    ] {
        let answer = home.go(&device, parent_id, Some("1234")).await;
        assert_eq!(refusal(&answer), refused(404, "not_found"), "{device:?}");
        let picture = format!("/me/profiles/{parent_id}/avatar");
        assert_eq!(app.get(&device, &picture).await.status, 404);
    }
    let nobody = Caller::nobody().with(SHARED, secret);
    assert_eq!(home.go(&nobody, parent_id, Some("1234")).await.status, 401);
    let key = json!({ "name": "k", "scopes": ["browse"] });
    let key = app.post(owner, "/me/keys", key).await.json();
    let key = Caller::with_token(key["secret"].as_str().expect("a key")).with(SHARED, secret);
    assert_eq!(home.go(&key, parent_id, Some("1234")).await.status, 403);
    // Oneself is not somebody to go to.
    assert_eq!(home.go(child, child_id, None).await.status, 404);

    // A page of another site cannot have a browser do it.
    let cookies = |token: &str| format!("revenge_session={token}; revenge_profiles={secret}");
    let body = json!({ "person_id": parent_id, "pin": "1234" });
    let browser = Caller::nobody().with("cookie", cookies(token));
    let refused = app.post(&browser, "/me/profiles/switch", body.clone()).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let foreign = browser.clone().with("x-revenge", "1").with("sec-fetch-site", "cross-site");
    assert_eq!(app.post(&foreign, "/me/profiles/switch", body.clone()).await.status, 403);
    let own = browser.with("x-revenge", "1").with("sec-fetch-site", "same-origin");
    let answer = app.post(&own, "/me/profiles/switch", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let cookie = answer.headers["set-cookie"].to_str().expect("a cookie");
    assert!(cookie.starts_with("revenge_session=") && cookie.contains("HttpOnly"), "{cookie}");
}

#[tokio::test]
async fn a_switch_goes_round_no_second_factor_and_no_hours() {
    let home = home().await;
    let Home { app, owner, parent, parent_id, child, child_id, .. } = &home;
    assert_eq!(home.put(parent, "/me/pin", json!({ "pin": "1234" })).await, 204);
    let member = role(app, owner, "member").await;
    let path = format!("/api/v1/roles/{}", member.as_str().expect("an id"));
    let guest = role(app, owner, "guest").await;
    home.change(child_id, json!({ "role_id": guest })).await;
    let patch = json!({ "needs_second_factor": true });
    assert_eq!(app.send(owner, Method::PATCH, &path, Some(patch)).await.status, 200);
    let now = home.gone(child, parent_id, Some("1234")).await;
    assert_eq!(app.get(&now, "/me").await.json()["lacks_factor"], true);
    assert_eq!(app.get(&now, "/home").await.json()["code"], "accounts.second_factor_needed");

    // Outside of their hours one makes way for others, and comes to nothing oneself.
    let hours = json!([{ "weekday": "monday", "from_minute": 0, "until_minute": 1 }]);
    home.change(child_id, json!({ "parental": { "hours": hours } })).await;
    assert_eq!(app.get(child, "/home").await.json()["code"], "accounts.outside_hours");
    assert_eq!(app.get(child, "/me/profiles").await.status, 200);
    let patch = json!({ "needs_second_factor": false });
    assert_eq!(app.send(owner, Method::PATCH, &path, Some(patch)).await.status, 200);
    let now = home.gone(child, parent_id, Some("1234")).await;
    assert_eq!(app.get(&now, "/home").await.status, 200);
    let late = app.send(child, Method::POST, "/api/v1/me/profiles", None).await;
    assert_eq!(refusal(&late), refused(403, "accounts.outside_hours"));
}

#[tokio::test]
async fn who_does_not_stay_signs_out_by_going_and_who_signs_in_anew_is_gone_to_anew() {
    let home = home().await;
    let Home { app, secret, parent, parent_id, child, .. } = &home;
    assert_eq!(home.put(parent, "/me/pin", json!({ "pin": "1234" })).await, 204);
    app.send(child, Method::DELETE, "/api/v1/me/profiles", None).await;
    let now = home.gone(child, parent_id, Some("1234")).await;
    assert_eq!(app.get(child, "/me").await.status, 401);

    let device = Caller::nobody().with(SHARED, secret);
    let body = json!({ "name": "parent", "password": PASSWORD });
    let fresh = app.post(&device, "/sessions", body).await.json();
    assert_eq!(app.get(&now, "/me").await.status, 401, "one session on one device");
    let fresh = Caller::with_token(fresh["token"].as_str().expect("a token"));
    let people = app.get(&fresh.with(SHARED, secret), "/me/profiles").await.json();
    assert_eq!(people["is_remembered"], true, "{people}");
}
