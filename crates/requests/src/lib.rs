#![doc = include_str!("../README.md")]

mod answer;
pub mod api;
mod ask;
mod jobs;
mod look;
mod request;
mod search;
mod store;
mod wanted;

use std::sync::Arc;

use accounts::Accounts;
use cache::Cache;
use catalog::Catalog;
use kernel::event::{Audience, Event};
use kernel::id::{Ids, PersonId};
use kernel::notice::Teller;
use kernel::{Clock, Permission};
use postgres::MigrationSet;
use serde_json::json;
use sqlx::PgPool;

pub use ask::Exported;
pub use jobs::register;
pub use request::{Kind, RequestId, State};

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// The name of the schema.
pub const SCHEMA: &str = "requests";

/// The migrations of schema `requests`.
pub fn migrations() -> MigrationSet {
    MigrationSet::embedded(SCHEMA, &MIGRATOR)
}

/// The room: what people ask for. Cheap to clone.
#[derive(Clone)]
pub struct Requests(Arc<Parts>);

/// What the room is built from.
pub struct Parts {
    /// Connections that reach the schemas of requests, the ordinary catalog, notices and the queue.
    pub pool: PgPool,
    /// Who asks, as they would be if they looked now.
    pub accounts: Accounts,
    /// What is here, and the providers: of the ordinary catalog alone.
    pub catalog: Catalog,
    /// How often somebody may search.
    pub cache: Cache,
    /// Tells of what is asked and answered.
    pub teller: Teller,
    /// Makes ids.
    pub ids: Ids,
    /// Time.
    pub clock: Clock,
}

impl Requests {
    /// The room built from its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Tells the open pages of these people, and of those who answer, that requests changed; not which.
    async fn announce(&self, people: impl IntoIterator<Item = PersonId>) {
        let people = people.into_iter().map(Audience::Person);
        for audience in people.chain([Audience::Permitted(Permission::ManageRequests)]) {
            let name = "requests.changed".to_owned();
            self.0.catalog.publish(Event { name, audience, data: json!({}) }).await;
        }
    }

    /// The content kinds of libraries that hold films, and of those that hold series.
    fn library_kinds(&self) -> store::LibraryKinds {
        let of = |kind: Kind| {
            let kinds = self.0.catalog.kinds.iter();
            kinds
                .filter(|it| it.subject == Some(kind.subject()))
                .map(|it| it.id.to_owned())
                .collect()
        };
        store::LibraryKinds { movie: of(Kind::Movie), series: of(Kind::Series) }
    }
}
