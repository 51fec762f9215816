//! The endpoints of quick connect.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Problem, Result, SignedIn};

use super::asked::Asked;
use super::{SignedInView, signed_in_answer};
use crate::Accounts;
use crate::device::DeviceKind;
use crate::quick_connect::{QuickConnect, WaitingDevice};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(begin_quick_connect))
        .routes(routes!(finish_quick_connect))
        .routes(routes!(find_waiting_device))
        .routes(routes!(confirm_quick_connect))
}

/// The device that wants to be let in.
#[derive(Debug, Deserialize, ToSchema)]
struct NewQuickConnect {
    /// What it calls itself.
    device: Option<String>,
    /// What it is; by its user agent where it does not say.
    device_kind: Option<DeviceKind>,
}

/// A code to be shown.
#[derive(Debug, Serialize, ToSchema)]
struct QuickConnectView {
    /// Show it: six letters and digits, to be typed on a device that is signed in.
    code: String,
    /// Keep it: with it the device asks whether it was let in.
    secret: String,
    /// When both are worth nothing.
    expires_at: DateTime<Utc>,
}

/// Begin to sign in by a code that is confirmed on another device.
#[utoipa::path(post, path = "/quick-connect", tag = "accounts", operation_id = "begin_quick_connect",
    security(()), request_body = NewQuickConnect,
    responses((status = 201, body = QuickConnectView), (status = "4XX", body = Problem)))]
async fn begin_quick_connect(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<NewQuickConnect>,
) -> Result<impl IntoResponse> {
    let device = asked.device(body.device, body.device_kind);
    let QuickConnect { code, secret, expires_at } = accounts.begin_quick_connect(&device).await?;
    Ok((StatusCode::CREATED, Json(QuickConnectView { code, secret, expires_at })))
}

/// The secret that came with the code.
#[derive(Debug, Deserialize, ToSchema)]
struct QuickConnectSecret {
    /// `secret`.
    secret: String,
}

/// Ask whether the code was confirmed, every three seconds: 202 while it was not, 201 once it was.
#[utoipa::path(post, path = "/quick-connect/session", tag = "accounts", operation_id = "finish_quick_connect",
    security(()), request_body = QuickConnectSecret,
    responses((status = 201, body = SignedInView), (status = 202), (status = "4XX", body = Problem)))]
async fn finish_quick_connect(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<QuickConnectSecret>,
) -> Result<Response> {
    let device = asked.device(None, None);
    let Some(signed_in) = accounts.finish_quick_connect(&body.secret, &device).await? else {
        return Ok(StatusCode::ACCEPTED.into_response());
    };
    let answer = signed_in_answer(&accounts, &asked.origin, signed_in)?;
    Ok((StatusCode::CREATED, answer).into_response())
}

/// A device that waits to be let in.
#[derive(Debug, Serialize, ToSchema)]
struct WaitingDeviceView {
    /// What it calls itself.
    device: String,
    /// What it is.
    kind: DeviceKind,
    /// Where it is.
    address: String,
    /// Until when it waits.
    expires_at: DateTime<Utc>,
}

/// Tell which device shows a code, to be looked at before it is let in.
#[utoipa::path(get, path = "/quick-connect/{code}", tag = "accounts", operation_id = "find_waiting_device",
    params(("code" = String, Path)), security(("session" = [])),
    responses((status = 200, body = WaitingDeviceView), (status = "4XX", body = Problem)))]
async fn find_waiting_device(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Path(code): Path<String>,
) -> Result<Json<WaitingDeviceView>> {
    let WaitingDevice { device, kind, address, expires_at } =
        accounts.find_waiting_device(&viewer, &code).await?;
    Ok(Json(WaitingDeviceView { device, kind, address, expires_at }))
}

/// Let the device that shows a code in, as yourself.
#[utoipa::path(post, path = "/quick-connect/{code}/confirmation", tag = "accounts",
    operation_id = "confirm_quick_connect", params(("code" = String, Path)), security(("session" = [])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn confirm_quick_connect(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Path(code): Path<String>,
) -> Result<StatusCode> {
    accounts.confirm_quick_connect(&viewer, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}
