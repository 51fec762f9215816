//! How an attempt may end other than well.

use std::time::Duration;

/// Why an attempt did not do its work, told apart by what happens next.
#[derive(Debug)]
pub enum JobError {
    /// Try again after this time; counts as an attempt.
    Retry {
        /// From now.
        after: Duration,
        /// For the one who looks at the job.
        message: String,
    },
    /// Go on after this time; no failure, so it counts as no attempt, unless it happens again and again.
    Later {
        /// From now.
        after: Duration,
        /// For the one who looks at the job.
        message: String,
    },
    /// Trying again would not help.
    GiveUp {
        /// For the one who looks at the job.
        message: String,
    },
    /// It was told to stop and did. What [`crate::Context::check`] returns.
    Cancelled,
    /// Try again as River's schedule says.
    Failed(anyhow::Error),
}

impl JobError {
    /// Trying again would not help because of `message`.
    pub fn give_up(message: impl Into<String>) -> Self {
        Self::GiveUp { message: message.into() }
    }
}

impl From<anyhow::Error> for JobError {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<kernel::Error> for JobError {
    fn from(error: kernel::Error) -> Self {
        match error {
            kernel::Error::Busy { retry_after } | kernel::Error::Overloaded { retry_after } => {
                Self::Later { after: retry_after, message: error.to_string() }
            }
            other => Self::Failed(other.into()),
        }
    }
}

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<std::io::Error> for JobError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<serde_json::Error> for JobError {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// [`JobError::Retry`] on its way through River.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Postponed {
    pub after: Duration,
    pub message: String,
}

/// An error of River's as one of ours.
pub(crate) fn from_river(error: riverqueue::Error) -> kernel::Error {
    match error {
        riverqueue::Error::Database(error) => error.into(),
        riverqueue::Error::NotFound(_) => kernel::Error::NotFound("job"),
        other => kernel::Error::Internal(other.into()),
    }
}
