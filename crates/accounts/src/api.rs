//! The endpoints of a person's own account.

mod adult;
mod asked;
mod audit;
mod avatars;
mod invitations;
mod keys;
mod passkeys;
mod people;
mod profiles;
mod providers;
mod quick_connect;
mod roles;
mod second_factor;
mod sessions;
mod sign_in;

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse};
use chrono::{DateTime, Utc};
use cookie::{Cookie, SameSite};
use kernel::id::PersonId;
use kernel::{Permission, Span};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::Json;
use wire::{Allowed, Origin, Problem, Result, SignedIn, may};

use crate::Accounts;
use crate::device::{self, KNOWN_DAYS};
use crate::hours::Door;
use crate::person::{LANGUAGES, Person};
use crate::session::{COOKIE, IDLE};

use asked::Asked;

/// Everything under `/api/v1` that is about persons.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(read_server))
        .routes(routes!(set_up))
        .routes(routes!(sign_in::sign_in, sessions::list_sessions, sessions::end_other_sessions))
        .merge(sessions::routes())
        .routes(routes!(read_me, update_me))
        .routes(routes!(change_password))
        .merge(people::routes())
        .merge(roles::routes())
        .merge(invitations::routes())
        .merge(keys::routes())
        .merge(sign_in::routes())
        .merge(providers::routes())
        .merge(second_factor::routes())
        .merge(passkeys::routes())
        .merge(audit::routes())
        .merge(avatars::routes())
        .merge(quick_connect::routes())
        .merge(profiles::routes())
        .merge(adult::routes())
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
    /// For apps whose device was not known: keep it and send it as `X-Revenge-Device` when signing in. Browsers have it
    /// as a cookie.
    device_secret: Option<String>,
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
    /// Where their picture is.
    avatar_url: Option<String>,
    /// What their role is called; of those that every server has, in English.
    role: String,
    /// What they may do; where a program asks with an API key, what the key may.
    permissions: Vec<Permission>,
    /// Their role demands a second factor and they have none: before they give themselves one, everything else is refused
    /// with `accounts.second_factor_needed`.
    lacks_factor: bool,
    /// The hours of the week in which the server is there for them; none is no limit.
    hours: Vec<Span>,
    /// It is outside of their hours: until then everything else is refused with `accounts.outside_hours`.
    opens_at: Option<DateTime<Utc>>,
    /// When their hours end.
    closes_at: Option<DateTime<Utc>>,
    /// The time zone of everybody's hours, by its name in the tz database.
    time_zone: String,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

impl Me {
    fn new(accounts: &Accounts, person: Person, lacks_factor: bool) -> Result<Self> {
        let (opens_at, closes_at) = match accounts.door_of(&person)? {
            Door::Open { closes_at } => (None, closes_at),
            Door::Closed { opens_at } => (Some(opens_at), None),
        };
        let Person {
            id,
            name,
            role,
            is_disabled: _,
            all_libraries: _,
            limits: _,
            parental,
            library_ids: _,
            language,
            avatar,
            created_at,
            last_seen_at: _,
        } = person;
        let avatar_url = avatars::address(id, avatar.as_ref(), true);
        let permissions = role.permissions;
        Ok(Self {
            id,
            name,
            language,
            avatar_url,
            role: role.name,
            permissions,
            lacks_factor,
            hours: parental.hours.spans().to_vec(),
            opens_at,
            closes_at,
            time_zone: accounts.time_zone_name(),
            created_at,
        })
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
    let (device, origin) = (asked.device(None, None), &asked.origin);
    let SetUp { code, name, password, language } = body;
    let signed_in = accounts
        .set_up(code.as_deref(), origin.is_local, &name, &password, &language, &device)
        .await?;
    Ok((StatusCode::CREATED, signed_in_answer(&accounts, origin, signed_in)?))
}

/// Where in a list to go on.
#[derive(Debug, Deserialize, IntoParams)]
struct PageQuery {
    /// Rows at the most, 1 to 500.
    limit: Option<u16>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Tell who you are. A browser's token is made anew once a day by this.
#[utoipa::path(get, path = "/me", tag = "accounts", operation_id = "read_me", security(("session" = ["browse"])),
    responses((status = 200, body = Me), (status = "4XX", body = Problem)))]
async fn read_me(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Browse>,
    asked: Asked,
) -> Result<impl IntoResponse> {
    let lacks_factor = accounts.lacks_factor(&viewer).await?;
    let me = Me::new(&accounts, accounts.me(&viewer).await?, lacks_factor)?;
    let renewed = match asked.cookie_token {
        Some(_) => accounts.renew_old_token(&viewer).await?,
        None => None,
    };
    let cookie = renewed.map(|token| {
        let cookie = kept_cookie(&accounts, &asked.origin, (COOKIE, token), IDLE);
        (SET_COOKIE, cookie.to_string())
    });
    Ok((AppendHeaders(cookie), Json(Me { permissions: viewer.permissions, ..me })))
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
    Ok(Json(Me::new(&accounts, person, false)?))
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
    security(("session" = ["change_password"])), request_body = PasswordChange,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn change_password(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ChangePassword>,
    Json(body): Json<PasswordChange>,
) -> Result<StatusCode> {
    accounts.change_password(&viewer, &body.current, &body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A cookie that no script reads and no other site sends along.
fn kept_cookie(
    accounts: &Accounts,
    origin: &Origin,
    (name, value): (&'static str, String),
    kept: Duration,
) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(accounts.0.secure_cookies || origin.is_secure)
        .max_age(cookie::time::Duration::seconds(kept.as_secs().cast_signed()))
        .build()
}

fn signed_in_answer(
    accounts: &Accounts,
    origin: &Origin,
    signed_in: crate::SignedInPerson,
) -> Result<impl IntoResponse + use<>> {
    let crate::SignedInPerson { person, token, session_id: _, device_secret, lacks_factor } =
        signed_in;
    let mut cookies = vec![kept_cookie(accounts, origin, (COOKIE, token.clone()), IDLE)];
    if let Some(secret) = &device_secret {
        let kept = Duration::from_hours(24 * KNOWN_DAYS.cast_unsigned());
        cookies.push(kept_cookie(accounts, origin, (device::COOKIE, secret.clone()), kept));
    }
    let cookies: Vec<_> = cookies.iter().map(|it| (SET_COOKIE, it.to_string())).collect();
    let person = Me::new(accounts, person, lacks_factor)?;
    let body = SignedInView { token, device_secret, person };
    Ok((AppendHeaders(cookies), Json(body)))
}
