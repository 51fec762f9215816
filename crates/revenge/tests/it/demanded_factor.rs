//! Roles that demand a second factor: who has none can do nothing but set one up.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::access::{Access, operations};
use crate::app::{App, Caller, PASSWORD};
use crate::roles::role;
use crate::second_factor::add_totp;

const NEEDED: &str = "accounts.second_factor_needed";

async fn demand(app: &App, owner: &Caller, role: &Value, is_demanded: bool) {
    let path = format!("/api/v1/roles/{}", role.as_str().expect("an id"));
    let patch = json!({ "needs_second_factor": is_demanded });
    let answer = app.send(owner, Method::PATCH, &path, Some(patch)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["needs_second_factor"], is_demanded);
}

#[tokio::test]
async fn who_has_none_sets_one_up_before_anything_else() {
    let (app, owner) = App::start_with_owner().await;
    let member = role(&app, &owner, "member").await;
    let key_body = json!({ "name": "k", "scopes": ["play"] });
    let admins_key = app.post(&owner, "/me/keys", key_body).await.json();
    let key = Caller::with_token(admins_key["secret"].as_str().expect("a key"));
    let ana =
        app.person(&owner, json!({ "name": "ana", "password": PASSWORD, "role_id": member })).await;
    assert_eq!(app.get(&ana, "/home").await.status, 200);
    demand(&app, &owner, &member, true).await;

    let mut wrong = Vec::new();
    for operation in operations() {
        if matches!(operation.access, Access::Anybody | Access::OtherToken)
            || operation.id == "sign_out"
        {
            continue;
        }
        let path = operation.path_with("01890a5d-ac96-774b-bcce-b302099a8057");
        let body = matches!(operation.method, Method::POST | Method::PUT | Method::PATCH)
            .then(|| Value::from("unfit"));
        let answer = app.send(&ana, operation.method.clone(), &path, body).await;
        // What only asks for the head has no body that could say why.
        let is_barred = answer.json()["code"] == NEEDED
            || operation.method == Method::HEAD && answer.status == 409;
        let is_open =
            ["second-factor", "passkeys", "confirmation"].iter().any(|it| path.contains(it))
                && path.starts_with("/api/v1/me/")
                || operation.id == "read_me"
                || operation.id == "list_identities";
        if is_barred == is_open {
            wrong.push(format!("{}: {}", operation.id, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(app.get(&ana, "/server").await.status, 200, "what anybody may know");
    assert_eq!(app.get(&ana, "/me").await.json()["lacks_factor"], true);
    let again = app
        .post(&Caller::nobody(), "/sessions", json!({ "name": "ana", "password": PASSWORD }))
        .await;
    assert_eq!(
        (again.status.as_u16(), &again.json()["person"]["lacks_factor"]),
        (201, &json!(true))
    );

    add_totp(&app, &ana).await;
    assert_eq!(app.get(&ana, "/home").await.status, 200, "at once");
    assert_eq!(app.get(&ana, "/me").await.json()["lacks_factor"], false);
    let gone = app.send(&ana, Method::DELETE, "/api/v1/me/second-factor/totp", None).await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    assert_eq!(app.get(&ana, "/home").await.json()["code"], NEEDED, "and without it no more");

    // The administrators' role can demand it too, of keys as well; nobody changes what it allows.
    assert_eq!(app.get(&key, "/home").await.status, 200);
    let admin = role(&app, &owner, "admin").await;
    let path = format!("/api/v1/roles/{}", admin.as_str().expect("an id"));
    let both = json!({ "needs_second_factor": true, "permissions": ["play"] });
    let refused = app.send(&owner, Method::PATCH, &path, Some(both)).await;
    assert_eq!(refused.json()["code"], "accounts.role_built_in");
    demand(&app, &owner, &admin, true).await;
    assert_eq!(app.get(&key, "/home").await.json()["code"], NEEDED);
    assert_eq!(app.get(&owner, "/people").await.json()["code"], NEEDED);
    add_totp(&app, &owner).await;
    assert_eq!(app.get(&key, "/home").await.status, 200);
    demand(&app, &owner, &member, false).await;
    assert_eq!(app.get(&ana, "/home").await.status, 200);
}

#[tokio::test]
async fn a_provider_that_asks_for_one_itself_is_as_good() {
    let app = App::start_with(|config| {
        let header = &mut config.sign_in.trusted_header;
        header.header = Some("Remote-User".to_owned());
        header.proxies = vec!["192.0.2.7".parse().expect("a network")];
        header.second_factor = true;
    })
    .await;
    let owner = app.owner().await;
    let member = role(&app, &owner, "member").await;
    app.person(&owner, json!({ "name": "ana", "password": PASSWORD, "role_id": member })).await;
    demand(&app, &owner, &member, true).await;
    app.clock.advance(Duration::from_mins(2));
    let named = Caller::nobody().with("remote-user", "ana");
    let by_proxy = app.post(&named, "/sessions/proxy", json!({})).await;
    assert_eq!(by_proxy.json()["person"]["lacks_factor"], false);
    let caller = Caller::with_token(by_proxy.json()["token"].as_str().expect("a token"));
    assert_eq!(app.get(&caller, "/home").await.status, 200);
    // So is it for a television that they let in.
    let let_in = async |by: &Caller| {
        let begun = app.post(&Caller::nobody(), "/quick-connect", json!({ "device": "TV" })).await;
        let begun = begun.json();
        let code = begun["code"].as_str().expect("a code");
        let path = format!("/api/v1/quick-connect/{code}/confirmation");
        assert_eq!(app.send(by, Method::POST, &path, None).await.status, 204);
        let body = json!({ "secret": begun["secret"] });
        let done = app.post(&Caller::nobody(), "/quick-connect/session", body).await.json();
        Caller::with_token(done["token"].as_str().expect("a token"))
    };
    let tv = let_in(&caller).await;
    assert_eq!(app.get(&tv, "/home").await.status, 200);
    let bedroom = let_in(&tv).await;
    assert_eq!(app.get(&bedroom, "/home").await.status, 200, "and for what that lets in");
    let by_password = app
        .post(&Caller::nobody(), "/sessions", json!({ "name": "ana", "password": PASSWORD }))
        .await;
    let caller = Caller::with_token(by_password.json()["token"].as_str().expect("a token"));
    assert_eq!(app.get(&caller, "/home").await.json()["code"], NEEDED);
}
