//! Episodes that are not there, over HTTP.

use axum::extract::State;
use kernel::id::ItemId;
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::MissingEpisode;
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(list_missing))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MissingQuery {
    /// Specials too.
    #[serde(default)]
    specials: bool,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List the episodes of a series or season that are not there: missing ones, and those yet to come.
#[utoipa::path(get, path = "/items/{id}/missing", tag = "items", operation_id = "list_missing",
    params(("id" = ItemId, Path), MissingQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Page<MissingEpisode>), (status = "4XX", body = Problem)))]
async fn list_missing(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<ItemId>,
    Query(query): Query<MissingQuery>,
) -> Result<Json<Page<MissingEpisode>>> {
    let (cursor, limit) = (query.cursor.as_deref(), Limit::new(query.limit));
    Ok(Json(catalog.list_missing(&viewer, id, query.specials, cursor, limit).await?))
}
