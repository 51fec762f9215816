//! Households of other servers, brought over HTTP.

use std::path::{Path, PathBuf};

use axum::http::Method;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};
use crate::process::make_clip;

const JELLYFIN: &str = include_str!("../../../arrivals/fixtures/jellyfin-10.11.sql");
const PLEX: &str = include_str!("../../../arrivals/fixtures/plex.sql");

const SERIES: &str = "Tidewater Station (2020)/Season 01";

/// A server that has what the databases in `fixtures/` speak of, but for one film.
async fn start() -> (App, Caller) {
    let (app, owner) = App::start_with_owner().await;
    let (films, folder) = app.library(&owner, "Films").await;
    let clip = app.folder.path().join("clip.mp4");
    make_clip(&clip);
    let place = |file: PathBuf| {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::copy(&clip, file).expect("copied");
    };
    place(folder.join("Salt and Starlight (2018) {tmdb-99900001}/Salt and Starlight (2018).mp4"));
    place(folder.join("Quiet Orbit (2017)/Quiet Orbit (2017).webm"));
    place(folder.join("The Lantern Keeper (2021)/The Lantern Keeper (2021).mp4"));
    let folder = app.folder.path().join("Series");
    for name in ["S01E01 - Arrival", "S01E02 - Slack Water", "S01E03-E04 - The Long Storm"] {
        place(folder.join(format!("{SERIES}/Tidewater Station - {name}.mkv")));
    }
    let body = json!({ "name": "Series", "kind": "shows", "folders": [folder] });
    let series = app.post(&owner, "/libraries", body).await.json();
    app.scan(&owner, &films).await;
    app.scan(&owner, series["id"].as_str().expect("an id")).await;
    (app, owner)
}

fn database(folder: &Path, name: &str, sql: &str) -> PathBuf {
    let path = folder.join(name);
    Connection::open(&path).expect("a database").execute_batch(sql).expect("the statements");
    path
}

/// Begins an import of what was uploaded, and reads it.
async fn upload(app: &App, owner: &Caller, source: &str, file: &Path) -> Value {
    let begun = app.post(owner, "/imports", json!({ "source": source })).await;
    assert_eq!((begun.status.as_u16(), &begun.json()["state"]), (201, &json!("new")));
    let id = begun.json()["id"].as_str().expect("an id").to_owned();
    let name = file.file_name().and_then(|it| it.to_str()).expect("a name");
    let bytes = std::fs::read(file).expect("read");
    let path = format!("/api/v1/imports/{id}/files/{name}");
    let sent = app.send_bytes(owner, Method::PUT, &path, bytes).await;
    assert_eq!(sent.status, 204, "{}", sent.text());
    let read = app.post(owner, &format!("/imports/{id}/read"), Value::Null).await;
    assert_eq!((read.status.as_u16(), &read.json()["state"]), (202, &json!("reading")));
    app.run_jobs().await;
    app.get(owner, &format!("/imports/{id}")).await.json()
}

async fn run(app: &App, owner: &Caller, id: &str) -> Value {
    let begun = app.post(owner, &format!("/imports/{id}/run"), Value::Null).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    app.run_jobs().await;
    let import = app.get(owner, &format!("/imports/{id}")).await.json();
    assert_eq!((&import["state"], &import["problem"]), (&json!("done"), &Value::Null), "{import}");
    import
}

async fn titled(app: &App, caller: &Caller, title: &str) -> Value {
    let found = app.get(caller, &format!("/search?q={}", title.replace(' ', "%20"))).await.json();
    let all = found["hits"].as_array().expect("hits");
    all.iter().find(|it| it["title"] == title).unwrap_or_else(|| panic!("{found}")).clone()
}

