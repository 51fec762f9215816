//! The endpoints of those who look after people.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use kernel::id::{LibraryId, PersonId, RoleId};
use kernel::{BuiltInRole, Hours, Limit, Limits, Page, Parental, Span};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::roles::RoleRef;
use super::{PageQuery, avatars};
use crate::person::Person;
use crate::{Accounts, NewPerson, PersonPatch, role, service};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(list_people, create_person))
        .routes(routes!(update_person, delete_person))
        .routes(routes!(reset_password))
        .routes(routes!(delete_me))
}

/// A person with an account, as those who look after people see them.
#[derive(Debug, Serialize, ToSchema)]
struct PersonView {
    /// Their id.
    id: PersonId,
    /// How they sign in.
    name: String,
    /// Where their picture is.
    avatar_url: Option<String>,
    /// What they may do.
    role: RoleRef,
    /// May not sign in.
    is_disabled: bool,
    /// Sees every library, also later ones.
    all_libraries: bool,
    /// The libraries they see where not all.
    library_ids: Vec<LibraryId>,
    /// How much they may play.
    limits: LimitsBody,
    /// What they are kept from.
    parental: ParentalBody,
    /// When the account was made.
    created_at: DateTime<Utc>,
    /// When they were last here, to the minute.
    last_seen_at: Option<DateTime<Utc>>,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        let Person {
            id,
            name,
            role,
            is_disabled,
            all_libraries,
            library_ids,
            limits,
            parental,
            language: _,
            avatar,
            created_at,
            last_seen_at,
        } = person;
        Self {
            id,
            name,
            avatar_url: avatars::address(id, avatar.as_ref(), false),
            role: role.into(),
            is_disabled,
            all_libraries,
            library_ids,
            limits: limits.into(),
            parental: parental.into(),
            created_at,
            last_seen_at,
        }
    }
}

/// How much a person may play; what is left out is no limit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PersonLimits)]
#[expect(clippy::struct_field_names, reason = "each is the most of something")]
struct LimitsBody {
    /// Films at once, 1 to 1000.
    max_streams: Option<u16>,
    /// Bits per second of a film that leaves the house, 1 to 10000000000.
    max_bitrate_bps: Option<i64>,
    /// Bits per second of a film that stays in the house, 1 to 10000000000.
    max_local_bitrate_bps: Option<i64>,
}

impl From<Limits> for LimitsBody {
    fn from(limits: Limits) -> Self {
        let Limits { max_streams, max_bitrate_bps, max_local_bitrate_bps } = limits;
        Self { max_streams, max_bitrate_bps, max_local_bitrate_bps }
    }
}

impl From<LimitsBody> for Limits {
    fn from(body: LimitsBody) -> Self {
        let LimitsBody { max_streams, max_bitrate_bps, max_local_bitrate_bps } = body;
        Self { max_streams, max_bitrate_bps, max_local_bitrate_bps }
    }
}

/// What a person is kept from; what is left out keeps them from nothing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PersonParental)]
struct ParentalBody {
    /// Nothing for people older than this exists for them, 0 to 21 years.
    max_age: Option<u8>,
    /// What has no age rating does not exist for them either. Seasons and episodes have that of their series.
    #[serde(default)]
    hides_unrated: bool,
    /// Nothing with one of these tags or genres exists for them, 100 at the most.
    #[serde(default)]
    blocked_tags: Vec<String>,
    /// Only films and series with one of these tags or genres exist for them, 100 at the most; none is no limit.
    #[serde(default)]
    allowed_tags: Vec<String>,
    /// The hours of the week in which the server is there for them, by the clock of its `time_zone`, 50 spans at the most; none
    /// is no limit. Administrators are not bound by theirs.
    #[serde(default)]
    hours: Vec<Span>,
    /// On a device that several people share, one goes from them to those only who have a PIN.
    #[serde(default)]
    leaving_needs_pin: bool,
}

impl From<Parental> for ParentalBody {
    fn from(parental: Parental) -> Self {
        let Parental {
            max_age,
            hides_unrated,
            blocked_tags,
            allowed_tags,
            hours,
            leaving_needs_pin,
        } = parental;
        let hours = hours.spans().to_vec();
        Self { max_age, hides_unrated, blocked_tags, allowed_tags, hours, leaving_needs_pin }
    }
}

impl From<ParentalBody> for Parental {
    fn from(body: ParentalBody) -> Self {
        let ParentalBody {
            max_age,
            hides_unrated,
            blocked_tags,
            allowed_tags,
            hours,
            leaving_needs_pin,
        } = body;
        let hours = Hours::given(hours);
        Self { max_age, hides_unrated, blocked_tags, allowed_tags, hours, leaving_needs_pin }
    }
}

