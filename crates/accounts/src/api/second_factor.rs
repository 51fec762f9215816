//! The endpoints of what a person has beside the password.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, SignedIn, may};

use crate::Accounts;
use crate::second_factor::{Factors, NewTotp};
use crate::totp::QrCode;

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(read_second_factor))
        .routes(routes!(confirm))
        .routes(routes!(begin_totp, confirm_totp, remove_totp))
        .routes(routes!(renew_recovery_codes))
        .routes(routes!(remove_second_factor))
}

/// What you have beside the password.
#[derive(Debug, Serialize, ToSchema)]
struct SecondFactorView {
    /// Since when an authenticator app makes codes.
    totp_since: Option<DateTime<Utc>>,
    /// How many passkeys there are.
    passkeys: i64,
    /// How many recovery codes are left.
    recovery_codes: i64,
    /// Until when you may change how you sign in without showing the password again.
    confirmed_until: Option<DateTime<Utc>>,
}

/// Tell what you have beside the password.
#[utoipa::path(get, path = "/me/second-factor", tag = "accounts", operation_id = "read_second_factor",
    security(("session" = [])),
    responses((status = 200, body = SecondFactorView), (status = "4XX", body = Problem)))]
async fn read_second_factor(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<Json<SecondFactorView>> {
    let (factors, confirmed_until) = accounts.my_factors(&viewer).await?;
    let Factors { totp_since, passkeys, recovery_codes } = factors;
    Ok(Json(SecondFactorView { totp_since, passkeys, recovery_codes, confirmed_until }))
}

/// Your password once more.
#[derive(Debug, Deserialize, ToSchema)]
struct Confirmation {
    /// Your password.
    password: String,
}

/// Show your password once more, so that for ten minutes you may change how you sign in.
#[utoipa::path(post, path = "/me/confirmation", tag = "accounts", operation_id = "confirm",
    security(("session" = [])), request_body = Confirmation,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn confirm(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Json(body): Json<Confirmation>,
) -> Result<StatusCode> {
    accounts.confirm(&viewer, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The secret of a new authenticator app. It is shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct NewTotpView {
    /// To be typed in where no camera is.
    secret: String,
    /// `otpauth://totp/...`, for apps on this very device.
    address: String,
    /// The address as a picture.
    qr: QrCode,
}

/// Begin with an authenticator app (TOTP: SHA-1, 6 digits, 30 seconds). It is asked for once a first code was right.
#[utoipa::path(post, path = "/me/second-factor/totp", tag = "accounts", operation_id = "begin_totp",
    security(("session" = [])),
    responses((status = 201, body = NewTotpView), (status = "4XX", body = Problem)))]
async fn begin_totp(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<impl IntoResponse> {
    let NewTotp { secret, address, qr } = accounts.begin_totp(&viewer).await?;
    Ok((StatusCode::CREATED, Json(NewTotpView { secret, address, qr })))
}

/// A code of the authenticator app.
#[derive(Debug, Deserialize, ToSchema)]
struct TotpCode {
    /// Six digits.
    code: String,
}

/// Recovery codes, shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    /// Each signs in once, in place of the second factor; empty where you have some already.
    pub recovery_codes: Vec<String>,
}

/// Prove that the app makes the right codes: from now on they are asked for.
#[utoipa::path(put, path = "/me/second-factor/totp", tag = "accounts", operation_id = "confirm_totp",
    security(("session" = [])), request_body = TotpCode,
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = Problem)))]
async fn confirm_totp(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Json(body): Json<TotpCode>,
) -> Result<Json<RecoveryCodes>> {
    let codes = accounts.confirm_totp(&viewer, &body.code).await?;
    Ok(Json(RecoveryCodes { recovery_codes: codes.unwrap_or_default() }))
}

/// Part with the authenticator app.
#[utoipa::path(delete, path = "/me/second-factor/totp", tag = "accounts", operation_id = "remove_totp",
    security(("session" = [])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove_totp(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<StatusCode> {
    accounts.remove_totp(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make new recovery codes; the old ones are worth nothing from now on.
#[utoipa::path(post, path = "/me/second-factor/recovery-codes", tag = "accounts",
    operation_id = "renew_recovery_codes", security(("session" = [])),
    responses((status = 201, body = RecoveryCodes), (status = "4XX", body = Problem)))]
async fn renew_recovery_codes(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<impl IntoResponse> {
    let recovery_codes = accounts.renew_recovery_codes(&viewer).await?;
    Ok((StatusCode::CREATED, Json(RecoveryCodes { recovery_codes })))
}

/// Take away the second factor of somebody who lost it, recovery codes and all: the password alone signs them in again.
#[utoipa::path(delete, path = "/people/{id}/second-factor", tag = "accounts",
    operation_id = "remove_second_factor", params(("id" = PersonId, Path)),
    security(("session" = ["manage_people"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove_second_factor(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ManagePeople>,
    Path(id): Path<PersonId>,
) -> Result<StatusCode> {
    accounts.remove_factors(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
