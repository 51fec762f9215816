//! Who is told what.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{ALL, House};
use crate::app::{App, Caller, PASSWORD};
use crate::process::make_clip;

#[tokio::test]
async fn new_films_are_told_once_and_only_to_those_for_whom_they_exist() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let (mine, _) = app.library(owner, "Mine").await;
    house.target("/all", json!({})).await;
    let some = house.target("/some", json!({ "library_ids": [mine] })).await;
    let body = json!({ "name": "ana", "password": PASSWORD, "library_ids": [mine] });
    let ana = app.person(owner, body).await;
    let ana_box = house.mailbox(&ana, "ana@example.org").await;
    let body = json!({ "name": "bob", "password": PASSWORD, "all_libraries": true });
    let bob = app.person(owner, body).await;
    let parental = json!({ "parental": { "max_age": 6, "hides_unrated": true } });
    house.patch_person("bob", parental).await;
    let bob_box = house.mailbox(&bob, "bob@example.org").await;
    app.run_jobs().await;
    assert_eq!(house.kinds("/all"), ["session.new_device", "session.new_device"]);

    house.library("Theirs", &["Hidden Valley (2002)"]).await;
    for film in ["Open Sky (2001)", "Red Tide (2003)"] {
        make_clip(&app.folder.path().join("Mine").join(format!("{film}.mp4")));
    }
    app.scan(owner, &mine).await;
    assert!(house.heard("/all").iter().all(|it| it.json()["kind"] != "items.added"), "not yet");
    house.gather().await;

    let told = |path: &str| -> Vec<Value> {
        let all = house.heard(path).into_iter().map(|it| it.json());
        all.filter(|it| it["kind"] == "items.added").collect()
    };
    let mut titles: Vec<String> =
        told("/all").iter().map(|it| it["title"].as_str().unwrap_or_default().to_owned()).collect();
    titles.sort();
    assert_eq!(titles, ["2 new in Mine", "New in Theirs"]);
    let [only] = told("/some").try_into().expect("one");
    assert_eq!(only["title"], "2 new in Mine");
    assert_eq!(only["subject"]["count"], 2);
    assert_eq!(only["subject"]["items"][0]["title"], "Open Sky");
    assert_eq!(only["text"], "Open Sky (2001)\nRed Tide (2003)");

    let letters = house.letters("ana@example.org");
    assert_eq!(letters.len(), 1, "{letters:#?}");
    assert!(letters[0].contains("2 new in Mine") && letters[0].contains("Red Tide"));
    assert!(house.letters("bob@example.org").is_empty(), "nothing exists for whom it is not rated");
    assert!(house.log(&bob, &bob_box).await.is_empty(), "nor does a line of the log");
    for log in [house.log(&ana, &ana_box).await, house.log(owner, &some).await] {
        assert!(log.iter().all(|it| it["status"] == "sent" && it["attempts"] == 1), "{log:#?}");
        assert!(log.iter().all(|it| !it.to_string().contains("Hidden Valley")), "{log:#?}");
    }

    let n_before = house.server.heard().len();
    app.scan(owner, &mine).await;
    house.gather().await;
    assert_eq!(house.server.heard().len(), n_before, "nothing is new any more");
}

#[tokio::test]
async fn what_somebody_may_no_longer_see_when_it_is_sent_is_not_sent() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let body = json!({ "name": "ana", "password": PASSWORD, "all_libraries": true });
    let ana = app.person(owner, body).await;
    house.mailbox(&ana, "ana@example.org").await;
    house.library("Films", &["Open Sky (2001)"]).await;
    let patch = json!({ "all_libraries": false, "library_ids": [] });
    let path = house.patch_person("ana", patch).await;
    house.gather().await;
    assert!(house.letters("ana@example.org").is_empty());

    let deleted = app.send(owner, Method::DELETE, &path, None).await;
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    assert!(!house.rows().await.contains("ana@example.org"), "a target goes with its person");
}

