//! The client against a server that misbehaves.

#![expect(clippy::disallowed_types, reason = "a foreign server, not our API")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use kernel::{Clock, Rng};
use outbound::{Outbound, Reason, Request, Settings};
use serde_json::{Value, json};
use url::Url;

/// A server on this machine and a client that may ask it by the name `localhost` only.
struct House {
    client: Outbound,
    port: u16,
    hits: Arc<AtomicU32>,
}

impl House {
    async fn new() -> Self {
        let hits = Arc::new(AtomicU32::new(0));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other_port = other.local_addr().unwrap().port();
        let app =
            Router::new()
                .route("/ok", get(|| async { axum::Json(json!({ "name": "ok" })) }))
                .route("/agent", get(agent))
                .route("/garbage", get(|| async { "<html>not JSON" }))
                .route("/missing", get(missing))
                .route("/broken", get(broken).post(broken))
                .route("/mends", get(mends))
                .route("/later", get(later))
                .route("/huge", get(huge))
                .route("/endless", get(endless))
                .route("/slow", get(slow))
                .route(
                    "/inside",
                    get(move || async move {
                        Redirect::temporary(&format!("http://127.0.0.1:{port}/ok"))
                    }),
                )
                .route(
                    "/away",
                    get(move || async move {
                        Redirect::temporary(&format!("http://localhost:{other_port}/agent"))
                    }),
                )
                .route("/near", get(|| async { Redirect::temporary("/ok") }))
                .route("/round", get(|| async { Redirect::temporary("/round") }))
                .route("/file", get(|| async { Redirect::temporary("file:///etc/passwd") }))
                .with_state(Arc::clone(&hits));
        let same_app = app.clone();
        tokio::spawn(async move { axum::serve(other, same_app).await });
        tokio::spawn(async move { axum::serve(listener, app).await });
        let settings = Settings {
            allowed_hosts: ["localhost".to_owned()].into(),
            attempt_time: Duration::from_millis(500),
            max_body_bytes: 100_000,
            first_pause: Duration::from_millis(10),
            spacing: Duration::ZERO,
            ..Settings::default()
        };
        let client = Outbound::new(settings, Clock::system(), Rng::seeded(1)).unwrap();
        Self { client, port, hits }
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://localhost:{}{path}?key=secret", self.port)).unwrap()
    }

    async fn failure(&self, path: &str) -> Reason {
        let failure = self.client.get_json::<Value>(self.url(path)).await.unwrap_err();
        assert!(failure.to_string().contains("localhost"), "{failure} names the host");
        assert!(!failure.to_string().contains("secret"), "{failure} tells no key");
        failure.reason
    }

    fn hits(&self) -> u32 {
        self.hits.load(Ordering::SeqCst)
    }
}

type Hits = State<Arc<AtomicU32>>;

async fn missing(State(hits): Hits) -> StatusCode {
    hits.fetch_add(1, Ordering::SeqCst);
    StatusCode::NOT_FOUND
}

async fn broken(State(hits): Hits) -> StatusCode {
    hits.fetch_add(1, Ordering::SeqCst);
    StatusCode::SERVICE_UNAVAILABLE
}

/// Fails twice, then answers.
async fn mends(State(hits): Hits) -> Response {
    match hits.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::BAD_GATEWAY.into_response(),
        1 => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "0")]).into_response(),
        _ => axum::Json(json!("mended")).into_response(),
    }
}

async fn later(State(hits): Hits) -> Response {
    hits.fetch_add(1, Ordering::SeqCst);
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "3600")]).into_response()
}

async fn huge() -> Vec<u8> {
    vec![b' '; 200_000]
}

/// A body without a length.
async fn endless() -> Body {
    let chunks = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 10_000]));
    Body::from_stream(chunks)
}

async fn slow() -> StatusCode {
    std::future::pending().await
}

async fn agent(headers: HeaderMap) -> axum::Json<Value> {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
    axum::Json(json!({ "agent": text("user-agent"), "key": text("x-api-key") }))
}

#[tokio::test]
async fn json_is_read_and_the_agent_is_named() {
    let house = House::new().await;
    let answer: Value = house.client.get_json(house.url("/ok")).await.unwrap();
    assert_eq!(answer, json!({ "name": "ok" }));
    let answer: Value = house.client.get_json(house.url("/agent")).await.unwrap();
    assert!(answer["agent"].as_str().unwrap().starts_with("Revenge/"));
}

#[tokio::test]
async fn an_error_of_ours_is_not_repeated_and_one_of_theirs_is() {
    let house = House::new().await;
    assert_eq!(house.failure("/missing").await, Reason::Status { status: 404, retry_after: None });
    assert_eq!(house.hits(), 1);
    assert_eq!(house.failure("/broken").await, Reason::Status { status: 503, retry_after: None });
    assert_eq!(house.hits(), 1 + 3);
    let posted = house.client.send(Request::post(house.url("/broken"), "body")).await;
    assert!(posted.is_err());
    assert_eq!(house.hits(), 1 + 3 + 1, "what may have been done is not done again");
}

