//! Signing in: the password first, and for those who have one, the second factor.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cache::Rate;
use kernel::id::PersonId;
use kernel::notice::Notice;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::challenge::{Challenge, Purpose};
use crate::passkey::Site;
use crate::person;
use crate::second_factor::Proof;
use crate::service::shortened;
use crate::{Accounts, Device, SignedInPerson, store};

/// Tries at signing in from one address.
const TRIES_BY_ADDRESS: Rate = Rate { limit: 20, per: Duration::from_mins(1) };
/// Tries at signing in as one person, from wherever.
const TRIES_BY_NAME: Rate = Rate { limit: 10, per: Duration::from_mins(1) };

/// What a right password leads to.
pub enum SignIn {
    /// Into the house.
    Done(Box<SignedInPerson>),
    /// To a second question.
    Asked(SecondQuestion),
}

/// What is asked after the password. There is no session yet.
pub struct SecondQuestion {
    /// What the answer refers to.
    pub challenge: Challenge,
    /// A code of an authenticator app answers it.
    pub totp: bool,
    /// What `navigator.credentials.get` is given, where a passkey answers it.
    pub passkey: Option<Value>,
    /// A recovery code answers it.
    pub recovery_code: bool,
}

/// How somebody came who is about to be let in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CameBy {
    /// In words of the record of acts.
    pub how: String,
    /// The provider of identity who sent them.
    pub provider: Option<String>,
    /// The provider's token, for signing out there too.
    pub sealed_id_token: Option<String>,
    /// Who sent them asked for a second factor.
    #[serde(default)]
    pub has_second_factor: bool,
}

impl CameBy {
    /// By a way that leaves nothing to be kept.
    pub fn way(how: &str) -> Self {
        Self { how: how.to_owned(), ..Self::default() }
    }
}

/// The answer to the second question.
#[derive(Clone, Debug)]
pub enum SecondAnswer {
    /// A code.
    Code(Proof),
    /// What a passkey signed.
    Passkey(Value),
}

