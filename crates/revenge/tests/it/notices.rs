//! Notices: what is told, to whom, and what becomes of it; from what happens to what servers of this machine hear.

mod delivering;
mod hearing;
mod requesting;
mod storage;
mod targets;

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use testkit::mailbox::MailboxServer;
use testkit::mouthpiece::{Heard, Mouthpiece};

use crate::app::{App, Caller};
use crate::process::make_clip;

/// Every kind of event there is.
const ALL: [&str; 11] = [
    "items.added",
    "playback.started",
    "playback.stopped",
    "request.made",
    "request.answered",
    "session.new_device",
    "scan.troubled",
    "job.failed",
    "backup.made",
    "backup.failed",
    "storage.low",
];

/// A server whose owner hears of everything by a webhook.
struct House {
    app: App,
    owner: Caller,
    server: Mouthpiece,
    mail: MailboxServer,
}

impl House {
    async fn start() -> Self {
        let (app, owner) = App::start_with_owner().await;
        Self::of(app, owner).await
    }

    async fn of(app: App, owner: Caller) -> Self {
        app.run_jobs().await;
        let (server, mail) = (Mouthpiece::start().await, MailboxServer::start(None).await);
        let house = Self { app, owner, server, mail };
        let body = json!({ "host": "127.0.0.1", "port": house.mail.port, "security": "none",
            "sender": "revenge@example.org" });
        assert_eq!(house.put("/notices/mail-server", body).await.0, 200);
        house
    }

    async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        let path = format!("/api/v1{path}");
        let answer = self.app.send(&self.owner, Method::PUT, &path, Some(body)).await;
        (answer.status.as_u16(), answer.json())
    }

    /// A target of the server's that leads to the webhook at `path`, with what `more` says.
    async fn target(&self, path: &str, more: Value) -> String {
        let address = format!("json://127.0.0.1:{}{path}", self.server.port);
        let mut body = json!({ "name": path, "address": address, "events": ALL, "is_local": true });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let made = self.app.post(&self.owner, "/notices/targets", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["target"]["id"].as_str().expect("an id").to_owned()
    }

    /// A mailbox of a person's own, told of everything they may choose.
    async fn mailbox(&self, person: &Caller, address: &str) -> String {
        // What happened before does not go there.
        self.app.run_jobs().await;
        let choice = self.app.get(person, "/me/notices/targets").await.json()["events"].clone();
        let body = json!({ "address": format!("mailto:{address}"), "events": choice });
        let made = self.app.post(person, "/me/notices/targets", body).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["target"]["id"].as_str().expect("an id").to_owned()
    }

    /// Changes somebody's account; its path.
    async fn patch_person(&self, name: &str, patch: Value) -> String {
        let people = self.app.get(&self.owner, "/people").await.json();
        let found =
            people["items"].as_array().and_then(|it| it.iter().find(|it| it["name"] == name));
        let id = found.expect("an account")["id"].as_str().expect("an id");
        let path = format!("/api/v1/people/{id}");
        let patched = self.app.send(&self.owner, Method::PATCH, &path, Some(patch)).await;
        assert_eq!(patched.status, 200, "{}", patched.text());
        path
    }

    /// A library with these films, scanned.
    async fn library(&self, name: &str, films: &[&str]) -> String {
        let (library, folder) = self.app.library(&self.owner, name).await;
        for film in films {
            make_clip(&folder.join(format!("{film}.mp4")));
        }
        self.app.scan(&self.owner, &library).await;
        library
    }

    /// Lets what is told together be told: some minutes later.
    async fn gather(&self) {
        self.app.clock.advance(Duration::from_mins(3));
        let path = "/jobs/schedules/notices.gather/run";
        let answer = self.app.post(&self.owner, path, Value::Null).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        self.app.run_jobs().await;
    }

    /// What came to the webhook at `path`.
    fn heard(&self, path: &str) -> Vec<Heard> {
        let mut heard = self.server.heard();
        heard.retain(|it| it.path == path);
        heard
    }

    /// The kinds of what came to the webhook at `path`.
    fn kinds(&self, path: &str) -> Vec<String> {
        let kind = |it: &Heard| it.json()["kind"].as_str().unwrap_or_default().to_owned();
        self.heard(path).iter().map(kind).collect()
    }

    /// The texts of the letters to `address`.
    fn letters(&self, address: &str) -> Vec<String> {
        let mut letters = self.mail.letters();
        letters.retain(|it| it.to == [address]);
        letters.into_iter().map(|it| it.text).collect()
    }

    async fn log(&self, caller: &Caller, target: &str) -> Vec<Value> {
        let path = format!("/notices/targets/{target}/deliveries");
        let page = self.app.get(caller, &path).await.json();
        page["items"].as_array().expect("a list").clone()
    }

    /// Everything the room wrote down.
    async fn rows(&self) -> String {
        let mut db = self.app.database.options().connect().await.expect("connected");
        let mut text = String::new();
        for table in ["event", "arrival", "target", "delivery", "mail_server"] {
            let sql = format!("SELECT to_jsonb(it)::text FROM notices.{table} AS it");
            let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut db).await.expect("rows");
            text.extend(rows.iter().map(|it| it.get::<String, _>(0)));
        }
        text
    }

    async fn sql(&self, sql: &'static str) {
        let mut db = self.app.database.options().connect().await.expect("connected");
        sqlx::raw_sql(sql).execute(&mut db).await.expect("done");
    }
}
