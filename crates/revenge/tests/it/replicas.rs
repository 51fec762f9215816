//! A server that reads from a replica, as those see it who use it.

use std::time::Duration;

use axum::http::Method;
use postgres::replicas::Report;
use revenge::config::ReplicaSection;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Executor as _};
use testkit::postgres_server::PostgresServer;

use crate::app::{App, Caller};
use crate::process::make_clip;

/// A server with a film in it, on a primary with a replica.
struct Served {
    app: App,
    owner: Caller,
    /// Below `/api/v1`.
    film: String,
    /// Answers as long as it lives.
    _primary: PostgresServer,
    replica: PostgresServer,
}

impl Served {
    async fn start() -> Self {
        let (primary, replica) = PostgresServer::primary_and_replica();
        let (at, copy) = (primary.options(), replica.options());
        let app = App::start_with(|it| {
            let database = &mut it.database;
            database.host = Some(at.get_host().to_owned());
            database.port = at.get_port();
            "revenge".clone_into(&mut database.name);
            "revenge".clone_into(&mut database.user);
            let host = Some(copy.get_host().to_owned());
            database.replicas = vec![ReplicaSection { host, ..ReplicaSection::default() }];
            it.adult.enabled = true;
        });
        let app = app.await;
        let owner = app.owner().await;
        let (library, folder) = app.library(&owner, "Films").await;
        make_clip(&folder.join("Heat (1995).mp4"));
        app.scan(&owner, &library).await;
        let items = app.get(&owner, "/items").await.json();
        let id = items["items"][0]["id"].as_str().expect("a film").to_owned();
        let served = Self { app, owner, film: format!("/items/{id}"), _primary: primary, replica };
        served.until(|it| it.is_usable).await;
        served
    }

    fn report(&self) -> Report {
        self.app.workshop.replicas.as_ref().expect("there is one").report().remove(0)
    }

    async fn until(&self, is_so: impl Fn(&Report) -> bool) {
        let waiting = async {
            while !is_so(&self.report()) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
        waited.unwrap_or_else(|_| panic!("{:?}", self.report()));
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.app.get(&self.owner, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    async fn change(&self, method: Method, path: &str, body: Option<Value>) {
        let path = format!("/api/v1{path}");
        let answer = self.app.send(&self.owner, method, &path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
    }

    async fn on_replica(&self, sql: &'static str) {
        let mut db = self.replica.options().connect().await.expect("the replica is there");
        db.execute(sql).await.expect(sql);
    }

    async fn readiness(&self) -> Value {
        let answer = self.app.send(&Caller::nobody(), Method::GET, "/readyz", None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["parts"]["replicas"].clone()
    }

    /// What is read from the database by each of these pages.
    async fn look_at_everything(&self) {
        let similar = format!("{}/children", self.film);
        for path in ["/home", "/items", &self.film, &similar, "/collections", "/search?q=heat"] {
            self.get(path).await;
        }
        for path in ["/adult/scenes", "/adult/performers", "/adult/tags"] {
            self.get(path).await;
        }
    }

    async fn open_the_area(&self) {
        self.change(Method::PUT, "/me/adult/age", None).await;
        self.change(Method::POST, "/me/adult", Some(json!({}))).await;
    }
}

#[tokio::test]
async fn what_somebody_changed_is_in_the_next_answer_wherever_that_is_read() {
    let served = Served::start().await;
    let film = &served.film;
    let before = served.report().served;
    for title in ["One", "Two", "Three", "Four", "Five"] {
        served.change(Method::PATCH, film, Some(json!({ "title": title }))).await;
        assert_eq!(served.get(film).await["title"], title);
        assert_eq!(served.get("/items").await["items"][0]["title"], title);
    }
    served.change(Method::PUT, &format!("{film}/favourite"), None).await;
    assert_eq!(served.get(film).await["is_favourite"], true);
    served.until(|it| it.is_usable).await;
    served.get("/items").await;
    assert!(served.report().served > before, "{:?}", served.report());
    assert_eq!(served.readiness().await, "fine");

    // Now the replica stands where it is, and all of it is changed on the primary.
    served.on_replica("SELECT pg_wal_replay_pause()").await;
    served.change(Method::PATCH, film, Some(json!({ "title": "Six" }))).await;
    let standing = served.report().served;
    assert_eq!(served.get(film).await["title"], "Six");
    assert_eq!(served.get("/items").await["items"][0]["title"], "Six");
    served.change(Method::DELETE, &format!("{film}/favourite"), None).await;
    assert_eq!(served.get(film).await["is_favourite"], false);
    assert_eq!(served.report().served, standing, "it has nothing to say");
    assert_eq!(served.readiness().await, "fine", "being behind is no trouble");

    served.on_replica("SELECT pg_wal_replay_resume()").await;
    served.until(|it| it.is_usable).await;
    assert_eq!(served.get(film).await["title"], "Six");
    assert!(served.report().served > standing, "{:?}", served.report());
}

#[tokio::test]
async fn no_request_fails_because_a_replica_dies_or_stands_still() {
    let mut served = Served::start().await;
    served.open_the_area().await;
    served.look_at_everything().await;
    let before = served.report();
    assert!(before.served > 0, "{before:?}");

    served.replica.crash();
    served.look_at_everything().await;
    served.until(|it| it.trouble.is_some()).await;
    assert_eq!(served.readiness().await, "degraded");
    let parts = served.get("/system").await.to_string();
    assert!(parts.contains("everything is read from the primary meanwhile"), "{parts}");

    served.replica.start();
    served.until(|it| it.is_usable).await;
    served.look_at_everything().await;
    assert!(served.report().served > before.served, "{:?}", served.report());

    served.replica.freeze();
    served.look_at_everything().await;
    served.until(|it| it.trouble.is_some()).await;
    served.look_at_everything().await;
    served.replica.thaw();
    served.until(|it| it.is_usable).await;
    served.look_at_everything().await;
}

#[tokio::test]
async fn pages_of_both_areas_are_read_from_the_replica() {
    let served = Served::start().await;
    served.open_the_area().await;
    for path in ["/home", "/items", "/adult/scenes", "/adult/performers", "/adult/tags"] {
        served.until(|it| it.is_usable).await;
        let before = served.report().served;
        served.get(path).await;
        let after = served.report();
        assert!(after.served > before, "{path}: {after:?}");
    }
}
