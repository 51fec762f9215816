//! The endpoints of a film's key frames, which players show while a person looks for a scene.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, header};
use kernel::Error;
use kernel::id::FileId;
use media::{StreamKind, cmaf, hls};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Path;
use wire::{Allowed, Origin, Problem, Result, may};

use super::hls::{Address, PLAYLIST, answer, mime};
use crate::limit::Wanted;
use crate::{Playback, pieces};

/// The playlist and what it leads to.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new().routes(routes!(read_key_playlist)).routes(routes!(read_key_segment))
}

/// The playlist of a picture's key frames, one of each segment.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/keys.m3u8", tag = "playback", operation_id = "read_key_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_key_playlist(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let track = opened.film.copied(stream).map_err(|_| Error::NotFound("stream"))?;
    if track.stream.kind != StreamKind::Video {
        return Err(Error::NotFound("stream").into());
    }
    let address = Address { playback: &playback, viewer: &viewer, file, version: &version };
    let init = address.of(&format!("{stream}/init.mp4"));
    let text = hls::keys(&opened.film, track, &init, |number| {
        address.of(&format!("{stream}/keys/{number}"))
    });
    answer(&headers, PLAYLIST, None, text)
}

/// The key frame of a segment, as a segment of its own.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/keys/{number}", tag = "playback", operation_id = "read_key_segment",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), ("number" = usize, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "video/mp4", body = [u8]), (status = 304), (status = "4XX", body = Problem)))]
async fn read_key_segment(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream, number)): Path<(FileId, String, u32, usize)>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let of = (file, version.as_str());
    let opened = playback.find_film_within(&viewer, &origin, of, Wanted::Own).await?;
    let film = std::sync::Arc::clone(&opened);
    let cut = move || {
        let track = film.film.copied(stream)?;
        cmaf::key_segment(&film.film, &*film.file, track, number)
    };
    let segment = playback.films.read(cut).await?;
    let etag = format!("\"{version}-{stream}-key-{number}\"");
    let mut response = answer(&headers, mime(StreamKind::Video), Some(&etag), Body::empty())?;
    if response.status() == StatusCode::OK {
        response.headers_mut().insert(header::CONTENT_LENGTH, segment.size.into());
        let file = std::sync::Arc::clone(&opened.file);
        *response.body_mut() = pieces::body(file, std::sync::Arc::new(segment), None);
    }
    Ok(response)
}
