//! SQL of artwork: what is yet to be made, and what was made.

pub mod fetch;
pub mod lost;

use kernel::Result;
use kernel::id::{FileId, ImageId, ItemId, LibraryId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A picture that a file of the library is, or holds.
#[derive(Debug)]
pub struct PendingPicture {
    pub id: ImageId,
    pub source: String,
    pub folder: String,
    pub path: String,
    pub modified_ns: i64,
}

/// Pictures whose file was never looked at, or changed since; in the order of their ids, behind `after`.
pub async fn list_pending(
    db: &mut PgConnection,
    library: LibraryId,
    after: Uuid,
    limit: i64,
) -> Result<Vec<PendingPicture>> {
    Ok(sqlx::query_as!(
        PendingPicture,
        r#"
        SELECT image.id AS "id: ImageId", image.source, library_folder.path AS folder, file.path, file.modified_ns
        FROM file
        JOIN library_folder ON library_folder.id = file.folder_id
        JOIN image ON image.file_id = file.id AND image.source IN ('local', 'embedded')
        WHERE file.library_id = $1 AND file.missing_since IS NULL
          AND image.made_of_ns IS DISTINCT FROM file.modified_ns
          AND image.id > $2
        ORDER BY image.id
        LIMIT $3
        "#,
        library.0,
        after,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// What was made of one picture.
#[derive(Debug)]
pub struct Made {
    pub content_hash: Option<Vec<u8>>,
    pub mime: Option<&'static str>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub blurhash: Option<String>,
    pub color: Option<String>,
    pub problem: Option<String>,
}

/// Writes what was made of the picture `id` from its file as of `modified_ns`.
pub async fn update_image(
    db: &mut PgConnection,
    id: ImageId,
    modified_ns: i64,
    made: &Made,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE image
        SET made_of_ns = $2, content_hash = $3, mime = $4, width = $5, height = $6, blurhash = $7, color = $8,
            problem = $9
        WHERE id = $1
        "#,
        id.0,
        modified_ns,
        made.content_hash,
        made.mime,
        made.width,
        made.height,
        made.blurhash,
        made.color,
        made.problem,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// An item without a picture, with the file whose frame shall stand for it.
#[derive(Debug)]
pub struct Bare {
    pub item_id: ItemId,
    pub is_top: bool,
    pub file_id: FileId,
    pub folder: String,
    pub path: String,
    pub modified_ns: i64,
}

/// Items that lack the picture their page shows (a poster at the top, a still below) and have a film that plays. Where that
/// was tried already, it counts as lacking again only when the film changed.
pub async fn list_bare(
    db: &mut PgConnection,
    library: LibraryId,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Bare>> {
    Ok(sqlx::query_as!(
        Bare,
        r#"
        SELECT item.id AS "item_id: ItemId", item.is_top, film.id AS "file_id: FileId", library_folder.path AS folder,
               film.path, film.modified_ns
        FROM item
        CROSS JOIN LATERAL (
            SELECT file.id, file.folder_id, file.path, file.modified_ns
            FROM item AS leaf
            JOIN item_file ON item_file.item_id = leaf.id AND item_file.role = 'main'
            JOIN file ON file.id = item_file.file_id
            WHERE (leaf.id = item.id OR item.form = 'group' AND leaf.root_id = item.id)
              AND leaf.form = 'video'
              AND file.missing_since IS NULL AND file.problem IS NULL
            ORDER BY leaf.watch_order, leaf.id, item_file.part NULLS FIRST, file.path
            LIMIT 1
        ) AS film
        JOIN library_folder ON library_folder.id = film.folder_id
        WHERE item.library_id = $1 AND item.id > $2 AND item.missing_since IS NULL
          AND (item.is_top OR item.form = 'video')
          AND NOT EXISTS (
              SELECT FROM image
              WHERE image.item_id = item.id
                AND image.role = CASE WHEN item.is_top THEN 'poster' ELSE 'thumb' END
                AND CASE WHEN image.source = 'frame'
                    THEN image.file_id = film.id AND image.made_of_ns = film.modified_ns
                    ELSE image.content_hash IS NOT NULL END)
        ORDER BY item.id
        LIMIT $3
        "#,
        library.0,
        after,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// Writes a frame as a picture of an item, in place of earlier frames of that role.
pub async fn replace_frame(
    db: &mut PgConnection,
    bare: &Bare,
    role: &str,
    made: &Made,
) -> Result<()> {
    sqlx::query!(
        "DELETE FROM image WHERE item_id = $1 AND role = $2 AND source = 'frame'",
        bare.item_id.0,
        role,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        INSERT INTO image (item_id, role, source, rank, file_id, made_of_ns, content_hash, mime, width, height, blurhash,
                           color, problem)
        VALUES ($1, $2, 'frame', 1000, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (item_id, role, file_id) WHERE source IN ('local', 'embedded', 'frame') DO NOTHING
        "#,
        bare.item_id.0,
        role,
        bare.file_id.0,
        bare.modified_ns,
        made.content_hash,
        made.mime,
        made.width,
        made.height,
        made.blurhash,
        made.color,
        made.problem,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Those of `hashes` that no row speaks of. Served by `image_content_idx`.
pub async fn list_unused(db: &mut PgConnection, hashes: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
    Ok(sqlx::query_scalar!(
        r#"
        SELECT it.hash AS "hash!"
        FROM UNNEST($1::bytea[]) AS it (hash)
        WHERE NOT EXISTS (SELECT FROM image WHERE image.content_hash = it.hash)
          AND NOT EXISTS (SELECT FROM chosen_image WHERE chosen_image.content_hash = it.hash)
        "#,
        hashes,
    )
    .fetch_all(db)
    .await?)
}
