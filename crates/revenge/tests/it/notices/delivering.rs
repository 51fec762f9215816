//! What becomes of a notice on its way.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use testkit::mouthpiece::Answer;

use super::House;
use crate::app::PASSWORD;

impl House {
    async fn test(&self, target: &str) -> u16 {
        let path = format!("/notices/targets/{target}/test");
        let status = self.app.post(&self.owner, &path, Value::Null).await.status.as_u16();
        self.app.run_jobs().await;
        status
    }

    /// Something happens that the target hears of: somebody signs in for the first time.
    async fn happen(&self, name: &str) {
        self.app.person(&self.owner, json!({ "name": name, "password": PASSWORD })).await;
        self.app.run_jobs().await;
    }

    async fn targets(&self) -> Vec<Value> {
        let list = self.app.get(&self.owner, "/notices/targets").await.json();
        list["items"].as_array().expect("a list").clone()
    }
}

#[tokio::test]
async fn what_does_not_arrive_is_sent_again_under_the_same_id() {
    let house = House::start().await;
    let target = house.target("/in", json!({})).await;
    house.server.will_answer([Answer::Status(500), Answer::Later(5), Answer::Well]);
    house.happen("ana").await;
    let heard = house.heard("/in");
    assert_eq!(heard.len(), 3);
    let ids: Vec<&str> = heard.iter().map(|it| it.header("webhook-id")).collect();
    assert!(ids.iter().all(|it| *it == ids[0] && *it == heard[0].json()["id"]), "{ids:?}");
    let [line] = house.log(&house.owner, &target).await.try_into().expect("one line");
    assert_eq!(line["status"], "sent");
    assert_eq!(line["attempts"], 3);
    assert_eq!(line["error"], Value::Null);
    assert_eq!(line["event"], "session.new_device");
    assert_eq!(line["event_id"], ids[0]);
    assert_eq!(house.targets().await[0]["failing_since"], Value::Null);
}

#[tokio::test]
async fn what_never_arrives_is_given_up_and_can_be_sent_again() {
    let house = House::start().await;
    let target = house.target("/in", json!({})).await;
    house.server.will_answer(vec![Answer::Status(503); 12]);
    house.happen("ana").await;
    assert_eq!(house.heard("/in").len(), 12, "a bounded number of tries");
    let [line] = house.log(&house.owner, &target).await.try_into().expect("one line");
    assert_eq!((&line["status"], &line["attempts"]), (&json!("failed"), &json!(12)));
    assert_eq!(line["error"], "127.0.0.1: it answered with status 503");
    assert_ne!(house.targets().await[0]["failing_since"], Value::Null);

    let again = format!("/notices/deliveries/{}/again", line["id"].as_str().expect("an id"));
    assert_eq!(house.app.post(&house.owner, &again, Value::Null).await.status, 202);
    let twice = house.app.post(&house.owner, &again, Value::Null).await;
    assert_eq!(twice.json()["code"], "notices.still_waiting");
    house.app.run_jobs().await;
    let [line] = house.log(&house.owner, &target).await.try_into().expect("one line");
    assert_eq!((&line["status"], &line["attempts"]), (&json!("sent"), &json!(1)));
    let heard = house.heard("/in");
    assert_eq!(heard[12].header("webhook-id"), heard[0].header("webhook-id"));
}

#[tokio::test]
async fn a_target_that_is_gone_is_given_up_until_somebody_changes_it() {
    let house = House::start().await;
    let target = house.target("/in", json!({})).await;
    house.server.will_answer([Answer::Status(410)]);
    house.happen("ana").await;
    assert_eq!(house.heard("/in").len(), 1);
    let reason = house.targets().await[0]["paused_reason"].clone();
    assert_eq!(reason, "127.0.0.1: it answered with status 410");
    house.happen("bob").await;
    assert_eq!(house.heard("/in").len(), 1, "nothing is sent there any more");

    let path = format!("/api/v1/notices/targets/{target}");
    let on = json!({ "is_enabled": true });
    let changed = house.app.send(&house.owner, Method::PATCH, &path, Some(on)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(changed.json()["target"]["paused_reason"], Value::Null);
    house.happen("eve").await;
    assert_eq!(house.heard("/in").len(), 2);
}

#[tokio::test]
async fn a_target_where_nothing_arrives_for_a_day_is_given_up() {
    let house = House::start().await;
    house.target("/in", json!({})).await;
    for (number, is_over) in [(0, false), (1, true)] {
        house.server.will_answer(vec![Answer::Status(500); 12]);
        house.happen(&format!("person {number}")).await;
        house.app.clock.advance(Duration::from_hours(25));
        assert_eq!(house.targets().await[0]["paused_reason"].is_string(), is_over, "{number}");
    }
}

#[tokio::test]
async fn a_test_is_tried_once_even_where_the_target_was_given_up() {
    let house = House::start().await;
    let target = house.target("/in", json!({ "events": [] })).await;
    house.server.will_answer([Answer::Status(500)]);
    assert_eq!(house.test(&target).await, 202);
    assert_eq!(house.test(&target).await, 202);
    assert_eq!(house.kinds("/in"), ["test", "test"]);
    let log = house.log(&house.owner, &target).await;
    let states: Vec<&Value> = log.iter().map(|it| &it["status"]).collect();
    assert_eq!(states.len(), 2);
    assert!(states.contains(&&json!("sent")) && states.contains(&&json!("failed")), "{log:#?}");
    assert_eq!(house.targets().await[0]["failing_since"], Value::Null, "a test counts for nothing");
    house.app.clock.advance(Duration::from_hours(24 * 31));
    let forget = "/jobs/schedules/notices.forget/run";
    let owner = json!({ "name": "owner", "password": PASSWORD });
    let signed_in = house.app.post(&crate::app::Caller::nobody(), "/sessions", owner).await.json();
    let owner = crate::app::Caller::with_token(signed_in["token"].as_str().expect("a token"));
    assert!(house.app.post(&owner, forget, Value::Null).await.status.is_success());
    house.app.run_jobs().await;
    let log = house.log(&owner, &target).await;
    assert!(log.iter().all(|it| it["event"] != "test"), "after 30 days it is forgotten: {log:#?}");
}

#[tokio::test]
async fn a_mailbox_gets_a_bounded_number_of_letters_an_hour_and_the_rest_later() {
    let house = House::start().await;
    let own = house.mailbox(&house.owner, "owner@example.org").await;
    for number in 0..45 {
        house.app.clock.advance(Duration::from_secs(20));
        assert_eq!(house.test(&own).await, 202, "{number}");
    }
    assert_eq!(house.letters("owner@example.org").len(), 30);
    let path = format!("/notices/targets/{own}/deliveries?limit=100");
    let count = async |status: &str| {
        let list = house.app.get(&house.owner, &path).await.json();
        let items = list["items"].as_array().expect("a list").clone();
        assert_eq!(items.len(), 45);
        items.iter().filter(|it| it["status"] == status).count()
    };
    assert_eq!((count("sent").await, count("waiting").await), (30, 15));
    house.app.run_scheduled(&house.owner, "notices.gather").await;
    assert_eq!(house.letters("owner@example.org").len(), 30, "it is not their time yet");

    house.app.clock.advance(Duration::from_mins(76));
    house.app.run_scheduled(&house.owner, "notices.gather").await;
    assert_eq!(house.letters("owner@example.org").len(), 45);
    assert_eq!(count("sent").await, 45);
}
