//! jobs

mod migrate;

pub use migrate::{SCHEMA, SCHEMA_VERSION, migrate};
