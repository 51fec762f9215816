//! The endpoints of a film as HLS. Every address has the file's version in it, so what it leads to never changes.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use kernel::id::FileId;
use kernel::{Error, Viewer};
use media::hls::{Audio, Subtitle};
use media::{StreamKind, cmaf, hls};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Path, Query};
use wire::{Problem, Result, SignedIn};

use crate::films::OpenFilm;
use crate::{Playback, pieces};

/// The type of playlists (RFC 8216).
const PLAYLIST: &str = "application/vnd.apple.mpegurl";
/// A browser keeps what never changes.
const FOREVER: &str = "private, max-age=31536000, immutable";

/// Everything under `/api/v1/playback/hls`.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new()
        .routes(routes!(read_master_playlist))
        .routes(routes!(read_media_playlist))
        .routes(routes!(read_text_playlist))
        .routes(routes!(read_init_segment))
        .routes(routes!(read_media_segment))
        .routes(routes!(read_embedded_subtitle))
}

/// Which sound tracks to offer.
#[derive(Debug, Deserialize, IntoParams)]
struct MasterQuery {
    /// Numbers of streams, the one that plays first, separated by commas; left out: all.
    audio: Option<String>,
}

/// The playlist of a film.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/master.m3u8", tag = "playback", operation_id = "read_master_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), MasterQuery), security(("session" = []), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_master_playlist(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path((file, version)): Path<(FileId, String)>,
    Query(query): Query<MasterQuery>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let address = Address { playback: &playback, viewer: &viewer, file, version: &version };
    let text = master(&opened, &address, query.audio.as_deref());
    answer(&headers, PLAYLIST, None, text)
}

/// The playlist of a picture or sound track.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/media.m3u8", tag = "playback", operation_id = "read_media_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path)), security(("session" = []), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_media_playlist(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let track = opened.film.track(stream).map_err(|_| Error::NotFound("stream"))?;
    let address = Address { playback: &playback, viewer: &viewer, file, version: &version };
    let init = address.of(&format!("{stream}/init.mp4"));
    let text = hls::media(&opened.film, track, &init, |number| {
        address.of(&format!("{stream}/segments/{number}"))
    });
    answer(&headers, PLAYLIST, None, text)
}

/// The playlist of a text track.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/text.m3u8", tag = "playback", operation_id = "read_text_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path)), security(("session" = []), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_text_playlist(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    if !opened.film.texts.iter().any(|it| it.index == stream) {
        return Err(Error::NotFound("stream").into());
    }
    let address = Address { playback: &playback, viewer: &viewer, file, version: &version };
    let text = hls::text(&opened.film, &address.of(&format!("{stream}/text.vtt")));
    answer(&headers, PLAYLIST, None, text)
}

/// What a decoder needs before the first segment of a track.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/init.mp4", tag = "playback", operation_id = "read_init_segment",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path)), security(("session" = []), ("signed_url" = [])),
    responses((status = 200, content_type = "video/mp4", body = [u8]), (status = 304), (status = "4XX", body = Problem)))]
async fn read_init_segment(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let track = opened.film.track(stream).map_err(|_| Error::NotFound("stream"))?;
    let etag = format!("\"{version}-{stream}-init\"");
    answer(&headers, mime(track.stream.kind), Some(&etag), cmaf::init_segment(track))
}

/// A segment of a track.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/segments/{number}", tag = "playback", operation_id = "read_media_segment",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), ("number" = usize, Path)), security(("session" = []), ("signed_url" = [])),
    responses((status = 200, content_type = "video/mp4", body = [u8]), (status = 304), (status = "4XX", body = Problem)))]
async fn read_media_segment(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path((file, version, stream, number)): Path<(FileId, String, u32, usize)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let track = opened.film.track(stream).map_err(|_| Error::NotFound("stream"))?;
    let kind = mime(track.stream.kind);
    let etag = format!("\"{version}-{stream}-{number}\"");
    let segment = playback.films.segment(file, &opened, stream, number).await?;
    let size = segment.size;
    let mut response = answer(&headers, kind, Some(&etag), Body::empty())?;
    if response.status() == StatusCode::OK {
        response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
        *response.body_mut() = pieces::body(std::sync::Arc::clone(&opened.file), segment);
    }
    Ok(response)
}

