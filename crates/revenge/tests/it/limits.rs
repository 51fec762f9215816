//! How many requests somebody may make.

use std::time::Duration;

use axum::http::Method;
use revenge::config::RequestsSection;
use serde_json::json;

use crate::app::{App, Caller, PASSWORD};

const FEW: RequestsSection = RequestsSection { strangers: 6, changes: 2, reads: 3, media: 3 };

async fn house() -> (App, Caller) {
    let app = App::start_with(|config| config.server.requests = FEW).await;
    let owner = app.owner().await;
    (app, owner)
}

#[tokio::test]
async fn strangers_are_counted_by_address_and_told_when_to_come_back() {
    let (app, owner) = house().await;
    for _ in 0..6 {
        assert_eq!(app.get(&Caller::nobody(), "/server").await.status, 200);
    }
    let refused = app.get(&Caller::nobody(), "/server").await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (429, &json!("busy")));
    assert_eq!(refused.headers["retry-after"], "10");

    // Neither who asks from elsewhere, nor who is signed in there, nor a browser on the machine itself.
    let elsewhere = Caller::nobody().at_address([198, 51, 100, 9]);
    assert_eq!(app.get(&elsewhere, "/server").await.status, 200);
    assert_eq!(app.get(&owner, "/me").await.status, 200);
    for _ in 0..10 {
        assert_eq!(app.get(&Caller::local_browser(), "/server").await.status, 200);
    }

    app.clock.advance(Duration::from_secs(10));
    assert_eq!(app.get(&Caller::nobody(), "/server").await.status, 200);
    assert_eq!(app.get(&Caller::nobody(), "/server").await.status, 429);
}

#[tokio::test]
async fn a_person_s_requests_are_counted_by_kind_wherever_they_come_from() {
    let (app, owner) = house().await;
    // Making somebody is one change of the owner's, and signing in one request of a stranger.
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    for _ in 0..3 {
        assert_eq!(app.get(&owner, "/me").await.status, 200);
    }
    let elsewhere = owner.clone().at_address([198, 51, 100, 9]);
    assert_eq!(app.get(&elsewhere, "/me").await.status, 429);
    // A picture that is not there was asked for; so was a change.
    let picture = "/images/01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(app.get(&owner, picture).await.status, 404);
    let change = json!({ "language": "de" });
    let patch = || app.send(&owner, Method::PATCH, "/api/v1/me", Some(change.clone()));
    assert_eq!(patch().await.status, 200);
    assert_eq!(patch().await.status, 429);
    // Somebody else at the same address is not held up.
    assert_eq!(app.get(&member, "/me").await.status, 200);
}

#[tokio::test]
async fn no_limit_is_no_limit() {
    let none = RequestsSection { strangers: 0, changes: 0, reads: 0, media: 0 };
    let app = App::start_with(|config| config.server.requests = none).await;
    for _ in 0..500 {
        assert_eq!(app.get(&Caller::nobody(), "/server").await.status, 200);
    }
}
