//! SQL of choosing pictures.

use kernel::id::{ImageId, ItemId, LibraryId, PersonId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;

use super::ImageSource;
use crate::artwork::Kept;
use crate::kind::ImageRole;

/// The library of an item in `scope`.
pub async fn find_library(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Option<LibraryId>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT library_id AS "id: LibraryId" FROM item WHERE id = $1 AND library_id = ANY($2) AND allows(marks, $3)"#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?)
}

/// A picture that an item has or could have.
#[derive(Debug)]
pub struct ChoiceRow {
    pub id: ImageId,
    pub role: String,
    pub source: ImageSource,
    pub is_chosen: bool,
    pub content_hash: Option<Vec<u8>>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub blurhash: Option<String>,
    pub color: Option<String>,
    pub problem: Option<String>,
}

/// Pictures of one item at the most: providers know hundreds of a popular film.
const MAX_CHOICES: i64 = 500;

/// The pictures of an item, what people gave first, then by rank. Served by `image_item_idx` and
/// `chosen_image_content_unique`.
pub async fn list_choices(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Vec<ChoiceRow>> {
    Ok(sqlx::query_as!(
        ChoiceRow,
        r#"
        SELECT found.id AS "id!: ImageId", found.role AS "role!", found.source AS "source!: ImageSource",
               found.is_chosen AS "is_chosen!", found.content_hash, found.width, found.height, found.blurhash,
               found.color, found.problem
        FROM (
            SELECT id, item_id, role, source, is_shown AS is_chosen, content_hash, width, height, blurhash, color,
                   NULL AS problem, '-1'::smallint AS rank
            FROM chosen_image WHERE item_id = $1
            UNION ALL
            SELECT id, item_id, role, source, FALSE, content_hash, width, height, blurhash, color, problem, rank
            FROM image WHERE item_id = $1
        ) AS found
        JOIN item ON item.id = found.item_id
        WHERE item.library_id = ANY($2) AND allows(item.marks, $4)
        ORDER BY found.rank, found.id
        LIMIT $3
        "#,
        item.0,
        scope.ids(),
        MAX_CHOICES,
        scope.guard(),
    )
    .fetch_all(db)
    .await?)
}

/// What is kept of a picture, as rows have it.
#[derive(Debug)]
pub struct KeptRow {
    pub content_hash: Vec<u8>,
    pub mime: String,
    pub width: i32,
    pub height: i32,
    pub blurhash: String,
    pub color: String,
}

impl From<Kept> for KeptRow {
    fn from(Kept { content_hash, picture }: Kept) -> Self {
        Self {
            content_hash,
            mime: picture.mime.to_owned(),
            width: picture.width.cast_signed(),
            height: picture.height.cast_signed(),
            blurhash: picture.blurhash,
            color: picture.color,
        }
    }
}

/// A picture somebody pointed at.
#[derive(Debug)]
pub struct Picked {
    pub source: ImageSource,
    /// `None` while it was not fetched, or turned out to be none.
    pub kept: Option<KeptRow>,
    pub url: Option<String>,
}

/// One picture of an item in `scope`.
pub async fn find_picked(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
    image: ImageId,
) -> Result<Option<Picked>> {
    let row = sqlx::query!(
        r#"
        SELECT found.source AS "source!: ImageSource", found.content_hash, found.mime, found.width, found.height,
               found.blurhash, found.color, found.url
        FROM (
            SELECT item_id, source, content_hash, mime, width, height, blurhash, color, url
            FROM chosen_image WHERE id = $1
            UNION ALL
            SELECT item_id, source, content_hash, mime, width, height, blurhash, color, url
            FROM image WHERE id = $1
        ) AS found
        JOIN item ON item.id = found.item_id
        WHERE item.id = $2 AND item.library_id = ANY($3) AND allows(item.marks, $4)
        "#,
        image.0,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let kept = || {
            Some(KeptRow {
                content_hash: row.content_hash?,
                mime: row.mime?,
                width: row.width?,
                height: row.height?,
                blurhash: row.blurhash?,
                color: row.color?,
            })
        };
        Picked { source: row.source, kept: kept(), url: row.url }
    }))
}

/// Nothing is chosen for `role` any more. What people gave stays to be chosen again.
pub async fn hide(db: &mut PgConnection, item: ItemId, role: ImageRole) -> Result<()> {
    sqlx::query!(
        "DELETE FROM chosen_image WHERE item_id = $1 AND role = $2 AND source = 'found'",
        item.0,
        role.as_str(),
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE chosen_image SET is_shown = FALSE WHERE item_id = $1 AND role = $2 AND is_shown",
        item.0,
        role.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A picture to be shown.
#[derive(Debug)]
pub struct NewChoice {
    pub source: ImageSource,
    pub kept: KeptRow,
    pub url: Option<String>,
}

/// Shows a picture in `role`; one that somebody gave before stays theirs.
pub async fn show(
    db: &mut PgConnection,
    id: ImageId,
    item: ItemId,
    role: ImageRole,
    choice: &NewChoice,
    person: PersonId,
) -> Result<()> {
    let NewChoice { source, kept, url } = choice;
    sqlx::query!(
        r#"
        INSERT INTO chosen_image (
            id, item_id, item_key, role, source, is_shown, content_hash, mime, width, height, blurhash, color, url, person_id)
        SELECT $1, item.id, item.kind || ':' || item.identity, $3, $4, TRUE, $5, $6, $7, $8, $9, $10, $11, $12
        FROM item WHERE item.id = $2
        ON CONFLICT ON CONSTRAINT chosen_image_content_unique DO UPDATE SET is_shown = TRUE
        "#,
        id.0,
        item.0,
        role.as_str(),
        source as &ImageSource,
        kept.content_hash,
        kept.mime,
        kept.width,
        kept.height,
        kept.blurhash,
        kept.color,
        url.as_deref(),
        person.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes a picture that somebody gave to an item in `scope`. Returns the item and its library.
pub async fn delete_given(
    db: &mut PgConnection,
    scope: &LibraryScope,
    image: ImageId,
) -> Result<Option<(ItemId, LibraryId)>> {
    let row = sqlx::query!(
        r#"
        DELETE FROM chosen_image
        USING item
        WHERE chosen_image.id = $1 AND chosen_image.source IN ('upload', 'link')
          AND item.id = chosen_image.item_id AND item.library_id = ANY($2) AND allows(item.marks, $3)
        RETURNING item.id AS "item_id: ItemId", item.library_id AS "library_id: LibraryId"
        "#,
        image.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| (it.item_id, it.library_id)))
}

/// Whether an item in `scope` has this picture.
pub async fn is_image(db: &mut PgConnection, scope: &LibraryScope, image: ImageId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT FROM (
                SELECT item_id FROM image WHERE id = $1
                UNION ALL
                SELECT item_id FROM chosen_image WHERE id = $1
            ) AS found
            JOIN item ON item.id = found.item_id
            WHERE item.library_id = ANY($2) AND allows(item.marks, $3)) AS "is_image!"
        "#,
        image.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_one(db)
    .await?)
}
