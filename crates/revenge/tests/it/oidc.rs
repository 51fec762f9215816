//! Signing in by a provider of identity: a real one, over HTTP.

mod house;

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};
use url::Url;

use crate::app::{Answer, App, Caller, PASSWORD};
use house::{BASE, Browser, House, returned};

fn code_of(answer: &Answer) -> String {
    answer.json()["code"].as_str().unwrap_or_default().to_owned()
}

fn with(url: &Url, name: &str, value: &str) -> Url {
    let mut changed = url.clone();
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let pairs = pairs
        .into_iter()
        .map(|(key, old)| if key == name { (key, value.to_owned()) } else { (key, old) });
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    changed
}

#[tokio::test]
async fn who_the_provider_signs_in_gets_an_account_with_the_role_and_the_libraries_of_their_groups()
{
    let house = House::start();
    let app = house
        .app(json!({
            "create": "by_group",
            "roles": [{ "group": "chiefs", "role": "manager" }, { "group": "kids", "role": "child" }],
            "libraries": [
                { "group": "family", "libraries": ["Films", "No such library"] },
                { "group": "chiefs", "libraries": ["*"] },
            ],
        }))
        .await;
    let owner = app.owner().await;
    let (films, _) = app.library(&owner, "Films").await;
    app.library(&owner, "Others").await;

    let ways = app.get(&Caller::nobody(), "/sign-in").await.json();
    assert_eq!(ways["providers"], json!([{ "id": "home", "name": "Home", "linking": true }]));

    let mut browser = Browser::new();
    let done = browser.sign_in(&app, "ana", "family kids").await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert_eq!(done.json()["person"]["name"], "ana");
    let me = app.get(&browser.caller(), "/me").await.json();
    assert_eq!(me["role"], "Child");
    let libraries = app.get(&browser.caller(), "/libraries").await.json();
    let ids: Vec<_> =
        libraries["items"].as_array().expect("a list").iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [films.as_str()]);

    // The groups of each sign-in count, also for the session before.
    let mut other = Browser::new();
    assert_eq!(other.sign_in(&app, "ana", "chiefs").await.status, 201);
    assert_eq!(app.get(&browser.caller(), "/me").await.json()["role"], "Manager");
    assert_eq!(
        app.get(&browser.caller(), "/libraries").await.json()["items"].as_array().map(Vec::len),
        Some(2)
    );
    let people = app.get(&owner, "/people").await.json();
    assert_eq!(people["items"].as_array().map(Vec::len), Some(2), "it is the same account");

    let stranger = Browser::new().sign_in(&app, "eve", "strangers").await;
    assert_eq!(
        (stranger.status.as_u16(), code_of(&stranger).as_str()),
        (409, "accounts.no_account")
    );

    // A password does not open the account; an empty one neither.
    for password in ["", PASSWORD] {
        let body = json!({ "name": "ana", "password": password });
        assert_eq!(app.post(&Caller::nobody(), "/sessions", body).await.status, 422);
    }
    let acts = app.get(&owner, "/audit").await.text();
    for act in
        ["sign_in_new_device", "provider home", "person_changed_by_provider", "sign_in_failed"]
    {
        assert!(acts.contains(act), "{act}: {acts}");
    }
}

