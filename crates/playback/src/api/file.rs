//! The endpoint of a file's own bytes: to play them, or to keep them.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, header};
use kernel::Permission;
use kernel::id::FileId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Path, Query};
use wire::sendfile::Line;
use wire::{Allowed, Origin, Problem, Result, may};

use crate::limit::Wanted;
use crate::{Playback, attachment, direct};

/// The bytes of files.
pub fn routes() -> OpenApiRouter<Playback> {
    OpenApiRouter::new().routes(routes!(read_stream, probe_stream))
}

/// What the bytes of a file are for.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StreamQuery {
    /// To be kept under the file's own name; needs `download`, too.
    #[serde(default)]
    download: bool,
}

/// The bytes of a file, or a range of them.
#[utoipa::path(get, path = "/playback/streams/{file_id}", tag = "playback", operation_id = "read_stream",
    params(("file_id" = FileId, Path), StreamQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200, content_type = "video/*", body = [u8]),
        (status = 206, content_type = "video/*", body = [u8]), (status = "4XX", body = Problem)))]
#[expect(clippy::too_many_arguments, reason = "each says where it stands in the request")]
async fn read_stream(
    State(playback): State<Playback>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path(file): Path<FileId>,
    Query(query): Query<StreamQuery>,
    line: Option<Extension<Line>>,
    origin: Origin,
    method: Method,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    if query.download {
        viewer.require(Permission::Download)?;
    }
    let file = playback.find_file(&viewer, file).await?;
    // What is kept has no rate: who may keep files may keep them whole.
    if !query.download {
        playback.require_within(&viewer, &origin, &file, Wanted::Own)?;
    }
    let name = file.path.file_name().filter(|_| query.download).map(attachment::named);
    // Only the container: parameters with codecs make some players refuse what they can play.
    let mime = file
        .mime
        .as_deref()
        .and_then(|it| it.split(';').next())
        .unwrap_or("application/octet-stream")
        .to_owned();
    let opened = direct::open(file.path).await?;
    let mut response = direct::respond(opened, &method, &headers, &mime, line.map(|it| it.0))?;
    if let Some(name) = name {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name?);
    }
    Ok(response)
}

/// The headers that the stream would have.
#[utoipa::path(head, path = "/playback/streams/{file_id}", tag = "playback", operation_id = "probe_stream",
    params(("file_id" = FileId, Path), StreamQuery), security(("session" = ["play"]), ("signed_url" = [])),
    responses((status = 200), (status = "4XX", body = Problem)))]
async fn probe_stream(
    playback: State<Playback>,
    allowed: Allowed<may::Play>,
    file: Path<FileId>,
    query: Query<StreamQuery>,
    origin: Origin,
    method: Method,
    headers: HeaderMap,
) -> Result<Response<Body>> {
    read_stream(playback, allowed, file, query, None, origin, method, headers).await
}
