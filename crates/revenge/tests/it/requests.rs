//! What people ask for that is not here: asking, joining, answers, and what comes by itself.

mod asking;
mod coming;
mod looking;

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App, Caller, PASSWORD};

const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn code(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A member who sees these libraries; all with `None`.
async fn member(app: &App, owner: &Caller, name: &str, libraries: Option<&[&str]>) -> Caller {
    let mut body = json!({ "name": name, "password": PASSWORD });
    match libraries {
        Some(libraries) => body["library_ids"] = json!(libraries),
        None => body["all_libraries"] = json!(true),
    }
    app.person(owner, body).await
}

/// Asks for something, a moment after whatever was asked before.
async fn send(app: &App, caller: &Caller, body: Value) -> Answer {
    app.clock.advance(Duration::from_secs(1));
    app.post(caller, "/requests", body).await
}

/// Asks for a film by its title alone; its id.
async fn ask(app: &App, caller: &Caller, title: &str, year: i32) -> String {
    let body = json!({ "kind": "movie", "title": title, "year": year });
    let asked = send(app, caller, body).await;
    assert_eq!(asked.status, 201, "{}", asked.text());
    text(&asked.json()["id"])
}

async fn answer(app: &App, caller: &Caller, id: &str, body: Value) -> Answer {
    app.send(caller, Method::PUT, &format!("/api/v1/requests/{id}/answer"), Some(body)).await
}

async fn withdraw(app: &App, caller: &Caller, id: &str) -> Answer {
    app.send(caller, Method::DELETE, &format!("/api/v1/me/requests/{id}"), None).await
}

/// Titles and states of a person's own requests.
async fn mine(app: &App, caller: &Caller) -> Vec<(String, String)> {
    let page = app.get(caller, "/me/requests").await.json();
    let items = page["items"].as_array().expect("a list");
    items.iter().map(|it| (text(&it["title"]), text(&it["state"]))).collect()
}

/// Titles, states and the names of those who asked, as the owner sees them.
async fn all(app: &App, owner: &Caller, query: &str) -> Vec<(String, String, Vec<String>)> {
    let page = app.get(owner, &format!("/requests{query}")).await.json();
    let items = page["items"].as_array().expect("a list");
    let names = |it: &Value| {
        let askers = it["askers"].as_array().expect("a list");
        askers.iter().map(|it| text(&it["name"])).collect()
    };
    items.iter().map(|it| (text(&it["title"]), text(&it["state"]), names(it))).collect()
}

fn pair(title: &str, state: &str) -> (String, String) {
    (title.to_owned(), state.to_owned())
}
