//! What people decide about items outlives scans, renames and better copies.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller};
use crate::process::make_clip;

async fn items_of(app: &App, caller: &Caller, library: &str) -> Vec<Value> {
    let page = app.get(caller, &format!("/items?library_id={library}")).await.json();
    page["items"].as_array().expect("a list").clone()
}

async fn detail(app: &App, caller: &Caller, id: &str) -> Value {
    let answer = app.get(caller, &format!("/items/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn id(item: &Value) -> String {
    item["id"].as_str().expect("an id").to_owned()
}

fn files(item: &Value) -> Vec<String> {
    let files = item["files"].as_array().expect("files");
    let mut names: Vec<String> =
        files.iter().map(|it| it["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_edit_stays_when_the_file_is_renamed_and_scanned_again() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    make_clip(&folder.join("Open Sky (2001).mp4"));
    app.scan(&owner, &library).await;
    let film = id(&items_of(&app, &owner, &library).await[0]);
    let path = format!("/api/v1/items/{film}");
    let patch = json!({ "title": "The Open Sky", "genres": ["Flight"], "overview": "Up." });
    let changed = app.send(&owner, Method::PATCH, &path, Some(patch)).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["title"]), (200, &json!("The Open Sky")));

    std::fs::rename(folder.join("Open Sky (2001).mp4"), folder.join("Opened Sky (2002).mp4"))
        .expect("renamed");
    app.scan(&owner, &library).await;
    let items = items_of(&app, &owner, &library).await;
    assert_eq!((items.len(), id(&items[0])), (1, film.clone()));
    let now = detail(&app, &owner, &film).await;
    assert_eq!(
        (&now["title"], &now["year"], &now["genres"]),
        (&json!("The Open Sky"), &json!(2002), &json!(["Flight"]))
    );
    assert_eq!(now["locked"], json!(["genres", "overview", "title"]));

    let edits = app.get(&owner, &format!("/items/{film}/edits")).await.json();
    let title = edits["items"].as_array().expect("edits").iter().find(|it| it["field"] == "title");
    let edit = title.expect("an edit")["id"].as_str().expect("an id").to_owned();
    let undone = app.send(&owner, Method::POST, &format!("{path}/edits/{edit}/undo"), None).await;
    assert_eq!((undone.status.as_u16(), &undone.json()["title"]), (200, &json!("Opened Sky")));
    let again = app.send(&owner, Method::POST, &format!("{path}/edits/{edit}/undo"), None).await;
    assert_eq!((again.status.as_u16(), &again.json()["code"]), (409, &json!("item.edit_undone")));
    let wrong = app.send(&owner, Method::PATCH, &path, Some(json!({ "year": 5 }))).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (422, &json!("year")));
    let refresh = app.send(&owner, Method::POST, &format!("{path}/refresh"), None).await;
    assert_eq!(
        (refresh.status.as_u16(), &refresh.json()["code"]),
        (409, &json!("metadata.no_provider"))
    );
}

#[tokio::test]
async fn what_was_split_stays_apart_and_what_was_merged_together_over_scans_and_renames() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let sky = folder.join("Open Sky (2001)");
    let other = folder.join("Closed Sky (2003)");
    for path in [&sky, &other] {
        std::fs::create_dir_all(path).expect("a folder");
    }
    make_clip(&sky.join("Open Sky (2001) - 1080p.mp4"));
    make_clip(&sky.join("Open Sky (2001) - 720p.mp4"));
    make_clip(&other.join("Closed Sky (2003).mp4"));
    std::fs::write(other.join("movie.nfo"), "<movie><title>Never Shown</title></movie>")
        .expect("written");
    app.scan(&owner, &library).await;
    let items = items_of(&app, &owner, &library).await;
    assert_eq!(items.len(), 2);
    let find = |title: &str| items.iter().find(|it| it["title"] == title).map(id).expect("a film");
    let (film, closed) = (find("Open Sky"), find("Never Shown"));

    let whole = detail(&app, &owner, &film).await;
    let file = whole["files"]
        .as_array()
        .expect("files")
        .iter()
        .find(|it| it["name"] == "Open Sky (2001) - 720p.mp4");
    let split = json!({ "file_ids": [file.expect("the file")["id"]] });
    let answer = app.post(&owner, &format!("/items/{film}/split"), split).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let off = answer.json()["item_id"].as_str().expect("an id").to_owned();
    let merge = json!({ "item_ids": [off, closed] });
    let answer = app.post(&owner, "/items/merge", merge).await;
    assert_eq!(answer.status, 200, "{}", answer.text());

    let check = async |what: &str, split_off: &str, merged: &str| {
        let items = items_of(&app, &owner, &library).await;
        assert_eq!(items.len(), 2, "{what}: {items:?}");
        assert_eq!(
            files(&detail(&app, &owner, &film).await),
            ["Open Sky (2001) - 1080p.mp4"],
            "{what}"
        );
        let off = detail(&app, &owner, &off).await;
        let mut expect = [merged.to_owned(), split_off.to_owned()];
        expect.sort();
        assert_eq!(files(&off), expect, "{what}");
        assert_eq!(off["title"], "Open Sky", "{what}: what was merged into it does not name it");
    };
    check("at once", "Open Sky (2001) - 720p.mp4", "Closed Sky (2003).mp4").await;
    app.scan(&owner, &library).await;
    check("scanned", "Open Sky (2001) - 720p.mp4", "Closed Sky (2003).mp4").await;
    std::fs::rename(sky.join("Open Sky (2001) - 720p.mp4"), sky.join("Open Sky (2001) - 576p.mp4"))
        .expect("renamed");
    std::fs::rename(other.join("Closed Sky (2003).mp4"), other.join("Shut Sky (2004).mp4"))
        .expect("renamed");
    app.scan(&owner, &library).await;
    check("renamed", "Open Sky (2001) - 576p.mp4", "Shut Sky (2004).mp4").await;

    for wrong in [json!({ "item_ids": [film] }), json!({ "item_ids": "all" })] {
        let refused = app.post(&owner, "/items/merge", wrong).await;
        assert_eq!(refused.status, 422);
    }
    let refused =
        app.post(&owner, &format!("/items/{film}/split"), json!({ "file_ids": [] })).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!("file_ids")));
}

