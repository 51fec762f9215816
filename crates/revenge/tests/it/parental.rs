//! What somebody is kept from by age and tags does not exist for them, whatever they ask. Which operations there are to ask
//! with says the OpenAPI document.

use std::path::Path;

use axum::http::Method;
use kernel::Permission;
use serde_json::{Value, json};

use crate::access::{Operation, operations};
use crate::app::{App, Caller, PASSWORD};
use crate::process::{make_clip, make_poster};
use crate::roles::{id_of, role};
use crate::scope::ids;
use crate::transcode::addresses;

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A house with films and a series, of which every one with "Hidden" in its name is for others than the child.
struct House {
    app: App,
    owner: Caller,
    /// May do everything but administer, and is kept from much.
    child: Caller,
    child_id: String,
    films: String,
    shows: String,
}

fn film(library: &Path, name: &str, nfo: &str) {
    let folder = library.join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    make_clip(&folder.join(format!("{name}.mp4")));
    make_poster(&folder.join("poster.jpg"));
    std::fs::write(folder.join("movie.nfo"), format!("<movie>{nfo}</movie>")).expect("written");
    let text = "1\n00:00:00,000 --> 00:00:01,000\nHello\n";
    std::fs::write(folder.join(format!("{name}.en.srt")), text).expect("written");
}

fn series(library: &Path, name: &str, nfo: &str, episodes: &[(&str, &str)]) {
    let folder = library.join(name);
    let season = folder.join("Season 01");
    std::fs::create_dir_all(&season).expect("a folder");
    std::fs::write(folder.join("tvshow.nfo"), format!("<tvshow>{nfo}</tvshow>")).expect("written");
    for (number, nfo) in episodes {
        let stem = format!("{name} S01{number}");
        make_clip(&season.join(format!("{stem}.mp4")));
        let nfo = format!("<episodedetails>{nfo}</episodedetails>");
        std::fs::write(season.join(format!("{stem}.nfo")), nfo).expect("written");
    }
}

async fn house(parental: Value) -> House {
    let (app, owner) = App::start_with_owner().await;
    let (films, folder) = app.library(&owner, "Films").await;
    let open = "<mpaa>FSK 6</mpaa><genre>Family</genre><tag>Sea</tag><set><name>Quiet</name></set>\
        <actor><name>Ann Open</name></actor>";
    film(&folder, "Open Sky (2001)", open);
    let grown = "<mpaa>FSK 16</mpaa><genre>Family</genre><set><name>Quiet</name></set>\
        <actor><name>Bo Hidden</name></actor>";
    film(&folder, "Hidden Valley (2002)", grown);
    film(&folder, "Hidden Mist (2003)", "<genre>Family</genre><set><name>Hidden Fog</name></set>");
    let horror = "<mpaa>FSK 6</mpaa><genre>Family</genre><genre>Horror</genre>";
    film(&folder, "Hidden Shore (2004)", horror);
    film(&folder, "Hidden Noon (2005)", "<mpaa>FSK 6</mpaa><genre>Western</genre>");
    let shows_folder = app.folder.path().join("Shows");
    std::fs::create_dir_all(&shows_folder).expect("a folder");
    let body = json!({ "name": "Shows", "kind": "shows", "folders": [shows_folder] });
    let shows =
        app.post(&owner, "/libraries", body).await.json()["id"].as_str().unwrap().to_owned();
    let all = "<mpaa>FSK 6</mpaa><genre>Family</genre>";
    let episodes =
        [("E01", "<title>Calm</title>"), ("E02", "<title>Hidden Storm</title><mpaa>FSK 16</mpaa>")];
    series(&shows_folder, "Open Harbour", all, &episodes);
    let grown = "<mpaa>FSK 16</mpaa><genre>Family</genre>";
    series(&shows_folder, "Hidden Harbour", grown, &[("E01", "<title>Hidden Start</title>")]);
    app.scan(&owner, &films).await;
    app.scan(&owner, &shows).await;

    let permissions: Vec<_> =
        Permission::ALL.into_iter().filter(|it| *it != Permission::Administer).collect();
    let role = json!({ "name": "nearly everything", "permissions": permissions });
    let role = app.post(&owner, "/roles", role).await.json()["id"].clone();
    let child =
        json!({ "name": "child", "password": PASSWORD, "all_libraries": true, "role_id": role });
    let child = app.person(&owner, child).await;
    let child_id = id_of(&app, &child).await;
    let house = House { app, owner, child, child_id, films, shows };
    assert_eq!(house.keep_from(parental).await, 200);
    house
}

