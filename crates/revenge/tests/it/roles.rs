//! What people may do: roles, who gives them to whom, and when it holds.

use std::fmt::Write as _;

use axum::http::Method;
use kernel::{BuiltInRole, Permission};
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};

/// The id of a role that every server has.
pub async fn role(app: &App, owner: &Caller, name: &str) -> Value {
    let roles = app.get(owner, "/roles").await.json();
    let roles = roles["items"].as_array().expect("a list");
    roles.iter().find(|it| it["built_in"] == name).expect("every server has it")["id"].clone()
}

/// A role of these permissions.
pub async fn own_role(app: &App, owner: &Caller, name: &str, permissions: &[&str]) -> Value {
    let body = json!({ "name": name, "permissions": permissions });
    let answer = app.post(owner, "/roles", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].clone()
}

/// Somebody's id.
pub async fn id_of(app: &App, somebody: &Caller) -> String {
    app.get(somebody, "/me").await.json()["id"].as_str().expect("an id").to_owned()
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

async fn change(app: &App, by: &Caller, path: &str, body: Value) -> Answer {
    app.send(by, Method::PATCH, &format!("/api/v1{path}"), Some(body)).await
}

#[tokio::test]
async fn what_is_changed_of_a_role_holds_at_once_for_all_who_have_it() {
    let (app, owner) = App::start_with_owner().await;
    let editors = own_role(&app, &owner, "Editors", &["edit_metadata"]).await;
    let body = json!({ "name": "ed", "password": PASSWORD, "role_id": editors });
    let editor = app.person(&owner, body).await;
    assert_eq!(app.get(&editor, "/review").await.status, 200);
    let path = format!("/roles/{}", editors.as_str().expect("an id"));

    let changed =
        change(&app, &owner, &path, json!({ "permissions": ["play"], "name": "Viewers" })).await;
    assert_eq!(changed.json()["permissions"], json!(["browse", "play"]));
    assert_eq!(changed.json()["person_count"], 1);
    assert_eq!(app.get(&editor, "/review").await.status, 403);
    let me = app.get(&editor, "/me").await.json();
    assert_eq!((&me["role"], &me["permissions"]), (&json!("Viewers"), &json!(["browse", "play"])));

    let path = format!("/api/v1{path}");
    let refused = app.send(&owner, Method::DELETE, &path, None).await;
    assert_eq!(refusal(&refused), (409, "accounts.role_in_use".to_owned()));
    let person = format!("/people/{}", id_of(&app, &editor).await);
    let member = role(&app, &owner, "member").await;
    assert_eq!(change(&app, &owner, &person, json!({ "role_id": member })).await.status, 200);
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(app.send(&owner, Method::DELETE, &path, None).await.status, 404);
}

#[tokio::test]
async fn roles_that_every_server_has_stay_as_they_are_and_names_are_unlike() {
    let (app, owner) = App::start_with_owner().await;
    for built_in in BuiltInRole::ALL {
        let id = role(&app, &owner, built_in.name()).await;
        let path = format!("/roles/{}", id.as_str().expect("an id"));
        let changed = change(&app, &owner, &path, json!({ "permissions": [] })).await;
        assert_eq!(refusal(&changed), (409, "accounts.role_built_in".to_owned()));
        let path = format!("/api/v1{path}");
        let deleted = app.send(&owner, Method::DELETE, &path, None).await;
        assert_eq!(refusal(&deleted), (409, "accounts.role_built_in".to_owned()));
    }
    let body = json!({ "name": "MEMBER", "permissions": [] });
    let taken = app.post(&owner, "/roles", body).await;
    assert_eq!(refusal(&taken), (409, "accounts.role_name_taken".to_owned()));
    let body = json!({ "name": "Second owner", "permissions": ["administer"] });
    assert_eq!(app.post(&owner, "/roles", body).await.json()["field"], "permissions");
    let body = json!({ "name": "Flier", "permissions": ["fly"] });
    assert_eq!(app.post(&owner, "/roles", body).await.status, 422, "no such permission");
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_have() {
    let (app, owner) = App::start_with_owner().await;
    let (mine, _) = app.library(&owner, "Mine").await;
    let (other, _) = app.library(&owner, "Other").await;
    let manager = role(&app, &owner, "manager").await;
    let admin = role(&app, &owner, "admin").await;
    let builders = own_role(&app, &owner, "Builders", &["play", "manage_libraries"]).await;
    let body = json!({ "name": "manager", "password": PASSWORD, "role_id": manager, "library_ids": [mine] });
    let by = app.person(&owner, body).await;

    let offered = app.get(&by, "/roles").await.json();
    let offered: Vec<_> = offered["items"].as_array().expect("a list").iter().collect();
    let offered: Vec<_> = offered.iter().map(|it| it["name"].as_str().expect("a name")).collect();
    assert_eq!(offered, ["Manager", "Member", "Child", "Guest"]);

    let create = async |name: &str, more: Value| {
        let mut body = json!({ "name": name, "password": PASSWORD });
        let fields = body.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        app.post(&by, "/people", body).await.status.as_u16()
    };
    assert_eq!(create("a", json!({ "role_id": admin })).await, 403);
    assert_eq!(create("b", json!({ "role_id": builders })).await, 403);
    assert_eq!(create("c", json!({ "library_ids": [other] })).await, 403);
    assert_eq!(create("d", json!({ "all_libraries": true })).await, 403);
    assert_eq!(
        create("e", json!({ "role_id": "00000000-0000-7000-8000-000000000099" })).await,
        422
    );
    assert_eq!(create("f", json!({ "role_id": manager, "library_ids": [mine] })).await, 201);
    let myself = format!("/people/{}", id_of(&app, &by).await);
    for more in [json!({ "role_id": admin }), json!({ "library_ids": [mine, other] })] {
        assert_eq!(change(&app, &by, &myself, more).await.status, 403, "not to oneself either");
    }
}

#[tokio::test]
async fn nobody_reaches_more_through_somebody_elses_account() {
    let (app, owner) = App::start_with_owner().await;
    let (other, _) = app.library(&owner, "Other").await;
    let manager = role(&app, &owner, "manager").await;
    let body = json!({ "name": "manager", "password": PASSWORD, "role_id": manager });
    let by = app.person(&owner, body).await;
    let body = json!({ "name": "member", "password": PASSWORD, "library_ids": [other] });
    let member = app.person(&owner, body).await;
    for somebody in [&owner, &member] {
        let path = format!("/people/{}", id_of(&app, somebody).await);
        let renamed = change(&app, &by, &path, json!({ "name": "mine" })).await;
        assert_eq!(renamed.status, 403);
        let path = format!("/api/v1{path}");
        let body = Some(json!({ "new": "a password of mine" }));
        let reset = app.send(&by, Method::PUT, &format!("{path}/password"), body).await;
        assert_eq!(reset.status, 403);
        assert_eq!(app.send(&by, Method::DELETE, &path, None).await.status, 403);
        assert_eq!(app.get(somebody, "/me").await.status, 200, "nothing happened");
    }
}

/// The table that says what each permission is about.
fn list() -> String {
    let mut page = String::from(
        "| permission | to | admin | manager | member | child | guest |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for permission in Permission::ALL {
        write!(page, "| `{}` | {} |", permission.name(), permission.about()).expect("text");
        for role in BuiltInRole::ALL {
            let mark = if role.permissions().contains(&permission) { "yes" } else { "" };
            write!(page, " {mark} |").expect("text");
        }
        page.push('\n');
    }
    page
}

#[test]
fn every_permission_is_documented() {
    let written = include_str!("../../../../docs/permissions.md");
    let (_, written) = written.split_once("## The list\n\n").expect("the page has a list");
    assert_eq!(written, list(), "docs/permissions.md does not list what the program does");
}