#[tokio::test]
async fn the_way_back_is_good_once_soon_and_in_the_browser_that_went() {
    let house = House::start();
    let app = house.app(json!({ "create": "always" })).await;
    app.owner().await;
    let again = "accounts.provider_begin_again";

    let mut browser = Browser::new();
    let back = browser.travel(&app, "ana", "").await;
    let mut wrong = back.clone();
    wrong["state"] = "made-up".into();
    assert_eq!(code_of(&browser.finish(&app, &wrong).await), again, "a made-up state");
    assert_eq!(code_of(&Browser::new().finish(&app, &back).await), again, "another browser");
    let mut thief = Browser::new();
    thief.begin(&app).await;
    assert_eq!(
        code_of(&thief.finish(&app, &back).await),
        again,
        "another browser with a way of its own"
    );
    assert_eq!(browser.finish(&app, &back).await.status, 201);
    assert_eq!(code_of(&browser.finish(&app, &back).await), again, "the same once more");

    let late = browser.travel(&app, "ana", "").await;
    app.clock.advance(Duration::from_mins(11));
    assert_eq!(code_of(&browser.finish(&app, &late).await), again, "too late");
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_its_secrets() {
    let house = House::start();
    let app = house.app(json!({ "create": "always" })).await;
    app.owner().await;

    // Somebody else's code under a way of one's own: the provider asks for the verifier that belongs to the code.
    let mut victim = Browser::new();
    let stolen = victim.travel(&app, "ana", "").await;
    let mut thief = Browser::new();
    let mut own = thief.travel(&app, "eve", "").await;
    own["code"] = stolen["code"].clone();
    assert_eq!(code_of(&thief.finish(&app, &own).await), "accounts.provider_begin_again");

    // A used code under a new way.
    let mut browser = Browser::new();
    let used = browser.travel(&app, "ana", "").await;
    assert_eq!(browser.finish(&app, &used).await.status, 201);
    let mut fresh = browser.travel(&app, "ana", "").await;
    fresh["code"] = used["code"].clone();
    assert_eq!(code_of(&browser.finish(&app, &fresh).await), "accounts.provider_begin_again");

    // A token that was made for another sign-in.
    let url = browser.begin(&app).await;
    let url = with(&url, "nonce", "another-nonce");
    let back = returned(&browser.sign_in_at(url, &[("login", "ana"), ("groups", "")]).await);
    assert_eq!(code_of(&browser.finish(&app, &back).await), "accounts.provider_not_believed");

    // Another provider sends them back.
    let mut mixed = browser.travel(&app, "ana", "").await;
    mixed["iss"] = "https://elsewhere.example".into();
    assert_eq!(code_of(&browser.finish(&app, &mixed).await), "accounts.provider_not_believed");

    // They would rather not.
    let url = browser.begin(&app).await;
    let refused =
        browser.sign_in_at(url, &[("login", "zoe"), ("groups", ""), ("refuse", "1")]).await;
    let refused = browser.finish(&app, &returned(&refused)).await;
    // The provider knows ana by its cookie, and does not ask again; a browser it does not know is asked.
    assert!(refused.status == 201 || code_of(&refused) == "accounts.provider_refused");
    let mut unknown = Browser::new();
    let url = unknown.begin(&app).await;
    let refused =
        unknown.sign_in_at(url, &[("login", "zoe"), ("groups", ""), ("refuse", "1")]).await;
    let refused = unknown.finish(&app, &returned(&refused)).await;
    assert_eq!(code_of(&refused), "accounts.provider_refused");
    assert!(refused.json()["detail"].as_str().expect("words").contains("access_denied"));

    // The token's time is measured by our clock, which is far ahead now.
    app.clock.advance(Duration::from_hours(24 * 365 * 20));
    let old = Browser::new().sign_in(&app, "ana", "").await;
    assert_eq!(code_of(&old), "accounts.provider_not_believed", "{}", old.text());
}

#[tokio::test]
async fn an_account_is_never_taken_over_by_its_name_but_connected_by_its_person() {
    let house = House::start();
    let app = house.app(json!({ "create": "always" })).await;
    let owner = app.owner().await;
    let taken = Browser::new().sign_in(&app, "Owner", "").await;
    assert_eq!(code_of(&taken), "accounts.provider_name_taken");

    let mut browser = Browser::new();
    let body = json!({ "name": "owner", "password": PASSWORD });
    let signed_in = app.post(&Caller::nobody(), "/sessions", body).await;
    house::keep(&mut browser.here, &signed_in.headers);
    let url = browser.begin_at(&app, "/me/identities/oidc/home").await;
    let back = returned(&browser.sign_in_at(url, &[("login", "Owner"), ("groups", "")]).await);
    // What began as connecting does not sign in.
    assert_eq!(code_of(&browser.finish(&app, &back).await), "accounts.provider_begin_again");
    let made = app.post(&browser.caller(), "/me/identities", back).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!((&made.json()["provider"], &made.json()["name"]), (&json!("Home"), &json!("Owner")));

    let mut by_provider = Browser::new();
    let done = by_provider.sign_in(&app, "Owner", "").await;
    assert_eq!(
        (done.status.as_u16(), &done.json()["person"]["role"]),
        (201, &json!("Administrator"))
    );

    // Nobody else can have it.
    let bob = app.person(&owner, json!({ "name": "bob", "password": PASSWORD })).await;
    let mut bobs = Browser::new();
    let body = json!({ "name": "bob", "password": PASSWORD });
    house::keep(&mut bobs.here, &app.post(&Caller::nobody(), "/sessions", body).await.headers);
    let url = bobs.begin_at(&app, "/me/identities/oidc/home").await;
    let back = returned(&bobs.sign_in_at(url, &[("login", "Owner"), ("groups", "")]).await);
    let refused = app.post(&bobs.caller(), "/me/identities", back).await;
    assert_eq!(code_of(&refused), "accounts.identity_in_use");
    assert_eq!(app.get(&bob, "/me/identities").await.json()["items"], json!([]));

    // Parting with it, within minutes of showing the password.
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/me/identities/{id}");
    assert_eq!(app.send(&bob, Method::DELETE, &path, None).await.status, 404);
    app.clock.advance(Duration::from_mins(11));
    let late = app.send(&browser.caller(), Method::DELETE, &path, None).await;
    assert_eq!(code_of(&late), "accounts.confirm_first");
    app.post(&browser.caller(), "/me/confirmation", json!({ "password": PASSWORD })).await;
    assert_eq!(app.send(&browser.caller(), Method::DELETE, &path, None).await.status, 204);
    assert_eq!(
        code_of(&Browser::new().sign_in(&app, "Owner", "").await),
        "accounts.provider_name_taken"
    );
}

#[tokio::test]
async fn nobody_parts_with_their_last_way_in_and_a_first_password_needs_no_old_one() {
    let house = House::start();
    let app = house.app(json!({ "create": "always" })).await;
    app.owner().await;
    let mut browser = Browser::new();
    assert_eq!(browser.sign_in(&app, "ana", "").await.status, 201);
    let mine = app.get(&browser.caller(), "/me/identities").await.json();
    assert_eq!(mine["has_password"], false);
    let path = format!("/api/v1/me/identities/{}", mine["items"][0]["id"].as_str().expect("an id"));
    let refused = app.send(&browser.caller(), Method::DELETE, &path, None).await;
    assert_eq!(code_of(&refused), "accounts.last_way_in");
    let password = json!({ "current": "", "new": PASSWORD });
    let set = app.send(&browser.caller(), Method::PUT, "/api/v1/me/password", Some(password)).await;
    assert_eq!(set.status, 204, "{}", set.text());
    assert_eq!(app.send(&browser.caller(), Method::DELETE, &path, None).await.status, 204);
    let body = json!({ "name": "ana", "password": PASSWORD });
    assert_eq!(app.post(&Caller::nobody(), "/sessions", body).await.status, 201);
}

#[tokio::test]
async fn signing_out_leads_to_the_provider_and_back() {
    let house = House::start();
    let app = house.app(json!({ "create": "always" })).await;
    let owner = app.owner().await;
    let path = "/api/v1/sessions/current";
    assert_eq!(
        app.send(&owner, Method::DELETE, path, None).await.status,
        204,
        "no provider, no way"
    );

    let mut browser = Browser::new();
    assert_eq!(browser.sign_in(&app, "ana", "").await.status, 201);
    let left = app.send(&browser.caller(), Method::DELETE, path, None).await;
    assert_eq!(left.status, 200, "{}", left.text());
    assert_eq!(app.get(&browser.caller(), "/me").await.status, 401);
    let url: Url = left.json()["url"].as_str().expect("an address").parse().expect("an address");
    let page = browser.ask(&url, None).await.text().await.expect("a page");
    let xsrf = page.split("name=\"xsrf\" value=\"").nth(1).and_then(|it| it.split('"').next());
    let form = [("xsrf", xsrf.expect("a form")), ("logout", "yes")];
    let confirm = url.join("/session/end/confirm").expect("an address");
    let answer = browser.ask(&confirm, Some(&form)).await;
    let back = answer.headers()["location"].to_str().expect("text").to_owned();
    assert!(back.starts_with(&format!("{BASE}/sign-in")), "{back}");
    // The provider asks again who they are.
    let url = browser.begin(&app).await;
    let next = browser.ask(&url, None).await;
    assert!(next.headers()["location"].to_str().expect("text").starts_with("/interaction/"));
}

#[tokio::test]
async fn a_rule_never_takes_the_last_administrator_away() {
    let house = House::start();
    let app = house.app(json!({ "roles": [{ "group": "chiefs", "role": "admin" }] })).await;
    app.owner().await;
    let mut browser = Browser::new();
    let body = json!({ "name": "owner", "password": PASSWORD });
    house::keep(&mut browser.here, &app.post(&Caller::nobody(), "/sessions", body).await.headers);
    let url = browser.begin_at(&app, "/me/identities/oidc/home").await;
    let back = returned(&browser.sign_in_at(url, &[("login", "o"), ("groups", "")]).await);
    assert_eq!(app.post(&browser.caller(), "/me/identities", back).await.status, 201);
    let done = Browser::new().sign_in(&app, "o", "nothing").await;
    assert_eq!(
        (done.status.as_u16(), &done.json()["person"]["role"]),
        (201, &json!("Administrator"))
    );
}

#[tokio::test]
async fn a_second_factor_is_asked_for_after_the_provider_unless_that_asks_itself() {
    for (trusted, expect) in [(false, 202), (true, 201)] {
        let house = House::start();
        let app = house.app(json!({ "create": "always", "second_factor": trusted })).await;
        app.owner().await;
        let mut browser = Browser::new();
        assert_eq!(browser.sign_in(&app, "ana", "").await.status, 201);
        crate::second_factor::add_totp(&app, &browser.caller()).await;
        let done = Browser::new().sign_in(&app, "ana", "").await;
        assert_eq!(done.status, expect, "{}", done.text());
        assert_eq!(done.json()["totp"].as_bool(), (!trusted).then_some(true));
    }
}

#[tokio::test]
async fn that_a_provider_is_away_is_said_at_once() {
    let house = House::start();
    let app = house.app(json!({ "create": "always" })).await;
    app.owner().await;
    drop(house);
    let start = Instant::now();
    for _ in 0..3 {
        let away = app.post(&Caller::nobody(), "/sign-in/oidc/home", Value::Null).await;
        assert_eq!((away.status.as_u16(), code_of(&away).as_str()), (503, "unavailable"));
    }
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let unknown = app.post(&Caller::nobody(), "/sign-in/oidc/elsewhere", Value::Null).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn where_passwords_are_off_a_link_from_the_machine_itself_is_the_way_in() {
    let app = App::start().await;
    let owner = app.owner().await;
    app.person(&owner, json!({ "name": "ana", "password": PASSWORD })).await;
    let invitation = json!({ "role_id": "00000000-0000-7000-8000-000000000003", "note": "", "max_uses": 1,
        "all_libraries": false, "library_ids": [], "expires_at": "2026-01-03T00:00:00Z" });
    let link = app.post(&owner, "/invitations", invitation).await;
    assert_eq!(link.status, 201, "{}", link.text());
    let app = app
        .restarted(|config| {
            config.sign_in.password = false;
            config.sign_in.passkey = false;
        })
        .await;
    let ways = app.get(&Caller::nobody(), "/sign-in").await.json();
    assert_eq!((ways["password"].as_bool(), ways["passkey"].as_bool()), (Some(false), Some(false)));
    let right = json!({ "name": "ana", "password": PASSWORD });
    let refused = app.post(&Caller::nobody(), "/sessions", right).await;
    assert_eq!(code_of(&refused), "accounts.password_off");
    let local = Caller::local_browser();
    let refused = app.post(&local, "/sessions/passkey/options", Value::Null).await;
    assert_eq!(code_of(&refused), "accounts.passkey_off");

    let token = app.workshop.accounts.create_sign_in_link_unscoped("ANA").await.expect("a link");
    let open = async |token: &str| {
        app.post(&Caller::nobody(), "/sessions/link", json!({ "token": token })).await
    };
    assert_eq!(code_of(&open("AAAA").await), "accounts.challenge_over");
    let done = open(&token).await;
    assert_eq!((done.status.as_u16(), &done.json()["person"]["name"]), (201, &json!("ana")));
    assert_eq!(code_of(&open(&token).await), "accounts.challenge_over", "once");
    let late = app.workshop.accounts.create_sign_in_link_unscoped("ana").await.expect("a link");
    app.clock.advance(Duration::from_mins(16));
    assert_eq!(code_of(&open(&late).await), "accounts.challenge_over", "soon");
    assert!(app.workshop.accounts.create_sign_in_link_unscoped("nobody").await.is_err());
}

#[tokio::test]
async fn who_is_invited_comes_by_a_provider_where_passwords_are_off_too() {
    let house = House::start();
    let app = house.app(json!({ "create": "never" })).await;
    let owner = app.owner().await;
    let (films, _) = app.library(&owner, "Films").await;
    let child = crate::roles::role(&app, &owner, "child").await;
    let invite = async |role: &Value| {
        let invitation = json!({ "role_id": role, "library_ids": [films], "max_uses": 1,
            "expires_at": "2026-01-09T00:00:00Z" });
        let made = app.post(&owner, "/invitations", invitation).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["token"].as_str().expect("a token").to_owned()
    };
    let token = invite(&child).await;
    let second = invite(&child).await;
    let app = app.restarted(|config| config.sign_in.password = false).await;
    let come = async |token: &str, login: &str| {
        let mut browser = Browser::new();
        let body = json!({ "token": token, "language": "de" });
        let begun = app.post(&browser.caller(), "/invitations/oidc/home", body).await;
        assert_eq!(begun.status, 200, "{}", begun.text());
        house::keep(&mut browser.here, &begun.headers);
        let url = begun.json()["url"].as_str().expect("an address").parse().expect("an address");
        let back = returned(&browser.sign_in_at(url, &[("login", login), ("groups", "")]).await);
        (browser.finish(&app, &back).await, browser)
    };
    let wrong = json!({ "token": "A".repeat(64) });
    let refused = app.post(&Caller::nobody(), "/invitations/oidc/home", wrong).await;
    assert_eq!(refused.status, 404);
    let stranger = Browser::new().sign_in(&app, "mika", "").await;
    assert_eq!(code_of(&stranger), "accounts.no_account", "without the link nobody is made");

    let (taken, _) = come(&token, "owner").await;
    assert_eq!(code_of(&taken), "accounts.provider_name_taken", "and the link still works");
    let (done, browser) = come(&token, "mika").await;
    assert_eq!(done.status, 201, "{}", done.text());
    let me = app.get(&browser.caller(), "/me").await.json();
    assert_eq!((&me["role"], &me["language"]), (&json!("Child"), &json!("de")));
    let libraries = app.get(&browser.caller(), "/libraries").await.json();
    assert_eq!(libraries["items"].as_array().map(Vec::len), Some(1));
    let exported = app.get(&browser.caller(), "/me/export").await.json();
    let identity = &exported["identities"][0];
    assert_eq!(
        (&identity["provider"], &identity["issuer"]),
        (&json!("Home"), &json!(house.issuer))
    );
    assert!(identity["subject"].as_str().is_some_and(|it| !it.is_empty()), "{exported}");

    // It was for one; who has an account by now comes back as who they are.
    let body = json!({ "token": token });
    let over = app.post(&Caller::nobody(), "/invitations/oidc/home", body).await;
    assert_eq!(over.status, 404);
    let (again, _) = come(&second, "mika").await;
    assert_eq!((again.status.as_u16(), &again.json()["person"]["id"]), (201, &me["id"]));
    let unused = app.post(&Caller::nobody(), "/invitations/find", json!({ "token": second })).await;
    assert_eq!(unused.status, 200, "an account uses no invitation up");
}
