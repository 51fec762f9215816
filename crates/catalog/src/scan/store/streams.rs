//! Rows of what is in files: streams and chapters.

use kernel::Result;
use kernel::id::FileId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::column;

/// One stream of a file.
#[derive(Debug)]
pub struct StreamRow {
    pub file_id: FileId,
    pub index: i16,
    pub kind: &'static str,
    pub codec: String,
    pub codec_string: Option<String>,
    pub profile: Option<String>,
    pub level: Option<String>,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub frame_rate: Option<f32>,
    pub bit_depth: Option<i16>,
    pub pixel_format: Option<String>,
    pub hdr: Option<&'static str>,
    pub is_interlaced: bool,
    pub rotation: i16,
    pub channels: Option<i16>,
    pub channel_layout: Option<String>,
    pub sample_rate: Option<i32>,
    pub bitrate_bps: Option<i64>,
    pub language: Option<String>,
    pub title: Option<String>,
    pub is_default: bool,
    pub is_forced: bool,
    pub is_hearing_impaired: bool,
    pub is_commentary: bool,
    pub is_original: bool,
    /// JSON: the whole stream as the prober knows it.
    pub detail: String,
}

/// Inserts the streams of files that have none.
pub async fn insert_streams(db: &mut PgConnection, rows: &[StreamRow]) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO stream (file_id, index, kind, codec, codec_string, profile, level, width, height, frame_rate,
                            bit_depth, pixel_format, hdr, is_interlaced, rotation, channels, channel_layout, sample_rate,
                            bitrate_bps, language, title, is_default, is_forced, is_hearing_impaired, is_commentary,
                            is_original, detail)
        SELECT it.file_id, it.index, it.kind, it.codec, it.codec_string, it.profile, it.level, it.width, it.height,
               it.frame_rate, it.bit_depth, it.pixel_format, it.hdr, it.is_interlaced, it.rotation, it.channels,
               it.channel_layout, it.sample_rate, it.bitrate_bps, it.language, it.title, it.is_default, it.is_forced,
               it.is_hearing_impaired, it.is_commentary, it.is_original, it.detail::jsonb
        FROM UNNEST($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                    $8::integer[], $9::integer[], $10::real[], $11::smallint[], $12::text[], $13::text[], $14::boolean[],
                    $15::smallint[], $16::smallint[], $17::text[], $18::integer[], $19::bigint[], $20::text[],
                    $21::text[], $22::boolean[], $23::boolean[], $24::boolean[], $25::boolean[], $26::boolean[],
                    $27::text[])
            AS it (file_id, index, kind, codec, codec_string, profile, level, width, height, frame_rate, bit_depth,
                   pixel_format, hdr, is_interlaced, rotation, channels, channel_layout, sample_rate, bitrate_bps,
                   language, title, is_default, is_forced, is_hearing_impaired, is_commentary, is_original, detail)
        "#,
        column(rows, |it| it.file_id.0) as _,
        column(rows, |it| it.index) as _,
        column(rows, |it| it.kind) as _,
        column(rows, |it| it.codec.as_str()) as _,
        column(rows, |it| it.codec_string.as_deref()) as _,
        column(rows, |it| it.profile.as_deref()) as _,
        column(rows, |it| it.level.as_deref()) as _,
        column(rows, |it| it.width) as _,
        column(rows, |it| it.height) as _,
        column(rows, |it| it.frame_rate) as _,
        column(rows, |it| it.bit_depth) as _,
        column(rows, |it| it.pixel_format.as_deref()) as _,
        column(rows, |it| it.hdr) as _,
        column(rows, |it| it.is_interlaced) as _,
        column(rows, |it| it.rotation) as _,
        column(rows, |it| it.channels) as _,
        column(rows, |it| it.channel_layout.as_deref()) as _,
        column(rows, |it| it.sample_rate) as _,
        column(rows, |it| it.bitrate_bps) as _,
        column(rows, |it| it.language.as_deref()) as _,
        column(rows, |it| it.title.as_deref()) as _,
        column(rows, |it| it.is_default) as _,
        column(rows, |it| it.is_forced) as _,
        column(rows, |it| it.is_hearing_impaired) as _,
        column(rows, |it| it.is_commentary) as _,
        column(rows, |it| it.is_original) as _,
        column(rows, |it| it.detail.as_str()) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A chapter of a file.
#[derive(Debug)]
pub struct ChapterRow {
    pub file_id: FileId,
    pub number: i16,
    pub start_ms: i64,
    pub title: Option<String>,
}

/// Inserts the chapters of files that have none.
pub async fn insert_chapters(db: &mut PgConnection, rows: &[ChapterRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        INSERT INTO chapter (file_id, number, start_ms, title)
        SELECT * FROM UNNEST($1::uuid[], $2::smallint[], $3::bigint[], $4::text[])
        "#,
        column(rows, |it| it.file_id.0) as _,
        column(rows, |it| it.number) as _,
        column(rows, |it| it.start_ms) as _,
        column(rows, |it| it.title.as_deref()) as _,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets the streams and chapters of files.
pub async fn delete_content(db: &mut PgConnection, files: &[Uuid]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    sqlx::query!("DELETE FROM stream WHERE file_id = ANY($1)", files).execute(&mut *db).await?;
    sqlx::query!("DELETE FROM chapter WHERE file_id = ANY($1)", files).execute(db).await?;
    Ok(())
}