#[tokio::test]
async fn a_server_that_mends_is_asked_until_it_answers() {
    let house = House::new().await;
    let answer: Value = house.client.get_json(house.url("/mends")).await.unwrap();
    assert_eq!(answer, "mended");
    assert_eq!(house.hits(), 3);
}

#[tokio::test]
async fn a_long_wish_to_wait_is_reported_not_waited() {
    let house = House::new().await;
    let failure = house.client.get_json::<Value>(house.url("/later")).await.unwrap_err();
    assert_eq!(failure.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(house.hits(), 1);
}

#[tokio::test]
async fn bodies_are_limited_with_and_without_a_length() {
    let house = House::new().await;
    for path in ["/huge", "/endless"] {
        assert_eq!(house.failure(path).await, Reason::TooLarge { max_bytes: 100_000 }, "{path}");
    }
}

#[tokio::test]
async fn garbage_is_told_from_json() {
    assert!(matches!(House::new().await.failure("/garbage").await, Reason::Garbage(_)));
}

#[tokio::test]
async fn a_server_that_never_answers_costs_a_bounded_time() {
    let house = House::new().await;
    let started_at = Instant::now();
    assert_eq!(house.failure("/slow").await, Reason::TimedOut);
    assert!(started_at.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let mut house = House::new().await;
    house.port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    assert!(matches!(house.failure("/ok").await, Reason::Unreachable(_)));
}

#[tokio::test]
async fn no_redirect_leads_into_the_private_network_out_of_http_or_round_for_ever() {
    let house = House::new().await;
    let answer: Value = house.client.get_json(house.url("/near")).await.unwrap();
    assert_eq!(answer["name"], "ok");
    for path in ["/inside", "/file", "/round"] {
        let failure = house.client.get_json::<Value>(house.url(path)).await.unwrap_err();
        assert!(matches!(failure.reason, Reason::Refused(_)), "{path}: {failure}");
    }
}

#[tokio::test]
async fn names_that_resolve_to_private_addresses_are_refused() {
    let client = Outbound::new(Settings::default(), Clock::system(), Rng::seeded(1)).unwrap();
    for url in
        ["http://localhost:1/", "http://LOCALHOST:1/", "http://127.0.0.1:1/", "http://[::1]:1/"]
    {
        let failure = client.get_json::<Value>(Url::parse(url).unwrap()).await.unwrap_err();
        assert!(matches!(failure.reason, Reason::Refused(_)), "{url}: {failure}");
    }
}

#[tokio::test]
async fn a_key_does_not_follow_a_redirect_to_another_host() {
    let house = House::new().await;
    let mut headers = HeaderMap::new();
    headers.insert("x-api-key", "secret".parse().unwrap());
    let ask = |path| Request::get(house.url(path)).headers(headers.clone());
    let direct: Value = house.client.json(ask("/agent")).await.unwrap();
    assert_eq!(direct["key"], "secret");
    let redirected: Value = house.client.json(ask("/away")).await.unwrap();
    assert_eq!(redirected["key"], Value::Null);
}

#[tokio::test]
async fn a_proxy_carries_requests_and_none_into_the_private_network() {
    let app = Router::new().fallback(|uri: axum::http::Uri| async move { uri.to_string() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let settings = Settings {
        // Exempt, so that the test asks no name server.
        allowed_hosts: ["shop.example".to_owned()].into(),
        proxy: Some(Url::parse(&proxy).unwrap()),
        ..Settings::default()
    };
    let client = Outbound::new(settings, Clock::system(), Rng::seeded(1)).unwrap();
    let ask = |url: &str| client.send(Request::get(Url::parse(url).unwrap()));
    let answer = ask("http://shop.example/a?b=c").await.unwrap();
    assert_eq!(answer.body, "http://shop.example/a?b=c");
    for url in ["http://localhost:1/", "http://10.0.0.1/", proxy.as_str()] {
        let failure = ask(url).await.unwrap_err();
        assert!(matches!(failure.reason, Reason::Refused(_)), "{url}: {failure}");
    }
}

#[tokio::test]
async fn the_beginning_of_what_a_failure_says_is_kept_and_not_shown() {
    let app = Router::new()
        .fallback(|| async { (StatusCode::UNAUTHORIZED, "Request limit reached! key=secret") });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let settings =
        Settings { allowed_hosts: ["localhost".to_owned()].into(), ..Settings::default() };
    let client = Outbound::new(settings, Clock::system(), Rng::seeded(1)).unwrap();
    let failure = client.send(Request::get(Url::parse(&url).unwrap())).await.unwrap_err();
    assert!(failure.body.starts_with(b"Request limit reached!"));
    assert!(!format!("{failure} {failure:?}").contains("secret"));
}
