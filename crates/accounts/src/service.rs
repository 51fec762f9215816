//! What people do with their own account: set up the server, sign out, change their password.

use std::collections::HashMap;

use kernel::id::{PersonId, SessionId};
use kernel::{BuiltInRole, Cursor, Error, Result, Viewer};
use serde_json::Value;
use uuid::Uuid;

use crate::person::{self, Person};
use crate::store::{self, person::PersonRow};
use crate::{Accounts, Device, role};

const SETUP_CODE: &str = "setup_code";
const SIGNING_KEY: &str = "signing_key";

/// Somebody who just signed in, and what their device must keep.
pub struct SignedInPerson {
    /// Who.
    pub person: Person,
    /// The token in the form a device sends it.
    pub token: String,
    /// The session it opens.
    pub session_id: SessionId,
    /// What a device that was not known is to keep, so that it is known the next time.
    pub device_secret: Option<String>,
    /// Their role demands a second factor, and they have none.
    pub lacks_factor: bool,
}

impl Accounts {
    /// Whether nobody has an account yet.
    pub async fn is_setup_needed(&self) -> Result<bool> {
        let mut db = self.0.pool.acquire().await?;
        Ok(!store::person::has_people(&mut db).await?)
    }

    /// The one-time code that lets a browser elsewhere make the first account; `None` once somebody has one.
    pub async fn setup_code(&self) -> Result<Option<String>> {
        let mut db = self.0.pool.acquire().await?;
        if store::person::has_people(&mut db).await? {
            return Ok(None);
        }
        let code = Value::String(self.new_code());
        let kept =
            store::setting::insert_setting(&mut db, SETUP_CODE, &code, self.0.clock.now()).await?;
        Ok(kept.as_str().map(str::to_owned))
    }

    /// The key all nodes sign URLs with, made at the first start.
    pub async fn signing_key(&self) -> Result<[u8; 32]> {
        let mut db = self.0.pool.acquire().await?;
        let fresh = serde_json::to_value(self.0.rng.bytes::<32>()).map_err(anyhow::Error::from)?;
        let kept = store::setting::insert_setting(&mut db, SIGNING_KEY, &fresh, self.0.clock.now())
            .await?;
        serde_json::from_value(kept).map_err(|error| {
            Error::Internal(anyhow::anyhow!("core.setting signing_key is damaged: {error}"))
        })
    }

