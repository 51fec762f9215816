//! Scans as people, programs and the queue ask for them.

use std::path::Path;

use axum::http::Method;
use catalog::scan::ask::Lock;
use kernel::id::LibraryId;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};
use crate::process::make_clip;

fn film(folder: &Path, name: &str) {
    let folder = folder.join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    make_clip(&folder.join(format!("{name}.mp4")));
}

async fn titles(app: &App, caller: &Caller) -> Vec<String> {
    let page = app.get(caller, "/items?sort=title").await.json();
    let items = page["items"].as_array().expect("a list");
    items.iter().filter_map(|it| it["title"].as_str().map(str::to_owned)).collect()
}

async fn scan(app: &App, caller: &Caller, library: &str, body: Value) -> Answer {
    app.post(caller, &format!("/libraries/{library}/scan"), body).await
}

#[tokio::test]
async fn a_folder_of_a_library_is_scanned_alone() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    film(&folder, "Open Sky (2001)");
    film(&folder, "Hidden Valley (2002)");
    let sky = folder.join("Open Sky (2001)");
    let answer = scan(&app, &owner, &library, json!({ "folder": sky })).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert!(answer.json()["job_id"].is_i64());
    app.run_jobs().await;
    assert_eq!(titles(&app, &owner).await, ["Open Sky"]);
    app.scan(&owner, &library).await;
    assert_eq!(titles(&app, &owner).await, ["Hidden Valley", "Open Sky"]);
}

#[tokio::test]
async fn a_broken_file_that_is_gone_is_no_problem_any_more() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    film(&folder, "Open Sky (2001)");
    let broken = folder.join("Hidden Valley (2002).mkv");
    std::fs::write(&broken, "no film").expect("written");
    for expect in [1, 0] {
        app.scan(&owner, &library).await;
        let problems = app.get(&owner, &format!("/libraries/{library}/problems")).await.json();
        assert_eq!(problems["items"].as_array().map(Vec::len), Some(expect), "{problems}");
        let libraries = app.get(&owner, "/libraries").await.json();
        assert_eq!(libraries["items"][0]["problem_count"], expect);
        let _ = std::fs::remove_file(&broken);
    }
}

#[tokio::test]
async fn a_scan_of_what_is_not_in_the_library_is_refused() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let outside = folder.join("../elsewhere");
    for folder in [json!("/etc"), json!(outside), json!("films"), json!("")] {
        let answer = scan(&app, &owner, &library, json!({ "folder": folder })).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["field"].as_str()),
            (422, Some("folder"))
        );
    }
    for body in [json!({ "path": "/media" }), json!({ "folder": 5 }), json!("x")] {
        let answer = scan(&app, &owner, &library, body.clone()).await;
        assert_eq!(answer.status, 422, "{body}: what is not understood is no scan of everything");
    }
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    assert_eq!(scan(&app, &member, &library, json!({})).await.status, 403);
}

#[tokio::test]
async fn whatever_is_asked_is_scanned_in_one_go() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    for name in ["Open Sky (2001)", "Hidden Valley (2002)", "Far Shore (2003)"] {
        film(&folder, name);
        let body = json!({ "folder": folder.join(name) });
        assert_eq!(scan(&app, &owner, &library, body).await.status, 202);
    }
    app.run_jobs().await;
    assert_eq!(titles(&app, &owner).await, ["Far Shore", "Hidden Valley", "Open Sky"]);
    let done = app.get(&owner, "/jobs?state=done").await.json();
    let scans = done["items"].as_array().expect("jobs").iter();
    let lines: usize = scans
        .filter(|it| it["kind"] == "catalog.scan_library")
        .map(|it| {
            it["log"].as_array().map_or(0, |log| {
                log.iter().filter(|it| it.as_str().is_some_and(|it| it.contains("3 files"))).count()
            })
        })
        .sum();
    assert_eq!(lines, 1, "one scan of all three: {done}");
}

#[tokio::test]
async fn what_is_asked_while_the_library_is_being_scanned_is_not_lost() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    film(&folder, "Open Sky (2001)");
    let id = LibraryId(library.parse().expect("an id"));
    let catalog = &app.workshop.catalog;
    let lock = Lock::take(&catalog.pool, id).await.expect("asked").expect("nobody scans");
    assert!(Lock::take(&catalog.pool, id).await.expect("asked").is_none(), "one at a time");
    assert_eq!(scan(&app, &owner, &library, json!({})).await.status, 202);
    app.run_jobs().await;
    assert!(titles(&app, &owner).await.is_empty(), "somebody else has the library");
    lock.release().await.expect("released");
    // Whoever had the library would look again now; here they died, and the request is found by and by.
    catalog.ask_forgotten_scans(chrono::TimeDelta::seconds(-1)).await.expect("asked");
    app.run_jobs().await;
    assert_eq!(titles(&app, &owner).await, ["Open Sky"]);
    catalog.ask_forgotten_scans(chrono::TimeDelta::seconds(-1)).await.expect("asked");
    let queued = app.get(&owner, "/jobs?state=queued").await.json();
    assert_eq!(queued["items"], json!([]), "nothing is left");
}

