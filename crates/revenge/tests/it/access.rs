//! Who may call what: derived from what each operation declares in the OpenAPI document, so that none can be forgotten.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anybody,
    SignedIn,
    Administrator,
}

/// One operation of the document.
pub struct Operation {
    pub id: String,
    pub method: Method,
    pub path: String,
    pub access: Access,
}

impl Operation {
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
            let access = if security
                .iter()
                .any(|it| it.as_object().is_some_and(serde_json::Map::is_empty))
            {
                Access::Anybody
            } else if security.iter().any(|it| {
                it["session"].as_array().is_some_and(|it| it.contains(&json!("administer")))
            }) {
                Access::Administrator
            } else {
                Access::SignedIn
            };
            let method = method.to_uppercase().parse().expect("a method");
            operations.push(Operation { id, method, path: path.clone(), access });
        }
    }
    assert!(operations.len() > 40, "the document is not empty: {}", operations.len());
    operations
}

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn has_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

#[tokio::test]
async fn every_operation_refuses_those_who_may_not_call_it() {
    let (app, owner) = App::start_with_owner().await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let mut wrong = Vec::new();
    for operation in operations() {
        // A body that fits no operation: whoever may call is told so, the others never get that far.
        let body = has_body(&operation.method).then(|| Value::from("no operation takes this"));
        let path = operation.path_with(UNKNOWN);
        for (who, caller) in
            [("nobody", Caller::nobody()), ("a made-up token", Caller::with_token(&"A".repeat(64)))]
        {
            let status =
                app.send(&caller, operation.method.clone(), &path, body.clone()).await.status;
            let is_refused = status == 401;
            if is_refused == (operation.access == Access::Anybody) {
                wrong.push(format!("{} for {who}: {status}", operation.id));
            }
        }
        if operation.id == "sign_out" || operation.id == "read_events" {
            // Signing out would end the caller's session, the events never end.
            continue;
        }
        let status = app.send(&member, operation.method.clone(), &path, body).await.status;
        let is_forbidden = status == 403;
        if is_forbidden != (operation.access == Access::Administrator) {
            wrong.push(format!("{} for a member: {status}", operation.id));
        }
        if status.is_server_error() {
            wrong.push(format!("{} breaks: {status}", operation.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn an_unknown_thing_is_not_found_by_anybody() {
    let (app, owner) = App::start_with_owner().await;
    for operation in operations() {
        if operation.method == Method::GET
            && operation.path.contains('{')
            && operation.access != Access::Anybody
        {
            let answer = app.send(&owner, Method::GET, &operation.path_with(UNKNOWN), None).await;
            assert_eq!(answer.status, 404, "{}", operation.id);
            assert_eq!(answer.json()["code"], "not_found", "{}", operation.id);
        }
    }
}