#[tokio::test]
async fn a_new_device_is_told_to_the_person_in_their_language() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let ana = app.person(owner, json!({ "name": "ana", "password": PASSWORD })).await;
    let language = json!({ "language": "de" });
    let changed = app.send(&ana, Method::PATCH, "/api/v1/me", Some(language)).await;
    assert!(changed.status.is_success(), "{}", changed.text());
    let bob = app.person(owner, json!({ "name": "bob", "password": PASSWORD })).await;
    house.mailbox(&ana, "ana@example.org").await;
    house.mailbox(&bob, "bob@example.org").await;
    app.run_jobs().await;
    app.clock.advance(Duration::from_mins(1));

    let body = json!({ "name": "ana", "password": PASSWORD });
    let first = app.post(&Caller::nobody(), "/sessions", body.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    app.run_jobs().await;
    let letters = house.letters("ana@example.org");
    assert_eq!(letters.len(), 1, "{letters:#?}");
    assert!(letters[0].contains("hat sich mit") && letters[0].contains("192.0.2.7"), "{letters:?}");
    assert!(house.letters("bob@example.org").is_empty(), "it is nobody else's business");
}

#[tokio::test]
async fn playing_is_told_to_the_person_and_to_the_server() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let library = house.library("Films", &["Open Sky (2001)"]).await;
    let found = app.get(owner, &format!("/items?library_id={library}")).await.json();
    let item = found["items"][0]["id"].clone();
    let body = json!({ "name": "ana", "password": PASSWORD, "all_libraries": true });
    let ana = app.person(owner, body).await;
    let body = json!({ "name": "bob", "password": PASSWORD, "all_libraries": true });
    let bob = app.person(owner, body).await;
    house.gather().await;
    house.mailbox(&ana, "ana@example.org").await;
    house.mailbox(&bob, "bob@example.org").await;
    house.target("/all", json!({})).await;

    let started = app.post(&ana, "/playback", json!({ "item_id": item })).await.json();
    let play = started["play_id"].as_str().expect("an id").to_owned();
    let report = |state: &'static str| {
        let body =
            json!({ "item_id": item, "position_ms": 500, "duration_ms": 1000, "state": state });
        let path = format!("/api/v1/playback/playing/{play}");
        let ana = &ana;
        async move { app.send(ana, Method::PUT, &path, Some(body)).await.status.as_u16() }
    };
    for state in ["playing", "stopped", "stopped"] {
        assert_eq!(report(state).await, 204);
    }
    app.run_jobs().await;
    let mut kinds = house.kinds("/all");
    kinds.sort();
    assert_eq!(kinds, ["playback.started", "playback.stopped"], "the end is told once");
    let heard = house.heard("/all").into_iter().map(|it| it.json());
    let stopped = heard.into_iter().find(|it| it["kind"] == "playback.stopped").expect("told");
    assert_eq!(stopped["subject"]["person"]["name"], "ana");
    assert_eq!(stopped["subject"]["item"]["title"], "Open Sky");
    assert_eq!(stopped["subject"]["position_ms"], 500);
    assert_eq!(house.letters("ana@example.org").len(), 2);
    assert!(house.letters("bob@example.org").is_empty());
}

#[tokio::test]
async fn trouble_is_told_to_those_who_can_do_something_about_it() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let library = house.library("Films", &["Open Sky (2001)"]).await;
    let ana = app.person(owner, json!({ "name": "ana", "password": PASSWORD })).await;
    house.gather().await;
    house.mailbox(&ana, "ana@example.org").await;
    house.mailbox(owner, "owner@example.org").await;
    house.target("/all", json!({})).await;
    let choice = app.get(&ana, "/me/notices/targets").await.json()["events"].clone();
    let personal = [
        "items.added",
        "playback.started",
        "playback.stopped",
        "request.answered",
        "session.new_device",
    ];
    assert_eq!(choice, json!(personal));

    let folder = app.folder.path().join("Films");
    std::fs::rename(&folder, app.folder.path().join("away")).expect("taken away");
    for _ in 0..2 {
        app.scan(owner, &library).await;
        app.clock.advance(Duration::from_mins(1));
    }
    house
        .sql(
            "UPDATE river.river_job SET state = 'discarded', finalized_at = now(),
                    errors = ARRAY['{\"error\": \"the disk is full\"}'::jsonb]
             WHERE id = (SELECT max(id) FROM river.river_job WHERE kind = 'catalog.make_artwork')",
        )
        .await;
    house.gather().await;
    house.gather().await;
    let mut kinds = house.kinds("/all");
    kinds.sort();
    assert_eq!(kinds, ["job.failed", "scan.troubled"], "each once");
    let heard = house.heard("/all").into_iter().map(|it| it.json());
    let failed = heard.into_iter().find(|it| it["kind"] == "job.failed").expect("told");
    assert_eq!(failed["subject"]["job_kind"], "catalog.make_artwork");
    assert_eq!(failed["subject"]["error"], "the disk is full");
    assert_eq!(house.letters("owner@example.org").len(), 2);
    assert!(house.letters("ana@example.org").is_empty());
}