/// A text track of a film as WebVTT.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/text.vtt", tag = "playback", operation_id = "read_embedded_subtitle",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path)), security(("session" = []), ("signed_url" = [])),
    responses((status = 200, content_type = "text/vtt", body = String), (status = 304), (status = "4XX", body = Problem)))]
async fn read_embedded_subtitle(
    State(playback): State<Playback>,
    SignedIn(viewer): SignedIn,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let text = playback.films.text(file, &opened, stream).await?;
    // Players that take it as a part of HLS are told where its zero is; others skip the head of the file.
    let text =
        text.replacen("WEBVTT\n", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n", 1);
    let etag = format!("\"{version}-{stream}-text\"");
    answer(&headers, "text/vtt; charset=utf-8", Some(&etag), text)
}

/// Makes signed addresses of the parts of a film.
struct Address<'a> {
    playback: &'a Playback,
    viewer: &'a Viewer,
    file: FileId,
    version: &'a str,
}

impl Address<'_> {
    fn of(&self, part: &str) -> String {
        let path = format!("/playback/hls/{}/{}/{part}", self.file, self.version);
        self.playback.sign(self.viewer, &path)
    }
}

fn master(opened: &OpenFilm, address: &Address<'_>, wanted: Option<&str>) -> String {
    let film = &opened.film;
    let sounds = || film.tracks.iter().filter(|it| it.stream.kind == StreamKind::Audio);
    let wanted: Vec<u32> = match wanted {
        Some(wanted) => wanted.split(',').filter_map(|it| it.parse().ok()).collect(),
        None => sounds().map(|it| it.stream.index).collect(),
    };
    let audio: Vec<Audio<'_>> = sounds()
        .filter(|it| wanted.contains(&it.stream.index))
        .map(|track| Audio {
            track,
            name: name(
                track.stream.title.as_deref(),
                track.stream.language.as_deref(),
                track.stream.index,
            ),
            is_default: wanted.first() == Some(&track.stream.index),
            url: address.of(&format!("{}/media.m3u8", track.stream.index)),
        })
        .collect();
    let subtitle = |it: &media::Stream| Subtitle {
        name: name(it.title.as_deref(), it.language.as_deref(), it.index),
        language: it.language.clone(),
        is_forced: it.flags.forced,
        url: address.of(&format!("{}/text.m3u8", it.index)),
    };
    let subtitles: Vec<Subtitle> = film.texts.iter().map(subtitle).collect();
    let video = address.of(&format!("{}/media.m3u8", film.video().stream.index));
    hls::master(film, &video, &audio, &subtitles)
}

/// Names in a group must differ, so the number of the stream is part of each.
fn name(title: Option<&str>, language: Option<&str>, index: u32) -> String {
    match title.or(language) {
        Some(name) => format!("{name} ({index})"),
        None => index.to_string(),
    }
}

fn mime(kind: StreamKind) -> &'static str {
    if kind == StreamKind::Video { "video/mp4" } else { "audio/mp4" }
}

/// What never changes has a tag; playlists have addresses in them that expire.
fn answer(
    headers: &HeaderMap,
    kind: &'static str,
    etag: Option<&str>,
    body: impl Into<Body>,
) -> Result<Response<Body>> {
    let mut response = Response::new(Body::empty());
    let answer = response.headers_mut();
    let caching = if etag.is_some() { FOREVER } else { "private, no-cache" };
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Some(etag) = etag {
        let value = HeaderValue::from_str(etag).map_err(|_| Error::NotFound("part of the film"))?;
        answer.insert(header::ETAG, value);
        if wire::conditional::is_unchanged(headers, etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
    }
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    *response.body_mut() = body.into();
    Ok(response)
}
