//! Matches over HTTP.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use kernel::id::{ItemId, LibraryId};
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::{DescribeStarted, ItemSources, Matches, NewMatch, ReviewItem};
use crate::Catalog;
use crate::images::api::{ImageQuery, respond};

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(list_review))
        .routes(routes!(list_matches))
        .routes(routes!(set_match, delete_match))
        .routes(routes!(refresh_item))
        .routes(routes!(list_item_sources))
        .routes(routes!(get_candidate_poster))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReviewQuery {
    /// Items of this library only.
    library_id: Option<LibraryId>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List the items of which somebody has to say what they are, by title, with what they may be.
#[utoipa::path(get, path = "/review", tag = "metadata", operation_id = "list_review",
    params(ReviewQuery), security(("session" = ["edit_metadata"])),
    responses((status = 200, body = Page<ReviewItem>), (status = "4XX", body = Problem)))]
async fn list_review(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Query(query): Query<ReviewQuery>,
) -> Result<Json<Page<ReviewItem>>> {
    let limit = Limit::new(query.limit);
    let cursor = query.cursor.as_deref();
    Ok(Json(catalog.list_review(&viewer, query.library_id, cursor, limit).await?))
}

/// What to look for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MatchQuery {
    /// A title; that of the item if left out.
    pub title: Option<String>,
    /// A year.
    pub year: Option<i32>,
    /// Ask only this provider.
    pub provider: Option<String>,
    /// An id as a person pastes it: `tt0113277`, `tvdb:78804`, `https://www.themoviedb.org/movie/949`.
    pub id: Option<String>,
}

/// Ask the providers what an item may be.
#[utoipa::path(get, path = "/items/{id}/matches", tag = "metadata", operation_id = "list_matches",
    params(("id" = ItemId, Path), MatchQuery), security(("session" = ["edit_metadata"])),
    responses((status = 200, body = Matches), (status = "4XX", body = Problem)))]
async fn list_matches(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
    Query(query): Query<MatchQuery>,
) -> Result<Json<Matches>> {
    Ok(Json(catalog.list_matches(&viewer, id, &query).await?))
}

/// Say what an item is. It stays so, whatever its files are called; the job describes it.
#[utoipa::path(put, path = "/items/{id}/match", tag = "metadata", operation_id = "set_match",
    params(("id" = ItemId, Path)), request_body = NewMatch, security(("session" = ["edit_metadata"])),
    responses((status = 202, body = DescribeStarted), (status = "4XX", body = Problem)))]
async fn set_match(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
    Json(new): Json<NewMatch>,
) -> Result<(StatusCode, Json<DescribeStarted>)> {
    let job_id = catalog.set_match(&viewer, id, &new).await?;
    Ok((StatusCode::ACCEPTED, Json(DescribeStarted { job_id })))
}

/// Say that an item is none of the things providers know. It stays so until somebody refreshes it.
#[utoipa::path(delete, path = "/items/{id}/match", tag = "metadata", operation_id = "delete_match",
    params(("id" = ItemId, Path)), security(("session" = ["edit_metadata"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_match(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
) -> Result<StatusCode> {
    catalog.delete_match(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask the providers about an item again, of an episode about its series.
#[utoipa::path(post, path = "/items/{id}/refresh", tag = "metadata", operation_id = "refresh_item",
    params(("id" = ItemId, Path)), security(("session" = ["edit_metadata"])),
    responses((status = 202, body = DescribeStarted), (status = "4XX", body = Problem)))]
async fn refresh_item(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
) -> Result<(StatusCode, Json<DescribeStarted>)> {
    let job_id = catalog.refresh_item(&viewer, id).await?;
    Ok((StatusCode::ACCEPTED, Json(DescribeStarted { job_id })))
}

/// Look at what every source says of an item.
#[utoipa::path(get, path = "/items/{id}/sources", tag = "metadata", operation_id = "list_item_sources",
    params(("id" = ItemId, Path)), security(("session" = ["edit_metadata"])),
    responses((status = 200, body = ItemSources), (status = "4XX", body = Problem)))]
async fn list_item_sources(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(id): Path<ItemId>,
) -> Result<Json<ItemSources>> {
    Ok(Json(catalog.list_item_sources(&viewer, id).await?))
}

/// Get the picture of something that an item may be, as the `poster_url` of a candidate names it. It is fetched from its
/// provider when somebody first looks at it, and is gone a day after it was last offered.
#[utoipa::path(get, path = "/candidate-posters/{key}", tag = "metadata", operation_id = "get_candidate_poster",
    params(("key" = String, Path), ImageQuery), security(("session" = ["edit_metadata"])),
    responses(
        (status = 200, content_type = "image/*", body = inline(Vec<u8>)),
        (status = 304, description = "You have it already"),
        (status = "4XX", body = Problem)))]
async fn get_candidate_poster(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::EditMetadata>,
    Path(key): Path<String>,
    Query(query): Query<ImageQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let delivery = catalog.find_candidate_poster(&viewer, &key, query.wish(&headers)).await?;
    respond(&catalog, &delivery, &headers).await
}
