//! The endpoints that sign somebody in by a provider of identity, or by a link from the command line.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Problem, Result, SignedIn};

use super::SignedInView;
use super::asked::Asked;
use super::kept_cookie;
use super::sign_in::{SecondQuestionView, sign_in_answer};
use crate::Accounts;
use crate::device::DeviceKind;
use crate::identity::{Identity, IdentityId};
use crate::oidc::{COOKIE, Departure, PATIENCE, Return};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(list_sign_in_ways))
        .routes(routes!(begin_provider_sign_in))
        .routes(routes!(begin_invited_sign_in))
        .routes(routes!(finish_provider_sign_in))
        .routes(routes!(sign_in_by_link))
        .routes(routes!(sign_in_by_proxy))
        .routes(routes!(list_identities, finish_linking))
        .routes(routes!(begin_linking))
        .routes(routes!(remove_identity))
}

/// How people sign in here.
#[derive(Debug, Serialize, ToSchema)]
struct SignInWays {
    /// With name and password.
    password: bool,
    /// With a passkey alone.
    passkey: bool,
    /// By these.
    providers: Vec<IdentityProvider>,
    /// A proxy says that this is who is asking: they may go on without more.
    proxy_name: Option<String>,
}

/// A provider of identity.
#[derive(Debug, Serialize, ToSchema)]
struct IdentityProvider {
    /// In addresses.
    id: String,
    /// On the button.
    name: String,
    /// People may connect the account they have here with theirs there.
    linking: bool,
}

/// Tell how people sign in here.
#[utoipa::path(get, path = "/sign-in", tag = "accounts", operation_id = "list_sign_in_ways", security(()),
    responses((status = 200, body = SignInWays), (status = "4XX", body = Problem)))]
async fn list_sign_in_ways(State(accounts): State<Accounts>, asked: Asked) -> Json<SignInWays> {
    let ways = &accounts.0.ways;
    let providers = ways.providers.iter().map(|it| IdentityProvider {
        id: it.settings.id.clone(),
        name: it.settings.name.clone(),
        linking: it.settings.linking,
    });
    Json(SignInWays {
        password: ways.settings.password,
        passkey: ways.settings.passkey,
        providers: providers.collect(),
        proxy_name: asked.named_by_proxy,
    })
}

/// Where the browser goes now.
#[derive(Debug, Serialize, ToSchema)]
struct Continue {
    /// An address of the provider.
    url: String,
}

fn depart(accounts: &Accounts, asked: &Asked, departure: Departure) -> impl IntoResponse + use<> {
    let Departure { address, browser } = departure;
    let cookie = kept_cookie(accounts, &asked.origin, (COOKIE, browser), PATIENCE);
    let url = address.to_string();
    (AppendHeaders([(SET_COOKIE, cookie.to_string())]), Json(Continue { url }))
}

/// Begin to sign in by a provider: go to `url`, which ends at `/sign-in/oidc/{provider}` of the web app. For browsers alone:
/// the way back is bound to a cookie. Apps use quick connect.
#[utoipa::path(post, path = "/sign-in/oidc/{provider}", tag = "accounts", operation_id = "begin_provider_sign_in",
    params(("provider" = String, Path, description = "Its id")), security(()),
    responses((status = 200, body = Continue), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
async fn begin_provider_sign_in(
    State(accounts): State<Accounts>,
    Path(provider): Path<String>,
    asked: Asked,
) -> Result<impl IntoResponse> {
    let device = asked.device(None, None);
    let departure = accounts.begin_provider_sign_in(&provider, &asked.base, &device).await?;
    Ok(depart(&accounts, &asked, departure))
}

/// How somebody comes by an invitation's link.
#[derive(Debug, Deserialize, ToSchema)]
struct InvitedBody {
    /// The part of the link behind `#`.
    token: String,
    /// Of the interface, BCP 47.
    #[serde(default = "super::english")]
    language: String,
}

/// Begin to accept an invitation by signing in with a provider: as `POST /sign-in/oidc/{provider}`. Who has no account here gets
/// the one that the invitation offers, without a password.
#[utoipa::path(post, path = "/invitations/oidc/{provider}", tag = "accounts", operation_id = "begin_invited_sign_in",
    params(("provider" = String, Path, description = "Its id")), security(()), request_body = InvitedBody,
    responses((status = 200, body = Continue), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
async fn begin_invited_sign_in(
    State(accounts): State<Accounts>,
    Path(provider): Path<String>,
    asked: Asked,
    Json(body): Json<InvitedBody>,
) -> Result<impl IntoResponse> {
    let InvitedBody { token, language } = body;
    let (device, base) = (asked.device(None, None), &asked.base);
    let departure =
        accounts.begin_invited_sign_in(&provider, &token, &language, base, &device).await?;
    Ok(depart(&accounts, &asked, departure))
}

/// What a provider sent along in the address.
#[derive(Debug, Deserialize, ToSchema)]
struct ProviderReturn {
    /// As it came.
    state: String,
    /// As it came.
    code: Option<String>,
    /// As it came.
    error: Option<String>,
    /// As it came.
    iss: Option<String>,
    /// What the device calls itself in the list of sessions.
    device: Option<String>,
    /// What the device is; by its user agent where it does not say.
    device_kind: Option<DeviceKind>,
}

fn back(asked: &Asked, body: &ProviderReturn) -> Return {
    Return {
        state: body.state.clone(),
        code: body.code.clone(),
        error: body.error.clone(),
        issuer: body.iss.clone(),
        browser: asked.provider_cookie.clone(),
    }
}

/// Sign in with what a provider sent along. People with a second factor are asked for it, as after a password: 202.
#[utoipa::path(post, path = "/sessions/oidc", tag = "accounts", operation_id = "finish_provider_sign_in", security(()),
    request_body = ProviderReturn,
    responses((status = 201, body = SignedInView), (status = 202, body = SecondQuestionView),
        (status = "4XX", body = Problem), (status = 503, body = Problem)))]
