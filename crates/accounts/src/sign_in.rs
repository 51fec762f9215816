//! Signing in: the password first, and for those who have one, the second factor.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cache::Rate;
use kernel::id::PersonId;
use kernel::{Error, Result};
use serde_json::Value;

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
            (attempt, store::find_password(&mut db, &name_key).await?)
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
            store::insert_audit(&mut tx, now, id, "sign_in_failed", &name, &device.address).await?;
            self.count_failure(&mut tx, &attempt).await?;
            tx.commit().await?;
            return Err(wrong_password());
        };
        self.forget_failures(&mut tx, &attempt).await?;
        if let Some((old, new)) = renewed {
            store::renew_password_hash(&mut tx, id, &old, &new).await?;
        }
        let factors = store::second_factor::find_factors(&mut tx, id).await?;
        let outcome = if factors.are_asked_for() {
            let (passkey, state) =
                self.ask_passkey(&mut tx, id, site).await?.map_or((None, Value::Null), |it| {
                    let (question, state) = it;
                    (Some(question), state)
                });
            let challenge = self
                .begin_challenge(&mut tx, Purpose::SecondFactor, Some(id), device, &state)
                .await?;
            SignIn::Asked(SecondQuestion {
                challenge,
                totp: factors.totp_since.is_some(),
                passkey,
                recovery_code: factors.recovery_codes > 0,
            })
        } else {
            SignIn::Done(Box::new(self.let_in(&mut tx, id, device, "password").await?))
        };
        tx.commit().await?;
        if let SignIn::Done(signed_in) = &outcome {
            self.announce(signed_in, device).await;
        }
        Ok(outcome)
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
        let answered = self.answer_challenge(Purpose::SecondFactor, ticket, device).await?;
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
                    Proof::Totp(_) => "password, totp",
                    Proof::RecoveryCode(_) => "password, recovery_code",
                };
                (how, self.check_proof(&mut tx, &seal, person, &proof).await?)
            }
            SecondAnswer::Passkey(credential) => {
                let is_right =
                    self.check_passkey(&mut tx, person, site, &answered, credential).await?;
                ("password, passkey", is_right)
            }
        };
        if !is_right {
            let now = self.0.clock.now();
            let action = "second_factor_failed";
            store::insert_audit(&mut tx, now, Some(person), action, how, &device.address).await?;
            self.count_failure(&mut tx, &attempt).await?;
            tx.commit().await?;
            return Err(Error::invalid("answer", "that is not right, or was used before"));
        }
        self.forget_failures(&mut tx, &attempt).await?;
        self.end_challenge(&mut tx, &answered).await?;
        let device = Device { name: answered.device.clone(), ..device.clone() };
        let signed_in = self.let_in(&mut tx, person, &device, how).await?;
        tx.commit().await?;
        self.announce(&signed_in, &device).await;
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
        let found = store::find_person(db, person).await?;
        let found = found.filter(|it| !it.is_disabled).ok_or(Error::Unauthenticated)?;
        let (session_id, token, device_secret) = self.open_session(db, person, device).await?;
        let now = self.0.clock.now();
        let subject = format!("{} ({how})", shortened(&device.name));
        let action = if device_secret.is_some() { "sign_in_new_device" } else { "sign_in" };
        store::insert_audit(db, now, Some(person), action, &subject, &device.address).await?;
        Ok(SignedInPerson { person: found, token, session_id, device_secret })
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
