//! Traces for a collector that the owner named, by OpenTelemetry's protocol over HTTP.
//!
//! What leaves is what is put into a span by name here, in `http/trace.rs` and in `jobs`: routes, kinds, times and outcomes.
//! Nothing is taken over from the log, so neither titles nor addresses can come along. Spans wait in a bounded queue; those
//! that a collector does not take in time are thrown away.

mod deliver;
mod slow;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use opentelemetry::global;
use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider,
};

use crate::config::OtlpSection;

pub use slow::SlowQueries;

/// Spans that wait for the next delivery. About 1 MB.
const QUEUE: usize = 2048;
const DELIVER_EVERY: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(10);
/// A server that stops waits so long for its last delivery.
const FAREWELL: Duration = Duration::from_secs(2);

/// Traces on their way to a collector. Call [`Traces::finish`] at the end, or the last ones are lost.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Makes the whole process trace its work, where a collector is named. Needs a Tokio runtime around it.
    pub fn open(
        section: &OtlpSection,
        environment: &[(String, String)],
    ) -> anyhow::Result<Option<Self>> {
        let Some(address) = address(section, environment)? else { return Ok(None) };
        ensure!(
            section.sample_percent <= 100,
            "telemetry.otlp.sample_percent: {} of a hundred traces; say 0 to 100",
            section.sample_percent
        );
        let name = variable(environment, "OTEL_SERVICE_NAME").unwrap_or("revenge").to_owned();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(address.as_str())
            .with_headers(section.headers.clone().into_iter().collect())
            .with_timeout(PATIENCE)
            // What is not taken now would only stand in the way of what comes next.
            .with_retry_policy(RetryPolicy::disabled())
            .with_http_client(deliver::Deliver::new(PATIENCE)?)
            .build()
            .context("telemetry.otlp")?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_scheduled_delay(DELIVER_EVERY)
            .build();
        let ratio = Sampler::TraceIdRatioBased(f64::from(section.sample_percent) / 100.0);
        let resource = Resource::builder().with_service_name(name).with_attribute(
            opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        );
        let provider = SdkTracerProvider::builder()
            .with_span_processor(
                BatchSpanProcessor::builder(exporter).with_batch_config(batches).build(),
            )
            .with_sampler(Sampler::ParentBased(Box::new(ratio)))
            .with_resource(resource.build())
            .build();
        global::set_text_map_propagator(TraceContextPropagator::new());
        global::set_tracer_provider(provider.clone());
        tracing::info!(collector = address.authority(), "telemetry.on");
        Ok(Some(Self { provider }))
    }

    /// Delivers what waits, and no more after that.
    pub async fn finish(self) {
        let provider = self.provider;
        let ended =
            tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FAREWELL)).await;
        if let Ok(Err(error)) = ended {
            tracing::debug!(%error, "telemetry.cut_short");
        }
    }
}

/// Where traces go: what the configuration says, or what the variables say that OpenTelemetry has for it.
fn address(
    section: &OtlpSection,
    environment: &[(String, String)],
) -> anyhow::Result<Option<reqwest::Url>> {
    let base = section.endpoint.as_deref().filter(|it| !it.is_empty());
    let own = base.map(|it| ("telemetry.otlp.endpoint", it, true));
    let traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    let all = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let named = own
        .or_else(|| Some((traces, variable(environment, traces)?, false)))
        .or_else(|| Some((all, variable(environment, all)?, true)));
    let Some((key, text, is_base)) = named else { return Ok(None) };
    // The address is not repeated: it may have a password in it.
    let mut url: reqwest::Url = text.parse().with_context(|| format!("{key}: no address"))?;
    ensure!(
        matches!(url.scheme(), "http" | "https") && url.has_host(),
        "{key}: say http://host:4318 (OTLP over HTTP; gRPC's port 4317 does not do)"
    );
    if is_base && !url.path().ends_with("/v1/traces") {
        let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
        url.set_path(&path);
    }
    Ok(Some(url))
}

fn variable<'a>(environment: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = environment.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str()).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        endpoint: Option<&str>,
        environment: &[(&str, &str)],
        expect: Result<Option<&str>, &str>,
    ) {
        let section =
            OtlpSection { endpoint: endpoint.map(str::to_owned), ..OtlpSection::default() };
        let environment: Vec<_> = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let found = address(&section, &environment);
        let found = found.map(|it| it.map(String::from)).map_err(|it| it.to_string());
        match expect {
            Ok(expect) => assert_eq!(found, Ok(expect.map(str::to_owned))),
            Err(words) => assert!(found.as_ref().is_err_and(|it| it.contains(words)), "{found:?}"),
        }
    }

    #[test]
    fn traces_go_where_the_configuration_or_the_usual_variables_say() {
        const ALL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        check(None, &[], Ok(None));
        check(Some(""), &[(ALL, "")], Ok(None));
        check(Some("http://a:4318"), &[(ALL, "http://b")], Ok(Some("http://a:4318/v1/traces")));
        check(Some("http://a/otlp/"), &[], Ok(Some("http://a/otlp/v1/traces")));
        check(Some("http://a/v1/traces"), &[], Ok(Some("http://a/v1/traces")));
        check(None, &[(ALL, "https://b:4318/")], Ok(Some("https://b:4318/v1/traces")));
        check(None, &[(ALL, "http://b"), (TRACES, "http://c/x")], Ok(Some("http://c/x")));
        check(Some("collector:4317"), &[], Err("telemetry.otlp.endpoint: say http://"));
        check(None, &[(ALL, "secret")], Err("OTEL_EXPORTER_OTLP_ENDPOINT: no address"));
    }
}