#[tokio::test]
async fn a_backup_is_told_when_it_was_made() {
    let house = House::start().await;
    house.target("/all", json!({ "language": "de" })).await;
    let asked = house.app.post(&house.owner, "/jobs/schedules/backup.make_backup/run", Value::Null);
    let asked = asked.await;
    assert!(asked.status.is_success(), "{}", asked.text());
    house.app.run_jobs().await;
    let [heard] = house.heard("/all").try_into().expect("one");
    assert_eq!(heard.json()["title"], "Eine Sicherung wurde erstellt");
    assert!(heard.json()["subject"]["size_bytes"].as_u64().is_some_and(|it| it > 0));
}

#[tokio::test]
async fn nothing_of_the_adult_area_is_ever_told() {
    const TITLE: &str = "Zebracanary";
    let app = App::start_with(|it| it.adult.enabled = true).await;
    let owner = app.owner().await;
    let house = House::of(app, owner).await;
    let (app, owner) = (&house.app, &house.owner);
    house.target("/all", json!({})).await;
    house.mailbox(owner, "owner@example.org").await;
    let age = app.send(owner, Method::PUT, "/api/v1/me/adult/age", None).await;
    assert_eq!(age.status, 204);
    assert_eq!(app.post(owner, "/me/adult", json!({})).await.status, 204);
    let folder = app.folder.path().join("x");
    std::fs::create_dir_all(&folder).expect("a folder");
    make_clip(&folder.join(format!("2021-05-04 - {TITLE}.mp4")));
    let body = json!({ "name": "Private", "kind": "scenes", "folders": [folder] });
    let made = app.post(owner, "/adult/libraries", body).await;
    let library = made.json()["id"].as_str().expect("an id").to_owned();
    let scan = format!("/api/v1/adult/libraries/{library}/scan");
    assert_eq!(app.send(owner, Method::POST, &scan, None).await.status, 202);
    app.run_jobs().await;
    let items = app.get(owner, "/adult/items").await.json();
    let item = items["items"][0]["id"].clone();
    assert!(items.to_string().contains(TITLE), "the scan found it: {items}");

    // It is played, its folder goes away, and its work fails for good.
    let started = app.post(owner, "/adult/playback", json!({ "item_id": item })).await;
    assert_eq!(started.status, 200, "{}", started.text());
    std::fs::rename(&folder, app.folder.path().join("y")).expect("taken away");
    assert_eq!(app.send(owner, Method::POST, &scan, None).await.status, 202);
    app.run_jobs().await;
    house
        .sql(
            "UPDATE river.river_job SET state = 'discarded', finalized_at = now(),
                    errors = ARRAY['{\"error\": \"Zebracanary\"}'::jsonb]
             WHERE state = 'completed' AND kind LIKE '%scan_library'",
        )
        .await;
    house.gather().await;
    // The choice of a library of the area by its id leads nowhere either.
    house.target("/inside", json!({ "library_ids": [library], "events": ALL })).await;
    std::fs::rename(app.folder.path().join("y"), &folder).expect("back");
    make_clip(&folder.join(format!("2021-05-05 - {TITLE}.mp4")));
    assert_eq!(app.send(owner, Method::POST, &scan, None).await.status, 202);
    app.run_jobs().await;
    house.gather().await;

    assert_eq!(house.server.heard().len(), 0, "{:?}", house.kinds("/all"));
    assert!(house.letters("owner@example.org").is_empty());
    let rows = house.rows().await;
    for secret in [TITLE, "scenes", "Private", item.as_str().expect("an id")] {
        assert!(!rows.contains(secret), "{secret}: {rows}");
    }
}
