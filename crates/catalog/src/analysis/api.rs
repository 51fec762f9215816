//! Intro, recap and credits over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::id::FileId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use super::{NewSegment, Segments};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(find_segments, set_segments, reset_segments))
}

/// Show where intro, recap and credits of a file are.
#[utoipa::path(get, path = "/files/{id}/segments", tag = "metadata", operation_id = "find_segments",
    params(("id" = FileId, Path)), security(("session" = ["browse"])),
    responses((status = 200, body = Segments), (status = "4XX", body = Problem)))]
async fn find_segments(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<FileId>,
) -> Result<Json<Segments>> {
    Ok(Json(catalog.find_segments(&viewer, id).await?))
}

/// All that one would skip in a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SegmentsBody {
    /// At most 20; none says that there is nothing to skip.
    segments: Vec<NewSegment>,
}

/// Say where intro, recap and credits of a file are, in place of all that is known. Nothing overwrites it.
#[utoipa::path(put, path = "/files/{id}/segments", tag = "metadata", operation_id = "set_segments",
    params(("id" = FileId, Path)), request_body = SegmentsBody, security(("session" = ["edit_metadata"])),
    responses((status = 200, body = Segments), (status = "4XX", body = Problem)))]
async fn set_segments(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<FileId>,
    Json(body): Json<SegmentsBody>,
) -> Result<Json<Segments>> {
    Ok(Json(catalog.set_segments(&viewer, id, &body.segments).await?))
}

/// Forget what a person said about a file's segments: they are looked for again.
#[utoipa::path(delete, path = "/files/{id}/segments", tag = "metadata", operation_id = "reset_segments",
    params(("id" = FileId, Path)), security(("session" = ["edit_metadata"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn reset_segments(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<FileId>,
) -> Result<StatusCode> {
    catalog.reset_segments(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