async fn finish_provider_sign_in(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<ProviderReturn>,
) -> Result<Response> {
    let back = back(&asked, &body);
    let device = asked.device(body.device, body.device_kind);
    let outcome = accounts.finish_provider_sign_in(&back, &device, asked.site.as_ref()).await?;
    sign_in_answer(&accounts, &asked, outcome)
}

/// What a link carries.
#[derive(Debug, Deserialize, ToSchema)]
struct LinkBody {
    /// Behind its `#`.
    token: String,
    /// What the device calls itself in the list of sessions.
    device: Option<String>,
    /// What the device is; by its user agent where it does not say.
    device_kind: Option<DeviceKind>,
}

/// Sign in with a link that `revenge user sign-in-link` made. It works once.
#[utoipa::path(post, path = "/sessions/link", tag = "accounts", operation_id = "sign_in_by_link", security(()),
    request_body = LinkBody,
    responses((status = 201, body = SignedInView), (status = 202, body = SecondQuestionView),
        (status = "4XX", body = Problem)))]
async fn sign_in_by_link(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<LinkBody>,
) -> Result<Response> {
    let device = asked.device(body.device, body.device_kind);
    let outcome = accounts.sign_in_by_link(&body.token, &device, asked.site.as_ref()).await?;
    sign_in_answer(&accounts, &asked, outcome)
}

/// What the device says of itself.
#[derive(Debug, Deserialize, ToSchema)]
struct DeviceBody {
    /// What the device calls itself in the list of sessions.
    device: Option<String>,
    /// What the device is; by its user agent where it does not say.
    device_kind: Option<DeviceKind>,
}

/// Sign in as who the proxy before this server says you are (`sign_in.trusted_header`).
#[utoipa::path(post, path = "/sessions/proxy", tag = "accounts", operation_id = "sign_in_by_proxy", security(()),
    request_body = DeviceBody,
    responses((status = 201, body = SignedInView), (status = 202, body = SecondQuestionView),
        (status = "4XX", body = Problem)))]
async fn sign_in_by_proxy(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<DeviceBody>,
) -> Result<Response> {
    let device = asked.device(body.device, body.device_kind);
    let named = asked.named_by_proxy.as_deref();
    let outcome = accounts.sign_in_by_proxy(named, &device, asked.site.as_ref()).await?;
    sign_in_answer(&accounts, &asked, outcome)
}

/// What you are to a provider.
#[derive(Debug, Serialize, ToSchema)]
struct IdentityView {
    /// Its id.
    id: IdentityId,
    /// The provider's name; its address where it is not configured any more.
    provider: String,
    /// What you are called there; empty where it does not say.
    name: String,
    /// When it was connected.
    created_at: DateTime<Utc>,
    /// When it last signed you in.
    last_used_at: Option<DateTime<Utc>>,
}

fn view(accounts: &Accounts, identity: Identity) -> IdentityView {
    let Identity { id, issuer, subject: _, name, created_at, last_used_at } = identity;
    let provider = accounts.provider_name(&issuer).map(str::to_owned).unwrap_or(issuer);
    IdentityView { id, provider, name, created_at, last_used_at }
}

/// Your accounts at providers.
#[derive(Debug, Serialize, ToSchema)]
struct Identities {
    /// In the order they were connected.
    items: Vec<IdentityView>,
    /// You have a password here, too.
    has_password: bool,
}

/// List your accounts at providers.
#[utoipa::path(get, path = "/me/identities", tag = "accounts", operation_id = "list_identities",
    security(("session" = [])),
    responses((status = 200, body = Identities), (status = "4XX", body = Problem)))]
async fn list_identities(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<Json<Identities>> {
    let items = accounts.list_identities(&viewer).await?;
    let has_password = accounts.has_password(&viewer).await?;
    Ok(Json(Identities {
        items: items.into_iter().map(|it| view(&accounts, it)).collect(),
        has_password,
    }))
}

/// Begin to connect your account with the one you have at a provider: go to `url`, as for signing in. Within ten minutes of
/// showing password or passkey.
#[utoipa::path(post, path = "/me/identities/oidc/{provider}", tag = "accounts", operation_id = "begin_linking",
    params(("provider" = String, Path, description = "Its id")), security(("session" = [])),
    responses((status = 200, body = Continue), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
async fn begin_linking(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Path(provider): Path<String>,
    asked: Asked,
) -> Result<impl IntoResponse> {
    let departure = accounts.begin_linking(&viewer, &provider, &asked.base).await?;
    Ok(depart(&accounts, &asked, departure))
}

/// Connect your account with the one at a provider, with what that sent along.
#[utoipa::path(post, path = "/me/identities", tag = "accounts", operation_id = "finish_linking",
    security(("session" = [])), request_body = ProviderReturn,
    responses((status = 201, body = IdentityView), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
async fn finish_linking(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    asked: Asked,
    Json(body): Json<ProviderReturn>,
) -> Result<impl IntoResponse> {
    let identity = accounts.finish_linking(&viewer, &back(&asked, &body)).await?;
    Ok((StatusCode::CREATED, Json(view(&accounts, identity))))
}

/// Part with an account at a provider, as long as another way to sign in is left. Within ten minutes of showing password or
/// passkey.
#[utoipa::path(delete, path = "/me/identities/{id}", tag = "accounts", operation_id = "remove_identity",
    params(("id" = IdentityId, Path)), security(("session" = [])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove_identity(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Path(id): Path<IdentityId>,
) -> Result<StatusCode> {
    accounts.remove_identity(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
