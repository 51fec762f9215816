//! Cast and crew over HTTP.

use axum::extract::State;
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::{CastId, CastItem, CastMember};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(get_cast_member)).routes(routes!(list_cast_items))
}

/// Look at somebody who had a part in what you may see.
#[utoipa::path(get, path = "/cast/{id}", tag = "items", operation_id = "get_cast_member",
    params(("id" = CastId, Path)), security(("session" = ["browse"])),
    responses((status = 200, body = CastMember), (status = "4XX", body = Problem)))]
async fn get_cast_member(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<CastId>,
) -> Result<Json<CastMember>> {
    Ok(Json(catalog.find_cast_member(&viewer, id).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CastQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List the films and shows that somebody had a part in, the newest first.
#[utoipa::path(get, path = "/cast/{id}/items", tag = "items", operation_id = "list_cast_items",
    params(("id" = CastId, Path), CastQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Page<CastItem>), (status = "4XX", body = Problem)))]
async fn list_cast_items(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<CastId>,
    Query(query): Query<CastQuery>,
) -> Result<Json<Page<CastItem>>> {
    let limit = Limit::new(query.limit);
    Ok(Json(catalog.list_cast_items(&viewer, id, query.cursor.as_deref(), limit).await?))
}
