//! Refusals on the wire: problem documents by RFC 9457.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use kernel::Error;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a handler returns: its answer, or a refusal that becomes a problem document.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// Why a request was refused (RFC 9457, with a stable `code`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What clients branch on; every value is listed in `docs/errors.md`.
    pub code: String,
    /// What is wrong and, where there is one, the way out.
    pub detail: String,
    /// The part of the request that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// When the person's hours begin again, where it is outside of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<DateTime<Utc>>,
}

/// An error on its way to the client.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    error: Error,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { status: status_of(&error), error }
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Error::from(error).into()
    }
}

impl Refusal {
    /// The same error under a more telling status of the same family.
    pub(crate) fn with_status(status: StatusCode, error: Error) -> Self {
        Self { status, error }
    }
}

/// The one place where errors get their status.
fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Forbidden(_) | Error::OutsideHours { .. } => StatusCode::FORBIDDEN,
        Error::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict { .. } => StatusCode::CONFLICT,
        Error::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Overloaded { .. } | Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, error } = self;
        // Doing as much as one can is no failure.
        let is_failure = !matches!(error, Error::Overloaded { .. });
        if status.is_server_error() && is_failure {
            tracing::error!(
                error = format!("{:#}", anyhow_chain(&error)),
                code = error.code(),
                "request.failed"
            );
        } else {
            tracing::debug!(error = %error, code = error.code(), "request.refused");
        }
        let problem = Problem {
            r#type: format!("/docs/errors#{}", error.code()),
            title: status.canonical_reason().unwrap_or("Refused").to_owned(),
            status: status.as_u16(),
            code: error.code().to_owned(),
            detail: error.to_string(),
            field: if let Error::Invalid { field, .. } = &error {
                Some(field.clone())
            } else {
                None
            },
            opens_at: if let Error::OutsideHours { opens_at } = &error {
                Some(*opens_at)
            } else {
                None
            },
        };
        let mut response = (status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Error::Busy { retry_after } | Error::Overloaded { retry_after } = error {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
        }
        response
    }
}

/// The error and everything under it, outermost first, for the log.
fn anyhow_chain(error: &Error) -> String {
    let mut chain = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        source = cause.source();
    }
    chain
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_log_names_the_cause_that_the_client_never_sees() {
        let error = Error::Internal(anyhow::anyhow!("disk on fire").context("writing the index"));
        assert_eq!(error.to_string(), "something went wrong on the server");
        assert!(anyhow_chain(&error).ends_with("writing the index: disk on fire"));
    }

    #[test]
    fn a_busy_answer_says_when_to_come_back() {
        let response =
            Refusal::from(Error::Busy { retry_after: Duration::from_millis(10) }).into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }
}
