//! Argon2id (RFC 9106), a bounded number at a time: each hash takes 19 MiB, or what is configured, and a flood of sign-ins
//! must not take the machine's memory.

use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::{Error, Result};
use tokio::sync::Semaphore;

use crate::Accounts;

/// Hashes computed at once.
const AT_ONCE: usize = 2;

/// Hashes waiting for their turn: beyond that a caller is told to come back.
const WAITING: usize = 32;

static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);
static QUEUE: Semaphore = Semaphore::const_new(AT_ONCE + WAITING);

/// How much work a hash is.
#[derive(Clone, Debug)]
pub struct Hashing {
    params: Params,
    /// The hash of a password nobody has, so that an unknown name costs what a wrong password costs.
    nobody: String,
}

impl Hashing {
    /// Work that takes `memory_kib` KiB, `passes` times over.
    pub fn new(memory_kib: u32, passes: u32) -> anyhow::Result<Self> {
        anyhow::ensure!(
            (8 << 10..=1 << 20).contains(&memory_kib),
            "password_memory_kib must be 8192 to 1048576"
        );
        anyhow::ensure!((1..=20).contains(&passes), "password_passes must be 1 to 20");
        let params = Params::new(memory_kib, passes, 1, None)
            .map_err(|error| anyhow::anyhow!("Argon2id does not work so: {error}"))?;
        let nobody = hash_now(&params, "nobody's password", &[0; 16])?;
        Ok(Self { params, nobody })
    }

    /// Whether `hash` was made with other work than this, or cannot be read.
    pub(crate) fn is_other_than_of(&self, hash: &str) -> bool {
        PasswordHash::new(hash).ok().and_then(|it| Params::try_from(&it).ok()).is_none_or(|it| {
            let cost = |it: &Params| (it.m_cost(), it.t_cost(), it.p_cost());
            cost(&it) != cost(&self.params)
        })
    }
}

impl Accounts {
    /// The password's hash in the PHC string form.
    pub(crate) async fn hash_password(&self, password: String) -> Result<String> {
        let salt = self.0.rng.bytes::<16>();
        let params = self.0.hashing.params.clone();
        in_turn(move || hash_now(&params, &password, &salt)).await?
    }

    /// Whether `password` is the one of `hash`. Without a hash it says no, as late as with one.
    pub(crate) async fn verify_password(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool> {
        let nobody = self.0.hashing.nobody.clone();
        in_turn(move || verify_now(&password, hash, nobody)).await?
    }
}

fn verify_now(password: &str, hash: Option<String>, nobody: String) -> Result<bool> {
    let known = hash.is_some();
    let hash = hash.unwrap_or(nobody);
    let parsed = PasswordHash::new(&hash).map_err(|error| {
        Error::Internal(anyhow::anyhow!("a stored password hash is damaged: {error}"))
    })?;
    let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    Ok(known && is_right)
}

fn hash_now(params: &Params, password: &str, salt: &[u8; 16]) -> Result<String> {
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let hashing = Hashing::new(19_456, 2).expect("allowed");
        let hash = hash_now(&hashing.params, "correct horse", &[1; 16]).expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = |password: &str, hash: Option<&String>| {
            verify_now(password, hash.cloned(), hashing.nobody.clone()).expect("verified")
        };
        assert!(verify("correct horse", Some(&hash)));
        assert!(!verify("battery staple", Some(&hash)));
        assert!(!verify("nobody's password", None), "an unknown name");
        assert!(!hashing.is_other_than_of(&hash));
        let more = Hashing::new(19_456, 3).expect("allowed");
        assert!(more.is_other_than_of(&hash));
        assert!(more.is_other_than_of("no hash"));
    }

    #[test]
    fn too_little_or_too_much_work_is_refused() {
        for (memory, passes) in [(8191, 2), (1_048_577, 2), (19_456, 0), (19_456, 21)] {
            assert!(Hashing::new(memory, passes).is_err(), "{memory} {passes}");
        }
    }

    #[expect(clippy::disallowed_methods, reason = "stands in for the work of a hash")]
    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_takes_the_memory_of_two_and_the_rest_is_told_to_come_back() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let flood = (0..100).map(|_| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            tokio::spawn(in_turn(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(20));
                now.fetch_sub(1, Ordering::SeqCst);
            }))
        });
        let outcomes = futures::future::join_all(flood).await;
        let done = outcomes.iter().filter(|it| matches!(it, Ok(Ok(())))).count();
        let busy = outcomes.iter().filter(|it| matches!(it, Ok(Err(Error::Busy { .. })))).count();
        assert_eq!((done, busy), (AT_ONCE + WAITING, 100 - AT_ONCE - WAITING));
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
    }
}
