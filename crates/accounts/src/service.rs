//! What people do with their own account: set up the server, sign in and out, change their password.

use std::time::Duration;

use cache::Rate;
use kernel::id::{PersonId, SessionId};
use kernel::{Cursor, Error, Limit, Page, Result, Viewer};
use serde_json::Value;

use crate::person::{self, Person};
use crate::session::{IDLE, Session, Token};
use crate::store::{self, PersonRow};
use crate::{Accounts, password};

const SETUP_CODE: &str = "setup_code";
const SIGNING_KEY: &str = "signing_key";

/// Tries at signing in from one address.
const TRIES_BY_ADDRESS: Rate = Rate { limit: 20, per: Duration::from_mins(1) };
/// Tries at signing in under one name, from wherever.
const TRIES_BY_NAME: Rate = Rate { limit: 10, per: Duration::from_mins(1) };

/// Somebody who just signed in, and what their device must keep.
pub struct SignedInPerson {
    /// Who.
    pub person: Person,
    /// The token in the form a device sends it.
    pub token: String,
}

impl Accounts {
    /// Whether nobody has an account yet.
    pub async fn is_setup_needed(&self) -> Result<bool> {
        let mut db = self.0.pool.acquire().await?;
        Ok(!store::has_people(&mut db).await?)
    }

    /// The one-time code that lets a browser elsewhere make the first account; `None` once somebody has one.
    pub async fn setup_code(&self) -> Result<Option<String>> {
        let mut db = self.0.pool.acquire().await?;
        if store::has_people(&mut db).await? {
            return Ok(None);
        }
        let code = Value::String(self.new_code());
        let kept = store::insert_setting(&mut db, SETUP_CODE, &code, self.0.clock.now()).await?;
        Ok(kept.as_str().map(str::to_owned))
    }

    /// The key all nodes sign URLs with, made at the first start.
    pub async fn signing_key(&self) -> Result<[u8; 32]> {
        let mut db = self.0.pool.acquire().await?;
        let fresh = serde_json::to_value(self.0.rng.bytes::<32>()).map_err(anyhow::Error::from)?;
        let kept = store::insert_setting(&mut db, SIGNING_KEY, &fresh, self.0.clock.now()).await?;
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
        self.limit(&format!("setup:{}", device.address), TRIES_BY_ADDRESS).await?;
        let name = person::checked_name(name)?;
        person::check_password("password", password)?;
        let language = person::checked_language(language)?;
        let password_hash = password::hash(password.to_owned(), &self.0.rng).await?;

        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        store::lock_people(&mut tx).await?;
        if store::has_people(&mut tx).await? {
            return Err(Error::conflict(
                "setup.already_done",
                "this server has been set up; sign in instead",
            ));
        }
        if !is_local {
            let right = store::find_setting(&mut tx, SETUP_CODE).await?;
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
            is_admin: true,
            all_libraries: true,
            language: &language,
        };
        store::insert_person(&mut tx, &row, now).await?;
        store::delete_setting(&mut tx, SETUP_CODE).await?;
        store::insert_audit(&mut tx, now, Some(id), "setup", &name, &device.address).await?;
        let token = self.open_session(&mut tx, id, device).await?;
        let person = store::find_person(&mut tx, id).await?.ok_or(Error::NotFound("person"))?;
        tx.commit().await?;
        Ok(SignedInPerson { person, token })
    }

