//! A role: what people who have it may do.

use chrono::{DateTime, Utc};
use kernel::id::RoleId;
use kernel::permission::completed;
use kernel::{BuiltInRole, Error, Permission, Result};
use uuid::Uuid;

/// A role that people have.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// What it is called; of those that every server has, in English.
    pub name: String,
    /// Which of the roles every server has; nobody changes what those allow.
    pub built_in: Option<BuiltInRole>,
    /// What it allows, sorted, each once.
    pub permissions: Vec<Permission>,
    /// Who has it must have a second factor.
    pub needs_second_factor: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The id of a role that every server has, as the migration made it.
pub const fn id_of(role: BuiltInRole) -> RoleId {
    let number = match role {
        BuiltInRole::Admin => 1,
        BuiltInRole::Manager => 2,
        BuiltInRole::Member => 3,
        BuiltInRole::Child => 4,
        BuiltInRole::Guest => 5,
    };
    RoleId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | number))
}

/// What a role allows by its row. What another version wrote and we do not know allows nothing.
pub fn permissions_of(built_in: Option<&str>, permissions: &[String]) -> Vec<Permission> {
    match built_in {
        Some(name) => completed(
            BuiltInRole::parse(name).map_or(&[][..], BuiltInRole::permissions).iter().copied(),
        ),
        None => completed(permissions.iter().filter_map(|it| Permission::parse(it))),
    }
}

/// The permissions of an own role: everything but administering, which belongs to the administrator's alone, so that
/// who can do everything is told from the role's name.
pub fn checked_permissions(permissions: Vec<Permission>) -> Result<Vec<Permission>> {
    if permissions.contains(&Permission::Administer) {
        return Err(Error::invalid(
            "permissions",
            "administer belongs to the role of administrators alone",
        ));
    }
    Ok(completed(permissions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_allows_what_we_know_of_it() {
        let own = |names: &[&str]| {
            permissions_of(None, &names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(own(&["play", "fly"]), [Permission::Browse, Permission::Play]);
        assert_eq!(permissions_of(Some("admin"), &[]).len(), Permission::ALL.len());
        assert_eq!(permissions_of(Some("pilot"), &["play".to_owned()]), [Permission::Browse]);
    }

    #[test]
    fn an_own_role_never_does_everything() {
        assert!(checked_permissions(vec![Permission::Administer]).is_err());
        assert_eq!(checked_permissions(Vec::new()).expect("fine"), [Permission::Browse]);
    }
}