#[tokio::test]
async fn an_nfo_file_that_goes_takes_its_words_along() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let home = folder.join("Open Sky (2001)");
    std::fs::create_dir_all(&home).expect("a folder");
    make_clip(&home.join("Open Sky (2001).mp4"));
    let nfo = "<movie><title>Himmel</title><plot>Oben.</plot><genre>Flug</genre></movie>";
    std::fs::write(home.join("movie.nfo"), nfo).expect("written");
    app.scan(&owner, &library).await;
    let film = id(&items_of(&app, &owner, &library).await[0]);
    let said = detail(&app, &owner, &film).await;
    assert_eq!(
        (&said["title"], &said["overview"], &said["genres"]),
        (&json!("Himmel"), &json!("Oben."), &json!(["Flug"]))
    );
    let sources = app.get(&owner, &format!("/items/{film}/sources")).await.json();
    let names: Vec<_> = sources["sources"]
        .as_array()
        .expect("sources")
        .iter()
        .map(|it| it["source"].clone())
        .collect();
    assert_eq!(names.first(), Some(&json!("nfo")));
    assert_eq!(names.last(), Some(&json!("name")));

    std::fs::remove_file(home.join("movie.nfo")).expect("deleted");
    app.scan(&owner, &library).await;
    let silent = detail(&app, &owner, &film).await;
    assert_eq!(
        (&silent["title"], &silent["overview"], &silent["genres"]),
        (&json!("Open Sky"), &Value::Null, &json!([]))
    );
}

