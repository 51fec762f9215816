//! Who did what, as administrators read it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};

async fn actions(app: &App, owner: &Caller, query: &str) -> Vec<String> {
    let page = app.get(owner, &format!("/audit?{query}")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let items = page.json()["items"].as_array().expect("a list").clone();
    items.iter().map(|it| it["action"].as_str().expect("an action").to_owned()).collect()
}

#[tokio::test]
async fn every_act_is_written_and_found_by_person_kind_and_time() {
    let (app, owner) = App::start_with_owner().await;
    let body = json!({ "name": "member", "password": PASSWORD });
    let member = app.person(&owner, body).await;
    let id = app.get(&member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    app.clock.advance(std::time::Duration::from_mins(5));
    let middle = app.clock.now();
    let wrong = json!({ "name": "member", "password": "wrong password" });
    app.post(&Caller::nobody(), "/sessions", wrong).await;
    app.send(
        &owner,
        Method::PATCH,
        &format!("/api/v1/people/{id}"),
        Some(json!({ "name": "guest" })),
    )
    .await;
    let change = json!({ "current": PASSWORD, "new": "a new password" });
    app.send(&member, Method::PUT, "/api/v1/me/password", Some(change)).await;
    app.send(&member, Method::DELETE, "/api/v1/sessions/current", None).await;
    let path = format!("/api/v1/people/{id}/password");
    let reset = json!({ "new": "one more password" });
    assert_eq!(app.send(&owner, Method::PUT, &path, Some(reset)).await.status, 204);
    app.library(&owner, "Films").await;

    let all = actions(&app, &owner, "").await;
    for action in [
        "setting_changed",
        "sign_out",
        "password_changed",
        "person_changed",
        "sign_in_failed",
        "sign_in_new_device",
        "person_created",
    ] {
        assert!(all.iter().any(|it| it == action), "{action} of {all:?}");
    }
    let reset = app.get(&owner, "/audit?action=password_reset").await.json()["items"].take();
    let fact = |it: &str| reset[0][it].as_str().map(str::to_owned);
    let expected = ["owner", "guest", "192.0.2.7"].map(|it| Some(it.to_owned()));
    assert_eq!([fact("person"), fact("subject"), fact("address")], expected, "by whom, and whose");
    let changed = app.get(&owner, "/audit?action=person_changed").await.json();
    assert_eq!(changed["items"][0]["address"], "192.0.2.7");
    let failed = app.get(&owner, "/audit?action=sign_in_failed").await.json();
    let failed = &failed["items"].as_array().expect("a list")[..];
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (failed[0]["person"].as_str(), failed[0]["address"].as_str()),
        (Some("guest"), Some("192.0.2.7"))
    );
    let of_member = actions(&app, &owner, &format!("person={id}")).await;
    assert!(
        of_member.contains(&"sign_out".to_owned())
            && !of_member.contains(&"setting_changed".to_owned())
    );
    let stamp = middle.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    assert!(
        !actions(&app, &owner, &format!("from={stamp}"))
            .await
            .contains(&"person_created".to_owned())
    );
    assert!(
        !actions(&app, &owner, &format!("until={stamp}")).await.contains(&"sign_out".to_owned())
    );
    assert_eq!(app.get(&owner, "/audit?cursor=nonsense").await.status, 422);
}

#[tokio::test]
async fn pages_of_acts_are_complete_and_in_order() {
    let (app, owner) = App::start_with_owner().await;
    for n in 0..7 {
        let body = json!({ "name": format!("person {n}"), "password": PASSWORD });
        assert_eq!(app.post(&owner, "/people", body).await.status, 201);
    }
    let whole = app.get(&owner, "/audit").await.json()["items"].clone();
    let mut read = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&owner, &format!("/audit?limit=2{cursor}")).await.json();
        read.extend(page["items"].as_array().expect("a list").iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(Value::Array(read), whole);
    assert!(whole.as_array().expect("a list").len() >= 8);
}

#[tokio::test]
async fn settings_are_noted_whoever_may_change_them_and_questions_are_not() {
    let (app, owner) = App::start_with_owner().await;
    let role =
        json!({ "name": "Librarian", "permissions": ["manage_libraries", "manage_providers"] });
    let role = app.post(&owner, "/roles", role).await.json()["id"].clone();
    let librarian = json!({ "name": "librarian", "password": PASSWORD, "role_id": role });
    let librarian = app.person(&owner, librarian).await;
    let noted = async || actions(&app, &owner, "action=setting_changed").await.len();
    app.library(&librarian, "films").await;
    assert_eq!(noted().await, 1);
    assert_eq!(app.post(&librarian, "/webhooks/token", json!({})).await.status, 200);
    assert_eq!(noted().await, 2);
    let settings = json!({ "language": "de" });
    let put = app.send(&librarian, Method::PUT, "/api/v1/settings/metadata", Some(settings)).await;
    assert_eq!((put.status.is_success(), noted().await), (true, 3), "{}", put.text());
    app.post(&librarian, "/settings/metadata/check", json!({})).await;
    app.send(&Caller::nobody(), Method::POST, "/api/v1/libraries", Some(json!({}))).await;
    assert_eq!(noted().await, 3);
}
