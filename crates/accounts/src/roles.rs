//! What people do with roles: compose them, and give them to others.

use kernel::id::{LibraryId, RoleId};
use kernel::{Error, Permission, Result, Viewer};
use sqlx::PgConnection;

use crate::Accounts;
use crate::person;
use crate::role::{self, Role};
use crate::store;
use crate::store::role::RoleRow;

/// Roles at the most: people choose from a list.
const MAX_ROLES: i64 = 100;

/// What to change of a role; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct RolePatch {
    /// A new name.
    pub name: Option<String>,
    /// Exactly what it allows.
    pub permissions: Option<Vec<Permission>>,
    /// Whether who has it must have a second factor.
    pub needs_second_factor: Option<bool>,
}

impl Accounts {
    /// The roles that `viewer` could give, with how many people have each; for who administers these are all.
    pub async fn list_roles(&self, viewer: &Viewer) -> Result<Vec<(Role, i64)>> {
        let mut db = self.0.pool.acquire().await?;
        let mut roles = store::role::list_roles(&mut db).await?;
        roles.retain(|(role, _)| viewer.can_all(&role.permissions));
        Ok(roles)
    }

    /// Makes a role of permissions.
    pub async fn create_role(
        &self,
        viewer: &Viewer,
        name: &str,
        permissions: Vec<Permission>,
        needs_second_factor: bool,
    ) -> Result<Role> {
        viewer.require(Permission::Administer)?;
        let name = person::checked_name(name)?;
        let permissions = role::checked_permissions(permissions)?;
        let (id, now) = (self.ids().next(), self.0.clock.now());
        let mut tx = self.0.pool.begin().await?;
        store::person::lock_people(&mut tx).await?;
        if store::role::count_roles(&mut tx).await? >= MAX_ROLES {
            return Err(Error::conflict(
                "accounts.too_many_roles",
                "there are as many roles as a server can have; delete one first",
            ));
        }
        let row = RoleRow { id, name: &name, permissions: &permissions, needs_second_factor };
        store::role::insert_role(&mut tx, &row, now).await?;
        self.note(&mut tx, viewer, "role_created", &name).await?;
        let role = find_role(&mut tx, id).await?;
        tx.commit().await?;
        Ok(role)
    }

    /// Changes a role, at once for everybody who has it, and says how many those are. Of those that every server has, only
    /// whether it demands a second factor.
    pub async fn update_role(
        &self,
        viewer: &Viewer,
        id: RoleId,
        patch: RolePatch,
    ) -> Result<(Role, i64)> {
        viewer.require(Permission::Administer)?;
        let mut tx = self.0.pool.begin().await?;
        store::person::lock_people(&mut tx).await?;
        let mut role = if patch.name.is_some() || patch.permissions.is_some() {
            find_own_role(&mut tx, id).await?
        } else {
            find_role(&mut tx, id).await?
        };
        role.needs_second_factor = patch.needs_second_factor.unwrap_or(role.needs_second_factor);
        if let Some(name) = &patch.name {
            role.name = person::checked_name(name)?;
        }
        if let Some(permissions) = patch.permissions {
            role.permissions = role::checked_permissions(permissions)?;
        }
        let row = RoleRow {
            id,
            name: &role.name,
            permissions: &role.permissions,
            needs_second_factor: role.needs_second_factor,
        };
        store::role::update_role(&mut tx, &row).await?;
        self.note(&mut tx, viewer, "role_changed", &role.name).await?;
        let believed = store::believed::of_role(&mut tx, id).await?;
        let people = store::role::count_people(&mut tx, id).await?;
        tx.commit().await?;
        self.forget(&believed).await;
        Ok((role, people))
    }

    /// Deletes an own role that nobody has. Invitations to it go with it.
    pub async fn delete_role(&self, viewer: &Viewer, id: RoleId) -> Result<()> {
        viewer.require(Permission::Administer)?;
        let mut tx = self.0.pool.begin().await?;
        store::person::lock_people(&mut tx).await?;
        let role = find_own_role(&mut tx, id).await?;
        store::role::delete_role(&mut tx, id).await?;
        self.note(&mut tx, viewer, "role_deleted", &role.name).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Goes on only where `viewer` may do and see all that an account with this role and these libraries may: nobody
    /// gives what they do not have, and nobody reaches it through somebody else's account.
    pub(crate) async fn require_cover(
        &self,
        db: &mut PgConnection,
        viewer: &Viewer,
        role: &Role,
        all_libraries: bool,
        library_ids: &[LibraryId],
    ) -> Result<()> {
        if !viewer.can_all(&role.permissions) {
            return Err(Error::Forbidden("decide about accounts that may do more than you"));
        }
        if viewer.can(Permission::Administer) {
            return Ok(());
        }
        let me = store::person::find_person(db, viewer.person_id)
            .await?
            .ok_or(Error::Unauthenticated)?;
        let is_seen = me.all_libraries
            || !all_libraries && library_ids.iter().all(|it| me.library_ids.contains(it));
        if is_seen {
            Ok(())
        } else {
            Err(Error::Forbidden("decide about accounts that see more libraries than you"))
        }
    }
}

async fn find_role(db: &mut PgConnection, id: RoleId) -> Result<Role> {
    store::role::find_role(db, id).await?.ok_or(Error::NotFound("role"))
}

async fn find_own_role(db: &mut PgConnection, id: RoleId) -> Result<Role> {
    let role = find_role(db, id).await?;
    if role.built_in.is_some() {
        return Err(Error::conflict(
            "accounts.role_built_in",
            "every server has this role as it is; make one of your own instead",
        ));
    }
    Ok(role)
}
