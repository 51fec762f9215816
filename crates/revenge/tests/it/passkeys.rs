//! Passkeys: made, used after the password and in its place, renamed and removed.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};
use crate::authenticator::Authenticator;

const ORIGIN: &str = "https://films.example";

fn browser() -> Caller {
    Caller::nobody().with("host", "films.example")
}

fn by_name(caller: &Caller) -> Caller {
    caller.clone().with("host", "films.example")
}

async fn add(app: &App, caller: &Caller) -> (Authenticator, Value) {
    let begun = app.send(caller, Method::POST, "/api/v1/me/passkeys/options", None).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let (passkey, credential) = Authenticator::make(&begun.json()["options"], ORIGIN);
    let challenge = &begun.json()["challenge"];
    let body = json!({ "challenge": challenge, "name": "Telephone", "credential": credential });
    let added = app.post(caller, "/me/passkeys", body).await;
    assert_eq!(added.status, 201, "{}", added.text());
    (passkey, added.json())
}

async fn begin(app: &App, caller: &Caller) -> Value {
    let begun = app.send(caller, Method::POST, "/api/v1/sessions/passkey/options", None).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    begun.json()
}

async fn finish(app: &App, caller: &Caller, begun: &Value, credential: Value) -> Answer {
    let body = json!({ "challenge": begun["challenge"], "credential": credential });
    app.post(caller, "/sessions/passkey", body).await
}

#[tokio::test]
async fn a_passkey_signs_in_without_name_or_password() {
    let (app, owner) = App::start_with_owner().await;
    let owner = by_name(&owner);
    let (mut passkey, added) = add(&app, &owner).await;
    assert_eq!(added["recovery_codes"].as_array().expect("codes").len(), 10);
    let begun = begin(&app, &browser()).await;
    assert_eq!(begun["options"]["rpId"], "films.example");
    assert_eq!(begun["options"]["userVerification"], "required");
    let credential = passkey.sign(&begun["options"]);
    let done = finish(&app, &browser(), &begun, credential.clone()).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert_eq!(done.json()["person"]["name"], "owner");
    let mine = app.get(&owner, "/me/passkeys").await.json();
    assert!(mine[0]["last_used_at"].is_string(), "{mine}");

    let again = finish(&app, &browser(), &begun, credential).await;
    assert_eq!(again.json()["code"], "accounts.challenge_over", "what was signed counts once");
}

#[tokio::test]
async fn what_was_signed_for_another_page_question_or_finger_is_refused() {
    let (app, owner) = App::start_with_owner().await;
    let (mut passkey, _) = add(&app, &by_name(&owner)).await;
    let try_with = async |passkey: &mut Authenticator, other: Option<&Value>| {
        app.clock.advance(Duration::from_secs(30));
        let begun = begin(&app, &browser()).await;
        let credential = passkey.sign(&other.unwrap_or(&begun)["options"]);
        finish(&app, &browser(), &begun, credential).await
    };
    let another = begin(&app, &browser()).await;
    let refused = try_with(&mut passkey, Some(&another)).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()["field"].as_str()),
        (422, Some("credential"))
    );

    passkey.origin = "https://evil.example".to_owned();
    assert_eq!(try_with(&mut passkey, None).await.status, 422, "phished");
    passkey.origin = ORIGIN.to_owned();
    passkey.is_verified = false;
    assert_eq!(try_with(&mut passkey, None).await.status, 422, "nobody's finger");
    passkey.is_verified = true;
    assert_eq!(try_with(&mut passkey, None).await.status, 201);
    passkey.counter = 1;
    assert_eq!(try_with(&mut passkey, None).await.status, 422, "a copy that is behind");

    let begun = begin(&app, &browser()).await;
    let (mut stranger, _) = Authenticator::make(
        &json!({ "user": { "id": "AAAAAAAAAAAAAAAAAAAAAA" }, "rp": { "id": "films.example" } }),
        ORIGIN,
    );
    let unknown = stranger.sign(&begun["options"]);
    assert_eq!(finish(&app, &browser(), &begun, unknown).await.status, 422);
    let begun = begin(&app, &browser()).await;
    assert_eq!(finish(&app, &browser(), &begun, json!({ "id": 5 })).await.status, 422);
}

