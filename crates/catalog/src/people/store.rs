//! SQL of cast and crew. Somebody exists for a scope through an item in it that they had a part in.

use std::collections::HashMap;

use chrono::NaiveDate;
use kernel::id::{ImageId, ItemId};
use kernel::{Area, LibraryScope, Limit, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::CastId;
use crate::item::ImageRef;

/// Somebody's name, if they exist for `scope`. Served by `credit_person_idx`.
pub async fn find_name(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: CastId,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "
        SELECT name
        FROM person
        WHERE id = $1 AND EXISTS (
            SELECT FROM credit JOIN item ON item.id = credit.item_id
            WHERE credit.person_id = person.id AND item.library_id = ANY($2) AND allows(item.marks, $3) AND item.missing_since IS NULL)
        ",
        person.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}

/// What providers call somebody who came from [`find_name`].
pub async fn list_ids_unscoped(
    db: &mut PgConnection,
    person: CastId,
) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        "SELECT provider, value FROM person_external_id WHERE person_id = $1 ORDER BY provider, value",
        person.0
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.provider, it.value)).collect())
}

/// The best portraits of these people, who came from a query with a scope. One that is yet to be fetched from its provider
/// is fetched when it is asked for. Served by `image_person_idx`.
pub async fn list_portraits_unscoped(
    db: &mut PgConnection,
    area: Area,
    people: &[Uuid],
) -> Result<HashMap<Uuid, ImageRef>> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT ON (person_id)
            id AS "id: ImageId", person_id AS "person_id!", width, height, blurhash, color
        FROM image
        WHERE person_id = ANY($1) AND role = 'portrait'
          AND (content_hash IS NOT NULL OR source = 'remote' AND problem IS NULL)
        ORDER BY person_id, content_hash IS NULL, rank, id
        "#,
        people,
    )
    .fetch_all(db)
    .await?;
    let portraits = rows.into_iter().map(|it| {
        let size = (it.width, it.height);
        (it.person_id, ImageRef::of(area, it.id, size, it.blurhash, it.color))
    });
    Ok(portraits.collect())
}

/// Where a page of somebody's items ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CastPlace {
    pub released_on: NaiveDate,
    pub id: ItemId,
}

/// A film or series that somebody had a part in.
#[derive(Clone, Debug)]
pub struct CastItemRow {
    pub id: ItemId,
    pub released_on: NaiveDate,
}

/// The topmost items that somebody had a part in, or in something below, the newest first. Walks what they did, which is
/// never much.
pub async fn list_items(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: CastId,
    after: Option<&CastPlace>,
    limit: Limit,
) -> Result<Vec<CastItemRow>> {
    Ok(sqlx::query_as!(
        CastItemRow,
        r#"
        SELECT found.id AS "id!: ItemId", found.released_on AS "released_on!"
        FROM (
            SELECT DISTINCT
                top.id, COALESCE(top.released_on, make_date(COALESCE(top.year, 1), 1, 1)) AS released_on
            FROM credit
            JOIN item ON item.id = credit.item_id
            JOIN item AS top ON top.id = item.root_id
            WHERE credit.person_id = $1 AND top.library_id = ANY($2) AND top.missing_since IS NULL
              AND allows(item.marks, $6)
        ) AS found
        WHERE $3::date IS NULL OR (found.released_on, found.id) < ($3, $4)
        ORDER BY found.released_on DESC, found.id DESC
        LIMIT $5
        "#,
        person.0,
        scope.ids(),
        after.map(|it| it.released_on),
        after.map(|it| it.id.0),
        limit.probe(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}

/// What somebody did in items that came from [`list_items`], or in something below them: item, role, character.
pub async fn list_parts(
    db: &mut PgConnection,
    scope: &LibraryScope,
    person: CastId,
    items: &[Uuid],
) -> Result<Vec<(ItemId, String, Option<String>)>> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT item.root_id AS "root_id!: ItemId", credit.role, credit.character
        FROM credit
        JOIN item ON item.id = credit.item_id
        WHERE credit.person_id = $1 AND item.root_id = ANY($2) AND item.library_id = ANY($3)
          AND allows(item.marks, $4)
        ORDER BY item.root_id, credit.role, credit.character
        "#,
        person.0,
        items,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|it| (it.root_id, it.role, it.character)).collect())
}
