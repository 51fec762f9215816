//! Databases of scenes: a server on this machine that answers as one does, asked through the whole house.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::IntoResponse as _;
use media::likeness::oshash;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};
use crate::process::make_clip;

const KEY: &str = "a-key-of-an-account";
const KNOWN: &str = "2f9ab1c4-7d3e-4a58-9c1d-0e5b6a7f8c90";
const WORDED: &str = "2f9ab1c4-7d3e-4a58-9c1d-0e5b6a7f8c91";

/// What the database knows, and what it was asked.
#[derive(Default)]
struct Memory {
    /// The hash of the file of the scene that it knows.
    hash: String,
    seconds: f64,
    asked: Vec<String>,
    is_busy: bool,
}

type Shared = Arc<Mutex<Memory>>;

async fn open_box() -> (String, Shared) {
    let memory = Shared::default();
    let asked = Arc::clone(&memory);
    let app = Router::new().fallback(move |headers: HeaderMap, body: String| {
        let answer = answer(&mut asked.lock().expect("nobody panicked"), &headers, &body);
        async move { answer.into_response() }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/graphql", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, memory)
}

fn answer(memory: &mut Memory, headers: &HeaderMap, body: &str) -> (StatusCode, String) {
    if headers.get("apikey").is_none_or(|it| it != KEY) {
        return (StatusCode::UNAUTHORIZED, "{}".to_owned());
    }
    if memory.is_busy {
        return (StatusCode::TOO_MANY_REQUESTS, "{}".to_owned());
    }
    memory.asked.push(body.to_owned());
    let asked: Value = serde_json::from_str(body).expect("JSON");
    let query = asked["query"].as_str().expect("a query");
    let variables = &asked["variables"];
    let known = json!({
        "id": KNOWN, "title": "Zebracanary", "details": "Words of the box", "date": "2021-05-04",
        "duration": memory.seconds, "studio": { "name": "Nightworks", "parent": { "name": "Worksgroup" } },
        "tags": [{ "name": "Rain" }],
        "performers": [{ "as": null, "performer": { "id": "p1", "name": "Quillon Vexley" } }],
        "fingerprints": [{ "algorithm": "OSHASH", "hash": memory.hash, "duration": memory.seconds }],
    });
    let worded = json!({ "id": WORDED, "title": "Somewhere Else", "date": "2020-01-01" });
    let data = if query.contains("findScenesBySceneFingerprints") {
        let sets = variables["sets"].as_array().expect("sets");
        let has = |set: &Value| {
            set.as_array().expect("a set").iter().any(|it| it["hash"] == json!(memory.hash))
        };
        let lists: Vec<Value> =
            sets.iter().map(|it| if has(it) { json!([known]) } else { json!([]) }).collect();
        json!({ "findScenesBySceneFingerprints": lists })
    } else if query.contains("searchScene") {
        json!({ "searchScene": [worded] })
    } else if query.contains("findScene(") {
        let scenes = [known, worded];
        json!({ "findScene": scenes.iter().find(|it| it["id"] == variables["id"]) })
    } else {
        json!({ "me": { "id": "1" } })
    };
    (StatusCode::OK, json!({ "data": data }).to_string())
}

async fn start() -> (App, Caller) {
    let app = App::start_with(|it| it.adult.enabled = true).await;
    let owner = app.owner().await;
    let confirmed = app.send(&owner, Method::PUT, "/api/v1/me/adult/age", None).await;
    assert_eq!(confirmed.status, 204);
    assert_eq!(app.post(&owner, "/me/adult", json!({})).await.status, 204);
    (app, owner)
}

async fn set(app: &App, who: &Caller, boxes: Value) -> crate::app::Answer {
    app.send(who, Method::PUT, "/api/v1/adult/settings/boxes", Some(boxes)).await
}

async fn library(app: &App, owner: &Caller, folder: &Path) -> String {
    let body = json!({ "name": "Private", "kind": "scenes", "folders": [folder] });
    let id = app.post(owner, "/adult/libraries", body).await.json()["id"].clone();
    let id = id.as_str().expect("an id").to_owned();
    let scan = format!("/api/v1/adult/libraries/{id}/scan");
    // Twice: what a file is told by may come to be known just behind the asking.
    for _ in 0..2 {
        assert_eq!(app.send(owner, Method::POST, &scan, None).await.status, 202);
        app.run_jobs().await;
    }
    id
}

/// The scene whose title begins so.
async fn scene(app: &App, owner: &Caller, title: &str) -> Value {
    let scenes = app.get(owner, "/adult/scenes").await.json();
    let items = scenes["items"].as_array().expect("a list").clone();
    let found =
        items.iter().find(|it| it["title"].as_str().is_some_and(|it| it.starts_with(title)));
    let id = found.unwrap_or_else(|| panic!("{title} in {items:#?}"))["id"].clone();
    app.get(owner, &format!("/adult/items/{}", id.as_str().expect("an id"))).await.json()
}

#[tokio::test]
async fn a_scene_is_told_by_its_file_and_another_by_a_person() {
    let (app, owner) = start().await;
    let (url, memory) = open_box().await;
    let refused = set(&app, &owner, json!([{ "url": url, "key": "another" }])).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!("boxes[0].key")));
    assert_eq!(app.get(&owner, "/adult/settings/boxes").await.json(), json!([]));
    let kept = set(&app, &owner, json!([{ "url": url, "key": KEY }])).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    let shown = app.get(&owner, "/adult/settings/boxes").await;
    assert_eq!(shown.json(), json!([{ "name": "box1", "url": url }]), "without its key");

    let folder = app.folder.path().join("x");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("Other - 2019-01-01 - Wrong Words - Jane Roe.mp4");
    make_clip(&file);
    let nfo = "<movie><plot>Words of a file</plot></movie>";
    std::fs::write(file.with_extension("nfo"), nfo).expect("written");
    // Another file, so that its bytes are others.
    let unknown = folder.join("Unheard Of.mp4");
    make_clip(&unknown);
    let mut bytes = std::fs::read(&unknown).expect("read");
    bytes.extend([0, 0, 0, 16, b'f', b'r', b'e', b'e', 1, 2, 3, 4, 5, 6, 7, 8]);
    std::fs::write(&unknown, bytes).expect("written");
    {
        let hash = oshash(&std::fs::File::open(&file).expect("opened")).expect("read");
        let mut memory = memory.lock().expect("nobody panicked");
        memory.hash = format!("{:016x}", hash.expect("a hash"));
        memory.seconds = 2.0;
    }
    let library = library(&app, &owner, &folder).await;

    let told = scene(&app, &owner, "Zebracanary").await;
    assert_eq!(told["overview"], "Words of a file", "what lies beside the file is stronger");
    assert_eq!(told["released_on"], "2021-05-04");
    let id = told["id"].as_str().expect("an id").to_owned();
    let links = app.get(&owner, &format!("/adult/scenes/{id}/links")).await.json();
    let names: Vec<&str> =
        links.as_array().expect("a list").iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["Quillon Vexley", "Nightworks", "Worksgroup", "Rain"]);
    let sources = app.get(&owner, &format!("/adult/items/{id}/sources")).await;
    assert!(sources.text().contains("box1"), "{}", sources.text());

    // What a person says is never overwritten.
    let patch = json!({ "title": "My Words" });
    let patched =
        app.send(&owner, Method::PATCH, &format!("/api/v1/adult/items/{id}"), Some(patch)).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    assert_eq!(set(&app, &owner, json!([{ "url": url }])).await.status, 200);
    app.run_jobs().await;
    assert_eq!(scene(&app, &owner, "My Words").await["id"], json!(id));

    // What was found by words waits for a person.
    let doubt = scene(&app, &owner, "Unheard Of").await;
    let doubtful = doubt["id"].as_str().expect("an id").to_owned();
    let review = app.get(&owner, "/adult/review").await.json();
    assert_eq!(review["items"].as_array().map(Vec::len), Some(1), "{review:#}");
    assert_eq!(review["items"][0]["id"], json!(doubtful));
    assert_eq!(review["items"][0]["candidates"][0]["title"], "Somewhere Else");
    let chosen = json!({ "provider": "box1", "id": WORDED });
    let path = format!("/api/v1/adult/items/{doubtful}/match");
    assert_eq!(app.send(&owner, Method::PUT, &path, Some(chosen)).await.status, 202);
    app.run_jobs().await;
    assert_eq!(scene(&app, &owner, "Somewhere Else").await["id"], json!(doubtful));
    assert_eq!(app.get(&owner, "/adult/review").await.json()["items"], json!([]));

    // Whoever is told to wait waits, and nothing is lost.
    memory.lock().expect("nobody panicked").is_busy = true;
    let again = format!("/api/v1/adult/items/{id}/refresh");
    assert_eq!(app.send(&owner, Method::POST, &again, None).await.status, 202);
    app.run_jobs().await;
    assert_eq!(scene(&app, &owner, "My Words").await["released_on"], "2021-05-04");

    // Nobody else learns of any of it.
    for path in ["/settings/metadata", "/review"] {
        let outside = app.get(&owner, path).await;
        assert_eq!(outside.status, 200, "{path}");
        assert!(!outside.text().contains(&url) && !outside.text().contains("Zebra"), "{path}");
    }
    let rows: Vec<String> = sqlx::query_scalar("SELECT job::text FROM river.river_job AS job")
        .fetch_all(&app.database.pool("public").await)
        .await
        .expect("rows");
    for word in ["Zebra", "Vexley", "Nightworks", "Unheard", "Somewhere", KEY] {
        let told = rows.iter().find(|it| it.contains(word));
        assert!(told.is_none(), "{told:?}");
        assert!(!app.get(&owner, "/audit").await.text().contains(word), "{word}");
    }
    let asked = memory.lock().expect("nobody panicked").asked.join("\n");
    assert!(!asked.contains(&library) && !asked.contains("Jane Roe"), "{asked}");
}

