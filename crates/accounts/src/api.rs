//! The endpoints of a person's own account.

mod asked;
mod passkeys;
mod people;
mod second_factor;
mod sign_in;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use chrono::{DateTime, Utc};
use cookie::{Cookie, SameSite};
use kernel::id::{PersonId, SessionId};
use kernel::{Limit, Page, Permission};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Origin, Problem, Result, SignedIn};

use crate::person::{LANGUAGES, Person};
use crate::session::{COOKIE, IDLE, Session};
use crate::{Accounts, service};

use asked::Asked;

/// Everything under `/api/v1` that is about persons.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(read_server))
        .routes(routes!(set_up))
        .routes(routes!(sign_in::sign_in, list_sessions))
        .routes(routes!(sign_out))
        .routes(routes!(end_session))
        .routes(routes!(read_me, update_me))
        .routes(routes!(change_password))
        .merge(people::routes())
        .merge(sign_in::routes())
        .merge(second_factor::routes())
        .merge(passkeys::routes())
}

/// What anybody may know of this server.
#[derive(Debug, Serialize, ToSchema)]
struct ServerInfo {
    /// The server's name.
    name: &'static str,
    /// The program's version.
    version: &'static str,
    /// Nobody has an account yet: show the first-run wizard.
    setup_needed: bool,
    /// The wizard must ask for the code that the server printed; not so for a browser on the machine itself.
    setup_code_needed: bool,
    /// The languages of the interface, BCP 47.
    languages: [&'static str; 2],
}

/// Tell what anybody may know of this server.
#[utoipa::path(get, path = "/server", tag = "accounts", operation_id = "read_server", security(()),
    responses((status = 200, body = ServerInfo), (status = "4XX", body = Problem)))]
async fn read_server(State(accounts): State<Accounts>, origin: Origin) -> Result<Json<ServerInfo>> {
    let setup_needed = accounts.is_setup_needed().await?;
    Ok(Json(ServerInfo {
        name: "Revenge",
        version: env!("CARGO_PKG_VERSION"),
        setup_needed,
        setup_code_needed: setup_needed && !origin.is_local,
        languages: LANGUAGES,
    }))
}

/// The first account.
#[derive(Debug, Deserialize, ToSchema)]
struct SetUp {
    /// The one-time code the server printed; may be left out on the machine itself.
    code: Option<String>,
    /// How the owner signs in.
    name: String,
    /// At least 8 characters.
    password: String,
    /// Of the interface, BCP 47.
    #[serde(default = "english")]
    language: String,
}

fn english() -> String {
    "en".to_owned()
}

/// Somebody who just signed in.
#[derive(Debug, Serialize, ToSchema)]
struct SignedInView {
    /// For apps: send it as `Authorization: Bearer`. Browsers have it as a cookie.
    token: String,
    /// Who they are.
    person: Me,
}

/// The person who asks.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// Their id.
    id: PersonId,
    /// Their name.
    name: String,
    /// Of their interface, BCP 47.
    language: String,
    /// What they may do beyond watching.
    permissions: Vec<Permission>,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

impl From<Person> for Me {
    fn from(person: Person) -> Self {
        let Person {
            id,
            name,
            is_admin,
            is_disabled: _,
            all_libraries: _,
            library_ids: _,
            language,
            created_at,
            last_seen_at: _,
        } = person;
        let permissions = if is_admin { vec![Permission::Administer] } else { Vec::new() };
        Self { id, name, language, permissions, created_at }
    }
}

/// Make the first account and sign in.
#[utoipa::path(post, path = "/setup", tag = "accounts", operation_id = "set_up", security(()),
    request_body = SetUp,
    responses((status = 201, body = SignedInView), (status = "4XX", body = Problem)))]
async fn set_up(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<SetUp>,
) -> Result<impl IntoResponse> {
    let (device, origin) = (asked.device(None), &asked.origin);
    let SetUp { code, name, password, language } = body;
    let signed_in = accounts
        .set_up(code.as_deref(), origin.is_local, &name, &password, &language, &device)
        .await?;
    Ok((StatusCode::CREATED, signed_in_answer(&accounts, origin, signed_in)))
}

/// Sign this device out.
#[utoipa::path(delete, path = "/sessions/current", tag = "accounts", operation_id = "sign_out",
    security(("session" = [])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn sign_out(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<impl IntoResponse> {
    if let Some(session) = viewer.session_id {
        accounts.end_session(&viewer, session).await?;
    }
    let gone = Cookie::build((COOKIE, "")).path("/").max_age(cookie::time::Duration::ZERO).build();
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, gone.to_string())])))
}

/// Where in a list to go on.
#[derive(Debug, Deserialize, IntoParams)]
struct PageQuery {
    /// Rows at the most, 1 to 500.
    limit: Option<u16>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// One signed-in device.
#[derive(Debug, Serialize, ToSchema)]
struct SessionView {
    /// Its id.
    id: SessionId,
    /// What it calls itself.
    device: String,
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
async fn list_sessions(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<SessionView>>> {
    let after = service::after(query.cursor.as_deref())?;
    let page = accounts.list_sessions(&viewer, after, Limit::new(query.limit)).await?;
    Ok(Json(page.map(|it| {
        let Session { id, person_id: _, device, created_at, last_seen_at } = it;
        SessionView {
            id,
            device,
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

/// Tell who you are.
#[utoipa::path(get, path = "/me", tag = "accounts", operation_id = "read_me", security(("session" = [])),
    responses((status = 200, body = Me), (status = "4XX", body = Problem)))]
async fn read_me(State(accounts): State<Accounts>, SignedIn(viewer): SignedIn) -> Result<Json<Me>> {
    Ok(Json(accounts.me(&viewer).await?.into()))
}

/// What to change of yourself.
#[derive(Debug, Deserialize, ToSchema)]
struct MePatch {
    /// Of the interface, BCP 47.
    language: Option<String>,
}

/// Change your language.
#[utoipa::path(patch, path = "/me", tag = "accounts", operation_id = "update_me", security(("session" = [])),
    request_body = MePatch, responses((status = 200, body = Me), (status = "4XX", body = Problem)))]
async fn update_me(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Json(body): Json<MePatch>,
) -> Result<Json<Me>> {
    let person = match body.language {
        Some(language) => accounts.change_language(&viewer, &language).await?,
        None => accounts.me(&viewer).await?,
    };
    Ok(Json(person.into()))
}

/// The old password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
struct PasswordChange {
    /// Your password until now.
    current: String,
    /// At least 8 characters.
    new: String,
}

/// Change your password; every other device is signed out.
#[utoipa::path(put, path = "/me/password", tag = "accounts", operation_id = "change_password",
    security(("session" = [])), request_body = PasswordChange,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn change_password(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Json(body): Json<PasswordChange>,
) -> Result<StatusCode> {
    accounts.change_password(&viewer, &body.current, &body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn signed_in_answer(
    accounts: &Accounts,
    origin: &Origin,
    signed_in: crate::SignedInPerson,
) -> impl IntoResponse + use<> {
    let cookie = Cookie::build((COOKIE, signed_in.token.clone()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(accounts.0.secure_cookies || origin.is_secure)
        .max_age(cookie::time::Duration::seconds(IDLE.as_secs().cast_signed()))
        .build();
    let body = SignedInView { token: signed_in.token, person: signed_in.person.into() };
    (AppendHeaders([(SET_COOKIE, cookie.to_string())]), Json(body))
}
