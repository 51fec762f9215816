//! Queries that are slow enough for the log are in the trace of the request or job that asked, too.

use std::fmt;

use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, KeyValue};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer;

/// What SQLx calls its own lines.
const TARGET: &str = concat!("sqlx", "::query");
const MAX_CHARS: usize = 2000;

/// Puts slow queries into the trace: the statement, which has no values in it, and how long it took.
#[derive(Clone, Copy, Debug)]
pub struct SlowQueries;

impl<S: Subscriber> Layer<S> for SlowQueries {
    fn on_event(&self, event: &Event<'_>, _: layer::Context<'_, S>) {
        if event.metadata().target() != TARGET || *event.metadata().level() > Level::WARN {
            return;
        }
        let context = Context::current();
        if context.span().is_recording() {
            let mut told = Told(Vec::new());
            event.record(&mut told);
            context.span().add_event("slow query", told.0);
        }
    }
}

struct Told(Vec<KeyValue>);

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        let name = match field.name() {
            "db.statement" if !value.is_empty() => "db.query.text",
            "summary" => "db.query.summary",
            _ => return,
        };
        let text: String = value.trim().chars().take(MAX_CHARS).collect();
        self.0.push(KeyValue::new(name, text));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.0.push(KeyValue::new("duration_s", value));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
