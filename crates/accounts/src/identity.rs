//! Who a person is to providers of identity.

use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Error, Result, Viewer, typed_id};
use sqlx::PgConnection;

use crate::oidc::refusal;
use crate::person;
use crate::role::{Role, id_of};
use crate::store::{self, person::PersonRow};
use crate::{Accounts, Device};

typed_id!(
    /// What one person is to one provider.
    IdentityId
);

/// What one person is to one provider.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its id here.
    pub id: IdentityId,
    /// The provider's address.
    pub issuer: String,
    /// What the provider calls them, for ever.
    pub subject: String,
    /// What the person is called there; empty where it does not say.
    pub name: String,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
    /// When it last signed in.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Accounts {
    /// What one is to providers.
    pub async fn list_identities(&self, viewer: &Viewer) -> Result<Vec<Identity>> {
        let mut db = self.0.pool.acquire().await?;
        store::identity::list_identities(&mut db, viewer.person_id).await
    }

    /// What people call the provider at this address; `None` where it is not configured any more.
    pub fn provider_name(&self, issuer: &str) -> Option<&str> {
        let known = self.0.ways.providers.iter().find(|it| it.settings.issuer == issuer);
        known.map(|it| &*it.settings.name)
    }

    /// Whether one has a password.
    pub async fn has_password(&self, viewer: &Viewer) -> Result<bool> {
        let mut db = self.0.pool.acquire().await?;
        Ok(store::person::find_password_by_id(&mut db, viewer.person_id).await?.is_some())
    }

    /// Parts with what one is to a provider, as long as another way to sign in is left.
    pub async fn remove_identity(&self, viewer: &Viewer, id: IdentityId) -> Result<()> {
        let person = viewer.person_id;
        let mut tx = self.0.pool.begin().await?;
        self.require_confirmed(&mut tx, viewer).await?;
        if !store::identity::delete_identity(&mut tx, person, id).await? {
            return Err(Error::NotFound("identity"));
        }
        let settings = &self.0.ways.settings;
        let is_left = settings.password
            && store::person::find_password_by_id(&mut tx, person).await?.is_some()
            || settings.passkey
                && store::second_factor::find_factors(&mut tx, person).await?.passkeys > 0
            || !store::identity::list_identities(&mut tx, person).await?.is_empty();
        if !is_left {
            return Err(Error::conflict(
                "accounts.last_way_in",
                "you could not sign in any more; give yourself a password or a passkey first",
            ));
        }
        self.note(&mut tx, viewer, "identity_unlinked", "").await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes an account that no password opens, under the lock of [`store::lock_people`].
    pub(crate) async fn make_without_password(
        &self,
        db: &mut PgConnection,
        name: &str,
        role: &Role,
        device: &Device,
    ) -> Result<PersonId> {
        let (id, now) = (self.ids().next(), self.0.clock.now());
        let row = PersonRow {
            id,
            name,
            name_key: &person::name_key(name),
            password_hash: "",
            role_id: role.id,
            all_libraries: false,
            language: "en",
        };
        store::person::insert_person(db, &row, now).await.map_err(|error| match error {
            Error::Conflict { .. } => refusal::name_taken(),
            error => error,
        })?;
        store::audit::insert_audit(db, now, Some(id), "person_created", name, &device.address)
            .await?;
        Ok(id)
    }

    /// The role that the configuration calls `name`: one that every server has, or one of its own.
    pub(crate) async fn role_named(
        &self,
        db: &mut PgConnection,
        name: &str,
    ) -> Result<Option<Role>> {
        match kernel::BuiltInRole::parse(name) {
            Some(role) => store::role::find_role(db, id_of(role)).await,
            None => match store::role::find_role_id(db, &person::name_key(name)).await? {
                Some(id) => store::role::find_role(db, id).await,
                None => Ok(None),
            },
        }
    }
}
