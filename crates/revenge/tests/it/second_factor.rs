//! Authenticator apps and recovery codes: how one comes to them, and that they are asked for.

use std::time::Duration;

use axum::http::Method;
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::app::{Answer, App, Caller, PASSWORD};

const TOTP: &str = "/api/v1/me/second-factor/totp";

/// The code that an app shows now.
fn code(app: &App, secret: &str) -> String {
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).expect("base32");
    let step = accounts::totp::step_at(app.clock.now());
    accounts::totp::code(&secret, step, 6).expect("a code")
}

/// Gives `caller` an authenticator app: its secret, and the recovery codes that came with it.
pub async fn add_totp(app: &App, caller: &Caller) -> (String, Vec<String>) {
    let begun = app.send(caller, Method::POST, TOTP, None).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let secret = begun.json()["secret"].as_str().expect("a secret").to_owned();
    let body = json!({ "code": code(app, &secret) });
    let confirmed = app.send(caller, Method::PUT, TOTP, Some(body)).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let codes = confirmed.json()["recovery_codes"].as_array().expect("codes").clone();
    (secret, codes.iter().map(|it| it.as_str().expect("a code").to_owned()).collect())
}

async fn sign_in(app: &App, caller: &Caller) -> Answer {
    let body = json!({ "name": "owner", "password": PASSWORD, "device": "A telephone" });
    app.post(caller, "/sessions", body).await
}

async fn answer(app: &App, caller: &Caller, challenge: &Value, answer: (&str, &str)) -> Answer {
    let body = json!({ "challenge": challenge, answer.0: answer.1 });
    app.post(caller, "/sessions/second-factor", body).await
}

#[tokio::test]
async fn who_has_an_app_is_signed_in_only_with_its_code() {
    let (app, owner) = App::start_with_owner().await;
    let (secret, _) = add_totp(&app, &owner).await;
    app.clock.advance(Duration::from_mins(1));

    let asked = sign_in(&app, &Caller::nobody()).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    assert!(asked.headers.get("set-cookie").is_none(), "no session yet");
    let question = asked.json();
    assert_eq!(
        (question["totp"].as_bool(), question["recovery_code"].as_bool()),
        (Some(true), Some(true))
    );
    assert_eq!((question["token"].as_str(), question["passkey"].is_null()), (None, true));
    let challenge = &question["challenge"];
    let as_token = Caller::with_token(challenge.as_str().expect("a challenge"));
    assert_eq!(app.get(&as_token, "/me").await.status, 401, "it opens nothing");

    let wrong = answer(&app, &Caller::nobody(), challenge, ("totp", "000000")).await;
    assert_eq!((wrong.status.as_u16(), wrong.json()["field"].as_str()), (422, Some("answer")));
    let right = code(&app, &secret);
    let done = answer(&app, &Caller::nobody(), challenge, ("totp", &right)).await;
    assert_eq!(done.status, 201, "{}", done.text());
    let caller = Caller::with_token(done.json()["token"].as_str().expect("a token"));
    let sessions = app.get(&caller, "/sessions").await.json();
    assert_eq!(sessions["items"][1]["device"], "A telephone");

    let again = answer(&app, &Caller::nobody(), challenge, ("totp", &right)).await;
    assert_eq!(again.json()["code"], "accounts.challenge_over");
    let next = sign_in(&app, &Caller::nobody()).await.json();
    let replayed = answer(&app, &Caller::nobody(), &next["challenge"], ("totp", &right)).await;
    assert_eq!(replayed.status, 422, "a code is accepted once");
}