    /// Makes the first account. `code` may be left out only where `is_local` says that the browser is on this machine.
    pub async fn set_up(
        &self,
        code: Option<&str>,
        is_local: bool,
        name: &str,
        password: &str,
        language: &str,
        device: &Device,
    ) -> Result<SignedInPerson> {
        self.limit_by_address("setup", device).await?;
        let name = person::checked_name(name)?;
        person::check_password("password", password)?;
        let language = person::checked_language(language)?;
        let password_hash = self.hash_password(password.to_owned()).await?;

        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        store::person::lock_people(&mut tx).await?;
        if store::person::has_people(&mut tx).await? {
            return Err(Error::conflict(
                "setup.already_done",
                "this server has been set up; sign in instead",
            ));
        }
        if !is_local {
            let right = store::setting::find_setting(&mut tx, SETUP_CODE).await?;
            let given = code.map(normal_code).filter(|it| !it.is_empty());
            if given.is_none() || right.as_ref().and_then(Value::as_str).map(normal_code) != given {
                return Err(Error::invalid(
                    "code",
                    "not the code that the server printed when it started",
                ));
            }
        }
        let id = self.ids().next();
        let row = PersonRow {
            id,
            name: &name,
            name_key: &person::name_key(&name),
            password_hash: &password_hash,
            role_id: role::id_of(BuiltInRole::Admin),
            all_libraries: true,
            language: &language,
        };
        store::person::insert_person(&mut tx, &row, now).await?;
        store::setting::delete_setting(&mut tx, SETUP_CODE).await?;
        store::audit::insert_audit(&mut tx, now, Some(id), "setup", &name, &device.address).await?;
        let signed_in = self.let_in(&mut tx, id, device, "set-up").await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// The person a viewer is.
    pub async fn me(&self, viewer: &Viewer) -> Result<Person> {
        let mut db = self.0.pool.acquire().await?;
        store::person::find_person(&mut db, viewer.person_id).await?.ok_or(Error::Unauthenticated)
    }

    /// Changes the language of one's interface.
    pub async fn change_language(&self, viewer: &Viewer, language: &str) -> Result<Person> {
        let language = person::checked_language(language)?;
        let mut tx = self.0.pool.begin().await?;
        let mut person = store::person::find_person(&mut tx, viewer.person_id)
            .await?
            .ok_or(Error::Unauthenticated)?;
        person.language = language;
        store::person::update_person(&mut tx, &person, &person::name_key(&person.name)).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// Changes one's own password and signs out every other device. Who has none yet gives themselves one within minutes of
    /// signing in; `current` counts for nothing then.
    pub async fn change_password(&self, viewer: &Viewer, current: &str, new: &str) -> Result<()> {
        person::check_password("new", new)?;
        self.limit_by_person("password", viewer.person_id).await?;
        let hash = {
            let mut db = self.0.pool.acquire().await?;
            store::person::find_password_by_id(&mut db, viewer.person_id).await?
        };
        if hash.is_none() {
            let mut db = self.0.pool.acquire().await?;
            self.require_confirmed(&mut db, viewer).await?;
        } else if current.len() > 1024 || !self.verify_password(current.to_owned(), hash).await? {
            return Err(Error::invalid("current", "not your password"));
        }
        let kept = viewer.session_id;
        self.write_password(viewer.person_id, new, kept, (Some(viewer), "")).await
    }

    /// What a person and a device of theirs are called; empty where there is no such thing (any more).
    pub async fn find_names(
        &self,
        person: PersonId,
        session: Option<SessionId>,
    ) -> Result<(String, String)> {
        let mut db = self.0.pool.acquire().await?;
        Ok(store::person::find_names(&mut db, person, session).await?.unwrap_or_default())
    }

    /// What these people are called. Whose account is gone is left out.
    pub async fn list_names(&self, people: &[PersonId]) -> Result<HashMap<PersonId, String>> {
        if people.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<Uuid> = people.iter().map(|it| it.0).collect();
        let mut db = self.0.pool.acquire().await?;
        Ok(store::person::list_names(&mut db, &ids).await?.into_iter().collect())
    }

    /// Gives `id` another password and signs them out but for `kept`; notes who did it, at the command line nobody, and whose it
    /// is, unless it is their own.
    pub(crate) async fn write_password(
        &self,
        id: PersonId,
        new: &str,
        kept: Option<SessionId>,
        (by, whose): (Option<&Viewer>, &str),
    ) -> Result<()> {
        let hash = self.hash_password(new.to_owned()).await?;
        let mut tx = self.0.pool.begin().await?;
        store::person::update_password(&mut tx, id, &hash).await?;
        let ended = store::session::delete_sessions(&mut tx, id, kept).await?;
        let action = if whose.is_empty() { "password_changed" } else { "password_reset" };
        if let Some(viewer) = by {
            self.note(&mut tx, viewer, action, whose).await?;
        } else {
            let now = self.0.clock.now();
            store::audit::insert_audit(&mut tx, now, None, action, whose, "").await?;
        }
        tx.commit().await?;
        self.forget_viewers(&ended).await;
        Ok(())
    }

    /// Eight characters nobody mistakes for others, in two groups.
    fn new_code(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let mut code: String = self
            .0
            .rng
            .bytes::<8>()
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(*byte) % 32]))
            .collect();
        code.insert(4, '-');
        code
    }
}

/// A code as typed: dashes, blanks and case do not count.
fn normal_code(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_uppercase()).collect()
}

pub(crate) fn shortened(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).take(120).collect()
}

/// The key after which the next page of a list by id begins.
pub(crate) fn after<T: serde::de::DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>> {
    cursor.map(Cursor::decode).transpose()
}
