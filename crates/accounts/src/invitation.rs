//! Invitations: links by which people make accounts of their own, with the role and libraries of the inviter's choice.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::id::{InvitationId, LibraryId, PersonId, RoleId};
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use sqlx::PgConnection;

use crate::person;
use crate::role::Role;
use crate::secret::Secret;
use crate::store::{self, person::PersonRow};
use crate::{Accounts, Device, SignedInPerson};

/// Invitations of one person at the most.
const MAX_INVITATIONS: i64 = 100;
/// People one link lets in at the most.
pub const MAX_USES: i32 = 100;
/// How long a link works at the most.
pub const MAX_LIFE: Duration = Duration::from_hours(24 * 90);
/// How long what came of an invitation can be seen after it ended.
const KEPT_FOR: Duration = Duration::from_hours(24 * 30);

/// An invitation, as those who invite see it.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who invites.
    pub person_id: PersonId,
    /// What they are called.
    pub person: String,
    /// What those who come may do.
    pub role: Role,
    /// Whom it is for, in the inviter's words.
    pub note: String,
    /// They see every library, also later ones.
    pub all_libraries: bool,
    /// The libraries they see where not all.
    pub library_ids: Vec<LibraryId>,
    /// How many may come.
    pub max_uses: i32,
    /// How many came.
    pub uses: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its link stops working.
    pub expires_at: DateTime<Utc>,
}

/// An invitation to be made.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// What those who come may do.
    pub role_id: RoleId,
    /// Whom it is for, up to 64 characters.
    pub note: String,
    /// They see every library, also later ones.
    pub all_libraries: bool,
    /// The libraries they see where not all.
    pub library_ids: Vec<LibraryId>,
    /// How many may come, 1 to [`MAX_USES`].
    pub max_uses: i32,
    /// When its link stops working, at most [`MAX_LIFE`] from now.
    pub expires_at: DateTime<Utc>,
}

/// How somebody who comes by a link wants to be known.
pub struct Arrival<'a> {
    /// What the link carries.
    pub token: &'a str,
    /// How they sign in.
    pub name: &'a str,
    /// Their password.
    pub password: &'a str,
    /// Of their interface, BCP 47.
    pub language: &'a str,
}

/// Somebody whose account an invitation makes, as it will be kept.
pub(crate) struct Newcomer<'a> {
    /// How they sign in.
    pub name: &'a str,
    /// Empty for who comes by a provider.
    pub password_hash: &'a str,
    /// Of their interface, BCP 47.
    pub language: &'a str,
}

impl Accounts {
    /// Makes an invitation; the text is what its link carries, and is shown this once.
    pub async fn create_invitation(
        &self,
        viewer: &Viewer,
        new: NewInvitation,
    ) -> Result<(Invitation, String)> {
        viewer.require(Permission::Invite)?;
        let now = self.0.clock.now();
        if !(1..=MAX_USES).contains(&new.max_uses) {
            return Err(Error::invalid("max_uses", format!("must be 1 to {MAX_USES}")));
        }
        if new.expires_at <= now || new.expires_at > now + MAX_LIFE {
            return Err(Error::invalid("expires_at", "must be within the next 90 days"));
        }
        let note = checked_note(&new.note)?;
        let id: InvitationId = self.ids().next();
        let secret = Secret::new(id.0, &self.0.rng);
        let mut tx = self.0.pool.begin().await?;
        let role = store::role::find_role(&mut tx, new.role_id).await?;
        let role = role.ok_or_else(|| Error::invalid("role_id", "there is no such role"))?;
        self.require_cover(&mut tx, viewer, &role, new.all_libraries, &new.library_ids).await?;
        if store::invitation::count_invitations(&mut tx, viewer.person_id).await? >= MAX_INVITATIONS
        {
            return Err(Error::conflict(
                "accounts.too_many_invitations",
                "you have as many invitations as one person can have; take one back first",
            ));
        }
        let new = NewInvitation { note, ..new };
        store::invitation::insert_invitation(
            &mut tx,
            id,
            viewer.person_id,
            &secret.hash(),
            &new,
            now,
        )
        .await?;
        self.note(&mut tx, viewer, "invitation_created", &new.note).await?;
        let made = store::invitation::find_invitation(&mut tx, id).await?;
        let made = made.ok_or(Error::NotFound("invitation"))?;
        tx.commit().await?;
        Ok((made, secret.to_text()))
    }

    /// One's own invitations; for who administers those of everybody.
    pub async fn list_invitations(
        &self,
        viewer: &Viewer,
        after: Option<InvitationId>,
        limit: Limit,
    ) -> Result<Page<Invitation>> {
        viewer.require(Permission::Invite)?;
        let mut db = self.0.pool.acquire().await?;
        let rows =
            store::invitation::list_invitations(&mut db, whose(viewer), after, limit).await?;
        Ok(Page::of(rows, limit, |it| it.id))
    }

