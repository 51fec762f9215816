//! Why a request to the outside failed, with the host's name and nothing secret.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

/// A request that failed.
#[derive(thiserror::Error)]
#[error("{host}: {reason}")]
pub struct Failure {
    /// Whom we asked.
    pub host: String,
    /// What came of it.
    pub reason: Reason,
    /// The beginning of what came with a status that is not success: some services tell only there what is wrong. Never
    /// shown: it may repeat what was sent.
    pub body: Bytes,
}

/// What came of a request that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It answered with a status that is not success.
    #[error("it answered with status {status}")]
    Status {
        /// 4xx, 5xx, or a redirect that is not followed.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// Nobody answers there.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// It began and did not end in time.
    #[error("no whole answer in time")]
    TimedOut,
    /// The body is larger than we read.
    #[error("its answer is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// The body is not what it should be.
    #[error("its answer makes no sense: {0}")]
    Garbage(String),
    /// It failed so often, or asked for such a pause, that it is not asked now.
    #[error("it is left in peace for {} s", .again_in.as_secs())]
    Resting {
        /// How long.
        again_in: Duration,
    },
    /// We do not ask there.
    #[error("refused: {0}")]
    Refused(String),
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Failure")
            .field("host", &self.host)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl Failure {
    pub(crate) fn new(url: &Url, reason: Reason) -> Self {
        Self { host: url.host_str().unwrap_or("no host").to_owned(), reason, body: Bytes::new() }
    }

    /// When the host wants to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.reason {
            Reason::Status { retry_after, .. } => *retry_after,
            Reason::Resting { again_in } => Some(*again_in),
            _ => None,
        }
    }
}

impl From<Failure> for kernel::Error {
    fn from(failure: Failure) -> Self {
        Self::Unavailable { service: "an outside service", source: failure.into() }
    }
}

/// What reqwest met, without the address it would name.
pub(crate) fn reason(error: &reqwest::Error) -> Reason {
    if error.is_timeout() {
        return Reason::TimedOut;
    }
    let mut cause = error.source();
    let mut innermost = "the connection broke".to_owned();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<crate::guard::NotPublic>() {
            return Reason::Refused(refused.to_string());
        }
        innermost = error.to_string();
        cause = error.source();
    }
    if error.is_decode() { Reason::Garbage(innermost) } else { Reason::Unreachable(innermost) }
}
