//! Whole schemas out of one database and into another: a consistent snapshot as streams of rows, and the loading of such
//! streams into tables that migrations have made.
//!
//! Rows travel as `COPY` writes them (its text format), which every later PostgreSQL reads, so nothing but a connection is
//! needed on either side: no `pg_dump`, no file on the server's machine.

mod aside;
mod load;
mod snapshot;
mod tally;

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection};

pub use self::aside::Aside;
pub use self::load::{Loading, TableLoad};
pub use self::snapshot::Snapshot;
pub use self::tally::{Tally, Tallying, tally};
use crate::{Error, Result};

/// A table and the columns that carry its rows: generated ones are made anew where they are loaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its columns in the order in which rows have them.
    pub columns: Vec<String>,
}

impl Table {
    /// As messages name it: `catalog.item`.
    pub fn title(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    fn quoted(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }

    fn with_columns(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|it| quoted(it)).collect();
        format!("{} ({})", self.quoted(), columns.join(", "))
    }
}

/// Where a sequence stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The number it gave last; none while it was never asked.
    pub last_value: Option<i64>,
}

/// A migration that a database has gone through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Its number.
    pub version: i64,
    /// The checksum of its text, in hexadecimal digits.
    pub checksum: String,
}

/// Whether there is a table `name` with at least one row.
pub async fn has_rows(connection: &mut PgConnection, name: &'static str) -> Result<bool> {
    let is_there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(name)
        .fetch_one(&mut *connection)
        .await?;
    if !is_there {
        return Ok(false);
    }
    let has_rows = AssertSqlSafe(format!("SELECT EXISTS (SELECT FROM {name})"));
    Ok(sqlx::query_scalar(has_rows).fetch_one(connection).await?)
}

/// Whether any of `schemas` is there.
pub async fn has_any_schema(connection: &mut PgConnection, schemas: &[&str]) -> Result<bool> {
    let has_any =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ANY($1))")
            .bind(schemas)
            .fetch_one(connection)
            .await?;
    Ok(has_any)
}

/// Programs of ours that are connected to the same database, by their process on the server: a server that works while its
/// database is replaced would lose what it writes.
pub async fn count_other_sessions(connection: &mut PgConnection) -> Result<i64> {
    let others = sqlx::query_scalar(
        r"
        SELECT count(*)
        FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'revenge' AND pid <> pg_backend_pid()
        ",
    )
    .fetch_one(connection)
    .await?;
    Ok(others)
}

/// `name` as an identifier that stands for nothing else.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Settings under which the text of a value means the same on every server.
const PLAIN_TEXT: &str = "SET extra_float_digits = 3; SET bytea_output = 'hex'; SET intervalstyle = 'postgres'; \
     SET datestyle = 'ISO, MDY'; SET timezone = 'UTC'; SET statement_timeout = 0; \
     SET idle_in_transaction_session_timeout = 0";

/// The tables of `schemas` that outlast a crash of the server, without the lists of migrations, in the order of their names.
async fn list_tables(connection: &mut PgConnection, schemas: &[&str]) -> Result<Vec<Table>> {
    let rows: Vec<(String, String, Vec<String>)> = sqlx::query_as(
        r"
        SELECT schema.nspname::text, class.relname::text,
               array_agg(attribute.attname::text ORDER BY attribute.attnum)
        FROM pg_class AS class
        JOIN pg_namespace AS schema ON schema.oid = class.relnamespace
        JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
        WHERE schema.nspname = ANY($1)
          AND class.relkind = 'r' AND class.relpersistence = 'p'
          AND class.relname NOT IN ('_migrations', 'river_migration')
          AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
        GROUP BY 1, 2
        ORDER BY 1, 2
        ",
    )
    .bind(schemas)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(schema, name, columns)| Table { schema, name, columns }).collect())
}

/// A refusal of the server as what it is about: a full disk of the server is told apart.
fn statement(error: sqlx::Error) -> Error {
    const DISK_FULL: &str = "53100";
    match &error {
        sqlx::Error::Database(refusal) if refusal.code().as_deref() == Some(DISK_FULL) => {
            Error::ServerDiskFull { source: error }
        }
        _ => Error::Statement(error),
    }
}
