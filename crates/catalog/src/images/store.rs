//! SQL of pictures.

use kernel::id::ImageId;
use kernel::{LibraryScope, Result};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::artwork::Kept;

/// Where the original of a picture is, and what it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct Original {
    /// `None` while it was not fetched from its provider.
    pub content_hash: Option<Vec<u8>>,
    pub mime: Option<String>,
    pub width: Option<i32>,
}

impl From<Kept> for Original {
    fn from(kept: Kept) -> Self {
        let Kept { content_hash, picture } = kept;
        Self {
            content_hash: Some(content_hash),
            mime: Some(picture.mime.to_owned()),
            width: i32::try_from(picture.width).ok(),
        }
    }
}

/// The original of a picture of an item in `scope`, or of somebody who had a part in one.
pub async fn find_original(
    db: &mut PgConnection,
    scope: &LibraryScope,
    image: ImageId,
) -> Result<Option<Original>> {
    let original = sqlx::query_as!(
        Original,
        r#"
        SELECT image.content_hash, image.mime, image.width
        FROM image
        WHERE image.id = $1
          AND (image.content_hash IS NOT NULL OR image.source = 'remote')
          AND (
              EXISTS (SELECT FROM item WHERE item.id = image.item_id AND item.library_id = ANY($2) AND allows(item.marks, $3))
              OR EXISTS (
                  SELECT FROM credit
                  JOIN item ON item.id = credit.item_id
                  WHERE credit.person_id = image.person_id AND item.library_id = ANY($2) AND allows(item.marks, $3)
              )
          )
        UNION ALL
        SELECT chosen_image.content_hash, chosen_image.mime, chosen_image.width
        FROM chosen_image
        JOIN item ON item.id = chosen_image.item_id
        WHERE chosen_image.id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
        "#,
        image.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(original)
}
