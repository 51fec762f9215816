//! Requests over HTTP.

use axum::extract::State as Shared;
use axum::response::Response;
use catalog::images::api::{ImageQuery, respond};
use http::{HeaderMap, StatusCode};
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use crate::Requests;
use crate::request::{Kind, MyRequest, Request, RequestId, State};
use crate::search::OfferedTitles;
use crate::wanted::Form;

/// The endpoints of the room.
pub fn routes() -> OpenApiRouter<Requests> {
    OpenApiRouter::new()
        .routes(routes!(search_titles))
        .routes(routes!(get_offered_poster))
        .routes(routes!(list_my_requests))
        .routes(routes!(withdraw_request))
        .routes(routes!(list_requests, ask_for_title))
        .routes(routes!(answer_request))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TitleQuery {
    /// What it is called: 1 to 300 letters.
    title: String,
    /// When it came out.
    year: Option<i32>,
    /// Only films, or only series.
    kind: Option<Kind>,
}

/// Ask the server's providers for films and series by title, to ask for one of them.
#[utoipa::path(get, path = "/requests/search", tag = "requests", operation_id = "search_titles",
    params(TitleQuery), security(("session" = ["request"])),
    responses((status = 200, body = OfferedTitles), (status = "4XX", body = Problem)))]
async fn search_titles(
    Shared(requests): Shared<Requests>,
    Allowed(viewer, ..): Allowed<may::Request>,
    Query(TitleQuery { title, year, kind }): Query<TitleQuery>,
) -> Result<Json<OfferedTitles>> {
    Ok(Json(requests.search_titles(&viewer, &title, year, kind).await?))
}

/// Get the poster of something that was offered or asked for, as its `poster_url` names it. It is fetched from its provider
/// when somebody first looks at it, and is gone a day after it was last shown.
#[utoipa::path(get, path = "/requests/posters/{key}", tag = "requests", operation_id = "get_offered_poster",
    params(("key" = String, Path), ImageQuery), security(("session" = ["request"])),
    responses(
        (status = 200, content_type = "image/*", body = inline(Vec<u8>)),
        (status = 304, description = "You have it already"),
        (status = "4XX", body = Problem)))]
async fn get_offered_poster(
    Shared(requests): Shared<Requests>,
    Allowed(viewer, ..): Allowed<may::Request>,
    Path(key): Path<String>,
    Query(query): Query<ImageQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let catalog = &requests.0.catalog;
    let delivery = catalog.find_offered_poster(&viewer, &key, query.wish(&headers)).await?;
    respond(catalog, &delivery, &headers).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MineQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List what you asked for, the newest first.
#[utoipa::path(get, path = "/me/requests", tag = "requests", operation_id = "list_my_requests",
    params(MineQuery), security(("session" = ["request"])),
    responses((status = 200, body = Page<MyRequest>), (status = "4XX", body = Problem)))]
async fn list_my_requests(
    Shared(requests): Shared<Requests>,
    Allowed(viewer, ..): Allowed<may::Request>,
    Query(query): Query<MineQuery>,
) -> Result<Json<Page<MyRequest>>> {
    let limit = Limit::new(query.limit);
    Ok(Json(requests.list_mine(&viewer, query.cursor.as_deref(), limit).await?))
}

/// A title that is asked for: by a provider and its id there, or by title and year where no provider tells it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRequest {
    /// What it is.
    kind: Kind,
    /// Who offers it: `tmdb`, `tvdb`, ...
    provider: Option<String>,
    /// Its id there.
    id: Option<String>,
    /// What it is called.
    title: Option<String>,
    /// When it came out.
    year: Option<i32>,
    /// A word to those who answer; at most 500 letters.
    word: Option<String>,
    /// Of a series only these seasons; all if left out.
    #[serde(default)]
    seasons: Vec<i32>,
}

/// Ask for a title that is not here. If others asked for it you join them; if you did, what you say now counts.
#[utoipa::path(post, path = "/requests", tag = "requests", operation_id = "ask_for_title",
    request_body = NewRequest, security(("session" = ["request"])),
    responses((status = 201, body = MyRequest), (status = "4XX", body = Problem)))]
async fn ask_for_title(
    Shared(requests): Shared<Requests>,
    Allowed(viewer, ..): Allowed<may::Request>,
    Json(new): Json<NewRequest>,
) -> Result<(StatusCode, Json<MyRequest>)> {
    let NewRequest { kind, provider, id, title, year, word, seasons } = new;
    let form = Form { kind, provider, id, title, year, word, seasons };
    Ok((StatusCode::CREATED, Json(requests.ask(&viewer, form).await?)))
}

/// Withdraw what you asked for, while nobody answered.
#[utoipa::path(delete, path = "/me/requests/{id}", tag = "requests", operation_id = "withdraw_request",
    params(("id" = RequestId, Path)), security(("session" = ["request"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn withdraw_request(
    Shared(requests): Shared<Requests>,
    Allowed(viewer, ..): Allowed<may::Request>,
    Path(id): Path<RequestId>,
) -> Result<StatusCode> {
    requests.withdraw(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AllQuery {
    /// Only those in this state.
    state: Option<State>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List what everybody asked for, the newest first.
#[utoipa::path(get, path = "/requests", tag = "requests", operation_id = "list_requests",
    params(AllQuery), security(("session" = ["manage_requests"])),
    responses((status = 200, body = Page<Request>), (status = "4XX", body = Problem)))]
async fn list_requests(
    Shared(requests): Shared<Requests>,
    Allowed(viewer, ..): Allowed<may::ManageRequests>,
    Query(query): Query<AllQuery>,
) -> Result<Json<Page<Request>>> {
    let limit = Limit::new(query.limit);
    let cursor = query.cursor.as_deref();
    Ok(Json(requests.list_requests(&viewer, query.state, cursor, limit).await?))
}

/// What becomes of a request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestAnswer {
    /// `approved`, `declined`, or `available` where it is here and was not found by itself.
    state: State,
    /// A word to those who asked; at most 500 letters.
    word: Option<String>,
}

/// Answer a request. Everybody who waits for it is told.
#[utoipa::path(put, path = "/requests/{id}/answer", tag = "requests", operation_id = "answer_request",
    params(("id" = RequestId, Path)), request_body = RequestAnswer, security(("session" = ["manage_requests"])),
    responses((status = 200, body = Request), (status = "4XX", body = Problem)))]
async fn answer_request(
    Shared(requests): Shared<Requests>,
    Allowed(viewer, ..): Allowed<may::ManageRequests>,
    Path(id): Path<RequestId>,
    Json(answer): Json<RequestAnswer>,
) -> Result<Json<Request>> {
    Ok(Json(requests.answer(&viewer, id, answer.state, answer.word).await?))
}
