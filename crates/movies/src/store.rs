//! All SQL of films.

use catalog::kind::Described;
use kernel::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// Writes what only films have; what local metadata leaves open stays.
pub async fn upsert_movies(db: &mut PgConnection, items: &[Described<'_>]) -> Result<()> {
    let ids: Vec<Uuid> = items.iter().map(|it| it.item_id.0).collect();
    let collections: Vec<Option<String>> =
        items.iter().map(|it| Some(it.facts.collection.as_ref()?.name.clone())).collect();
    sqlx::query!(
        r#"
        INSERT INTO movies.movie (item_id, collection_name)
        SELECT DISTINCT ON (it.item_id) it.item_id, it.collection_name
        FROM UNNEST($1::uuid[], $2::text[]) AS it (item_id, collection_name)
        ORDER BY it.item_id, it.collection_name
        ON CONFLICT ON CONSTRAINT movie_pkey DO UPDATE
        SET collection_name = COALESCE(EXCLUDED.collection_name, movie.collection_name)
        "#,
        &ids,
        &collections as &[Option<String>],
    )
    .execute(db)
    .await?;
    Ok(())
}
