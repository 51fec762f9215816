//! Why a job is there: the request in which it was written down, and that request's trace. Both go with its row, so that log
//! and traces tell what somebody's click led to, on whichever node and however much later.

use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry::trace::{SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue, global};
use riverqueue::JobRow;
use serde_json::{Map, Value};

use crate::{JobError, JobId};

/// Keys in the metadata of a row.
const REQUEST: &str = "revenge:request";
const TRACE: &str = "revenge:trace";

tokio::task_local! {
    static REQUEST_ID: Arc<str>;
}

/// Does `work` for the request called `id`: the jobs that it enqueues carry the name, and so do those that these enqueue.
pub async fn on_behalf_of<F: Future>(id: Arc<str>, work: F) -> F::Output {
    REQUEST_ID.scope(id, work).await
}

/// What led to a job.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cause {
    pub request_id: Option<Arc<str>>,
    /// As it is sent from server to server; empty where nothing is traced.
    trace: HashMap<String, String>,
}

impl Cause {
    /// What leads to the jobs that are written down here and now.
    pub fn current() -> Self {
        let mut trace = HashMap::new();
        let context = Context::current();
        if context.span().span_context().is_valid() {
            global::get_text_map_propagator(|it| it.inject_context(&context, &mut trace));
        }
        Self { request_id: REQUEST_ID.try_with(Arc::clone).ok(), trace }
    }

    pub fn of(row: &JobRow) -> Self {
        let request_id: Option<String> = row.metadata.get(REQUEST).ok().flatten();
        let trace = row.metadata.get(TRACE).ok().flatten().unwrap_or_default();
        Self { request_id: request_id.map(Arc::from), trace }
    }

    /// For the row; none for work that comes by itself.
    pub fn metadata(&self) -> Option<Map<String, Value>> {
        let mut metadata = Map::new();
        if let Some(id) = &self.request_id {
            metadata.insert(REQUEST.to_owned(), Value::String(id.to_string()));
        }
        if !self.trace.is_empty() {
            let trace = self.trace.iter().map(|(key, value)| (key.clone(), value.clone().into()));
            metadata.insert(TRACE.to_owned(), Value::Object(trace.collect()));
        }
        (!metadata.is_empty()).then_some(metadata)
    }

    /// One attempt as a part of the trace, or the beginning of one. It tells the kind and nothing of what the work is about.
    pub fn begin(&self, kind: &'static str, id: JobId, attempt: u16) -> Context {
        let before = global::get_text_map_propagator(|it| {
            it.extract_with_context(&Context::new(), &self.trace)
        });
        let tracer = global::tracer("revenge");
        let span = tracer
            .span_builder(kind)
            .with_kind(SpanKind::Consumer)
            .with_attributes([
                KeyValue::new("job.id", id.0),
                KeyValue::new("job.attempt", i64::from(attempt)),
            ])
            .start_with_context(&tracer, &before);
        before.with_span(span)
    }

    /// Does `work` for whom the job is.
    pub async fn lead_to<F: Future>(&self, work: F) -> F::Output {
        match &self.request_id {
            Some(id) => on_behalf_of(Arc::clone(id), work).await,
            None => work.await,
        }
    }
}

/// Ends an attempt's part of the trace. Why it failed is in the log: messages name files and titles.
pub(crate) fn end(context: &Context, outcome: &Result<(), JobError>) {
    let span = context.span();
    let (word, is_bad) = match outcome {
        Ok(()) => ("done", false),
        Err(JobError::Cancelled) => ("stopped", false),
        Err(JobError::Retry { .. } | JobError::Later { .. }) => ("postponed", false),
        Err(JobError::GiveUp { .. }) => ("given up", true),
        Err(JobError::Failed(_)) => ("failed", true),
    };
    span.set_attribute(KeyValue::new("job.outcome", word));
    if is_bad {
        span.set_status(Status::error(""));
    }
    span.end();
}
