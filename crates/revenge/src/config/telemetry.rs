//! What is told about the server's work to a collector that the owner runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is told about the server's work to a collector; nothing, unless one is named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySection {
    /// A collector of OpenTelemetry.
    pub otlp: OtlpSection,
}

/// A collector that takes OpenTelemetry's protocol over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OtlpSection {
    /// Its address, without `/v1/traces`. Where it is not named, `OTEL_EXPORTER_OTLP_ENDPOINT` says it.
    pub endpoint: Option<String>,
    /// What it wants to see with every delivery, such as `authorization`.
    pub headers: BTreeMap<String, String>,
    /// Of a hundred traces, so many are told.
    pub sample_percent: u16,
}

impl Default for OtlpSection {
    fn default() -> Self {
        Self { endpoint: None, headers: BTreeMap::new(), sample_percent: 100 }
    }
}
