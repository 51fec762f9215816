//! SQL of originals and backups.

use kernel::Result;
use sqlx::PgConnection;

/// Whether the schema has pictures that people chose.
pub async fn has_chosen_images(db: &mut PgConnection) -> Result<bool> {
    let has = sqlx::query_scalar!(r#"SELECT to_regclass('chosen_image') IS NOT NULL AS "has!""#);
    Ok(has.fetch_one(db).await?)
}

/// The hashes of what people chose or gave, in order, behind `after`. Served by `chosen_image_content_idx`.
pub async fn list_chosen_hashes_unscoped(
    db: &mut PgConnection,
    after: &[u8],
    limit: i64,
) -> Result<Vec<Vec<u8>>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT DISTINCT content_hash AS "hash!"
        FROM chosen_image
        WHERE content_hash > $1
        ORDER BY content_hash
        LIMIT $2
        "#,
        after,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// The hashes of all other pictures, in order, behind `after`. Served by `image_content_idx`.
pub async fn list_hashes_unscoped(
    db: &mut PgConnection,
    after: &[u8],
    limit: i64,
) -> Result<Vec<Vec<u8>>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT DISTINCT content_hash AS "hash!"
        FROM image
        WHERE content_hash > $1
        ORDER BY content_hash
        LIMIT $2
        "#,
        after,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// Forgets what is known of pictures, as if they had never been looked at. Served by `image_content_idx`.
pub async fn forget_images_unscoped(db: &mut PgConnection, hashes: &[Vec<u8>]) -> Result<u64> {
    let done = sqlx::query!(
        r#"
        UPDATE image
        SET content_hash = NULL, mime = NULL, width = NULL, height = NULL, blurhash = NULL, color = NULL,
            made_of_ns = NULL, problem = NULL, fetch_attempts = 0,
            fetch_after = CASE WHEN source = 'remote' THEN '-infinity' ELSE fetch_after END
        WHERE content_hash = ANY($1)
        "#,
        hashes,
    );
    Ok(done.execute(db).await?.rows_affected())
}