impl Accounts {
    /// Signs in with name and password, as far as that goes.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        device: &Device,
        site: Option<&Site>,
    ) -> Result<SignIn> {
        self.require_passwords()?;
        let name_key = person::name_key(name);
        // PostgreSQL keeps no text with a NUL, so nobody is called so.
        if password.len() > 1024 || name_key.len() > 512 || name_key.contains('\0') {
            self.limit_by_address("sign-in", device).await?;
            return Err(wrong_password());
        }
        let (attempt, known) = {
            let mut db = self.0.pool.acquire().await?;
            let hash = device.secret_hash();
            let is_known = match &hash {
                Some(hash) => store::device::is_known_by_name(&mut db, &name_key, hash).await?,
                None => false,
            };
            // Whoever floods an address or a name from elsewhere makes a known device wait for nothing.
            if let Some(hash) = hash.filter(|_| is_known) {
                let key = format!("sign-in:device:{}", URL_SAFE_NO_PAD.encode(hash));
                self.limit(&key, TRIES_BY_NAME).await?;
            } else {
                self.limit_by_address("sign-in", device).await?;
                self.limit(&format!("sign-in:name:{name_key}"), TRIES_BY_NAME).await?;
            }
            let attempt = self.begin_attempt(&mut db, &name_key, device, is_known).await?;
            (attempt, store::person::find_password(&mut db, &name_key).await?)
        };
        let (id, hash) = known.map_or((None, None), |(id, hash)| (Some(id), Some(hash)));
        let is_right = self.verify_password(password.to_owned(), hash.clone()).await?;
        let renewed = match hash.filter(|it| is_right && self.0.hashing.is_other_than_of(it)) {
            Some(old) => Some((old, self.hash_password(password.to_owned()).await?)),
            None => None,
        };

        let mut tx = self.0.pool.begin().await?;
        let now = self.0.clock.now();
        let Some(id) = id.filter(|_| is_right) else {
            let name = shortened(name);
            store::audit::insert_audit(&mut tx, now, id, "sign_in_failed", &name, &device.address)
                .await?;
            self.count_failure(&mut tx, &attempt).await?;
            tx.commit().await?;
            return Err(wrong_password());
        };
        self.forget_failures(&mut tx, &attempt).await?;
        if let Some((old, new)) = renewed {
            store::person::renew_password_hash(&mut tx, id, &old, &new).await?;
        }
        let outcome = self.go_on(&mut tx, id, device, site, CameBy::way("password")).await?;
        tx.commit().await?;
        if let SignIn::Done(signed_in) = &outcome {
            self.announce(signed_in, device).await;
        }
        Ok(outcome)
    }

    /// Goes on with the sign-in of whom a password, a provider or a link proved to be `person`: into the house, or to the
    /// second question where they have something that answers it.
    pub(crate) async fn go_on(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
        device: &Device,
        site: Option<&Site>,
        came_by: CameBy,
    ) -> Result<SignIn> {
        let factors = store::second_factor::find_factors(db, person).await?;
        if came_by.has_second_factor || !factors.are_asked_for() {
            let signed_in = self.let_in_by(db, person, device, came_by).await?;
            return Ok(SignIn::Done(Box::new(signed_in)));
        }
        let (passkey, state) = self
            .ask_passkey(db, person, site)
            .await?
            .map_or((None, Value::Null), |(question, state)| (Some(question), state));
        let state = json!({ "passkey": state, "came_by": came_by });
        let challenge =
            self.begin_challenge(db, Purpose::SecondFactor, Some(person), device, &state).await?;
        Ok(SignIn::Asked(SecondQuestion {
            challenge,
            totp: factors.totp_since.is_some(),
            passkey,
            recovery_code: factors.recovery_codes > 0,
        }))
    }

    /// Goes on only where people sign in with passwords.
    pub(crate) fn require_passwords(&self) -> Result<()> {
        if self.0.ways.settings.password {
            return Ok(());
        }
        Err(Error::conflict(
            "accounts.password_off",
            "nobody signs in with a password here; use a provider on the sign-in page",
        ))
    }

    /// Answers the second question, and so ends the sign-in.
    pub async fn answer_second_question(
        &self,
        ticket: &str,
        answer: SecondAnswer,
        device: &Device,
        site: Option<&Site>,
    ) -> Result<SignedInPerson> {
        self.limit_by_address("second-factor", device).await?;
        let mut answered = self.answer_challenge(Purpose::SecondFactor, ticket, device).await?;
        let came_by: CameBy = serde_json::from_value(answered.state["came_by"].take())
            .map_err(anyhow::Error::from)?;
        answered.state = answered.state["passkey"].take();
        let person = answered.person_id.ok_or(Error::Unauthenticated)?;
        let is_known = match device.secret_hash() {
            Some(hash) => {
                let mut db = self.0.pool.acquire().await?;
                store::device::is_known(&mut db, person, &hash).await?
            }
            None => false,
        };
        if !is_known {
            self.limit_by_person("second-factor", person).await?;
        }
        let seal = self.seal().await?;

        let mut tx = self.0.pool.begin().await?;
        let account = format!("second factor of {person}");
        let attempt = self.begin_attempt(&mut tx, &account, device, is_known).await?;
        let (how, is_right) = match answer {
            SecondAnswer::Code(proof) => {
                let how = match proof {
                    Proof::Totp(_) => "totp",
                    Proof::RecoveryCode(_) => "recovery_code",
                };
                (how, self.check_proof(&mut tx, &seal, person, &proof).await?)
            }
            SecondAnswer::Passkey(credential) => {
                let is_right =
                    self.check_passkey(&mut tx, person, site, &answered, credential).await?;
                ("passkey", is_right)
            }
        };
        let how = format!("{}, {how}", came_by.how);
        if !is_right {
            let now = self.0.clock.now();
            let action = "second_factor_failed";
            store::audit::insert_audit(&mut tx, now, Some(person), action, &how, &device.address)
                .await?;
            self.count_failure(&mut tx, &attempt).await?;
            tx.commit().await?;
            return Err(Error::invalid("answer", "that is not right, or was used before"));
        }
        self.forget_failures(&mut tx, &attempt).await?;
        self.end_challenge(&mut tx, &answered).await?;
        let device = Device { name: answered.device.clone(), ..device.clone() };
        let signed_in = self.let_in_by(&mut tx, person, &device, CameBy { how, ..came_by }).await?;
        tx.commit().await?;
        self.announce(&signed_in, &device).await;
        Ok(signed_in)
    }

    /// The same as [`Accounts::let_in`], keeping what the way is to be remembered by.
    pub(crate) async fn let_in_by(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
        device: &Device,
        came_by: CameBy,
    ) -> Result<SignedInPerson> {
        let mut signed_in = self.let_in(db, person, device, &came_by.how).await?;
        signed_in.lacks_factor &= !came_by.has_second_factor;
        if came_by.provider.is_some() || came_by.has_second_factor {
            let came_by = serde_json::to_value(came_by).map_err(anyhow::Error::from)?;
            store::identity::update_came_by(db, signed_in.session_id, &came_by).await?;
        }
        Ok(signed_in)
    }

    /// Opens a session for whoever proved to be `person`, and notes how.
    pub(crate) async fn let_in(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
        device: &Device,
        how: &str,
    ) -> Result<SignedInPerson> {
        let found = store::person::find_person(db, person).await?;
        let found = found.filter(|it| !it.is_disabled).ok_or(Error::Unauthenticated)?;
        let (session_id, token, device_secret) = self.open_session(db, person, device).await?;
        let now = self.0.clock.now();
        let subject = format!("{} ({how})", shortened(&device.name));
        let action = if device_secret.is_some() { "sign_in_new_device" } else { "sign_in" };
        store::audit::insert_audit(db, now, Some(person), action, &subject, &device.address)
            .await?;
        if device_secret.is_some() {
            let (device, address) = (shortened(&device.name), device.address.clone());
            let notice = Notice::NewDevice { person_id: person, session_id, device, address };
            self.0.teller.tell(db, notice).await?;
        }
        let lacks_factor = store::second_factor::lacks_factor(db, session_id).await?;
        Ok(SignedInPerson { person: found, token, session_id, device_secret, lacks_factor })
    }

    pub(crate) async fn limit_by_address(&self, what: &str, device: &Device) -> Result<()> {
        self.limit(&format!("{what}:address:{}", device.address), TRIES_BY_ADDRESS).await
    }

    pub(crate) async fn limit_by_person(&self, what: &str, person: PersonId) -> Result<()> {
        self.limit(&format!("{what}:person:{person}"), TRIES_BY_NAME).await
    }

    pub(crate) async fn limit(&self, key: &str, rate: Rate) -> Result<()> {
        let decision = self.0.cache.allow(key, rate).await;
        if decision.allowed {
            Ok(())
        } else {
            Err(Error::Busy { retry_after: decision.retry_after })
        }
    }
}

fn wrong_password() -> Error {
    Error::invalid("password", "name or password is wrong")
}
