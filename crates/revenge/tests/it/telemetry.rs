//! Traces, as a collector gets them: the request, and what it led to.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry::trace::{FutureExt as _, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, global};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use prost::Message as _;
use revenge::config::OtlpSection;
use revenge::telemetry::{SlowQueries, Traces};
use revenge::wiring::migration_sets;
use sqlx::ConnectOptions as _;
use testkit::database::TestDatabase;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::process::{Program, is_scanned, make_clip};

/// A trace of somebody else's, and a part of it.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PART: &str = "00f067aa0ba902b7";

/// What came, as it came.
#[derive(Clone, Default)]
struct Collector {
    deliveries: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    /// What it says to everything.
    answer: StatusCode,
}

async fn take(
    State(it): State<Collector>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    it.deliveries.lock().expect("nobody failed").push((headers, body));
    (it.answer, "garbage")
}

impl Collector {
    /// Listens; the address for the configuration.
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/v1/traces", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    fn deliveries(&self) -> Vec<(HeaderMap, Bytes)> {
        self.deliveries.lock().expect("nobody failed").clone()
    }

    fn spans(&self) -> Vec<Span> {
        let decode = |(_, body): (HeaderMap, Bytes)| {
            let request = ExportTraceServiceRequest::decode(body).expect("the protocol's message");
            request.resource_spans.into_iter().flat_map(|it| it.scope_spans).flat_map(|it| it.spans)
        };
        self.deliveries().into_iter().flat_map(decode).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn attribute(span: &Span, name: &str) -> Option<Value> {
    let found = span.attributes.iter().find(|it| it.key == name)?;
    found.value.clone()?.value
}

/// Asks for a scan within a trace, as whom `headers` say.
async fn scan(program: &Program, token: &str, library: &str, headers: &[(&str, &str)]) -> u16 {
    let url = format!("http://127.0.0.1:{}/api/v1/libraries/{library}/scan", program.port());
    let client = outbound::trusted_client().expect("a client");
    let mut request = client.post(url).bearer_auth(token);
    request = request.header("traceparent", format!("00-{TRACE}-{PART}-01"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("it answers").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_sees_what_a_request_led_to_and_nothing_of_what_it_was_about() {
    let collector = Collector::default();
    let endpoint = collector.start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let films = folder.path().join("cellar");
    std::fs::create_dir_all(&films).expect("a folder");
    make_clip(&films.join("Very Private Title (2019).mp4"));
    let program = Program::start_with(
        &folder.path().join("data"),
        &[
            ("REVENGE_TELEMETRY__OTLP__ENDPOINT", &endpoint),
            ("REVENGE_TELEMETRY__OTLP__HEADERS__AUTHORIZATION", "Bearer collect"),
            ("OTEL_SERVICE_NAME", "living-room"),
        ],
    );
    let token = program.set_up().await;
    let library = program.add_library(&token, &films).await;
    assert_eq!(scan(&program, &token, &library, &[("x-request-id", "click-1")]).await, 202);
    program.wait_for(&token, &library, |it| is_scanned(it, 1)).await;
    scan(
        &program,
        &token,
        &library,
        &[("x-forwarded-for", "1.2.3.4"), ("x-request-id", "foreign")],
    )
    .await;
    assert_eq!(program.stop(), Some(0));

    let spans = collector.spans();
    let request = |id: &str| {
        let id = Some(Value::StringValue(id.to_owned()));
        spans.iter().find(|it| attribute(it, "request.id") == id).expect("the request's part")
    };
    let click = request("click-1");
    assert_eq!(click.name, "POST /api/v1/libraries/{id}/scan");
    assert_eq!(click.kind(), SpanKind::Server);
    assert_eq!(
        (hex(&click.trace_id), hex(&click.parent_span_id)),
        (TRACE.to_owned(), PART.to_owned())
    );
    assert_eq!(attribute(click, "http.response.status_code"), Some(Value::IntValue(202)));

    let job = spans.iter().find(|it| it.parent_span_id == click.span_id).expect("the job's part");
    assert_eq!((job.name.as_str(), job.kind()), ("catalog.scan_library", SpanKind::Consumer));
    assert_eq!(hex(&job.trace_id), TRACE);
    assert_eq!(attribute(job, "job.outcome"), Some(Value::StringValue("done".to_owned())));

    let foreign = request("foreign");
    assert_ne!(hex(&foreign.trace_id), TRACE, "a stranger's word counts for nothing");

    for (headers, body) in collector.deliveries() {
        assert_eq!(headers["authorization"], "Bearer collect");
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains("living-room"));
        for secret in ["Private", "cellar", "correct horse", "1.2.3.4", &library, &token] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_slow_enough_for_the_log_is_in_the_trace_without_its_values() {
    let collector = Collector::default();
    let endpoint = Some(collector.start().await);
    let section = OtlpSection { endpoint, ..OtlpSection::default() };
    let traces = Traces::open(&section, &[]).expect("opened").expect("an address is named");
    tracing_subscriber::registry().with(SlowQueries).init();
    let database = TestDatabase::create(&migration_sets()).await;
    // Every query is slow to whom none is quick enough.
    let options = database
        .options()
        .clone()
        .log_slow_statements("warn".parse().expect("a level"), std::time::Duration::ZERO);
    let mut db = options.connect().await.expect("a connection");

    let tracer = global::tracer("test");
    let context = Context::new().with_span(tracer.start("page"));
    let asked = sqlx::query("SELECT count(*) FROM catalog.item WHERE title = $1").bind("Private");
    asked.execute(&mut db).with_context(context.clone()).await.expect("answered");
    context.span().end();
    traces.finish().await;

    let spans = collector.spans();
    let [event] = spans[0].events.as_slice() else { panic!("{spans:?}") };
    assert_eq!(event.name, "slow query");
    let text = format!("{:?}", event.attributes);
    assert!(
        text.contains("FROM catalog.item WHERE title = $1") && text.contains("duration_s"),
        "{text}"
    );
    assert!(!format!("{spans:?}").contains("Private"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_traces_so_many_are_told_as_the_owner_says() {
    let collector = Collector::default();
    let endpoint = Some(collector.start().await);
    let section = OtlpSection { endpoint, sample_percent: 0, ..OtlpSection::default() };
    let traces = Traces::open(&section, &[]).expect("opened").expect("an address is named");
    global::tracer("test").start("page");
    traces.finish().await;
    assert!(collector.deliveries().is_empty());

    let section = OtlpSection { sample_percent: 101, ..section };
    let wrong = Traces::open(&section, &[]).expect_err("more than all").to_string();
    assert!(wrong.starts_with("telemetry.otlp.sample_percent"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_takes_nothing_loses_traces_and_holds_nobody_up() {
    for answer in
        [None, Some(StatusCode::TOO_MANY_REQUESTS), Some(StatusCode::INTERNAL_SERVER_ERROR)]
    {
        let endpoint = match answer {
            Some(answer) => Collector { answer, ..Collector::default() }.start().await,
            // Nobody listens there.
            None => "http://127.0.0.1:9".to_owned(),
        };
        let section = OtlpSection { endpoint: Some(endpoint), ..OtlpSection::default() };
        let traces = Traces::open(&section, &[]).expect("opened").expect("an address is named");
        let tracer = global::tracer("test");
        // Ten times what may wait.
        for _ in 0..20_000 {
            tracer.start("page");
        }
        traces.finish().await;
    }
}
