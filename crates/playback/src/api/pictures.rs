//! The endpoints of the small pictures along a film.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use kernel::Error;
use kernel::id::FileId;
use media::trickplay::{COLUMNS, TILES};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Path;
use wire::{Allowed, Problem, Result, may};

use super::hls::answer;
use crate::Playback;
use crate::analyze::shelf::Sheet;
use crate::pictures::{Pictures, webvtt};

/// Everything below `trickplay`.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new().routes(routes!(read_thumbnails)).routes(routes!(read_trickplay_sheet))
}

/// Small pictures along a film, on sheets: the first at its beginning, the others as far apart as `interval_ms` says, from
/// left to right and from top to bottom.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrickplayView {
    /// From picture to picture.
    interval_ms: i32,
    /// Pixels of one picture.
    tile_width: i32,
    /// Pixels of one picture.
    tile_height: i32,
    /// Pictures beside each other on a sheet; fewer where there are fewer in all.
    columns: usize,
    /// Pictures below each other on a full sheet.
    rows: usize,
    /// Pictures on all sheets.
    tile_count: i32,
    /// The sheets in order, JPEG; signed, relative to the server.
    sheets: Vec<String>,
    /// A sheet with a picture for each of the first hundred chapters; signed, relative to the server.
    chapter_sheet: Option<String>,
    /// The same as WebVTT with places on the sheets, for other players; signed, relative to the server.
    vtt_url: String,
}

impl From<Pictures> for TrickplayView {
    fn from(pictures: Pictures) -> Self {
        let Pictures { made, sheets, chapters, vtt } = pictures;
        Self {
            interval_ms: made.interval_ms,
            tile_width: made.tile_width,
            tile_height: made.tile_height,
            columns: COLUMNS,
            rows: TILES / COLUMNS,
            tile_count: made.tile_count,
            sheets,
            chapter_sheet: chapters,
            vtt_url: vtt,
        }
    }
}

/// Small pictures along a film as WebVTT, each with a sheet and the place on it.
#[utoipa::path(get, path = "/playback/trickplay/{file_id}/thumbnails.vtt", tag = "playback", operation_id = "read_thumbnails",
    params(("file_id" = FileId, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "text/vtt", body = String), (status = "4XX", body = Problem)))]
async fn read_thumbnails(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path(file): Path<FileId>,
) -> Result<impl IntoResponse> {
    let pictures = playback.pictures(&viewer, file).await?.ok_or(Error::NotFound("pictures"))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/vtt; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok((headers, webvtt(&pictures)))
}

/// A sheet of small pictures along a film by its number, or that of its `chapters`.
#[utoipa::path(get, path = "/playback/trickplay/{file_id}/{version}/{sheet}", tag = "playback", operation_id = "read_trickplay_sheet",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("sheet" = String, Path)),
    security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "image/jpeg", body = [u8]), (status = 304), (status = "4XX", body = Problem)))]
async fn read_trickplay_sheet(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, name)): Path<(FileId, String, String)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let sheet = match name.as_str() {
        "chapters" => Sheet::Chapters,
        // One address for each.
        number => Sheet::Along(
            number
                .parse()
                .ok()
                .filter(|it: &usize| it.to_string() == number)
                .ok_or(Error::NotFound("sheet"))?,
        ),
    };
    let etag = format!("\"{version}-{name}\"");
    let bytes = playback.read_sheet(&viewer, file, version, sheet).await?;
    let mut response = answer(&headers, "image/jpeg", Some(&etag), Body::empty())?;
    if response.status() == StatusCode::OK {
        *response.body_mut() = bytes.into();
    }
    Ok(response)
}
