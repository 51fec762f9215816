//! Finding over HTTP.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Query};
use wire::{Allowed, Problem, Result, may};

use super::Found;
use crate::Catalog;

/// Hits when nobody names a number, and at the most: search is for the best few.
const USUAL_HITS: u16 = 20;
const MAX_HITS: u16 = 100;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(search_items))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// The words so far; the last one may be unfinished.
    q: String,
    /// Items of this kind only.
    kind: Option<String>,
    /// Hits at the most: 1 to 100, 20 if left out.
    limit: Option<u16>,
}

/// Find items by title, people or genre, as you type.
#[utoipa::path(get, path = "/search", tag = "search", operation_id = "search_items",
    params(SearchQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Found), (status = "4XX", body = Problem)))]
async fn search_items(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Found>> {
    let limit = query.limit.unwrap_or(USUAL_HITS).clamp(1, MAX_HITS);
    Ok(Json(catalog.find_items(&viewer, &query.q, query.kind.as_deref(), limit.into()).await?))
}
