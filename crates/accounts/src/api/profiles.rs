//! The endpoints of people who share a device.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse};
use kernel::id::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Problem, Result, SignedIn};

use super::asked::Asked;
use super::{SignedInView, avatars, kept_cookie, signed_in_answer};
use crate::Accounts;
use crate::device::KNOWN_DAYS;
use crate::profiles::{COOKIE, Profile, Profiles};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(list_profiles, remember_profile, forget_profile))
        .routes(routes!(read_profile_avatar))
        .routes(routes!(switch_profile))
        .routes(routes!(set_pin, remove_pin))
        .routes(routes!(set_opening))
}

/// Somebody who shares the device.
#[derive(Debug, Serialize, ToSchema)]
struct ProfileView {
    /// Who.
    person_id: PersonId,
    /// What they are called.
    name: String,
    /// Where their picture is.
    avatar_url: Option<String>,
    /// It is you.
    is_me: bool,
    /// Going to them asks for their PIN.
    has_pin: bool,
    /// You may go to them; where not, they must sign in.
    may_switch: bool,
}

/// Who shares the device.
#[derive(Debug, Serialize, ToSchema)]
struct ProfilesView {
    /// You are among them.
    is_remembered: bool,
    /// You have a PIN.
    has_pin: bool,
    /// As long as you have none, others come to you without.
    opens_without_pin: bool,
    /// From you one goes to those only who have a PIN: whoever looks after people says so.
    leaving_needs_pin: bool,
    /// All of them, by name.
    people: Vec<ProfileView>,
}

impl ProfilesView {
    fn new(profiles: &Profiles, me: PersonId) -> Self {
        let view = |it: &Profile| ProfileView {
            person_id: it.person_id,
            name: it.name.clone(),
            avatar_url: avatars::address_on_device(it.person_id, it.avatar.as_ref()),
            is_me: it.person_id == me,
            has_pin: it.has_pin,
            may_switch: it.person_id != me && profiles.may_go_to(it),
        };
        let views = profiles.people.iter().map(view).collect();
        let Profiles { is_remembered, has_pin, opens_without_pin, leaving_needs_pin, people: _ } =
            *profiles;
        Self { is_remembered, has_pin, opens_without_pin, leaving_needs_pin, people: views }
    }
}

/// List who shares this device. Browsers are known by a cookie, apps by the header `X-Revenge-Profiles`.
#[utoipa::path(get, path = "/me/profiles", tag = "accounts", operation_id = "list_profiles",
    security(("session" = [])), responses((status = 200, body = ProfilesView), (status = "4XX", body = Problem)))]
async fn list_profiles(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    asked: Asked,
) -> Result<Json<ProfilesView>> {
    let profiles = accounts.list_profiles(&viewer, &asked.device(None, None)).await?;
    Ok(Json(ProfilesView::new(&profiles, viewer.person_id)))
}

/// What a shared device is to keep.
#[derive(Debug, Serialize, ToSchema)]
struct SharedDevice {
    /// For apps whose device was not shared before: keep it and send it as `X-Revenge-Profiles`. Browsers have it as a cookie.
    profiles_secret: Option<String>,
}

/// Stay on this device for others to go to you, as you are signed in here now. Signing out ends it.
#[utoipa::path(post, path = "/me/profiles", tag = "accounts", operation_id = "remember_profile",
    security(("session" = [])), responses((status = 201, body = SharedDevice), (status = "4XX", body = Problem)))]
async fn remember_profile(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    asked: Asked,
) -> Result<impl IntoResponse> {
    let secret = accounts.remember_profile(&viewer, &asked.device(None, None)).await?;
    let cookie = secret.clone().map(|secret| {
        let kept = Duration::from_hours(24 * KNOWN_DAYS.cast_unsigned());
        (SET_COOKIE, kept_cookie(&accounts, &asked.origin, (COOKIE, secret), kept).to_string())
    });
    let body = SharedDevice { profiles_secret: secret };
    Ok((StatusCode::CREATED, AppendHeaders(cookie), Json(body)))
}

/// Have nobody go to you on this device any more. You stay signed in.
#[utoipa::path(delete, path = "/me/profiles", tag = "accounts", operation_id = "forget_profile",
    security(("session" = [])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn forget_profile(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    asked: Asked,
) -> Result<StatusCode> {
    accounts.forget_profile(&viewer, &asked.device(None, None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The picture of somebody who shares this device.
#[utoipa::path(get, path = "/me/profiles/{id}/avatar", tag = "accounts", operation_id = "read_profile_avatar",
    params(("id" = PersonId, Path)), security(("session" = [])),
    responses((status = 200, content_type = "image/webp", body = inline(Vec<u8>)), (status = "4XX", body = Problem)))]
async fn read_profile_avatar(
    State(accounts): State<Accounts>,
    _signed_in: SignedIn,
    asked: Asked,
    Path(id): Path<PersonId>,
) -> Result<impl IntoResponse> {
    Ok(avatars::answer(accounts.find_profile_avatar(&asked.device(None, None), id).await?))
}

/// Whom to go to.
#[derive(Debug, Deserialize, ToSchema)]
struct SwitchBody {
    /// Who.
    person_id: PersonId,
    /// Their PIN, where they have one.
    pin: Option<String>,
}

/// Go from you to somebody else who shares this device: the session they left here goes on. Wrong PINs make one wait.
#[utoipa::path(post, path = "/me/profiles/switch", tag = "accounts", operation_id = "switch_profile",
    security(("session" = [])), request_body = SwitchBody,
    responses((status = 201, body = SignedInView), (status = "4XX", body = Problem)))]
async fn switch_profile(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    asked: Asked,
    Json(body): Json<SwitchBody>,
) -> Result<impl IntoResponse> {
    let device = asked.device(None, None);
    let signed_in =
        accounts.switch_profile(&viewer, &device, body.person_id, body.pin.as_deref()).await?;
    Ok((StatusCode::CREATED, signed_in_answer(&accounts, &asked.origin, signed_in)?))
}

/// A PIN.
#[derive(Debug, Deserialize, ToSchema)]
struct ProfilePin {
    /// 4 to 8 digits.
    pin: String,
}

/// Set the PIN by which others come to you on a shared device, shortly after `POST /me/confirmation`.
#[utoipa::path(put, path = "/me/pin", tag = "accounts", operation_id = "set_pin",
    security(("session" = [])), request_body = ProfilePin,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn set_pin(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Json(body): Json<ProfilePin>,
) -> Result<StatusCode> {
    accounts.change_pin(&viewer, Some(&body.pin)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take your PIN away, shortly after `POST /me/confirmation`.
#[utoipa::path(delete, path = "/me/pin", tag = "accounts", operation_id = "remove_pin",
    security(("session" = [])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove_pin(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
) -> Result<StatusCode> {
    accounts.change_pin(&viewer, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether others come to you without a PIN.
#[derive(Debug, Deserialize, ToSchema)]
struct OpeningBody {
    /// They do, as long as you have none.
    opens_without_pin: bool,
}

/// Say whether others on a shared device come to you without a PIN, shortly after `POST /me/confirmation`.
#[utoipa::path(put, path = "/me/profiles/opening", tag = "accounts", operation_id = "set_opening",
    security(("session" = [])), request_body = OpeningBody,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn set_opening(
    State(accounts): State<Accounts>,
    SignedIn(viewer): SignedIn,
    Json(body): Json<OpeningBody>,
) -> Result<StatusCode> {
    accounts.change_opens_without_pin(&viewer, body.opens_without_pin).await?;
    Ok(StatusCode::NO_CONTENT)
}
