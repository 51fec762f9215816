//! Playlists over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::{
    Added, Addition, EntryId, NewPlaylist, NextEntry, Order, PlaylistCard, PlaylistEntry,
    PlaylistId, PlaylistPatch,
};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(list_playlists, create_playlist))
        .routes(routes!(get_playlist, update_playlist, delete_playlist))
        .routes(routes!(list_playlist_entries, add_playlist_entries))
        .routes(routes!(remove_playlist_entries))
        .routes(routes!(move_playlist_entry))
        .routes(routes!(next_playlist_entry))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PlaylistsQuery {
    /// Only your own.
    mine: Option<bool>,
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List your playlists, and those of others that are shared and have something in them that you may see, by name.
#[utoipa::path(get, path = "/playlists", tag = "playlists", operation_id = "list_playlists",
    params(PlaylistsQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Page<PlaylistCard>), (status = "4XX", body = Problem)))]
async fn list_playlists(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Query(query): Query<PlaylistsQuery>,
) -> Result<Json<Page<PlaylistCard>>> {
    let only_mine = query.mine.unwrap_or(false);
    let limit = Limit::new(query.limit);
    Ok(Json(catalog.list_playlists(&viewer, only_mine, query.cursor.as_deref(), limit).await?))
}

/// Make a playlist, empty or of some items.
#[utoipa::path(post, path = "/playlists", tag = "playlists", operation_id = "create_playlist",
    request_body = NewPlaylist, security(("session" = ["personalize"])),
    responses((status = 201, body = PlaylistCard), (status = "4XX", body = Problem)))]
async fn create_playlist(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Json(new): Json<NewPlaylist>,
) -> Result<(StatusCode, Json<PlaylistCard>)> {
    Ok((StatusCode::CREATED, Json(catalog.create_playlist(&viewer, &new).await?)))
}

/// Look at a playlist.
#[utoipa::path(get, path = "/playlists/{id}", tag = "playlists", operation_id = "get_playlist",
    params(("id" = PlaylistId, Path)), security(("session" = ["browse"])),
    responses((status = 200, body = PlaylistCard), (status = "4XX", body = Problem)))]
async fn get_playlist(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<PlaylistId>,
) -> Result<Json<PlaylistCard>> {
    Ok(Json(catalog.find_playlist(&viewer, id).await?))
}

/// Rename or describe a playlist, or say who sees it.
#[utoipa::path(patch, path = "/playlists/{id}", tag = "playlists", operation_id = "update_playlist",
    params(("id" = PlaylistId, Path)), request_body = PlaylistPatch, security(("session" = ["personalize"])),
    responses((status = 200, body = PlaylistCard), (status = "4XX", body = Problem)))]
async fn update_playlist(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<PlaylistId>,
    Json(patch): Json<PlaylistPatch>,
) -> Result<Json<PlaylistCard>> {
    Ok(Json(catalog.update_playlist(&viewer, id, patch).await?))
}

/// Delete a playlist. What was in it stays in the library.
#[utoipa::path(delete, path = "/playlists/{id}", tag = "playlists", operation_id = "delete_playlist",
    params(("id" = PlaylistId, Path)), security(("session" = ["personalize"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_playlist(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<PlaylistId>,
) -> Result<StatusCode> {
    catalog.delete_playlist(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EntriesQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List what is in a playlist, in its order.
#[utoipa::path(get, path = "/playlists/{id}/entries", tag = "playlists", operation_id = "list_playlist_entries",
    params(("id" = PlaylistId, Path), EntriesQuery), security(("session" = ["browse"])),
    responses((status = 200, body = Page<PlaylistEntry>), (status = "4XX", body = Problem)))]
async fn list_playlist_entries(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<PlaylistId>,
    Query(query): Query<EntriesQuery>,
) -> Result<Json<Page<PlaylistEntry>>> {
    let limit = Limit::new(query.limit);
    Ok(Json(catalog.list_playlist_entries(&viewer, id, query.cursor.as_deref(), limit).await?))
}

/// Put items into a playlist: films and episodes, or whole seasons, series and collections.
#[utoipa::path(post, path = "/playlists/{id}/entries", tag = "playlists", operation_id = "add_playlist_entries",
    params(("id" = PlaylistId, Path)), request_body = Addition, security(("session" = ["personalize"])),
    responses((status = 200, body = Added), (status = "4XX", body = Problem)))]
async fn add_playlist_entries(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<PlaylistId>,
    Json(addition): Json<Addition>,
) -> Result<Json<Added>> {
    Ok(Json(catalog.add_to_playlist(&viewer, id, &addition).await?))
}

/// What to take out of a playlist.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Removal {
    /// At most 500 entries. Those that are not in the list are out of it already.
    entry_ids: Vec<EntryId>,
}

/// Take entries out of a playlist.
#[utoipa::path(post, path = "/playlists/{id}/entries/remove", tag = "playlists", operation_id = "remove_playlist_entries",
    params(("id" = PlaylistId, Path)), request_body = Removal, security(("session" = ["personalize"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove_playlist_entries(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path(id): Path<PlaylistId>,
    Json(removal): Json<Removal>,
) -> Result<StatusCode> {
    catalog.remove_from_playlist(&viewer, id, &removal.entry_ids).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where an entry goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EntryPlace {
    /// The entry that it stands behind from now on; `null` for the beginning.
    after: Option<EntryId>,
}

/// Move an entry of a playlist behind another one, or to the beginning.
#[utoipa::path(put, path = "/playlists/{id}/entries/{entry}/place", tag = "playlists", operation_id = "move_playlist_entry",
    params(("id" = PlaylistId, Path), ("entry" = EntryId, Path)), request_body = EntryPlace,
    security(("session" = ["personalize"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn move_playlist_entry(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Personalize>,
    Path((id, entry)): Path<(PlaylistId, EntryId)>,
    Json(place): Json<EntryPlace>,
) -> Result<StatusCode> {
    catalog.move_in_playlist(&viewer, id, entry, place.after).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NextQuery {
    /// The entry that plays now; the first one is next where none does.
    after: Option<EntryId>,
    /// Any number: goes through the list in an order that looks random, the same for the same number.
    shuffle: Option<i64>,
}

/// Say what comes next in a playlist.
#[utoipa::path(get, path = "/playlists/{id}/next", tag = "playlists", operation_id = "next_playlist_entry",
    params(("id" = PlaylistId, Path), NextQuery), security(("session" = ["browse"])),
    responses((status = 200, body = NextEntry), (status = "4XX", body = Problem)))]
async fn next_playlist_entry(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<PlaylistId>,
    Query(query): Query<NextQuery>,
) -> Result<Json<NextEntry>> {
    let order = query.shuffle.map_or(Order::Own, Order::Shuffled);
    let entry = catalog.find_next_entry(&viewer, id, query.after, order).await?;
    Ok(Json(NextEntry { entry }))
}
