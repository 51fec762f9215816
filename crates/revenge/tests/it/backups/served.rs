//! Backups over HTTP: made by a job, listed, taken away, deleted; and what is told when they fail.

use axum::http::Method;
use serde_json::json;

use crate::app::{App, Caller};

async fn part(app: &App, owner: &Caller) -> (String, String) {
    let system = app.get(owner, "/system").await.json();
    let parts = system["parts"].as_array().expect("parts");
    let part = parts.iter().find(|it| it["name"] == "backup").expect("the part");
    let text = |field: &str| part[field].as_str().expect("text").to_owned();
    (text("status"), text("found"))
}

#[tokio::test]
async fn an_administrator_makes_takes_away_and_deletes_backups() {
    let app = App::start_with(|config| {
        config.backup.schedule = Some("0 3 * * *".to_owned());
        config.backup.keep_daily = 1;
        config.backup.keep_weekly = 0;
        config.backup.keep_monthly = 0;
    })
    .await;
    let owner = app.owner().await;
    let empty = app.get(&owner, "/backups").await.json();
    assert_eq!((&empty["items"], &empty["last"]), (&json!([]), &json!(null)));
    assert_eq!(empty["next_at"], "2026-01-03T03:00:00Z");
    assert_eq!(part(&app, &owner).await, ("fine".to_owned(), "none yet".to_owned()));

    for _ in 0..2 {
        let asked = app.send(&owner, Method::POST, "/api/v1/backups", None).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        app.run_jobs().await;
        app.clock.advance(std::time::Duration::from_mins(1));
    }
    let listed = app.get(&owner, "/backups").await.json();
    let items = listed["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1, "the older one of the day is gone: {listed}");
    assert_eq!(items[0]["name"], "revenge-20260102-030505.tar.zst");
    assert_eq!(items[0]["program"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (&listed["last"]["is_running"], &listed["last"]["problem"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(part(&app, &owner).await.0, "fine");

    let name = items[0]["name"].as_str().expect("a name");
    let taken = app.get(&owner, &format!("/backups/{name}")).await;
    assert_eq!(taken.status, 200);
    assert_eq!(taken.headers["content-disposition"], format!("attachment; filename=\"{name}\""));
    let kept = std::fs::read(app.folder.path().join("backups").join(name)).expect("the file");
    assert_eq!(taken.body, kept);
    let acts = app.get(&owner, "/audit?limit=20").await.text();
    assert!(acts.contains(&format!("GET /backups/{name}")), "{acts}");

    for wrong in ["..%2Fnode_id", "node_id", "revenge-20260102-030405.tar.zst"] {
        for method in [Method::GET, Method::DELETE] {
            let path = format!("/api/v1/backups/{wrong}");
            assert_eq!(app.status(&owner, method, &path, None).await, 404, "{wrong}");
        }
    }
    let path = format!("/api/v1/backups/{name}");
    assert_eq!(app.status(&owner, Method::DELETE, &path, None).await, 204);
    assert_eq!(app.get(&owner, "/backups").await.json()["items"], json!([]));

    // Two of the schedule's times pass without one.
    app.clock.advance(std::time::Duration::from_hours(48));
    assert_eq!(part(&app, &owner).await.0, "degraded");
}

#[tokio::test]
async fn a_backup_that_fails_is_told() {
    let app = App::start_with(|config| config.backup.folder = Some("/proc/backups".into())).await;
    let owner = app.owner().await;
    assert_eq!(app.send(&owner, Method::POST, "/api/v1/backups", None).await.status, 202);
    app.run_jobs().await;
    let last = app.get(&owner, "/backups").await.json()["last"].clone();
    let problem = last["problem"].as_str().expect("why");
    assert!(problem.contains("/proc/backups cannot be made"), "{last}");
    let (status, found) = part(&app, &owner).await;
    assert_eq!(status, "degraded");
    assert!(found.contains("/proc/backups cannot be made"), "{found}");
}

#[tokio::test]
async fn who_may_not_do_everything_knows_nothing_of_backups() {
    let (app, owner) = App::start_with_owner().await;
    let body = json!({ "name": "member", "password": crate::app::PASSWORD });
    let member = app.person(&owner, body).await;
    for caller in [&member, &Caller::nobody()] {
        let status = app.get(caller, "/backups").await.status;
        assert!(status == 401 || status == 403, "{status}");
    }
}
