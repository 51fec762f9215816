//! Argon2id (RFC 9106), a bounded number at a time: each hash takes 19 MiB, and a flood of sign-ins must not take the
//! machine's memory.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use kernel::{Error, Result, Rng};
use tokio::sync::Semaphore;

/// Hashes computed at once.
const AT_ONCE: usize = 2;

/// Hashes waiting for their turn: beyond that a caller is told to come back.
const WAITING: usize = 32;

static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);
static QUEUE: Semaphore = Semaphore::const_new(AT_ONCE + WAITING);

/// The hash of a password nobody has, so that an unknown name costs what a wrong password costs.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    hash_now("nobody's password", &[0; 16]).expect("Argon2 hashes with its own defaults")
});

/// The password's hash in the PHC string form.
pub async fn hash(password: String, rng: &Rng) -> Result<String> {
    let salt = rng.bytes::<16>();
    in_turn(move || hash_now(&password, &salt)).await?
}

/// Whether `password` is the one of `hash`. Without a hash it says no, as late as with one.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    in_turn(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let parsed = PasswordHash::new(&hash).map_err(|error| {
            Error::Internal(anyhow::anyhow!("a stored password hash is damaged: {error}"))
        })?;
        let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(known && is_right)
    })
    .await?
}

fn hash_now(password: &str, salt: &[u8; 16]) -> Result<String> {
    let hash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(|error| Error::Internal(anyhow::anyhow!("hashing a password: {error}")))?;
    Ok(hash.to_string())
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _place =
        QUEUE.try_acquire().map_err(|_| Error::Busy { retry_after: Duration::from_secs(5) })?;
    let _permit = PERMITS.acquire().await.map_err(|error| Error::Internal(error.into()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hash = hash("correct horse".to_owned(), &Rng::seeded(1)).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse".to_owned(), Some(hash.clone())).await.expect("verified"));
        assert!(!verify("battery staple".to_owned(), Some(hash)).await.expect("verified"));
        assert!(
            !verify("nobody's password".to_owned(), None).await.expect("verified"),
            "an unknown name"
        );
    }
}