#[tokio::test]
async fn nfo_files_are_written_where_a_library_wants_them_and_never_taken_for_a_persons() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    make_clip(&folder.join("Open Sky (2001).mp4"));
    app.scan(&owner, &library).await;
    let film = id(&items_of(&app, &owner, &library).await[0]);
    let path = format!("/api/v1/items/{film}");
    let nfo = folder.join("Open Sky (2001).nfo");
    let edit = async |patch: Value| {
        let changed = app.send(&owner, Method::PATCH, &path, Some(patch)).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        app.run_jobs().await;
    };
    edit(json!({ "overview": "Up." })).await;
    assert!(!nfo.exists(), "nobody asked for it");
    let settings = format!("/api/v1/libraries/{library}/metadata");
    app.send(&owner, Method::PUT, &settings, Some(json!({ "write_nfo": true }))).await;
    edit(json!({ "overview": "Up & away." })).await;
    let written = std::fs::read_to_string(&nfo).expect("written");
    assert!(
        written.contains("<plot>Up &amp; away.</plot>") && written.contains("Open Sky"),
        "{written}"
    );

    // Our own words are no reason to believe them: unlocked, the field is as open as before.
    app.scan(&owner, &library).await;
    edit(json!({ "locked": [] })).await;
    app.scan(&owner, &library).await;
    let sources = app.get(&owner, &format!("/items/{film}/sources")).await.json();
    let names: Vec<_> = sources["sources"]
        .as_array()
        .expect("sources")
        .iter()
        .map(|it| it["source"].clone())
        .collect();
    assert!(names.contains(&json!("written")) && !names.contains(&json!("nfo")), "{names:?}");

    // Changed by somebody, it is theirs.
    let theirs = written.replace("Up &amp; away.", "Down.");
    std::fs::write(&nfo, theirs).expect("written");
    app.scan(&owner, &library).await;
    assert_eq!(detail(&app, &owner, &film).await["overview"], "Down.");
}

#[tokio::test]
async fn nfo_files_are_written_without_any_provider_for_what_is_there_and_for_what_comes() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    make_clip(&folder.join("Open Sky (2001).mp4"));
    app.scan(&owner, &library).await;
    let settings = format!("/api/v1/libraries/{library}/metadata");
    app.send(&owner, Method::PUT, &settings, Some(json!({ "write_nfo": true }))).await;
    app.run_jobs().await;
    let written = std::fs::read_to_string(folder.join("Open Sky (2001).nfo")).expect("written");
    assert!(written.contains("<title>Open Sky</title>"), "{written}");

    make_clip(&folder.join("Low Tide (2002).mp4"));
    app.scan(&owner, &library).await;
    app.run_jobs().await;
    let written = std::fs::read_to_string(folder.join("Low Tide (2002).nfo")).expect("written");
    assert!(written.contains("<year>2002</year>"), "{written}");

    // Nobody wants them any more: what comes now has none.
    app.send(&owner, Method::PUT, &settings, Some(json!({ "write_nfo": false }))).await;
    make_clip(&folder.join("High Tide (2003).mp4"));
    app.scan(&owner, &library).await;
    app.run_jobs().await;
    assert!(!folder.join("High Tide (2003).nfo").exists());
}

#[tokio::test]
async fn settings_of_metadata_are_for_administrators_and_never_show_a_key() {
    let (app, owner) = App::start_with_owner().await;
    let shown = app.get(&owner, "/settings/metadata").await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    let path = "/api/v1/settings/metadata";
    let put = async |body: Value| app.send(&owner, Method::PUT, path, Some(body)).await;
    let changed = put(json!({ "language": "de", "order": ["tmdb", "nfo"] })).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["language"]), (200, &json!("de")));
    assert_eq!(changed.json()["order"][0], "tmdb");
    let wrong = put(json!({ "language": "deutsch" })).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (422, &json!("language")));
    assert_eq!(put(json!({ "colour": 1 })).await.status, 422);
    let check = app.post(&owner, "/settings/metadata/check", json!({ "provider": "omdb" })).await;
    assert_eq!((check.status.as_u16(), &check.json()["field"]), (422, &json!("provider")));

    let (library, _) = app.library(&owner, "Films").await;
    let path = format!("/api/v1/libraries/{library}/metadata");
    let own = json!({ "language": "fr", "write_nfo": true });
    assert_eq!(app.send(&owner, Method::PUT, &path, Some(own.clone())).await.status, 204);
    assert_eq!(app.get(&owner, &format!("/libraries/{library}/metadata")).await.json(), own);
    let wrong = app.send(&owner, Method::PUT, &path, Some(json!({ "order": ["x"] }))).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (422, &json!("order")));
    assert_eq!(app.get(&owner, "/review").await.json()["items"], json!([]));
    assert_eq!(app.get(&owner, "/collections").await.json()["items"], json!([]));
}
