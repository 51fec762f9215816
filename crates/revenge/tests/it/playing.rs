//! What is played now: who sees it, what becomes of its position, and who may ask its player to do what.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};
use crate::process::make_clip;

const MINUTE_MS: i64 = 60_000;

struct House {
    app: App,
    owner: Caller,
    member: Caller,
    /// One film that both see, and one of the owner's alone.
    items: [Value; 2],
}

async fn house() -> House {
    let (app, owner) = App::start_with_owner().await;
    let mut items = Vec::new();
    let mut libraries = Vec::new();
    for name in ["Films", "Secrets"] {
        let (library, folder) = app.library(&owner, name).await;
        make_clip(&folder.join(format!("{name} (2001).mp4")));
        app.scan(&owner, &library).await;
        let found = app.get(&owner, &format!("/items?library_id={library}")).await.json();
        items.push(found["items"][0]["id"].clone());
        libraries.push(library);
    }
    let grant = json!({ "name": "member", "password": PASSWORD, "library_ids": [libraries[0]] });
    let member = app.person(&owner, grant).await;
    House { app, owner, member, items: items.try_into().expect("two") }
}

async fn start(house: &House, caller: &Caller, item: &Value) -> String {
    let answer = house.app.post(caller, "/playback", json!({ "item_id": item })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["play_id"].as_str().expect("an id").to_owned()
}

async fn report(house: &House, caller: &Caller, play: &str, item: &Value, what: Value) -> u16 {
    let mut body = json!({ "item_id": item, "duration_ms": 60 * MINUTE_MS, "state": "playing" });
    for (name, value) in what.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let path = format!("/api/v1/playback/playing/{play}");
    house.app.send(caller, Method::PUT, &path, Some(body)).await.status.as_u16()
}

async fn list(house: &House, caller: &Caller) -> Vec<Value> {
    let answer = house.app.get(caller, "/playback/playing").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["items"].as_array().expect("a list").clone()
}

async fn position(house: &House, caller: &Caller, item: &Value) -> Value {
    let path = format!("/items/{}", item.as_str().expect("an id"));
    house.app.get(caller, &path).await.json()["progress"]["position_ms"].clone()
}

#[tokio::test]
async fn everybody_sees_their_own_and_the_owner_sees_all() {
    let house = house().await;
    let [shared, secret] = &house.items;
    let theirs = start(&house, &house.member, shared).await;
    house.app.clock.advance(Duration::from_secs(1));
    let own = start(&house, &house.owner, secret).await;
    let at = json!({ "position_ms": 7 * MINUTE_MS });
    assert_eq!(report(&house, &house.member, &theirs, shared, at.clone()).await, 204);

    let all = list(&house, &house.owner).await;
    let seen: Vec<_> = all.iter().map(|it| (it["play_id"].clone(), it["is_own"].clone())).collect();
    assert_eq!(seen, [(json!(own), json!(true)), (json!(theirs), json!(false))]);
    assert_eq!(all[1]["person"], "member");
    assert_eq!(all[1]["method"], "direct");
    assert_eq!(all[1]["position_ms"], 7 * MINUTE_MS);
    assert_eq!(all[1]["is_paused"], false);
    let mine = list(&house, &house.member).await;
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0]["play_id"], json!(theirs));

    assert_eq!(report(&house, &house.member, &own, secret, at.clone()).await, 404, "another's");
    assert_eq!(report(&house, &house.member, &theirs, secret, at).await, 404, "another film");
    let stopped = json!({ "position_ms": 8 * MINUTE_MS, "state": "stopped" });
    report(&house, &house.member, &theirs, shared, stopped).await;
    assert_eq!(list(&house, &house.member).await, Vec::<Value>::new());
    // A page that went to the background and came back.
    report(&house, &house.member, &theirs, shared, json!({ "position_ms": 8 * MINUTE_MS })).await;
    assert_eq!(list(&house, &house.member).await.len(), 1);
    house.app.clock.advance(Duration::from_secs(90));
    assert_eq!(list(&house, &house.owner).await, Vec::<Value>::new(), "all went silent");
}

