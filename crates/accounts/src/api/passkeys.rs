//! The endpoints of a person's own passkeys.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Problem, Result, SignedIn};

use super::asked::Asked;
use super::sign_in::PasskeyQuestion;
use crate::Accounts;
use crate::passkey::{Passkey, PasskeyId};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(list_passkeys, add_passkey))
        .routes(routes!(begin_passkey))
        .routes(routes!(rename_passkey, remove_passkey))
}

/// One of your passkeys.
#[derive(Debug, Serialize, ToSchema)]
struct PasskeyView {
    /// Its id.
    id: PasskeyId,
    /// What you call it.
    name: String,
    /// The name of the server it is for: it is offered under no other.
    rp_id: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last signed in.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        let Passkey { id, name, rp_id, created_at, last_used_at } = passkey;
        Self { id, name, rp_id, created_at, last_used_at }
    }
}

/// List your passkeys; there are twenty at the most.
#[utoipa::path(get, path = "/me/passkeys", tag = "accounts", operation_id = "list_passkeys",
    security(("session" = [])),
    responses((status = 200, body = Vec<PasskeyView>), (status = "4XX", body = Problem)))]
async fn list_passkeys(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<Json<Vec<PasskeyView>>> {
    let passkeys = accounts.list_passkeys(&viewer).await?;
    Ok(Json(passkeys.into_iter().map(PasskeyView::from).collect()))
}

/// Begin a new passkey.
#[utoipa::path(post, path = "/me/passkeys/options", tag = "accounts", operation_id = "begin_passkey",
    security(("session" = [])),
    responses((status = 200, body = PasskeyQuestion), (status = "4XX", body = Problem)))]
async fn begin_passkey(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    asked: Asked,
) -> Result<Json<PasskeyQuestion>> {
    let device = asked.device(None, None);
    let (challenge, options) =
        accounts.begin_passkey(&viewer, asked.site.as_ref(), &device).await?;
    let (challenge, expires_at) = (challenge.ticket, challenge.expires_at);
    Ok(Json(PasskeyQuestion { challenge, expires_at, options }))
}

/// A passkey the browser made.
#[derive(Debug, Deserialize, ToSchema)]
struct NewPasskey {
    /// The `challenge` it began with.
    challenge: String,
    /// What you call it: 1 to 64 characters.
    name: String,
    /// What `navigator.credentials.create` gave, bytes as base64url.
    credential: Value,
}

/// A passkey that was kept.
#[derive(Debug, Serialize, ToSchema)]
struct AddedPasskey {
    /// The passkey.
    passkey: PasskeyView,
    /// With your first second factor come recovery codes, shown this once; else empty.
    recovery_codes: Vec<String>,
}

/// Keep a new passkey. From now on the password alone no longer signs you in.
#[utoipa::path(post, path = "/me/passkeys", tag = "accounts", operation_id = "add_passkey",
    security(("session" = [])), request_body = NewPasskey,
    responses((status = 201, body = AddedPasskey), (status = "4XX", body = Problem)))]
async fn add_passkey(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    asked: Asked,
    Json(body): Json<NewPasskey>,
) -> Result<impl IntoResponse> {
    let NewPasskey { challenge, name, credential } = body;
    let device = asked.device(None, None);
    let (passkey, codes) = accounts
        .finish_passkey(&viewer, asked.site.as_ref(), &device, &challenge, &name, credential)
        .await?;
    let added = AddedPasskey { passkey: passkey.into(), recovery_codes: codes.unwrap_or_default() };
    Ok((StatusCode::CREATED, Json(added)))
}

/// Another name for a passkey.
#[derive(Debug, Deserialize, ToSchema)]
struct PasskeyName {
    /// 1 to 64 characters.
    name: String,
}

/// Give a passkey another name.
#[utoipa::path(patch, path = "/me/passkeys/{id}", tag = "accounts", operation_id = "rename_passkey",
    params(("id" = PasskeyId, Path)), security(("session" = [])), request_body = PasskeyName,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn rename_passkey(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Path(id): Path<PasskeyId>,
    Json(body): Json<PasskeyName>,
) -> Result<StatusCode> {
    accounts.rename_passkey(&viewer, id, &body.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Part with a passkey.
#[utoipa::path(delete, path = "/me/passkeys/{id}", tag = "accounts", operation_id = "remove_passkey",
    params(("id" = PasskeyId, Path)), security(("session" = [])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove_passkey(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Path(id): Path<PasskeyId>,
) -> Result<StatusCode> {
    accounts.remove_passkey(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
