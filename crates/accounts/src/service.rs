//! What people do with their own account: set up the server, sign out, change their password.

use kernel::id::{PersonId, SessionId};
use kernel::{Cursor, Error, Limit, Page, Result, Viewer};
use serde_json::Value;

use crate::person::{self, Person};
use crate::session::{IDLE, Session, Token};
use crate::store::{self, PersonRow};
use crate::{Accounts, password};

const SETUP_CODE: &str = "setup_code";
const SIGNING_KEY: &str = "signing_key";

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
        self.limit_by_address("setup", device).await?;
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
        self.limit_by_person("password", viewer.person_id).await?;
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

    /// Forgets sessions nobody has used for long, and what waited in vain for an answer. Periodic work calls it.
    pub async fn delete_expired_sessions(&self) -> Result<u64> {
        let now = self.0.clock.now();
        let mut db = self.0.pool.acquire().await?;
        store::challenge::delete_expired_challenges(&mut db, now).await?;
        store::delete_expired_sessions(&mut db, now).await
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

    pub(crate) async fn open_session(
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
#[derive(Clone, Debug)]
pub struct Device {
    /// What it calls itself, or its user agent.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// Its user agent; empty where it sends none.
    pub agent: String,
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
