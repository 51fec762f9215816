//! Choosing pictures over HTTP.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use kernel::id::{ImageId, ItemId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Raw};
use wire::{Allowed, Problem, Result, may};

use super::{ImageLink, ImageSelection, ItemImages};
use crate::Catalog;
use crate::artwork::picture::MAX_BYTES;
use crate::kind::ImageRole;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    let uploads = OpenApiRouter::new()
        .routes(routes!(add_item_image, choose_item_image, unlock_item_image))
        .layer(DefaultBodyLimit::max(MAX_BYTES as usize));
    OpenApiRouter::new()
        .routes(routes!(list_item_images))
        .routes(routes!(add_item_image_by_link))
        .routes(routes!(delete_image))
        .merge(uploads)
}

/// List the pictures an item has or could have, by role.
#[utoipa::path(get, path = "/items/{id}/images", tag = "images", operation_id = "list_item_images",
    params(("id" = ItemId, Path)), security(("session" = ["edit_images"])),
    responses((status = 200, body = ItemImages), (status = "4XX", body = Problem)))]
async fn list_item_images(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditImages>,
    Path(id): Path<ItemId>,
) -> Result<Json<ItemImages>> {
    Ok(Json(catalog.list_item_images(&viewer, id).await?))
}

/// Choose which picture a role shows. It stays until it is unlocked: no scan and no provider changes it.
#[utoipa::path(put, path = "/items/{id}/images/{role}", tag = "images", operation_id = "choose_item_image",
    params(("id" = ItemId, Path), ("role" = ImageRole, Path)), request_body = ImageSelection,
    security(("session" = ["edit_images"])),
    responses((status = 200, body = ItemImages), (status = "4XX", body = Problem)))]
async fn choose_item_image(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditImages>,
    Path((id, role)): Path<(ItemId, ImageRole)>,
    Json(selection): Json<ImageSelection>,
) -> Result<Json<ItemImages>> {
    Ok(Json(catalog.choose_item_image(&viewer, id, role, selection.image_id).await?))
}

/// Give an item a picture of your own, and show it. The body is a JPEG, PNG, WebP or GIF file of at most 20 MB.
#[utoipa::path(post, path = "/items/{id}/images/{role}", tag = "images", operation_id = "add_item_image",
    params(("id" = ItemId, Path), ("role" = ImageRole, Path)),
    request_body(content = inline(Vec<u8>), content_type = "image/*"), security(("session" = ["edit_images"])),
    responses((status = 201, body = ItemImages), (status = "4XX", body = Problem)))]
async fn add_item_image(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditImages>,
    Path((id, role)): Path<(ItemId, ImageRole)>,
    Raw(bytes): Raw,
) -> Result<(StatusCode, Json<ItemImages>)> {
    Ok((StatusCode::CREATED, Json(catalog.add_item_image(&viewer, id, role, bytes).await?)))
}

/// Give an item a picture that lies at an address, and show it.
#[utoipa::path(post, path = "/items/{id}/images/{role}/link", tag = "images", operation_id = "add_item_image_by_link",
    params(("id" = ItemId, Path), ("role" = ImageRole, Path)), request_body = ImageLink,
    security(("session" = ["edit_images"])),
    responses((status = 201, body = ItemImages), (status = "4XX", body = Problem)))]
async fn add_item_image_by_link(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditImages>,
    Path((id, role)): Path<(ItemId, ImageRole)>,
    Json(link): Json<ImageLink>,
) -> Result<(StatusCode, Json<ItemImages>)> {
    let images = catalog.add_item_image_by_link(&viewer, id, role, link.url).await?;
    Ok((StatusCode::CREATED, Json(images)))
}

/// Let scan and providers decide again which picture a role shows.
#[utoipa::path(delete, path = "/items/{id}/images/{role}", tag = "images", operation_id = "unlock_item_image",
    params(("id" = ItemId, Path), ("role" = ImageRole, Path)), security(("session" = ["edit_images"])),
    responses((status = 200, body = ItemImages), (status = "4XX", body = Problem)))]
async fn unlock_item_image(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditImages>,
    Path((id, role)): Path<(ItemId, ImageRole)>,
) -> Result<Json<ItemImages>> {
    Ok(Json(catalog.unlock_item_image(&viewer, id, role).await?))
}

/// Delete a picture that somebody gave. If it was shown, scan and providers decide again.
#[utoipa::path(delete, path = "/images/{id}", tag = "images", operation_id = "delete_image",
    params(("id" = ImageId, Path)), security(("session" = ["edit_images"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_image(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditImages>,
    Path(id): Path<ImageId>,
) -> Result<StatusCode> {
    catalog.delete_image(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
