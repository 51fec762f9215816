//! Signing in as who a proxy says one is: only that proxy is believed, by its own connection.

use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};

const PROXY: [u8; 4] = [172, 18, 0, 5];

async fn app(create: bool) -> (App, Caller) {
    let app = App::start_with(|config| {
        let header = &mut config.sign_in.trusted_header;
        header.header = Some("Remote-User".to_owned());
        header.proxies = vec!["172.18.0.0/16".parse().expect("a network")];
        header.create = create;
        "guest".clone_into(&mut header.role);
        config.server.trusted_proxies = vec!["172.18.0.5".parse().expect("an address")];
    })
    .await;
    let owner = app.owner().await;
    app.person(&owner, json!({ "name": "Ana", "password": PASSWORD })).await;
    (app, owner)
}

fn says(name: &str) -> Caller {
    Caller::nobody().at_address(PROXY).with("remote-user", name)
}

async fn sign_in(app: &App, caller: &Caller) -> (u16, Value) {
    let answer = app.post(caller, "/sessions/proxy", json!({})).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn who_the_proxy_names_is_signed_in() {
    let (app, _) = app(false).await;
    let behind = says("ana").with("x-forwarded-for", "203.0.113.9");
    assert_eq!(app.get(&behind, "/sign-in").await.json()["proxy_name"], "ana");
    let (status, body) = sign_in(&app, &behind).await;
    assert_eq!((status, &body["person"]["name"]), (201, &json!("Ana")));
    let caller = Caller::with_token(body["token"].as_str().expect("a token"));
    assert_eq!(app.get(&caller, "/me").await.status, 200);
    let (status, body) = sign_in(&app, &says("nobody")).await;
    assert_eq!((status, &body["code"]), (409, &json!("accounts.no_account")));
}

#[tokio::test]
async fn the_header_of_anybody_else_is_worth_nothing() {
    let (app, _) = app(true).await;
    for (who, caller) in [
        ("a client", Caller::nobody().with("remote-user", "Ana")),
        ("the machine itself", Caller::local_browser().with("remote-user", "Ana")),
        (
            "a client that names the proxy",
            Caller::nobody().with("remote-user", "Ana").with("x-forwarded-for", "172.18.0.5"),
        ),
        (
            "a proxy that is trusted with addresses alone",
            Caller::nobody().at_address([172, 19, 0, 5]).with("remote-user", "Ana"),
        ),
        ("two headers", says("Ana").with("remote-user", "owner")),
        ("an empty header", says(" ")),
        ("no header", Caller::nobody().at_address(PROXY)),
        ("another header", Caller::nobody().at_address(PROXY).with("x-remote-user", "Ana")),
    ] {
        assert!(app.get(&caller, "/sign-in").await.json()["proxy_name"].is_null(), "{who}");
        let (status, body) = sign_in(&app, &caller).await;
        assert_eq!((status, &body["code"]), (409, &json!("accounts.no_proxy_name")), "{who}");
        assert_eq!(
            app.get(&caller, "/me").await.status,
            401,
            "{who}: the header alone opens nothing"
        );
    }
    let unset = App::start().await;
    unset.owner().await;
    let (_, body) = sign_in(&unset, &says("owner")).await;
    assert_eq!(body["code"], "accounts.no_proxy_name", "by default nobody is believed");
}

#[tokio::test]
async fn a_name_without_an_account_gets_one_by_rule_and_no_more_than_that() {
    let (app, owner) = app(true).await;
    let (status, body) = sign_in(&app, &says("bob")).await;
    assert_eq!((status, &body["person"]["role"]), (201, &json!("Guest")));
    let (_, again) = sign_in(&app, &says("BOB")).await;
    assert_eq!(again["person"]["id"], body["person"]["id"]);
    let id = body["person"]["id"].as_str().expect("an id");
    let patch = json!({ "is_disabled": true });
    let path = format!("/api/v1/people/{id}");
    let disabled = app.send(&owner, axum::http::Method::PATCH, &path, Some(patch)).await;
    assert_eq!(disabled.status, 200, "{}", disabled.text());
    let (status, body) = sign_in(&app, &says("bob")).await;
    assert_eq!((status, &body["code"]), (409, &json!("accounts.no_account")));
    let (status, _) = sign_in(&app, &says(&"x".repeat(65))).await;
    assert_eq!(status, 422);
}