#[tokio::test]
async fn who_has_a_passkey_is_asked_for_it_after_the_password() {
    let (app, owner) = App::start_with_owner().await;
    let (mut passkey, _) = add(&app, &by_name(&owner)).await;
    let body = json!({ "name": "owner", "password": PASSWORD });
    let asked = app.post(&browser(), "/sessions", body.clone()).await;
    assert_eq!(asked.status, 202);
    let question = asked.json();
    assert_eq!(
        (question["totp"].as_bool(), question["recovery_code"].as_bool()),
        (Some(false), Some(true))
    );
    let credential = passkey.sign(&question["passkey"]);
    let body_of =
        |credential: Value| json!({ "challenge": question["challenge"], "passkey": credential });
    passkey.origin = "https://evil.example".to_owned();
    let phished = passkey.sign(&question["passkey"]);
    let refused = app.post(&browser(), "/sessions/second-factor", body_of(phished)).await;
    assert_eq!(refused.status, 422);
    let done = app.post(&browser(), "/sessions/second-factor", body_of(credential)).await;
    assert_eq!(done.status, 201, "{}", done.text());

    let by_number = app.post(&Caller::nobody().with("host", "192.0.2.1"), "/sessions", body).await;
    assert_eq!(by_number.status, 202, "asked for all the same");
    assert!(by_number.json()["passkey"].is_null(), "no passkey works there");
}

#[tokio::test]
async fn passkeys_are_renamed_and_removed_by_their_person_alone() {
    let (app, owner) = App::start_with_owner().await;
    let owner = by_name(&owner);
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let (mut passkey, added) = add(&app, &owner).await;
    let path = format!("/api/v1/me/passkeys/{}", added["passkey"]["id"].as_str().expect("an id"));
    let patch = json!({ "name": "Key ring" });
    let foreign = app.send(&member, Method::PATCH, &path, Some(patch.clone())).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(app.send(&member, Method::DELETE, &path, None).await.status, 404);
    assert_eq!(app.send(&owner, Method::PATCH, &path, Some(patch)).await.status, 204);
    let bad = json!({ "name": "" });
    assert_eq!(app.send(&owner, Method::PATCH, &path, Some(bad)).await.status, 422);
    assert_eq!(app.get(&owner, "/me/passkeys").await.json()[0]["name"], "Key ring");

    app.clock.advance(Duration::from_mins(11));
    let refused = app.send(&owner, Method::DELETE, &path, None).await;
    assert_eq!(refused.json()["code"], "accounts.confirm_first");
    app.post(&owner, "/me/confirmation", json!({ "password": PASSWORD })).await;
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 204);
    let begun = begin(&app, &browser()).await;
    let credential = passkey.sign(&begun["options"]);
    assert_eq!(finish(&app, &browser(), &begun, credential).await.status, 422);
    let body = json!({ "name": "owner", "password": PASSWORD });
    assert_eq!(app.post(&browser(), "/sessions", body).await.status, 201);
}

#[tokio::test]
async fn the_configured_address_says_what_passkeys_are_for() {
    let app = App::start_with(|config| {
        config.server.public_url = Some("https://media.example.org".to_owned());
    })
    .await;
    let owner = app.owner().await.with("host", "10.0.0.5:8096");
    let begun = app.send(&owner, Method::POST, "/api/v1/me/passkeys/options", None).await;
    assert_eq!(begun.json()["options"]["rp"]["id"], "media.example.org");
}

#[tokio::test]
async fn a_server_without_a_name_says_that_it_needs_one() {
    let (app, owner) = App::start_with_owner().await;
    let owner = owner.with("host", "192.0.2.1:8096");
    let refused = app.send(&owner, Method::POST, "/api/v1/me/passkeys/options", None).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()["code"].as_str()),
        (409, Some("accounts.no_passkeys_here"))
    );
}
