//! Pictures over HTTP.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use kernel::id::ImageId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Path, Query};
use wire::{Allowed, Problem, Result, conditional, may};

use super::{Accept, Delivery, ImageWish};
use crate::Catalog;

/// A picture never changes under its tag, and its id is as good as unguessable: keep it, but not for others.
const CACHING: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new().routes(routes!(get_image))
}

/// How a picture is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImageQuery {
    /// About so many pixels wide: the next of 160, 240, 320, 480, 640, 960, 1280, 1920. The original if left out.
    width: Option<u32>,
}

impl ImageQuery {
    /// The same with what the client accepts.
    pub fn wish(&self, headers: &HeaderMap) -> ImageWish {
        ImageWish { width: self.width, accept: Accept::of(headers) }
    }
}

/// Get a picture, in the format that the `Accept` header likes best: AVIF, WebP or JPEG (PNG where something shows through).
#[utoipa::path(get, path = "/images/{id}", tag = "images", operation_id = "get_image",
    params(("id" = ImageId, Path), ImageQuery), security(("session" = ["browse"])),
    responses(
        (status = 200, content_type = "image/*", body = inline(Vec<u8>)),
        (status = 304, description = "You have it already"),
        (status = "4XX", body = Problem)))]
async fn get_image(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    Path(id): Path<ImageId>,
    Query(query): Query<ImageQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let delivery = catalog.find_image(&viewer, id, query.wish(&headers)).await?;
    respond(&catalog, &delivery, &headers).await
}

/// A picture that was found, or that the client has it already.
pub async fn respond(
    catalog: &Catalog,
    delivery: &Delivery,
    headers: &HeaderMap,
) -> Result<Response> {
    let etag = delivery.etag();
    if conditional::is_unchanged(headers, &etag) {
        return Ok(answer(StatusCode::NOT_MODIFIED, &etag, Body::empty()));
    }
    let (bytes, mime) = catalog.read_image(delivery).await?;
    let mut response = answer(StatusCode::OK, &etag, Body::from(bytes));
    if let Ok(mime) = HeaderValue::try_from(mime) {
        response.headers_mut().insert(header::CONTENT_TYPE, mime);
    }
    Ok(response)
}

fn answer(status: StatusCode, etag: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHING);
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}
