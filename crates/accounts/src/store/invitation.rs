//! SQL of invitations.

use chrono::{DateTime, Utc};
use kernel::id::{InvitationId, LibraryId, PersonId, RoleId};
use kernel::{BuiltInRole, Limit, Result};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::invitation::{Invitation, NewInvitation};
use crate::role::{Role, permissions_of};

/// An invitation with its role, as a row.
struct InvitationRow {
    id: InvitationId,
    person_id: PersonId,
    person: String,
    role_id: RoleId,
    role_name: String,
    built_in: Option<String>,
    permissions: Vec<String>,
    needs_second_factor: bool,
    role_created_at: DateTime<Utc>,
    note: String,
    all_libraries: bool,
    library_ids: Vec<LibraryId>,
    max_uses: i32,
    uses: i32,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Self {
        let role = Role {
            id: row.role_id,
            name: row.role_name,
            permissions: permissions_of(row.built_in.as_deref(), &row.permissions),
            built_in: row.built_in.as_deref().and_then(BuiltInRole::parse),
            needs_second_factor: row.needs_second_factor,
            created_at: row.role_created_at,
        };
        Self {
            id: row.id,
            person_id: row.person_id,
            person: row.person,
            role,
            note: row.note,
            all_libraries: row.all_libraries,
            library_ids: row.library_ids,
            max_uses: row.max_uses,
            uses: row.uses,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

pub(crate) async fn insert_invitation(
    db: &mut PgConnection,
    id: InvitationId,
    person: PersonId,
    token_hash: &[u8],
    new: &NewInvitation,
    now: DateTime<Utc>,
) -> Result<()> {
    let libraries: Vec<Uuid> = new.library_ids.iter().map(|it| it.0).collect();
    sqlx::query!(
        r#"
        INSERT INTO core.invitation
            (id, token_hash, person_id, role_id, note, all_libraries, library_ids, max_uses, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        "#,
        id.0,
        token_hash,
        person.0,
        new.role_id.0,
        new.note,
        new.all_libraries,
        &libraries,
        new.max_uses,
        now,
        new.expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn count_invitations(db: &mut PgConnection, person: PersonId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM core.invitation WHERE person_id = $1"#,
        person.0
    );
    Ok(count.fetch_one(db).await?)
}

pub(crate) async fn find_hash(db: &mut PgConnection, id: InvitationId) -> Result<Option<Vec<u8>>> {
    let hash = sqlx::query_scalar!("SELECT token_hash FROM core.invitation WHERE id = $1", id.0);
    Ok(hash.fetch_optional(db).await?)
}

pub(crate) async fn find_invitation(
    db: &mut PgConnection,
    id: InvitationId,
) -> Result<Option<Invitation>> {
    let row = sqlx::query_as!(
        InvitationRow,
        r#"
        SELECT invitation.id AS "id: InvitationId", person_id AS "person_id: PersonId", person.name AS person,
               role.id AS "role_id: RoleId", role.name AS role_name, built_in, permissions,
               needs_second_factor, role.created_at AS role_created_at, note, invitation.all_libraries,
               library_ids AS "library_ids: Vec<LibraryId>", max_uses, uses, invitation.created_at, expires_at
        FROM core.invitation
        JOIN core.person ON person.id = invitation.person_id
        JOIN core.role ON role.id = invitation.role_id
        WHERE invitation.id = $1
        "#,
        id.0,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Invitation::from))
}

/// Invitations in the order they were made, of one person or of everybody. Served by `invitation_person_idx` and
/// `invitation_pkey`.
pub(crate) async fn list_invitations(
    db: &mut PgConnection,
    person: Option<PersonId>,
    after: Option<InvitationId>,
    limit: Limit,
) -> Result<Vec<Invitation>> {
    let rows = sqlx::query_as!(
        InvitationRow,
        r#"
        SELECT invitation.id AS "id: InvitationId", person_id AS "person_id: PersonId", person.name AS person,
               role.id AS "role_id: RoleId", role.name AS role_name, built_in, permissions,
               needs_second_factor, role.created_at AS role_created_at, note, invitation.all_libraries,
               library_ids AS "library_ids: Vec<LibraryId>", max_uses, uses, invitation.created_at, expires_at
        FROM core.invitation
        JOIN core.person ON person.id = invitation.person_id
        JOIN core.role ON role.id = invitation.role_id
        WHERE ($1::uuid IS NULL OR person_id = $1) AND ($2::uuid IS NULL OR invitation.id > $2)
        ORDER BY invitation.id
        LIMIT $3
        "#,
        person.map(|it| it.0),
        after.map(|it| it.0),
        limit.probe(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Invitation::from).collect())
}

/// Takes one of the uses that are left; `false` where none is. Holds the row until the transaction ends.
pub(crate) async fn use_invitation(
    db: &mut PgConnection,
    id: InvitationId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let used = sqlx::query!(
        "UPDATE core.invitation SET uses = uses + 1 WHERE id = $1 AND uses < max_uses AND expires_at > $2",
        id.0,
        now,
    );
    Ok(used.execute(db).await?.rows_affected() > 0)
}

/// Deletes an invitation of one person, or whosever it is, and says what its note was.
pub(crate) async fn delete_invitation(
    db: &mut PgConnection,
    person: Option<PersonId>,
    id: InvitationId,
) -> Result<Option<String>> {
    let note = sqlx::query_scalar!(
        "DELETE FROM core.invitation WHERE id = $1 AND ($2::uuid IS NULL OR person_id = $2) RETURNING note",
        id.0,
        person.map(|it| it.0),
    );
    Ok(note.fetch_optional(db).await?)
}

/// Served by `invitation_expires_idx`.
pub(crate) async fn delete_expired_invitations(
    db: &mut PgConnection,
    before: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("DELETE FROM core.invitation WHERE expires_at < $1", before).execute(db).await?;
    Ok(())
}
