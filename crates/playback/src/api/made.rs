//! The endpoints of what is made anew. They read like those of what is copied, with the rendition's name in the address.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use kernel::Error;
use kernel::id::FileId;
use media::transcode::{self, Rendition};
use media::{StreamKind, hls};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Path;
use wire::{Allowed, Origin, Problem, Result, may};

use super::hls::{Address, PLAYLIST, answer, mime};
use crate::Playback;
use crate::limit::Wanted;

/// Everything below a rendition.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new()
        .routes(routes!(read_made_playlist))
        .routes(routes!(read_made_init_segment))
        .routes(routes!(read_made_segment))
}

fn rendition(name: &str) -> Result<Rendition, Error> {
    name.parse().map_err(|()| Error::NotFound("rendition"))
}

/// The playlist of a picture or sound track that is made anew.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/{rendition}/media.m3u8", tag = "playback", operation_id = "read_made_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), ("rendition" = String, Path)),
    security(("session" = ["transcode"]), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_made_playlist(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Transcode>,
    Path((file, version, stream, name)): Path<(FileId, String, u32, String)>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let rendition = rendition(&name)?;
    let wanted = Wanted::Made(rendition);
    let of = (file, version.as_str());
    let opened = playback.find_film_within(&viewer, &origin, of, wanted).await?;
    let source = opened.film.track(stream).map_err(|_| Error::NotFound("stream"))?;
    let track = transcode::track(source, rendition).ok_or(Error::NotFound("rendition"))?;
    let address = Address { playback: &playback, viewer: &viewer, file, version: &version };
    let init = address.of(&format!("{stream}/{rendition}/init.mp4"));
    let text = hls::made(&opened.film, &track, &init, |number| {
        address.of(&format!("{stream}/{rendition}/segments/{number}"))
    });
    answer(&headers, PLAYLIST, None, text)
}

/// What a decoder needs before the first segment that is made anew.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/{rendition}/init.mp4", tag = "playback", operation_id = "read_made_init_segment",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), ("rendition" = String, Path)),
    security(("session" = ["transcode"]), ("signed_url" = [])),
    responses((status = 200, content_type = "video/mp4", body = [u8]), (status = 304), (status = "4XX", body = Problem),
        (status = 503, body = Problem)))]
async fn read_made_init_segment(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Transcode>,
    Path((file, version, stream, name)): Path<(FileId, String, u32, String)>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let rendition = rendition(&name)?;
    let wanted = Wanted::Made(rendition);
    let of = (file, version.as_str());
    let opened = playback.find_film_within(&viewer, &origin, of, wanted).await?;
    playback.bring_painted(&viewer, (file, &opened), rendition).await?;
    let init = playback.transcoder.beginning(file, &opened, stream, rendition).await?;
    let etag = format!("\"{version}-{stream}-{rendition}-init\"");
    answer(&headers, kind(rendition), Some(&etag), init.to_vec())
}

/// A part of a picture or sound track that is made anew: all of a segment of the film, or a second or two of it.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/{rendition}/segments/{number}", tag = "playback", operation_id = "read_made_segment",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), ("rendition" = String, Path), ("number" = usize, Path)),
    security(("session" = ["transcode"]), ("signed_url" = [])),
    responses((status = 200, content_type = "video/mp4", body = [u8]), (status = 304), (status = "4XX", body = Problem),
        (status = 503, body = Problem)))]
async fn read_made_segment(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Transcode>,
    Path((file, version, stream, name, number)): Path<(FileId, String, u32, String, usize)>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let rendition = rendition(&name)?;
    let wanted = Wanted::Made(rendition);
    let of = (file, version.as_str());
    let opened = playback.find_film_within(&viewer, &origin, of, wanted).await?;
    let etag = format!("\"{version}-{stream}-{rendition}-{number}\"");
    // Whoever has it needs nobody to make it again.
    let known = answer(&headers, kind(rendition), Some(&etag), Body::empty())?;
    if known.status() == axum::http::StatusCode::NOT_MODIFIED {
        return Ok(known);
    }
    playback.bring_painted(&viewer, (file, &opened), rendition).await?;
    let who = (viewer.person_id, viewer.session_id);
    let wanted = (stream, rendition, number);
    let made = playback.transcoder.part(who, file, &opened, wanted).await?;
    answer(&headers, kind(rendition), Some(&etag), Bytes::from_owner(Part(made)))
}

/// Sends what the cache holds without a copy of its own.
struct Part(std::sync::Arc<transcode::Made>);

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        &self.0.segment
    }
}

fn kind(rendition: Rendition) -> &'static str {
    mime(match rendition {
        Rendition::Sound | Rendition::Surround => StreamKind::Audio,
        Rendition::Picture(_) => StreamKind::Video,
    })
}
