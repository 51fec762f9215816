//! The endpoints of invitations: of those who invite, and of those who come.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use kernel::id::{InvitationId, LibraryId, PersonId, RoleId};
use kernel::{Limit, Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path, Query};
use wire::{Allowed, Problem, Result, may};

use super::asked::Asked;
use super::roles::RoleRef;
use super::{PageQuery, SignedInView, english, signed_in_answer};
use crate::invitation::{Arrival, Invitation, NewInvitation};
use crate::{Accounts, service};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(list_invitations, create_invitation))
        .routes(routes!(delete_invitation))
        .routes(routes!(find_invitation))
        .routes(routes!(accept_invitation))
}

/// An invitation, as those who invite see it.
#[derive(Debug, Serialize, ToSchema)]
struct InvitationView {
    /// Its id.
    id: InvitationId,
    /// Who invites.
    person_id: PersonId,
    /// What they are called.
    person: String,
    /// What those who come may do.
    role: RoleRef,
    /// Whom it is for, in the inviter's words.
    note: String,
    /// They see every library, also later ones.
    all_libraries: bool,
    /// The libraries they see where not all.
    library_ids: Vec<LibraryId>,
    /// How many may come.
    max_uses: i32,
    /// How many came.
    uses: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When its link stops working.
    expires_at: DateTime<Utc>,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        let Invitation {
            id,
            person_id,
            person,
            role,
            note,
            all_libraries,
            library_ids,
            max_uses,
            uses,
            created_at,
            expires_at,
        } = invitation;
        Self {
            id,
            person_id,
            person,
            role: role.into(),
            note,
            all_libraries,
            library_ids,
            max_uses,
            uses,
            created_at,
            expires_at,
        }
    }
}

/// List your invitations; whoever administers sees those of everybody.
#[utoipa::path(get, path = "/invitations", tag = "accounts", operation_id = "list_invitations", params(PageQuery),
    security(("session" = ["invite"])),
    responses((status = 200, body = Page<InvitationView>), (status = "4XX", body = Problem)))]
async fn list_invitations(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Invite>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<InvitationView>>> {
    let after = service::after(query.cursor.as_deref())?;
    let page = accounts.list_invitations(&viewer, after, Limit::new(query.limit)).await?;
    Ok(Json(page.map(InvitationView::from)))
}

fn once() -> i32 {
    1
}

/// An invitation to be made.
#[derive(Debug, Deserialize, ToSchema)]
struct NewInvitationBody {
    /// What those who come may do, no more than you.
    role_id: RoleId,
    /// Whom it is for, up to 64 characters; for your own list.
    #[serde(default)]
    note: String,
    /// They see every library, also later ones; only where you do.
    #[serde(default)]
    all_libraries: bool,
    /// The libraries they see where not all; only those you see.
    #[serde(default)]
    library_ids: Vec<LibraryId>,
    /// How many may come, 1 to 100; left out: one.
    #[serde(default = "once")]
    max_uses: i32,
    /// When the link stops working, within the next 90 days.
    expires_at: DateTime<Utc>,
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeInvitation {
    /// The invitation.
    invitation: InvitationView,
    /// What its link carries, shown this once: the page of the web app is `/join#` and this.
    token: String,
}

/// Invite people by a link.
#[utoipa::path(post, path = "/invitations", tag = "accounts", operation_id = "create_invitation",
    security(("session" = ["invite"])), request_body = NewInvitationBody,
    responses((status = 201, body = MadeInvitation), (status = "4XX", body = Problem)))]
async fn create_invitation(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Invite>,
    Json(body): Json<NewInvitationBody>,
) -> Result<impl IntoResponse> {
    let NewInvitationBody { role_id, note, all_libraries, library_ids, max_uses, expires_at } =
        body;
    let new = NewInvitation { role_id, note, all_libraries, library_ids, max_uses, expires_at };
    let (invitation, token) = accounts.create_invitation(&viewer, new).await?;
    Ok((StatusCode::CREATED, Json(MadeInvitation { invitation: invitation.into(), token })))
}

/// Take an invitation back: its link stops working. Accounts that were made by it stay.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "accounts", operation_id = "delete_invitation",
    params(("id" = InvitationId, Path)), security(("session" = ["invite"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_invitation(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Invite>,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode> {
    accounts.delete_invitation(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a link carries.
#[derive(Debug, Deserialize, ToSchema)]
struct InvitationToken {
    /// The part of the link behind `#`.
    token: String,
}

/// What a link offers.
#[derive(Debug, Serialize, ToSchema)]
struct Offer {
    /// Who invites.
    person: String,
    /// When the link stops working.
    expires_at: DateTime<Utc>,
}

/// Look at what an invitation's link offers. One that is over, used up or taken back is not found.
#[utoipa::path(post, path = "/invitations/find", tag = "accounts", operation_id = "find_invitation", security(()),
    request_body = InvitationToken,
    responses((status = 200, body = Offer), (status = "4XX", body = Problem)))]
async fn find_invitation(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<InvitationToken>,
) -> Result<Json<Offer>> {
    let device = asked.device(None, None);
    let found = accounts.find_invitation_by_token(&body.token, &device).await?;
    Ok(Json(Offer { person: found.person, expires_at: found.expires_at }))
}

/// How somebody who comes by a link wants to be known.
#[derive(Debug, Deserialize, ToSchema)]
struct ArrivalBody {
    /// The part of the link behind `#`.
    token: String,
    /// How they sign in: 1 to 64 characters, unlike anybody else's.
    name: String,
    /// At least 8 characters.
    password: String,
    /// Of the interface, BCP 47.
    #[serde(default = "english")]
    language: String,
    /// What the device calls itself in the list of sessions.
    device: Option<String>,
}

/// Make an account by an invitation's link, and sign in.
#[utoipa::path(post, path = "/invitations/accept", tag = "accounts", operation_id = "accept_invitation", security(()),
    request_body = ArrivalBody,
    responses((status = 201, body = SignedInView), (status = "4XX", body = Problem)))]
async fn accept_invitation(
    State(accounts): State<Accounts>,
    asked: Asked,
    Json(body): Json<ArrivalBody>,
) -> Result<impl IntoResponse> {
    let device = asked.device(body.device, None);
    let arrival = Arrival {
        token: &body.token,
        name: &body.name,
        password: &body.password,
        language: &body.language,
    };
    let signed_in = accounts.accept_invitation(arrival, &device).await?;
    Ok((StatusCode::CREATED, signed_in_answer(&accounts, &asked.origin, signed_in)?))
}
