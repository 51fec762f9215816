//! What those who look after people do to accounts.

use kernel::event::{Audience, Event};
use kernel::id::{LibraryId, PersonId, RoleId};
use kernel::{Error, LibraryScope, Limit, Limits, Page, Parental, Permission, Result, Viewer};

use crate::Accounts;
use crate::person::{self, Person};
use crate::role::Role;
use crate::store::{self, person::PersonRow};

/// A person to be made.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// How they sign in.
    pub name: String,
    /// Their first password.
    pub password: String,
    /// What they may do.
    pub role_id: RoleId,
    /// Sees every library.
    pub all_libraries: bool,
    /// The libraries they see where not all.
    pub library_ids: Vec<LibraryId>,
}

/// What to change of a person; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct PersonPatch {
    /// A new name.
    pub name: Option<String>,
    /// Another role.
    pub role_id: Option<RoleId>,
    /// May not sign in.
    pub is_disabled: Option<bool>,
    /// Sees every library.
    pub all_libraries: Option<bool>,
    /// Exactly the libraries they see where not all.
    pub library_ids: Option<Vec<LibraryId>>,
    /// How much they may play, all of it.
    pub limits: Option<Limits>,
    /// What they are kept from, all of it.
    pub parental: Option<Parental>,
}

impl Accounts {
    /// Everybody with an account.
    pub async fn list_people(
        &self,
        viewer: &Viewer,
        after: Option<PersonId>,
        limit: Limit,
    ) -> Result<Page<Person>> {
        viewer.require(Permission::ManagePeople)?;
        let mut db = self.0.pool.acquire().await?;
        Ok(Page::of(store::person::list_people(&mut db, after, limit).await?, limit, |it| it.id))
    }

    /// Makes an account.
    pub async fn create_person(&self, viewer: &Viewer, new: NewPerson) -> Result<Person> {
        viewer.require(Permission::ManagePeople)?;
        let mut db = self.0.pool.acquire().await?;
        let role = find_role(&mut db, new.role_id).await?;
        self.require_cover(&mut db, viewer, &role, new.all_libraries, &new.library_ids).await?;
        drop(db);
        self.insert_person(Some(viewer), new).await
    }

    /// Makes an account on the owner's word at the command line.
    pub async fn create_person_unscoped(&self, new: NewPerson) -> Result<Person> {
        self.insert_person(None, new).await
    }

    async fn insert_person(&self, by: Option<&Viewer>, new: NewPerson) -> Result<Person> {
        let name = person::checked_name(&new.name)?;
        person::check_password("password", &new.password)?;
        let password_hash = self.hash_password(new.password).await?;
        let row = PersonRow {
            id: self.ids().next(),
            name: &name,
            name_key: &person::name_key(&name),
            password_hash: &password_hash,
            role_id: new.role_id,
            all_libraries: new.all_libraries,
            language: "en",
        };
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        // The role cannot be deleted meanwhile.
        store::person::lock_people(&mut tx).await?;
        find_role(&mut tx, row.role_id).await?;
        store::person::insert_person(&mut tx, &row, now).await?;
        store::person::update_grants(&mut tx, row.id, &new.library_ids).await?;
        if let Some(by) = by {
            store::parental::inherit(&mut tx, by.person_id, row.id).await?;
            self.note(&mut tx, by, "person_created", &name).await?;
        } else {
            store::audit::insert_audit(&mut tx, now, None, "person_created", &name, "").await?;
        }
        let person =
            store::person::find_person(&mut tx, row.id).await?.ok_or(Error::NotFound("person"))?;
        tx.commit().await?;
        Ok(person)
    }

