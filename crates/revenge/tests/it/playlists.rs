//! Playlists over HTTP: made, filled, put in order, shared; who may and who may not.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};
use crate::process::make_clip;

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Films of these names, by id.
async fn films(app: &App, owner: &Caller, library: &str, names: &[&str]) -> Vec<String> {
    let (id, folder) = app.library(owner, library).await;
    for name in names {
        make_clip(&folder.join(format!("{name} (2001).mp4")));
    }
    app.scan(owner, &id).await;
    let page = app.get(owner, &format!("/items?library_id={id}&sort=title")).await.json();
    let items = page["items"].as_array().expect("a list");
    assert_eq!(items.len(), names.len());
    items.iter().map(|it| text(&it["id"])).collect()
}

async fn put(app: &App, caller: &Caller, path: &str, body: Value) -> Answer {
    app.send(caller, Method::PUT, &format!("/api/v1{path}"), Some(body)).await
}

async fn patch(app: &App, caller: &Caller, path: &str, body: Value) -> Answer {
    app.send(caller, Method::PATCH, &format!("/api/v1{path}"), Some(body)).await
}

async fn delete(app: &App, caller: &Caller, path: &str) -> Answer {
    app.send(caller, Method::DELETE, &format!("/api/v1{path}"), None).await
}

async fn entries(app: &App, caller: &Caller, list: &str) -> Vec<(String, String)> {
    let page = app.get(caller, &format!("/playlists/{list}/entries")).await.json();
    let entries = page["items"].as_array().expect("a list");
    entries.iter().map(|it| (text(&it["id"]), text(&it["item"]["title"]))).collect()
}

