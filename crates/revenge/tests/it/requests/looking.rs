//! Titles as providers offer them: a stand-in that speaks as TMDb does, well and badly.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use metadata::settings::{KeyedSettings, Secret};
use serde_json::{Value, json};

use super::{all, ask, code, member, mine, pair, send, text};
use crate::app::{App, Caller};
use crate::process::make_clip;

/// How the stand-in answers.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Well,
    Status(u16),
    Garbage,
}

/// A provider on this machine.
struct Provider {
    url: String,
    mood: Arc<Mutex<Mood>>,
}

fn row(id: u32, title: &str, date: &str) -> Value {
    json!({ "id": id, "title": title, "original_title": title, "original_language": "en", "release_date": date,
        "overview": "A harbour.", "popularity": 9.5, "poster_path": format!("/{id}.jpg") })
}

fn films() -> Vec<Value> {
    vec![
        row(70, "Open Sky", "2001-03-04"),
        row(71, "Open Sky", "2019-03-04"),
        row(72, "Skyline", ""),
    ]
}

async fn speak(State(mood): State<Arc<Mutex<Mood>>>, request: Request) -> (StatusCode, String) {
    let mood = *mood.lock().expect("a mood");
    let path = request.uri().path();
    match mood {
        Mood::Status(status) => {
            return (StatusCode::from_u16(status).expect("one"), "{}".to_owned());
        }
        Mood::Garbage => return (StatusCode::OK, "<html>".to_owned()),
        Mood::Well => {}
    }
    let body = match path {
        "/3/configuration" => {
            json!({ "images": { "secure_base_url": "https://images.example/t/p/" } })
        }
        "/3/search/movie" => json!({ "page": 1, "results": films() }),
        "/3/search/tv" => json!({ "page": 1, "results": [
            { "id": 70, "name": "Open Skies", "original_name": "Open Skies", "first_air_date": "2010-01-01" }
        ] }),
        _ => {
            let found = films().into_iter().find(|it| path == format!("/3/movie/{}", it["id"]));
            let Some(mut film) = found else { return (StatusCode::NOT_FOUND, "{}".to_owned()) };
            film["imdb_id"] = json!(format!("tt00000{}", film["id"]));
            film
        }
    };
    (StatusCode::OK, body.to_string())
}

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/3", listener.local_addr().expect("an address"));
        let mood = Arc::new(Mutex::new(Mood::Well));
        let router = Router::new().fallback(speak).with_state(Arc::clone(&mood));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, mood }
    }

    fn feels(&self, mood: Mood) {
        *self.mood.lock().expect("a mood") = mood;
    }
}

async fn house() -> (App, Caller, Provider) {
    let provider = Provider::start().await;
    let url = provider.url.clone();
    let app = App::start_with(|config| {
        let key = Some(Secret::new("0123456789abcdef"));
        config.metadata.tmdb = KeyedSettings { url: Some(url), key };
    })
    .await;
    let owner = app.owner().await;
    (app, owner, provider)
}

async fn search(app: &App, caller: &Caller, query: &str) -> Value {
    let found = app.get(caller, &format!("/requests/search?{query}")).await;
    assert_eq!(found.status, 200, "{}", found.text());
    found.json()
}

fn by_id(id: &str) -> Value {
    json!({ "kind": "movie", "provider": "tmdb", "id": id })
}

