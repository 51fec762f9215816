//! Setting up, signing in and out, and looking after people.

use std::time::Duration;

use axum::http::Method;
use kernel::Permission;
use serde_json::json;

use crate::app::{App, Caller, PASSWORD};
use crate::roles::role;

#[tokio::test]
async fn from_another_machine_the_first_account_needs_the_printed_code() {
    let app = App::start().await;
    let code =
        app.workshop.accounts.setup_code().await.expect("asked").expect("nobody has an account");
    let body = |code: Option<&str>| json!({ "code": code, "name": "ana", "password": PASSWORD });
    for wrong in [None, Some(""), Some("AAAA-AAAA")] {
        let answer = app.post(&Caller::nobody(), "/setup", body(wrong)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["field"].as_str()),
            (422, Some("code")),
            "{wrong:?}"
        );
    }
    let spoken = code.replace('-', " ").to_lowercase();
    let answer = app.post(&Caller::nobody(), "/setup", body(Some(&spoken))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let permissions = answer.json()["person"]["permissions"].as_array().map_or(0, Vec::len);
    assert_eq!(permissions, Permission::ALL.len(), "the owner may do everything");

    let again = app.post(&Caller::nobody(), "/setup", body(Some(&code))).await;
    assert_eq!(
        (again.status.as_u16(), again.json()["code"].as_str()),
        (409, Some("setup.already_done"))
    );
    assert_eq!(app.workshop.accounts.setup_code().await.expect("asked"), None);
}

#[tokio::test]
async fn on_the_machine_itself_no_code_is_needed_unless_a_proxy_stands_between() {
    let app = App::start().await;
    let server = app.get(&Caller::local_browser(), "/server").await.json();
    assert_eq!(
        (server["setup_needed"].as_bool(), server["setup_code_needed"].as_bool()),
        (Some(true), Some(false))
    );
    let proxied = Caller::local_browser().with("x-forwarded-for", "203.0.113.9");
    assert_eq!(app.get(&proxied, "/server").await.json()["setup_code_needed"], true);
    let body = json!({ "name": "ana", "password": PASSWORD });
    assert_eq!(app.post(&proxied, "/setup", body).await.status, 422);
}

