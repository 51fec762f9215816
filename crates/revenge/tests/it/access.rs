//! Who may call what: derived from what each operation declares in the OpenAPI document, so that none can be forgotten.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use axum::http::Method;
use kernel::permission::completed;
use kernel::{BuiltInRole, Permission};
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever asks.
    Anybody,
    /// A program with a token of its own, of which sessions know nothing.
    OtherToken,
    /// Whoever signed in on a device; no API key.
    Device,
    /// Whoever may do this.
    Needs(Permission),
}

/// One operation of the document.
pub struct Operation {
    pub id: String,
    pub method: Method,
    pub path: String,
    pub access: Access,
}

impl Operation {
    /// Whether a person with these permissions may call it.
    pub fn is_for(&self, permissions: &[Permission]) -> bool {
        match self.access {
            Access::Needs(permission) => permissions.contains(&permission),
            Access::Anybody | Access::OtherToken | Access::Device => true,
        }
    }

    /// The path with every parameter replaced.
    pub fn path_with(&self, parameter: &str) -> String {
        let parts =
            self.path.split('/').map(|part| if part.starts_with('{') { parameter } else { part });
        format!("/api/v1{}", parts.collect::<Vec<_>>().join("/"))
    }
}

/// Every operation there is. One that declares nothing fails here.
pub fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(revenge::http::openapi()).expect("the document");
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let id = operation["operationId"]
                .as_str()
                .unwrap_or_else(|| panic!("{method} {path} has no id"))
                .to_owned();
            let security = operation["security"]
                .as_array()
                .unwrap_or_else(|| panic!("{id} declares no security"));
            let access = access(&id, security);
            let method = method.to_uppercase().parse().expect("a method");
            operations.push(Operation { id, method, path: path.clone(), access });
        }
    }
    assert!(operations.len() > 40, "the document is not empty: {}", operations.len());
    operations
}

fn access(id: &str, security: &[Value]) -> Access {
    if security.iter().any(|it| it.as_object().is_some_and(serde_json::Map::is_empty)) {
        return Access::Anybody;
    }
    let Some(needed) = security.iter().find_map(|it| it["session"].as_array()) else {
        return Access::OtherToken;
    };
    match needed.as_slice() {
        [] => Access::Device,
        [one] => {
            let permission = one.as_str().and_then(Permission::parse);
            Access::Needs(permission.unwrap_or_else(|| panic!("{id}: {one} is no permission")))
        }
        _ => panic!("{id} needs more than one permission"),
    }
}

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn has_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// A body that fits no operation: whoever may call is told so, the others never get that far.
fn unfit_body(operation: &Operation) -> Option<Value> {
    has_body(&operation.method).then(|| Value::from("no operation takes this"))
}

/// Somebody who signed in, what they may do, and how the test calls them.
struct Somebody {
    name: String,
    caller: Caller,
    permissions: Vec<Permission>,
}

/// A person of every role there is by itself, and one for each permission who has that alone.
async fn everybody(app: &App, owner: &Caller) -> Vec<Somebody> {
    let mut all = Vec::new();
    let roles = app.get(owner, "/roles").await.json();
    for role in BuiltInRole::ALL {
        let id = roles["items"]
            .as_array()
            .and_then(|it| it.iter().find(|it| it["built_in"] == role.name()))
            .map(|it| it["id"].clone())
            .expect("every server has it");
        all.push((role.name().to_owned(), id, role.permissions().to_vec()));
    }
    for permission in Permission::ALL {
        if permission == Permission::Administer {
            // The administrator's role alone has it.
            continue;
        }
        let name = format!("only {}", permission.name());
        let role =
            app.post(owner, "/roles", json!({ "name": name, "permissions": [permission] })).await;
        assert_eq!(role.status, 201, "{}", role.text());
        all.push((name, role.json()["id"].clone(), completed([permission])));
    }
    let mut people = Vec::new();
    for (name, role_id, permissions) in all {
        // So many sign-ins at once would be refused.
        app.clock.advance(Duration::from_secs(10));
        let body = json!({ "name": name, "password": PASSWORD, "role_id": role_id });
        people.push(Somebody { caller: app.person(owner, body).await, name, permissions });
    }
    people
}