#[tokio::test]
async fn a_question_is_answered_by_the_device_that_was_asked_in_time_and_in_five_tries() {
    let (app, owner) = App::start_with_owner().await;
    let (secret, _) = add_totp(&app, &owner).await;
    app.clock.advance(Duration::from_mins(1));
    let question = sign_in(&app, &Caller::nobody()).await.json();
    let challenge = &question["challenge"];
    let right = code(&app, &secret);
    for elsewhere in
        [Caller::local_browser(), Caller::nobody().with("user-agent", "another program")]
    {
        let refused = answer(&app, &elsewhere, challenge, ("totp", &right)).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["code"].as_str()),
            (409, Some("accounts.challenge_over"))
        );
    }
    for _ in 0..5 {
        let wrong = answer(&app, &Caller::nobody(), challenge, ("totp", "000000")).await;
        assert_eq!(wrong.status, 422);
    }
    let late = answer(&app, &Caller::nobody(), challenge, ("totp", &right)).await;
    assert_eq!(late.json()["code"], "accounts.challenge_over", "five tries");

    app.clock.advance(Duration::from_mins(2));
    let question = sign_in(&app, &Caller::nobody()).await.json();
    app.clock.advance(Duration::from_mins(6));
    let right = code(&app, &secret);
    let late = answer(&app, &Caller::nobody(), &question["challenge"], ("totp", &right)).await;
    assert_eq!(late.json()["code"], "accounts.challenge_over", "five minutes");
}

#[tokio::test]
async fn guessing_codes_is_told_to_wait() {
    let (app, owner) = App::start_with_owner().await;
    add_totp(&app, &owner).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let question = sign_in(&app, &Caller::nobody()).await.json();
        for _ in 0..4 {
            let challenge = &question["challenge"];
            let tried = answer(&app, &Caller::nobody(), challenge, ("totp", "000000")).await;
            statuses.push(tried.status.as_u16());
        }
    }
    assert_eq!(statuses[..5], [422; 5]);
    assert_eq!(statuses[5..], [429; 11], "from now on each costs more time than the one before");
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_new_ones_replace_the_old() {
    let (app, owner) = App::start_with_owner().await;
    let (_, codes) = add_totp(&app, &owner).await;
    assert_eq!(codes.len(), 10);
    let enter = async |code: &str| {
        let question = sign_in(&app, &Caller::nobody()).await.json();
        let challenge = &question["challenge"];
        answer(&app, &Caller::nobody(), challenge, ("recovery_code", code)).await.status.as_u16()
    };
    assert_eq!(enter(&codes[0].to_lowercase()).await, 201);
    assert_eq!(enter(&codes[0]).await, 422, "used up");
    let mine = app.get(&owner, "/me/second-factor").await.json();
    assert_eq!(mine["recovery_codes"], 9);

    let path = "/api/v1/me/second-factor/recovery-codes";
    let renewed = app.send(&owner, Method::POST, path, None).await;
    assert_eq!(renewed.status, 201);
    let renewed = renewed.json()["recovery_codes"][0].as_str().expect("a code").to_owned();
    assert_eq!(enter(&codes[1]).await, 422, "an old one");
    assert_eq!(enter(&renewed).await, 201);
}

#[tokio::test]
async fn only_who_just_showed_the_password_changes_how_they_sign_in() {
    let (app, owner) = App::start_with_owner().await;
    let (_, _) = add_totp(&app, &owner).await;
    app.clock.advance(Duration::from_mins(11));
    let recovery = "/api/v1/me/second-factor/recovery-codes";
    for (method, path) in [(Method::DELETE, TOTP), (Method::POST, recovery)] {
        let refused = app.send(&owner, method, path, None).await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["code"].as_str()),
            (409, Some("accounts.confirm_first")),
            "{path}"
        );
    }
    let confirm = async |password: &str| {
        app.post(&owner, "/me/confirmation", json!({ "password": password })).await.status.as_u16()
    };
    assert_eq!(confirm("not the password").await, 422);
    assert_eq!(app.send(&owner, Method::DELETE, TOTP, None).await.status, 409);
    assert_eq!(confirm(PASSWORD).await, 204);
    assert!(app.get(&owner, "/me/second-factor").await.json()["confirmed_until"].is_string());
    assert_eq!(app.send(&owner, Method::DELETE, TOTP, None).await.status, 204);
    assert_eq!(sign_in(&app, &Caller::nobody()).await.status, 201, "the password is enough");
    let mine = app.get(&owner, "/me/second-factor").await.json();
    assert_eq!(mine["recovery_codes"], 0, "there is nothing to recover from");
}

