//! The endpoints of subtitles whose styles are drawn by the client: scripts of Advanced SubStation Alpha, and fonts.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use kernel::Error;
use kernel::id::FileId;
use media::samples::read_font;
use media::subtitles::retime_ass;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::hls::answer;
use super::retiming::{RetimingQuery, tag};
use crate::Playback;

/// The type of scripts, which no registry has.
const SCRIPT: &str = "text/x-ssa; charset=utf-8";

/// Scripts and fonts.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new()
        .routes(routes!(read_embedded_script))
        .routes(routes!(read_script))
        .routes(routes!(read_font_file))
}

/// A text track of a film as a script with its styles.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/text.ass", tag = "playback", operation_id = "read_embedded_script",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), RetimingQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "text/x-ssa", body = String), (status = 304), (status = "4XX", body = Problem)))]
async fn read_embedded_script(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    Query(query): Query<RetimingQuery>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let by = query.read()?;
    let opened = playback.find_film(&viewer, file, &version).await?;
    let script = playback.films.script(&opened, stream).await?;
    let etag = format!("\"{version}-{stream}-script{}\"", tag(by));
    answer(&headers, SCRIPT, Some(&etag), retime_ass(&script, by).into_owned())
}

/// A subtitle file as a script with its styles, in UTF-8.
#[utoipa::path(get, path = "/playback/subtitles/{file_id}/script", tag = "playback", operation_id = "read_script",
    params(("file_id" = FileId, Path), RetimingQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "text/x-ssa", body = String), (status = "4XX", body = Problem)))]
async fn read_script(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path(file): Path<FileId>,
    Query(query): Query<RetimingQuery>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let script = playback.read_script(&viewer, file, query.read()?).await?;
    answer(&headers, SCRIPT, None, script)
}

/// A font that the film brings for its subtitles.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/fonts/{number}", tag = "playback", operation_id = "read_font",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("number" = usize, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "font/ttf", body = [u8]), (status = 304), (status = "4XX", body = Problem)))]
async fn read_font_file(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, number)): Path<(FileId, String, usize)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let mime = opened.film.fonts.get(number).ok_or(Error::NotFound("font"))?.mime;
    let read = move || read_font(&opened.film, &*opened.file, number);
    let font = playback.films.read(read).await?;
    answer(&headers, mime, Some(&format!("\"{version}-font-{number}\"")), font)
}
