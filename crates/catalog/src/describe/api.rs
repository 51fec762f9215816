//! Providers, their keys, and how libraries are described, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::id::LibraryId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use super::LibraryMetadata;
use super::settings::{MetadataPatch, MetadataSettings, ProviderCheck, ProviderName};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(get_metadata_settings, update_metadata_settings))
        .routes(routes!(check_provider))
        .routes(routes!(get_library_metadata, update_library_metadata))
}

/// Look at the providers: who is in use, in which order and language. Keys are never shown.
#[utoipa::path(get, path = "/settings/metadata", tag = "settings", operation_id = "get_metadata_settings",
    security(("session" = ["manage_providers"])),
    responses((status = 200, body = MetadataSettings), (status = "4XX", body = Problem)))]
async fn get_metadata_settings(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageProviders>,
) -> Result<Json<MetadataSettings>> {
    Ok(Json(catalog.metadata_settings(&viewer).await?))
}

/// Change providers' settings. A key that is entered is tried at once, and kept only if it is accepted.
#[utoipa::path(put, path = "/settings/metadata", tag = "settings", operation_id = "update_metadata_settings",
    request_body = MetadataPatch, security(("session" = ["manage_providers"])),
    responses((status = 200, body = MetadataSettings), (status = "4XX", body = Problem)))]
async fn update_metadata_settings(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageProviders>,
    Json(patch): Json<MetadataPatch>,
) -> Result<Json<MetadataSettings>> {
    Ok(Json(catalog.update_metadata_settings(&viewer, patch).await?))
}

/// Ask a provider whether it accepts its key now.
#[utoipa::path(post, path = "/settings/metadata/check", tag = "settings", operation_id = "check_provider",
    request_body = ProviderName, security(("session" = ["manage_providers"])),
    responses((status = 200, body = ProviderCheck), (status = "4XX", body = Problem)))]
async fn check_provider(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageProviders>,
    Json(name): Json<ProviderName>,
) -> Result<Json<ProviderCheck>> {
    Ok(Json(catalog.check_provider(&viewer, &name.provider).await?))
}

/// Look at how a library is described, as far as it differs from the server's settings.
#[utoipa::path(get, path = "/libraries/{id}/metadata", tag = "libraries", operation_id = "get_library_metadata",
    params(("id" = LibraryId, Path)), security(("session" = ["manage_libraries"])),
    responses((status = 200, body = LibraryMetadata), (status = "4XX", body = Problem)))]
async fn get_library_metadata(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
    Path(id): Path<LibraryId>,
) -> Result<Json<LibraryMetadata>> {
    Ok(Json(catalog.library_metadata(&viewer, id).await?))
}

/// Say how a library is described; all its items are described anew.
#[utoipa::path(put, path = "/libraries/{id}/metadata", tag = "libraries", operation_id = "update_library_metadata",
    params(("id" = LibraryId, Path)), request_body = LibraryMetadata, security(("session" = ["manage_libraries"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn update_library_metadata(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
    Path(id): Path<LibraryId>,
    Json(settings): Json<LibraryMetadata>,
) -> Result<StatusCode> {
    catalog.update_library_metadata(&viewer, id, &settings).await?;
    Ok(StatusCode::NO_CONTENT)
}