#[tokio::test]
async fn every_operation_refuses_those_who_are_nobody() {
    let (app, owner) = App::start_with_owner().await;
    let expired = app.person(&owner, json!({ "name": "gone", "password": PASSWORD })).await;
    app.clock.advance(Duration::from_hours(24 * 91));
    let mut wrong = Vec::new();
    for operation in operations() {
        let path = operation.path_with(UNKNOWN);
        for (who, caller) in [
            ("nobody", &Caller::nobody()),
            ("a made-up token", &Caller::with_token(&"A".repeat(64))),
            ("a session that is over", &expired),
        ] {
            let body = unfit_body(&operation);
            let status = app.send(caller, operation.method.clone(), &path, body).await.status;
            let is_refused = status == 401;
            if is_refused == (operation.access == Access::Anybody) {
                wrong.push(format!("{} for {who}: {status}", operation.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn every_operation_is_for_those_whose_role_has_its_permission() {
    let (app, owner) = App::start_with_owner().await;
    let people = everybody(&app, &owner).await;
    let mut wrong = Vec::new();
    for operation in operations() {
        if ["sign_out", "delete_me"].contains(&&*operation.id) {
            // It would end the caller's session, or the caller's account.
            continue;
        }
        let path = operation.path_with(UNKNOWN);
        for somebody in &people {
            let (method, body) = (operation.method.clone(), unfit_body(&operation));
            let status = app.status(&somebody.caller, method, &path, body).await;
            let is_forbidden = status == 403;
            if is_forbidden == operation.is_for(&somebody.permissions) {
                wrong.push(format!("{} for {}: {status}", operation.id, somebody.name));
            }
            if status.is_server_error() {
                wrong.push(format!("{} breaks for {}: {status}", operation.id, somebody.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_key_calls_what_its_scopes_name_and_nothing_of_the_account_itself() {
    const NEVER: [Permission; 4] = [
        Permission::Administer,
        Permission::Adult,
        Permission::ChangePassword,
        Permission::UseApiKeys,
    ];
    let (app, owner) = App::start_with_owner().await;
    let all: Vec<_> = Permission::ALL.into_iter().filter(|it| !NEVER.contains(it)).collect();
    let key = async |scopes: &[Permission]| {
        let answer = app.post(&owner, "/me/keys", json!({ "name": "k", "scopes": scopes })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        Caller::with_token(answer.json()["secret"].as_str().expect("a key"))
    };
    let full = key(&all).await;
    let mut without = HashMap::new();
    let mut wrong = Vec::new();
    for operation in operations() {
        let path = operation.path_with(UNKNOWN);
        let ask = async |caller: &Caller| {
            app.status(caller, operation.method.clone(), &path, unfit_body(&operation)).await
        };
        let may = match operation.access {
            Access::Anybody | Access::OtherToken => continue,
            Access::Device => false,
            Access::Needs(permission) => !NEVER.contains(&permission),
        };
        let status = ask(&full).await;
        if (status == 403) == may {
            wrong.push(format!("{} with every scope: {status}", operation.id));
        }
        if let Access::Needs(needed) = operation.access
            && needed != Permission::Browse
        {
            let caller = match without.entry(needed) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => {
                    let others: Vec<_> = all.iter().copied().filter(|it| *it != needed).collect();
                    free.insert(key(&others).await)
                }
            };
            let status = ask(caller).await;
            if status != 403 {
                wrong.push(format!("{} without its scope: {status}", operation.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Some permissions decide what an operation for many shows or does, instead of who may call it.
const DECIDED_INSIDE: [Permission; 3] =
    [Permission::Download, Permission::SeePlaying, Permission::ControlPlaying];

#[test]
fn every_permission_is_what_some_operation_needs() {
    let operations = operations();
    for permission in Permission::ALL {
        let is_needed = operations.iter().any(|it| it.access == Access::Needs(permission));
        assert_eq!(is_needed, !DECIDED_INSIDE.contains(&permission), "{permission:?}");
    }
}

#[tokio::test]
async fn an_unknown_thing_is_not_found_by_anybody() {
    let (app, owner) = App::start_with_owner().await;
    for operation in operations() {
        if operation.method == Method::GET
            && operation.path.contains('{')
            && matches!(operation.access, Access::Device | Access::Needs(_))
        {
            let answer = app.send(&owner, Method::GET, &operation.path_with(UNKNOWN), None).await;
            assert_eq!(answer.status, 404, "{}", operation.id);
            assert_eq!(answer.json()["code"], "not_found", "{}", operation.id);
        }
    }
}
