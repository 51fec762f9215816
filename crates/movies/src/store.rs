//! All SQL of films.

use catalog::kind::Described;
use kernel::Result;
use sqlx::PgConnection;
use uuid::Uuid;

/// Writes what only films have, for those that local metadata says it of; what it leaves open stays.
pub async fn upsert_movies(db: &mut PgConnection, items: &[Described<'_>]) -> Result<()> {
    let sets = items.iter().filter_map(|it| Some((it.item_id.0, it.facts.collection.as_ref()?)));
    let (ids, collections): (Vec<Uuid>, Vec<&str>) =
        sets.map(|(id, set)| (id, set.name.as_str())).unzip();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO movies.movie (item_id, collection_name)
        SELECT DISTINCT ON (it.item_id) it.item_id, it.collection_name
        FROM UNNEST($1::uuid[], $2::text[]) AS it (item_id, collection_name)
        ORDER BY it.item_id, it.collection_name
        ON CONFLICT ON CONSTRAINT movie_pkey DO UPDATE
        SET collection_name = EXCLUDED.collection_name
        "#,
        &ids,
        &collections as &[&str],
    )
    .execute(db)
    .await?;
    Ok(())
}
