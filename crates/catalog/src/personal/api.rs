//! What people make of items, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::id::ItemId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use super::{Progress, ProgressReport};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(report_progress))
        .routes(routes!(mark_played, mark_unplayed))
        .routes(routes!(add_favourite, delete_favourite))
}

/// Tell where your player is: every few seconds, and when it stops.
#[utoipa::path(put, path = "/items/{id}/progress", tag = "personal", operation_id = "report_progress",
    params(("id" = ItemId, Path)), request_body = ProgressReport, security(("session" = ["play"])),
    responses((status = 200, body = Progress), (status = "4XX", body = Problem)))]
async fn report_progress(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Play>,
    Path(id): Path<ItemId>,
    Json(report): Json<ProgressReport>,
) -> Result<Json<Progress>> {
    Ok(Json(catalog.report_progress(&viewer, id, report).await?))
}

/// Mark an item as played; a series or season with everything in it.
#[utoipa::path(put, path = "/items/{id}/played", tag = "personal", operation_id = "mark_played",
    params(("id" = ItemId, Path)), security(("session" = ["personalize"])),
    responses((status = 200, body = Progress), (status = "4XX", body = Problem)))]
async fn mark_played(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<ItemId>,
) -> Result<Json<Progress>> {
    Ok(Json(catalog.mark_played(&viewer, id).await?))
}

/// Mark an item as not played; a series or season with everything in it.
#[utoipa::path(delete, path = "/items/{id}/played", tag = "personal", operation_id = "mark_unplayed",
    params(("id" = ItemId, Path)), security(("session" = ["personalize"])),
    responses((status = 200, body = Progress), (status = "4XX", body = Problem)))]
async fn mark_unplayed(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<ItemId>,
) -> Result<Json<Progress>> {
    Ok(Json(catalog.mark_unplayed(&viewer, id).await?))
}

/// Make an item a favourite of yours.
#[utoipa::path(put, path = "/items/{id}/favourite", tag = "personal", operation_id = "add_favourite",
    params(("id" = ItemId, Path)), security(("session" = ["personalize"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn add_favourite(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<ItemId>,
) -> Result<StatusCode> {
    catalog.add_favourite(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make an item no favourite of yours any more.
#[utoipa::path(delete, path = "/items/{id}/favourite", tag = "personal", operation_id = "delete_favourite",
    params(("id" = ItemId, Path)), security(("session" = ["personalize"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_favourite(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<ItemId>,
) -> Result<StatusCode> {
    catalog.delete_favourite(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
