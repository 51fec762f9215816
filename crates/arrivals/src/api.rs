//! Imports over HTTP. They make accounts and write what people made: only administrators do that.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use catalog::arrival::{Arrival, ArrivalId, ArrivalState, BroughtBy};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use crate::Arrivals;
use crate::plan::Plan;
use crate::report::{MissingItem, Report, missing_as_csv};
use crate::service::{From as ReadFrom, Import};
use crate::source::Source;

/// The endpoints.
pub fn routes() -> OpenApiRouter<Arrivals> {
    OpenApiRouter::new()
        .routes(routes!(list_imports, create_import))
        .routes(routes!(get_import, delete_import))
        .routes(routes!(upload_import_file))
        .routes(routes!(read_import))
        .routes(routes!(plan_import))
        .routes(routes!(run_import))
        .routes(routes!(list_missing_items))
        .routes(routes!(download_missing_items))
}

/// What is brought from another server.
#[derive(Debug, Serialize, ToSchema)]
struct ImportView {
    /// Its id.
    id: ArrivalId,
    /// Which kind of server it comes from.
    source: Source,
    /// Where it was read.
    origin: String,
    /// How far it is.
    state: ArrivalState,
    /// Why it failed.
    problem: Option<String>,
    /// The job that is or was at it.
    job_id: Option<i64>,
    /// Who is who; none before it was read.
    plan: Option<Plan>,
    /// What would become of it.
    report: Option<Report>,
    /// What was written, by the other server's id of a person; of collections under an empty one.
    brought: BroughtBy,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When all of it was written.
    finished_at: Option<DateTime<Utc>>,
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        let Import { arrival, source, plan, report } = import;
        let Arrival {
            id,
            source: _,
            origin,
            state,
            problem,
            plan: _,
            report: _,
            brought,
            step: _,
            job_id,
            created_at,
            finished_at,
        } = arrival;
        Self {
            id,
            source,
            origin,
            state,
            problem,
            job_id,
            plan,
            report,
            brought,
            created_at,
            finished_at,
        }
    }
}

/// All imports.
#[derive(Debug, Serialize, ToSchema)]
struct ImportsView {
    /// The last first; a hundred at the most.
    items: Vec<ImportView>,
}

/// An import to be begun.
#[derive(Debug, Deserialize, ToSchema)]
struct NewImportBody {
    /// Which kind of server it comes from.
    source: Source,
    /// A file or folder of this machine: the server's data folder, or its database.
    path: Option<String>,
    /// The address of a Jellyfin that runs, with `api_key`.
    address: Option<String>,
    /// A key that an administrator made there. It is forgotten once everything was read.
    api_key: Option<String>,
}

/// What of an import is not here.
#[derive(Debug, Serialize, ToSchema)]
struct MissingItemsView {
    /// What most people made something of, first; 200 of them. All are in the download.
    items: Vec<MissingItem>,
    /// How many there are, up to 20,000.
    n_items: usize,
}

/// Rows of a page of what is not here.
const SHOWN: usize = 200;

/// List what was brought from other servers.
#[utoipa::path(get, path = "/imports", tag = "imports", operation_id = "list_imports",
    security(("session" = ["administer"])),
    responses((status = 200, body = ImportsView), (status = "4XX", body = Problem)))]
async fn list_imports(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
) -> Result<Json<ImportsView>> {
    let items = arrivals.list_imports(&viewer).await?;
    Ok(Json(ImportsView { items: items.into_iter().map(ImportView::from).collect() }))
}

/// Begin an import. With `path` or `address` it is read at once; else upload the files and say when all are there.
#[utoipa::path(post, path = "/imports", tag = "imports", operation_id = "create_import",
    request_body = NewImportBody, security(("session" = ["administer"])),
    responses((status = 201, body = ImportView), (status = "4XX", body = Problem)))]
async fn create_import(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Json(body): Json<NewImportBody>,
) -> Result<(StatusCode, Json<ImportView>)> {
    let from = match (body.path, body.address) {
        (Some(path), _) => ReadFrom::Path { path },
        (None, Some(address)) => {
            ReadFrom::Server { address, api_key: body.api_key.unwrap_or_default() }
        }
        (None, None) => ReadFrom::Upload,
    };
    let import = arrivals.create_import(&viewer, body.source, from).await?;
    Ok((StatusCode::CREATED, Json(import.into())))
}

