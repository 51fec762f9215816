//! The webhook over HTTP.

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Error;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Query};
use wire::{Allowed, Problem, Refusal, Result, may};

use super::{Call, CallAnswer, Webhook, WebhookPatch};
use crate::Catalog;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(find_webhook, update_webhook))
        .routes(routes!(rotate_webhook_token))
        .routes(routes!(receive_arr_webhook))
}

/// A program that knows the webhook's token.
struct Informed;

/// See [`Informed`].
const TOKEN_HEADER: &str = "x-webhook-token";

#[derive(Deserialize)]
struct TokenQuery {
    token: Option<String>,
}

impl FromRequestParts<Catalog> for Informed {
    type Rejection = Refusal;

    /// The token comes as a header, as the password of basic authentication, or in the query: what the caller's form has room for.
    async fn from_request_parts(parts: &mut Parts, catalog: &Catalog) -> Result<Self, Refusal> {
        let header = |name| parts.headers.get(name)?.to_str().ok();
        let password = header(AUTHORIZATION.as_str()).and_then(password);
        let token = header(TOKEN_HEADER).map(str::to_owned).or(password);
        let token = match token {
            Some(token) => Some(token),
            None => Query::<TokenQuery>::from_request_parts(parts, catalog).await?.0.token,
        };
        let Some(token) = token else { return Err(Error::Unauthenticated.into()) };
        if catalog.is_webhook_token(&token).await? {
            Ok(Self)
        } else {
            Err(Error::Unauthenticated.into())
        }
    }
}

/// The password of basic authentication.
fn password(header: &str) -> Option<String> {
    let encoded = header.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

/// How other programs tell this server of new files.
#[utoipa::path(get, path = "/webhooks", tag = "libraries", operation_id = "find_webhook",
    security(("session" = ["manage_libraries"])),
    responses((status = 200, body = Webhook), (status = "4XX", body = Problem)))]
async fn find_webhook(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
) -> Result<Json<Webhook>> {
    Ok(Json(catalog.find_webhook(&viewer).await?))
}

/// Say what other programs call this server's folders.
#[utoipa::path(put, path = "/webhooks", tag = "libraries", operation_id = "update_webhook",
    request_body = WebhookPatch, security(("session" = ["manage_libraries"])),
    responses((status = 200, body = Webhook), (status = "4XX", body = Problem)))]
async fn update_webhook(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
    Json(patch): Json<WebhookPatch>,
) -> Result<Json<Webhook>> {
    Ok(Json(catalog.update_webhook(&viewer, patch).await?))
}

/// Make a new token. Programs that know only the old one are refused from now on.
#[utoipa::path(post, path = "/webhooks/token", tag = "libraries", operation_id = "rotate_webhook_token",
    security(("session" = ["manage_libraries"])),
    responses((status = 200, body = Webhook), (status = "4XX", body = Problem)))]
async fn rotate_webhook_token(
    State(catalog): State<Catalog>,
    Allowed(viewer, ..): Allowed<may::ManageLibraries>,
) -> Result<Json<Webhook>> {
    Ok(Json(catalog.rotate_webhook_token(&viewer).await?))
}

/// Tell of new, renamed or deleted files: the webhook of Radarr, Sonarr, Lidarr and Readarr.
///
/// The folders that the call names are scanned, each in the library it lies in. A program of another kind sends
/// `{"path": "/media/films/Heat (1995)"}`. The token comes in the header `X-Webhook-Token`, as the password of basic
/// authentication (with any name), or as `?token=`.
#[utoipa::path(post, path = "/webhooks/arr", tag = "libraries", operation_id = "receive_arr_webhook",
    request_body = Call, security(("webhook_token" = [])),
    responses((status = 202, body = CallAnswer), (status = "4XX", body = Problem)))]
async fn receive_arr_webhook(
    State(catalog): State<Catalog>,
    _informed: Informed,
    Json(call): Json<Call>,
) -> Result<(StatusCode, Json<CallAnswer>)> {
    Ok((StatusCode::ACCEPTED, Json(catalog.receive_call(&call).await?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_basic_authentication_is_found() {
        assert_eq!(password("Basic cmFkYXJyOnNlOmNyZXQ=").as_deref(), Some("se:cret"));
        for header in ["Bearer x", "Basic", "Basic !!!", "Basic /w==", "Basic bm9jb2xvbg=="] {
            assert_eq!(password(header), None, "{header}");
        }
    }
}
