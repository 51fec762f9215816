#![doc = include_str!("../README.md")]

pub mod cluster;
mod error;
mod extensions;
pub mod migrate;
pub mod pool;
pub mod replicas;
pub mod roles;
mod server;
pub mod transfer;

pub use error::{Error, Result};
pub use migrate::{MigrationSet, migrate};
pub use pool::{PoolConfig, pool};
pub use replicas::{Readers, Reading, Replicas};
pub use server::{Server, Target, attach, open};

/// The oldest PostgreSQL we run on: `uuidv7()`, virtual columns and skip scans are taken for granted.
pub const OLDEST_MAJOR: u32 = 18;
