//! The adult area: who gets in, what they find there, and that nobody else learns that there is anything.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::access::operations;
use crate::app::{Answer, App, Caller, PASSWORD};
use crate::process::make_clip;

/// Words that stand in names of files, and may stand nowhere outside of the area.
const STUDIO: &str = "Nightworks";
const TITLE: &str = "Zebracanary";
const PERFORMER: &str = "Quillon Vexley";

async fn start() -> (App, Caller) {
    let app = App::start_with(|it| it.adult.enabled = true).await;
    let owner = app.owner().await;
    (app, owner)
}

async fn enter(app: &App, caller: &Caller) {
    assert_eq!(put(app, caller, "/me/adult/age", None).await.status, 204);
    let opened = app.post(caller, "/me/adult", json!({})).await;
    assert_eq!(opened.status, 204, "{}", opened.text());
}

async fn put(app: &App, caller: &Caller, path: &str, body: Option<Value>) -> Answer {
    app.send(caller, Method::PUT, &format!("/api/v1{path}"), body).await
}

/// A library of one scene and of one without any name, scanned.
async fn library(app: &App, owner: &Caller) -> (String, PathBuf) {
    let folder = app.folder.path().join("x");
    let inside = folder.join(STUDIO);
    std::fs::create_dir_all(&inside).expect("a folder");
    let stem = format!("2021-05-04 - {TITLE} - {PERFORMER}, Jane Roe");
    make_clip(&inside.join(format!("{stem}.mp4")));
    let nfo = "<movie><plot>Words of the plot</plot><genre>Outdoors</genre><tag>Rain</tag></movie>";
    std::fs::write(inside.join(format!("{stem}.nfo")), nfo).expect("written");
    make_clip(&folder.join("clip.mp4"));
    // Broken, so that reading it fails.
    std::fs::write(folder.join(format!("{STUDIO} - {TITLE} broken.mkv")), b"no film")
        .expect("written");
    let body = json!({ "name": "Private", "kind": "scenes", "folders": [folder] });
    let made = app.post(owner, "/adult/libraries", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let scan = format!("/adult/libraries/{id}/scan");
    let answer = app.send(owner, Method::POST, &format!("/api/v1{scan}"), None).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    app.run_jobs().await;
    (id, folder)
}

#[tokio::test]
async fn to_whoever_has_not_opened_it_there_is_nothing() {
    let (app, owner) = start().await;
    let unknown = app.get(&owner, "/nothing-is-here").await;
    assert_eq!(unknown.status, 404);
    let member = app.person(&owner, json!({ "name": "m", "password": PASSWORD })).await;
    let same = async |who: &Caller| {
        for (method, path) in [
            (Method::GET, "/adult"),
            (Method::GET, "/adult/scenes"),
            (Method::GET, "/adult/items?limit=1"),
            (Method::POST, "/adult/libraries"),
            (Method::DELETE, "/adult/scenes"),
            (Method::GET, "/adult/never-was"),
            (Method::GET, "/adult/duplicates"),
            (Method::POST, "/adult/duplicates/01890a5d-ac96-774b-bcce-b302099a8057/apart"),
            (Method::GET, "/adult/me/export"),
            (Method::GET, "/adult/settings/metadata"),
            (Method::GET, "/adult/settings/boxes"),
            (Method::PUT, "/adult/settings/boxes"),
            (Method::GET, "/adult/images/01890a5d-ac96-774b-bcce-b302099a8057"),
        ] {
            let answer = app.send(who, method.clone(), &format!("/api/v1{path}"), None).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert_eq!(answer.body, unknown.body, "{method} {path}");
            let names = |it: &Answer| {
                let mut names: Vec<_> = it.headers.keys().map(ToString::to_string).collect();
                names.sort();
                names
            };
            assert_eq!(names(&answer), names(&unknown), "{method} {path}");
        }
    };
    same(&Caller::nobody()).await;
    same(&member).await;
    same(&owner).await;
    assert_eq!(app.get(&member, "/me/adult").await.status, 403);

    enter(&app, &owner).await;
    assert_eq!(app.get(&owner, "/adult/scenes").await.status, 200);
    assert_eq!(app.get(&owner, "/adult/never-was").await.body, unknown.body);
    same(&member).await;
    // The area is open on one device, not for the person.
    let body = json!({ "name": "owner", "password": PASSWORD });
    let other = app.post(&Caller::nobody(), "/sessions", body).await.json();
    same(&Caller::with_token(other["token"].as_str().expect("a token"))).await;
    // No program gets in.
    let key = app.post(&owner, "/me/keys", json!({ "name": "k", "scopes": ["adult"] })).await;
    assert_eq!(key.status, 422, "{}", key.text());

    // Used, it stays open; unused, it closes.
    app.clock.advance(Duration::from_mins(14));
    assert_eq!(app.get(&owner, "/adult/scenes").await.status, 200);
    app.clock.advance(Duration::from_mins(14));
    assert_eq!(app.get(&owner, "/me/adult").await.json()["is_open"], true);
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(app.get(&owner, "/me/adult").await.json()["is_open"], false);
    same(&owner).await;

    // Switched off, it never was.
    let app = app.restarted(|it| it.adult.enabled = false).await;
    for path in ["/me/adult", "/adult/scenes"] {
        let answer = app.get(&owner, path).await;
        assert_eq!((answer.status.as_u16(), answer.body), (404, unknown.body.clone()), "{path}");
    }
}

#[tokio::test]
async fn age_comes_first_and_guessing_the_pin_takes_longer_and_longer() {
    let (app, owner) = start().await;
    let open = async |pin: Value| app.post(&owner, "/me/adult", json!({ "pin": pin })).await;
    let early = open(Value::Null).await;
    assert_eq!(
        (early.status.as_u16(), &early.json()["code"]),
        (409, &json!("adult.age_not_confirmed"))
    );
    enter(&app, &owner).await;
    // Signing in showed the password, too.
    app.clock.advance(Duration::from_mins(11));

    let unconfirmed = put(&app, &owner, "/me/adult/pin", Some(json!({ "pin": "2468" }))).await;
    assert_eq!(unconfirmed.json()["code"], "accounts.confirm_first");
    let shown = app.post(&owner, "/me/confirmation", json!({ "password": PASSWORD })).await;
    assert_eq!(shown.status, 204);
    let unfit = put(&app, &owner, "/me/adult/pin", Some(json!({ "pin": "12a4" }))).await;
    assert_eq!((unfit.status.as_u16(), &unfit.json()["field"]), (422, &json!("pin")));
    let set = put(&app, &owner, "/me/adult/pin", Some(json!({ "pin": "2468" }))).await;
    assert_eq!(set.status, 204, "{}", set.text());
    // It closed.
    let entry = app.get(&owner, "/me/adult").await.json();
    assert_eq!((&entry["has_pin"], &entry["is_open"]), (&json!(true), &json!(false)));

    let mut waits = Vec::new();
    for _ in 0..9 {
        let answer = open(json!("1357")).await;
        match answer.status.as_u16() {
            422 => {}
            429 => {
                let wait = answer.headers["retry-after"].to_str().expect("text");
                waits.push(wait.parse::<u64>().expect("seconds"));
                app.clock.advance(Duration::from_secs(*waits.last().expect("one")));
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert!(
        waits.len() >= 2 && waits.is_sorted() && waits[0] < waits[waits.len() - 1],
        "{waits:?}"
    );
    app.clock.advance(Duration::from_mins(20));
    assert_eq!(open(json!("2468")).await.status, 204);
    assert_eq!(app.get(&owner, "/adult/scenes").await.status, 200);
    assert_eq!(app.send(&owner, Method::DELETE, "/api/v1/me/adult", None).await.status, 204);
    assert_eq!(app.get(&owner, "/adult/scenes").await.status, 404);
    assert_eq!(open(Value::Null).await.status, 422, "not without the PIN");
}

#[tokio::test]
async fn scenes_are_found_listed_searched_and_played_inside() {
    let (app, owner) = start().await;
    enter(&app, &owner).await;
    let (library, _) = library(&app, &owner).await;

    let scenes = app.get(&owner, "/adult/scenes").await.json();
    let titles: Vec<_> =
        scenes["items"].as_array().expect("a list").iter().map(|it| &it["title"]).collect();
    assert!(titles.contains(&&json!(TITLE)), "{titles:?}");
    let scene = &scenes["items"][0];
    assert_eq!((&scene["title"], &scene["released_on"]), (&json!(TITLE), &json!("2021-05-04")));
    let id = scene["id"].as_str().expect("an id");

    // Pictures are where the area is, and nowhere else.
    let url = scene["thumb"]["url"].as_str().expect("a frame of it");
    assert!(url.starts_with("/api/v1/adult/images/"), "{url}");
    assert_eq!(app.send(&owner, Method::GET, url, None).await.status, 200);
    assert_eq!(app.send(&owner, Method::GET, &url.replace("/adult", ""), None).await.status, 404);

    let links = app.get(&owner, &format!("/adult/scenes/{id}/links")).await.json();
    let of = |kind: &str| -> Vec<&Value> {
        links.as_array().expect("a list").iter().filter(|it| it["kind"] == kind).collect()
    };
    assert_eq!(of("studio")[0]["name"], STUDIO);
    assert_eq!(of("tag")[0]["name"], "Rain");
    assert_eq!(of("genre")[0]["name"], "Outdoors");
    assert_eq!(
        of("performer").iter().map(|it| &it["name"]).collect::<Vec<_>>(),
        [PERFORMER, "Jane Roe"]
    );

    let only = async |filter: String| {
        let found = app.get(&owner, &format!("/adult/scenes?{filter}")).await.json();
        found["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it["id"].clone())
            .collect::<Vec<_>>()
    };
    for (name, kind) in [
        ("studio_id", "studio"),
        ("tag_id", "tag"),
        ("tag_id", "genre"),
        ("performer_id", "performer"),
    ] {
        let it = of(kind)[0]["id"].as_str().expect("an id");
        assert_eq!(only(format!("{name}={it}")).await, [json!(id)], "{name}");
    }
    assert!(only("studio_id=01890a5d-ac96-774b-bcce-b302099a8057".to_owned()).await.is_empty());
    let label = of("studio")[0]["id"].as_str().expect("an id");
    assert_eq!(app.get(&owner, &format!("/adult/labels/{label}")).await.json()["name"], STUDIO);
    for (list, expected) in [("studios", vec![STUDIO]), ("tags", vec!["Outdoors", "Rain"])] {
        let answer = app.get(&owner, &format!("/adult/{list}")).await.json();
        let names: Vec<_> = answer["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it["name"].as_str().expect("a name"))
            .collect();
        assert_eq!(names, expected);
    }
    // A page at a time.
    let first = app.get(&owner, "/adult/performers?limit=1").await.json();
    let next = first["next"].as_str().expect("one more");
    let second = app.get(&owner, &format!("/adult/performers?limit=1&cursor={next}")).await.json();
    assert_eq!(
        (&first["items"][0]["name"], &second["items"][0]["name"]),
        (&json!("Jane Roe"), &json!(PERFORMER))
    );
    assert_eq!(app.get(&owner, "/adult/scenes?cursor=nonsense").await.status, 422);

    // Search knows it inside, and only there.
    let found = app.get(&owner, "/adult/search?q=zebra").await.json();
    assert_eq!(found["hits"][0]["id"], *id, "{found}");
    assert_eq!(app.get(&owner, "/search?q=zebra").await.json()["hits"], json!([]));

    // It plays by addresses of the area, which die with it.
    let started = app.post(&owner, "/adult/playback", json!({ "item_id": id })).await.json();
    let file = started["file_url"].as_str().expect("an address");
    assert!(file.starts_with("/api/v1/adult/playback/streams/"), "{file}");
    assert_eq!(app.send(&Caller::nobody(), Method::GET, file, None).await.status, 200);
    let elsewhere = file.replace("/adult", "");
    assert_eq!(app.send(&Caller::nobody(), Method::GET, &elsewhere, None).await.status, 401);

    let play = started["play_id"].as_str().expect("an id");
    let body = json!({ "item_id": id, "duration_ms": 3_600_000, "position_ms": 600_000, "state": "playing" });
    let told = put(&app, &owner, &format!("/adult/playback/playing/{play}"), Some(body)).await;
    assert_eq!(told.status, 204, "{}", told.text());
    let inside = app.get(&owner, &format!("/adult/items/{id}")).await.json();
    assert_eq!(inside["progress"]["position_ms"], 600_000, "{inside}");
    assert_eq!(app.get(&owner, "/playback/playing").await.json()["items"], json!([]));
    assert!(!app.get(&owner, "/home").await.text().contains(TITLE));

    assert_eq!(app.send(&owner, Method::DELETE, "/api/v1/me/adult", None).await.status, 204);
    assert_eq!(app.send(&Caller::nobody(), Method::GET, file, None).await.status, 404);
    for path in [format!("/items/{id}"), format!("/libraries/{library}/problems")] {
        assert_eq!(app.get(&owner, &path).await.status, 404, "{path}");
    }
}

/// What everybody is told, operation by operation.
async fn all_answers(app: &App, callers: &[(&str, Caller)]) -> Vec<(String, Vec<u8>)> {
    let mut answers = Vec::new();
    for operation in operations() {
        // Figures of the machine are never the same twice.
        if operation.method != Method::GET
            || ["read_events", "read_system"].contains(&operation.id.as_str())
        {
            continue;
        }
        for suffix in ["", "?q=zebra", "?limit=500", "?kind=scene"] {
            let path = operation.path_with("01890a5d-ac96-774b-bcce-b302099a8002") + suffix;
            for (name, caller) in callers {
                let answer = app.send(caller, Method::GET, &path, None).await;
                let body = [answer.status.as_str().as_bytes(), &answer.body].concat();
                answers.push((format!("{} {suffix} for {name}", operation.id), body));
            }
        }
    }
    answers
}

#[tokio::test]
async fn all_other_answers_are_the_same_to_the_byte_with_and_without_content() {
    let (app, owner) = start().await;
    enter(&app, &owner).await;
    let mut callers = vec![
        ("nobody", Caller::nobody()),
        ("the owner outside", {
            let body = json!({ "name": "owner", "password": PASSWORD });
            let other = app.post(&Caller::nobody(), "/sessions", body).await.json();
            Caller::with_token(other["token"].as_str().expect("a token"))
        }),
    ];
    for role in ["admin", "manager", "member", "child"] {
        app.clock.advance(Duration::from_secs(10));
        let roles = app.get(&owner, "/roles").await.json();
        let id = roles["items"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|it| it["built_in"] == role)
            .expect("a role")["id"]
            .clone();
        let person =
            app.person(&owner, json!({ "name": role, "password": PASSWORD, "role_id": id })).await;
        callers.push((role, person));
    }
    // Signing in is told to people by jobs.
    app.run_jobs().await;
    let before = all_answers(&app, &callers).await;
    library(&app, &owner).await;
    let scenes = app.get(&owner, "/adult/scenes").await.json();
    let id = &scenes["items"][0]["id"];
    assert_eq!(app.post(&owner, "/adult/playback", json!({ "item_id": id })).await.status, 200);
    let after = all_answers(&app, &callers).await;
    let differ: Vec<_> = before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before != after)
        .map(|(before, after)| {
            (
                &before.0,
                String::from_utf8_lossy(&before.1).into_owned(),
                String::from_utf8_lossy(&after.1).into_owned(),
            )
        })
        .collect();
    assert!(differ.is_empty(), "{differ:#?}");
    assert!(before.len() > 200, "{}", before.len());
}

/// A log that the test reads.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_no_row_of_a_job_and_no_name_of_a_cache_tells_of_a_scene() {
    let log = Log::default();
    let sink = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || sink.clone())
        .init();
    let (app, owner) = start().await;
    enter(&app, &owner).await;
    let (library, folder) = library(&app, &owner).await;
    let scenes = app.get(&owner, "/adult/scenes").await.json();
    let scene = &scenes["items"][0];
    let id = scene["id"].as_str().expect("an id");
    let started = app.post(&owner, "/adult/playback", json!({ "item_id": id })).await.json();
    let file = started["file_url"].as_str().expect("an address");
    assert_eq!(app.send(&owner, Method::GET, file, None).await.status, 200);
    app.get(&owner, "/adult/search?q=zebracanary").await;
    let picture = scene["thumb"]["url"].as_str().expect("a frame").to_owned() + "?width=320";
    assert_eq!(app.send(&owner, Method::GET, &picture, None).await.status, 200);
    // Things go wrong, too: the folder is gone, and so is the file.
    std::fs::remove_dir_all(&folder).expect("removed");
    assert_ne!(app.send(&owner, Method::GET, file, None).await.status, 200);
    app.send(&owner, Method::POST, &format!("/api/v1/adult/libraries/{library}/scan"), None).await;
    app.run_jobs().await;

    let words = [TITLE, STUDIO, "Vexley", "Words of the plot"];
    let log = String::from_utf8_lossy(&log.0.lock().expect("nobody panicked")).into_owned();
    assert!(log.contains("scan.done"), "the log was heard");
    for word in words {
        let line = log.lines().find(|it| it.to_lowercase().contains(&word.to_lowercase()));
        assert!(line.is_none(), "{line:?}");
    }
    let rows: Vec<String> = sqlx::query_scalar("SELECT job::text FROM river.river_job AS job")
        .fetch_all(&app.database.pool("public").await)
        .await
        .expect("rows");
    assert!(rows.iter().any(|it| it.contains("c.catalog.scan_library")), "{rows:#?}");
    for row in rows {
        assert!(!words.iter().any(|it| row.contains(it)), "{row}");
    }
    let mut places = vec![app.folder.path().to_owned()];
    while let Some(place) = places.pop() {
        for entry in std::fs::read_dir(&place).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(!words.iter().any(|it| name.contains(it)), "{name}");
            if entry.file_type().expect("a type").is_dir() {
                places.push(entry.path());
            }
        }
    }
}

#[tokio::test]
async fn the_role_of_the_area_reaches_its_own_catalog_alone() {
    let (app, _) = start().await;
    let pool = &app.workshop.adult.as_ref().expect("it is switched on").catalog.pool;
    let role: String =
        sqlx::query_scalar("SELECT current_user::text").fetch_one(pool).await.expect("asked");
    assert_eq!(role, "revenge_adult");
    sqlx::query("SELECT id FROM item").execute(pool).await.expect("its own");
    for statement in ["SELECT id FROM catalog.item", "SELECT id FROM core.person"] {
        let error = sqlx::raw_sql(statement).execute(pool).await.expect_err(statement);
        let code =
            error.as_database_error().and_then(|it| it.code().map(std::borrow::Cow::into_owned));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}