#[tokio::test]
async fn only_one_of_two_who_set_up_at_once_becomes_the_owner() {
    let app = App::start().await;
    let local = Caller::local_browser();
    let body = |name: &str| json!({ "name": name, "password": PASSWORD });
    let (first, second) = tokio::join!(
        app.post(&local, "/setup", body("ana")),
        app.post(&local, "/setup", body("bob"))
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let (app, _) = App::start_with_owner().await;
    let try_in = async |name: &str, password: &str| {
        app.post(&Caller::nobody(), "/sessions", json!({ "name": name, "password": password }))
            .await
    };
    let wrong = try_in("owner", "wrong password").await;
    let unknown = try_in("nobody", "wrong password").await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(
        try_in(" OWNER ", PASSWORD).await.status,
        201,
        "names are told apart by letters, not by case"
    );
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_told_to_wait_and_let_in_later() {
    let (app, _) = App::start_with_owner().await;
    let body = json!({ "name": "owner", "password": "wrong password" });
    let mut busy = None;
    for _ in 0..30 {
        let answer = app.post(&Caller::nobody(), "/sessions", body.clone()).await;
        if answer.status == 429 {
            busy = Some(answer);
            break;
        }
    }
    let busy = busy.expect("the flood is stopped");
    assert_eq!(busy.json()["code"], "busy");
    assert!(
        busy.headers["retry-after"].to_str().expect("text").parse::<u64>().expect("seconds") > 0
    );
    app.clock.advance(Duration::from_mins(2));
    let body = json!({ "name": "owner", "password": PASSWORD });
    assert_eq!(app.post(&Caller::nobody(), "/sessions", body).await.status, 201);
}

#[tokio::test]
async fn a_browser_keeps_its_token_in_a_cookie_that_no_script_and_no_other_site_can_use() {
    let (app, _) = App::start_with_owner().await;
    let answer = app
        .post(&Caller::nobody(), "/sessions", json!({ "name": "owner", "password": PASSWORD }))
        .await;
    let cookie = answer.headers["set-cookie"].to_str().expect("text").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let pair = cookie.split(';').next().expect("a pair").to_owned();
    let browser = Caller::nobody().with("cookie", pair);
    assert_eq!(app.get(&browser, "/me").await.status, 200);
    let patch = json!({ "language": "de" });
    let foreign = app.send(&browser, Method::PATCH, "/api/v1/me", Some(patch.clone())).await;
    assert_eq!(foreign.status, 403, "a form of another site cannot send the header");
    let own =
        app.send(&browser.with("x-revenge", "1"), Method::PATCH, "/api/v1/me", Some(patch)).await;
    assert_eq!((own.status.as_u16(), own.json()["language"].as_str()), (200, Some("de")));
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let (app, owner) = App::start_with_owner().await;
    assert_eq!(app.get(&owner, "/me").await.status, 200);
    assert_eq!(
        app.send(&owner, Method::DELETE, "/api/v1/sessions/current", None).await.status,
        204
    );
    assert_eq!(app.get(&owner, "/me").await.status, 401);
}

#[tokio::test]
async fn a_new_password_signs_every_other_device_out() {
    let (app, owner) = App::start_with_owner().await;
    let other = app
        .post(&Caller::nobody(), "/sessions", json!({ "name": "owner", "password": PASSWORD }))
        .await;
    let other = Caller::with_token(other.json()["token"].as_str().expect("a token"));
    let change = |current: &str| json!({ "current": current, "new": "a new password" });
    let path = "/api/v1/me/password";
    assert_eq!(app.send(&owner, Method::PUT, path, Some(change("wrong"))).await.status, 422);
    assert_eq!(app.send(&owner, Method::PUT, path, Some(change(PASSWORD))).await.status, 204);
    assert_eq!(app.get(&owner, "/me").await.status, 200);
    assert_eq!(app.get(&other, "/me").await.status, 401);
}

#[tokio::test]
async fn a_session_is_over_when_nobody_used_it_for_long() {
    let (app, owner) = App::start_with_owner().await;
    app.clock.advance(Duration::from_hours(24 * 91));
    assert_eq!(app.get(&owner, "/me").await.status, 401);
}

#[tokio::test]
async fn somebody_must_be_left_who_can_administer() {
    let (app, owner) = App::start_with_owner().await;
    let id = app.get(&owner, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/people/{id}");
    for patch in
        [json!({ "role_id": role(&app, &owner, "member").await }), json!({ "is_disabled": true })]
    {
        let answer = app.send(&owner, Method::PATCH, &path, Some(patch)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (409, Some("accounts.last_administrator"))
        );
    }
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 409);
    assert_eq!(app.get(&owner, "/me").await.status, 200, "nothing of it happened");
}

#[tokio::test]
async fn what_an_administrator_changes_holds_at_once() {
    let (app, owner) = App::start_with_owner().await;
    let (library, _) = app.library(&owner, "Films").await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let id = app.get(&member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let libraries = async || {
        app.get(&member, "/libraries").await.json()["items"].as_array().expect("a list").len()
    };
    let patch = async |body| {
        app.send(&owner, Method::PATCH, &format!("/api/v1/people/{id}"), Some(body)).await.status
    };
    assert_eq!(libraries().await, 0);
    assert_eq!(patch(json!({ "library_ids": [library] })).await, 200);
    assert_eq!(libraries().await, 1);
    assert_eq!(patch(json!({ "library_ids": [] })).await, 200);
    assert_eq!(libraries().await, 0);
    assert_eq!(patch(json!({ "is_disabled": true })).await, 200);
    assert_eq!(app.get(&member, "/me").await.status, 401);
}

#[tokio::test]
async fn two_people_cannot_have_one_name() {
    let (app, owner) = App::start_with_owner().await;
    let answer =
        app.post(&owner, "/people", json!({ "name": "OWNER", "password": PASSWORD })).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (409, Some("accounts.name_taken"))
    );
}
