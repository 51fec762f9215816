//! Requests that are wrong: each gets a problem document that says what and where, and changes nothing.

use axum::http::Method;
use serde_json::json;

use crate::app::{App, Caller};

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_its_place() {
    let (app, _) = App::start_with_owner().await;
    let answer = app
        .send_bytes(&Caller::nobody(), Method::POST, "/api/v1/sessions", b"{\"name\": ".to_vec())
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let problem = answer.json();
    assert_eq!(
        (problem["code"].as_str(), problem["field"].as_str()),
        (Some("invalid"), Some("body"))
    );
    assert!(problem["detail"].as_str().expect("words").contains("line 1"), "{problem}");
}

#[tokio::test]
async fn a_body_of_50_megabytes_is_refused_unread() {
    let (app, _) = App::start_with_owner().await;
    let answer = app
        .send_bytes(&Caller::nobody(), Method::POST, "/api/v1/sessions", vec![b' '; 50 << 20])
        .await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["status"], 413);
}

#[tokio::test]
async fn a_missing_field_is_named() {
    let (app, _) = App::start_with_owner().await;
    let answer = app.post(&Caller::nobody(), "/sessions", json!({ "name": "x" })).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("password"), "{}", answer.text());
}

#[tokio::test]
async fn a_bad_cursor_is_told_and_names_the_field() {
    let (app, owner) = App::start_with_owner().await;
    for path in ["/people", "/sessions", "/items", "/jobs"] {
        for cursor in ["x", "!!!", "bnVsbA", &"A".repeat(5000)] {
            let answer = app.get(&owner, &format!("{path}?cursor={cursor}")).await;
            assert_eq!(answer.status, 422, "{path} {cursor}: {}", answer.text());
            assert_eq!(answer.json()["field"], "cursor", "{path}");
        }
    }
}

#[tokio::test]
async fn a_parameter_of_the_wrong_type_is_told() {
    let (app, owner) = App::start_with_owner().await;
    for path in
        ["/items?limit=many", "/items?sort=nonsense", "/items?library_id=x", "/jobs?state=x"]
    {
        let answer = app.get(&owner, path).await;
        assert_eq!(answer.status, 422, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_id_that_is_none_and_an_unknown_address_are_not_found() {
    let (app, owner) = App::start_with_owner().await;
    for path in ["/items/not-an-id", "/items/%00", "/nothing/here", "/items/../../etc/passwd"] {
        let answer = app.get(&owner, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (404, Some("not_found")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn text_with_a_nul_never_reaches_the_database_as_an_error() {
    let (app, owner) = App::start_with_owner().await;
    let answer =
        app.post(&owner, "/people", json!({ "name": "a\u{0}b", "password": "long enough" })).await;
    assert_eq!(answer.status, 422);
    let answer = app
        .post(
            &Caller::nobody(),
            "/sessions",
            json!({ "name": "a\u{0}b", "password": "long enough" }),
        )
        .await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    for path in ["/search?q=%00", "/items?genre=%00", "/items?starts_with=%00", "/folders?path=%00"]
    {
        let answer = app.get(&owner, path).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn every_answer_protects_the_browser() {
    let (app, _) = App::start_with_owner().await;
    for path in ["/", "/api/v1/server", "/api/v1/nothing", "/healthz", "/readyz"] {
        let answer = app.send(&Caller::nobody(), Method::GET, path, None).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        let policy = answer.headers["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("script-src 'unsafe-inline'"), "{path}: {policy}");
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
    }
}
