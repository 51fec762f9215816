//! What is kept of an arrival.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{ArrivalId, BroughtBy};

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ArrivalState {
    /// It waits for its files.
    New,
    /// The other server, or its database, is being read.
    Reading,
    /// Our items are looked for.
    Checking,
    /// It is known what would become of it.
    Ready,
    /// It is being written.
    Bringing,
    /// All of it is here.
    Done,
    /// It cannot go on; why stands beside it.
    Failed,
}

impl ArrivalState {
    /// As the database has it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reading => "reading",
            Self::Checking => "checking",
            Self::Ready => "ready",
            Self::Bringing => "bringing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether a job is at it.
    pub fn is_at_work(self) -> bool {
        matches!(self, Self::Reading | Self::Checking | Self::Bringing)
    }
}

/// An arrival, without what was read.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its id.
    pub id: ArrivalId,
    /// Which kind of server it comes from.
    pub source: String,
    /// Where it was read, in words for people.
    pub origin: String,
    /// How far it is.
    pub state: ArrivalState,
    /// Why it failed.
    pub problem: Option<String>,
    /// Who is who, in the words of who reads other servers.
    pub plan: Value,
    /// What would become of it, in the same words.
    pub report: Option<Value>,
    /// What was written.
    pub brought: BroughtBy,
    /// The next step of writing.
    pub step: i32,
    /// The job that is or was at it.
    pub job_id: Option<i64>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When all of it was here.
    pub finished_at: Option<DateTime<Utc>>,
}

/// An arrival to be kept.
#[derive(Clone, Debug)]
pub struct NewArrival {
    /// Which kind of server it comes from.
    pub source: String,
    /// Where it is read, in words for people.
    pub origin: String,
    /// How to read it; forgotten once that was done.
    pub asked: Value,
}
