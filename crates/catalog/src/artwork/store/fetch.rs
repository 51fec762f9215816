//! SQL of the pictures of providers: which are to be fetched, and what came of it.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::{ImageId, LibraryId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::artwork::Kept;

/// A picture of a provider that is not here yet.
#[derive(Debug)]
pub struct DuePicture {
    pub id: ImageId,
    pub url: String,
    pub fetch_attempts: i16,
    /// Whether it would be the one its role shows.
    pub is_shown: bool,
}

/// Pictures that may be fetched now, the longest due first. Served by `image_fetch_idx`.
pub async fn list_due(
    db: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DuePicture>> {
    Ok(sqlx::query_as!(
        DuePicture,
        r#"
        SELECT image.id AS "id: ImageId", COALESCE(image.url, '') AS "url!", image.fetch_attempts,
               NOT EXISTS (
                   SELECT FROM image AS better
                   WHERE better.item_id = image.item_id AND better.role = image.role
                     AND (better.rank, better.id) < (image.rank, image.id)
                     AND (better.content_hash IS NOT NULL OR better.source = 'remote' AND better.fetch_after < 'infinity'))
               AND NOT EXISTS (
                   SELECT FROM image AS better
                   WHERE better.person_id = image.person_id AND better.role = image.role
                     AND (better.rank, better.id) < (image.rank, image.id)
                     AND (better.content_hash IS NOT NULL OR better.source = 'remote' AND better.fetch_after < 'infinity'))
               AND NOT EXISTS (
                   SELECT FROM chosen_image
                   WHERE chosen_image.item_id = image.item_id AND chosen_image.role = image.role AND chosen_image.is_shown)
               AS "is_shown!"
        FROM image
        WHERE image.source = 'remote' AND image.content_hash IS NULL AND image.fetch_after <= $1
        ORDER BY image.fetch_after, image.id
        LIMIT $2
        "#,
        now,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// One picture of a provider, and what came of fetching it so far.
#[derive(Debug)]
pub struct RemotePicture {
    pub id: ImageId,
    pub url: String,
    pub fetch_attempts: i16,
    pub fetch_after: Option<DateTime<Utc>>,
    pub is_in_vain: bool,
    pub problem: Option<String>,
}

impl From<RemotePicture> for DuePicture {
    fn from(picture: RemotePicture) -> Self {
        let RemotePicture { id, url, fetch_attempts, fetch_after: _, is_in_vain: _, problem: _ } =
            picture;
        Self { id, url, fetch_attempts, is_shown: true }
    }
}

/// The picture of a provider with this id, unless it is here already.
pub async fn find_remote(db: &mut PgConnection, id: ImageId) -> Result<Option<RemotePicture>> {
    Ok(sqlx::query_as!(
        RemotePicture,
        r#"
        SELECT id AS "id: ImageId", COALESCE(url, '') AS "url!", fetch_attempts, problem,
               CASE WHEN isfinite(fetch_after) THEN fetch_after END AS fetch_after,
               fetch_after = 'infinity' AND problem IS NOT NULL AS "is_in_vain!"
        FROM image
        WHERE id = $1 AND source = 'remote' AND content_hash IS NULL
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Pictures that no page shows: they wait until somebody wants to see them.
pub async fn shelve(db: &mut PgConnection, images: &[Uuid]) -> Result<()> {
    sqlx::query!("UPDATE image SET fetch_after = 'infinity' WHERE id = ANY($1)", images)
        .execute(db)
        .await?;
    Ok(())
}

/// Looks anew at the shelved pictures of `items`: what was shown in their stead is gone.
pub async fn reconsider(db: &mut PgConnection, items: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "
        UPDATE image SET fetch_after = '-infinity'
        WHERE item_id = ANY($1) AND source = 'remote' AND content_hash IS NULL AND fetch_after = 'infinity'
          AND problem IS NULL
        ",
        items,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// After the picture `failed` turned out to be none: the next of its role may take its place.
pub async fn promote_next(db: &mut PgConnection, failed: ImageId) -> Result<()> {
    sqlx::query!(
        "
        UPDATE image SET fetch_after = '-infinity'
        WHERE id = (
            SELECT next.id
            FROM image AS failed
            JOIN image AS next ON next.role = failed.role
             AND (next.item_id = failed.item_id OR next.person_id = failed.person_id)
            WHERE failed.id = $1 AND next.source = 'remote' AND next.content_hash IS NULL AND next.problem IS NULL
            ORDER BY next.rank, next.id
            LIMIT 1)
        ",
        failed.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes that the picture `id` is here.
pub async fn update_fetched(db: &mut PgConnection, id: ImageId, kept: &Kept) -> Result<()> {
    let Kept { content_hash, picture } = kept;
    sqlx::query!(
        "
        UPDATE image
        SET content_hash = $2, mime = $3, width = $4, height = $5, blurhash = $6, color = $7, problem = NULL
        WHERE id = $1
        ",
        id.0,
        content_hash,
        picture.mime,
        i32::try_from(picture.width).ok(),
        i32::try_from(picture.height).ok(),
        picture.blurhash,
        picture.color,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What came of a picture that is not here yet.
#[derive(Debug)]
pub struct Failed {
    /// When it may be asked for again; `None` for never by itself.
    pub fetch_after: Option<DateTime<Utc>>,
    pub attempts: i16,
    pub problem: Option<String>,
}

/// Writes that the picture `id` could not be fetched. A problem that is known stays until it is fetched.
pub async fn put_off(db: &mut PgConnection, id: ImageId, failed: &Failed) -> Result<()> {
    sqlx::query!(
        "
        UPDATE image
        SET fetch_after = COALESCE($2::timestamptz, 'infinity'), fetch_attempts = $3, problem = COALESCE($4::text, problem)
        WHERE id = $1
        ",
        id.0,
        failed.fetch_after,
        failed.attempts,
        failed.problem,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that the libraries that show `images` changed, and returns them.
pub async fn bump_libraries(db: &mut PgConnection, images: &[Uuid]) -> Result<Vec<LibraryId>> {
    if images.is_empty() {
        return Ok(Vec::new());
    }
    // In one order everywhere, so that two writers never wait for each other.
    Ok(sqlx::query_scalar!(
        r#"
        WITH it AS (
            SELECT id FROM library
            WHERE id IN (
                SELECT item.library_id FROM image JOIN item ON item.id = image.item_id WHERE image.id = ANY($1)
                UNION
                SELECT item.library_id
                FROM image
                JOIN credit ON credit.person_id = image.person_id
                JOIN item ON item.id = credit.item_id
                WHERE image.id = ANY($1))
            ORDER BY id
            FOR UPDATE
        )
        UPDATE library SET generation = generation + 1 FROM it WHERE library.id = it.id
        RETURNING library.id AS "id: LibraryId"
        "#,
        images,
    )
    .fetch_all(db)
    .await?)
}