/// Look at an import.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", operation_id = "get_import",
    params(("id" = ArrivalId, Path)), security(("session" = ["administer"])),
    responses((status = 200, body = ImportView), (status = "4XX", body = Problem)))]
async fn get_import(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<ArrivalId>,
) -> Result<Json<ImportView>> {
    Ok(Json(arrivals.find_import(&viewer, id).await?.into()))
}

/// Forget an import. What it brought stays.
#[utoipa::path(delete, path = "/imports/{id}", tag = "imports", operation_id = "delete_import",
    params(("id" = ArrivalId, Path)), security(("session" = ["administer"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_import(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<ArrivalId>,
) -> Result<StatusCode> {
    arrivals.delete_import(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Upload a database, or the `-wal` file beside it, under the name that it has there. 16 GiB at the most, all together.
#[utoipa::path(put, path = "/imports/{id}/files/{name}", tag = "imports", operation_id = "upload_import_file",
    params(("id" = ArrivalId, Path), ("name" = String, Path)),
    request_body(content = inline(Vec<u8>), content_type = "application/octet-stream"),
    security(("session" = ["administer"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn upload_import_file(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path((id, name)): Path<(ArrivalId, String)>,
    request: Request,
) -> Result<StatusCode> {
    arrivals.upload(&viewer, id, &name, request.into_body()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read what was uploaded.
#[utoipa::path(post, path = "/imports/{id}/read", tag = "imports", operation_id = "read_import",
    params(("id" = ArrivalId, Path)), security(("session" = ["administer"])),
    responses((status = 202, body = ImportView), (status = "4XX", body = Problem)))]
async fn read_import(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<ArrivalId>,
) -> Result<(StatusCode, Json<ImportView>)> {
    let import = arrivals.read_uploads(&viewer, id).await?;
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}

/// Say who is who and which folder is which, and look again what would become of it. Nothing is written.
#[utoipa::path(put, path = "/imports/{id}/plan", tag = "imports", operation_id = "plan_import",
    params(("id" = ArrivalId, Path)), request_body = Plan, security(("session" = ["administer"])),
    responses((status = 202, body = ImportView), (status = "4XX", body = Problem)))]
async fn plan_import(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<ArrivalId>,
    Json(plan): Json<Plan>,
) -> Result<(StatusCode, Json<ImportView>)> {
    let import = arrivals.plan_import(&viewer, id, plan).await?;
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}

/// Write what the plan says. Said again, it brings only what is new since.
#[utoipa::path(post, path = "/imports/{id}/run", tag = "imports", operation_id = "run_import",
    params(("id" = ArrivalId, Path)), security(("session" = ["administer"])),
    responses((status = 202, body = ImportView), (status = "4XX", body = Problem)))]
async fn run_import(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<ArrivalId>,
) -> Result<(StatusCode, Json<ImportView>)> {
    let import = arrivals.run_import(&viewer, id).await?;
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}

/// List what of an import is not here, or may be several things here.
#[utoipa::path(get, path = "/imports/{id}/missing", tag = "imports", operation_id = "list_missing_items",
    params(("id" = ArrivalId, Path)), security(("session" = ["administer"])),
    responses((status = 200, body = MissingItemsView), (status = "4XX", body = Problem)))]
async fn list_missing_items(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<ArrivalId>,
) -> Result<Json<MissingItemsView>> {
    let mut items = arrivals.list_missing(&viewer, id).await?;
    let n_items = items.len();
    items.truncate(SHOWN);
    Ok(Json(MissingItemsView { items, n_items }))
}

/// Download what of an import is not here, as a table for spreadsheets.
#[utoipa::path(get, path = "/imports/{id}/missing.csv", tag = "imports", operation_id = "download_missing_items",
    params(("id" = ArrivalId, Path)), security(("session" = ["administer"])),
    responses((status = 200, content_type = "text/csv", body = String), (status = "4XX", body = Problem)))]
async fn download_missing_items(
    State(arrivals): State<Arrivals>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<ArrivalId>,
) -> Result<impl IntoResponse> {
    let csv = missing_as_csv(&arrivals.list_missing(&viewer, id).await?);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"not-here.csv\""),
    ];
    Ok((headers, csv))
}
