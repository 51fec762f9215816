//! The one error type of the rooms, closed by how a caller reacts to it.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

/// What a room's function returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something did not happen, told apart by what the caller can do about it.
///
/// `Display` is a sentence for the person who asked: it names the thing and, where there is one, the way out. It never
/// repeats its source; the boundary logs the chain once.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody, or nobody we still know, is asking: sign in and ask again.
    #[error("sign in first")]
    Unauthenticated,
    /// The thing does not exist for the one who asks; also the answer for what they may not know of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The asker is known, may know of the thing, and may not do this to it.
    #[error("you may not {0}")]
    Forbidden(&'static str),
    /// The asker is known, and is to come back when their hours begin again.
    #[error("these are not your hours; come back at {}", .opens_at.to_rfc3339_opts(SecondsFormat::Secs, true))]
    OutsideHours {
        /// When they begin.
        opens_at: DateTime<Utc>,
    },
    /// The request itself is wrong; `field` names the part (a JSON path, a parameter, a header).
    #[error("{field}: {message}")]
    Invalid {
        /// The part of the request that is wrong.
        field: String,
        /// What is wrong with it and what would be right.
        message: String,
    },
    /// The request is fine but the present state forbids it.
    #[error("{message}")]
    Conflict {
        /// Stable, documented: `room.what_happened`.
        code: &'static str,
        /// What stands in the way.
        message: String,
    },
    /// Too much at once: the same request will be fine later.
    #[error("too many requests; try again in {} s", .retry_after.as_secs().max(1))]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The server does as much of this as it can, for everybody together: the same request will be fine later.
    #[error("the server is converting as much as it can; try again in {} s", .retry_after.as_secs().max(1))]
    Overloaded {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// A part that we need is not there now.
    #[error("{service} is not available right now")]
    Unavailable {
        /// Which part, in words of the operator: `PostgreSQL`, `FFmpeg`.
        service: &'static str,
        /// What it said.
        #[source]
        source: anyhow::Error,
    },
    /// Our own fault, or something nobody foresaw.
    #[error("something went wrong on the server")]
    Internal(#[from] anyhow::Error),
}

impl Error {
    /// A wrong part of a request.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), message: message.into() }
    }

    /// A state that stands in the way; `code` is documented in `docs/errors.md`.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    /// The stable code clients branch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::NotFound(_) => "not_found",
            Self::Forbidden(_) => "forbidden",
            Self::OutsideHours { .. } => "accounts.outside_hours",
            Self::Invalid { .. } => "invalid",
            Self::Conflict { code, .. } => code,
            Self::Busy { .. } => "busy",
            Self::Overloaded { .. } => "overloaded",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<sqlx::Error> for Error {
    /// A lost or exhausted connection is the database's absence; anything else is our own fault.
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_) => {
                Self::Unavailable { service: "PostgreSQL", source: error.into() }
            }
            other => Self::Internal(other.into()),
        }
    }
}

/// Turns the violation of a named constraint into the error a person can act on.
pub trait OnConstraint<T> {
    /// `make` is called when the database refused because of `constraint`.
    fn on_constraint(self, constraint: &str, make: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OnConstraint<T> for std::result::Result<T, sqlx::Error> {
    fn on_constraint(self, constraint: &str, make: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(|error| match &error {
            sqlx::Error::Database(refusal) if refusal.constraint() == Some(constraint) => make(),
            _ => error.into(),
        })
    }
}
