//! The nouns: a title that is asked for, who wants it, and how it stands.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::id::{ItemId, PersonId};
use kernel::notice::Requested;
use metadata::Subject;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

kernel::typed_id!(
    /// A title that somebody asked for.
    RequestId
);

/// What a title is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = RequestKind)]
pub enum Kind {
    /// A film.
    Movie,
    /// A series.
    Series,
}

impl Kind {
    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Movie => "movie",
            Self::Series => "series",
        }
    }

    /// The same for providers.
    pub const fn subject(self) -> Subject {
        match self {
            Self::Movie => Subject::Movie,
            Self::Series => Subject::Series,
        }
    }

    /// What providers call it.
    pub const fn of(subject: Subject) -> Self {
        match subject {
            Subject::Movie => Self::Movie,
            Subject::Series => Self::Series,
        }
    }
}

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = RequestState)]
pub enum State {
    /// Nobody answered yet.
    Waiting,
    /// It shall come.
    Approved,
    /// It shall not.
    Declined,
    /// It is here.
    Available,
}

impl State {
    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Available => "available",
        }
    }
}

/// What is asked for, and what was answered.
#[derive(Clone, Debug)]
pub(crate) struct RequestRow {
    pub id: RequestId,
    pub kind: Kind,
    pub title: String,
    pub year: Option<i32>,
    /// Where its provider has a poster.
    pub poster: Option<String>,
    /// What those said who answer: never that it is here.
    pub answer: State,
    /// How it stands for those who answer.
    pub state: State,
    pub word: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl RequestRow {
    /// The same for notices.
    pub fn requested(&self) -> Requested {
        Requested {
            request_id: self.id.0,
            kind: self.kind.name().to_owned(),
            title: self.title.clone(),
            year: self.year,
        }
    }
}

/// That somebody wants it.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub request_id: RequestId,
    pub person_id: PersonId,
    pub word: Option<String>,
    pub seasons: Vec<i32>,
    pub wished_at: DateTime<Utc>,
    pub here_at: Option<DateTime<Utc>>,
    pub item_id: Option<ItemId>,
}

/// A title that the caller asked for, as it stands for them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MyRequest {
    /// Its id.
    pub id: RequestId,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub title: String,
    /// When it came out.
    pub year: Option<i32>,
    /// Where a poster of it is, on this server.
    pub poster_url: Option<String>,
    /// How it stands. `available` is only what you can see.
    pub state: State,
    /// What whoever answered said.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// When you asked.
    pub asked_at: DateTime<Utc>,
    /// What you said.
    pub word: Option<String>,
    /// Of a series only these seasons; all where there are none.
    pub seasons: Vec<i32>,
    /// What it is in the library.
    pub item_id: Option<ItemId>,
}

/// A title that people asked for, for those who answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TitleRequest)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub title: String,
    /// When it came out.
    pub year: Option<i32>,
    /// Its ids at providers: provider to id. None where it was asked for by its title alone.
    pub ids: BTreeMap<String, String>,
    /// Where a poster of it is, on this server.
    pub poster_url: Option<String>,
    /// How it stands. `available` when everybody who wants it can see it.
    pub state: State,
    /// What whoever answered said.
    pub answer: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it was first asked for.
    pub asked_at: DateTime<Utc>,
    /// How many want it.
    pub asker_count: i64,
    /// Who wants it, the first ones first; 20 at the most.
    pub askers: Vec<Asker>,
}

/// Somebody who wants a title.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Asker {
    /// Who.
    pub person_id: PersonId,
    /// What they are called.
    pub name: String,
    /// What they said.
    pub word: Option<String>,
    /// Of a series only these seasons; all where there are none.
    pub seasons: Vec<i32>,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Whether they can see it now.
    pub is_here: bool,
}
