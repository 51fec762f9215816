//! A server of a test's own: the real house on a database of its own, asked through its real router.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use futures::StreamExt as _;
use http_body_util::BodyExt as _;
use kernel::{Clock, Rng};
use revenge::Setting;
use revenge::config::{Config, HardwareSetting, RequestsSection};
use revenge::http;
use revenge::wiring::{Workshop, migration_sets};
use serde_json::{Value, json};
use testkit::database::TestDatabase;
use tower::ServiceExt as _;

/// The password of everybody in the tests.
pub const PASSWORD: &str = "correct horse battery";

/// The FFmpeg that films are made anew with: the installed one, or another that the test run names.
#[expect(clippy::disallowed_methods, reason = "the run of the tests names the program it is about")]
pub fn ffmpeg() -> PathBuf {
    let named = std::env::var_os("REVENGE_TEST_FFMPEG").map(PathBuf::from);
    named.or_else(|| media::tool::locate("ffmpeg", None)).expect("ffmpeg")
}

/// A program in a folder of its own that stands in for FFmpeg. In its script, `FFMPEG` is the real one: the
/// system's, or one beside it, since nothing else can be read by who is confined.
pub fn stand_in(folder: &Path, name: &str, script: &str) -> PathBuf {
    let mut real = ffmpeg();
    if !real.starts_with("/usr") {
        let beside = folder.join("real-ffmpeg");
        if !beside.exists() && std::fs::hard_link(&real, &beside).is_err() {
            std::fs::copy(&real, &beside).expect("a copy");
        }
        real = beside;
    }
    let path = folder.join(name);
    std::fs::write(&path, script.replace("FFMPEG", &real.display().to_string())).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    path
}

/// A server and everything under it.
pub struct App {
    /// The rooms, for arranging what HTTP cannot.
    pub workshop: Workshop,
    /// Moves only when a test moves it.
    pub clock: Clock,
    /// A folder that goes with the server.
    pub folder: tempfile::TempDir,
    /// For looking into every schema.
    pub database: TestDatabase,
    setting: Setting,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// An open stream of events.
pub struct Hearing(BodyDataStream);

impl Hearing {
    /// The next event's text.
    pub async fn next_event(&mut self) -> String {
        let chunk = self.0.next().await.expect("the stream is open").expect("it does not break");
        String::from_utf8_lossy(&chunk).into_owned()
    }

    /// Whether the stream ends instead of telling more.
    pub async fn is_over(&mut self) -> bool {
        self.0.next().await.is_none()
    }

    /// Whether nothing is to be heard, a moment's patience included.
    pub async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(300), self.0.next()).await.is_err()
    }
}

/// Who asks, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    token: Option<String>,
    address: IpAddr,
    headers: Vec<(&'static str, String)>,
}

impl Caller {
    /// Nobody, from another machine.
    pub fn nobody() -> Self {
        Self { token: None, address: IpAddr::from([192, 0, 2, 7]), headers: Vec::new() }
    }

    /// A browser on the server's own machine.
    pub fn local_browser() -> Self {
        Self { address: IpAddr::from([127, 0, 0, 1]), ..Self::nobody() }
            .with("host", "localhost:8096")
    }

