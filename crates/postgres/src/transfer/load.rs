//! Rows into tables that are there already, all or none.

use std::ops::Deref;

use sqlx::postgres::{PgConnectOptions, PgCopyIn};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use super::{PLAIN_TEXT, Sequence, Table, list_tables, quoted, statement};
use crate::{Error, Result};

/// A transaction that fills the tables of some schemas. Dropped before [`Loading::finish`], nothing has happened.
#[derive(Debug)]
pub struct Loading {
    connection: PgConnection,
    tables: Vec<Table>,
    /// What the tables say of each other, while it is not enforced: how to say it again.
    constraints: Vec<String>,
}

impl Loading {
    /// Begins to fill all tables of `schemas`: empties them, and lifts what they say of each other until the end.
    pub async fn begin(options: &PgConnectOptions, schemas: &[&str]) -> Result<Self> {
        let mut connection = options.clone().application_name("revenge restore").connect().await?;
        connection.execute(PLAIN_TEXT).await?;
        let tables = list_tables(&mut connection, schemas).await?;
        connection.execute("BEGIN").await?;
        let constraints = lift_constraints(&mut connection, schemas).await?;
        if !tables.is_empty() {
            let names: Vec<_> = tables.iter().map(Table::quoted).collect();
            let truncate = format!("TRUNCATE {}", names.join(", "));
            connection.execute(AssertSqlSafe(truncate)).await?;
        }
        let mut loading = Self { connection, tables, constraints };
        loading.set_triggers("DISABLE").await?;
        Ok(loading)
    }

    /// The tables there are.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// For what else belongs into the same transaction.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Begins to fill one table with rows as `COPY` writes them. A table or column that is not there is refused.
    pub async fn load(&mut self, table: &Table) -> Result<TableLoad<'_>> {
        let here = self.tables.iter().find(|it| it.schema == table.schema && it.name == table.name);
        let has_all =
            here.is_some_and(|here| table.columns.iter().all(|it| here.columns.contains(it)));
        if !has_all || table.columns.is_empty() {
            return Err(Error::Misfit { table: table.title() });
        }
        let copy = format!("COPY {} FROM STDIN", table.with_columns());
        let copy = self.connection.copy_in_raw(&copy).await.map_err(statement)?;
        Ok(TableLoad { copy })
    }

    /// Sets a sequence to where it stood.
    pub async fn set_sequence(&mut self, sequence: &Sequence) -> Result<()> {
        let Some(last_value) = sequence.last_value else { return Ok(()) };
        let name = format!("{}.{}", quoted(&sequence.schema), quoted(&sequence.name));
        sqlx::query("SELECT setval($1::regclass, $2)")
            .bind(name)
            .bind(last_value)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Makes the tables answer for each other again and commits. Then has the server look at what is new.
    pub async fn finish(mut self) -> Result<()> {
        self.set_triggers("ENABLE").await?;
        for constraint in std::mem::take(&mut self.constraints) {
            self.connection.execute(AssertSqlSafe(constraint)).await.map_err(statement)?;
        }
        self.connection.execute("COMMIT").await.map_err(statement)?;
        for table in &self.tables {
            let analyze = format!("ANALYZE {}", table.quoted());
            self.connection.execute(AssertSqlSafe(analyze)).await?;
        }
        self.connection.close().await?;
        Ok(())
    }

    async fn set_triggers(&mut self, verb: &str) -> Result<()> {
        for table in &self.tables {
            let alter = format!("ALTER TABLE {} {verb} TRIGGER USER", table.quoted());
            self.connection.execute(AssertSqlSafe(alter)).await?;
        }
        Ok(())
    }
}

/// Drops the foreign keys of the tables of `schemas`; returns how to make each again.
async fn lift_constraints(connection: &mut PgConnection, schemas: &[&str]) -> Result<Vec<String>> {
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        r"
        SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(pg_constraint.oid)
        FROM pg_constraint
        JOIN pg_class ON pg_class.oid = conrelid
        JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
        WHERE contype = 'f' AND nspname = ANY($1)
        ORDER BY 1, 2
        ",
    )
    .bind(schemas)
    .fetch_all(&mut *connection)
    .await?;
    let mut again = Vec::with_capacity(keys.len());
    for (table, name, definition) in keys {
        let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {}", quoted(&name));
        connection.execute(AssertSqlSafe(drop)).await?;
        again.push(format!("ALTER TABLE {table} ADD CONSTRAINT {} {definition}", quoted(&name)));
    }
    Ok(again)
}

/// One table on its way in.
pub struct TableLoad<'a> {
    copy: PgCopyIn<&'a mut PgConnection>,
}

impl TableLoad<'_> {
    /// The next bytes, cut anywhere.
    pub async fn send(&mut self, bytes: impl Deref<Target = [u8]>) -> Result<()> {
        self.copy.send(bytes).await.map_err(statement)?;
        Ok(())
    }

    /// Ends the table; how many rows it got.
    pub async fn finish(self) -> Result<u64> {
        self.copy.finish().await.map_err(statement)
    }
}