#[tokio::test]
async fn a_household_of_jellyfin_comes_and_comes_only_once() {
    let (app, owner) = start().await;
    let file = database(app.folder.path(), "jellyfin.db", JELLYFIN);
    let import = upload(&app, &owner, "jellyfin", &file).await;
    assert_eq!((&import["state"], &import["origin"]), (&json!("ready"), &json!("jellyfin.db")));
    let id = import["id"].as_str().expect("an id").to_owned();
    let report = &import["report"];
    let n = |name: &str| report[name].as_u64().expect("a number");
    assert_eq!(
        ["n_items", "by_id", "by_path", "by_title", "by_number", "n_missing", "n_ambiguous"].map(n),
        [9, 1, 2, 2, 3, 1, 0],
        "{report}"
    );
    assert_eq!([n("n_playlists"), n("n_playlists_left")], [2, 1]);
    assert_eq!(report["playlists"], json!(["Old"]), "nobody's");
    assert!(!app.folder.path().join("imports").join(&id).exists(), "what was read is deleted");
    let plan = &import["plan"];
    assert_eq!(plan["people"][0]["to"], json!({ "kind": "new", "name": "Anna" }));
    assert_eq!(plan["people"][1]["to"], json!({ "kind": "new", "name": "Ben" }));

    let me = app.get(&owner, "/me").await.json();
    let mut plan = plan.clone();
    plan["people"][0]["to"] = json!({ "kind": "person", "person_id": me["id"] });
    plan["new_people_see_all"] = json!(true);
    let path = format!("/api/v1/imports/{id}/plan");
    let planned = app.send(&owner, Method::PUT, &path, Some(plan)).await;
    assert_eq!(planned.status, 202, "{}", planned.text());
    app.run_jobs().await;
    let import = app.get(&owner, &format!("/imports/{id}")).await.json();
    let would = &import["report"]["people"][0]["would"];
    assert_eq!((&would["progress_new"], &would["favourites"]), (&json!(3), &json!(2)), "{import}");
    assert_eq!((&would["playlists"], &would["playlist_items"]), (&json!(1), &json!(3)), "{import}");
    assert_eq!(app.get(&owner, "/people").await.json()["items"].as_array().map(Vec::len), Some(1));

    let done = run(&app, &owner, &id).await;
    let anna = done["plan"]["people"][0]["source_id"].as_str().expect("an id");
    assert_eq!(&done["brought"][anna], would, "what was foretold was done");
    let film = titled(&app, &owner, "Salt and Starlight").await;
    assert_eq!(
        (&film["progress"]["is_played"], &film["progress"]["play_count"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(titled(&app, &owner, "The Lantern Keeper").await["is_favourite"], true);
    let collections = app.get(&owner, "/collections").await.json();
    assert_eq!(collections["items"][0]["name"], "Sea Films");
    assert_eq!(collections["items"][0]["item_count"], 2);
    let lists = app.get(&owner, "/playlists").await.json();
    assert_eq!(
        (&lists["items"][0]["name"], &lists["items"][0]["is_shared"]),
        (&json!("Friday"), &json!(true))
    );
    let list = lists["items"][0]["id"].as_str().expect("an id").to_owned();
    let entries = app.get(&owner, &format!("/playlists/{list}/entries")).await.json();
    let titles = entries["items"].as_array().expect("a list").iter().map(|it| &it["item"]["title"]);
    assert_eq!(titles.collect::<Vec<_>>(), ["Slack Water", "Quiet Orbit", "Slack Water"]);
    let people = app.get(&owner, "/people").await.json();
    let ben = people["items"].as_array().and_then(|it| it.iter().find(|it| it["name"] == "Ben"));
    let ben = ben.expect("he has an account").clone();
    let body = json!({ "name": "Ben", "password": PASSWORD });
    assert_eq!(app.post(&Caller::nobody(), "/sessions", body.clone()).await.status, 422);
    let path = format!("/people/{}/password", ben["id"].as_str().expect("an id"));
    let path = format!("/api/v1{path}");
    let given = app.send(&owner, Method::PUT, &path, Some(json!({ "new": PASSWORD })));
    assert_eq!(given.await.status, 204);
    let token = app.post(&Caller::nobody(), "/sessions", body).await.json();
    let ben = Caller::with_token(token["token"].as_str().expect("a token"));
    assert_eq!(titled(&app, &ben, "Salt and Starlight").await["progress"]["is_played"], false);
    let export = app.get(&ben, "/me/export").await.json();
    assert_eq!(export["progress"][0]["item"]["title"], "Slack Water");
    assert_eq!(export["progress"][0]["play_count"], 3);

    let again = run(&app, &owner, &id).await;
    for brought in again["brought"].as_object().expect("by person").values() {
        let mut brought = brought.clone();
        brought["progress_same"] = json!(0);
        assert!(brought.as_object().expect("numbers").values().all(|it| it == 0), "{again}");
    }

    let missing = app.get(&owner, &format!("/imports/{id}/missing")).await.json();
    assert_eq!(
        (&missing["n_items"], &missing["items"][0]["title"]),
        (&json!(1), &json!("Never Here"))
    );
    let csv = app.get(&owner, &format!("/imports/{id}/missing.csv")).await;
    assert!(
        csv.text().contains("\"film\",\"Never Here\",\"\",\"\",\"\",\"1999\",\"1\",\"not here\"")
    );
    let path = format!("/api/v1/imports/{id}");
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(app.get(&owner, &format!("/imports/{id}")).await.status, 404);
    assert!(
        titled(&app, &owner, "The Lantern Keeper").await["is_favourite"].as_bool().expect("so")
    );
}

#[tokio::test]
async fn a_household_of_plex_comes_from_a_path_and_what_is_scanned_later_comes_when_it_is_run_again()
 {
    let (app, owner) = start().await;
    let place = app.folder.path().join("Plug-in Support/Databases");
    std::fs::create_dir_all(&place).expect("a folder");
    let file = database(&place, "com.plexapp.plugins.library.db", PLEX);
    let before = std::fs::read(&file).expect("read");
    let body = json!({ "source": "plex", "path": app.folder.path() });
    let begun = app.post(&owner, "/imports", body).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    app.run_jobs().await;
    let id = begun.json()["id"].as_str().expect("an id").to_owned();
    let done = run(&app, &owner, &id).await;
    assert_eq!(std::fs::read(&file).expect("read"), before, "theirs is as it was");
    assert_eq!(done["brought"]["1"]["plays"], 2, "each play of which it is known when");
    assert_eq!(done["brought"]["1"]["ratings"], 1);
    assert_eq!(
        (&done["brought"]["1"]["playlists"], &done["brought"]["1"]["playlist_items"]),
        (&json!(1), &json!(3)),
        "what puts itself together is not brought"
    );
    assert_eq!(
        (&done["brought"][""]["collections"], &done["brought"]["2"]["progress_new"]),
        (&json!(1), &json!(1))
    );

    let folder = app.folder.path().join("Films/Never Here (1999)");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::copy(app.folder.path().join("clip.mp4"), folder.join("Never Here (1999).mp4"))
        .expect("copied");
    let libraries = app.get(&owner, "/libraries").await.json();
    let libraries = libraries["items"].as_array().or(libraries.as_array()).expect("a list").clone();
    let films = libraries.iter().find(|it| it["name"] == "Films").expect("the library");
    app.scan(&owner, films["id"].as_str().expect("an id")).await;
    let again = run(&app, &owner, &id).await;
    assert_eq!(again["brought"]["2"]["progress_new"], 1, "what came since: {again}");
    assert_eq!(again["brought"]["1"]["progress_new"], 0);
    assert_eq!(
        (&again["brought"]["1"]["playlists"], &again["brought"]["1"]["playlist_items"]),
        (&json!(0), &json!(1)),
        "what came since is put at its end"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_what_is_wrong_is_refused() {
    let (app, owner) = App::start_with_owner().await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let body = json!({ "source": "jellyfin" });
    assert_eq!(app.post(&member, "/imports", body.clone()).await.status, 403);
    assert_eq!(app.get(&member, "/imports").await.status, 403);
    for (wrong, field) in [
        (json!({ "source": "jellyfin", "path": "data" }), "path"),
        (json!({ "source": "jellyfin", "address": "ftp://there", "api_key": "1" }), "address"),
        (json!({ "source": "plex", "address": "http://there", "api_key": "1" }), "source"),
    ] {
        let answer = app.post(&owner, "/imports", wrong.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["field"]),
            (422, &json!(field)),
            "{wrong}"
        );
    }
    let id =
        app.post(&owner, "/imports", body).await.json()["id"].as_str().expect("an id").to_owned();
    let code = async |answer: crate::app::Answer| answer.json()["code"].clone();
    let read = app.post(&owner, &format!("/imports/{id}/read"), Value::Null).await;
    assert_eq!(code(read).await, "imports.no_files");
    let run = app.post(&owner, &format!("/imports/{id}/run"), Value::Null).await;
    assert_eq!(code(run).await, "imports.not_now");
    for name in [".hidden", "a%2Fb", "a%20b", &"x".repeat(101)] {
        let path = format!("/api/v1/imports/{id}/files/{name}");
        let sent = app.send_bytes(&owner, Method::PUT, &path, b"x".to_vec()).await;
        assert_eq!(sent.status, 422, "{name}");
    }
    let garbage = app.folder.path().join("library.db");
    std::fs::write(&garbage, "no database").expect("written");
    let import = upload(&app, &owner, "jellyfin", &garbage).await;
    assert_eq!(import["state"], "failed");
    assert_eq!(import["problem"], "library.db is not an SQLite database");
    let path = json!({ "source": "plex", "path": "/nowhere/at/all" });
    let id =
        app.post(&owner, "/imports", path).await.json()["id"].as_str().expect("an id").to_owned();
    app.run_jobs().await;
    let import = app.get(&owner, &format!("/imports/{id}")).await.json();
    assert_eq!(import["problem"], "/nowhere/at/all: there is no database of that server");
    let server =
        json!({ "source": "jellyfin", "address": "http://127.0.0.1:9", "api_key": "0123the4key" });
    assert_eq!(app.post(&owner, "/imports", server).await.status, 201);
    let pool = app.database.pool("catalog").await;
    let kept = "SELECT string_agg(arrival::text, ' ') FROM arrival";
    let kept: String = sqlx::query_scalar(kept).fetch_one(&pool).await.expect("what is kept");
    assert!(kept.contains("127.0.0.1:9") && !kept.contains("0123the4key"), "the key is sealed");
    let work = "SELECT string_agg(args::text, ' ') FROM river.river_job";
    let work: String = sqlx::query_scalar(work).fetch_one(&pool).await.expect("the work");
    assert!(!work.contains("0123the4key"), "{work}");
    let listed = app.get(&owner, "/imports").await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(4));
    assert!(!listed.to_string().contains("api_key"), "no key is told");
}
