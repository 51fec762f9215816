//! Guessing passwords: how long it takes, whom it makes wait, and what passwords there are.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use sqlx::Row as _;

use crate::app::{App, Caller, PASSWORD};

async fn try_as(app: &App, caller: &Caller, name: &str, password: &str) -> (u16, u64) {
    let body = json!({ "name": name, "password": password });
    let answer = app.post(caller, "/sessions", body).await;
    let wait = answer.headers.get("retry-after").and_then(|it| it.to_str().ok()?.parse().ok());
    (answer.status.as_u16(), wait.unwrap_or(0))
}

#[tokio::test]
async fn each_further_failure_makes_wait_longer_and_unknown_names_are_no_different() {
    let (app, _) = App::start_with_owner().await;
    let waits = async |name: &str| {
        let mut waits = Vec::new();
        for _ in 0..9 {
            let (status, _) = try_as(&app, &Caller::nobody(), name, "wrong password").await;
            assert_eq!(status, 422, "{name} after {waits:?}");
            let (status, wait) = try_as(&app, &Caller::nobody(), name, PASSWORD).await;
            if status == 429 {
                waits.push(wait);
            } else {
                // The right password forgets failures: only an unknown name gets here, and it is a failure too.
                assert_eq!(status, 422, "{name}");
            }
            app.clock.advance(Duration::from_secs(wait.max(30)));
        }
        waits
    };
    assert_eq!(waits("nobody").await.last(), Some(&900));
    let fail = async || try_as(&app, &Caller::nobody(), "owner", "wrong password").await;
    for _ in 0..5 {
        assert_eq!(fail().await.0, 422);
        app.clock.advance(Duration::from_secs(10));
    }
    let mut known = Vec::new();
    for _ in 0..7 {
        let (status, wait) = fail().await;
        assert_eq!(status, 429);
        known.push(wait);
        app.clock.advance(Duration::from_secs(wait));
        assert_eq!(fail().await.0, 422);
    }
    assert_eq!(known, [20, 60, 120, 240, 480, 900, 900]);
    let (status, wait) = try_as(&app, &Caller::nobody(), "owner", PASSWORD).await;
    assert_eq!(status, 429, "also the right password waits");
    app.clock.advance(Duration::from_secs(wait));
    assert_eq!(try_as(&app, &Caller::nobody(), "owner", PASSWORD).await.0, 201);
    assert_eq!(fail().await.0, 422, "it begins anew");
}

#[tokio::test]
async fn who_guesses_from_elsewhere_makes_nobody_wait_at_a_device_of_theirs() {
    let (app, _) = App::start_with_owner().await;
    let body = json!({ "name": "owner", "password": PASSWORD });
    let entered = app.post(&Caller::nobody(), "/sessions", body).await.json();
    let secret = entered["device_secret"].as_str().expect("a secret");
    let at_home = Caller::nobody().with("x-revenge-device", secret);
    for _ in 0..30 {
        try_as(&app, &Caller::nobody(), "owner", "wrong password").await;
    }
    assert_eq!(try_as(&app, &Caller::nobody(), "owner", PASSWORD).await.0, 429);
    assert_eq!(try_as(&app, &at_home, "owner", PASSWORD).await.0, 201);

    // What is known to one is not known to another, and who guesses with it waits as well.
    assert_eq!(try_as(&app, &at_home, "somebody", PASSWORD).await.0, 429);
    app.clock.advance(Duration::from_hours(1));
    for _ in 0..5 {
        assert_eq!(try_as(&app, &at_home, "owner", "wrong password").await.0, 422);
    }
    assert_eq!(try_as(&app, &at_home, "owner", PASSWORD).await.0, 429);
}

#[tokio::test]
async fn common_passwords_are_refused_wherever_one_is_chosen() {
    let (app, owner) = App::start_with_owner().await;
    let body = json!({ "name": "member", "password": "iloveyou1" });
    let refused = app.post(&owner, "/people", body).await;
    assert_eq!(
        (refused.status.as_u16(), refused.json()["field"].as_str()),
        (422, Some("password"))
    );
    let change = json!({ "current": PASSWORD, "new": "Passw0rd" });
    let refused = app.send(&owner, Method::PUT, "/api/v1/me/password", Some(change)).await;
    assert_eq!((refused.status.as_u16(), refused.json()["field"].as_str()), (422, Some("new")));
}

#[tokio::test]
async fn passwords_are_hashed_anew_when_the_work_was_changed() {
    let (app, _) = App::start_with_owner().await;
    let hash = async |app: &App| {
        let row = sqlx::raw_sql("SELECT password_hash FROM core.person");
        let row = row.fetch_one(&app.workshop.pool).await.expect("a row");
        row.get::<String, _>(0)
    };
    assert!(hash(&app).await.contains("$m=19456,t=2,p=1$"));
    let app = app.restarted(|config| config.accounts.password_passes = 3).await;
    assert_eq!(try_as(&app, &Caller::nobody(), "owner", "wrong password").await.0, 422);
    assert!(hash(&app).await.contains("$m=19456,t=2,p=1$"), "it was not them");
    assert_eq!(try_as(&app, &Caller::nobody(), "owner", PASSWORD).await.0, 201);
    assert!(hash(&app).await.contains("$m=19456,t=3,p=1$"));
    assert_eq!(try_as(&app, &Caller::nobody(), "owner", PASSWORD).await.0, 201);
}