    /// Signs in with name and password.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        device: &Device,
    ) -> Result<SignedInPerson> {
        let name_key = person::name_key(name);
        self.limit(&format!("sign-in:address:{}", device.address), TRIES_BY_ADDRESS).await?;
        self.limit(&format!("sign-in:name:{name_key}"), TRIES_BY_NAME).await?;
        // PostgreSQL keeps no text with a NUL, so nobody is called so.
        if password.len() > 1024 || name_key.len() > 512 || name_key.contains('\0') {
            return Err(wrong_password());
        }
        let known = {
            let mut db = self.0.pool.acquire().await?;
            store::find_password(&mut db, &name_key).await?
        };
        let (id, hash) = known.map_or((None, None), |(id, hash)| (Some(id), Some(hash)));
        let is_right = password::verify(password.to_owned(), hash).await?;

        let mut tx = self.0.pool.begin().await?;
        let now = self.0.clock.now();
        let Some(id) = id.filter(|_| is_right) else {
            store::insert_audit(
                &mut tx,
                now,
                id,
                "sign_in_failed",
                &shortened(name),
                &device.address,
            )
            .await?;
            tx.commit().await?;
            return Err(wrong_password());
        };
        let token = self.open_session(&mut tx, id, device).await?;
        store::insert_audit(&mut tx, now, Some(id), "sign_in", &device.name, &device.address)
            .await?;
        let person = store::find_person(&mut tx, id).await?.ok_or(Error::Unauthenticated)?;
        tx.commit().await?;
        Ok(SignedInPerson { person, token })
    }

    /// The person a viewer is.
    pub async fn me(&self, viewer: &Viewer) -> Result<Person> {
        let mut db = self.0.pool.acquire().await?;
        store::find_person(&mut db, viewer.person_id).await?.ok_or(Error::Unauthenticated)
    }

    /// Changes the language of one's interface.
    pub async fn change_language(&self, viewer: &Viewer, language: &str) -> Result<Person> {
        let language = person::checked_language(language)?;
        let mut tx = self.0.pool.begin().await?;
        let mut person =
            store::find_person(&mut tx, viewer.person_id).await?.ok_or(Error::Unauthenticated)?;
        person.language = language;
        store::update_person(&mut tx, &person, &person::name_key(&person.name)).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// Changes one's own password and signs out every other device.
    pub async fn change_password(&self, viewer: &Viewer, current: &str, new: &str) -> Result<()> {
        person::check_password("new", new)?;
        self.limit(&format!("password:{}", viewer.person_id), TRIES_BY_NAME).await?;
        let hash = {
            let mut db = self.0.pool.acquire().await?;
            store::find_password_by_id(&mut db, viewer.person_id).await?
        };
        if current.len() > 1024 || !password::verify(current.to_owned(), hash).await? {
            return Err(Error::invalid("current", "not your password"));
        }
        self.write_password(viewer.person_id, new, viewer.session_id).await
    }

    /// A person's own signed-in devices.
    pub async fn list_sessions(
        &self,
        viewer: &Viewer,
        after: Option<SessionId>,
        limit: Limit,
    ) -> Result<Page<Session>> {
        let mut db = self.0.pool.acquire().await?;
        let now = self.0.clock.now();
        let sessions = store::list_sessions(&mut db, viewer.person_id, after, limit, now).await?;
        Ok(Page::of(sessions, limit, |it| it.id))
    }

    /// What a person and a device of theirs are called; empty where there is no such thing (any more).
    pub async fn find_names(
        &self,
        person: PersonId,
        session: Option<SessionId>,
    ) -> Result<(String, String)> {
        let mut db = self.0.pool.acquire().await?;
        Ok(store::find_names(&mut db, person, session).await?.unwrap_or_default())
    }

    /// Signs one of one's own devices out.
    pub async fn end_session(&self, viewer: &Viewer, id: SessionId) -> Result<()> {
        let mut db = self.0.pool.acquire().await?;
        if !store::delete_session(&mut db, viewer.person_id, id).await? {
            return Err(Error::NotFound("session"));
        }
        self.forget_viewers(&[id]).await;
        Ok(())
    }

    /// Forgets sessions nobody has used for long. Periodic work calls it.
    pub async fn delete_expired_sessions(&self) -> Result<u64> {
        let mut db = self.0.pool.acquire().await?;
        store::delete_expired_sessions(&mut db, self.0.clock.now()).await
    }

    pub(crate) async fn write_password(
        &self,
        id: PersonId,
        new: &str,
        kept: Option<SessionId>,
    ) -> Result<()> {
        let hash = password::hash(new.to_owned(), &self.0.rng).await?;
        let mut tx = self.0.pool.begin().await?;
        store::update_password(&mut tx, id, &hash).await?;
        let ended = store::delete_sessions(&mut tx, id, kept).await?;
        store::insert_audit(&mut tx, self.0.clock.now(), Some(id), "password_changed", "", "")
            .await?;
        tx.commit().await?;
        self.forget_viewers(&ended).await;
        Ok(())
    }

    async fn open_session(
        &self,
        db: &mut sqlx::PgConnection,
        person_id: PersonId,
        device: &Device,
    ) -> Result<String> {
        let now = self.0.clock.now();
        let session = Session {
            id: self.ids().next(),
            person_id,
            device: shortened(&device.name),
            created_at: now,
            last_seen_at: now,
        };
        let token = Token::new(session.id, &self.0.rng);
        store::insert_session(db, &session, &token.hash(), &device.address, now + IDLE).await?;
        Ok(token.to_text())
    }

    async fn limit(&self, key: &str, rate: Rate) -> Result<()> {
        let decision = self.0.cache.allow(key, rate).await;
        if decision.allowed {
            Ok(())
        } else {
            Err(Error::Busy { retry_after: decision.retry_after })
        }
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

/// The device that asks to be signed in.
pub struct Device {
    /// What it calls itself, or its user agent.
    pub name: String,
    /// Where it is.
    pub address: String,
}

fn wrong_password() -> Error {
    Error::invalid("password", "name or password is wrong")
}

/// A code as typed: dashes, blanks and case do not count.
fn normal_code(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_uppercase()).collect()
}

fn shortened(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).take(120).collect()
}

/// The key after which the next page of a list by id begins.
pub(crate) fn after<T: serde::de::DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>> {
    cursor.map(Cursor::decode).transpose()
}
