//! The endpoints of roles.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::id::RoleId;
use kernel::{BuiltInRole, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::extract::{Json, Path};
use wire::{Allowed, Problem, Result, may};

use crate::role::Role;
use crate::{Accounts, RolePatch};

pub(super) fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(routes!(list_roles, create_role))
        .routes(routes!(update_role, delete_role))
}

/// A role by its name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleRef {
    /// Its id.
    id: RoleId,
    /// What it is called; of those that every server has, in English.
    name: String,
    /// Which of the roles every server has; null for an own one.
    built_in: Option<BuiltInRole>,
}

impl From<Role> for RoleRef {
    fn from(role: Role) -> Self {
        let Role { id, name, built_in, permissions: _, needs_second_factor: _, created_at: _ } =
            role;
        Self { id, name, built_in }
    }
}

/// A role and what it allows.
#[derive(Debug, Serialize, ToSchema)]
struct RoleView {
    /// Its id.
    id: RoleId,
    /// What it is called; of those that every server has, in English.
    name: String,
    /// Which of the roles every server has, of which nobody changes what they allow; null for an own one.
    built_in: Option<BuiltInRole>,
    /// What it allows.
    permissions: Vec<Permission>,
    /// Who has it must have a second factor, and can do nothing else before.
    needs_second_factor: bool,
    /// How many people have it.
    person_count: i64,
}

impl RoleView {
    fn new(role: Role, person_count: i64) -> Self {
        let Role { id, name, built_in, permissions, needs_second_factor, created_at: _ } = role;
        Self { id, name, built_in, permissions, needs_second_factor, person_count }
    }
}

/// Roles, those that every server has first.
#[derive(Debug, Serialize, ToSchema)]
struct Roles {
    /// There are few.
    items: Vec<RoleView>,
}

/// List the roles that you could give: those that allow no more than you may.
#[utoipa::path(get, path = "/roles", tag = "accounts", operation_id = "list_roles",
    security(("session" = ["browse"])),
    responses((status = 200, body = Roles), (status = "4XX", body = Problem)))]
async fn list_roles(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Browse>,
) -> Result<Json<Roles>> {
    let roles = accounts.list_roles(&viewer).await?;
    let items = roles.into_iter().map(|(role, people)| RoleView::new(role, people)).collect();
    Ok(Json(Roles { items }))
}

/// A role to be made.
#[derive(Debug, Deserialize, ToSchema)]
struct NewRole {
    /// 1 to 64 characters, unlike any other role's.
    name: String,
    /// What it allows; `browse` always, `administer` never.
    permissions: Vec<Permission>,
    /// Who has it must have a second factor.
    #[serde(default)]
    needs_second_factor: bool,
}

/// Make a role of permissions.
#[utoipa::path(post, path = "/roles", tag = "accounts", operation_id = "create_role",
    security(("session" = ["administer"])), request_body = NewRole,
    responses((status = 201, body = RoleView), (status = "4XX", body = Problem)))]
async fn create_role(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Json(NewRole { name, permissions, needs_second_factor }): Json<NewRole>,
) -> Result<impl IntoResponse> {
    let role = accounts.create_role(&viewer, &name, permissions, needs_second_factor).await?;
    Ok((StatusCode::CREATED, Json(RoleView::new(role, 0))))
}

/// What to change of a role; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
struct RolePatchBody {
    /// A new name.
    name: Option<String>,
    /// Exactly what it allows; `browse` always, `administer` never.
    permissions: Option<Vec<Permission>>,
    /// Who has it must have a second factor. Alone of the three, it can be said of roles that every server has.
    needs_second_factor: Option<bool>,
}

/// Change a role, at once for everybody who has it.
#[utoipa::path(patch, path = "/roles/{id}", tag = "accounts", operation_id = "update_role",
    params(("id" = RoleId, Path)), security(("session" = ["administer"])), request_body = RolePatchBody,
    responses((status = 200, body = RoleView), (status = "4XX", body = Problem)))]
async fn update_role(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<RoleId>,
    Json(RolePatchBody { name, permissions, needs_second_factor }): Json<RolePatchBody>,
) -> Result<Json<RoleView>> {
    let patch = RolePatch { name, permissions, needs_second_factor };
    let (role, people) = accounts.update_role(&viewer, id, patch).await?;
    Ok(Json(RoleView::new(role, people)))
}

/// Delete an own role that nobody has; invitations to it go with it.
#[utoipa::path(delete, path = "/roles/{id}", tag = "accounts", operation_id = "delete_role",
    params(("id" = RoleId, Path)), security(("session" = ["administer"])),
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn delete_role(
    State(accounts): State<Accounts>,
    Allowed(viewer, ..): Allowed<may::Administer>,
    Path(id): Path<RoleId>,
) -> Result<StatusCode> {
    accounts.delete_role(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
