//! The lists that the area has beside those of every catalog, relative to `/api/v1/adult`. They stand in no public
//! document of the API; `docs/adult.md` has them.

use axum::extract::State;
use axum::http::StatusCode;
use catalog::Catalog;
use catalog::describe::{BoxEntry, BoxView};
use catalog::duplicate::DuplicateGroup;
use catalog::item::ItemCard;
use kernel::id::{FileId, ItemId};
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use crate::service::{self, Labels, SceneLink, Shared};
use crate::store::SceneFilter;

/// All of them.
pub fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(list_scenes))
        .routes(routes!(list_scene_links))
        .routes(routes!(list_performers))
        .routes(routes!(list_studios))
        .routes(routes!(list_tags))
        .routes(routes!(get_label))
        .routes(routes!(list_duplicates))
        .routes(routes!(tell_apart))
        .routes(routes!(list_boxes, set_boxes))
}

#[derive(Debug, Deserialize, IntoParams)]
struct SceneQuery {
    /// Of this studio.
    studio_id: Option<Uuid>,
    /// With this tag.
    tag_id: Option<Uuid>,
    /// With this performer.
    performer_id: Option<Uuid>,
    /// Rows at the most, 1 to 500.
    limit: Option<u16>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List scenes, the newest first.
#[utoipa::path(get, path = "/scenes", operation_id = "list_scenes", params(SceneQuery),
    security(("session" = ["adult"])),
    responses((status = 200, body = Page<ItemCard>), (status = "4XX", body = Problem)))]
async fn list_scenes(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Adult>,
    Query(query): Query<SceneQuery>,
) -> Result<Json<Page<ItemCard>>> {
    let SceneQuery { studio_id: studio, tag_id: tag, performer_id: performer, limit, cursor } =
        query;
    let filter = SceneFilter { studio, tag, performer };
    let limit = Limit::new(limit);
    let page = service::list_scenes(&catalog, &viewer, filter, cursor.as_deref(), limit).await?;
    Ok(Json(page))
}

/// Tell what a scene leads on to: its studio, tags and performers.
#[utoipa::path(get, path = "/scenes/{id}/links", operation_id = "list_scene_links",
    params(("id" = ItemId, Path)), security(("session" = ["adult"])),
    responses((status = 200, body = [SceneLink]), (status = "4XX", body = Problem)))]
async fn list_scene_links(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Adult>,
    Path(id): Path<ItemId>,
) -> Result<Json<Vec<SceneLink>>> {
    Ok(Json(service::list_links(&catalog, &viewer, id).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
struct PageQuery {
    /// Rows at the most, 1 to 500.
    limit: Option<u16>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List performers by name.
#[utoipa::path(get, path = "/performers", operation_id = "list_performers", params(PageQuery),
    security(("session" = ["adult"])),
    responses((status = 200, body = Page<Shared>), (status = "4XX", body = Problem)))]
async fn list_performers(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Adult>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Shared>>> {
    let (cursor, limit) = (query.cursor.as_deref(), Limit::new(query.limit));
    Ok(Json(service::list_performers(&catalog, &viewer, cursor, limit).await?))
}

/// List studios by name.
#[utoipa::path(get, path = "/studios", operation_id = "list_studios", params(PageQuery),
    security(("session" = ["adult"])),
    responses((status = 200, body = Page<Shared>), (status = "4XX", body = Problem)))]
async fn list_studios(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Adult>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Shared>>> {
    let (cursor, limit) = (query.cursor.as_deref(), Limit::new(query.limit));
    Ok(Json(service::list_labels(&catalog, &viewer, Labels::Studios, cursor, limit).await?))
}

/// List tags by name.
#[utoipa::path(get, path = "/tags", operation_id = "list_tags", params(PageQuery),
    security(("session" = ["adult"])),
    responses((status = 200, body = Page<Shared>), (status = "4XX", body = Problem)))]
async fn list_tags(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Adult>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Shared>>> {
    let (cursor, limit) = (query.cursor.as_deref(), Limit::new(query.limit));
    Ok(Json(service::list_labels(&catalog, &viewer, Labels::Tags, cursor, limit).await?))
}

/// Get a studio or tag.
#[utoipa::path(get, path = "/labels/{id}", operation_id = "get_label",
    params(("id" = Uuid, Path)), security(("session" = ["adult"])),
    responses((status = 200, body = SceneLink), (status = "4XX", body = Problem)))]
async fn get_label(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Adult>,
    Path(id): Path<Uuid>,
) -> Result<Json<SceneLink>> {
    Ok(Json(service::find_label(&catalog, &viewer, id).await?))
}

/// List groups of files that are the same or look the same.
#[utoipa::path(get, path = "/duplicates", operation_id = "list_duplicates", params(PageQuery),
    security(("session" = ["edit_metadata"])),
    responses((status = 200, body = Page<DuplicateGroup>), (status = "4XX", body = Problem)))]
async fn list_duplicates(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<DuplicateGroup>>> {
    let (cursor, limit) = (query.cursor.as_deref(), Limit::new(query.limit));
    Ok(Json(catalog.list_duplicates(&viewer, cursor, limit).await?))
}

/// Which file is not the same.
#[derive(Debug, Deserialize, ToSchema)]
struct Apart {
    /// One of the group.
    file_id: FileId,
}

/// Say that a file of a group is not the same as the others, or shall stay beside them: it leaves the group for good.
#[utoipa::path(post, path = "/duplicates/{id}/apart", operation_id = "tell_apart",
    params(("id" = Uuid, Path)), request_body = Apart, security(("session" = ["edit_metadata"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn tell_apart(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<Uuid>,
    Json(body): Json<Apart>,
) -> Result<StatusCode> {
    catalog.tell_apart(&viewer, id, body.file_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the databases of scenes that are asked. Their keys are not shown.
#[utoipa::path(get, path = "/settings/boxes", operation_id = "list_boxes",
    security(("session" = ["manage_providers"])),
    responses((status = 200, body = [BoxView]), (status = "4XX", body = Problem)))]
async fn list_boxes(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageProviders>,
) -> Result<Json<Vec<BoxView>>> {
    Ok(Json(catalog.list_boxes(&viewer).await?))
}

/// Say which databases of scenes are asked: all of them. New ones are tried first.
#[utoipa::path(put, path = "/settings/boxes", operation_id = "set_boxes", request_body = Vec<BoxEntry>,
    security(("session" = ["manage_providers"])),
    responses((status = 200, body = [BoxView]), (status = "4XX", body = Problem)))]
async fn set_boxes(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageProviders>,
    Json(entries): Json<Vec<BoxEntry>>,
) -> Result<Json<Vec<BoxView>>> {
    Ok(Json(catalog.set_boxes(&viewer, &entries).await?))
}