    /// Changes what a person may see and do, at once on all their devices.
    pub async fn update_person(
        &self,
        viewer: &Viewer,
        id: PersonId,
        patch: PersonPatch,
    ) -> Result<Person> {
        viewer.require(Permission::ManagePeople)?;
        let mut tx = self.0.pool.begin().await?;
        store::person::lock_people(&mut tx).await?;
        let mut person =
            store::person::find_person(&mut tx, id).await?.ok_or(Error::NotFound("person"))?;
        self.require_cover_of(&mut tx, viewer, &person).await?;
        if let Some(name) = &patch.name {
            person.name = person::checked_name(name)?;
        }
        if let Some(role) = patch.role_id {
            person.role = find_role(&mut tx, role).await?;
        }
        person.is_disabled = patch.is_disabled.unwrap_or(person.is_disabled);
        person.all_libraries = patch.all_libraries.unwrap_or(person.all_libraries);
        if let Some(limits) = patch.limits {
            let limits = person::checked_limits(limits)?;
            let is_wider = limits != person.limits && !person::is_within(limits, viewer.limits);
            if is_wider && !viewer.can(Permission::Administer) {
                return Err(Error::Forbidden("give wider limits than your own"));
            }
            person.limits = limits;
        }
        if let Some(parental) = &patch.parental {
            person.parental = self.checked_parental(parental)?;
        }
        let granted = patch.library_ids.is_some();
        person.library_ids = patch.library_ids.unwrap_or(person.library_ids);
        // Before anything is written: who changes themselves is measured by what they may until now.
        self.require_cover_of(&mut tx, viewer, &person).await?;
        store::person::update_person(&mut tx, &person, &person::name_key(&person.name)).await?;
        if granted {
            store::person::update_grants(&mut tx, id, &person.library_ids).await?;
        }
        self.require_an_administrator(&mut tx).await?;
        self.note(&mut tx, viewer, "person_changed", &person.name).await?;
        let believed = store::believed::of_person(&mut tx, id).await?;
        if person.is_disabled {
            store::session::delete_sessions(&mut tx, id, None).await?;
        }
        tx.commit().await?;
        self.forget(&believed).await;
        self.tell_change(id).await;
        Ok(person)
    }

    /// Has a person's open pages and players look anew at what they may.
    async fn tell_change(&self, id: PersonId) {
        let (name, audience) = ("account.changed".to_owned(), Audience::Person(id));
        let event = Event { name, audience, data: serde_json::json!({}) };
        if let Err(error) = self.0.cache.publish(Event::CHANNEL, event.to_bytes()).await {
            tracing::debug!(%error, "account.change_not_told");
        }
    }

    /// Gives a person a new password and signs them out everywhere.
    pub async fn reset_password(&self, viewer: &Viewer, id: PersonId, new: &str) -> Result<()> {
        viewer.require(Permission::ManagePeople)?;
        person::check_password("new", new)?;
        let mut db = self.0.pool.acquire().await?;
        let person =
            store::person::find_person(&mut db, id).await?.ok_or(Error::NotFound("person"))?;
        self.require_cover_of(&mut db, viewer, &person).await?;
        drop(db);
        self.write_password(id, new, None, (Some(viewer), &person.name)).await
    }

    /// Gives the person of this name a new password, on the owner's word at the command line.
    pub async fn reset_password_unscoped(&self, name: &str, new: &str) -> Result<()> {
        person::check_password("password", new)?;
        let mut db = self.0.pool.acquire().await?;
        let id = store::person::find_person_id(&mut db, &person::name_key(name))
            .await?
            .ok_or(Error::NotFound("person"))?;
        drop(db);
        self.write_password(id, new, None, (None, name)).await
    }

    /// Everybody with an account, for the command line.
    pub async fn list_people_unscoped(
        &self,
        after: Option<PersonId>,
        limit: Limit,
    ) -> Result<Page<Person>> {
        let mut db = self.0.pool.acquire().await?;
        Ok(Page::of(store::person::list_people(&mut db, after, limit).await?, limit, |it| it.id))
    }