/// List everybody with an account.
#[utoipa::path(get, path = "/people", tag = "accounts", operation_id = "list_people", params(PageQuery),
    security(("session" = ["manage_people"])),
    responses((status = 200, body = Page<PersonView>), (status = "4XX", body = Problem)))]
async fn list_people(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ManagePeople>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PersonView>>> {
    let after = service::after(query.cursor.as_deref())?;
    let page = accounts.list_people(&viewer, after, Limit::new(query.limit)).await?;
    Ok(Json(page.map(PersonView::from)))
}

/// A person to be made.
#[derive(Debug, Deserialize, ToSchema)]
struct NewPersonBody {
    /// How they sign in: 1 to 64 characters, unlike anybody else's.
    name: String,
    /// At least 8 characters.
    password: String,
    /// What they may do, no more than you; left out: the role of members.
    role_id: Option<RoleId>,
    /// Sees every library, also later ones.
    #[serde(default)]
    all_libraries: bool,
    /// The libraries they see where not all.
    #[serde(default)]
    library_ids: Vec<LibraryId>,
}

/// Make an account.
#[utoipa::path(post, path = "/people", tag = "accounts", operation_id = "create_person",
    security(("session" = ["manage_people"])), request_body = NewPersonBody,
    responses((status = 201, body = PersonView), (status = "4XX", body = Problem)))]
async fn create_person(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ManagePeople>,
    Json(body): Json<NewPersonBody>,
) -> Result<impl IntoResponse> {
    let NewPersonBody { name, password, role_id, all_libraries, library_ids } = body;
    let role_id = role_id.unwrap_or(role::id_of(BuiltInRole::Member));
    let new = NewPerson { name, password, role_id, all_libraries, library_ids };
    let person = accounts.create_person(&viewer, new).await?;
    Ok((StatusCode::CREATED, Json(PersonView::from(person))))
}

/// What to change of a person; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
struct PersonPatchBody {
    /// A new name.
    name: Option<String>,
    /// Another role, which allows no more than you may.
    role_id: Option<RoleId>,
    /// May not sign in; all their devices are signed out.
    is_disabled: Option<bool>,
    /// Sees every library, also later ones.
    all_libraries: Option<bool>,
    /// Exactly the libraries they see where not all.
    library_ids: Option<Vec<LibraryId>>,
    /// How much they may play; given, it replaces all limits. Who is limited themselves gives nobody more.
    limits: Option<LimitsBody>,
    /// What they are kept from; given, it replaces all of it. Who is kept from something themselves keeps nobody from less.
    parental: Option<ParentalBody>,
}

/// Change what a person may see and do.
#[utoipa::path(patch, path = "/people/{id}", tag = "accounts", operation_id = "update_person",
    params(("id" = PersonId, Path)), security(("session" = ["manage_people"])), request_body = PersonPatchBody,
    responses((status = 200, body = PersonView), (status = "4XX", body = Problem)))]
async fn update_person(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ManagePeople>,
    Path(id): Path<PersonId>,
    Json(body): Json<PersonPatchBody>,
) -> Result<Json<PersonView>> {
    let PersonPatchBody {
        name,
        role_id,
        is_disabled,
        all_libraries,
        library_ids,
        limits,
        parental,
    } = body;
    let limits = limits.map(Limits::from);
    let parental = parental.map(Into::into);
    let patch =
        PersonPatch { name, role_id, is_disabled, all_libraries, library_ids, limits, parental };
    Ok(Json(accounts.update_person(&viewer, id, patch).await?.into()))
}

/// Delete an account.
#[utoipa::path(delete, path = "/people/{id}", tag = "accounts", operation_id = "delete_person",
    params(("id" = PersonId, Path)), security(("session" = ["manage_people"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_person(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ManagePeople>,
    Path(id): Path<PersonId>,
) -> Result<StatusCode> {
    accounts.delete_person(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password for somebody else.
#[derive(Debug, Deserialize, ToSchema)]
struct PasswordReset {
    /// At least 8 characters.
    new: String,
}

/// Give a person a new password; all their devices are signed out.
#[utoipa::path(put, path = "/people/{id}/password", tag = "accounts", operation_id = "reset_password",
    params(("id" = PersonId, Path)), security(("session" = ["manage_people"])), request_body = PasswordReset,
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn reset_password(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ManagePeople>,
    Path(id): Path<PersonId>,
    Json(body): Json<PasswordReset>,
) -> Result<StatusCode> {
    accounts.reset_password(&viewer, id, &body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete your account, within ten minutes of showing password or passkey. Take what you played along first:
/// `GET /me/export`.
#[utoipa::path(delete, path = "/me", tag = "accounts", operation_id = "delete_me",
    security(("session" = ["change_password"])), responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_me(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::ChangePassword>,
) -> Result<StatusCode> {
    accounts.delete_me(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}
