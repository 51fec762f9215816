#![doc = include_str!("../README.md")]

pub mod adult;
pub mod api;
pub mod audit;
pub mod authenticate;
pub mod avatar;
mod challenge;
pub mod device;
mod hours;
pub mod identity;
pub mod invitation;
pub mod key;
mod lockout;
pub mod oidc;
mod parental;
pub mod passkey;
mod password;
mod people;
pub mod person;
pub mod profiles;
mod proxy;
pub mod quick_connect;
pub mod recipient;
mod recovery;
pub mod role;
mod roles;
pub mod seal;
pub mod second_factor;
mod secret;
mod service;
pub mod session;
mod sessions;
mod setting;
pub mod sign_in;
pub mod sign_in_link;
mod store;
pub mod totp;

use std::sync::Arc;

use bytes::Bytes;
use cache::Cache;
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use kernel::id::{Ids, LibraryId, PersonId};
use kernel::notice::Teller;
use kernel::{Clock, Result, Rng};
use postgres::MigrationSet;
use sqlx::PgPool;

pub use device::Device;
pub use hours::time_zone;
pub use oidc::Ways;
pub use password::Hashing;
pub use people::{NewPerson, PersonPatch};
pub use roles::RolePatch;
pub use service::SignedInPerson;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// The migrations of schema `core`.
pub fn migrations() -> MigrationSet {
    MigrationSet::embedded("core", &MIGRATOR)
}

/// Answers which libraries there are at all, for people who may see every one of them.
pub type LibraryDirectory =
    Arc<dyn Fn() -> BoxFuture<'static, Result<Vec<LibraryId>>> + Send + Sync>;

/// Answers what the libraries are called, for rules of providers that name them.
pub type LibraryNames =
    Arc<dyn Fn() -> BoxFuture<'static, Result<Vec<(LibraryId, String)>>> + Send + Sync>;

/// Forgets what is kept of a person outside of this room.
pub type ForgetPerson = Arc<dyn Fn(PersonId) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Makes a small square picture of a file that is said to be one; the error says why not.
pub type PortraitMaker = Arc<dyn Fn(Bytes) -> BoxFuture<'static, Result<Vec<u8>>> + Send + Sync>;

/// The room: everything about persons. Cheap to clone.
#[derive(Clone)]
pub struct Accounts(Arc<Parts>);

/// What the room is built from.
pub struct Parts {
    /// Connections to the database that has schema `core`.
    pub pool: PgPool,
    /// Signed-in viewers, sign-in rates.
    pub cache: Cache,
    /// Time.
    pub clock: Clock,
    /// Where the clock hangs by which people have their hours.
    pub time_zone: TimeZone,
    /// Randomness for tokens and salts.
    pub rng: Rng,
    /// Which libraries there are.
    pub libraries: LibraryDirectory,
    /// What they are called.
    pub library_names: LibraryNames,
    /// Forgets what is kept of somebody elsewhere, once their account is gone.
    pub forget_person: ForgetPerson,
    /// Pictures of people.
    pub portraits: PortraitMaker,
    /// How people sign in.
    pub ways: Ways,
    /// How the catalog writes the name of a tag, so that two spellings of it are one.
    pub fold_tag: fn(&str) -> String,
    /// Whether cookies are only ever sent over HTTPS.
    pub secure_cookies: bool,
    /// The owner switched the adult area on.
    pub has_adult: bool,
    /// How much work it is to try a password.
    pub hashing: Hashing,
    /// Writes down what people may want to be told of.
    pub teller: Teller,
    /// As people reach the server from outside; passkeys are for its name.
    pub public_url: Option<String>,
}

impl Accounts {
    /// The room built from its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    fn ids(&self) -> Ids {
        Ids::new(self.0.clock.clone(), self.0.rng.clone())
    }
}
