//! Suggestions over HTTP.

use axum::extract::State;
use kernel::id::ItemId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::{ForYou, Similar};
use crate::Catalog;

/// Items when nobody names a number, and at the most: further down the likeness is slight.
const USUAL: u16 = 20;
const MOST: u16 = 50;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(list_similar)).routes(routes!(get_for_you))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SuggestQuery {
    /// Items at the most: 1 to 50, 20 if left out.
    limit: Option<u16>,
}

impl SuggestQuery {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(USUAL).clamp(1, MOST).into()
    }
}

/// List what is like a film or a series; of a season or an episode, what is like its series.
#[utoipa::path(get, path = "/items/{id}/similar", tag = "items", operation_id = "list_similar",
    params(("id" = ItemId, Path), SuggestQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Similar), (status = "4XX", body = Problem)))]
async fn list_similar(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<ItemId>,
    Query(query): Query<SuggestQuery>,
) -> Result<Json<Similar>> {
    Ok(Json(catalog.list_similar(&viewer, id, query.limit()).await?))
}

/// Get what you may want to see, because of what you watched and loved.
#[utoipa::path(get, path = "/home/for-you", tag = "home", operation_id = "get_for_you",
    params(SuggestQuery), security(("session" = ["browse"])),
    responses((status = 200, body = ForYou), (status = "4XX", body = Problem)))]
async fn get_for_you(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Query(query): Query<SuggestQuery>,
) -> Result<Json<ForYou>> {
    Ok(Json(catalog.for_you(&viewer, query.limit()).await?))
}