#[tokio::test]
async fn a_title_is_looked_up_asked_for_by_its_id_and_is_here_when_it_comes() {
    let (app, owner, _provider) = house().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let (other, _) = app.library(&owner, "Other").await;
    let ana = member(&app, &owner, "ana", Some(&[&library])).await;
    let bob = member(&app, &owner, "bob", Some(&[&other])).await;
    let found = search(&app, &ana, "title=open+sky").await;
    assert_eq!((&found["has_providers"], &found["failures"]), (&json!(true), &json!([])));
    assert_eq!(found["attributions"][0]["url"], "https://www.themoviedb.org/");
    let offered: Vec<(String, String, Value)> = found["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| (text(&it["kind"]), text(&it["id"]), it["year"].clone()))
        .collect();
    assert_eq!(offered.len(), 4, "{found:#}");
    assert!(offered.contains(&("series".to_owned(), "70".to_owned(), json!(2010))), "{offered:?}");
    let only = search(&app, &ana, "title=open+sky&kind=series").await;
    assert_eq!(only["items"].as_array().map(Vec::len), Some(1));

    // Somebody knew no more than its name.
    let bare = ask(&app, &bob, "Open Sky", 2001).await;
    let asked = send(&app, &ana, by_id("70")).await;
    assert_eq!(asked.status, 201, "{}", asked.text());
    let asked = asked.json();
    assert_eq!((&asked["title"], &asked["year"]), (&json!("Open Sky"), &json!(2001)));
    assert_eq!(text(&asked["id"]), bare, "it is the same");
    let poster = text(&asked["poster_url"]);
    assert!(poster.starts_with("/api/v1/requests/posters/"), "{poster}");
    let key = poster.trim_start_matches("/api/v1");
    assert_eq!(app.get(&Caller::nobody(), key).await.status, 401);
    assert_eq!(app.get(&ana, "/requests/posters/..%2F..%2Fetc").await.status, 404);

    let asked_by = |found: &Value, id: &str| {
        let items = found["items"].as_array().expect("a list");
        let it = items.iter().find(|it| it["id"] == id && it["kind"] == "movie");
        it.map(|it| (text(&it["asked"]), it["item_id"].clone())).expect("offered")
    };
    let seen = search(&app, &ana, "title=open+sky").await;
    assert_eq!(asked_by(&seen, "70"), ("you".to_owned(), json!(null)));
    assert_eq!(asked_by(&seen, "71"), ("nobody".to_owned(), json!(null)));
    let seen = search(&app, &owner, "title=open+sky").await;
    assert_eq!(asked_by(&seen, "70"), ("others".to_owned(), json!(null)));
    let listed = app.get(&owner, "/requests").await.json();
    assert_eq!(listed["items"][0]["ids"], json!({ "imdb": "tt0000070", "tmdb": "70" }));

    // In the library it has another name, and the same id.
    make_clip(&folder.join("Ciel ouvert (2002) {tmdb-70}.mp4"));
    app.scan(&owner, &library).await;
    app.run_scheduled(&owner, "requests.look").await;
    assert_eq!(mine(&app, &ana).await, [pair("Open Sky", "available")]);
    assert_eq!(mine(&app, &bob).await, [pair("Open Sky", "waiting")], "it is not in their library");
    let seen = search(&app, &ana, "title=open+sky").await;
    let (_, item) = asked_by(&seen, "70");
    assert_eq!(app.get(&ana, &format!("/items/{}", text(&item))).await.status, 200);
    let hidden = search(&app, &bob, "title=open+sky").await;
    assert_eq!(asked_by(&hidden, "70"), ("you".to_owned(), json!(null)));
    let refused = send(&app, &ana, by_id("70")).await;
    assert_eq!(code(&refused), (409, "requests.already_here".to_owned()));
}

#[tokio::test]
async fn a_person_who_is_kept_from_something_sees_no_posters() {
    let (app, owner, _provider) = house().await;
    let kid = member(&app, &owner, "kid", None).await;
    let found = search(&app, &kid, "title=open+sky").await;
    assert!(found["items"][0]["poster_url"].is_string(), "{found:#}");
    let id = text(&app.get(&kid, "/me").await.json()["id"]);
    let patch = json!({ "parental": { "max_age": 6, "hides_unrated": true } });
    let path = format!("/api/v1/people/{id}");
    app.send(&owner, axum::http::Method::PATCH, &path, Some(patch)).await;
    let found = search(&app, &kid, "title=open+sky").await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(4));
    assert!(!found.to_string().contains("posters"), "{found:#}");
}

#[tokio::test]
async fn a_provider_that_fails_is_named_and_stops_nobody_from_asking() {
    let (app, owner, provider) = house().await;
    let ana = member(&app, &owner, "ana", None).await;
    for (mood, reason) in [
        (Mood::Status(401), "it does not accept the key"),
        (Mood::Garbage, "its answer makes no sense"),
    ] {
        provider.feels(mood);
        let found = search(&app, &ana, "title=somewhere").await;
        assert_eq!(found["items"], json!([]));
        assert_eq!(found["failures"].as_array().map(Vec::len), Some(1), "{found:#}");
        assert_eq!(found["failures"][0]["provider"], "tmdb");
        let said = text(&found["failures"][0]["reason"]);
        assert!(said.starts_with(reason), "{mood:?}: {said}");
        let refused = send(&app, &ana, by_id("70")).await;
        assert_eq!(refused.status, 503, "{mood:?}: {}", refused.text());
        assert!(all(&app, &owner, "").await.is_empty());
    }
    ask(&app, &ana, "Open Sky", 2001).await;
    provider.feels(Mood::Well);
    for (body, field) in [
        (by_id("99"), "id"),
        (json!({ "kind": "movie", "provider": "nobody", "id": "1" }), "id"),
        (json!({ "kind": "movie", "provider": "tmdb", "id": "a b" }), "id"),
        (json!({ "kind": "movie", "title": "Open Sky" }), "year"),
        (json!({ "kind": "movie", "title": "Open Sky", "year": 2001, "seasons": [1] }), "seasons"),
        (
            json!({ "kind": "movie", "title": "Open Sky", "year": 2001, "word": "x".repeat(501) }),
            "word",
        ),
    ] {
        let refused = send(&app, &ana, body.clone()).await;
        let told = (refused.status.as_u16(), refused.json()["field"].clone());
        assert_eq!(told, (422, json!(field)), "{body}: {}", refused.text());
    }
    for wrong in ["", "title=", "title=%00", "title=a&year=1", "title=a&kind=song"] {
        let refused = app.get(&ana, &format!("/requests/search?{wrong}")).await;
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.text());
    }
}

#[tokio::test]
async fn a_server_without_providers_says_so_and_nobody_searches_without_end() {
    let (app, owner) = App::start_with_owner().await;
    for _ in 0..30 {
        let found = search(&app, &owner, "title=open").await;
        assert_eq!((&found["has_providers"], &found["items"]), (&json!(false), &json!([])));
    }
    let refused = app.get(&owner, "/requests/search?title=open").await;
    assert_eq!(refused.status, 429);
    let ana = member(&app, &owner, "ana", None).await;
    search(&app, &ana, "title=open").await;
}
