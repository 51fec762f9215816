//! Where notices go: whose they are, what may be entered, what is shown of it.

use axum::http::Method;
use serde_json::{Value, json};

use super::House;
use crate::app::{Caller, PASSWORD};

#[tokio::test]
async fn a_target_is_its_owners_alone() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let ana = app.person(owner, json!({ "name": "ana", "password": PASSWORD })).await;
    let bob = app.person(owner, json!({ "name": "bob", "password": PASSWORD })).await;
    let hers = house.mailbox(&ana, "ana@example.org").await;
    let servers = house.target("/in", json!({})).await;
    let mut deliveries = Vec::new();
    for (who, target) in [(&ana, &hers), (owner, &servers)] {
        let test = format!("/notices/targets/{target}/test");
        assert_eq!(app.post(who, &test, Value::Null).await.status, 202);
        app.run_jobs().await;
        deliveries.push(house.log(who, target).await[0]["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(app.get(&bob, "/me/notices/targets").await.json()["items"], json!([]));
    assert_eq!(app.get(&bob, "/notices/targets").await.status, 403);
    // Not even whoever administers the server reads or changes what is somebody's own.
    for (who, target, delivery) in
        [(&bob, &hers, 0), (owner, &hers, 0), (&bob, &servers, 1), (&ana, &servers, 1)]
    {
        let at = format!("/api/v1/notices/targets/{target}");
        let again = format!("/api/v1/notices/deliveries/{}/again", deliveries[delivery]);
        for (method, path, body) in [
            (Method::PATCH, at.clone(), Some(json!({ "is_enabled": false }))),
            (Method::DELETE, at.clone(), None),
            (Method::POST, format!("{at}/test"), None),
            (Method::POST, format!("{at}/secret"), None),
            (Method::GET, format!("{at}/deliveries"), None),
            (Method::POST, again, None),
        ] {
            let answer = app.send(who, method.clone(), &path, body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
        }
    }
    let deleted = format!("/api/v1/notices/targets/{hers}");
    assert_eq!(app.send(&ana, Method::DELETE, &deleted, None).await.status, 204);
    assert_eq!(app.get(&ana, "/me/notices/targets").await.json()["items"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_the_name_of_its_field() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let (hidden, _) = app.library(owner, "Hidden").await;
    let body = json!({ "name": "ana", "password": PASSWORD, "all_libraries": false });
    let ana = app.person(owner, body).await;
    let mail = "mailto:ana@example.org";
    for (body, field) in [
        (json!({}), "address"),
        (json!({ "address": "gopher://example.org" }), "address"),
        (json!({ "address": "mailtos://ana:pw@10.0.0.1" }), "address"),
        (json!({ "address": mail, "name": "" }), "name"),
        (json!({ "address": mail, "name": "x".repeat(65) }), "name"),
        (json!({ "address": mail, "events": ["job.failed"] }), "events"),
        (json!({ "address": mail, "events": ["weather"] }), "events"),
        (json!({ "address": mail, "library_ids": [hidden] }), "library_ids"),
        (json!({ "address": mail, "language": "tlh" }), "language"),
        (json!({ "address": mail, "is_local": true }), "is_local"),
    ] {
        let answer = app.post(&ana, "/me/notices/targets", body.clone()).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert!(answer.text().contains(&format!("\"{field}")), "{body}: {}", answer.text());
    }
    for _ in 0..10 {
        house.mailbox(&ana, "ana@example.org").await;
    }
    let answer = app.post(&ana, "/me/notices/targets", json!({ "address": mail })).await;
    assert_eq!(answer.json()["code"], "notices.too_many_targets");
    for body in [
        json!({ "host": "", "security": "tls", "sender": "a@example.org" }),
        json!({ "host": "a/b", "security": "tls", "sender": "a@example.org" }),
        json!({ "host": "example.org", "security": "tls", "sender": "nobody" }),
        json!({ "host": "example.org", "port": 0, "security": "tls", "sender": "a@example.org" }),
        json!({ "host": "example.org", "security": "hope", "sender": "a@example.org" }),
    ] {
        assert_eq!(house.put("/notices/mail-server", body.clone()).await.0, 422, "{body}");
    }
}

#[tokio::test]
async fn a_persons_target_never_reaches_into_the_servers_network() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let ana = app.person(owner, json!({ "name": "ana", "password": PASSWORD })).await;
    let address = format!("json://127.0.0.1:{}/in", house.server.port);
    let made = app.post(&ana, "/me/notices/targets", json!({ "address": address })).await.json();
    let id = made["target"]["id"].as_str().expect("an id").to_owned();
    app.post(&ana, &format!("/notices/targets/{id}/test"), Value::Null).await;
    app.run_jobs().await;
    let [line] = house.log(&ana, &id).await.try_into().expect("one line");
    assert_eq!(line["status"], "failed");
    assert_eq!(line["error"], "127.0.0.1: refused: its address is not a public one");
    assert!(house.server.heard().is_empty());
}

#[tokio::test]
async fn secrets_are_shown_once_and_kept_sealed() {
    let house = House::start().await;
    let (app, owner) = (&house.app, &house.owner);
    let address = format!("json://ana:hunter2@127.0.0.1:{}/tok3n", house.server.port);
    let body = json!({ "name": "Hook", "address": address, "is_local": true });
    let made = app.post(owner, "/notices/targets", body).await.json();
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_"));
    let id = made["target"]["id"].as_str().expect("an id").to_owned();
    let mail = json!({ "host": "127.0.0.1", "port": house.mail.port, "security": "none",
        "username": "revenge", "password": "hunter2", "sender": "revenge@example.org" });
    assert_eq!(house.put("/notices/mail-server", mail).await.0, 200);
    let shown = [
        app.get(owner, "/notices/targets").await.text(),
        app.get(owner, "/notices/mail-server").await.text(),
        app.get(owner, "/me/export").await.text(),
        app.get(owner, "/audit").await.text(),
        house.rows().await,
    ];
    for text in &shown {
        for hidden in ["hunter2", "tok3n", &secret] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
    assert!(shown[3].contains("POST /notices/targets"), "changes are noted: {}", shown[3]);
    assert!(shown[1].contains("\"has_password\":true"));

    let rotated = app.post(owner, &format!("/notices/targets/{id}/secret"), Value::Null).await;
    let other = rotated.json()["secret"].as_str().expect("a secret").to_owned();
    assert_ne!(other, secret);
    app.post(owner, &format!("/notices/targets/{id}/test"), Value::Null).await;
    app.run_jobs().await;
    let [heard] = house.server.heard().try_into().expect("one");
    let timestamp = heard.header("webhook-timestamp").parse().expect("a number");
    let sign = |secret: &str| {
        notices::send::sign::signature(secret, heard.header("webhook-id"), timestamp, &heard.body)
    };
    assert_eq!(sign(&other).as_deref(), Some(heard.header("webhook-signature")));
    assert_ne!(sign(&secret), sign(&other));

    // The password goes to no other host than the one it was entered for.
    let moved = json!({ "host": "localhost", "security": "none", "username": "revenge",
        "sender": "revenge@example.org" });
    let (status, answer) = house.put("/notices/mail-server", moved).await;
    assert_eq!((status, &answer["mail_server"]["has_password"]), (200, &json!(false)));
    let path = "/api/v1/notices/mail-server";
    assert_eq!(app.send(owner, Method::DELETE, path, None).await.status, 204);
    assert_eq!(app.get(owner, "/notices/mail-server").await.json()["mail_server"], Value::Null);
    let member = app.person(owner, json!({ "name": "m", "password": PASSWORD })).await;
    assert_eq!(app.get(&member, "/notices/mail-server").await.status, 403);
    assert_eq!(app.get(&Caller::nobody(), "/notices/mail-server").await.status, 401);
}

#[tokio::test]
async fn a_persons_targets_are_in_their_export_and_changed_by_what_is_named() {
    let house = House::start().await;
    let ana = house.app.person(&house.owner, json!({ "name": "ana", "password": PASSWORD })).await;
    let id = house.mailbox(&ana, "ana@example.org").await;
    let export = house.app.get(&ana, "/me/export").await.json();
    let [target] = export["notice_targets"].as_array().expect("a list").as_slice() else {
        panic!("one target: {export}")
    };
    assert_eq!(
        (&target["channel"], &target["address"]),
        (&json!("mail"), &json!("ana@example.org"))
    );

    let path = format!("/api/v1/notices/targets/{id}");
    let patch = json!({ "name": "Post", "events": ["items.added"] });
    let changed = house.app.send(&ana, Method::PATCH, &path, Some(patch)).await.json();
    assert_eq!(changed["target"]["name"], "Post");
    assert_eq!(changed["target"]["events"], json!(["items.added"]));
    assert_eq!(changed["target"]["address"], "ana@example.org", "what is not named stays");
    let hook = json!({ "address": "https://example.org/in" });
    let changed = house.app.send(&ana, Method::PATCH, &path, Some(hook)).await.json();
    assert_eq!(changed["target"]["channel"], "webhook");
    assert!(changed["secret"].is_string(), "a new webhook has a new secret");
    let refused = json!({ "events": ["backup.made"] });
    assert_eq!(house.app.send(&ana, Method::PATCH, &path, Some(refused)).await.status, 422);
}
