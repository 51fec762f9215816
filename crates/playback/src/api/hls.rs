//! The endpoints of a film as HLS. Every address has the file's version in it, so what it leads to never changes.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use catalog::playable::PlayableFile;
use kernel::id::FileId;
use kernel::{Error, Viewer};
use media::hls::{Audio, Subtitle, Video};
use media::samples::{Film, Track};
use media::subtitles::retime_webvtt;
use media::transcode::{self, Rendition, SOUND_BPS};
use media::{StreamKind, cmaf, hls};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Path, Query};
use wire::sendfile::Line;
use wire::{Allowed, Origin, Problem, Result, may};

use super::retiming::{RetimingQuery, parameters, tag};
use crate::films::OpenFilm;
use crate::limit::Wanted;
use crate::ways::{read_pictures, read_sounds};
use crate::{Playback, pieces};

/// The type of playlists (RFC 8216).
pub(super) const PLAYLIST: &str = "application/vnd.apple.mpegurl";
/// A browser keeps what never changes.
const FOREVER: &str = "private, max-age=31536000, immutable";

/// More tracks, or sizes, than this are no choice.
const MAX_OFFERED: usize = 64;

/// Everything under `/api/v1/playback/hls`.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new()
        .routes(routes!(read_master_playlist))
        .routes(routes!(read_media_playlist))
        .routes(routes!(read_text_playlist))
        .routes(routes!(read_beside_playlist))
        .routes(routes!(read_init_segment))
        .routes(routes!(read_media_segment))
        .routes(routes!(read_embedded_subtitle))
}

/// What of the film to offer, and how.
#[derive(Debug, Deserialize, IntoParams)]
struct MasterQuery {
    /// Numbers of streams, the one that plays first, separated by commas; behind a colon the rendition that is made of it;
    /// left out: all that are copied.
    audio: Option<String>,
    /// What of the picture to offer, the one that plays first, separated by commas: `copy`, and the renditions that are made of
    /// it; left out: the copy alone.
    video: Option<String>,
    /// Ids of subtitle files to offer beside the film's own, separated by commas.
    subtitles: Option<String>,
}

/// The playlist of a film.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/master.m3u8", tag = "playback", operation_id = "read_master_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), MasterQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_master_playlist(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version)): Path<(FileId, String)>,
    Query(query): Query<MasterQuery>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_outline(&viewer, file, &version).await?;
    let address = Address { playback: &playback, viewer: &viewer, file, version: &version };
    let mut beside = Vec::new();
    let wanted = query.subtitles.as_deref().unwrap_or_default().split(',');
    for id in wanted.take(MAX_OFFERED).filter_map(|it| it.parse::<FileId>().ok()) {
        // One that was taken away since is not offered.
        if let Ok(it) = playback.find_subtitle(&viewer, id).await {
            beside.push(it);
        }
    }
    let text = master(&opened, &address, &query, &beside);
    answer(&headers, PLAYLIST, None, text)
}

/// The playlist of a picture or sound track.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/media.m3u8", tag = "playback", operation_id = "read_media_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_media_playlist(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let file = playback.find_file(&viewer, file).await?;
    let opened = playback.open(&file, &version).await?;
    let track = opened.film.copied(stream).map_err(|_| Error::NotFound("stream"))?;
    if track.stream.kind == StreamKind::Video {
        playback.require_within(&viewer, &origin, &file, Wanted::Own)?;
    }
    let address =
        Address { playback: &playback, viewer: &viewer, file: file.id, version: &version };
    let init = address.of(&format!("{stream}/init.mp4"));
    let text = hls::media(&opened.film, track, &init, |number| {
        address.of(&format!("{stream}/segments/{number}"))
    });
    answer(&headers, PLAYLIST, None, text)
}

/// The playlist of a text track.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/text.m3u8", tag = "playback", operation_id = "read_text_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), RetimingQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_text_playlist(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    Query(query): Query<RetimingQuery>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let by = query.read()?;
    let opened = playback.find_film(&viewer, file, &version).await?;
    if !opened.film.texts.iter().any(|it| it.index == stream) {
        return Err(Error::NotFound("stream").into());
    }
    let address = Address { playback: &playback, viewer: &viewer, file, version: &version };
    let url = address.of(&format!("{stream}/text.vtt")) + &parameters(by);
    let text = hls::text(&opened.film, &url);
    answer(&headers, PLAYLIST, None, text)
}

