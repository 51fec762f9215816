//! The endpoints of playback.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Response, header};
use axum::response::IntoResponse;
use catalog::item::{Chapter, ItemCard, StreamView};
use kernel::id::{FileId, ItemId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use wire::extract::{Json, Path};
use wire::{Problem, Result, SignedIn};

use crate::service::{Start, Subtitle};
use crate::{Playback, direct};

/// Everything under `/api/v1/playback`.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new()
        .routes(routes!(list_candidates))
        .routes(routes!(start_playback))
        .routes(routes!(read_stream, probe_stream))
        .routes(routes!(read_subtitle))
}

/// A file a client may be able to play.
#[derive(Debug, Serialize, ToSchema)]
struct Candidate {
    /// The file.
    file_id: FileId,
    /// What to hand to `canPlayType`.
    mime: String,
}

/// The files of an item, for a client to say which it plays.
#[derive(Debug, Serialize, ToSchema)]
struct Candidates {
    /// One for each file.
    files: Vec<Candidate>,
}

/// List what a client would have to play.
#[utoipa::path(get, path = "/playback/candidates/{item_id}", tag = "playback", operation_id = "list_candidates",
    params(("item_id" = ItemId, Path)), security(("session" = [])),
    responses((status = 200, body = Candidates), (status = "4XX", body = Problem)))]
async fn list_candidates(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path(item): Path<ItemId>,
) -> Result<Json<Candidates>> {
    let files = playback.candidates(&viewer, item).await?;
    let files = files
        .into_iter()
        .filter_map(|it| Some(Candidate { file_id: it.id, mime: it.mime? }))
        .collect();
    Ok(Json(Candidates { files }))
}

/// What to play, and what the client can.
#[derive(Debug, Deserialize, ToSchema)]
struct NewPlayback {
    /// The item.
    item_id: ItemId,
    /// One of its files; else the first that the client can play.
    file_id: Option<FileId>,
    /// Those of the candidates' MIME types that the client plays; left out: anything.
    supported: Option<Vec<String>>,
}

/// How the bytes come.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PlaybackMethod {
    /// The file's own bytes.
    Direct,
    /// The client cannot play the file as it is; the URL still leads to it, for other players.
    Unsupported,
}

/// A subtitle to choose.
#[derive(Debug, Serialize, ToSchema)]
struct SubtitleView {
    /// Its place in the list.
    index: usize,
    /// What to call it in a menu.
    label: String,
    /// BCP 47.
    language: Option<String>,
    /// Only what is foreign to the film's audience.
    is_forced: bool,
    /// Also the sounds.
    is_hearing_impaired: bool,
    /// Shown unless the person chose otherwise.
    is_default: bool,
    /// WebVTT; signed, relative to the server.
    url: String,
}

/// Everything a client needs to play an item.
#[derive(Debug, Serialize, ToSchema)]
struct PlaybackView {
    /// This playback.
    play_id: Uuid,
    /// What is played.
    item: ItemCard,
    /// The chosen file.
    file_id: FileId,
    /// How the bytes come.
    method: PlaybackMethod,
    /// Why not directly, in sentences.
    reasons: Vec<String>,
    /// Signed, relative to the server; GET and HEAD with ranges.
    url: String,
    /// Of the file.
    mime: Option<String>,
    /// Of the file.
    duration_ms: Option<i64>,
    /// Where to resume; 0 is the start.
    position_ms: i64,
    /// The file's audio streams.
    audio: Vec<StreamView>,
    /// Subtitles beside the file.
    subtitles: Vec<SubtitleView>,
    /// The file's chapters.
    chapters: Vec<Chapter>,
    /// What comes after it.
    next: Option<ItemCard>,
}

impl From<Start> for PlaybackView {
    fn from(start: Start) -> Self {
        let Start {
            play_id,
            item,
            file,
            is_direct,
            reasons,
            url,
            position_ms,
            audio,
            subtitles,
            chapters,
            next,
        } = start;
        Self {
            play_id,
            item,
            file_id: file.id,
            method: if is_direct { PlaybackMethod::Direct } else { PlaybackMethod::Unsupported },
            reasons,
            url,
            mime: file.mime,
            duration_ms: file.duration_ms,
            position_ms,
            audio,
            subtitles: subtitles.into_iter().enumerate().map(SubtitleView::from).collect(),
            chapters,
            next,
        }
    }
}

impl From<(usize, Subtitle)> for SubtitleView {
    fn from((index, Subtitle { file, url }): (usize, Subtitle)) -> Self {
        let label = file
            .title
            .clone()
            .or_else(|| file.language.clone())
            .unwrap_or_else(|| format!("{}", index + 1));
        Self {
            index,
            label,
            language: file.language,
            is_forced: file.is_forced,
            is_hearing_impaired: file.is_hearing_impaired,
            is_default: file.is_default,
            url,
        }
    }
}

/// Start playing an item.
#[utoipa::path(post, path = "/playback", tag = "playback", operation_id = "start_playback",
    security(("session" = [])), request_body = NewPlayback,
    responses((status = 200, body = PlaybackView), (status = "4XX", body = Problem)))]
async fn start_playback(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Json(body): Json<NewPlayback>,
) -> Result<Json<PlaybackView>> {
    let start =
        playback.start(&viewer, body.item_id, body.file_id, body.supported.as_deref()).await?;
    Ok(Json(start.into()))
}

/// The bytes of a file, or a range of them.
#[utoipa::path(get, path = "/playback/streams/{file_id}", tag = "playback", operation_id = "read_stream",
    params(("file_id" = FileId, Path)), security(("session" = []), ("signed_url" = [])),
    responses((status = 200, content_type = "video/*", body = [u8]),
        (status = 206, content_type = "video/*", body = [u8]), (status = "4XX", body = Problem)))]
async fn read_stream(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path(file): Path<FileId>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let file = playback.find_file(&viewer, file).await?;
    // Only the container: parameters with codecs make some players refuse what they can play.
    let mime = file
        .mime
        .as_deref()
        .and_then(|it| it.split(';').next())
        .unwrap_or("application/octet-stream")
        .to_owned();
    let opened = direct::open(file.path).await?;
    Ok(direct::respond(opened, &method, &headers, &mime)?)
}

/// The headers that the stream would have.
#[utoipa::path(head, path = "/playback/streams/{file_id}", tag = "playback", operation_id = "probe_stream",
    params(("file_id" = FileId, Path)), security(("session" = []), ("signed_url" = [])),
    responses((status = 200), (status = "4XX", body = Problem)))]
async fn probe_stream(
    playback: State<Playback>,
    signed_in: SignedIn,
    file: Path<FileId>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    read_stream(playback, signed_in, file, method, headers).await
}

/// A subtitle file as WebVTT.
#[utoipa::path(get, path = "/playback/subtitles/{file_id}", tag = "playback", operation_id = "read_subtitle",
    params(("file_id" = FileId, Path)), security(("session" = []), ("signed_url" = [])),
    responses((status = 200, content_type = "text/vtt", body = String), (status = "4XX", body = Problem)))]
async fn read_subtitle(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path(file): Path<FileId>,
) -> Result<impl IntoResponse> {
    let text = playback.read_subtitle(&viewer, file).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/vtt; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    ];
    Ok((headers, text))
}
