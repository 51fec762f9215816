//! SQL of roles.

use chrono::{DateTime, Utc};
use kernel::error::OnConstraint as _;
use kernel::id::RoleId;
use kernel::{BuiltInRole, Error, Permission, Result};
use sqlx::PgConnection;

use crate::person::name_key;
use crate::role::{Role, permissions_of};

/// A role to be written.
pub(crate) struct RoleRow<'a> {
    pub id: RoleId,
    pub name: &'a str,
    pub permissions: &'a [Permission],
    pub needs_second_factor: bool,
}

fn names(permissions: &[Permission]) -> Vec<String> {
    permissions.iter().map(|it| it.name().to_owned()).collect()
}

fn name_taken() -> Error {
    Error::conflict("accounts.role_name_taken", "there is a role of that name; choose another")
}

fn in_use() -> Error {
    Error::conflict("accounts.role_in_use", "somebody has this role; give them another one first")
}

/// All roles, those that every server has first, with how many people have each.
pub(crate) async fn list_roles(db: &mut PgConnection) -> Result<Vec<(Role, i64)>> {
    let rows = sqlx::query!(
        r#"
        SELECT id AS "id: RoleId", name, built_in, permissions, needs_second_factor, created_at,
               (SELECT count(*) FROM core.person WHERE role_id = role.id) AS "people!"
        FROM core.role
        ORDER BY built_in IS NULL, id
        "#
    )
    .fetch_all(db)
    .await?;
    let roles = rows.into_iter().map(|it| {
        let role = Role {
            id: it.id,
            name: it.name,
            permissions: permissions_of(it.built_in.as_deref(), &it.permissions),
            built_in: it.built_in.as_deref().and_then(BuiltInRole::parse),
            needs_second_factor: it.needs_second_factor,
            created_at: it.created_at,
        };
        (role, it.people)
    });
    Ok(roles.collect())
}

pub(crate) async fn find_role(db: &mut PgConnection, id: RoleId) -> Result<Option<Role>> {
    let row = sqlx::query!(
        "SELECT name, built_in, permissions, needs_second_factor, created_at FROM core.role WHERE id = $1",
        id.0
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|it| Role {
        id,
        name: it.name,
        permissions: permissions_of(it.built_in.as_deref(), &it.permissions),
        built_in: it.built_in.as_deref().and_then(BuiltInRole::parse),
        needs_second_factor: it.needs_second_factor,
        created_at: it.created_at,
    }))
}

/// Served by `role_name_key_unique`.
pub(crate) async fn find_role_id(db: &mut PgConnection, name_key: &str) -> Result<Option<RoleId>> {
    let id = sqlx::query_scalar!("SELECT id FROM core.role WHERE name_key = $1", name_key);
    Ok(id.fetch_optional(db).await?.map(RoleId))
}

pub(crate) async fn count_roles(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM core.role"#).fetch_one(db).await?)
}

/// How many people have a role. Served by `person_role_idx`.
pub(crate) async fn count_people(db: &mut PgConnection, id: RoleId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM core.person WHERE role_id = $1"#,
        id.0
    );
    Ok(count.fetch_one(db).await?)
}

pub(crate) async fn insert_role(
    db: &mut PgConnection,
    row: &RoleRow<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO core.role (id, name, name_key, permissions, needs_second_factor, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        "#,
        row.id.0,
        row.name,
        name_key(row.name),
        &names(row.permissions),
        row.needs_second_factor,
        now,
    )
    .execute(db)
    .await
    .on_constraint("role_name_key_unique", name_taken)?;
    Ok(())
}

pub(crate) async fn update_role(db: &mut PgConnection, row: &RoleRow<'_>) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE core.role
        SET name = $2, name_key = $3, permissions = CASE WHEN built_in IS NULL THEN $4 ELSE permissions END,
            needs_second_factor = $5
        WHERE id = $1
        "#,
        row.id.0,
        row.name,
        name_key(row.name),
        &names(row.permissions),
        row.needs_second_factor,
    )
    .execute(db)
    .await
    .on_constraint("role_name_key_unique", name_taken)?;
    Ok(())
}

pub(crate) async fn delete_role(db: &mut PgConnection, id: RoleId) -> Result<()> {
    sqlx::query!("DELETE FROM core.role WHERE id = $1", id.0)
        .execute(db)
        .await
        .on_constraint("person_role_fkey", in_use)?;
    Ok(())
}
