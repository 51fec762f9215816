//! The endpoints of a person's signed-in devices.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use chrono::{DateTime, Utc};
use cookie::Cookie;
use kernel::id::SessionId;
use kernel::{Limit, Page};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Problem, Result, SignedIn};

use super::PageQuery;
use super::asked::Asked;
use crate::device::DeviceKind;
use crate::session::{COOKIE, Session};
use crate::{Accounts, service};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(sign_out))
        .routes(routes!(renew_token))
        .routes(routes!(end_session))
}

/// Where the browser goes now, to sign out there too.
#[derive(Debug, Serialize, ToSchema)]
struct Farewell {
    /// An address of the provider that signed you in; it leads back to the sign-in page.
    url: String,
}

/// Sign this device out. Who came by a provider that can sign them out too is told where: 200.
#[utoipa::path(delete, path = "/sessions/current", tag = "accounts", operation_id = "sign_out",
    security(("session" = [])),
    responses((status = 200, body = Farewell), (status = 204), (status = "4XX", body = Problem)))]
async fn sign_out(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    asked: Asked,
) -> Result<Response> {
    let farewell = accounts.farewell(&viewer, &asked.base).await?;
    if let Some(session) = viewer.session_id {
        accounts.end_session(&viewer, session).await?;
    }
    let gone = Cookie::build((COOKIE, "")).path("/").max_age(cookie::time::Duration::ZERO).build();
    let gone = AppendHeaders([(SET_COOKIE, gone.to_string())]);
    Ok(match farewell {
        Some(url) => (gone, Json(Farewell { url: url.to_string() })).into_response(),
        None => (StatusCode::NO_CONTENT, gone).into_response(),
    })
}

/// One signed-in device.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// Its id.
    id: SessionId,
    /// What it calls itself.
    device: String,
    /// What it is.
    kind: DeviceKind,
    /// When it signed in.
    created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    last_seen_at: DateTime<Utc>,
    /// It is the one that asks.
    is_current: bool,
}

/// List your signed-in devices.
#[utoipa::path(get, path = "/sessions", tag = "accounts", operation_id = "list_sessions", params(PageQuery),
    security(("session" = [])),
    responses((status = 200, body = Page<SessionView>), (status = "4XX", body = Problem)))]
pub(super) async fn list_sessions(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<SessionView>>> {
    let after = service::after(query.cursor.as_deref())?;
    let page = accounts.list_sessions(&viewer, after, Limit::new(query.limit)).await?;
    Ok(Json(page.map(|it| {
        let Session { id, person_id: _, device, kind, created_at, last_seen_at } = it;
        SessionView {
            id,
            device,
            kind,
            created_at,
            last_seen_at,
            is_current: viewer.session_id == Some(id),
        }
    })))
}

/// Sign one of your devices out.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "accounts", operation_id = "end_session",
    params(("id" = SessionId, Path)), security(("session" = [])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn end_session(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Path(id): Path<SessionId>,
) -> Result<StatusCode> {
    accounts.end_session(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign all your devices out but this one.
#[utoipa::path(delete, path = "/sessions", tag = "accounts", operation_id = "end_other_sessions",
    security(("session" = [])), responses((status = 204), (status = "4XX", body = Problem)))]
pub(super) async fn end_other_sessions(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<StatusCode> {
    accounts.end_other_sessions(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
struct RenewedToken {
    /// Send it as `Authorization: Bearer` from now on.
    token: String,
}

/// Get a new token for this session, in place of the one it has. The old one is good until the new one was seen, and a
/// minute longer. Browsers need not ask: their cookie is made anew once a day.
#[utoipa::path(post, path = "/sessions/current/token", tag = "accounts", operation_id = "renew_token",
    security(("session" = [])),
    responses((status = 201, body = RenewedToken), (status = "4XX", body = Problem)))]
async fn renew_token(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<impl IntoResponse> {
    let token = accounts.renew_token(&viewer).await?;
    Ok((StatusCode::CREATED, Json(RenewedToken { token })))
}
