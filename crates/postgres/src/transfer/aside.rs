//! What a database holds, put aside under other names while something else takes its place.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use super::quoted;
use crate::{Error, Result};

/// Behind a schema's name while it is aside.
const SUFFIX: &str = "_before_restore";

/// How long another server may take to put back what is aside.
const OTHER_SERVER: Duration = Duration::from_secs(10);

/// Held by who puts something aside, until it is back or deleted. Any number that nobody else uses.
const LOCK: i64 = 0x0072_6573_746f_7265;

/// The schemas of a database, aside.
#[derive(Debug)]
pub struct Aside {
    options: PgConnectOptions,
    schemas: Vec<String>,
    /// Has the lock, which goes with it.
    _lock: PgConnection,
}

impl Aside {
    /// Puts `schemas` aside, in one transaction. What an earlier run that was killed left aside is put back first.
    pub async fn put(options: &PgConnectOptions, schemas: &[&str]) -> Result<Self> {
        let schemas = schemas.iter().map(|it| (*it).to_owned()).collect();
        let aside = Self::alone(options, schemas).await?;
        aside.recover_left().await?;
        let mut connection = aside.connect().await?;
        let mut tx = connection.begin().await?;
        for schema in present(&mut tx, &aside.schemas, "").await? {
            let (old, new) = (quoted(&schema), quoted(&format!("{schema}{SUFFIX}")));
            tx.execute(AssertSqlSafe(format!("ALTER SCHEMA {old} RENAME TO {new}"))).await?;
        }
        tx.commit().await?;
        connection.close().await?;
        Ok(aside)
    }

    /// Throws away what took their place and puts them back, in one transaction.
    pub async fn put_back(&self) -> Result<()> {
        let mut connection = self.connect().await?;
        let mut tx = connection.begin().await?;
        for schema in present(&mut tx, &self.schemas, "").await? {
            let drop = format!("DROP SCHEMA {} CASCADE", quoted(&schema));
            tx.execute(AssertSqlSafe(drop)).await?;
        }
        for schema in present(&mut tx, &self.schemas, SUFFIX).await? {
            let (old, new) = (quoted(&format!("{schema}{SUFFIX}")), quoted(&schema));
            tx.execute(AssertSqlSafe(format!("ALTER SCHEMA {old} RENAME TO {new}"))).await?;
        }
        tx.commit().await?;
        connection.close().await?;
        Ok(())
    }

    /// Deletes them for good.
    pub async fn delete(self) -> Result<()> {
        let mut connection = self.connect().await?;
        let mut tx = connection.begin().await?;
        for schema in present(&mut tx, &self.schemas, SUFFIX).await? {
            let drop = format!("DROP SCHEMA {} CASCADE", quoted(&format!("{schema}{SUFFIX}")));
            tx.execute(AssertSqlSafe(drop)).await?;
        }
        tx.commit().await?;
        connection.close().await?;
        Ok(())
    }

    /// Puts back what a run that was killed left aside: that is what counts, and what stands in its place is half of something.
    /// An error while such a run is at it. Where nothing is aside nobody waits for anybody: servers start beside each other.
    pub async fn recover(options: &PgConnectOptions, schemas: &[&str]) -> Result<()> {
        let schemas: Vec<String> = schemas.iter().map(|it| (*it).to_owned()).collect();
        let began = Instant::now();
        loop {
            let mut connection =
                options.clone().application_name("revenge restore").connect().await?;
            let left = present(&mut connection, &schemas, SUFFIX).await?;
            connection.close().await?;
            if left.is_empty() {
                return Ok(());
            }
            match Self::alone(options, schemas.clone()).await {
                // Another server that starts may be putting it back.
                Err(Error::Restoring) if began.elapsed() < OTHER_SERVER => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(error) => return Err(error),
                Ok(aside) => return aside.recover_left().await,
            }
        }
    }

    /// With the lock; an error where somebody else has it.
    async fn alone(options: &PgConnectOptions, schemas: Vec<String>) -> Result<Self> {
        let mut lock = options.clone().application_name("revenge restore").connect().await?;
        let is_ours: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut lock)
            .await?;
        if is_ours {
            Ok(Self { options: options.clone(), schemas, _lock: lock })
        } else {
            Err(Error::Restoring)
        }
    }

    async fn recover_left(&self) -> Result<()> {
        let mut connection = self.connect().await?;
        let left = present(&mut connection, &self.schemas, SUFFIX).await?;
        connection.close().await?;
        if left.is_empty() {
            return Ok(());
        }
        tracing::warn!(
            "a restore that was cut short is undone: what was there before is there again"
        );
        self.put_back().await
    }

    async fn connect(&self) -> Result<PgConnection> {
        Ok(self.options.clone().application_name("revenge restore").connect().await?)
    }
}

/// Those of `schemas` that are there with `suffix` behind their names.
async fn present(
    connection: &mut PgConnection,
    schemas: &[String],
    suffix: &str,
) -> Result<Vec<String>> {
    let present = sqlx::query_scalar(
        "SELECT name FROM UNNEST($1::text[]) AS it (name) WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = name || $2)",
    )
    .bind(schemas)
    .bind(suffix)
    .fetch_all(connection)
    .await?;
    Ok(present)
}
