//! Quick connect: a code on one device, confirmed on another.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};

async fn begin(app: &App) -> Value {
    let body = json!({ "device": "Living room", "device_kind": "tv" });
    let begun = app.post(&Caller::nobody(), "/quick-connect", body).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    begun.json()
}

async fn finish(app: &App, begun: &Value) -> Answer {
    let body = json!({ "secret": begun["secret"] });
    app.post(&Caller::nobody(), "/quick-connect/session", body).await
}

async fn confirm(app: &App, caller: &Caller, code: &str) -> u16 {
    let path = format!("/api/v1/quick-connect/{code}/confirmation");
    app.send(caller, Method::POST, &path, None).await.status.as_u16()
}

#[tokio::test]
async fn a_code_that_is_confirmed_signs_the_device_in_once() {
    let (app, owner) = App::start_with_owner().await;
    app.clock.advance(Duration::from_secs(1));
    let begun = begin(&app).await;
    let code = begun["code"].as_str().expect("a code");
    assert_eq!(code.len(), 6);
    assert_eq!(finish(&app, &begun).await.status, 202, "nobody let it in yet");

    let typed = format!("{}-{}", &code[..3], &code[3..]).to_lowercase();
    let seen = app.get(&owner, &format!("/quick-connect/{typed}")).await.json();
    assert_eq!(
        (seen["device"].as_str(), seen["kind"].as_str(), seen["address"].as_str()),
        (Some("Living room"), Some("tv"), Some("192.0.2.7"))
    );
    assert_eq!(confirm(&app, &owner, &typed).await, 204);
    assert_eq!(confirm(&app, &owner, &typed).await, 404, "it was let in");
    let done = finish(&app, &begun).await;
    assert_eq!(done.status, 201, "{}", done.text());
    let tv = Caller::with_token(done.json()["token"].as_str().expect("a token"));
    assert_eq!(app.get(&tv, "/me").await.json()["name"], "owner");
    let sessions = app.get(&owner, "/sessions").await.json();
    assert_eq!(sessions["items"][1]["device"], "Living room");
    let again = finish(&app, &begun).await;
    assert_eq!(
        (again.status.as_u16(), again.json()["code"].as_str()),
        (409, Some("accounts.code_over"))
    );

    let totp = "/api/v1/me/second-factor/totp";
    let refused = app.send(&tv, Method::POST, totp, None).await;
    assert_eq!(refused.json()["code"], "accounts.confirm_first", "nobody showed a password there");
}

#[tokio::test]
async fn a_code_is_over_after_ten_minutes_and_a_secret_fits_its_own_code() {
    let (app, owner) = App::start_with_owner().await;
    let (first, second) = (begin(&app).await, begin(&app).await);
    assert_eq!(confirm(&app, &owner, second["code"].as_str().expect("a code")).await, 204);
    assert_eq!(finish(&app, &first).await.status, 202);
    app.clock.advance(Duration::from_mins(11));
    assert_eq!(confirm(&app, &owner, first["code"].as_str().expect("a code")).await, 404);
    for late in [&first, &second, &json!({ "secret": "AAAA" }), &json!({ "secret": "?" })] {
        assert_eq!(finish(&app, late).await.json()["code"], "accounts.code_over");
    }
}

#[tokio::test]
async fn guessing_codes_and_flooding_with_new_ones_is_told_to_wait() {
    let (app, owner) = App::start_with_owner().await;
    let mut statuses = Vec::new();
    for sign in "ABCDEFGHJKLM".chars() {
        statuses.push(confirm(&app, &owner, &format!("AAAAA{sign}")).await);
    }
    assert_eq!(statuses.iter().filter(|it| **it == 404).count(), 10, "{statuses:?}");
    assert_eq!(statuses.last(), Some(&429));
    let mut statuses = Vec::new();
    for _ in 0..22 {
        let begun = app.post(&Caller::nobody(), "/quick-connect", json!({})).await;
        statuses.push(begun.status.as_u16());
    }
    assert_eq!(statuses.iter().filter(|it| **it == 201).count(), 20, "{statuses:?}");
}

#[tokio::test]
async fn a_disabled_person_lets_nobody_in() {
    let (app, owner) = App::start_with_owner().await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let id = app.get(&member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let begun = begin(&app).await;
    assert_eq!(confirm(&app, &member, begun["code"].as_str().expect("a code")).await, 204);
    let patch = json!({ "is_disabled": true });
    app.send(&owner, Method::PATCH, &format!("/api/v1/people/{id}"), Some(patch)).await;
    assert_eq!(finish(&app, &begun).await.status, 401);
}
