//! SQL of pictures.

use kernel::id::ImageId;
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;

/// Where the original of a picture is, and what it is.
#[derive(Debug)]
pub struct OriginalRow {
    pub content_hash: Vec<u8>,
    pub mime: Option<String>,
    pub width: Option<i32>,
}

/// The original of a picture of an item in `scope`, or of somebody who had a part in one.
pub async fn find_original(
    db: &mut PgConnection,
    scope: &LibraryScope,
    image: ImageId,
) -> Result<Option<OriginalRow>> {
    let original = sqlx::query_as!(
        OriginalRow,
        r#"
        SELECT image.content_hash AS "content_hash!", image.mime, image.width
        FROM image
        WHERE image.id = $1
          AND image.content_hash IS NOT NULL
          AND (
              EXISTS (SELECT FROM item WHERE item.id = image.item_id AND item.library_id = ANY($2))
              OR EXISTS (
                  SELECT FROM credit
                  JOIN item ON item.id = credit.item_id
                  WHERE credit.person_id = image.person_id AND item.library_id = ANY($2)
              )
          )
        "#,
        image.0,
        scope.ids(),
    )
    .fetch_optional(db)
    .await?;
    Ok(original)
}
