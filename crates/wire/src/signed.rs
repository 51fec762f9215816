//! Signed, short-lived URLs: how a player that cannot send a header proves that somebody allowed it in.
//!
//! The signature is HMAC-SHA-256 over the path and the claims, so a URL opens exactly one thing, for one person, until it
//! expires. Whether that person still may is asked of the database again when the URL is used.

use axum::http::Uri;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::id::{PersonId, SessionId};
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// What a signed URL claims, as its query parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// For whom it was made.
    pub person: PersonId,
    /// The session that asked for it: the URL dies with it.
    pub session: Option<SessionId>,
    /// Seconds since the epoch after which it opens nothing.
    pub expires: i64,
    /// The signature, base64url.
    pub signature: String,
}

impl Claims {
    /// The claims that stand in a URL's query; `None` where there are none.
    pub fn of(uri: &Uri) -> Option<Self> {
        uri.query().filter(|it| it.contains("signature="))?;
        #[expect(clippy::disallowed_types, reason = "a URL without our claims is no refusal here")]
        axum::extract::Query::try_from_uri(uri).ok().map(|it| it.0)
    }
}

/// Signs and checks URLs with one secret key that all nodes share.
#[derive(Clone)]
pub struct Signer {
    key: [u8; 32],
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(secret)")
    }
}

impl Signer {
    /// A signer with this key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// `path` with the claims and their signature behind it.
    pub fn sign(
        &self,
        path: &str,
        person: PersonId,
        session: Option<SessionId>,
        expires_at: DateTime<Utc>,
    ) -> String {
        let expires = expires_at.timestamp();
        let signature = URL_SAFE_NO_PAD
            .encode(self.mac(path, person, session, expires).finalize().into_bytes());
        let session = session.map(|it| format!("&session={it}")).unwrap_or_default();
        format!("{path}?person={person}{session}&expires={expires}&signature={signature}")
    }

    /// Refuses claims that are not ours, not for `path`, or expired.
    pub fn check(&self, path: &str, claims: &Claims, now: DateTime<Utc>) -> Result<()> {
        let signature =
            URL_SAFE_NO_PAD.decode(&claims.signature).map_err(|_| Error::Unauthenticated)?;
        self.mac(path, claims.person, claims.session, claims.expires)
            .verify_slice(&signature)
            .map_err(|_| Error::Unauthenticated)?;
        if claims.expires < now.timestamp() { Err(Error::Unauthenticated) } else { Ok(()) }
    }

    fn mac(
        &self,
        path: &str,
        person: PersonId,
        session: Option<SessionId>,
        expires: i64,
    ) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        let session = session.map(|it| it.to_string()).unwrap_or_default();
        for part in [path, &person.to_string(), &session, &expires.to_string()] {
            // The length keeps neighbouring parts from trading characters.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kernel::Clock;
    use uuid::Uuid;

    use super::*;

    fn claims_of(url: &str) -> Claims {
        Claims::of(&url.parse().expect("a URL")).expect("a signed URL has claims")
    }

    #[test]
    fn a_url_opens_its_path_for_its_person_until_it_expires() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let signer = Signer::new([7; 32]);
        let (person, session) = (PersonId(Uuid::from_u128(1)), Some(SessionId(Uuid::from_u128(2))));
        let url = signer.sign("/a", person, session, clock.now() + Duration::from_mins(1));
        let claims = claims_of(&url);

        assert!(signer.check("/a", &claims, clock.now()).is_ok());
        assert!(signer.check("/b", &claims, clock.now()).is_err(), "another path");
        let other = Claims { person: PersonId(Uuid::from_u128(9)), ..claims.clone() };
        assert!(signer.check("/a", &other, clock.now()).is_err(), "another person");
        let longer = Claims { expires: claims.expires + 1, ..claims.clone() };
        assert!(signer.check("/a", &longer, clock.now()).is_err(), "a longer life");
        let orphan = Claims { session: None, ..claims.clone() };
        assert!(signer.check("/a", &orphan, clock.now()).is_err(), "no session");
        assert!(Signer::new([8; 32]).check("/a", &claims, clock.now()).is_err(), "another key");
        clock.advance(Duration::from_secs(61));
        assert!(signer.check("/a", &claims, clock.now()).is_err(), "expired");
    }
}
