//! The endpoints of people's pictures.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use kernel::id::PersonId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Raw};
use wire::{Allowed, Problem, Result, SignedIn, may};

use crate::Accounts;
use crate::avatar::{Avatar, MAX_BYTES};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    let uploads = OpenApiRouter::new()
        .routes(routes!(read_my_avatar, write_avatar, delete_avatar))
        .layer(DefaultBodyLimit::max(MAX_BYTES));
    OpenApiRouter::new().routes(routes!(read_avatar)).merge(uploads)
}

/// Where a picture of a person is; behind it, it never changes.
pub(super) fn address(id: PersonId, version: Option<&String>, is_me: bool) -> Option<String> {
    let version = version?;
    let whose = if is_me { "me".to_owned() } else { format!("people/{id}") };
    Some(format!("/api/v1/{whose}/avatar?v={version}"))
}

/// Where the picture of somebody is who shares the device that asks.
pub(super) fn address_on_device(id: PersonId, version: Option<&String>) -> Option<String> {
    version.map(|it| format!("/api/v1/me/profiles/{id}/avatar?v={it}"))
}

pub(super) fn answer(avatar: Avatar) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "image/webp"),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    (headers, avatar.picture)
}

/// Your picture.
#[utoipa::path(get, path = "/me/avatar", tag = "accounts", operation_id = "read_my_avatar",
    security(("session" = ["browse"])),
    responses((status = 200, content_type = "image/webp", body = inline(Vec<u8>)), (status = "4XX", body = Problem)))]
async fn read_my_avatar(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Browse>,
) -> Result<impl IntoResponse> {
    Ok(answer(accounts.find_avatar(&viewer, viewer.person_id).await?))
}

/// Where your picture is now.
#[derive(Debug, Serialize, ToSchema)]
struct AvatarView {
    /// Its address; behind it, it never changes.
    avatar_url: Option<String>,
}

/// Give yourself a picture. The body is a JPEG, PNG or WebP file of at most 8 MB; a small square is made of its middle.
#[utoipa::path(put, path = "/me/avatar", tag = "accounts", operation_id = "write_avatar",
    request_body(content = inline(Vec<u8>), content_type = "image/*"), security(("session" = [])),
    responses((status = 200, body = AvatarView), (status = "4XX", body = Problem)))]
async fn write_avatar(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Raw(file): Raw,
) -> Result<Json<AvatarView>> {
    let version = accounts.write_avatar(&viewer, file).await?;
    Ok(Json(AvatarView { avatar_url: address(viewer.person_id, Some(&version), true) }))
}

/// Part with your picture.
#[utoipa::path(delete, path = "/me/avatar", tag = "accounts", operation_id = "delete_avatar",
    security(("session" = [])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_avatar(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<StatusCode> {
    accounts.delete_avatar(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A person's picture.
#[utoipa::path(get, path = "/people/{id}/avatar", tag = "accounts", operation_id = "read_avatar",
    params(("id" = PersonId, Path)), security(("session" = ["manage_people"])),
    responses((status = 200, content_type = "image/webp", body = inline(Vec<u8>)), (status = "4XX", body = Problem)))]
async fn read_avatar(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ManagePeople>,
    Path(id): Path<PersonId>,
) -> Result<impl IntoResponse> {
    Ok(answer(accounts.find_avatar(&viewer, id).await?))
}
