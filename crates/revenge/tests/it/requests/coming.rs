//! What comes by itself, and for whom.

use axum::http::Method;
use serde_json::json;

use super::{all, ask, code, member, mine, pair, send, text};
use crate::app::App;
use crate::process::make_clip;

#[tokio::test]
async fn what_comes_is_here_for_those_who_may_see_it_and_for_nobody_else() {
    let (app, owner) = App::start_with_owner().await;
    let (mine_id, _) = app.library(&owner, "Mine").await;
    let (theirs, folder) = app.library(&owner, "Theirs").await;
    let ana = member(&app, &owner, "ana", Some(&[&mine_id])).await;
    let bob = member(&app, &owner, "bob", None).await;
    ask(&app, &ana, "Hidden Valley", 2002).await;
    ask(&app, &bob, "Hidden Valley", 2002).await;
    ask(&app, &bob, "Hidden Valley", 1962).await;
    app.run_scheduled(&owner, "requests.look").await;
    assert_eq!(mine(&app, &bob).await[1], pair("Hidden Valley", "waiting"));

    make_clip(&folder.join("Hidden Valley (2002).mp4"));
    app.scan(&owner, &theirs).await;
    app.run_scheduled(&owner, "requests.look").await;
    assert_eq!(mine(&app, &ana).await, [pair("Hidden Valley", "waiting")]);
    let seen = app.get(&bob, "/me/requests").await.json();
    assert_eq!(seen["items"][0]["state"], "waiting", "another film of that name");
    assert_eq!(seen["items"][1]["state"], "available");
    let item = text(&seen["items"][1]["item_id"]);
    assert_eq!(app.get(&bob, &format!("/items/{item}")).await.status, 200);
    assert!(!app.get(&ana, "/me/requests").await.text().contains(&item));
    // To those who answer it is open as long as somebody waits.
    let page = app.get(&owner, "/requests?state=waiting").await.json();
    let askers = &page["items"][1]["askers"];
    assert_eq!((&askers[0]["is_here"], &askers[1]["is_here"]), (&json!(false), &json!(true)));

    // For whom it does not exist it may be asked for; for whom it does, not.
    let body = json!({ "kind": "movie", "title": "Hidden Valley", "year": 2002 });
    let refused = send(&app, &bob, body.clone()).await;
    assert_eq!(code(&refused), (409, "requests.already_here".to_owned()));
    assert_eq!(send(&app, &ana, body).await.status, 201);

    let people = app.get(&owner, "/people").await.json();
    let people = people["items"].as_array().expect("a list");
    let id = text(&people.iter().find(|it| it["name"] == "ana").expect("ana")["id"]);
    let patch = json!({ "library_ids": [mine_id, theirs] });
    app.send(&owner, Method::PATCH, &format!("/api/v1/people/{id}"), Some(patch)).await;
    app.run_scheduled(&owner, "requests.look").await;
    assert_eq!(mine(&app, &ana).await, [pair("Hidden Valley", "available")]);
    assert_eq!(all(&app, &owner, "?state=available").await.len(), 1);

    // A library that is gone again leaves no link.
    let patch = json!({ "library_ids": [mine_id] });
    app.send(&owner, Method::PATCH, &format!("/api/v1/people/{id}"), Some(patch)).await;
    let seen = app.get(&ana, "/me/requests").await.json();
    assert_eq!(seen["items"][0]["item_id"], json!(null));
}

#[tokio::test]
async fn what_a_person_is_kept_from_by_age_is_not_here_for_them() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let kid = member(&app, &owner, "kid", None).await;
    let people = app.get(&owner, "/people").await.json();
    let people = people["items"].as_array().expect("a list");
    let id = text(&people.iter().find(|it| it["name"] == "kid").expect("kid")["id"]);
    let patch = json!({ "parental": { "max_age": 6, "hides_unrated": true } });
    app.send(&owner, Method::PATCH, &format!("/api/v1/people/{id}"), Some(patch)).await;
    ask(&app, &kid, "Open Sky", 2001).await;
    make_clip(&folder.join("Open Sky (2001).mp4"));
    app.scan(&owner, &library).await;
    app.run_scheduled(&owner, "requests.look").await;
    assert_eq!(mine(&app, &kid).await, [pair("Open Sky", "waiting")]);
    assert_eq!(all(&app, &owner, "").await[0].1, "waiting");
}

#[tokio::test]
async fn a_series_is_here_when_the_seasons_are_that_somebody_asked_for() {
    let (app, owner) = App::start_with_owner().await;
    let folder = app.folder.path().join("Series");
    std::fs::create_dir_all(folder.join("The Tide (2003)/Season 1")).expect("a folder");
    let body = json!({ "name": "Series", "kind": "shows", "folders": [folder] });
    let library = text(&app.post(&owner, "/libraries", body).await.json()["id"]);
    make_clip(&folder.join("The Tide (2003)/Season 1/The Tide S01E01.mp4"));
    app.scan(&owner, &library).await;
    let ana = member(&app, &owner, "ana", None).await;
    let tide = |seasons: &[i32]| json!({ "kind": "series", "title": "The Tide", "year": 2003, "seasons": seasons });
    for seasons in [&[][..], &[1]] {
        let refused = send(&app, &ana, tide(seasons)).await;
        assert_eq!(code(&refused), (409, "requests.already_here".to_owned()));
    }
    assert_eq!(send(&app, &ana, tide(&[1, 2])).await.status, 201);
    app.run_scheduled(&owner, "requests.look").await;
    assert_eq!(mine(&app, &ana).await, [pair("The Tide", "waiting")]);
    // A film of that name is something else.
    let film = json!({ "kind": "movie", "title": "The Tide", "year": 2003 });
    assert_eq!(send(&app, &ana, film).await.status, 201);

    std::fs::create_dir_all(folder.join("The Tide (2003)/Season 2")).expect("a folder");
    make_clip(&folder.join("The Tide (2003)/Season 2/The Tide S02E01.mp4"));
    app.scan(&owner, &library).await;
    app.run_scheduled(&owner, "requests.look").await;
    let expected = [pair("The Tide", "waiting"), pair("The Tide", "available")];
    assert_eq!(mine(&app, &ana).await, expected);
}
