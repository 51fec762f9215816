//! The endpoints before the adult area's door. Where the owner did not switch it on, there are none.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Json;
use wire::{Allowed, Problem, Result, may};

use crate::Accounts;
use crate::adult::{Entry, IDLE};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(read_adult_entry, open_adult, close_adult))
        .routes(routes!(confirm_age))
        .routes(routes!(set_adult_pin, remove_adult_pin))
}

/// How you stand before the adult area.
#[derive(Debug, Serialize, ToSchema)]
struct AdultEntry {
    /// You said that you are old enough.
    is_age_confirmed: bool,
    /// It asks for a PIN.
    has_pin: bool,
    /// It is open on this device: everything of the catalog and of playback is there again below `/adult`.
    is_open: bool,
    /// Seconds without use after which it closes by itself.
    idle_s: u64,
}

impl From<Entry> for AdultEntry {
    fn from(entry: Entry) -> Self {
        let Entry { is_age_confirmed, has_pin, is_open } = entry;
        Self { is_age_confirmed, has_pin, is_open, idle_s: IDLE.as_secs() }
    }
}

/// Tell how you stand before the adult area.
#[utoipa::path(get, path = "/me/adult", tag = "accounts", operation_id = "read_adult_entry",
    security(("session" = ["adult"])),
    responses((status = 200, body = AdultEntry), (status = "4XX", body = Problem)))]
async fn read_adult_entry(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Adult>,
) -> Result<Json<AdultEntry>> {
    Ok(Json(accounts.adult_entry(&viewer).await?.into()))
}

/// What opens the area.
#[derive(Debug, Deserialize, ToSchema)]
struct AdultKey {
    /// Your PIN, where you set one.
    pin: Option<String>,
}

/// Open the adult area on this device, until it was not used for a quarter of an hour.
#[utoipa::path(post, path = "/me/adult", tag = "accounts", operation_id = "open_adult",
    security(("session" = ["adult"])), request_body = AdultKey,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn open_adult(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Adult>,
    Json(body): Json<AdultKey>,
) -> Result<StatusCode> {
    accounts.open_adult(&viewer, body.pin.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close the adult area on this device.
#[utoipa::path(delete, path = "/me/adult", tag = "accounts", operation_id = "close_adult",
    security(("session" = ["adult"])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn close_adult(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Adult>,
) -> Result<StatusCode> {
    accounts.close_adult(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say that you are old enough for adult content where you live. Asked once.
#[utoipa::path(put, path = "/me/adult/age", tag = "accounts", operation_id = "confirm_age",
    security(("session" = ["adult"])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn confirm_age(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Adult>,
) -> Result<StatusCode> {
    accounts.confirm_age(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A PIN.
#[derive(Debug, Deserialize, ToSchema)]
struct AdultPin {
    /// 4 to 12 digits.
    pin: String,
}

/// Set the PIN that opens the adult area, shortly after `POST /me/confirmation`. It closes on all your devices.
#[utoipa::path(put, path = "/me/adult/pin", tag = "accounts", operation_id = "set_adult_pin",
    security(("session" = ["adult"])), request_body = AdultPin,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn set_adult_pin(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Adult>,
    Json(body): Json<AdultPin>,
) -> Result<StatusCode> {
    accounts.change_adult_pin(&viewer, Some(&body.pin)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the PIN away, shortly after `POST /me/confirmation`. The adult area closes on all your devices.
#[utoipa::path(delete, path = "/me/adult/pin", tag = "accounts", operation_id = "remove_adult_pin",
    security(("session" = ["adult"])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove_adult_pin(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Adult>,
) -> Result<StatusCode> {
    accounts.change_adult_pin(&viewer, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
