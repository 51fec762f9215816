//! Asking, joining, withdrawing and answering.

use futures::future::join_all;
use serde_json::json;
use sqlx::ConnectOptions as _;

use super::{UNKNOWN, all, answer, ask, code, member, mine, pair, send, text, withdraw};
use crate::app::{App, Caller, PASSWORD};

#[tokio::test]
async fn what_several_ask_for_is_one_request_of_which_each_sees_their_own_part() {
    let (app, owner) = App::start_with_owner().await;
    let ana = member(&app, &owner, "ana", None).await;
    let bob = member(&app, &owner, "bob", None).await;
    let cleo = member(&app, &owner, "cleo", None).await;
    let body = json!({ "kind": "series", "title": "The Tide", "year": 2003, "word": " For Sunday ",
        "seasons": [3, 1, 3] });
    let first = send(&app, &ana, body).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let first = first.json();
    assert_eq!(first["word"], "For Sunday");
    assert_eq!(first["seasons"], json!([1, 3]));
    assert_eq!((&first["state"], &first["answer"]), (&json!("waiting"), &json!(null)));

    // Written another way, it is the same.
    let body = json!({ "kind": "series", "title": "the  TIDE!", "year": 2003, "word": "Me too" });
    let second = send(&app, &bob, body.clone()).await.json();
    assert_eq!(second["id"], first["id"]);
    assert_eq!((&second["word"], &second["seasons"]), (&json!("Me too"), &json!([])));
    assert_eq!(second["title"], "The Tide", "as the first one wrote it");
    for other in [
        json!({ "kind": "movie", "title": "The Tide", "year": 2003 }),
        json!({ "kind": "series", "title": "The Tide", "year": 2004 }),
    ] {
        let other = send(&app, &cleo, other).await.json();
        assert_ne!(other["id"], first["id"]);
    }
    assert_eq!(mine(&app, &ana).await, [pair("The Tide", "waiting")]);
    assert_eq!(mine(&app, &bob).await, [pair("The Tide", "waiting")]);
    assert_eq!(mine(&app, &cleo).await.len(), 2);
    let own = app.get(&ana, "/me/requests").await.text();
    assert!(!own.contains("Me too") && !own.contains("bob"), "{own}");

    let page = app.get(&owner, "/requests?limit=1").await.json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
    let next = text(&page["next"]);
    let rest = app.get(&owner, &format!("/requests?cursor={next}")).await.json();
    let rest = rest["items"].as_array().expect("a list");
    assert_eq!(rest.len(), 2);
    let oldest = &rest[1];
    assert_eq!(oldest["asker_count"], 2);
    assert_eq!(oldest["askers"][0]["name"], "ana");
    assert_eq!(oldest["askers"][0]["seasons"], json!([1, 3]));
    assert_eq!(oldest["askers"][1]["word"], "Me too");
    assert_eq!(oldest["ids"], json!({}));

    // Once more: what one says now counts.
    let body = json!({ "kind": "series", "title": "The Tide", "year": 2003, "seasons": [2] });
    send(&app, &ana, body).await;
    let own = app.get(&ana, "/me/requests").await.json();
    assert_eq!(own["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(own["items"][0]["seasons"], json!([2]));
    assert_eq!(own["items"][0]["word"], json!(null));

    // A person takes along what they asked for.
    let export = app.get(&bob, "/me/export").await.json();
    assert_eq!(export["requests"][0]["title"], "The Tide");
    assert_eq!(export["requests"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn who_ask_at_once_make_one_request_and_nobody_gets_past_the_bound() {
    let (app, owner) = App::start_with_owner().await;
    let mut people = Vec::new();
    for n in 0..6 {
        people.push(member(&app, &owner, &format!("person {n}"), None).await);
    }
    let ids = join_all(people.iter().map(|it| ask(&app, it, "Open Sky", 2001))).await;
    assert!(ids.iter().all(|it| *it == ids[0]), "{ids:?}");
    let open = all(&app, &owner, "").await;
    assert_eq!((open.len(), open[0].2.len()), (1, 6));

    let body = |n: i32| json!({ "kind": "movie", "title": format!("Film {n}"), "year": 2000 });
    let greedy = &people[0];
    for n in 0..40 {
        assert_eq!(send(&app, greedy, body(n)).await.status, 201);
    }
    let asked = join_all((40..60).map(|n| app.post(greedy, "/requests", body(n)))).await;
    let n_made = asked.iter().filter(|it| it.status == 201).count();
    assert_eq!(n_made, 9, "fifty with those that were there");
    for refused in asked.iter().filter(|it| it.status != 201) {
        assert_eq!(code(refused), (409, "requests.too_many".to_owned()));
    }
    let page = app.get(greedy, "/me/requests?limit=500").await.json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(50));

    // Whoever is at the bound may change what they said, and has room for what was declined.
    let again = json!({ "kind": "movie", "title": "Open Sky", "year": 2001, "word": "Please" });
    assert_eq!(send(&app, greedy, again).await.status, 201);
    let declined = answer(&app, &owner, &ids[0], json!({ "state": "declined" })).await;
    assert_eq!(declined.status, 200, "{}", declined.text());
    assert_eq!(send(&app, greedy, body(90)).await.status, 201);
    let refused = send(&app, greedy, body(91)).await;
    assert_eq!(code(&refused), (409, "requests.too_many".to_owned()));
}

#[tokio::test]
async fn the_last_one_who_withdraws_takes_the_request_along() {
    let (app, owner) = App::start_with_owner().await;
    let ana = member(&app, &owner, "ana", None).await;
    let bob = member(&app, &owner, "bob", None).await;
    let id = ask(&app, &ana, "Open Sky", 2001).await;
    assert_eq!(withdraw(&app, &bob, &id).await.status, 404, "it is not theirs");
    assert_eq!(withdraw(&app, &bob, UNKNOWN).await.status, 404);
    assert_eq!(ask(&app, &bob, "Open Sky", 2001).await, id);
    assert_eq!(withdraw(&app, &ana, &id).await.status, 204);
    assert!(mine(&app, &ana).await.is_empty());
    assert_eq!(all(&app, &owner, "").await[0].2, ["bob"]);

    let approved = answer(&app, &owner, &id, json!({ "state": "approved" })).await;
    assert_eq!(approved.status, 200, "{}", approved.text());
    let refused = withdraw(&app, &bob, &id).await;
    assert_eq!(code(&refused), (409, "requests.answered".to_owned()));

    let other = ask(&app, &bob, "Red Tide", 2003).await;
    assert_eq!(withdraw(&app, &bob, &other).await.status, 204);
    assert_eq!(all(&app, &owner, "").await.len(), 1);
    assert_eq!(withdraw(&app, &bob, &other).await.status, 404);
}

#[tokio::test]
async fn an_answer_is_seen_by_all_who_asked_and_may_be_changed() {
    let (app, owner) = App::start_with_owner().await;
    let ana = member(&app, &owner, "ana", None).await;
    let bob = member(&app, &owner, "bob", None).await;
    let id = ask(&app, &ana, "Open Sky", 2001).await;
    ask(&app, &bob, "Open Sky", 2001).await;
    for (body, field) in [
        (json!({ "state": "waiting" }), "state"),
        (json!({ "state": "approved", "word": "x".repeat(501) }), "word"),
    ] {
        let refused = answer(&app, &owner, &id, body).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (422, &json!(field)));
    }
    let body = json!({ "state": "approved", "word": "Next week" });
    assert_eq!(answer(&app, &owner, UNKNOWN, body.clone()).await.status, 404);
    assert_eq!(answer(&app, &ana, &id, body.clone()).await.status, 403);

    let approved = answer(&app, &owner, &id, body).await.json();
    assert_eq!(
        (&approved["state"], &approved["answer"]),
        (&json!("approved"), &json!("Next week"))
    );
    let seen = app.get(&bob, "/me/requests").await.json();
    assert_eq!(seen["items"][0]["answer"], "Next week");
    assert_eq!(mine(&app, &ana).await, [pair("Open Sky", "approved")]);
    assert!(all(&app, &owner, "?state=waiting").await.is_empty());
    assert_eq!(all(&app, &owner, "?state=approved").await.len(), 1);

    answer(&app, &owner, &id, json!({ "state": "declined", "word": "Not to be had" })).await;
    assert_eq!(mine(&app, &bob).await, [pair("Open Sky", "declined")]);
    assert_eq!(ask(&app, &ana, "Open Sky", 2001).await, id, "asking again undoes no answer");
    assert_eq!(mine(&app, &ana).await, [pair("Open Sky", "declined")]);

    // By hand, and taken back.
    answer(&app, &owner, &id, json!({ "state": "available" })).await;
    assert_eq!(mine(&app, &bob).await, [pair("Open Sky", "available")]);
    assert_eq!(all(&app, &owner, "?state=available").await.len(), 1);
    answer(&app, &owner, &id, json!({ "state": "approved" })).await;
    assert_eq!(mine(&app, &bob).await, [pair("Open Sky", "approved")]);

    // Whoever asks for what is said to be here, and does not have it, opens it again; for nobody else.
    answer(&app, &owner, &id, json!({ "state": "available" })).await;
    let cleo = member(&app, &owner, "cleo", None).await;
    ask(&app, &cleo, "Open Sky", 2001).await;
    assert_eq!(mine(&app, &cleo).await, [pair("Open Sky", "approved")]);
    assert_eq!(mine(&app, &bob).await, [pair("Open Sky", "available")]);
    assert_eq!(all(&app, &owner, "").await[0].1, "approved");
}

#[tokio::test]
async fn open_pages_hear_of_it_that_it_concerns() {
    let (app, owner) = App::start_with_owner().await;
    let ana = member(&app, &owner, "ana", None).await;
    let bob = member(&app, &owner, "bob", None).await;
    let mut pages = [app.listen(&owner).await, app.listen(&ana).await, app.listen(&bob).await];
    let id = ask(&app, &ana, "Open Sky", 2001).await;
    for heard in &mut pages[..2] {
        assert!(heard.next_event().await.contains("requests.changed"));
    }
    answer(&app, &owner, &id, json!({ "state": "declined" })).await;
    for heard in &mut pages[..2] {
        assert!(heard.next_event().await.contains("requests.changed"));
    }
    let other = ask(&app, &ana, "Another Sky", 2002).await;
    withdraw(&app, &ana, &other).await;
    for heard in &mut pages[..2] {
        for _ in 0..2 {
            assert!(heard.next_event().await.contains("requests.changed"));
        }
        assert!(heard.is_quiet().await);
    }
    assert!(pages[2].is_quiet().await, "what others ask for is nobody's business");
}

#[tokio::test]
async fn what_nobody_wants_any_more_is_forgotten() {
    let (app, owner) = App::start_with_owner().await;
    let ana = member(&app, &owner, "ana", None).await;
    let bob = member(&app, &owner, "bob", None).await;
    ask(&app, &ana, "Open Sky", 2001).await;
    let shared = ask(&app, &ana, "Red Tide", 2003).await;
    ask(&app, &bob, "Red Tide", 2003).await;
    let gone = text(&app.get(&ana, "/me").await.json()["id"]);
    let path = format!("/api/v1/people/{gone}");
    let deleted = app.send(&owner, axum::http::Method::DELETE, &path, None).await;
    assert!(deleted.status.is_success(), "{}", deleted.text());
    let left = all(&app, &owner, "").await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].2, ["bob"]);
    app.run_scheduled(&owner, "requests.forget").await;
    let mut db = app.database.options().connect().await.expect("connected");
    let kept = sqlx::query_scalar::<_, String>("SELECT title FROM requests.request");
    assert_eq!(kept.fetch_all(&mut db).await.expect("rows"), ["Red Tide"]);

    answer(&app, &owner, &shared, json!({ "state": "declined" })).await;
    app.clock.advance(std::time::Duration::from_hours(24 * 364));
    let owner = sign_in(&app).await;
    app.run_scheduled(&owner, "requests.forget").await;
    assert_eq!(all(&app, &owner, "").await.len(), 1, "not yet");
    app.clock.advance(std::time::Duration::from_hours(48));
    let owner = sign_in(&app).await;
    app.run_scheduled(&owner, "requests.forget").await;
    assert!(all(&app, &owner, "").await.is_empty());
}

/// The owner, on a device of today: older sessions are over.
async fn sign_in(app: &App) -> Caller {
    let body = json!({ "name": "owner", "password": PASSWORD });
    let signed_in = app.post(&Caller::nobody(), "/sessions", body).await;
    Caller::with_token(signed_in.json()["token"].as_str().expect("a token"))
}
