//! SQL of what a text model makes of titles.

use chrono::{DateTime, Utc};
use kernel::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// A model that reads or has read.
#[derive(Debug)]
pub struct ModelRow {
    pub digest: String,
    pub is_active: bool,
    /// Among how many titles its center was counted.
    pub item_count: i64,
}

/// The models there are: the one in force, and the one that is to follow it.
pub async fn list_models(db: &mut PgConnection) -> Result<Vec<ModelRow>> {
    Ok(sqlx::query_as!(
        ModelRow,
        "SELECT digest, is_active, item_count FROM text_model ORDER BY digest"
    )
    .fetch_all(db)
    .await?)
}

/// Begins with a model, for which all titles are due.
pub async fn insert_model(
    db: &mut PgConnection,
    digest: &str,
    begun_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "
        WITH made AS (
            INSERT INTO text_model (digest, begun_at) VALUES ($1, $2)
            ON CONFLICT ON CONSTRAINT text_model_pkey DO NOTHING
            RETURNING digest
        )
        INSERT INTO text_due (item_id)
        SELECT item.id FROM item CROSS JOIN made WHERE item.is_top
        ON CONFLICT ON CONSTRAINT text_due_pkey DO NOTHING
        ",
        digest,
        begun_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets what models said, but for this one and the one in force.
pub async fn delete_models_beside(db: &mut PgConnection, digest: &str) -> Result<()> {
    let sql = sqlx::query!("DELETE FROM text_model WHERE digest <> $1 AND NOT is_active", digest);
    sql.execute(db).await?;
    Ok(())
}

/// Forgets all models and what they said; what the index was told is brought again without.
pub async fn delete_models(db: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO search_outbox (item_id)
        SELECT text_vector.item_id
        FROM text_vector
        JOIN text_model ON text_model.digest = text_vector.model_digest AND text_model.is_active
        WHERE text_vector.numbers IS NOT NULL
        "
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM text_due").execute(&mut *db).await?;
    sqlx::query!("DELETE FROM text_model").execute(db).await?;
    Ok(())
}

/// Puts a model in force in place of the one before, with the center of what it said, and has the index told.
pub async fn update_active(
    db: &mut PgConnection,
    digest: &str,
    center: &[u8],
    item_count: i64,
) -> Result<()> {
    sqlx::query!("DELETE FROM text_model WHERE digest <> $1", digest).execute(&mut *db).await?;
    sqlx::query!(
        "UPDATE text_model SET is_active = true, center = $2, item_count = $3 WHERE digest = $1",
        digest,
        center,
        item_count,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "INSERT INTO search_outbox (item_id) SELECT item_id FROM text_vector WHERE model_digest = $1",
        digest,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Has those of `items` read (again) of whose text, told by its digest, no model has read; none without a model.
pub async fn insert_due(db: &mut PgConnection, items: &[Uuid], texts: &[i64]) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO text_due (item_id)
        SELECT told.item_id
        FROM unnest($1::uuid[], $2::bigint[]) AS told (item_id, text_digest)
        WHERE EXISTS (SELECT FROM text_model)
          AND EXISTS (SELECT FROM item WHERE item.id = told.item_id)
          AND NOT EXISTS (
              SELECT FROM text_vector
              WHERE text_vector.item_id = told.item_id AND text_vector.text_digest = told.text_digest)
        ON CONFLICT ON CONSTRAINT text_due_pkey DO NOTHING
        ",
        items,
        texts,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How many titles are to be read.
pub async fn count_due_unscoped(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM text_due"#).fetch_one(db).await?)
}

/// Takes some that are to be read, held by this transaction: two who read never take the same, and who has one read again
/// meanwhile waits.
pub async fn take_due(db: &mut PgConnection, limit: i64) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "
        DELETE FROM text_due
        WHERE item_id IN (
            SELECT item_id FROM text_due ORDER BY item_id LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING item_id
        ",
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// Of which text of each of `items` this model has read.
pub async fn list_read_unscoped(
    db: &mut PgConnection,
    digest: &str,
    items: &[Uuid],
) -> Result<Vec<(Uuid, i64)>> {
    let rows = sqlx::query!(
        "SELECT item_id, text_digest FROM text_vector WHERE model_digest = $1 AND item_id = ANY($2)",
        digest,
        items,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.item_id, it.text_digest)).collect())
}

/// Keeps what a model made of a text.
pub async fn upsert_vector(
    db: &mut PgConnection,
    digest: &str,
    item: Uuid,
    text: i64,
    numbers: Option<&[u8]>,
) -> Result<()> {
    sqlx::query!(
        "
        INSERT INTO text_vector (model_digest, item_id, text_digest, numbers)
        SELECT $1, item.id, $3, $4 FROM item WHERE item.id = $2
        ON CONFLICT ON CONSTRAINT text_vector_pkey DO UPDATE
        SET text_digest = EXCLUDED.text_digest, numbers = EXCLUDED.numbers
        ",
        digest,
        item,
        text,
        numbers,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a model made of titles behind `after`, in the order of their ids.
pub async fn list_vectors_unscoped(
    db: &mut PgConnection,
    digest: &str,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Uuid, Option<Vec<u8>>)>> {
    let rows = sqlx::query!(
        "
        SELECT item_id, numbers
        FROM text_vector
        WHERE model_digest = $1 AND ($2::uuid IS NULL OR item_id > $2)
        ORDER BY item_id
        LIMIT $3
        ",
        digest,
        after,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.item_id, it.numbers)).collect())
}

/// Of how many titles a model made something.
pub async fn count_vectors_unscoped(db: &mut PgConnection, digest: &str) -> Result<i64> {
    let sql = sqlx::query_scalar!(
        r#"SELECT count(numbers) AS "count!" FROM text_vector WHERE model_digest = $1"#,
        digest,
    );
    Ok(sql.fetch_one(db).await?)
}

/// What the model in force made of `items`.
pub async fn list_meanings_unscoped(
    db: &mut PgConnection,
    items: &[Uuid],
) -> Result<Vec<(Uuid, Vec<u8>)>> {
    let rows = sqlx::query!(
        r#"
        SELECT text_vector.item_id, text_vector.numbers AS "numbers!"
        FROM text_model
        JOIN text_vector ON text_vector.model_digest = text_model.digest
        WHERE text_model.is_active AND text_vector.item_id = ANY($1) AND text_vector.numbers IS NOT NULL
        "#,
        items,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.item_id, it.numbers)).collect())
}

/// What the numbers of the model in force have in common.
pub async fn find_center(db: &mut PgConnection) -> Result<Option<Vec<u8>>> {
    let sql = sqlx::query_scalar!("SELECT center FROM text_model WHERE is_active");
    Ok(sql.fetch_optional(db).await?.flatten())
}