#[tokio::test]
async fn a_library_says_how_it_is_kept_up_to_date() {
    let (app, owner) = App::start_with_owner().await;
    let (library, _) = app.library(&owner, "Films").await;
    let seen = app.get(&owner, "/libraries").await.json();
    let seen = &seen["items"][0];
    assert_eq!(
        (&seen["is_watched"], &seen["schedule"]),
        (&json!(true), &json!({ "kind": "daily", "at": "04:00" }))
    );
    assert_eq!(seen["folders"][0]["watched_by"], "nothing");
    let body = json!({ "is_watched": false, "schedule": { "kind": "interval", "minutes": 90 } });
    let path = format!("/api/v1/libraries/{library}");
    let changed = app.send(&owner, Method::PATCH, &path, Some(body)).await.json();
    assert_eq!(changed["schedule"], json!({ "kind": "interval", "minutes": 90 }));
    let wrong = json!({ "schedule": { "kind": "hourly" } });
    assert_eq!(app.send(&owner, Method::PATCH, &path, Some(wrong)).await.status, 422);
    let body = json!({ "name": "member", "password": PASSWORD, "library_ids": [library] });
    let member = app.person(&owner, body).await;
    let seen = app.get(&member, "/libraries").await.json();
    assert!(seen["items"][0].get("schedule").is_none(), "{seen}");
}

async fn call(app: &App, caller: &Caller, query: &str, body: Value) -> Answer {
    app.post(caller, &format!("/webhooks/arr{query}"), body).await
}

#[tokio::test]
async fn a_download_program_tells_of_a_film_and_it_is_there() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    film(&folder, "Open Sky (2001)");
    film(&folder, "Hidden Valley (2002)");
    let mappings = json!({ "path_mappings": [{ "from": "/movies", "to": folder }] });
    let changed = app.send(&owner, Method::PUT, "/api/v1/webhooks", Some(mappings)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let token = changed.json()["token"].as_str().expect("a token").to_owned();
    let body = json!({ "eventType": "Download", "instanceName": "Radarr",
        "movie": { "folderPath": "/movies/Open Sky (2001)" } });
    let answer = call(&app, &Caller::nobody().with("x-webhook-token", &token), "", body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.json()["scans"][0]["library_id"], json!(library));
    app.run_jobs().await;
    assert_eq!(titles(&app, &owner).await, ["Open Sky"]);
    let last = app.get(&owner, "/webhooks").await.json()["last_call"].clone();
    assert_eq!((&last["application"], &last["scans"]), (&json!("Radarr"), &json!(1)));
}

#[tokio::test]
async fn only_who_knows_the_token_may_tell() {
    let (app, owner) = App::start_with_owner().await;
    let test = json!({ "eventType": "Test" });
    assert_eq!(
        call(&app, &Caller::nobody().with("x-webhook-token", ""), "", test.clone()).await.status,
        401
    );
    let token =
        app.get(&owner, "/webhooks").await.json()["token"].as_str().expect("a token").to_owned();
    assert_eq!(call(&app, &Caller::nobody(), "", test.clone()).await.status, 401);
    assert_eq!(call(&app, &owner, "", test.clone()).await.status, 401, "a person is no program");
    assert_eq!(call(&app, &Caller::nobody(), "?token=wrong", test.clone()).await.status, 401);
    assert_eq!(
        call(&app, &Caller::nobody(), &format!("?token={token}"), test.clone()).await.status,
        202
    );
    let basic = |password: &str| {
        use base64::Engine as _;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("radarr:{password}"));
        Caller::nobody().with("authorization", format!("Basic {pair}"))
    };
    assert_eq!(call(&app, &basic(&token), "", test.clone()).await.status, 202);
    assert_eq!(call(&app, &basic("wrong"), "", test.clone()).await.status, 401);
    let informed = Caller::nobody().with("x-webhook-token", &token);
    assert_eq!(call(&app, &informed, "", json!({ "eventType": 5 })).await.status, 422);
    let rotated = app.send(&owner, Method::POST, "/api/v1/webhooks/token", None).await;
    assert_eq!(rotated.status, 200);
    assert_eq!(call(&app, &informed, "", test).await.status, 401, "the old token is worth nothing");
}