#[tokio::test]
async fn an_app_that_proved_nothing_is_not_asked_for_and_one_in_use_is_not_replaced() {
    let (app, owner) = App::start_with_owner().await;
    let first = app.send(&owner, Method::POST, TOTP, None).await.json();
    assert!(
        first["address"].as_str().expect("an address").starts_with("otpauth://totp/Revenge:owner?")
    );
    assert!(first["qr"]["size"].as_u64().expect("a size") > 30);
    let wrong = app.send(&owner, Method::PUT, TOTP, Some(json!({ "code": "000000" }))).await;
    assert_eq!((wrong.status.as_u16(), wrong.json()["field"].as_str()), (422, Some("code")));
    assert_eq!(sign_in(&app, &Caller::nobody()).await.status, 201);
    let (_, _) = add_totp(&app, &owner).await;
    let again = app.send(&owner, Method::POST, TOTP, None).await;
    assert_eq!(again.json()["code"], "accounts.totp_in_use");
}

#[tokio::test]
async fn the_database_holds_no_secret_that_makes_codes() {
    let (app, owner) = App::start_with_owner().await;
    let (secret, codes) = add_totp(&app, &owner).await;
    let secret = BASE32_NOPAD.decode(secret.as_bytes()).expect("base32");
    let sql = "SELECT (SELECT sealed_secret FROM core.totp), (SELECT string_agg(code_hash::text, '') FROM core.recovery_code)";
    let row = sqlx::raw_sql(sql).fetch_one(&app.workshop.pool).await.expect("a row");
    let (sealed, hashes): (Vec<u8>, String) = (row.get(0), row.get(1));
    assert!(sealed.len() >= 20 && !sealed.windows(20).any(|it| it == secret));
    let code = BASE32_NOPAD.decode(codes[0].replace('-', "").as_bytes()).expect("base32");
    assert!(!hashes.contains(&data_encoding::HEXLOWER.encode(&code)));
}

#[tokio::test]
async fn an_administrator_helps_who_lost_everything() {
    let (app, owner) = App::start_with_owner().await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    add_totp(&app, &member).await;
    let id = app.get(&member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let body = json!({ "name": "member", "password": PASSWORD });
    assert_eq!(app.post(&Caller::nobody(), "/sessions", body.clone()).await.status, 202);
    let path = format!("/api/v1/people/{id}/second-factor");
    assert_eq!(app.send(&member, Method::DELETE, &path, None).await.status, 403);
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(app.post(&Caller::nobody(), "/sessions", body).await.status, 201);

    // And the owner at the command line helps the administrator.
    add_totp(&app, &owner).await;
    let accounts = &app.workshop.accounts;
    assert!(accounts.remove_factors_unscoped("nobody").await.is_err());
    accounts.remove_factors_unscoped(" OWNER").await.expect("taken away");
    assert_eq!(sign_in(&app, &Caller::nobody()).await.status, 201);
}

#[tokio::test]
async fn who_is_disabled_between_the_two_steps_stays_outside() {
    let (app, owner) = App::start_with_owner().await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let (secret, _) = add_totp(&app, &member).await;
    let id = app.get(&member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    app.clock.advance(Duration::from_mins(1));
    let body = json!({ "name": "member", "password": PASSWORD });
    let question = app.post(&Caller::nobody(), "/sessions", body).await.json();
    let patch = json!({ "is_disabled": true });
    app.send(&owner, Method::PATCH, &format!("/api/v1/people/{id}"), Some(patch)).await;
    let right = code(&app, &secret);
    let refused = answer(&app, &Caller::nobody(), &question["challenge"], ("totp", &right)).await;
    assert_eq!(refused.status, 401);
}
