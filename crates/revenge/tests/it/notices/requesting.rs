//! Requests: told to those who answer, and answers to those who asked.

use axum::http::Method;
use serde_json::{Value, json};
use testkit::mouthpiece::Heard;

use super::House;
use crate::app::{Caller, PASSWORD};
use crate::process::make_clip;

async fn ask(house: &House, caller: &Caller, word: &str) -> String {
    let body = json!({ "kind": "movie", "title": "Open Sky", "year": 2001, "word": word });
    let asked = house.app.post(caller, "/requests", body).await;
    assert_eq!(asked.status, 201, "{}", asked.text());
    asked.json()["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn requests_reach_those_who_answer_and_answers_those_who_asked() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let (mine, _) = app.library(owner, "Mine").await;
    let (films, folder) = app.library(owner, "Films").await;
    let person = |name: &str, libraries: &[&str]| json!({ "name": name, "password": PASSWORD, "library_ids": libraries });
    let ana = app.person(owner, person("ana", &[&films])).await;
    let bob = app.person(owner, person("bob", &[&mine])).await;
    let cleo = app.person(owner, person("cleo", &[&films])).await;
    house.target("/server", json!({ "events": ["request.made", "request.answered"] })).await;
    house.mailbox(owner, "owner@example.org").await;
    for (caller, address) in [(&ana, "ana"), (&bob, "bob"), (&cleo, "cleo")] {
        house.mailbox(caller, &format!("{address}@example.org")).await;
    }

    let id = ask(&house, &ana, "For Sunday").await;
    ask(&house, &bob, "Me too").await;
    app.run_jobs().await;
    let heard = house.heard("/server");
    assert_eq!(heard.len(), 1, "who joins makes nothing new");
    let made = heard[0].json();
    assert_eq!(
        (&made["kind"], &made["title"]),
        (&json!("request.made"), &json!("ana asks for something"))
    );
    assert_eq!(made["text"], "Open Sky (2001)\nFor Sunday");
    let subject = &made["subject"];
    assert_eq!(
        (&subject["person"]["name"], &subject["word"]),
        (&json!("ana"), &json!("For Sunday"))
    );
    let request = json!({ "id": id, "kind": "movie", "title": "Open Sky", "year": 2001 });
    assert_eq!(subject["request"], request);
    let letters = house.letters("owner@example.org");
    assert_eq!(letters.len(), 1, "{letters:#?}");
    assert!(letters[0].contains("ana asks for something"), "{letters:#?}");
    for nobody in ["ana", "bob", "cleo"] {
        assert!(
            house.letters(&format!("{nobody}@example.org")).is_empty(),
            "{nobody} answers nothing"
        );
    }

    let path = format!("/api/v1/requests/{id}/answer");
    let body = json!({ "state": "approved", "word": "Next week" });
    for _ in 0..2 {
        let answered = app.send(owner, Method::PUT, &path, Some(body.clone())).await;
        assert_eq!(answered.status, 200, "{}", answered.text());
    }
    app.run_jobs().await;
    for asker in ["ana", "bob"] {
        let letters = house.letters(&format!("{asker}@example.org"));
        assert_eq!(letters.len(), 1, "told once: {letters:#?}");
        assert!(letters[0].contains("A request was approved"), "{letters:#?}");
        assert!(letters[0].contains("Next week"), "{letters:#?}");
    }
    assert!(house.letters("cleo@example.org").is_empty());
    let heard: Vec<Value> = house.heard("/server").iter().map(Heard::json).collect();
    assert_eq!(heard.len(), 3, "the server hears of each");
    assert_eq!(heard[1]["subject"]["state"], "approved");

    make_clip(&folder.join("Open Sky (2001).mp4"));
    app.scan(owner, &films).await;
    for _ in 0..2 {
        app.post(owner, "/jobs/schedules/requests.look/run", Value::Null).await;
        app.run_jobs().await;
    }
    let mut letters = house.letters("ana@example.org");
    letters.retain(|it| it.contains("What was asked for is here"));
    assert_eq!(letters.len(), 1, "{letters:#?}");
    let letters = house.letters("bob@example.org");
    assert_eq!(letters.len(), 1, "for him it is not here: {letters:#?}");
}
