//! The nouns: where notices go, and what became of each.

use chrono::{DateTime, Utc};
use kernel::id::{LibraryId, PersonId};
use kernel::notice::NoticeKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::way::Channel;

kernel::typed_id!(
    /// Where notices go.
    TargetId
);

kernel::typed_id!(
    /// One event on its way to one target.
    DeliveryId
);

kernel::typed_id!(
    /// Something that happened.
    EventId
);

/// Whose a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A person's own.
    Person(PersonId),
    /// The server's: its administrators'.
    Server,
}

impl Owner {
    /// The person, where it is one.
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(id) => Some(id),
            Self::Server => None,
        }
    }
}

/// Where notices go, without its secrets.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// Whose it is.
    pub owner: Owner,
    /// What its owner calls it.
    pub name: String,
    /// What carries them.
    pub channel: Channel,
    /// The part of the address that is no secret.
    pub shown: String,
    /// Which.
    pub kinds: Vec<NoticeKind>,
    /// Of these libraries only.
    pub libraries: Option<Vec<LibraryId>>,
    /// In which language.
    pub language: String,
    /// It may lie in the server's own network.
    pub is_local: bool,
    /// It is in use.
    pub is_enabled: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when nothing arrived.
    pub failing_since: Option<DateTime<Utc>>,
    /// Why it was given up, until somebody switches it on again.
    pub paused_reason: Option<String>,
}

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It is tried, or will be again.
    Waiting,
    /// The other side took it.
    Sent,
    /// It was given up.
    Failed,
}

/// One event on its way to one target.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// What happened.
    pub event_id: EventId,
    /// The kind of event.
    pub kind: String,
    /// What it said; empty until it was put into words.
    pub title: String,
    /// How far it is.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last tried.
    pub tried_at: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub next_at: Option<DateTime<Utc>>,
}
