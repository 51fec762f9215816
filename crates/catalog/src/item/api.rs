//! Items over HTTP.

use axum::extract::State;
use kernel::id::{ItemId, LibraryId};
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::{Direction, ItemCard, ItemDetail, ItemFilter, ItemSort, Listing, NextItem};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(list_items))
        .routes(routes!(get_item))
        .routes(routes!(list_children))
        .routes(routes!(get_next_item))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ItemsQuery {
    /// Items of this library only.
    library_id: Option<LibraryId>,
    /// Items of this kind only: `movie`, `series`, `season`, `episode`.
    kind: Option<String>,
    /// The children of this item, instead of what libraries show on top.
    parent_id: Option<ItemId>,
    /// The order; by title if left out.
    #[serde(default)]
    #[param(inline)]
    sort: ItemSort,
    /// If left out: titles from A, everything else from the newest, longest, best.
    #[param(inline)]
    direction: Option<Direction>,
    /// Items with this genre.
    genre: Option<String>,
    /// Items from this year on.
    year_from: Option<i32>,
    /// Items up to this year.
    year_to: Option<i32>,
    /// Only what you have played, or have not.
    played: Option<bool>,
    /// `true` for your favourites only.
    #[serde(default)]
    favourite: bool,
    /// Items whose sort title begins so; `#` for those that begin with no letter.
    starts_with: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List items: films, shows, or what is in a show.
#[utoipa::path(get, path = "/items", tag = "items", operation_id = "list_items",
    params(ItemsQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Page<ItemCard>), (status = "4XX", body = Problem)))]
async fn list_items(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Query(query): Query<ItemsQuery>,
) -> Result<Json<Page<ItemCard>>> {
    let (cursor, limit) = (query.cursor.clone(), Limit::new(query.limit));
    Ok(Json(catalog.list_items(&viewer, &query.into(), cursor.as_deref(), limit).await?))
}

impl From<ItemsQuery> for Listing {
    fn from(query: ItemsQuery) -> Self {
        let filter = ItemFilter {
            kind: query.kind,
            parent_id: query.parent_id,
            genre: query.genre,
            year_from: query.year_from,
            year_to: query.year_to,
            played: query.played,
            favourite: query.favourite,
            starts_with: query.starts_with.filter(|it| !it.is_empty()),
        };
        Self { library_id: query.library_id, filter, sort: query.sort, direction: query.direction }
    }
}

/// Look at one item: its description, files and streams.
#[utoipa::path(get, path = "/items/{id}", tag = "items", operation_id = "get_item",
    params(("id" = ItemId, Path)), security(("session" = ["browse"])),
    responses((status = 200, body = ItemDetail), (status = "4XX", body = Problem)))]
async fn get_item(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<ItemId>,
) -> Result<Json<ItemDetail>> {
    Ok(Json(catalog.find_item(&viewer, id).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChildrenQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List the seasons of a series or the episodes of a season, in order.
#[utoipa::path(get, path = "/items/{id}/children", tag = "items", operation_id = "list_children",
    params(("id" = ItemId, Path), ChildrenQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Page<ItemCard>), (status = "4XX", body = Problem)))]
async fn list_children(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<ItemId>,
    Query(query): Query<ChildrenQuery>,
) -> Result<Json<Page<ItemCard>>> {
    let limit = Limit::new(query.limit);
    Ok(Json(catalog.list_children(&viewer, id, query.cursor.as_deref(), limit).await?))
}

/// Find the episode after this one; of a series or season, the one to watch now.
#[utoipa::path(get, path = "/items/{id}/next", tag = "items", operation_id = "get_next_item",
    params(("id" = ItemId, Path)), security(("session" = ["browse"])),
    responses((status = 200, body = NextItem), (status = "4XX", body = Problem)))]
async fn get_next_item(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<ItemId>,
) -> Result<Json<NextItem>> {
    Ok(Json(NextItem { item: catalog.find_next(&viewer, id).await? }))
}
