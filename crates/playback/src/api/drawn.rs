//! The endpoints of subtitles that are pictures: a list of windows of time, and in each the pictures with their times and places.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Error;
use kernel::id::FileId;
use media::subtitles::{Drawn, DrawnCue};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use super::hls::{Address, answer};
use crate::Playback;
use crate::films::WINDOW_MS;

/// Everything below a subtitle stream of pictures.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new().routes(routes!(read_drawn_subtitle)).routes(routes!(read_drawn_window))
}

/// Where the pictures of a subtitle are.
#[derive(Debug, Serialize, ToSchema)]
struct DrawnSubtitleView {
    /// How long each window is, in milliseconds.
    window_ms: i64,
    /// One address for each window from the beginning of the film on; signed, relative to the server.
    windows: Vec<String>,
}

/// What is shown at some time of a window.
#[derive(Debug, Serialize, ToSchema)]
struct DrawnWindowView {
    /// Width of the canvas that places are counted on. The film has the same width; where its height is another one, both have
    /// the same middle.
    width: u32,
    /// Height of the canvas.
    height: u32,
    /// In the order of time.
    cues: Vec<DrawnCueView>,
}

/// A picture that is shown for a while.
#[derive(Debug, Serialize, ToSchema)]
struct DrawnCueView {
    /// Milliseconds from the beginning of the film.
    start_ms: i64,
    /// When it is gone.
    end_ms: i64,
    /// Only what is foreign to the film's audience.
    is_forced: bool,
    /// Pixels from the left of the canvas.
    x: u32,
    /// Pixels from the top of the canvas.
    y: u32,
    /// Width in pixels of the canvas.
    width: u32,
    /// Height in pixels of the canvas.
    height: u32,
    /// PNG as base64.
    png: String,
}

impl From<&Drawn> for DrawnWindowView {
    fn from(drawn: &Drawn) -> Self {
        let (width, height) = drawn.canvas;
        Self { width, height, cues: drawn.cues.iter().map(DrawnCueView::from).collect() }
    }
}

impl From<&DrawnCue> for DrawnCueView {
    fn from(cue: &DrawnCue) -> Self {
        let ((x, y), (width, height)) = (cue.place, cue.size);
        let png = STANDARD.encode(&cue.png);
        let (start_ms, end_ms) = (cue.start_ms, cue.end_ms);
        Self { start_ms, end_ms, is_forced: cue.is_forced, x, y, width, height, png }
    }
}

/// Where the pictures of a subtitle are.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/drawn.json", tag = "playback", operation_id = "read_drawn_subtitle",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, body = DrawnSubtitleView), (status = "4XX", body = Problem)))]
async fn read_drawn_subtitle(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
) -> Result<Json<DrawnSubtitleView>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    if !opened.film.drawn.iter().any(|it| it.index == stream) {
        return Err(Error::NotFound("stream").into());
    }
    let address = Address { playback: &playback, viewer: &viewer, file, version: &version };
    let windows = (0..opened.n_windows()).map(|it| address.of(&format!("{stream}/drawn/{it}")));
    Ok(Json(DrawnSubtitleView { window_ms: WINDOW_MS, windows: windows.collect() }))
}

/// The pictures of a subtitle that are shown at some time of a window.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/drawn/{number}", tag = "playback", operation_id = "read_drawn_window",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), ("number" = usize, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, body = DrawnWindowView), (status = 304), (status = "4XX", body = Problem)))]
async fn read_drawn_window(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream, number)): Path<(FileId, String, u32, usize)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let drawn = playback.films.drawn(&opened, stream, number).await?;
    let etag = format!("\"{version}-{stream}-{number}-drawn\"");
    let body = serde_json::to_vec(&DrawnWindowView::from(&drawn)).map_err(anyhow::Error::from)?;
    answer(&headers, "application/json", Some(&etag), body)
}
