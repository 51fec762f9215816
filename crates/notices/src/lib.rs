#![doc = include_str!("../README.md")]

mod address;
pub mod api;
mod gather;
mod hear;
mod jobs;
mod mail_server;
pub mod message;
pub mod send;
mod service;
mod storage;
mod store;
mod target;
mod tell;
mod way;

use std::sync::Arc;
use std::time::Duration;

use ::jobs::Jobs;
use accounts::Accounts;
use accounts::seal::Seal;
use cache::Cache;
use catalog::Catalog;
use kernel::id::Ids;
use kernel::{Clock, Result, Rng};
use postgres::MigrationSet;
use sqlx::PgPool;

pub use jobs::register;
pub use service::Exported;
pub use storage::Disk;
pub use target::{Delivery, DeliveryStatus, Owner, Target};
pub use tell::teller;

use send::Sender;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// The name of the schema.
pub const SCHEMA: &str = "notices";

/// A try takes no longer; mail, which has more steps, some times that.
const PATIENCE: Duration = Duration::from_secs(15);

/// The migrations of schema `notices`.
pub fn migrations() -> MigrationSet {
    MigrationSet::embedded(SCHEMA, &MIGRATOR)
}

/// The room: what people are told of outside of the app. Cheap to clone.
#[derive(Clone)]
pub struct Notices(Arc<Inner>);

/// What the room is built from.
pub struct Parts {
    /// Connections that reach schema `notices`.
    pub pool: PgPool,
    /// The queue.
    pub jobs: Jobs,
    /// Whom messages reach.
    pub accounts: Accounts,
    /// What they are about: of the ordinary catalog alone.
    pub catalog: Catalog,
    /// How often somebody may ask for a test.
    pub cache: Cache,
    /// Time.
    pub clock: Clock,
    /// Randomness for ids, secrets and jitter.
    pub rng: Rng,
}

struct Inner {
    parts: Parts,
    seal: Seal,
    sender: Sender,
    ids: Ids,
}

impl Notices {
    /// The room built from its parts.
    pub async fn open(parts: Parts) -> Result<Self> {
        let seal = parts.accounts.seal_for("notices").await?;
        let sender = Sender::new(PATIENCE, parts.clock.clone(), parts.rng.clone())?;
        let ids = Ids::new(parts.clock.clone(), parts.rng.clone());
        Ok(Self(Arc::new(Inner { parts, seal, sender, ids })))
    }
}
