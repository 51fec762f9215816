//! The endpoints of API keys.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use kernel::id::ApiKeyId;
use kernel::{Limit, Page, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::PageQuery;
use crate::key::ApiKey;
use crate::{Accounts, service};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(list_api_keys, create_api_key))
        .routes(routes!(delete_api_key))
}

/// An API key, without what proves it.
#[derive(Debug, Serialize, ToSchema)]
struct ApiKeyView {
    /// Its id.
    id: ApiKeyId,
    /// What you call it.
    name: String,
    /// What it allows, as far as you may do it.
    scopes: Vec<Permission>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When a program last used it, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// When it stops working; never where there is none.
    expires_at: Option<DateTime<Utc>>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, name, scopes, created_at, last_used_at, expires_at } = key;
        Self { id, name, scopes, created_at, last_used_at, expires_at }
    }
}

/// List your API keys.
#[utoipa::path(get, path = "/me/keys", tag = "accounts", operation_id = "list_api_keys", params(PageQuery),
    security(("session" = ["use_api_keys"])),
    responses((status = 200, body = Page<ApiKeyView>), (status = "4XX", body = Problem)))]
async fn list_api_keys(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::UseApiKeys>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ApiKeyView>>> {
    let after = service::after(query.cursor.as_deref())?;
    let page = accounts.list_keys(&viewer, after, Limit::new(query.limit)).await?;
    Ok(Json(page.map(ApiKeyView::from)))
}

/// An API key to be made.
#[derive(Debug, Deserialize, ToSchema)]
struct NewApiKey {
    /// What you call it: 1 to 64 characters.
    name: String,
    /// What it allows, no more than you may; `browse` always, and never `administer`, `change_password` or `use_api_keys`.
    scopes: Vec<Permission>,
    /// When it stops working; never where left out.
    expires_at: Option<DateTime<Utc>>,
}

/// An API key that was just made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeApiKey {
    /// What is known of it from now on.
    api_key: ApiKeyView,
    /// The key itself, shown this once: send it as `Authorization: Bearer`.
    secret: String,
}

/// Make an API key.
#[utoipa::path(post, path = "/me/keys", tag = "accounts", operation_id = "create_api_key",
    security(("session" = ["use_api_keys"])), request_body = NewApiKey,
    responses((status = 201, body = MadeApiKey), (status = "4XX", body = Problem)))]
async fn create_api_key(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::UseApiKeys>,
    Json(NewApiKey { name, scopes, expires_at }): Json<NewApiKey>,
) -> Result<impl IntoResponse> {
    let (key, secret) = accounts.create_key(&viewer, &name, scopes, expires_at).await?;
    Ok((StatusCode::CREATED, Json(MadeApiKey { api_key: key.into(), secret })))
}

/// Delete one of your API keys; programs with it are refused from now on.
#[utoipa::path(delete, path = "/me/keys/{id}", tag = "accounts", operation_id = "delete_api_key",
    params(("id" = ApiKeyId, Path)), security(("session" = ["use_api_keys"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_api_key(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::UseApiKeys>,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode> {
    accounts.delete_key(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