    /// Deletes an account. What the person watched stays until somebody asks for it to go.
    pub async fn delete_person(&self, viewer: &Viewer, id: PersonId) -> Result<()> {
        viewer.require(Permission::ManagePeople)?;
        let mut tx = self.0.pool.begin().await?;
        store::person::lock_people(&mut tx).await?;
        let person =
            store::person::find_person(&mut tx, id).await?.ok_or(Error::NotFound("person"))?;
        self.require_cover_of(&mut tx, viewer, &person).await?;
        let believed = store::believed::of_person(&mut tx, id).await?;
        if !store::person::delete_person(&mut tx, id).await? {
            return Err(Error::NotFound("person"));
        }
        self.require_an_administrator(&mut tx).await?;
        self.note(&mut tx, viewer, "person_deleted", &person.name).await?;
        tx.commit().await?;
        self.forget(&believed).await;
        self.forget_elsewhere(id).await;
        Ok(())
    }

    /// Deletes one's own account, within minutes of a proof that it is oneself.
    pub async fn delete_me(&self, viewer: &Viewer) -> Result<()> {
        let id = viewer.person_id;
        let mut tx = self.0.pool.begin().await?;
        store::person::lock_people(&mut tx).await?;
        self.require_confirmed(&mut tx, viewer).await?;
        let person =
            store::person::find_person(&mut tx, id).await?.ok_or(Error::NotFound("person"))?;
        let believed = store::believed::of_person(&mut tx, id).await?;
        store::person::delete_person(&mut tx, id).await?;
        self.require_an_administrator(&mut tx).await?;
        self.note(&mut tx, viewer, "person_deleted", &person.name).await?;
        tx.commit().await?;
        self.forget(&believed).await;
        self.forget_elsewhere(id).await;
        Ok(())
    }

    /// Lets the other rooms forget somebody whose account is gone. It stays gone if one of them cannot.
    async fn forget_elsewhere(&self, id: PersonId) {
        if let Err(error) = (self.0.forget_person)(id).await {
            tracing::warn!(%error, person.id = %id, "accounts.person_not_forgotten");
        }
    }

    /// A person as who looks after them sees what they made: for an export before the account goes. Noted.
    pub async fn viewer_for_export(&self, viewer: &Viewer, id: PersonId) -> Result<Viewer> {
        viewer.require(Permission::ManagePeople)?;
        let mut tx = self.0.pool.begin().await?;
        let person =
            store::person::find_person(&mut tx, id).await?.ok_or(Error::NotFound("person"))?;
        self.require_cover_of(&mut tx, viewer, &person).await?;
        self.note(&mut tx, viewer, "person_exported", &person.name).await?;
        tx.commit().await?;
        let libraries =
            if person.all_libraries { (self.0.libraries)().await? } else { person.library_ids };
        Ok(Viewer {
            person_id: id,
            session_id: None,
            api_key_id: None,
            scope: LibraryScope::of(libraries),
            permissions: person.role.permissions,
            limits: person.limits,
            hours_end: None,
            address: viewer.address,
            area: kernel::Area::Main,
        })
    }

    pub(crate) async fn require_cover_of(
        &self,
        db: &mut sqlx::PgConnection,
        viewer: &Viewer,
        person: &Person,
    ) -> Result<()> {
        self.require_cover(db, viewer, &person.role, person.all_libraries, &person.library_ids)
            .await?;
        self.require_sight(db, viewer, &person.parental).await
    }

    async fn require_an_administrator(&self, db: &mut sqlx::PgConnection) -> Result<()> {
        if store::person::count_administrators(db).await? > 0 {
            return Ok(());
        }
        Err(Error::conflict(
            "accounts.last_administrator",
            "somebody must be left who can administer the server",
        ))
    }
}

async fn find_role(db: &mut sqlx::PgConnection, id: RoleId) -> Result<Role> {
    let role = store::role::find_role(db, id).await?;
    role.ok_or_else(|| Error::invalid("role_id", "there is no such role"))
}
