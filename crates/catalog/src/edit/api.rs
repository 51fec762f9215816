//! Editing over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::id::ItemId;
use kernel::{Limit, Page};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::{EditView, ItemPatch, Merge, Split, SplitFiles};
use crate::Catalog;
use crate::item::ItemDetail;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(update_item))
        .routes(routes!(list_edits))
        .routes(routes!(undo_edit))
        .routes(routes!(split_item, list_split_files))
        .routes(routes!(merge_items))
}

/// Change an item. What is changed is locked: no source overwrites it any more.
#[utoipa::path(patch, path = "/items/{id}", tag = "metadata", operation_id = "update_item",
    params(("id" = ItemId, Path)), request_body = ItemPatch, security(("session" = ["edit_metadata"])),
    responses((status = 200, body = ItemDetail), (status = "4XX", body = Problem)))]
async fn update_item(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
    Json(patch): Json<ItemPatch>,
) -> Result<Json<ItemDetail>> {
    Ok(Json(catalog.update_item(&viewer, id, &patch).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EditsQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List what people changed about an item, the newest first.
#[utoipa::path(get, path = "/items/{id}/edits", tag = "metadata", operation_id = "list_edits",
    params(("id" = ItemId, Path), EditsQuery), security(("session" = ["edit_metadata"])),
    responses((status = 200, body = Page<EditView>), (status = "4XX", body = Problem)))]
async fn list_edits(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
    Query(query): Query<EditsQuery>,
) -> Result<Json<Page<EditView>>> {
    let limit = Limit::new(query.limit);
    Ok(Json(catalog.list_edits(&viewer, id, query.cursor.as_deref(), limit).await?))
}

/// Take a change back: what was there before is there again, locked as it was.
#[utoipa::path(post, path = "/items/{id}/edits/{edit}/undo", tag = "metadata", operation_id = "undo_edit",
    params(("id" = ItemId, Path), ("edit" = Uuid, Path)), security(("session" = ["edit_metadata"])),
    responses((status = 200, body = ItemDetail), (status = "4XX", body = Problem)))]
async fn undo_edit(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path((id, edit)): Path<(ItemId, Uuid)>,
) -> Result<Json<ItemDetail>> {
    Ok(Json(catalog.undo_edit(&viewer, id, edit).await?))
}

/// The item that came of splitting.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct SplitOff {
    /// Its id.
    pub item_id: ItemId,
}

/// List the files that an item can be split by; of a series those of all its episodes.
#[utoipa::path(get, path = "/items/{id}/split", tag = "metadata", operation_id = "list_split_files",
    params(("id" = ItemId, Path)), security(("session" = ["edit_metadata"])),
    responses((status = 200, body = SplitFiles), (status = "4XX", body = Problem)))]
async fn list_split_files(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
) -> Result<Json<SplitFiles>> {
    Ok(Json(catalog.list_split_files(&viewer, id).await?))
}

/// Take files out of an item: they become one of their own, whatever their names say.
#[utoipa::path(post, path = "/items/{id}/split", tag = "metadata", operation_id = "split_item",
    params(("id" = ItemId, Path)), request_body = Split, security(("session" = ["edit_metadata"])),
    responses((status = 201, body = SplitOff), (status = "4XX", body = Problem)))]
async fn split_item(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
    Json(split): Json<Split>,
) -> Result<(StatusCode, Json<SplitOff>)> {
    let item_id = catalog.split_item(&viewer, id, &split).await?;
    Ok((StatusCode::CREATED, Json(SplitOff { item_id })))
}

/// Make one item of several: versions of a film, or a series that was taken for two. The first one stays, and what people
/// made of the others is its own.
#[utoipa::path(post, path = "/items/merge", tag = "metadata", operation_id = "merge_items",
    request_body = Merge, security(("session" = ["edit_metadata"])),
    responses((status = 200, body = ItemDetail), (status = "4XX", body = Problem)))]
async fn merge_items(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Json(merge): Json<Merge>,
) -> Result<Json<ItemDetail>> {
    Ok(Json(catalog.merge_items(&viewer, &merge).await?))
}
