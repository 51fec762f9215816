//! Signed-in devices and the tokens they hold.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::Rng;
use kernel::id::{PersonId, SessionId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::device::DeviceKind;

/// The cookie that carries a browser's token.
pub const COOKIE: &str = "revenge_session";

/// How long a device stays signed in without being used.
pub const IDLE: Duration = Duration::from_hours(24 * 90);

/// How long a device stays signed in, however much it is used.
pub const LONGEST: Duration = Duration::from_hours(24 * 365);

/// How long a token that was replaced is still good, for requests that were under way.
pub const OVERLAP: Duration = Duration::from_mins(1);

/// One signed-in device of a person.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub person_id: PersonId,
    /// What it calls itself.
    pub device: String,
    /// What it is.
    pub kind: DeviceKind,
    /// When it signed in.
    pub created_at: DateTime<Utc>,
    /// When it last asked for something, to the minute.
    pub last_seen_at: DateTime<Utc>,
}

/// What a device proves itself with: the session's id and 256 random bits, given to the device once.
pub struct Token {
    /// The session it opens.
    pub session_id: SessionId,
    secret: [u8; 32],
}

impl Token {
    /// A token for `session_id` that nobody can guess.
    pub fn new(session_id: SessionId, rng: &Rng) -> Self {
        Self { session_id, secret: rng.bytes() }
    }

    /// A token as a device sent it; `None` for what was never one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (id, secret) = bytes.split_at(16);
        Some(Self {
            session_id: SessionId(Uuid::from_slice(id).ok()?),
            secret: secret.try_into().ok()?,
        })
    }

    /// What the device keeps.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.session_id.0.as_bytes().as_slice(), &self.secret].concat())
    }

    /// What the server keeps.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_as_the_hash_of_what_the_device_holds() {
        let token = Token::new(SessionId(Uuid::from_u128(5)), &Rng::seeded(1));
        let back = Token::parse(&token.to_text()).expect("our own token");
        assert_eq!(back.session_id, token.session_id);
        assert_eq!(back.hash(), token.hash());
        assert_ne!(back.hash(), back.secret);
    }

    #[test]
    fn what_was_never_a_token_is_none() {
        for text in ["", "a", "!!!", &"A".repeat(63), &"A".repeat(65), &"é".repeat(32)] {
            assert!(Token::parse(text).is_none(), "{text:?}");
        }
    }
}
