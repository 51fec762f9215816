//! What a person takes along.

use axum::http::Method;
use serde_json::json;

use crate::app::{App, Caller, PASSWORD};
use crate::process::make_clip;

#[tokio::test]
async fn everything_a_person_made_is_in_one_document_and_nothing_of_others() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "films").await;
    for name in ["Ember Sky (1999).mp4", "Slow River (2016).mp4"] {
        make_clip(&folder.join(name));
    }
    app.scan(&owner, &library).await;
    let member = json!({ "name": "member", "password": PASSWORD, "all_libraries": true });
    let member = app.person(&owner, member).await;
    let items = app.get(&owner, &format!("/items?library_id={library}&limit=10")).await.json();
    let id = |at: usize| items["items"][at]["id"].as_str().expect("an id").to_owned();
    app.send(&owner, Method::PUT, &format!("/api/v1/items/{}/played", id(0)), None).await;
    app.send(&member, Method::PUT, &format!("/api/v1/items/{}/favourite", id(0)), None).await;
    app.send(&member, Method::PUT, &format!("/api/v1/items/{}/played", id(1)), None).await;

    let list = json!({ "name": "Friday", "item_ids": [id(1), id(0)] });
    assert_eq!(app.post(&member, "/playlists", list.clone()).await.status, 201);
    assert_eq!(app.post(&owner, "/playlists", list).await.status, 201);

    let answer = app.get(&member, "/me/export").await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers["content-disposition"].to_str().expect("text").contains("attachment"));
    let export = answer.json();
    assert_eq!(export["format"], "revenge.person");
    assert_eq!(export["person"]["name"], "member");
    assert_eq!(export["devices"].as_array().map(Vec::len), Some(1));
    let item = &export["favourites"][0]["item"];
    assert_eq!((&item["title"], &item["year"]), (&json!("Ember Sky"), &json!(1999)));
    let progress = export["progress"].as_array().expect("a list");
    assert_eq!(progress.len(), 1, "nothing of the owner's: {export}");
    assert_eq!(progress[0]["item"]["title"], "Slow River");
    assert_eq!(progress[0]["is_played"], true);
    assert_eq!(export["plays"][0]["title"], "Slow River");
    let (lists, entries) = (&export["playlists"], &export["playlist_entries"]);
    assert_eq!((lists.as_array().map(Vec::len), &lists[0]["name"]), (Some(1), &json!("Friday")));
    let titles = entries.as_array().expect("a list").iter().map(|it| it["item"]["title"].clone());
    assert_eq!(titles.collect::<Vec<_>>(), ["Slow River", "Ember Sky"]);
    assert_eq!(entries[0]["playlist"], lists[0]["id"]);
    assert_eq!((&export["ratings"], &export["hidden"]), (&json!([]), &json!([])));
    assert_eq!(app.get(&Caller::nobody(), "/me/export").await.status, 401);
}

#[tokio::test]
async fn a_long_history_comes_whole_and_each_play_once() {
    let (app, owner) = App::start_with_owner().await;
    let pool = app.database.pool("catalog").await;
    // Many at one moment, as when a whole series is marked.
    sqlx::raw_sql(
        "INSERT INTO play_event (person_id, item_id, item_key, title, started_at)
         SELECT person.id, uuidv7(), 'movie:' || n, 'Film ' || n, '2025-01-01'::timestamptz + n / 7 * interval '1 day'
         FROM generate_series(1, 1203) AS n, core.person",
    )
    .execute(&pool)
    .await
    .expect("plays");
    let export = app.get(&owner, "/me/export").await.json();
    let plays = export["plays"].as_array().expect("a list");
    let mut keys: Vec<&str> =
        plays.iter().map(|it| it["item"]["key"].as_str().expect("a key")).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((plays.len(), keys.len()), (1203, 1203));
}