    /// A device with a token.
    pub fn with_token(token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::nobody() }
    }

    /// The same from another address.
    pub fn at_address(self, address: [u8; 4]) -> Self {
        Self { address: address.into(), ..self }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

async fn open(setting: &Setting, clock: &Clock) -> (Workshop, Router) {
    let workshop = Workshop::open_to_serve(setting, clock.clone(), Rng::system())
        .await
        .expect("the house stands");
    let router = http::router(&workshop);
    (workshop, router)
}

impl App {
    /// A server that nobody has set up.
    pub async fn start() -> Self {
        Box::pin(Self::start_with(|_| {})).await
    }

    /// The same, with what `change` makes of its configuration.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::create(&migration_sets()).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = database.options();
        let mut config = Config::default();
        let socket = options
            .get_socket()
            .map_or_else(|| options.get_host().to_owned(), |it| it.display().to_string());
        config.database.host = Some(socket);
        config.database.port = options.get_port();
        config.database.name = options.get_database().expect("a database").to_owned();
        config.database.user = options.get_username().to_owned();
        // Tests that are not about it count FFmpeg's calls, and need the processors.
        config.analysis.enabled = false;
        config.media.ffmpeg = Some(ffmpeg());
        // What a test sees must not hang on the machine it runs on.
        config.transcode.hardware = HardwareSetting::Off;
        config.transcode.min_free_mb = 0;
        config.analysis.min_free_mb = 0;
        // Tests ask for more in a moment, by a clock that stands still, than people do in minutes.
        config.server.requests = RequestsSection { strangers: 0, changes: 0, reads: 0, media: 0 };
        change(&mut config);
        let setting = Setting {
            config,
            file: None,
            data_dir: folder.path().to_owned(),
            environment: Vec::new(),
            program: Some(env!("CARGO_BIN_EXE_revenge").into()),
        };
        let clock = Clock::manual("2026-01-02T03:04:05Z".parse().expect("a time"));
        let (workshop, router) = Box::pin(open(&setting, &clock)).await;
        Self { workshop, clock, folder, database, setting, router }
    }

    /// The same server stopped and started again, with what `change` makes of its configuration.
    pub async fn restarted(self, change: impl FnOnce(&mut Config)) -> Self {
        let Self { workshop, clock, folder, database, mut setting, router } = self;
        drop(router);
        workshop.close().await;
        change(&mut setting.config);
        let (workshop, router) = Box::pin(open(&setting, &clock)).await;
        Self { workshop, clock, folder, database, setting, router }
    }

    /// A server with an owner, and a caller who is the owner.
    pub async fn start_with_owner() -> (Self, Caller) {
        let app = Box::pin(Self::start()).await;
        let owner = app.owner().await;
        (app, owner)
    }

    /// Sets the server up; the caller is its owner.
    pub async fn owner(&self) -> Caller {
        let body = json!({ "name": "owner", "password": PASSWORD, "language": "en" });
        let answer =
            self.send(&Caller::local_browser(), Method::POST, "/api/v1/setup", Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        Caller::with_token(answer.json()["token"].as_str().expect("a token"))
    }

    /// One more person, signed in.
    pub async fn person(&self, owner: &Caller, body: Value) -> Caller {
        let answer = self.post(owner, "/people", body.clone()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let body = json!({ "name": body["name"], "password": PASSWORD });
        let signed_in = self.post(&Caller::nobody(), "/sessions", body).await;
        Caller::with_token(signed_in.json()["token"].as_str().expect("a token"))
    }

    /// A library of films in a folder of its own with these files in it.
    pub async fn library(&self, owner: &Caller, name: &str) -> (String, PathBuf) {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let body = json!({ "name": name, "kind": "movies", "folders": [folder] });
        let answer = self.post(owner, "/libraries", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        (answer.json()["id"].as_str().expect("an id").to_owned(), folder)
    }

    /// Scans a library to the end, artwork and search included.
    pub async fn scan(&self, owner: &Caller, library: &str) {
        let answer = self
            .send(owner, Method::POST, &format!("/api/v1/libraries/{library}/scan"), None)
            .await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        self.run_jobs().await;
    }

    /// Does all work that waits.
    pub async fn run_jobs(&self) {
        let registry = revenge::wiring::registry(&self.workshop).expect("the list of work");
        self.workshop.jobs.drain(&registry).await.expect("the work is done");
    }

    /// Has work that comes around done now, and all else that waits.
    pub async fn run_scheduled(&self, owner: &Caller, kind: &str) {
        let answer = self.post(owner, &format!("/jobs/schedules/{kind}/run"), Value::Null).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        self.run_jobs().await;
    }

    /// GET under `/api/v1`.
    pub async fn get(&self, caller: &Caller, path: &str) -> Answer {
        self.send(caller, Method::GET, &format!("/api/v1{path}"), None).await
    }

    /// POST under `/api/v1`.
    pub async fn post(&self, caller: &Caller, path: &str, body: Value) -> Answer {
        self.send(caller, Method::POST, &format!("/api/v1{path}"), Some(body)).await
    }

    /// Opens the stream of events.
    pub async fn listen(&self, caller: &Caller) -> Hearing {
        let token = caller.token.as_deref().expect("somebody who is signed in");
        let request = Request::builder()
            .uri("/api/v1/events")
            .header("authorization", format!("Bearer {token}"));
        let request = request.body(Body::empty()).expect("a request");
        let response =
            self.router.clone().oneshot(request).await.expect("the router always answers");
        assert_eq!(response.status(), 200);
        let unbuffered = response.headers().get("x-accel-buffering").expect("told to nginx");
        assert_eq!(unbuffered, "no");
        Hearing(response.into_body().into_data_stream())
    }

    /// Any request with a JSON body or none.
    pub async fn send(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let body = body.map_or_else(Vec::new, |it| it.to_string().into_bytes());
        self.send_bytes(caller, method, path, body).await
    }

    /// How any request with a JSON body or none is answered, without waiting for what the answer carries.
    pub async fn status(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> StatusCode {
        let body = body.map_or_else(Vec::new, |it| it.to_string().into_bytes());
        self.ask(caller, method, path, body).await.status()
    }

    /// Any request with any body.
    pub async fn send_bytes(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Answer {
        let (parts, body) = self.ask(caller, method, path, body).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn ask(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        if let Some(token) = &caller.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &caller.headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(Body::from(body)).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(caller.address, 40_000)));
        self.router.clone().oneshot(request).await.expect("the router always answers")
    }
}
