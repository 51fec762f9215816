//! Libraries over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::id::LibraryId;
use kernel::{Limit, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::{
    FolderListing, Library, LibraryPatch, LibraryProblem, NewLibrary, ScanRequest, ScanStarted,
};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(list_libraries, create_library))
        .routes(routes!(update_library, delete_library))
        .routes(routes!(scan_library))
        .routes(routes!(list_library_problems))
        .routes(routes!(list_folders))
}

/// List the libraries you may see, by name.
#[utoipa::path(get, path = "/libraries", tag = "libraries", operation_id = "list_libraries",
    security(("session" = ["browse"])),
    responses((status = 200, body = Page<Library>), (status = "4XX", body = Problem)))]
async fn list_libraries(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
) -> Result<Json<Page<Library>>> {
    Ok(Json(Page { items: catalog.list_libraries(&viewer).await?, next: None }))
}

/// Make a library. It is empty until it is scanned.
#[utoipa::path(post, path = "/libraries", tag = "libraries", operation_id = "create_library",
    request_body = NewLibrary, security(("session" = ["manage_libraries"])),
    responses((status = 201, body = Library), (status = "4XX", body = Problem)))]
async fn create_library(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
    Json(new): Json<NewLibrary>,
) -> Result<(StatusCode, Json<Library>)> {
    Ok((StatusCode::CREATED, Json(catalog.create_library(&viewer, new).await?)))
}

/// Change a library's name or folders, and how it is kept up to date.
#[utoipa::path(patch, path = "/libraries/{id}", tag = "libraries", operation_id = "update_library",
    params(("id" = LibraryId, Path)), request_body = LibraryPatch, security(("session" = ["manage_libraries"])),
    responses((status = 200, body = Library), (status = "4XX", body = Problem)))]
async fn update_library(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
    Path(id): Path<LibraryId>,
    Json(patch): Json<LibraryPatch>,
) -> Result<Json<Library>> {
    Ok(Json(catalog.update_library(&viewer, id, patch).await?))
}

/// Delete a library with all that is known of its content; the files on disk stay.
#[utoipa::path(delete, path = "/libraries/{id}", tag = "libraries", operation_id = "delete_library",
    params(("id" = LibraryId, Path)), security(("session" = ["manage_libraries"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_library(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
    Path(id): Path<LibraryId>,
) -> Result<StatusCode> {
    catalog.delete_library(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Scan a library, or a folder of it.
///
/// While the library is being scanned already, what is asked for waits for its turn. A program that fetches files names the
/// folder it put them in, and only that is looked at.
#[utoipa::path(post, path = "/libraries/{id}/scan", tag = "libraries", operation_id = "scan_library",
    params(("id" = LibraryId, Path)), request_body = Option<ScanRequest>, security(("session" = ["scan_libraries"])),
    responses((status = 202, body = ScanStarted), (status = "4XX", body = Problem)))]
async fn scan_library(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ScanLibraries>,
    Path(id): Path<LibraryId>,
    request: Option<Json<ScanRequest>>,
) -> Result<(StatusCode, Json<ScanStarted>)> {
    let request = request.map(|Json(it)| it).unwrap_or_default();
    let job_id = catalog.scan_library(&viewer, id, &request).await?;
    Ok((StatusCode::ACCEPTED, Json(ScanStarted { job_id })))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProblemsQuery {
    /// Where the last page ended.
    cursor: Option<String>,
    /// Rows of the page: 1 to 500, 50 if left out.
    limit: Option<u16>,
}

/// List the files and folders a library's scans could not read.
#[utoipa::path(get, path = "/libraries/{id}/problems", tag = "libraries", operation_id = "list_library_problems",
    params(("id" = LibraryId, Path), ProblemsQuery), security(("session" = ["scan_libraries"])),
    responses((status = 200, body = Page<LibraryProblem>), (status = "4XX", body = Problem)))]
async fn list_library_problems(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ScanLibraries>,
    Path(id): Path<LibraryId>,
    Query(query): Query<ProblemsQuery>,
) -> Result<Json<Page<LibraryProblem>>> {
    let limit = Limit::new(query.limit);
    Ok(Json(catalog.list_problems(&viewer, id, query.cursor.as_deref(), limit).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FoldersQuery {
    /// The folder to list; left out, only suggestions are answered.
    path: Option<String>,
}

/// List folders of the server, for choosing where a library is.
#[utoipa::path(get, path = "/folders", tag = "libraries", operation_id = "list_folders",
    params(FoldersQuery), security(("session" = ["manage_libraries"])),
    responses((status = 200, body = FolderListing), (status = "4XX", body = Problem)))]
async fn list_folders(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
    Query(query): Query<FoldersQuery>,
) -> Result<Json<FolderListing>> {
    Ok(Json(catalog.list_server_folders(&viewer, query.path).await?))
}