async fn titles(app: &App, caller: &Caller, list: &str) -> String {
    let entries = entries(app, caller, list).await;
    entries.iter().map(|it| it.1.as_str()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_list_is_made_filled_put_in_order_and_deleted() {
    let (app, owner) = App::start_with_owner().await;
    let ids = films(&app, &owner, "Films", &["Akira", "Brazil", "Clue"]).await;
    let new = json!({ "name": "Friday", "overview": "For the sofa", "item_ids": [ids[0], ids[1]] });
    let made = app.post(&owner, "/playlists", new).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let list = text(&made["id"]);
    assert_eq!(
        ["name", "overview", "is_mine", "is_shared", "may_edit", "item_count"].map(|it| &made[it]),
        [
            &json!("Friday"),
            &json!("For the sofa"),
            &json!(true),
            &json!(false),
            &json!(true),
            &json!(2)
        ]
    );
    assert!(made["runtime_ms"].as_i64().is_some_and(|it| it > 0), "{made}");
    let pictures = made["pictures"].as_array().expect("a list");
    let different: BTreeSet<_> = pictures.iter().map(|it| text(&it["id"])).collect();
    assert_eq!(pictures.len(), different.len());

    let mut heard = app.listen(&owner).await;
    let path = format!("/playlists/{list}/entries");
    let added = app.post(&owner, &path, json!({ "item_ids": [ids[2], ids[0]] })).await;
    assert_eq!((added.status.as_u16(), &added.json()["n_entries"]), (200, &json!(2)));
    assert!(heard.next_event().await.contains("playlists.changed"));
    assert_eq!(titles(&app, &owner, &list).await, "Akira Brazil Clue Akira");
    let all = entries(&app, &owner, &list).await;
    let place = format!("{path}/{}/place", all[2].0);
    assert_eq!(put(&app, &owner, &place, json!({ "after": null })).await.status, 204);
    assert_eq!(titles(&app, &owner, &list).await, "Clue Akira Brazil Akira");
    assert_eq!(put(&app, &owner, &place, json!({ "after": all[1].0 })).await.status, 204);
    assert_eq!(titles(&app, &owner, &list).await, "Akira Brazil Clue Akira");

    let first = app.get(&owner, &format!("/playlists/{list}/next")).await.json();
    assert_eq!(first["entry"]["id"], json!(all[0].0));
    let next = app.get(&owner, &format!("/playlists/{list}/next?after={}", all[2].0)).await.json();
    assert_eq!(next["entry"]["id"], json!(all[3].0), "the same film once more");
    let last = app.get(&owner, &format!("/playlists/{list}/next?after={}", all[3].0)).await.json();
    assert_eq!(last["entry"], Value::Null);
    let mut seen = BTreeSet::new();
    let mut path_of_next = format!("/playlists/{list}/next?shuffle=7");
    while let Some(id) = app.get(&owner, &path_of_next).await.json()["entry"]["id"].as_str() {
        assert!(seen.insert(id.to_owned()), "each once");
        path_of_next = format!("/playlists/{list}/next?shuffle=7&after={id}");
    }
    assert_eq!(seen.len(), 4);

    let remove = format!("{path}/remove");
    let gone = json!({ "entry_ids": [all[0].0, UNKNOWN] });
    assert_eq!(app.post(&owner, &remove, gone).await.status, 204);
    assert_eq!(titles(&app, &owner, &list).await, "Brazil Clue Akira");
    let change = json!({ "name": "Saturday", "overview": null });
    let changed = patch(&app, &owner, &format!("/playlists/{list}"), change).await.json();
    assert_eq!((&changed["name"], &changed["overview"]), (&json!("Saturday"), &Value::Null));
    assert_eq!(app.get(&owner, "/playlists").await.json()["items"][0]["item_count"], 3);
    assert_eq!(delete(&app, &owner, &format!("/playlists/{list}")).await.status, 204);
    assert_eq!(app.get(&owner, &format!("/playlists/{list}")).await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_says_where() {
    let (app, owner) = App::start_with_owner().await;
    let ids = films(&app, &owner, "Films", &["Akira"]).await;
    let made = app.post(&owner, "/playlists", json!({ "name": "Friday", "item_ids": ids })).await;
    let list = text(&made.json()["id"]);
    let entry = entries(&app, &owner, &list).await[0].0.clone();
    let path = format!("/playlists/{list}");
    let many = vec![&ids[0]; 501];
    for (answer, field) in [
        (app.post(&owner, "/playlists", json!({ "name": " " })).await, "name"),
        (app.post(&owner, "/playlists", json!({ "name": "x".repeat(201) })).await, "name"),
        (
            app.post(&owner, "/playlists", json!({ "name": "x", "item_ids": many })).await,
            "item_ids",
        ),
        (patch(&app, &owner, &path, json!({ "overview": "x".repeat(5001) })).await, "overview"),
        (app.post(&owner, &format!("{path}/entries"), json!({})).await, "item_ids"),
        (
            app.post(&owner, &format!("{path}/entries/remove"), json!({ "entry_ids": [] })).await,
            "entry_ids",
        ),
        (
            put(&app, &owner, &format!("{path}/entries/{entry}/place"), json!({ "after": entry }))
                .await,
            "after",
        ),
        (app.get(&owner, &format!("{path}/entries?cursor=x")).await, "cursor"),
        (app.get(&owner, "/playlists?cursor=bm9wZQ").await, "cursor"),
    ] {
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["field"]),
            (422, &json!(field)),
            "{}",
            answer.text()
        );
    }
    let unknown = json!({ "item_ids": [UNKNOWN] });
    assert_eq!(app.post(&owner, &format!("{path}/entries"), unknown).await.status, 404);
    let unknown = json!({ "item_ids": ids, "after": UNKNOWN });
    assert_eq!(app.post(&owner, &format!("{path}/entries"), unknown).await.status, 404);
    assert_eq!(titles(&app, &owner, &list).await, "Akira", "nothing was added");
}

#[tokio::test]
async fn others_see_what_is_shared_of_it_what_they_may_and_change_nothing() {
    let (app, owner) = App::start_with_owner().await;
    let open = films(&app, &owner, "Films", &["Akira"]).await;
    let closed = films(&app, &owner, "Closed", &["Secret"]).await;
    let libraries = app.get(&owner, "/libraries").await.json();
    let libraries = libraries["items"].as_array().expect("a list");
    let films =
        libraries.iter().find(|it| it["name"] == "Films").expect("it is there")["id"].clone();
    let person = async |name: &str, role: Option<&str>| {
        let mut body = json!({ "name": name, "password": PASSWORD, "library_ids": [films] });
        if let Some(role) = role {
            let roles = app.get(&owner, "/roles").await.json();
            let roles = roles["items"].as_array().expect("a list");
            let role = roles.iter().find(|it| it["built_in"] == role).expect("every server has it");
            body["role_id"] = role["id"].clone();
        }
        app.person(&owner, body).await
    };
    let (member, guest) = (person("member", None).await, person("guest", Some("guest")).await);
    let both = json!({ "name": "Both", "is_shared": true, "item_ids": [closed[0], open[0]] });
    let both = text(&app.post(&owner, "/playlists", both).await.json()["id"]);
    let other = json!({ "name": "Closed", "is_shared": true, "item_ids": closed });
    let other = text(&app.post(&owner, "/playlists", other).await.json()["id"]);
    for caller in [&member, &guest] {
        let lists = app.get(caller, "/playlists").await.json();
        let lists = lists["items"].as_array().expect("a list").clone();
        assert_eq!(lists.len(), 1, "{lists:?}");
        assert_eq!((&lists[0]["name"], &lists[0]["item_count"]), (&json!("Both"), &json!(1)));
        assert_eq!((&lists[0]["may_edit"], &lists[0]["is_mine"]), (&json!(false), &json!(false)));
        assert_eq!(titles(&app, caller, &both).await, "Akira");
        assert_eq!(app.get(caller, &format!("/playlists/{other}")).await.status, 404);
        assert_eq!(app.get(caller, "/playlists?mine=true").await.json()["items"], json!([]));
    }
    let entry = &entries(&app, &member, &both).await[0].0;
    for (list, status) in [(&both, 403), (&other, 404)] {
        let path = format!("/playlists/{list}");
        let add = json!({ "item_ids": open });
        for answer in [
            patch(&app, &member, &path, json!({ "name": "Mine" })).await,
            delete(&app, &member, &path).await,
            app.post(&member, &format!("{path}/entries"), add).await,
            app.post(&member, &format!("{path}/entries/remove"), json!({ "entry_ids": [entry] }))
                .await,
            put(&app, &member, &format!("{path}/entries/{entry}/place"), json!({ "after": null }))
                .await,
        ] {
            assert_eq!(answer.status, status, "{}", answer.text());
        }
    }
    assert_eq!(app.post(&guest, "/playlists", json!({ "name": "Mine" })).await.status, 403);
    let mine = app.post(&member, "/playlists", json!({ "name": "Mine", "item_ids": closed })).await;
    assert_eq!(mine.status, 404, "what one may not see cannot be put into a list");
    let mine = json!({ "name": "Mine", "is_shared": true, "item_ids": open });
    let mine = text(&app.post(&member, "/playlists", mine).await.json()["id"]);
    let renamed =
        patch(&app, &owner, &format!("/playlists/{mine}"), json!({ "name": "Ours" })).await;
    assert_eq!(renamed.status, 200, "who administers may");

    let people = app.get(&owner, "/people").await.json();
    let people = people["items"].as_array().expect("a list");
    let id = text(&people.iter().find(|it| it["name"] == "member").expect("they are there")["id"]);
    assert_eq!(delete(&app, &owner, &format!("/people/{id}")).await.status, 204);
    assert_eq!(app.get(&owner, &format!("/playlists/{mine}")).await.status, 404, "gone with them");
}

#[tokio::test]
async fn lists_of_the_adult_area_are_in_it_alone() {
    let app = App::start_with(|it| it.adult.enabled = true).await;
    let owner = app.owner().await;
    let ids = films(&app, &owner, "Films", &["Akira"]).await;
    assert_eq!(app.send(&owner, Method::PUT, "/api/v1/me/adult/age", None).await.status, 204);
    assert_eq!(app.post(&owner, "/me/adult", json!({})).await.status, 204);
    let folder = app.folder.path().join("x");
    std::fs::create_dir_all(&folder).expect("a folder");
    make_clip(&folder.join("Zebracanary.mp4"));
    let body = json!({ "name": "Private", "kind": "scenes", "folders": [folder] });
    let library = text(&app.post(&owner, "/adult/libraries", body).await.json()["id"]);
    let scan = format!("/api/v1/adult/libraries/{library}/scan");
    assert_eq!(app.send(&owner, Method::POST, &scan, None).await.status, 202);
    app.run_jobs().await;
    let scene = app.get(&owner, &format!("/adult/items?library_id={library}")).await.json();
    let scene = text(&scene["items"][0]["id"]);
    let new = json!({ "name": "Zebra list", "is_shared": true, "item_ids": [scene] });
    let made = app.post(&owner, "/adult/playlists", new.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let list = text(&made.json()["id"]);
    assert_eq!(app.post(&owner, "/playlists", new).await.status, 404, "it does not exist out here");
    let film = json!({ "item_ids": ids });
    let path = format!("/adult/playlists/{list}/entries");
    assert_eq!(app.post(&owner, &path, film).await.status, 404, "nor that in there");
    assert_eq!(app.get(&owner, "/playlists").await.json()["items"], json!([]));
    assert_eq!(app.get(&owner, &format!("/playlists/{list}")).await.status, 404);
    let inside = app.get(&owner, "/adult/me/export").await.json();
    assert_eq!(inside["playlists"][0]["name"], "Zebra list");
    assert!(!app.get(&owner, "/me/export").await.text().contains("Zebra"));

    let shut = app.send(&owner, Method::DELETE, "/api/v1/me/adult", None).await;
    assert_eq!(shut.status, 204, "{}", shut.text());
    for path in ["/adult/playlists".to_owned(), format!("/adult/playlists/{list}"), path] {
        assert_eq!(app.get(&owner, &path).await.status, 404, "{path}");
    }
}
