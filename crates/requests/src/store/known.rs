//! SQL of what titles are known by.

use std::collections::BTreeMap;

use kernel::Result;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::request::{Kind, RequestId};

/// Lets no other asker in until the transaction ends.
pub(crate) async fn take_turn(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('requests.request'))").execute(db).await?;
    Ok(())
}

/// The request of the title that has one of these ids. Served by `known_as_pkey`.
pub(crate) async fn find_by_ids(
    db: &mut PgConnection,
    kind: Kind,
    ids: &BTreeMap<String, String>,
) -> Result<Option<RequestId>> {
    let (providers, values) = columns(ids);
    let found = sqlx::query_scalar!(
        r#"
        SELECT known_as.request_id AS "id: RequestId"
        FROM unnest($2::text[], $3::text[]) AS asked (provider, value)
        JOIN requests.known_as
          ON known_as.kind = $1 AND known_as.provider = asked.provider AND known_as.value = asked.value
        ORDER BY known_as.request_id
        LIMIT 1
        "#,
        kind.name(),
        &providers,
        &values,
    )
    .fetch_optional(db)
    .await?;
    Ok(found)
}

/// The request of the title that is called so and came out then; with `only_by_title` none of which a provider told what it
/// is. Served by `request_title_idx`.
pub(crate) async fn find_by_title(
    db: &mut PgConnection,
    kind: Kind,
    (sort_title, year): (&str, i32),
    only_by_title: bool,
) -> Result<Option<RequestId>> {
    let found = sqlx::query_scalar!(
        r#"
        SELECT id AS "id: RequestId"
        FROM requests.request
        WHERE kind = $1 AND sort_title = $2 AND year = $3 AND (is_by_title OR NOT $4)
        ORDER BY id
        LIMIT 1
        "#,
        kind.name(),
        sort_title,
        year,
        only_by_title,
    )
    .fetch_optional(db)
    .await?;
    Ok(found)
}

/// Adds ids to a request. What another one has stays with that.
pub(crate) async fn insert_ids(
    db: &mut PgConnection,
    id: RequestId,
    kind: Kind,
    ids: &BTreeMap<String, String>,
) -> Result<()> {
    let (providers, values) = columns(ids);
    sqlx::query!(
        "
        INSERT INTO requests.known_as (kind, provider, value, request_id)
        SELECT $2, asked.provider, asked.value, $1
        FROM unnest($3::text[], $4::text[]) AS asked (provider, value)
        ON CONFLICT ON CONSTRAINT known_as_pkey DO NOTHING
        ",
        id.0,
        kind.name(),
        &providers,
        &values,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The ids of these requests, with their providers. Served by `known_as_request_idx`.
pub(crate) async fn list_ids(
    db: &mut PgConnection,
    requests: &[Uuid],
) -> Result<Vec<(RequestId, String, String)>> {
    let rows = sqlx::query!(
        r#"
        SELECT request_id AS "request_id: RequestId", provider, value
        FROM requests.known_as
        WHERE request_id = ANY($1)
        "#,
        requests,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.request_id, it.provider, it.value)).collect())
}

fn columns(ids: &BTreeMap<String, String>) -> (Vec<String>, Vec<String>) {
    (ids.keys().cloned().collect(), ids.values().cloned().collect())
}
