//! Watching together: who may join, and what the members are told.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};

const ONE: &str = "01890a5d-ac96-774b-bcce-b302099a8001";
const TWO: &str = "01890a5d-ac96-774b-bcce-b302099a8002";

struct House {
    app: App,
    owner: Caller,
    member: Caller,
    stranger: Caller,
    item: Value,
}

async fn house() -> House {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    std::fs::write(folder.join("Open Sky (2001).mp4"), "no film").expect("written");
    app.scan(&owner, &library).await;
    let items = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let item = items["items"][0]["id"].clone();
    let grant = json!({ "name": "member", "password": PASSWORD, "library_ids": [library] });
    let member = app.person(&owner, grant).await;
    let stranger = app.person(&owner, json!({ "name": "stranger", "password": PASSWORD })).await;
    House { app, owner, member, stranger, item }
}

impl House {
    async fn create(&self, caller: &Caller) -> (u16, Value) {
        let body = json!({
            "item_id": self.item, "play_id": ONE, "position_ms": 5000, "is_playing": true,
        });
        let answer = self.app.post(caller, "/playback/groups", body).await;
        (answer.status.as_u16(), answer.json())
    }

    async fn report(
        &self,
        caller: &Caller,
        group: &Value,
        play: &str,
        ready: bool,
    ) -> (u16, Value) {
        self.report_at(caller, group, play, ready, 5000).await
    }

    async fn report_at(
        &self,
        caller: &Caller,
        group: &Value,
        play: &str,
        ready: bool,
        position_ms: i64,
    ) -> (u16, Value) {
        let id = group["id"].as_str().expect("an id");
        let path = format!("/api/v1/playback/groups/{id}/members/{play}");
        let body = json!({ "position_ms": position_ms, "is_ready": ready });
        let answer = self.app.send(caller, Method::PUT, &path, Some(body)).await;
        (answer.status.as_u16(), answer.json())
    }

    async fn step(&self, caller: &Caller, group: &Value, play: &str, step: Value) -> (u16, Value) {
        let mut body = json!({ "play_id": play });
        for (name, value) in step.as_object().expect("fields") {
            body[name] = value.clone();
        }
        let path = format!("/playback/groups/{}/moves", group["id"].as_str().expect("an id"));
        let answer = self.app.post(caller, &path, body).await;
        (answer.status.as_u16(), answer.json())
    }

    async fn listed(&self, caller: &Caller) -> usize {
        let list = self.app.get(caller, "/playback/groups").await.json();
        list["items"].as_array().expect("a list").len()
    }
}

#[tokio::test]
async fn a_group_is_for_those_who_may_see_its_film() {
    let house = house().await;
    assert_eq!(house.create(&house.stranger).await.0, 404);
    let (status, group) = house.create(&house.owner).await;
    assert_eq!(status, 201);
    assert_eq!(house.listed(&house.member).await, 1);
    assert_eq!(house.listed(&house.stranger).await, 0);
    assert_eq!(house.report(&house.stranger, &group, TWO, true).await.0, 404);
    let pause = json!({ "action": "pause" });
    assert_eq!(house.step(&house.member, &group, TWO, pause.clone()).await.0, 404, "no member");
    assert_eq!(house.step(&house.member, &group, ONE, pause.clone()).await.0, 404, "another's");
    assert_eq!(house.report(&house.member, &group, ONE, true).await.0, 404, "another's");
    let (status, joined) = house.report(&house.member, &group, TWO, false).await;
    assert_eq!((status, joined["members"].as_array().expect("members").len()), (200, 2));
    assert_eq!(joined["members"][1]["name"], "member");
    assert_eq!(house.step(&house.member, &group, TWO, pause).await.0, 200);
}

#[tokio::test]
async fn members_hear_of_moves_and_go_by_the_servers_clock() {
    let house = house().await;
    let (_, group) = house.create(&house.owner).await;
    let now = house.app.clock.now().timestamp_millis();
    assert_eq!(group["now_ms"], now);
    assert_eq!(group["runs_since_ms"], now + 400);
    house.report(&house.member, &group, TWO, true).await;
    let mut heard = house.app.listen(&house.owner).await;
    house.app.clock.advance(Duration::from_secs(2));
    let (_, paused) = house.step(&house.member, &group, TWO, json!({ "action": "pause" })).await;
    assert_eq!((&paused["position_ms"], &paused["runs_since_ms"]), (&json!(6600), &Value::Null));
    let told = heard.next_event().await;
    assert!(told.contains("event: group.changed"), "{told}");
    assert!(told.contains(group["id"].as_str().expect("an id")), "{told}");

    let seek = json!({ "action": "seek", "position_ms": 60_000 });
    house.step(&house.owner, &group, ONE, seek).await;
    let (_, waiting) = house.step(&house.owner, &group, ONE, json!({ "action": "play" })).await;
    assert_eq!((&waiting["is_wanted"], &waiting["runs_since_ms"]), (&json!(true), &Value::Null));
    house.report_at(&house.owner, &group, ONE, true, 60_000).await;
    let (_, running) = house.report_at(&house.member, &group, TWO, true, 60_000).await;
    assert_eq!(running["position_ms"], 60_000);
    assert!(running["runs_since_ms"].is_i64());
    assert_eq!(house.step(&house.owner, &group, ONE, json!({ "action": "seek" })).await.0, 422);
}

#[tokio::test]
async fn a_group_is_over_when_the_last_has_left() {
    let house = house().await;
    let (_, group) = house.create(&house.owner).await;
    house.report(&house.member, &group, TWO, true).await;
    let leave = async |caller: &Caller, play: &str| {
        let id = group["id"].as_str().expect("an id");
        let path = format!("/api/v1/playback/groups/{id}/members/{play}");
        house.app.send(caller, Method::DELETE, &path, None).await.status.as_u16()
    };
    assert_eq!(leave(&house.member, ONE).await, 204);
    assert_eq!(house.report(&house.owner, &group, ONE, true).await.1["members"][1]["play_id"], TWO);
    assert_eq!(leave(&house.owner, ONE).await, 204);
    assert_eq!(house.listed(&house.member).await, 1);
    assert_eq!(leave(&house.member, TWO).await, 204);
    assert_eq!(house.listed(&house.owner).await, 0);
    assert_eq!(house.report(&house.owner, &group, ONE, true).await.0, 404);
    assert_eq!(leave(&house.owner, ONE).await, 204, "leaving twice is leaving");
}