    /// Takes an invitation back: its link stops working. Accounts that were made by it stay.
    pub async fn delete_invitation(&self, viewer: &Viewer, id: InvitationId) -> Result<()> {
        viewer.require(Permission::Invite)?;
        let mut tx = self.0.pool.begin().await?;
        let note = store::invitation::delete_invitation(&mut tx, whose(viewer), id).await?;
        let note = note.ok_or(Error::NotFound("invitation"))?;
        self.note(&mut tx, viewer, "invitation_deleted", &note).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What a link offers, for whoever holds it. One that is over is as good as none.
    pub async fn find_invitation_by_token(
        &self,
        token: &str,
        device: &Device,
    ) -> Result<Invitation> {
        self.limit_by_address("invitation", device).await?;
        let mut db = self.0.pool.acquire().await?;
        self.valid(&mut db, token).await
    }

    /// Makes the account of somebody who came by a link, and signs them in.
    pub async fn accept_invitation(
        &self,
        arrival: Arrival<'_>,
        device: &Device,
    ) -> Result<SignedInPerson> {
        self.require_passwords()?;
        // The link is looked at before the password is hashed: strangers must not make the server work.
        let invitation = self.find_invitation_by_token(arrival.token, device).await?;
        let name = person::checked_name(arrival.name)?;
        person::check_password("password", arrival.password)?;
        let language = person::checked_language(arrival.language)?;
        let password_hash = self.hash_password(arrival.password.to_owned()).await?;

        let mut tx = self.0.pool.begin().await?;
        // The role cannot be deleted meanwhile.
        store::person::lock_people(&mut tx).await?;
        let newcomer = Newcomer { name: &name, password_hash: &password_hash, language: &language };
        let id = self.make_invited(&mut tx, invitation.id, newcomer, device).await?;
        let signed_in = self.let_in(&mut tx, id, device, "invitation").await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Makes the account that an invitation offers, under the lock of [`store::person::lock_people`].
    pub(crate) async fn make_invited(
        &self,
        db: &mut PgConnection,
        invitation: InvitationId,
        newcomer: Newcomer<'_>,
        device: &Device,
    ) -> Result<PersonId> {
        let now = self.0.clock.now();
        if !store::invitation::use_invitation(db, invitation, now).await? {
            return Err(Error::NotFound("invitation"));
        }
        // Holds since the row was locked: what the inviter may give by now.
        let invitation = self.valid_row(db, invitation).await?;
        let id = self.ids().next();
        let Newcomer { name, password_hash, language } = newcomer;
        let row = PersonRow {
            id,
            name,
            name_key: &person::name_key(name),
            password_hash,
            role_id: invitation.role.id,
            all_libraries: invitation.all_libraries,
            language,
        };
        store::person::insert_person(db, &row, now).await?;
        store::person::update_grants(db, id, &invitation.library_ids).await?;
        store::parental::inherit(db, invitation.person_id, id).await?;
        let (action, address) = ("invitation_accepted", &device.address);
        store::audit::insert_audit(db, now, Some(id), action, name, address).await?;
        Ok(id)
    }

    /// Forgets invitations that ended long ago. Periodic work calls it.
    pub(crate) async fn delete_expired_invitations(&self) -> Result<()> {
        let mut db = self.0.pool.acquire().await?;
        store::invitation::delete_expired_invitations(&mut db, self.0.clock.now() - KEPT_FOR).await
    }

    /// The invitation of a link that works now.
    pub(crate) async fn valid(&self, db: &mut PgConnection, token: &str) -> Result<Invitation> {
        let gone = Error::NotFound("invitation");
        let Some(secret) = Secret::parse(token) else { return Err(gone) };
        let id = InvitationId(secret.id);
        let Some(hash) = store::invitation::find_hash(db, id).await? else { return Err(gone) };
        // Both sides are hashes: how far they agree tells nothing about the secret.
        if hash != secret.hash() {
            return Err(gone);
        }
        let invitation = self.valid_row(db, id).await?;
        let is_open =
            invitation.uses < invitation.max_uses && self.0.clock.now() < invitation.expires_at;
        if is_open { Ok(invitation) } else { Err(gone) }
    }

    /// An invitation whose inviter may still give what it offers.
    async fn valid_row(&self, db: &mut PgConnection, id: InvitationId) -> Result<Invitation> {
        let gone = || Error::NotFound("invitation");
        let invitation = store::invitation::find_invitation(db, id).await?.ok_or_else(gone)?;
        let inviter =
            store::person::find_person(db, invitation.person_id).await?.ok_or_else(gone)?;
        let may = |it: &Permission| inviter.role.permissions.contains(it);
        let covers = invitation.role.permissions.iter().all(may)
            && (may(&Permission::Administer)
                || inviter.all_libraries
                || !invitation.all_libraries
                    && invitation.library_ids.iter().all(|it| inviter.library_ids.contains(it)));
        if !inviter.is_disabled && may(&Permission::Invite) && covers {
            Ok(invitation)
        } else {
            Err(gone())
        }
    }
}

/// Whose invitations somebody looks after; `None` for everybody's.
fn whose(viewer: &Viewer) -> Option<PersonId> {
    (!viewer.can(Permission::Administer)).then_some(viewer.person_id)
}

/// A note as it is kept: trimmed, up to 64 characters, none of them invisible.
fn checked_note(note: &str) -> Result<String> {
    let note = note.trim();
    if note.chars().count() > 64 || note.chars().any(char::is_control) {
        return Err(Error::invalid("note", "must have at most 64 characters in one line"));
    }
    Ok(note.to_owned())
}
