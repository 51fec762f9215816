//! Collections over HTTP.

use axum::extract::State;
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::{CollectionCard, CollectionDetail, CollectionId};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(list_collections)).routes(routes!(get_collection))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CollectionsQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List the sets of films you may see something of, by name.
#[utoipa::path(get, path = "/collections", tag = "items", operation_id = "list_collections",
    params(CollectionsQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Page<CollectionCard>), (status = "4XX", body = Problem)))]
async fn list_collections(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Query(query): Query<CollectionsQuery>,
) -> Result<Json<Page<CollectionCard>>> {
    let limit = Limit::new(query.limit);
    Ok(Json(catalog.list_collections(&viewer, query.cursor.as_deref(), limit).await?))
}

/// Look at a set of films.
#[utoipa::path(get, path = "/collections/{id}", tag = "items", operation_id = "get_collection",
    params(("id" = CollectionId, Path)), security(("session" = ["browse"])),
    responses((status = 200, body = CollectionDetail), (status = "4XX", body = Problem)))]
async fn get_collection(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<CollectionId>,
) -> Result<Json<CollectionDetail>> {
    Ok(Json(catalog.find_collection(&viewer, id).await?))
}
