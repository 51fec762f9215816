//! Database roles that see only their own schemas, so that a mistake in a query cannot reach the others.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::Result;

const INSUFFICIENT_PRIVILEGE: &str = "42501";
const UNIQUE_VIOLATION: &str = "23505";
const DUPLICATE_OBJECT: &str = "42710";
/// How PostgreSQL refuses two grants of the same at once. It has no code of its own.
const AT_THE_SAME_TIME: &str = "tuple concurrently updated";
/// Nodes that start together are done after a few.
const MAX_TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// Gives `role` (made if missing; it cannot log in) exactly the use of `schemas` as they are now: call it after migrating.
/// False when the server does not let us make roles: then pools go without one.
pub async fn confine(connection: &mut PgConnection, role: &str, schemas: &[&str]) -> Result<bool> {
    let mut tries = 0;
    let confined = loop {
        match try_confine(connection, role, schemas).await {
            Err(sqlx::Error::Database(refusal))
                if refusal.message() == AT_THE_SAME_TIME && tries < MAX_TRIES =>
            {
                tries += 1;
                tokio::time::sleep(PAUSE * tries).await;
            }
            other => break other,
        }
    };
    match confined {
        Ok(()) => Ok(true),
        Err(sqlx::Error::Database(refusal))
            if refusal.code().as_deref() == Some(INSUFFICIENT_PRIVILEGE) =>
        {
            tracing::warn!(
                role,
                "the server does not let us make database roles; going on without"
            );
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

async fn try_confine(
    connection: &mut PgConnection,
    role: &str,
    schemas: &[&str],
) -> sqlx::Result<()> {
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
            .bind(role)
            .fetch_one(&mut *connection)
            .await?;
    if !exists {
        match connection.execute(AssertSqlSafe(format!("CREATE ROLE {role} NOLOGIN"))).await {
            // Roles are shared by all databases of a server: another program made it between the question and now.
            Err(sqlx::Error::Database(refusal))
                if matches!(
                    refusal.code().as_deref(),
                    Some(UNIQUE_VIOLATION | DUPLICATE_OBJECT)
                ) => {}
            made => {
                made?;
            }
        }
    }
    connection.execute(AssertSqlSafe(format!("GRANT {role} TO CURRENT_USER"))).await?;
    for schema in schemas {
        let grants = format!(
            "GRANT USAGE ON SCHEMA {schema} TO {role};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
             GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
             GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}"
        );
        connection.execute(AssertSqlSafe(grants)).await?;
    }
    Ok(())
}
