//! API keys: what a program may do with one, and for how long.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};
use crate::roles::{id_of, role};

async fn make(app: &App, by: &Caller, body: Value) -> Answer {
    app.post(by, "/me/keys", body).await
}

fn program(made: &Answer) -> Caller {
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.json()["secret"].as_str().expect("a key").to_owned();
    assert!(secret.starts_with("revenge_"), "one knows a key when one sees it: {secret}");
    Caller::with_token(&secret)
}

#[tokio::test]
async fn a_key_acts_for_its_owner_within_its_scopes() {
    let (app, owner) = App::start_with_owner().await;
    let (library, _) = app.library(&owner, "Films").await;
    let key =
        program(&make(&app, &owner, json!({ "name": "Arr", "scopes": ["scan_libraries"] })).await);
    let me = app.get(&key, "/me").await.json();
    assert_eq!(
        (&me["name"], &me["permissions"]),
        (&json!("owner"), &json!(["browse", "scan_libraries"]))
    );
    let scan = format!("/api/v1/libraries/{library}/scan");
    assert_eq!(app.send(&key, Method::POST, &scan, None).await.status, 202);
    let delete = format!("/api/v1/libraries/{library}");
    assert_eq!(app.send(&key, Method::DELETE, &delete, None).await.status, 403);
    assert_eq!(app.get(&key, "/sessions").await.status, 403, "that is for whoever signed in");

    let list = app.get(&owner, "/me/keys").await.json();
    assert_eq!(list["items"][0]["last_used_at"], json!(app.clock.now()));
    assert!(!list.to_string().contains("revenge_"), "the key is shown once");
}

#[tokio::test]
async fn a_program_hears_events_until_its_key_is_gone() {
    let (app, owner) = App::start_with_owner().await;
    let made = make(&app, &owner, json!({ "name": "k", "scopes": [] })).await;
    let mut hearing = app.listen(&program(&made)).await;
    app.library(&owner, "First").await;
    assert!(hearing.next_event().await.contains("library.changed"));
    let path = format!("/api/v1/me/keys/{}", made.json()["api_key"]["id"].as_str().expect("an id"));
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 204);
    app.library(&owner, "Second").await;
    assert!(hearing.is_over().await);
}

#[tokio::test]
async fn a_use_is_noted_once_a_minute() {
    let (app, owner) = App::start_with_owner().await;
    let key = program(&make(&app, &owner, json!({ "name": "k", "scopes": [] })).await);
    let used =
        async || app.get(&owner, "/me/keys").await.json()["items"][0]["last_used_at"].clone();
    let began = json!(app.clock.now());
    for _ in 0..5 {
        assert_eq!(app.get(&key, "/me").await.status, 200);
        assert_eq!(used().await, began);
        app.clock.advance(Duration::from_secs(10));
    }
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(app.get(&key, "/me").await.status, 200);
    assert_eq!(used().await, json!(app.clock.now()));
}

#[tokio::test]
async fn a_key_ends_at_once_by_deletion_by_time_and_with_what_its_owner_may() {
    let (app, owner) = App::start_with_owner().await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let made = make(&app, &member, json!({ "name": "a", "scopes": ["play"] })).await;
    let deleted = program(&made);
    assert_eq!(app.get(&deleted, "/me").await.status, 200);
    let path = format!("/api/v1/me/keys/{}", made.json()["api_key"]["id"].as_str().expect("an id"));
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 404, "not theirs");
    assert_eq!(app.send(&member, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(app.get(&deleted, "/me").await.status, 401);

    let soon = app.clock.now() + chrono::TimeDelta::seconds(30);
    let body = json!({ "name": "b", "scopes": [], "expires_at": soon });
    let expiring = program(&make(&app, &member, body).await);
    assert_eq!(app.get(&expiring, "/me").await.status, 200);
    app.clock.advance(Duration::from_secs(30));
    assert_eq!(app.get(&expiring, "/me").await.status, 401);

    let key = program(&make(&app, &member, json!({ "name": "c", "scopes": ["play"] })).await);
    assert_eq!(app.get(&key, "/playback/playing").await.status, 200);
    let person = format!("/api/v1/people/{}", id_of(&app, &member).await);
    let change = async |body: Value| {
        assert_eq!(app.send(&owner, Method::PATCH, &person, Some(body)).await.status, 200);
    };
    change(json!({ "role_id": role(&app, &owner, "child").await })).await;
    assert_eq!(app.get(&key, "/me").await.status, 401, "children have no keys");
    change(json!({ "role_id": role(&app, &owner, "member").await })).await;
    assert_eq!(app.get(&key, "/me").await.status, 200);
    change(json!({ "is_disabled": true })).await;
    assert_eq!(app.get(&key, "/me").await.status, 401);
}

#[tokio::test]
async fn a_key_never_allows_more_than_its_owner_may() {
    let (app, owner) = App::start_with_owner().await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    for (by, scope) in [
        (&member, "edit_metadata"),
        (&owner, "administer"),
        (&owner, "use_api_keys"),
        (&owner, "change_password"),
        (&owner, "fly"),
    ] {
        let answer = make(&app, by, json!({ "name": "k", "scopes": [scope] })).await;
        assert_eq!(answer.status, 422, "{scope}");
    }
    let past = app.clock.now();
    let body = json!({ "name": "k", "scopes": [], "expires_at": past });
    assert_eq!(make(&app, &owner, body).await.json()["field"], "expires_at");

    // A key that looks after people gives nothing that it has not itself.
    let scopes = json!({ "name": "k", "scopes": ["manage_people"] });
    let key = program(&make(&app, &owner, scopes).await);
    let body = json!({ "name": "x", "password": PASSWORD });
    assert_eq!(app.post(&key, "/people", body).await.status, 403);
    for made_up in ["revenge_", "revenge_AAAA", &format!("revenge_{}", "A".repeat(64))] {
        assert_eq!(app.get(&Caller::with_token(made_up), "/me").await.status, 401, "{made_up}");
    }
}
