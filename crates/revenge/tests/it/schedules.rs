//! The queues, and what comes around by itself, over HTTP.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};
use crate::roles::own_role;

const BACKUP: &str = "backup.make_backup";
const SCHEDULES: &str = "/api/v1/jobs/schedules";

async fn schedule(app: &App, caller: &Caller, kind: &str) -> Value {
    let listed = app.get(caller, "/jobs/schedules").await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    let listed = listed.json();
    let found = listed.as_array().expect("a list").iter().find(|it| it["kind"] == kind);
    found.expect("the schedule").clone()
}

async fn change(app: &App, caller: &Caller, kind: &str, rule: Value) -> (u16, Value) {
    let path = format!("{SCHEDULES}/{kind}");
    let answer = app.send(caller, Method::PUT, &path, Some(json!({ "rule": rule }))).await;
    let body = if answer.body.is_empty() { Value::Null } else { answer.json() };
    (answer.status.as_u16(), body)
}

#[tokio::test]
async fn an_administrator_says_when_work_comes_around() {
    let (app, owner) = App::start_with_owner().await;
    let backup = schedule(&app, &owner, BACKUP).await;
    let never = json!({ "when": "never" });
    assert_eq!((&backup["rule"], &backup["usual"]), (&never, &never));
    assert_eq!((&backup["next_at"], &backup["last"]), (&Value::Null, &Value::Null));
    let forget = schedule(&app, &owner, "accounts.forget_sessions").await;
    assert_eq!(forget["rule"], json!({ "when": "every", "seconds": 86_400 }));

    let nightly = json!({ "when": "cron", "expression": "30 4 * * *" });
    assert_eq!(change(&app, &owner, BACKUP, nightly.clone()).await.0, 204);
    let backup = schedule(&app, &owner, BACKUP).await;
    assert_eq!((&backup["rule"], &backup["usual"]), (&nightly, &never));
    assert_eq!(backup["next_at"], "2026-01-02T04:30:00Z");
    let page = app.get(&owner, "/backups").await.json();
    assert_eq!((&page["rule"], &page["next_at"]), (&nightly, &backup["next_at"]));

    for (wrong, field) in [
        (json!({ "when": "every", "seconds": 59 }), "rule.seconds"),
        (json!({ "when": "every", "seconds": 40_000_000 }), "rule.seconds"),
        (json!({ "when": "cron", "expression": "at tea time" }), "rule.expression"),
    ] {
        let (status, problem) = change(&app, &owner, BACKUP, wrong.clone()).await;
        assert_eq!((status, &problem["field"]), (422, &json!(field)), "{wrong}");
    }
    assert_eq!(change(&app, &owner, "no.such_kind", nightly.clone()).await.0, 404);
    assert_eq!(change(&app, &owner, "c.catalog.feed_search", nightly.clone()).await.0, 404);

    // Another start knows what was decided.
    let app = app.restarted(|_| {}).await;
    assert_eq!(schedule(&app, &owner, BACKUP).await["rule"], nightly);
    let path = format!("{SCHEDULES}/{BACKUP}");
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(schedule(&app, &owner, BACKUP).await["rule"], never);
    let acts = app.get(&owner, "/audit?limit=50").await.text();
    assert!(acts.contains(&format!("PUT /jobs/schedules/{BACKUP}")), "{acts}");
}

