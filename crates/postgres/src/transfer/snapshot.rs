//! One moment of a database, however long it takes to read.

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt as _};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use super::{Applied, PLAIN_TEXT, Sequence, Table, list_tables, statement};
use crate::Result;

/// A transaction that sees the database as it was when it began, while others go on writing.
#[derive(Debug)]
pub struct Snapshot {
    connection: PgConnection,
}

impl Snapshot {
    /// Begins one.
    pub async fn begin(options: &PgConnectOptions) -> Result<Self> {
        let mut connection = options.clone().application_name("revenge backup").connect().await?;
        connection.execute(PLAIN_TEXT).await?;
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        // The moment is that of the first question, not of BEGIN.
        connection.execute("SELECT 1").await?;
        Ok(Self { connection })
    }

    /// For questions about the same moment.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// The tables of `schemas`.
    pub async fn list_tables(&mut self, schemas: &[&str]) -> Result<Vec<Table>> {
        list_tables(&mut self.connection, schemas).await
    }

    /// The sequences of `schemas`. They stand where they stand now, which is at or after the moment: no number comes twice.
    pub async fn list_sequences(&mut self, schemas: &[&str]) -> Result<Vec<Sequence>> {
        let rows: Vec<(String, String, Option<i64>)> = sqlx::query_as(
            r"
            SELECT schemaname::text, sequencename::text, last_value
            FROM pg_sequences
            WHERE schemaname = ANY($1)
            ORDER BY 1, 2
            ",
        )
        .bind(schemas)
        .fetch_all(&mut self.connection)
        .await?;
        let sequences = rows.into_iter();
        Ok(sequences
            .map(|(schema, name, last_value)| Sequence { schema, name, last_value })
            .collect())
    }

    /// The migrations of `schema` by our own list, in order; empty where it has none.
    pub async fn list_applied(&mut self, schema: &str) -> Result<Vec<Applied>> {
        let table = format!("{}._migrations", super::quoted(schema));
        if !self.has_relation(&table).await? {
            return Ok(Vec::new());
        }
        let list = AssertSqlSafe(format!(
            "SELECT version, encode(checksum, 'hex') FROM {table} ORDER BY version"
        ));
        let rows: Vec<(i64, String)> = sqlx::query_as(list).fetch_all(&mut self.connection).await?;
        Ok(rows.into_iter().map(|(version, checksum)| Applied { version, checksum }).collect())
    }

    /// Whether there is a table of this name.
    pub async fn has_relation(&mut self, name: &str) -> Result<bool> {
        let has_relation = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(name)
            .fetch_one(&mut self.connection)
            .await?;
        Ok(has_relation)
    }

    /// The rows of a table, as `COPY` writes them. Read the stream to its end.
    pub async fn read<'a>(&'a mut self, table: &Table) -> Result<BoxStream<'a, Result<Bytes>>> {
        let copy = format!("COPY {} TO STDOUT", table.with_columns());
        let rows = self.connection.copy_out_raw(&copy).await.map_err(statement)?;
        Ok(rows.map(|it| it.map_err(statement)).boxed())
    }

    /// Lets go of it.
    pub async fn finish(mut self) -> Result<()> {
        self.connection.execute("COMMIT").await?;
        self.connection.close().await?;
        Ok(())
    }
}