/// The playlist of a subtitle file beside the film.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/beside/{subtitle_id}/text.m3u8", tag = "playback", operation_id = "read_beside_playlist",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("subtitle_id" = FileId, Path), RetimingQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "application/vnd.apple.mpegurl", body = String), (status = "4XX", body = Problem)))]
async fn read_beside_playlist(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, subtitle)): Path<(FileId, String, FileId)>,
    Query(query): Query<RetimingQuery>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let by = query.read()?;
    let opened = playback.find_film(&viewer, file, &version).await?;
    let subtitle = playback.find_subtitle(&viewer, subtitle).await?;
    let url = playback.beside_url(&viewer, &subtitle, opened.film.frame_rate());
    let url = url + &parameters(by);
    answer(&headers, PLAYLIST, None, hls::text(&opened.film, &url))
}

/// What a decoder needs before the first segment of a track.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/init.mp4", tag = "playback", operation_id = "read_init_segment",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "video/mp4", body = [u8]), (status = 304), (status = "4XX", body = Problem)))]
async fn read_init_segment(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let opened = playback.find_film(&viewer, file, &version).await?;
    let track = opened.film.copied(stream).map_err(|_| Error::NotFound("stream"))?;
    let etag = format!("\"{version}-{stream}-init\"");
    let init = cmaf::init_segment(track).ok_or(Error::NotFound("stream"))?;
    answer(&headers, mime(track.stream.kind), Some(&etag), init)
}

/// A segment of a track.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/segments/{number}", tag = "playback", operation_id = "read_media_segment",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), ("number" = usize, Path)), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "video/mp4", body = [u8]), (status = 304), (status = "4XX", body = Problem)))]
async fn read_media_segment(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream, number)): Path<(FileId, String, u32, usize)>,
    line: Option<Extension<Line>>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let file = playback.find_file(&viewer, file).await?;
    let opened = playback.open(&file, &version).await?;
    let track = opened.film.copied(stream).map_err(|_| Error::NotFound("stream"))?;
    if track.stream.kind == StreamKind::Video {
        playback.require_within(&viewer, &origin, &file, Wanted::Own)?;
    }
    let kind = mime(track.stream.kind);
    let etag = format!("\"{version}-{stream}-{number}\"");
    let segment = playback.films.segment(file.id, &opened, stream, number).await?;
    let size = segment.size;
    let mut response = answer(&headers, kind, Some(&etag), Body::empty())?;
    if response.status() == StatusCode::OK {
        response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
        let file = std::sync::Arc::clone(&opened.file);
        *response.body_mut() = pieces::body(file, segment, line.map(|it| it.0));
    }
    Ok(response)
}

/// A text track of a film as WebVTT.
#[utoipa::path(get, path = "/playback/hls/{file_id}/{version}/{stream}/text.vtt", tag = "playback", operation_id = "read_embedded_subtitle",
    params(("file_id" = FileId, Path), ("version" = String, Path), ("stream" = u32, Path), RetimingQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "text/vtt", body = String), (status = 304), (status = "4XX", body = Problem)))]
async fn read_embedded_subtitle(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path((file, version, stream)): Path<(FileId, String, u32)>,
    Query(query): Query<RetimingQuery>,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    let by = query.read()?;
    let opened = playback.find_film(&viewer, file, &version).await?;
    let text = playback.films.text(file, &opened, stream).await?;
    let text = retime_webvtt(&text, by);
    // Players that take it as a part of HLS are told where its zero is; others skip the head of the file.
    let text =
        text.replacen("WEBVTT\n", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n", 1);
    let etag = format!("\"{version}-{stream}-text{}\"", tag(by));
    answer(&headers, "text/vtt; charset=utf-8", Some(&etag), text)
}

/// Makes signed addresses of the parts of a film.
pub(super) struct Address<'a> {
    pub playback: &'a Playback,
    pub viewer: &'a Viewer,
    pub file: FileId,
    pub version: &'a str,
}

impl Address<'_> {
    pub fn of(&self, part: &str) -> String {
        let path = format!("/playback/hls/{}/{}/{part}", self.file, self.version);
        self.playback.sign(self.viewer, &path)
    }
}

