//! The lists that the area has beside those of every catalog, relative to `/api/v1/adult`. They stand in no public
//! document of the API; `docs/adult.md` has them.

use axum::extract::State;
use catalog::Catalog;
use catalog::item::ItemCard;
use kernel::id::ItemId;
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::IntoParams;
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