fn strict() -> Value {
    json!({ "max_age": 12, "hides_unrated": true, "blocked_tags": ["HORROR"], "allowed_tags": ["Family"] })
}

impl House {
    async fn keep_from(&self, parental: Value) -> u16 {
        let path = format!("/api/v1/people/{}", self.child_id);
        let body = json!({ "parental": parental });
        self.app.send(&self.owner, Method::PATCH, &path, Some(body)).await.status.as_u16()
    }

    async fn items(&self, caller: &Caller, query: &str) -> Vec<Value> {
        let page = self.app.get(caller, &format!("/items?{query}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.json()["items"].as_array().expect("a list").clone()
    }

    /// The titles of all films and series that exist for somebody.
    async fn titles(&self, caller: &Caller) -> Vec<String> {
        let mut titles = Vec::new();
        for library in [&self.films, &self.shows] {
            for item in self.items(caller, &format!("library_id={library}")).await {
                titles.push(item["title"].as_str().expect("a title").to_owned());
            }
        }
        titles
    }

    /// All items under this title, with what is in them.
    async fn tree(&self, library: &str, title: &str) -> Vec<Value> {
        let tops = self.items(&self.owner, &format!("library_id={library}")).await;
        let mut wanted: Vec<Value> = tops.into_iter().filter(|it| it["title"] == title).collect();
        assert_eq!(wanted.len(), 1, "{title} is there once");
        let mut tree = Vec::new();
        while let Some(item) = wanted.pop() {
            let id = item["id"].as_str().expect("an id").to_owned();
            let children = self.app.get(&self.owner, &format!("/items/{id}/children")).await.json();
            wanted.extend(children["items"].as_array().cloned().unwrap_or_default());
            tree.push(self.app.get(&self.owner, &format!("/items/{id}")).await.json());
        }
        tree
    }

    async fn ids_of(&self, library: &str, title: &str) -> Vec<String> {
        let mut found = Vec::new();
        ids(&json!(self.tree(library, title).await), &mut found);
        found
    }

    /// Items that the child is kept from, and every id of what belongs to them alone.
    async fn secrets(&self) -> (Vec<String>, Vec<String>) {
        let mut open = self.ids_of(&self.films, "Open Sky").await;
        let mut items = Vec::new();
        let mut secrets = Vec::new();
        for item in self.tree(&self.shows, "Open Harbour").await {
            if item["title"] == "Hidden Storm" {
                items.push(item["id"].as_str().expect("an id").to_owned());
                ids(&item, &mut secrets);
            } else {
                ids(&item, &mut open);
            }
        }
        let hidden = [
            (&self.films, "Hidden Valley"),
            (&self.films, "Hidden Mist"),
            (&self.films, "Hidden Shore"),
            (&self.films, "Hidden Noon"),
            (&self.shows, "Hidden Harbour"),
        ];
        for (library, title) in hidden {
            let tree = self.tree(library, title).await;
            items.extend(tree.iter().map(|it| it["id"].as_str().expect("an id").to_owned()));
            ids(&json!(tree), &mut secrets);
        }
        secrets.retain(|it| !open.contains(it));
        secrets.sort_unstable();
        secrets.dedup();
        (items, secrets)
    }
}

/// What fits an operation on an item, a file or an image that takes a body.
fn fit_body(operation: &Operation, item: &str) -> Option<Value> {
    let body = match operation.id.as_str() {
        "set_segments" => json!({ "segments": [] }),
        "update_item" => json!({ "title": "Another" }),
        "remember_choice" => json!({ "version": null }),
        "choose_item_image" => json!({ "image_id": UNKNOWN }),
        "add_item_image_by_link" => json!({ "url": "https://example.org/a.jpg" }),
        "set_match" => json!({ "provider": "tmdb", "id": "1" }),
        "report_progress" => json!({ "position_ms": 1000, "state": "playing" }),
        "split_item" => json!({ "file_ids": [UNKNOWN] }),
        "start_playback" => json!({ "item_id": item }),
        "merge_items" => json!({ "item_ids": [item, UNKNOWN] }),
        "create_group" => json!({
            "item_id": item, "play_id": UNKNOWN, "position_ms": 0, "is_playing": false }),
        _ => return None,
    };
    Some(body)
}

/// Operations on one thing of the catalog, by the beginning of their path.
fn is_of_catalog(operation: &Operation) -> bool {
    let is_of_play = operation.path.contains("{play_id}") || operation.path.contains("groups/{id}");
    let places = ["/items", "/files/", "/images/", "/cast/", "/collections/", "/playback"];
    places.iter().any(|it| operation.path.starts_with(it)) && !is_of_play
}

#[tokio::test]
async fn what_somebody_is_kept_from_does_not_exist_for_them() {
    let house = house(strict()).await;
    let House { app, owner, child, .. } = &house;
    let (_, secrets) = house.secrets().await;
    assert!(secrets.len() > 20, "items, files, images, people and collections: {}", secrets.len());
    assert_eq!(house.titles(child).await, ["Open Sky", "Open Harbour"]);
    assert_eq!(house.titles(owner).await.len(), 7);

    // Background work names what it is about, and its permission is to see that.
    let unasked = ["read_events", "list_jobs", "export_mine"];
    let mut n_told = 0;
    for operation in operations() {
        if operation.method != Method::GET || unasked.contains(&operation.id.as_str()) {
            continue;
        }
        let has_parameter = operation.path.contains('{');
        let asked: &[String] = if has_parameter { &secrets } else { &secrets[..1] };
        for secret in asked {
            for suffix in ["", "?q=hidden", &format!("?parent_id={secret}"), "?genre=Horror"] {
                if has_parameter && !suffix.is_empty() {
                    continue;
                }
                let path = operation.path_with(secret) + suffix;
                let answer = app.send(child, Method::GET, &path, None).await;
                let text = answer.text();
                assert!(!text.contains("Hidden"), "{} tells a name: {path} {text}", operation.id);
                let leaked = secrets.iter().find(|it| text.contains(it.as_str()));
                assert_eq!(leaked, None, "{} tells an id: {path} {text}", operation.id);
                let told = app.send(owner, Method::GET, &path, None).await;
                if has_parameter {
                    // What may not be asked at all is no answer either, where there is nothing for the owner.
                    let is_asked = answer.status != 403 || told.status == 200;
                    assert!(!is_asked || answer.status == 404, "{} {path}", operation.id);
                }
                n_told += usize::from(told.text().contains("Hidden"));
            }
        }
    }
    assert!(n_told > 20, "the owner is told of them by the same requests: {n_told}");
}

#[tokio::test]
async fn nobody_changes_or_plays_what_they_are_kept_from() {
    let house = house(strict()).await;
    let House { app, owner, child, .. } = &house;
    let (items, secrets) = house.secrets().await;
    let before = {
        let (items, _) = house.secrets().await;
        app.get(owner, &format!("/items/{}", items[0])).await.json()
    };
    let mut n_asked = 0;
    for operation in operations() {
        // Takes a picture as it is, which comes to be read after the item was found; its sibling takes an address.
        let is_unasked = operation.id == "add_item_image";
        if operation.method == Method::GET || !is_of_catalog(&operation) || is_unasked {
            continue;
        }
        let has_parameter = operation.path.contains('{');
        for secret in if has_parameter { &secrets } else { &items } {
            let body = fit_body(&operation, secret);
            if !has_parameter && body.is_none() {
                continue;
            }
            let path = operation
                .path_with(secret)
                .replace(&format!("images/{secret}/link"), "images/poster/link")
                .replace(&format!("{secret}/images/{secret}"), &format!("{secret}/images/poster"));
            let answer = app.send(child, operation.method.clone(), &path, body).await;
            let (status, text) = (answer.status.as_u16(), answer.text());
            assert_eq!(status, 404, "{} {path}: {text}", operation.id);
            assert!(!text.contains("Hidden"), "{} tells a name: {text}", operation.id);
            n_asked += 1;
        }
    }
    assert!(n_asked > 200, "operations on all of them: {n_asked}");
    assert_eq!(app.get(owner, &format!("/items/{}", items[0])).await.json(), before);
}

#[tokio::test]
async fn nothing_counts_what_somebody_is_kept_from() {
    let house = house(strict()).await;
    let House { app, owner, child, .. } = &house;
    let counts = async |caller: &Caller| {
        let libraries = app.get(caller, "/libraries").await.json();
        let libraries = libraries["items"].as_array().or(libraries.as_array()).cloned();
        let of = |it: &Value| it["item_count"].as_i64().expect("a number");
        libraries.expect("libraries").iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!((counts(child).await, counts(owner).await), (vec![1, 1], vec![5, 2]));
    let found = async |caller: &Caller, words: &str| {
        app.get(caller, &format!("/search?q={words}")).await.json()["found"].clone()
    };
    assert_eq!((found(child, "hidden").await, found(child, "open").await), (json!(0), json!(2)));
    assert_ne!(found(owner, "hidden").await, 0);

    let shows = house.items(child, &format!("library_id={}", house.shows)).await;
    assert_eq!(shows[0]["unplayed_count"], 1, "{}", shows[0]);
    let of_owner = house.items(owner, &format!("library_id={}", house.shows)).await;
    assert!(of_owner.iter().any(|it| it["title"] == "Open Harbour" && it["unplayed_count"] == 2));
    // Watched to the end of what exists, it is watched.
    let id = shows[0]["id"].as_str().expect("an id");
    let season = app.get(child, &format!("/items/{id}/children")).await.json()["items"][0].take();
    assert_eq!((&season["child_count"], &season["unplayed_count"]), (&json!(1), &json!(1)));
    let path = format!("/items/{}/children", season["id"].as_str().expect("an id"));
    let episodes = app.get(child, &path).await.json()["items"].take();
    assert_eq!(episodes.as_array().map(Vec::len), Some(1));
    let path = format!("/api/v1/items/{}/played", episodes[0]["id"].as_str().expect("an id"));
    assert!(app.send(child, Method::PUT, &path, None).await.status.is_success());
    let shows = house.items(child, &format!("library_id={}", house.shows)).await;
    assert_eq!(shows[0]["progress"]["is_played"], true, "{}", shows[0]);

    let collections = app.get(child, "/collections").await.json();
    let names: Vec<_> = collections["items"].as_array().expect("a list").iter().collect();
    assert_eq!(names.len(), 1, "{collections}");
    assert_eq!((&names[0]["name"], &names[0]["item_count"]), (&json!("Quiet"), &json!(1)));
}

/// Brings what changed to the search engine, as happens every few minutes.
async fn feed(app: &App) {
    while app.workshop.catalog.feed_search().await.expect("fed") > 0 {}
}

#[tokio::test]
async fn a_change_holds_at_once_on_all_devices_and_for_streams_that_run() {
    let house = house(json!({})).await;
    let House { app, owner, child, .. } = &house;
    assert_eq!(house.titles(child).await.len(), 7);
    let valley = house.tree(&house.films, "Hidden Valley").await[0]["id"].clone();
    let profile = json!({ "protocols": ["hls"], "containers": [], "video": [{ "codec": "h264" }],
        "audio": [{ "codec": "aac" }] });
    let start =
        app.post(child, "/playback", json!({ "item_id": valley, "profile": profile })).await;
    let master = start.json()["url"].as_str().expect("an address").to_owned();
    let fetch = async |url: &str| app.send(&Caller::nobody(), Method::GET, url, None).await;
    let media = addresses(&fetch(&master).await.text()).remove(0);
    let segment = addresses(&fetch(&media).await.text()).remove(0);
    assert_eq!(fetch(&segment).await.status, 200);
    let key = json!({ "name": "TV", "scopes": ["browse", "play"] });
    let key = app.post(child, "/me/keys", key).await.json();
    let program = Caller::with_token(key["secret"].as_str().expect("a key"));
    assert_eq!(house.titles(&program).await.len(), 7);

    assert_eq!(house.keep_from(json!({ "max_age": 12 })).await, 200);
    for url in [&master, &media, &segment] {
        assert_eq!(fetch(url).await.status, 404, "{url}");
    }
    for caller in [child, &program] {
        let titles = house.titles(caller).await;
        let expected = ["Hidden Mist", "Hidden Noon", "Hidden Shore", "Open Sky", "Open Harbour"];
        assert_eq!(titles, expected, "what has no rating is there");
    }
    assert_eq!(house.keep_from(json!({ "max_age": 16, "hides_unrated": true })).await, 200);
    let titles = house.titles(child).await;
    assert!(!titles.contains(&"Hidden Mist".into()) && titles.len() == 6, "{titles:?}");
    assert_eq!(fetch(&segment).await.status, 200);
    assert_eq!(house.keep_from(json!({ "allowed_tags": ["sea"] })).await, 200);
    assert_eq!(house.titles(child).await, ["Open Sky"]);
    assert_eq!(house.keep_from(json!({ "blocked_tags": ["family"] })).await, 200);
    assert_eq!(house.titles(child).await, ["Hidden Noon"]);

    // What somebody says of an item decides from then on, of the search too.
    assert_eq!(house.keep_from(json!({ "max_age": 6 })).await, 200);
    let path = format!("/api/v1/items/{}", valley.as_str().expect("an id"));
    let edit = json!({ "content_rating": "FSK 6", "tags": ["night"] });
    assert_eq!(app.send(owner, Method::PATCH, &path, Some(edit)).await.status, 200);
    assert!(house.titles(child).await.contains(&"Hidden Valley".into()));
    feed(app).await;
    let found = app.get(child, "/search?q=valley").await.json();
    assert_eq!(found["found"], 1, "{found}");
    assert_eq!(house.keep_from(json!({ "max_age": 6, "blocked_tags": ["Night"] })).await, 200);
    assert!(!house.titles(child).await.contains(&"Hidden Valley".into()));
    assert_eq!(app.get(child, "/search?q=valley").await.json()["found"], 0);
    // So for what is in a series, by what is said of the series.
    let harbour = house.tree(&house.shows, "Open Harbour").await;
    let calm = harbour.iter().find(|it| it["title"] == "Calm").expect("the episode")["id"].clone();
    let (calm, top) = (calm.as_str().expect("an id"), harbour[0]["id"].as_str().expect("an id"));
    assert_eq!(app.get(child, &format!("/items/{calm}")).await.status, 200);
    let edit = json!({ "content_rating": "FSK 18" });
    let path = format!("/api/v1/items/{top}");
    assert_eq!(app.send(owner, Method::PATCH, &path, Some(edit)).await.status, 200);
    assert_eq!(app.get(child, &format!("/items/{calm}")).await.status, 404);
    feed(app).await;
    assert_eq!(app.get(child, "/search?q=calm").await.json()["found"], 0);
}

#[tokio::test]
async fn limits_are_checked_and_who_is_kept_from_something_reaches_it_through_nobody() {
    let (app, owner) = App::start_with_owner().await;
    let manager = json!({ "name": "manager", "password": PASSWORD, "all_libraries": true,
        "role_id": role(&app, &owner, "manager").await });
    let manager = app.person(&owner, manager).await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let (me, them) = (id_of(&app, &manager).await, id_of(&app, &member).await);
    let change = async |by: &Caller, id: &str, body: Value| {
        let path = format!("/api/v1/people/{id}");
        app.send(by, Method::PATCH, &path, Some(body)).await.status.as_u16()
    };
    for wrong in [
        json!({ "max_age": 22 }),
        json!({ "max_age": -1 }),
        json!({ "blocked_tags": ["  "] }),
        json!({ "allowed_tags": vec!["x"; 101] }),
        json!({ "blocked_tags": ["x".repeat(101)] }),
    ] {
        let body = json!({ "parental": wrong });
        assert_eq!(change(&owner, &them, body).await, 422, "{wrong}");
    }
    let limits = json!({ "max_age": 12, "blocked_tags": ["War", "war", "Horror"] });
    assert_eq!(change(&manager, &them, json!({ "parental": limits })).await, 200);
    let people = app.get(&owner, "/people").await.json();
    let kept =
        people["items"].as_array().expect("people").iter().find(|it| it["id"] == them.as_str());
    let expected = json!({ "max_age": 12, "hides_unrated": false, "blocked_tags": ["horror", "war"],
        "allowed_tags": [], "hours": [], "leaving_needs_pin": false });
    assert_eq!(kept.expect("the member")["parental"], expected);

    assert_eq!(change(&owner, &me, json!({ "parental": { "max_age": 16 } })).await, 200);
    for wider in [json!({}), json!({ "max_age": 18 })] {
        assert_eq!(change(&manager, &me, json!({ "parental": wider })).await, 403);
        assert_eq!(change(&manager, &them, json!({ "parental": wider })).await, 403);
    }
    assert_eq!(change(&manager, &them, json!({ "parental": { "max_age": 15 } })).await, 200);
    // Whom they let in is kept from the same; whom others let in is out of their reach.
    let new = app.post(&manager, "/people", json!({ "name": "new", "password": PASSWORD })).await;
    assert_eq!(new.json()["parental"]["max_age"], 16);
    assert_eq!(change(&owner, &them, json!({ "parental": {} })).await, 200);
    let path = format!("/api/v1/people/{them}/password");
    let body = json!({ "new": "another good password" });
    assert_eq!(app.send(&manager, Method::PUT, &path, Some(body)).await.status, 403);
}
