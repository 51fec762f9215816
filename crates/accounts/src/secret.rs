//! What links and programs prove themselves with: an id and 256 random bits, given out once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Rng;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// An id, and proof that one was given it.
pub(crate) struct Secret {
    /// What it opens.
    pub id: Uuid,
    bytes: [u8; 32],
}

impl Secret {
    /// One for `id` that nobody can guess.
    pub fn new(id: Uuid, rng: &Rng) -> Self {
        Self { id, bytes: rng.bytes() }
    }

    /// One as it was sent; `None` for what was never one.
    pub fn parse(text: &str) -> Option<Self> {
        let all: [u8; 48] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (id, bytes) = all.split_at(16);
        Some(Self { id: Uuid::from_slice(id).ok()?, bytes: bytes.try_into().ok()? })
    }

    /// What is given out.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.id.as_bytes().as_slice(), &self.bytes].concat())
    }

    /// What the server keeps.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.bytes).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_as_the_hash_of_what_was_given_out() {
        let secret = Secret::new(Uuid::from_u128(5), &Rng::seeded(1));
        let back = Secret::parse(&secret.to_text()).expect("our own");
        assert_eq!((back.id, back.hash()), (secret.id, secret.hash()));
        assert_ne!(back.hash(), back.bytes);
        for text in ["", "!!!", &"A".repeat(63), &"A".repeat(65), &"é".repeat(32)] {
            assert!(Secret::parse(text).is_none(), "{text:?}");
        }
    }
}
