//! Secrets the server must read again, kept so that a stolen database is of no use without the server's own secret.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use kernel::{Error, Result, Rng};
use sha2::Sha256;
use uuid::Uuid;

const NONCE_BYTES: usize = 24;

/// Seals and opens with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03).
pub struct Seal(XChaCha20Poly1305);

impl Seal {
    /// The seal for one `purpose`, by a key derived from the server's `secret` with HMAC-SHA256.
    pub fn new(secret: &[u8; 32], purpose: &str) -> Result<Self> {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret)
            .map_err(|error| Error::Internal(error.into()))?;
        mac.update(b"revenge seal ");
        mac.update(purpose.as_bytes());
        let key: [u8; 32] = mac.finalize().into_bytes().into();
        Ok(Self(XChaCha20Poly1305::new(&Key::from(key))))
    }

    /// `secret` of `owner` (a person, a row), sealed: the nonce and what it gave.
    pub fn close(&self, owner: Uuid, secret: &[u8], rng: &Rng) -> Result<Vec<u8>> {
        let nonce = rng.bytes::<NONCE_BYTES>();
        let payload = Payload { msg: secret, aad: owner.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| broken())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What [`Seal::close`] sealed for the same owner under the same key.
    pub fn open(&self, owner: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(broken)?;
        let payload = Payload { msg: sealed, aad: owner.as_bytes() };
        self.0.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())
    }
}

fn broken() -> Error {
    Error::Internal(anyhow::anyhow!("a sealed secret does not fit the server's secret"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_server_opens_it_and_only_for_the_same_person() {
        let (ana, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let seal = Seal::new(&[7; 32], "totp").expect("a key");
        let mut sealed = seal.close(ana, b"secret", &Rng::seeded(1)).expect("sealed");
        assert!(!sealed.windows(6).any(|it| it == b"secret"));
        assert_eq!(seal.open(ana, &sealed).expect("opened"), b"secret");
        assert!(seal.open(bob, &sealed).is_err());
        assert!(Seal::new(&[8; 32], "totp").expect("a key").open(ana, &sealed).is_err());
        assert!(Seal::new(&[7; 32], "other").expect("a key").open(ana, &sealed).is_err());
        sealed[30] ^= 1;
        assert!(seal.open(ana, &sealed).is_err());
        assert!(seal.open(ana, b"short").is_err());
    }
}
