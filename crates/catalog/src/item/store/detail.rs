//! SQL of an item's own page: a fixed number of statements, whatever it has.

use kernel::id::{FileId, ItemId, LibraryId};
use kernel::{LibraryScope, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::people::CastId;

/// The part of an item's row that only its own page shows.
#[derive(Debug)]
pub struct DetailRow {
    pub original_title: Option<String>,
    pub tagline: Option<String>,
    pub overview: Option<String>,
    pub rating: Option<f32>,
    pub content_rating: Option<String>,
}

/// Words on an item.
#[derive(Debug)]
pub struct LabelRow {
    pub kind: String,
    pub name: String,
}

/// Somebody who had a part in an item.
#[derive(Debug)]
pub struct CreditRow {
    pub person_id: CastId,
    pub name: String,
    pub role: String,
    pub character: Option<String>,
}

/// A file and what it is to an item.
#[derive(Debug)]
pub struct FileRow {
    pub id: FileId,
    pub folder: String,
    pub path: String,
    pub size_bytes: i64,
    pub container: Option<String>,
    pub duration_ms: Option<i64>,
    pub bitrate_bps: Option<i64>,
    pub problem: Option<String>,
    pub is_missing: bool,
    pub role: String,
    pub version: Option<String>,
    pub part: Option<i16>,
    pub extra_type: Option<String>,
    pub title: Option<String>,
    pub language: Option<String>,
    pub is_forced: bool,
    pub is_hearing_impaired: bool,
    pub is_default: bool,
}

/// A stream of a file.
#[derive(Clone, Debug)]
pub struct StreamRow {
    pub file_id: FileId,
    pub index: i16,
    pub kind: String,
    pub codec: String,
    pub codec_string: Option<String>,
    pub profile: Option<String>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub frame_rate: Option<f32>,
    pub bit_depth: Option<i16>,
    pub hdr: Option<String>,
    pub channels: Option<i16>,
    pub channel_layout: Option<String>,
    pub sample_rate: Option<i32>,
    pub language: Option<String>,
    pub title: Option<String>,
    pub is_default: bool,
    pub is_forced: bool,
    pub is_hearing_impaired: bool,
    pub loudness_lufs: Option<f32>,
    pub loudness_range_lu: Option<f32>,
    pub true_peak_db: Option<f32>,
}

/// A chapter of a file.
#[derive(Debug)]
pub struct ChapterRow {
    pub file_id: FileId,
    pub start_ms: i64,
    pub title: Option<String>,
}

/// A group above an item.
#[derive(Debug)]
pub struct CrumbRow {
    pub id: ItemId,
    pub title: String,
    pub kind: String,
    pub library_id: LibraryId,
}

/// What only the item's own page shows of its row.
pub async fn find_detail(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Option<DetailRow>> {
    let detail = sqlx::query_as!(
        DetailRow,
        "
        SELECT original_title, tagline, overview, rating, content_rating
        FROM item
        WHERE id = $1 AND library_id = ANY($2) AND allows(marks, $3)
        ",
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_optional(db)
    .await?;
    Ok(detail)
}

/// Genres, studios, tags and the like of an item, in its order.
pub async fn list_labels(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Vec<LabelRow>> {
    let labels = sqlx::query_as!(
        LabelRow,
        "
        SELECT label.kind, label.name
        FROM item_label
        JOIN label ON label.id = item_label.label_id
        JOIN item ON item.id = item_label.item_id
        WHERE item_label.item_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
        ORDER BY item_label.position, label.name
        ",
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(labels)
}

/// Cast and crew of an item, in its order.
pub async fn list_credits(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Vec<CreditRow>> {
    let credits = sqlx::query_as!(
        CreditRow,
        r#"
        SELECT person.id AS "person_id: CastId", person.name, credit.role, credit.character
        FROM credit
        JOIN person ON person.id = credit.person_id
        JOIN item ON item.id = credit.item_id
        WHERE credit.item_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
        ORDER BY credit.position
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(credits)
}

/// What providers call an item.
pub async fn list_external_ids(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Vec<(String, String)>> {
    let ids = sqlx::query!(
        "
        SELECT external_id.provider, external_id.value
        FROM external_id
        JOIN item ON item.id = external_id.item_id
        WHERE external_id.item_id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
        ORDER BY external_id.provider
        ",
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(|it| (it.provider, it.value)).collect())
}

/// The files of an item, the main ones first, parts in their order.
pub async fn list_files(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Vec<FileRow>> {
    let files = sqlx::query_as!(
        FileRow,
        r#"
        SELECT
            file.id AS "id: FileId", folder.path AS folder, file.path, file.size_bytes, file.container,
            file.duration_ms, file.bitrate_bps, file.problem, file.missing_since IS NOT NULL AS "is_missing!",
            item_file.role, item_file.version, item_file.part, item_file.extra_type, item_file.title,
            item_file.language, item_file.is_forced, item_file.is_hearing_impaired, item_file.is_default
        FROM item_file
        JOIN file ON file.id = item_file.file_id
        JOIN library_folder AS folder ON folder.id = file.folder_id
        WHERE item_file.item_id = $1 AND file.library_id = ANY($2) AND allows_file(file.id, $3)
        ORDER BY item_file.role <> 'main', item_file.version NULLS FIRST, item_file.part NULLS FIRST, file.path
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(files)
}

/// The streams of these files, which came from [`list_files`].
pub async fn list_streams_unscoped(
    db: &mut PgConnection,
    files: &[Uuid],
) -> Result<Vec<StreamRow>> {
    let streams = sqlx::query_as!(
        StreamRow,
        r#"
        SELECT
            stream.file_id AS "file_id: FileId", index, kind, codec, codec_string, profile, width, height, frame_rate,
            bit_depth, hdr, channels, channel_layout, sample_rate, language, title, is_default, is_forced,
            is_hearing_impaired, loudness.integrated_lufs AS "loudness_lufs?", loudness.range_lu AS "loudness_range_lu?",
            loudness.true_peak_db AS "true_peak_db?"
        FROM stream
        LEFT JOIN loudness ON loudness.file_id = stream.file_id AND loudness.stream_index = stream.index
        WHERE stream.file_id = ANY($1) AND kind IN ('video', 'audio', 'subtitle')
        ORDER BY stream.file_id, index
        "#,
        files,
    )
    .fetch_all(db)
    .await?;
    Ok(streams)
}

/// The chapters of these files, which came from [`list_files`].
pub async fn list_chapters_unscoped(
    db: &mut PgConnection,
    files: &[Uuid],
) -> Result<Vec<ChapterRow>> {
    let chapters = sqlx::query_as!(
        ChapterRow,
        r#"
        SELECT file_id AS "file_id: FileId", start_ms, title
        FROM chapter
        WHERE file_id = ANY($1)
        ORDER BY file_id, number
        "#,
        files,
    )
    .fetch_all(db)
    .await?;
    Ok(chapters)
}

/// The groups an item is in, outermost first.
pub async fn list_crumbs(
    db: &mut PgConnection,
    scope: &LibraryScope,
    item: ItemId,
) -> Result<Vec<CrumbRow>> {
    let crumbs = sqlx::query_as!(
        CrumbRow,
        r#"
        SELECT
            above.id AS "id: ItemId", above.title, above.kind, above.library_id AS "library_id: LibraryId"
        FROM item
        JOIN item AS above ON above.id IN (item.root_id, item.parent_id) AND above.id <> item.id
        WHERE item.id = $1 AND item.library_id = ANY($2) AND allows(item.marks, $3)
        ORDER BY above.id <> item.root_id
        "#,
        item.0,
        scope.ids(),
        scope.guard(),
    )
    .fetch_all(db)
    .await?;
    Ok(crumbs)
}
