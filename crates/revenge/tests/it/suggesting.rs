//! More like this, and for you, over HTTP: for whom they are, and that neither tells of what one may not see.

use std::path::Path;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};
use crate::process::make_clip;

const FLIGHT: &str = "<genre>Drama</genre><tag>flight</tag><tag>pilot</tag><tag>storm</tag>";
const SEA: &str = "<genre>Comedy</genre><tag>harbour</tag><tag>fisherman</tag><tag>island</tag>";

fn film(library: &Path, name: &str, nfo: &str) {
    let folder = library.join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    make_clip(&folder.join(format!("{name}.mp4")));
    std::fs::write(folder.join("movie.nfo"), format!("<movie>{nfo}</movie>")).expect("written");
}

async fn id_of(app: &App, caller: &Caller, area: &str, title: &str) -> String {
    let found = app.get(caller, &format!("{area}/search?q={}", title.replace(' ', "%20"))).await;
    let id = found.json()["hits"][0]["id"].as_str().map(str::to_owned);
    id.unwrap_or_else(|| panic!("{title} is found: {}", found.text()))
}

/// The titles of what is like an item.
async fn similar(app: &App, caller: &Caller, id: &str) -> Vec<String> {
    let answer = app.get(caller, &format!("/items/{id}/similar")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let items = answer.json()["items"].as_array().expect("a list").clone();
    items.iter().map(|it| it["title"].as_str().expect("a title").to_owned()).collect()
}

/// What is suggested, because of what, and what was made of that.
async fn for_you(app: &App, caller: &Caller) -> Vec<[String; 3]> {
    let answer = app.get(caller, "/home/for-you").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let items = answer.json()["items"].as_array().expect("a list").clone();
    let text = |it: &Value| it.as_str().expect("a text").to_owned();
    let told = |it: &Value| {
        [&it["item"]["title"], &it["because"]["title"], &it["because"]["reason"]].map(text)
    };
    items.iter().map(told).collect()
}

#[tokio::test]
async fn suggestions_are_of_what_one_may_see_and_follow_what_changes() {
    let (app, owner) = App::start_with_owner().await;
    let (mine, my_folder) = app.library(&owner, "Mine").await;
    let (theirs, their_folder) = app.library(&owner, "Theirs").await;
    film(&my_folder, "Open Sky (2001)", FLIGHT);
    film(&my_folder, "Clear Wind (2003)", FLIGHT);
    film(&my_folder, "Slow River (1960)", SEA);
    film(&their_folder, "Hidden Wing (2002)", FLIGHT);
    app.scan(&owner, &mine).await;
    app.scan(&owner, &theirs).await;
    let member = json!({ "name": "member", "password": PASSWORD, "library_ids": [mine] });
    let member = app.person(&owner, member).await;
    let [sky, wind, hidden] = [
        id_of(&app, &owner, "", "Open Sky").await,
        id_of(&app, &owner, "", "Clear Wind").await,
        id_of(&app, &owner, "", "Hidden Wing").await,
    ];

    let mut all = similar(&app, &owner, &sky).await;
    all.sort();
    assert_eq!(all, ["Clear Wind", "Hidden Wing"]);
    assert_eq!(similar(&app, &member, &sky).await, ["Clear Wind"]);
    assert_eq!(app.get(&member, &format!("/items/{hidden}/similar")).await.status, 404);
    let one = app.get(&owner, &format!("/items/{sky}/similar?limit=1")).await.json();
    assert_eq!(one["items"].as_array().map(Vec::len), Some(1));
    for path in [format!("/items/{sky}/similar"), "/home/for-you".to_owned()] {
        assert_eq!(app.get(&Caller::nobody(), &path).await.status, 401, "{path}");
        assert_eq!(app.get(&owner, &format!("{path}?limit=many")).await.status, 422, "{path}");
        assert_eq!(app.get(&owner, &format!("{path}?limit=0")).await.status, 200, "{path}");
    }

    let played = |id: &str| format!("/api/v1/items/{id}/played");
    for caller in [&owner, &member] {
        assert_eq!(for_you(&app, caller).await, [[""; 3]; 0], "nothing is known of them");
        let told = app.send(caller, Method::PUT, &played(&sky), None).await;
        assert!(told.status.is_success(), "{}", told.text());
    }
    assert_eq!(for_you(&app, &owner).await.len(), 2);
    assert_eq!(for_you(&app, &member).await, [["Clear Wind", "Open Sky", "watched"]]);

    // A reason that is taken from somebody is theirs no more, nor is an answer that was kept.
    let told = app.send(&owner, Method::PUT, &played(&hidden), None).await;
    assert!(told.status.is_success(), "{}", told.text());
    let people = app.get(&owner, "/people").await.json();
    let people = people["items"].as_array().expect("a list").clone();
    let id = people.iter().find(|it| it["name"] == "member").expect("the member")["id"].clone();
    let path = format!("/api/v1/people/{}", id.as_str().expect("an id"));
    let body = Some(json!({ "all_libraries": false, "library_ids": [theirs] }));
    assert_eq!(app.send(&owner, Method::PATCH, &path, body).await.status, 200);
    assert_eq!(for_you(&app, &member).await, [[""; 3]; 0]);
    assert_eq!(app.get(&member, &format!("/items/{sky}/similar")).await.status, 404);

    // What is said of a film anew is so once the index knows it.
    let edit = json!({ "genres": ["Comedy"], "tags": ["harbour", "fisherman", "island"] });
    let path = format!("/api/v1/items/{wind}");
    let edited = app.send(&owner, Method::PATCH, &path, Some(edit)).await;
    assert_eq!(edited.status, 200, "{}", edited.text());
    app.scan(&owner, &mine).await;
    assert_eq!(similar(&app, &owner, &sky).await, ["Hidden Wing"]);
    assert_eq!(similar(&app, &owner, &wind).await, ["Slow River"]);
}

#[tokio::test]
async fn neither_side_of_the_adult_area_suggests_what_is_on_the_other() {
    let app = App::start_with(|it| it.adult.enabled = true).await;
    let owner = app.owner().await;
    let (films, folder) = app.library(&owner, "Films").await;
    film(&folder, "Open Sky (2001)", FLIGHT);
    film(&folder, "Clear Wind (2003)", FLIGHT);
    app.scan(&owner, &films).await;
    let put = async |path: &str| {
        let answer = app.send(&owner, Method::PUT, &format!("/api/v1{path}"), None).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
    };
    put("/me/adult/age").await;
    assert_eq!(app.post(&owner, "/me/adult", json!({})).await.status, 204);
    let scenes = app.folder.path().join("x");
    std::fs::create_dir_all(&scenes).expect("a folder");
    for stem in ["Studio - 2021-05-04 - Zebracanary", "Studio - 2021-06-04 - Zebrafinch"] {
        make_clip(&scenes.join(format!("{stem}.mp4")));
        std::fs::write(scenes.join(format!("{stem}.nfo")), format!("<movie>{FLIGHT}</movie>"))
            .expect("written");
    }
    let body = json!({ "name": "Private", "kind": "scenes", "folders": [scenes] });
    let made = app.post(&owner, "/adult/libraries", body).await.json();
    let scan = format!("/adult/libraries/{}/scan", made["id"].as_str().expect("an id"));
    let scan = app.send(&owner, Method::POST, &format!("/api/v1{scan}"), None).await;
    assert_eq!(scan.status, 202, "{}", scan.text());
    app.run_jobs().await;

    let scene = id_of(&app, &owner, "/adult", "Zebracanary").await;
    let sky = id_of(&app, &owner, "", "Open Sky").await;
    put(&format!("/adult/items/{scene}/played")).await;
    assert_eq!(for_you(&app, &owner).await, [[""; 3]; 0], "what is watched inside is no reason");
    put(&format!("/items/{sky}/played")).await;
    assert_eq!(for_you(&app, &owner).await, [["Clear Wind", "Open Sky", "watched"]]);
    assert_eq!(similar(&app, &owner, &sky).await, ["Clear Wind"]);
    assert_eq!(app.get(&owner, &format!("/items/{scene}/similar")).await.status, 404);

    for path in [format!("/adult/items/{scene}/similar"), "/adult/home/for-you".to_owned()] {
        let inside = app.get(&owner, &path).await;
        assert_eq!(inside.json()["items"].as_array().map(Vec::len), Some(1), "{}", inside.text());
        assert!(inside.text().contains("Zebrafinch"), "{}", inside.text());
    }
    assert_eq!(app.get(&owner, &format!("/adult/items/{sky}/similar")).await.status, 404);
    assert_eq!(app.send(&owner, Method::DELETE, "/api/v1/me/adult", None).await.status, 204);
    assert_eq!(app.get(&owner, "/adult/home/for-you").await.status, 404);
}
