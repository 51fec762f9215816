//! What an administrator does to people.

use kernel::id::{LibraryId, PersonId};
use kernel::{Error, Limit, Page, Result, Viewer};

use crate::Accounts;
use crate::person::{self, Person};
use crate::store::{self, PersonRow};

/// A person to be made.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// How they sign in.
    pub name: String,
    /// Their first password.
    pub password: String,
    /// May administer the server.
    pub is_admin: bool,
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
    /// May administer the server.
    pub is_admin: Option<bool>,
    /// May not sign in.
    pub is_disabled: Option<bool>,
    /// Sees every library.
    pub all_libraries: Option<bool>,
    /// Exactly the libraries they see where not all.
    pub library_ids: Option<Vec<LibraryId>>,
}

impl Accounts {
    /// Everybody with an account.
    pub async fn list_people(
        &self,
        viewer: &Viewer,
        after: Option<PersonId>,
        limit: Limit,
    ) -> Result<Page<Person>> {
        viewer.require_admin("see who has an account")?;
        let mut db = self.0.pool.acquire().await?;
        Ok(Page::of(store::list_people(&mut db, after, limit).await?, limit, |it| it.id))
    }

    /// Makes an account.
    pub async fn create_person(&self, viewer: &Viewer, new: NewPerson) -> Result<Person> {
        viewer.require_admin("make accounts")?;
        self.create_person_unscoped(new).await
    }

    /// Makes an account on the owner's word at the command line.
    pub async fn create_person_unscoped(&self, new: NewPerson) -> Result<Person> {
        let name = person::checked_name(&new.name)?;
        person::check_password("password", &new.password)?;
        let password_hash = self.hash_password(new.password).await?;
        let row = PersonRow {
            id: self.ids().next(),
            name: &name,
            name_key: &person::name_key(&name),
            password_hash: &password_hash,
            is_admin: new.is_admin,
            all_libraries: new.all_libraries,
            language: "en",
        };
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        store::insert_person(&mut tx, &row, now).await?;
        store::update_grants(&mut tx, row.id, &new.library_ids).await?;
        store::insert_audit(&mut tx, now, Some(row.id), "person_created", &name, "").await?;
        let person = store::find_person(&mut tx, row.id).await?.ok_or(Error::NotFound("person"))?;
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
        viewer.require_admin("change accounts")?;
        let mut tx = self.0.pool.begin().await?;
        store::lock_people(&mut tx).await?;
        let mut person = store::find_person(&mut tx, id).await?.ok_or(Error::NotFound("person"))?;
        if let Some(name) = &patch.name {
            person.name = person::checked_name(name)?;
        }
        person.is_admin = patch.is_admin.unwrap_or(person.is_admin);
        person.is_disabled = patch.is_disabled.unwrap_or(person.is_disabled);
        person.all_libraries = patch.all_libraries.unwrap_or(person.all_libraries);
        store::update_person(&mut tx, &person, &person::name_key(&person.name)).await?;
        if let Some(libraries) = patch.library_ids {
            store::update_grants(&mut tx, id, &libraries).await?;
            person.library_ids = libraries;
        }
        self.require_an_administrator(&mut tx).await?;
        let now = self.0.clock.now();
        store::insert_audit(
            &mut tx,
            now,
            Some(viewer.person_id),
            "person_changed",
            &person.name,
            "",
        )
        .await?;
        let devices = if person.is_disabled {
            store::delete_sessions(&mut tx, id, None).await?
        } else {
            store::list_session_ids(&mut tx, id).await?
        };
        tx.commit().await?;
        self.forget_viewers(&devices).await;
        Ok(person)
    }

    /// Gives a person a new password and signs them out everywhere.
    pub async fn reset_password(&self, viewer: &Viewer, id: PersonId, new: &str) -> Result<()> {
        viewer.require_admin("change other people's passwords")?;
        person::check_password("new", new)?;
        let mut db = self.0.pool.acquire().await?;
        store::find_person(&mut db, id).await?.ok_or(Error::NotFound("person"))?;
        drop(db);
        self.write_password(id, new, None).await
    }

    /// Gives the person of this name a new password, on the owner's word at the command line.
    pub async fn reset_password_unscoped(&self, name: &str, new: &str) -> Result<()> {
        person::check_password("password", new)?;
        let mut db = self.0.pool.acquire().await?;
        let id = store::find_person_id(&mut db, &person::name_key(name))
            .await?
            .ok_or(Error::NotFound("person"))?;
        drop(db);
        self.write_password(id, new, None).await
    }

    /// Everybody with an account, for the command line.
    pub async fn list_people_unscoped(
        &self,
        after: Option<PersonId>,
        limit: Limit,
    ) -> Result<Page<Person>> {
        let mut db = self.0.pool.acquire().await?;
        Ok(Page::of(store::list_people(&mut db, after, limit).await?, limit, |it| it.id))
    }

    /// Deletes an account. What the person watched stays until somebody asks for it to go.
    pub async fn delete_person(&self, viewer: &Viewer, id: PersonId) -> Result<()> {
        viewer.require_admin("delete accounts")?;
        let mut tx = self.0.pool.begin().await?;
        store::lock_people(&mut tx).await?;
        let devices = store::list_session_ids(&mut tx, id).await?;
        if !store::delete_person(&mut tx, id).await? {
            return Err(Error::NotFound("person"));
        }
        self.require_an_administrator(&mut tx).await?;
        let now = self.0.clock.now();
        store::insert_audit(
            &mut tx,
            now,
            Some(viewer.person_id),
            "person_deleted",
            &id.to_string(),
            "",
        )
        .await?;
        tx.commit().await?;
        self.forget_viewers(&devices).await;
        Ok(())
    }

    async fn require_an_administrator(&self, db: &mut sqlx::PgConnection) -> Result<()> {
        if store::count_administrators(db).await? > 0 {
            return Ok(());
        }
        Err(Error::conflict(
            "accounts.last_administrator",
            "somebody must be left who can administer the server",
        ))
    }
}
