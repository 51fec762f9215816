//! Finding over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use search::{Sort, SortBy};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Query};
use wire::{Allowed, Problem, Result, may};

use super::{Completion, Found, RecentSearch, SearchFor, SearchRules, SearchSettings};
use crate::Catalog;
use crate::item::Direction;

/// Hits when nobody names a number, and at the most: search is for the best few.
const USUAL_HITS: u16 = 20;
const MAX_HITS: u16 = 100;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(search_items))
        .routes(routes!(complete_search))
        .routes(routes!(list_recent_searches, add_recent_search, delete_recent_searches))
        .routes(routes!(get_search_settings, update_search_settings))
        .routes(routes!(rebuild_search))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// The words so far, the last one may be unfinished; and filters: `genre:comedy`, `year:1990-1999`, `-studio:"A B"`,
    /// `rating:>7`, `is:unwatched`. Values between commas are alternatives.
    q: String,
    /// Items of this kind only.
    kind: Option<String>,
    /// Hits at the most: 1 to 100, 20 if left out.
    limit: Option<u16>,
    /// Hits to leave out first; of the best 250 any can be reached.
    offset: Option<u16>,
    /// In which order they come; the best first if left out. What has no year or rating comes last.
    #[param(inline)]
    sort: Option<SearchSort>,
    /// Titles from A, everything else from the newest or best, if left out.
    #[param(inline)]
    direction: Option<Direction>,
    /// Counts the values that hits have, and looks for people, genres and collections, too.
    #[serde(default)]
    full: bool,
}

/// By what hits are in order, when not by how well they match.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SearchSort {
    /// The title, folded and without its article.
    Title,
    /// When it came into the library.
    AddedAt,
    /// The year it came out.
    Year,
    /// The rating.
    Rating,
}

impl SearchSort {
    fn directed(self, direction: Option<Direction>) -> Sort {
        let by = match self {
            Self::Title => SortBy::Title,
            Self::AddedAt => SortBy::AddedAt,
            Self::Year => SortBy::Year,
            Self::Rating => SortBy::Rating,
        };
        let is_descending = direction.map_or(by != SortBy::Title, |it| it == Direction::Desc);
        Sort { by, is_descending }
    }
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
    let wanted = SearchFor {
        text: &query.q,
        kind: query.kind.as_deref(),
        limit: query.limit.unwrap_or(USUAL_HITS).clamp(1, MAX_HITS).into(),
        offset: query.offset.unwrap_or(0).into(),
        is_full: query.full,
        sort: query.sort.map(|it| it.directed(query.direction)),
    };
    Ok(Json(catalog.find_items(&viewer, wanted).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CompletionQuery {
    /// The text in the box.
    q: String,
}

/// List what the text of a search may go on to be: filters, and values that you would find.
#[utoipa::path(get, path = "/search/completions", tag = "search", operation_id = "complete_search",
    params(CompletionQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Vec<Completion>), (status = "4XX", body = Problem)))]
async fn complete_search(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Query(query): Query<CompletionQuery>,
) -> Result<Json<Vec<Completion>>> {
    Ok(Json(catalog.complete_search(&viewer, &query.q).await?))
}

/// List what you looked for last, the newest first.
#[utoipa::path(get, path = "/search/recent", tag = "search", operation_id = "list_recent_searches",
    security(("session" = ["browse"])),
    responses((status = 200, body = Vec<RecentSearch>), (status = "4XX", body = Problem)))]
async fn list_recent_searches(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
) -> Result<Json<Vec<RecentSearch>>> {
    Ok(Json(catalog.list_recent_searches(&viewer).await?))
}

/// What was looked for.
#[derive(Debug, Deserialize, ToSchema)]
struct NewRecentSearch {
    /// As typed.
    text: String,
}

/// Keep a search for you to look for it again.
#[utoipa::path(post, path = "/search/recent", tag = "search", operation_id = "add_recent_search",
    request_body = NewRecentSearch, security(("session" = ["personalize"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn add_recent_search(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Json(new): Json<NewRecentSearch>,
) -> Result<StatusCode> {
    catalog.add_recent_search(&viewer, &new.text).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ForgetQuery {
    /// The search to forget; all of them if left out.
    text: Option<String>,
}

/// Forget what you looked for.
#[utoipa::path(delete, path = "/search/recent", tag = "search", operation_id = "delete_recent_searches",
    params(ForgetQuery), security(("session" = ["personalize"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_recent_searches(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Query(query): Query<ForgetQuery>,
) -> Result<StatusCode> {
    catalog.delete_recent_searches(&viewer, query.text.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look at what the search is taught: synonyms and stop words.
#[utoipa::path(get, path = "/settings/search", tag = "settings", operation_id = "get_search_settings",
    security(("session" = ["manage_libraries"])),
    responses((status = 200, body = SearchSettings), (status = "4XX", body = Problem)))]
async fn get_search_settings(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
) -> Result<Json<SearchSettings>> {
    Ok(Json(catalog.search_settings(&viewer).await?))
}

/// Teach the search. Stop words hold at once, synonyms within minutes, when the index was made anew.
#[utoipa::path(put, path = "/settings/search", tag = "settings", operation_id = "update_search_settings",
    request_body = SearchRules, security(("session" = ["manage_libraries"])),
    responses((status = 200, body = SearchSettings), (status = "4XX", body = Problem)))]
async fn update_search_settings(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
    Json(rules): Json<SearchRules>,
) -> Result<Json<SearchSettings>> {
    Ok(Json(catalog.update_search_settings(&viewer, &rules).await?))
}

/// Make the search index anew, in the background. The one that is there answers until then.
#[utoipa::path(post, path = "/settings/search/rebuild", tag = "settings", operation_id = "rebuild_search",
    security(("session" = ["manage_libraries"])),
    responses((status = 202, body = SearchSettings), (status = "4XX", body = Problem)))]
async fn rebuild_search(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
) -> Result<(StatusCode, Json<SearchSettings>)> {
    Ok((StatusCode::ACCEPTED, Json(catalog.ask_for_rebuild(&viewer).await?)))
}
