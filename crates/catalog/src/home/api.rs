//! The first page over HTTP.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Json;
use wire::{Allowed, Problem, Result, may};

use super::Home;
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(get_home))
}

/// Get the first page: what to go on with, what comes next, what is new.
#[utoipa::path(get, path = "/home", tag = "home", operation_id = "get_home", security(("session" = ["browse"])),
    responses((status = 200, body = Home), (status = "4XX", body = Problem)))]
async fn get_home(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
) -> Result<Json<Home>> {
    Ok(Json(catalog.home(&viewer).await?))
}
