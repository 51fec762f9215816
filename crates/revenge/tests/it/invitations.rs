//! Inviting people by a link, and coming by one.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};
use crate::roles::{id_of, role};

async fn invite(app: &App, by: &Caller, more: Value) -> Answer {
    let expires_at = app.clock.now() + chrono::TimeDelta::days(7);
    let mut body = json!({ "role_id": role(app, by, "member").await, "expires_at": expires_at });
    let fields = body.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    app.post(by, "/invitations", body).await
}

fn token(made: &Answer) -> String {
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["token"].as_str().expect("a token").to_owned()
}

async fn come(app: &App, token: &str, name: &str) -> Answer {
    let body = json!({ "token": token, "name": name, "password": PASSWORD, "language": "de" });
    app.post(&Caller::nobody(), "/invitations/accept", body).await
}

#[tokio::test]
async fn who_comes_by_a_link_has_the_role_and_libraries_that_the_inviter_chose() {
    let (app, owner) = App::start_with_owner().await;
    let (library, _) = app.library(&owner, "Films").await;
    app.library(&owner, "Other").await;
    let child = role(&app, &owner, "child").await;
    let body = json!({ "role_id": child, "library_ids": [library], "note": "For Mika" });
    let link = token(&invite(&app, &owner, body).await);

    let seen = app.post(&Caller::nobody(), "/invitations/find", json!({ "token": link })).await;
    assert_eq!((seen.status.as_u16(), &seen.json()["person"]), (200, &json!("owner")));
    let taken = come(&app, &link, "Owner").await;
    assert_eq!(taken.json()["code"], "accounts.name_taken", "and the link still works");
    let came = come(&app, &link, "mika").await;
    assert_eq!(came.status, 201, "{}", came.text());
    assert!(came.headers.contains_key("set-cookie"), "the browser is signed in");
    let mika = Caller::with_token(came.json()["token"].as_str().expect("a token"));
    let me = app.get(&mika, "/me").await.json();
    assert_eq!((&me["role"], &me["language"]), (&json!("Child"), &json!("de")));
    let libraries = app.get(&mika, "/libraries").await.json();
    assert_eq!(libraries["items"].as_array().expect("a list").len(), 1);

    assert_eq!(come(&app, &link, "second").await.status, 404, "it was for one");
    let list = app.get(&owner, "/invitations").await.json();
    let first = &list["items"][0];
    assert_eq!((&first["uses"], &first["note"]), (&json!(1), &json!("For Mika")));
    assert!(!list.to_string().contains(&link), "the link is shown once");
}

#[tokio::test]
async fn a_link_ends_by_time_by_uses_and_when_it_is_taken_back() {
    let (app, owner) = App::start_with_owner().await;
    let taken_back = invite(&app, &owner, json!({})).await;
    let link = token(&taken_back);
    let path = format!(
        "/api/v1/invitations/{}",
        taken_back.json()["invitation"]["id"].as_str().expect("an id")
    );
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(come(&app, &link, "a").await.status, 404);

    let for_two = token(&invite(&app, &owner, json!({ "max_uses": 2 })).await);
    let (first, second, third) = tokio::join!(
        come(&app, &for_two, "b"),
        come(&app, &for_two, "c"),
        come(&app, &for_two, "d")
    );
    let mut statuses = [&first, &second, &third].map(|it| it.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 404], "however many come at once");

    let late = token(&invite(&app, &owner, json!({})).await);
    app.clock.advance(Duration::from_hours(24 * 7));
    let late = come(&app, &late, "e").await;
    let made_up = come(&app, &"A".repeat(64), "e").await;
    assert_eq!(late.status, 404);
    assert_eq!(late.json()["detail"], made_up.json()["detail"], "as if it had never been one");

    for wrong in [json!({ "max_uses": 0 }), json!({ "max_uses": 101 }), json!({ "note": "a\nb" })] {
        assert_eq!(invite(&app, &owner, wrong.clone()).await.status, 422, "{wrong}");
    }
    let far = app.clock.now() + chrono::TimeDelta::days(91);
    assert_eq!(invite(&app, &owner, json!({ "expires_at": far })).await.status, 422);
}

#[tokio::test]
async fn nobody_invites_to_more_than_they_have_and_a_link_is_worth_what_its_maker_is() {
    let (app, owner) = App::start_with_owner().await;
    let (mine, _) = app.library(&owner, "Mine").await;
    let (other, _) = app.library(&owner, "Other").await;
    let (admin, manager) = (role(&app, &owner, "admin").await, role(&app, &owner, "manager").await);
    let body = json!({ "name": "manager", "password": PASSWORD, "role_id": manager, "library_ids": [mine] });
    let by = app.person(&owner, body).await;
    for more in [
        json!({ "role_id": admin }),
        json!({ "all_libraries": true }),
        json!({ "library_ids": [mine, other] }),
    ] {
        assert_eq!(invite(&app, &by, more.clone()).await.status, 403, "{more}");
    }
    let own = invite(&app, &by, json!({ "library_ids": [mine] })).await;
    let link = token(&own);
    let of_owner = invite(&app, &owner, json!({})).await;
    let owners = token(&of_owner);
    let seen = app.get(&by, "/invitations").await.json();
    assert_eq!(seen["items"].as_array().expect("a list").len(), 1, "one's own alone");
    let seen = app.get(&owner, "/invitations").await.json();
    assert_eq!(seen["items"].as_array().expect("a list").len(), 2);
    let of_owner = of_owner.json()["invitation"]["id"].clone();
    let path = format!("/api/v1/invitations/{}", of_owner.as_str().expect("an id"));
    assert_eq!(app.send(&by, Method::DELETE, &path, None).await.status, 404);

    let path = format!("/api/v1/people/{}", id_of(&app, &by).await);
    let member = json!({ "role_id": role(&app, &owner, "member").await });
    assert_eq!(app.send(&owner, Method::PATCH, &path, Some(member)).await.status, 200);
    assert_eq!(come(&app, &link, "late").await.status, 404, "a member invites nobody");
    assert_eq!(come(&app, &owners, "fine").await.status, 201);
    assert_eq!(invite(&app, &by, json!({})).await.status, 403);
}

#[tokio::test]
async fn trying_links_is_slow() {
    let (app, _) = App::start_with_owner().await;
    let mut is_stopped = false;
    for _ in 0..30 {
        let body = json!({ "token": "A".repeat(64) });
        let answer = app.post(&Caller::nobody(), "/invitations/find", body).await;
        is_stopped |= answer.status == 429;
    }
    assert!(is_stopped);
}
