//! What was begun and waits a few minutes for its answer, from the same device at the same address.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Error, Result};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Accounts, Device, store};

/// How long an answer is waited for.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// How long a link from the command line is good.
pub const LINK_PATIENCE: Duration = Duration::from_mins(15);

/// Answers that are looked at. After that the whole begins anew.
pub const MAX_TRIES: i32 = 5;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The password was right; a code or a passkey is to follow.
    SecondFactor,
    /// A passkey signs in, whoever it is of.
    PasskeySignIn,
    /// A new passkey is made.
    PasskeyRegistration,
    /// A link from the command line is opened.
    SignInLink,
}

impl Purpose {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SecondFactor => "second_factor",
            Self::PasskeySignIn => "passkey_sign_in",
            Self::PasskeyRegistration => "passkey_registration",
            Self::SignInLink => "sign_in_link",
        }
    }

    /// How long its answer is waited for.
    fn patience(self) -> Duration {
        match self {
            Self::SignInLink => LINK_PATIENCE,
            _ => PATIENCE,
        }
    }
}

/// A challenge that was begun.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// What the caller shows with the answer; the server keeps its hash.
    pub ticket: String,
    /// When it is over.
    pub expires_at: DateTime<Utc>,
}

/// A challenge that is answered.
pub(crate) struct Answered {
    /// What it is kept under.
    pub secret_hash: Vec<u8>,
    /// Whose it is, where that is known yet.
    pub person_id: Option<PersonId>,
    /// What the device calls itself.
    pub device: String,
    /// What the passkey must sign.
    pub state: Value,
}

/// A challenge to be kept.
pub(crate) struct NewChallenge<'a> {
    pub secret_hash: &'a [u8],
    pub purpose: &'static str,
    pub person_id: Option<PersonId>,
    pub bound_to: &'a [u8],
    pub device: &'a str,
    pub state: &'a Value,
    pub expires_at: DateTime<Utc>,
}

impl Accounts {
    /// Begins something that `device` must answer.
    pub(crate) async fn begin_challenge(
        &self,
        db: &mut sqlx::PgConnection,
        purpose: Purpose,
        person_id: Option<PersonId>,
        device: &Device,
        state: &Value,
    ) -> Result<Challenge> {
        let secret = self.0.rng.bytes::<32>();
        let expires_at = self.0.clock.now() + purpose.patience();
        let row = NewChallenge {
            secret_hash: &hash(&secret),
            purpose: purpose.name(),
            person_id,
            bound_to: &bound_to(device),
            device: &device.name,
            state,
            expires_at,
        };
        store::challenge::insert_challenge(db, &row).await?;
        Ok(Challenge { ticket: URL_SAFE_NO_PAD.encode(secret), expires_at })
    }

    /// Takes an answer to `ticket`, which counts as a try whatever comes of it.
    pub(crate) async fn answer_challenge(
        &self,
        purpose: Purpose,
        ticket: &str,
        device: &Device,
    ) -> Result<Answered> {
        let secret = URL_SAFE_NO_PAD.decode(ticket).map_err(|_| over())?;
        let hash = hash(&secret);
        let now = self.0.clock.now();
        let mut db = self.0.pool.acquire().await?;
        store::challenge::try_challenge(
            &mut db,
            &hash,
            purpose.name(),
            &bound_to(device),
            now,
            MAX_TRIES,
        )
        .await?
        .ok_or_else(over)
    }

    /// Ends a challenge whose answer was right. Of several right answers at once, one ends it; the others are refused.
    pub(crate) async fn end_challenge(
        &self,
        db: &mut sqlx::PgConnection,
        answered: &Answered,
    ) -> Result<()> {
        if store::challenge::delete_challenge(db, &answered.secret_hash).await? {
            Ok(())
        } else {
            Err(over())
        }
    }
}

fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

fn bound_to(device: &Device) -> [u8; 32] {
    Sha256::new()
        .chain_update(device.address.as_bytes())
        .chain_update([0])
        .chain_update(device.agent.as_bytes())
        .finalize()
        .into()
}

fn over() -> Error {
    Error::conflict(
        "accounts.challenge_over",
        "this took too long, was tried too often, or began on another device; begin again",
    )
}