fn master(
    opened: &OpenFilm,
    address: &Address<'_>,
    query: &MasterQuery,
    beside: &[PlayableFile],
) -> String {
    let film = &opened.film;
    let sounds = sounds(film, query.audio.as_deref());
    let audio: Vec<Audio<'_>> = sounds
        .iter()
        .enumerate()
        .map(|(place, (track, rendition))| {
            let stream = &track.stream;
            let name = name(stream.title.as_deref(), stream.language.as_deref(), stream.index);
            let url = address.of(&playlist(stream.index, *rendition));
            Audio { track, name, is_default: place == 0, url }
        })
        .collect();
    let subtitle = |it: &media::Stream| Subtitle {
        name: name(it.title.as_deref(), it.language.as_deref(), it.index),
        language: it.language.clone(),
        is_forced: it.flags.forced,
        url: address.of(&format!("{}/text.m3u8", it.index)),
    };
    let mut subtitles: Vec<Subtitle> = film.texts.iter().map(subtitle).collect();
    // Numbers behind those of the film's own streams.
    let numbers = film.texts.iter().map(|it| it.index).max().map_or(1, |it| it + 1)..;
    subtitles.extend(beside.iter().zip(numbers).map(|(it, number)| Subtitle {
        name: name(it.title.as_deref(), it.language.as_deref(), number),
        language: it.language.clone(),
        is_forced: it.is_forced,
        url: address.of(&format!("beside/{}/text.m3u8", it.id)),
    }));
    // The dearest of those that are made; of those that are copied the film's figures tell.
    let made = sounds.iter().filter(|it| it.1.is_some()).filter_map(|it| it.0.stream.bitrate);
    let sound_bps = made.max().and_then(|it| u64::try_from(it).ok()).unwrap_or(SOUND_BPS);
    let pictures = pictures(film, query.video.as_deref());
    let mut videos = Vec::new();
    for (track, rendition) in &pictures {
        let bitrate_bps = match rendition {
            Some(Rendition::Picture(it)) => {
                let peak = it.rung.peak_bps() + sound_bps;
                (peak, peak / 2)
            }
            _ => film.bitrate_bps,
        };
        let url = address.of(&playlist(track.stream.index, *rendition));
        let has_keys = rendition.is_none();
        let keys_url = has_keys.then(|| address.of(&format!("{}/keys.m3u8", track.stream.index)));
        videos.push(Video { track, bitrate_bps, url, keys_url });
    }
    hls::master(&videos, &audio, &subtitles)
}

/// Where the playlist of a track is, below the film.
fn playlist(stream: u32, rendition: Option<Rendition>) -> String {
    match rendition {
        Some(rendition) => format!("{stream}/{rendition}/media.m3u8"),
        None => format!("{stream}/media.m3u8"),
    }
}

/// The sound tracks to offer in the order they are wanted, as they are or as they are made.
fn sounds(film: &Film, wanted: Option<&str>) -> Vec<(Track, Option<Rendition>)> {
    let Some(wanted) = wanted else {
        let copied = film.tracks.iter().filter(|it| it.is_copied());
        let sounds = copied.filter(|it| it.stream.kind == StreamKind::Audio);
        return sounds.map(|it| (it.clone(), None)).collect();
    };
    let track = |(index, rendition): (u32, Option<Rendition>)| {
        let Some(rendition) = rendition else {
            let copied = film.copied(index).ok()?;
            return (copied.stream.kind == StreamKind::Audio).then(|| (copied.clone(), None));
        };
        let made = transcode::track(film.track(index).ok()?, rendition)?;
        Some((made, Some(rendition)))
    };
    read_sounds(wanted).into_iter().take(MAX_OFFERED).filter_map(track).collect()
}

/// The picture as it is, and as it is made.
fn pictures(film: &Film, wanted: Option<&str>) -> Vec<(Track, Option<Rendition>)> {
    let copied = || vec![(film.video().clone(), None)];
    let Some(wanted) = wanted else { return copied() };
    let track = |rendition: Option<Rendition>| match rendition {
        None => film.video().is_copied().then(|| (film.video().clone(), None)),
        Some(it) => Some((transcode::track(film.video(), it)?, rendition)),
    };
    read_pictures(wanted).into_iter().take(MAX_OFFERED).filter_map(track).collect()
}

/// Names in a group must differ, so the number of the stream is part of each.
fn name(title: Option<&str>, language: Option<&str>, index: u32) -> String {
    match title.or(language) {
        Some(name) => format!("{name} ({index})"),
        None => index.to_string(),
    }
}

pub(super) fn mime(kind: StreamKind) -> &'static str {
    if kind == StreamKind::Video { "video/mp4" } else { "audio/mp4" }
}

/// What never changes has a tag; playlists have addresses in them that expire.
pub(super) fn answer(
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