#[tokio::test]
async fn without_a_database_nobody_is_asked_and_only_who_may_names_one() {
    let (app, owner) = start().await;
    let (url, memory) = open_box().await;
    let folder = app.folder.path().join("x");
    std::fs::create_dir_all(&folder).expect("a folder");
    make_clip(&folder.join("Night Works - 2021-05-04 - First.mp4"));
    library(&app, &owner, &folder).await;
    assert!(memory.lock().expect("nobody panicked").asked.is_empty());
    for (wrong, field) in [
        (json!([{ "url": "http://boxes.example.org/graphql", "key": KEY }]), "boxes[0].url"),
        (json!([{ "url": url }]), "boxes[0].key"),
        (json!([{ "url": url, "key": "" }]), "boxes[0].key"),
    ] {
        let refused = set(&app, &owner, wrong.clone()).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["field"]),
            (422, &json!(field)),
            "{wrong}"
        );
    }
    assert_eq!(set(&app, &owner, json!({})).await.status, 422);

    let role = json!({ "name": "Guest inside", "permissions": ["adult", "edit_metadata"] });
    let role = app.post(&owner, "/roles", role).await.json()["id"].clone();
    let body = json!({ "name": "m", "password": PASSWORD, "role_id": role });
    let member = app.person(&owner, body).await;
    assert_eq!(app.get(&member, "/adult/settings/boxes").await.status, 404, "it is closed");
    let confirmed = app.send(&member, Method::PUT, "/api/v1/me/adult/age", None).await;
    assert_eq!(confirmed.status, 204);
    assert_eq!(app.post(&member, "/me/adult", json!({})).await.status, 204);
    assert_eq!(app.get(&member, "/adult/settings/boxes").await.status, 403);
    assert_eq!(set(&app, &member, json!([])).await.status, 403);
}
