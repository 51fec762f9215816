//! What an archive says of itself.

use chrono::{DateTime, Utc};
use postgres::transfer::{Applied, Sequence, Table};
use serde::{Deserialize, Serialize};

/// The way archives are written now.
pub const FORMAT: u32 = 1;

/// What an archive is, told at its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The way it is written.
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// The version of the PostgreSQL it came from.
    pub postgresql: String,
    /// The moment it shows.
    pub created_at: DateTime<Utc>,
    /// The schemas, each as far as it was migrated.
    pub schemas: Vec<SchemaState>,
    /// The migration of the queue's own schema.
    pub queue_migration: i64,
}

/// A schema and the migrations it has gone through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaState {
    /// Its name.
    pub name: String,
    /// The migrations, in order.
    pub migrations: Vec<Applied>,
}

/// What everything before it must be; stands at the end of an archive, so that one that was cut off has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Every member, in order.
    pub members: Vec<MemberFacts>,
    /// Every table, in order, those without rows included.
    pub tables: Vec<TableRows>,
    /// Where the sequences stand.
    pub sequences: Vec<Sequence>,
    /// Originals that the database speaks of and the folder did not have.
    pub missing_artwork: u64,
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFacts {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// A table and what an archive has of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRows {
    /// The table.
    #[serde(flatten)]
    pub table: Table,
    /// Rows.
    pub rows: u64,
    /// Members that hold them.
    pub parts: u32,
}