#[tokio::test]
async fn work_that_comes_around_is_done_at_once_when_somebody_asks() {
    let (app, owner) = App::start_with_owner().await;
    let path = format!("{SCHEDULES}/accounts.forget_sessions/run");
    let asked = app.send(&owner, Method::POST, &path, None).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let again = app.send(&owner, Method::POST, &path, None).await;
    assert_eq!(asked.json(), again.json(), "one waits already");
    let waiting = schedule(&app, &owner, "accounts.forget_sessions").await;
    assert_eq!(waiting["last"]["is_unfinished"], true);
    let queues = app.get(&owner, "/jobs/queues").await.json();
    let low = queues.as_array().expect("a list").iter().find(|it| it["name"] == "low");
    assert_eq!(low.expect("the queue")["waiting"], 1);

    app.run_jobs().await;
    let done = schedule(&app, &owner, "accounts.forget_sessions").await;
    assert_eq!(
        (&done["last"]["job_id"], &done["last"]["is_unfinished"], &done["last"]["problem"]),
        (&asked.json()["job_id"], &json!(false), &Value::Null)
    );
    assert!(done["next_at"].is_string(), "{done}");
    let missing = app.send(&owner, Method::POST, &format!("{SCHEDULES}/x/run"), None).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn a_queue_stands_still_and_goes_on() {
    let (app, owner) = App::start_with_owner().await;
    // A queue exists once somebody has worked it.
    app.run_jobs().await;
    let pause = async |is_paused: bool| {
        let body = Some(json!({ "is_paused": is_paused }));
        app.send(&owner, Method::PUT, "/api/v1/jobs/queues/low", body).await.status.as_u16()
    };
    let is_paused = async || {
        let queues = app.get(&owner, "/jobs/queues").await.json();
        let names: Vec<_> =
            queues.as_array().expect("a list").iter().map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["high", "default", "low"]);
        queues[2]["is_paused"].clone()
    };
    assert_eq!(is_paused().await, false);
    assert_eq!((pause(true).await, is_paused().await), (204, json!(true)));
    assert_eq!((pause(true).await, is_paused().await), (204, json!(true)));
    assert_eq!((pause(false).await, is_paused().await), (204, json!(false)));
    let wrong = app
        .send(&owner, Method::PUT, "/api/v1/jobs/queues/none", Some(json!({ "is_paused": true })))
        .await;
    assert!(wrong.status.is_client_error(), "{}", wrong.status);
}

#[tokio::test]
async fn heavy_work_keeps_to_the_hours_that_an_administrator_gave() {
    let (app, owner) = App::start_with_owner().await;
    let path = "/api/v1/jobs/heavy-hours";
    let hours = async || app.get(&owner, "/jobs/heavy-hours").await.json()["hours"].clone();
    let keep = async |hours: &Value| {
        app.send(&owner, Method::PUT, path, Some(json!({ "hours": hours }))).await
    };
    assert_eq!(hours().await, json!([]));
    assert_eq!(app.workshop.pace.now().heavy_after, None, "at any time");

    // It is Friday, 03:04:05.
    let mornings = json!([{ "weekday": "saturday", "from_minute": 120, "until_minute": 360 }]);
    assert_eq!(keep(&mornings).await.status, 204);
    assert_eq!(hours().await, mornings);
    let waits = app.workshop.pace.now().heavy_after.expect("not now");
    assert_eq!(waits, Duration::from_secs(24 * 3600 - 3600 - 4 * 60 - 5));

    let wrong = json!([{ "weekday": "saturday", "from_minute": 1440, "until_minute": 360 }]);
    let refused = keep(&wrong).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!("hours")));
    let app = app.restarted(|_| {}).await;
    revenge::pace::look(&app.workshop).await.expect("looked");
    assert!(app.workshop.pace.now().heavy_after.is_some(), "another start knows");
    let none = Some(json!({ "hours": [] }));
    assert_eq!(app.send(&owner, Method::PUT, path, none).await.status, 204);
    assert_eq!(app.workshop.pace.now().heavy_after, None);
}

#[tokio::test]
async fn only_administrators_say_when_backups_are_made() {
    let (app, owner) = App::start_with_owner().await;
    let role = own_role(&app, &owner, "Caretakers", &["manage_jobs"]).await;
    let body = json!({ "name": "cara", "password": PASSWORD, "role_id": role });
    let caretaker = app.person(&owner, body).await;
    let rule = json!({ "when": "every", "seconds": 3600 });
    assert_eq!(change(&app, &caretaker, BACKUP, rule.clone()).await.0, 403);
    let path = format!("{SCHEDULES}/{BACKUP}");
    assert_eq!(app.send(&caretaker, Method::DELETE, &path, None).await.status, 403);
    assert_eq!(app.send(&caretaker, Method::POST, &format!("{path}/run"), None).await.status, 403);
    assert_eq!(change(&app, &caretaker, "accounts.forget_sessions", rule).await.0, 204);
}