#[tokio::test]
async fn what_the_owner_may_not_see_is_not_listed_for_them_either() {
    let house = house().await;
    let play = start(&house, &house.member, &house.items[0]).await;
    let people = house.app.get(&house.owner, "/people").await.json();
    let libraries = house.app.get(&house.owner, "/libraries").await.json();
    let is_owner = |it: &&Value| it["name"] == "owner";
    let owner = people["items"].as_array().and_then(|it| it.iter().find(is_owner)).expect("one");
    let is_secret = |it: &&Value| it["name"] == "Secrets";
    let other = libraries["items"].as_array().and_then(|it| it.iter().find(is_secret)).expect("it");
    let path = format!("/api/v1/people/{}", owner["id"].as_str().expect("an id"));
    let body = json!({ "all_libraries": false, "library_ids": [other["id"]] });
    let changed = house.app.send(&house.owner, Method::PATCH, &path, Some(body)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(list(&house, &house.owner).await, Vec::<Value>::new());
    let command = format!("/playback/playing/{play}/commands");
    let stop = house.app.post(&house.owner, &command, json!({ "action": "stop" })).await;
    assert_eq!(stop.status, 404);
}

#[tokio::test]
async fn a_position_is_written_every_ten_seconds_and_when_it_stops() {
    let house = house().await;
    let (caller, item) = (&house.member, &house.items[0]);
    let play = start(&house, caller, item).await;
    let tell = async |minutes: i64, state: &str| {
        let what = json!({ "position_ms": minutes * MINUTE_MS, "state": state });
        assert_eq!(report(&house, caller, &play, item, what).await, 204);
        position(&house, caller, item).await
    };
    assert_eq!(tell(10, "playing").await, 10 * MINUTE_MS);
    house.app.clock.advance(Duration::from_secs(5));
    assert_eq!(tell(11, "playing").await, 10 * MINUTE_MS, "not yet");
    assert_eq!(tell(12, "paused").await, 10 * MINUTE_MS, "not yet");
    house.app.clock.advance(Duration::from_secs(5));
    assert_eq!(tell(13, "playing").await, 13 * MINUTE_MS);
    assert_eq!(tell(14, "stopped").await, 14 * MINUTE_MS, "at once");
    house.app.clock.advance(Duration::from_hours(1));
    assert_eq!(tell(20, "playing").await, 20 * MINUTE_MS, "what nobody knows of is written");
    let unkept = json!({ "position_ms": 30 * MINUTE_MS, "state": "stopped", "is_kept": false });
    report(&house, caller, &play, item, unkept).await;
    assert_eq!(position(&house, caller, item).await, 20 * MINUTE_MS, "a trailer leaves no trace");
}

#[tokio::test]
async fn a_film_watched_again_goes_on_where_it_was() {
    let house = house().await;
    let (caller, item) = (&house.member, &house.items[0]);
    let path = format!("/api/v1/items/{}/played", item.as_str().expect("an id"));
    house.app.send(caller, Method::PUT, &path, None).await;
    let play = start(&house, caller, item).await;
    let what = json!({ "position_ms": 20 * MINUTE_MS, "state": "stopped" });
    report(&house, caller, &play, item, what).await;
    let answer = house.app.post(caller, "/playback", json!({ "item_id": item })).await.json();
    assert_eq!(answer["position_ms"], 20 * MINUTE_MS);
    assert_eq!(answer["item"]["progress"]["is_played"], true);
}

#[tokio::test]
async fn a_player_is_commanded_by_its_person_and_stopped_by_the_owner() {
    let house = house().await;
    let [shared, secret] = &house.items;
    let theirs = start(&house, &house.member, shared).await;
    let own = start(&house, &house.owner, secret).await;
    let mut heard = house.app.listen(&house.member).await;
    let command = async |caller: &Caller, play: &str, body: Value| {
        let path = format!("/playback/playing/{play}/commands");
        house.app.post(caller, &path, body).await.status.as_u16()
    };
    let seek = json!({ "action": "seek", "position_ms": 5000 });
    assert_eq!(command(&house.member, &theirs, seek.clone()).await, 204);
    let told = heard.next_event().await;
    assert!(told.contains("event: player.command"), "{told}");
    assert!(
        told.contains(r#""action":"seek""#) && told.contains(r#""position_ms":5000"#),
        "{told}"
    );

    assert_eq!(command(&house.owner, &theirs, seek.clone()).await, 403);
    let stop = json!({ "action": "stop", "message": "Dinner\nis ready" });
    assert_eq!(command(&house.owner, &theirs, stop.clone()).await, 204);
    let told = heard.next_event().await;
    assert!(told.contains(r#""message":"Dinneris ready""#), "{told}");
    assert!(told.contains(r#""by_other":true"#), "{told}");

    assert_eq!(command(&house.member, &own, stop).await, 404, "of another");
    assert_eq!(command(&house.member, &theirs, json!({ "action": "seek" })).await, 422);
    let back = json!({ "action": "seek", "position_ms": -1 });
    assert_eq!(command(&house.member, &theirs, back).await, 422);
    assert_eq!(command(&house.member, &theirs, json!({ "action": "dance" })).await, 422);
}
