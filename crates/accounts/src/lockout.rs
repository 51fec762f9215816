//! Guessing passwords takes longer the more often it failed: by account and by address.
//!
//! A device that somebody signed in with before is counted by itself alone, so that whoever guesses from elsewhere makes
//! nobody wait who is at home. Names that nobody has are counted like those that somebody has.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Error, Result};
use sha2::{Digest as _, Sha256};

use crate::{Accounts, Device, store};

/// After this long without a failure, all is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// The longest wait.
const MAX_WAIT: Duration = Duration::from_mins(15);

/// The first wait; it doubles with each further failure.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// Failures in a row of an account, or of a known device, before there is a wait.
const FREE_FOR_ACCOUNT: i32 = 5;

/// Failures in a row from an address before there is a wait: a household has one address.
const FREE_FOR_ADDRESS: i32 = 20;

/// Whose failures are counted, with how many are free.
struct Subject {
    key: Vec<u8>,
    free: i32,
}

/// The wait after so many failures in a row.
fn wait_after(failures: i32, free: i32) -> Duration {
    let beyond = failures - free;
    if beyond < 0 {
        return Duration::ZERO;
    }
    FIRST_WAIT
        .saturating_mul(1_u32.checked_shl(beyond.cast_unsigned()).unwrap_or(u32::MAX))
        .min(MAX_WAIT)
}

fn key(what: &str, of: &[u8]) -> Vec<u8> {
    let hash = Sha256::new().chain_update(what.as_bytes()).chain_update([0]).chain_update(of);
    hash.finalize().to_vec()
}

/// What failures of one attempt are counted under.
pub(crate) struct Attempt(Vec<Subject>);

impl Attempt {
    fn keys(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|it| it.key.clone()).collect()
    }
}

impl Accounts {
    /// What an attempt to open the adult area is counted under, unless it must wait. Whoever tries has signed in as the
    /// person, so nobody else makes them wait.
    pub(crate) async fn begin_pin_attempt(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
    ) -> Result<Attempt> {
        let key = key("adult pin", person.0.as_bytes());
        let attempt = Attempt(vec![Subject { key, free: FREE_FOR_ACCOUNT }]);
        self.must_not_wait(db, attempt).await
    }

    /// The same of an attempt to go to `person` on a device where they are signed in.
    pub(crate) async fn begin_profile_attempt(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
    ) -> Result<Attempt> {
        let key = key("profile pin", person.0.as_bytes());
        let attempt = Attempt(vec![Subject { key, free: FREE_FOR_ACCOUNT }]);
        self.must_not_wait(db, attempt).await
    }

    /// What an attempt to sign in as `account` is counted under, unless it must wait: then it is refused, whoever it is.
    pub(crate) async fn begin_attempt(
        &self,
        db: &mut sqlx::PgConnection,
        account: &str,
        device: &Device,
        is_known: bool,
    ) -> Result<Attempt> {
        let known = device.secret_hash().filter(|_| is_known);
        let attempt = Attempt(match known {
            Some(hash) => vec![Subject { key: key("device", &hash), free: FREE_FOR_ACCOUNT }],
            None => vec![
                Subject { key: key("account", account.as_bytes()), free: FREE_FOR_ACCOUNT },
                Subject { key: key("address", device.address.as_bytes()), free: FREE_FOR_ADDRESS },
            ],
        });
        self.must_not_wait(db, attempt).await
    }

    async fn must_not_wait(
        &self,
        db: &mut sqlx::PgConnection,
        attempt: Attempt,
    ) -> Result<Attempt> {
        let now = self.0.clock.now();
        let rows = store::device::list_failures(db, &attempt.keys()).await?;
        let until = rows.into_iter().filter_map(|(key, failures, failed_at)| {
            let free = attempt.0.iter().find(|it| it.key == key)?.free;
            let is_forgotten = failed_at + FORGOTTEN_AFTER < now;
            (!is_forgotten).then(|| failed_at + wait_after(failures, free))
        });
        let until = until.max().unwrap_or(DateTime::<Utc>::MIN_UTC);
        match (until - now).to_std() {
            Ok(wait) if !wait.is_zero() => Err(Error::Busy { retry_after: wait }),
            _ => Ok(attempt),
        }
    }

    /// Counts a failure.
    pub(crate) async fn count_failure(
        &self,
        db: &mut sqlx::PgConnection,
        attempt: &Attempt,
    ) -> Result<()> {
        let now = self.0.clock.now();
        store::device::count_failures(db, &attempt.keys(), now, now - FORGOTTEN_AFTER).await
    }

    /// Forgets the failures of the account or the device: it was its person. Those of the address stay, or whoever has
    /// one account would guess at all others.
    pub(crate) async fn forget_failures(
        &self,
        db: &mut sqlx::PgConnection,
        attempt: &Attempt,
    ) -> Result<()> {
        let first = attempt.0.first().map(|it| it.key.clone());
        store::device::delete_failures(db, first.as_slice()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let waits = [0, 4, 5, 6, 7, 8, 9, 10, 11, 40, 1_000_000];
        let waits: Vec<u64> = waits.iter().map(|it| wait_after(*it, 5).as_secs()).collect();
        assert_eq!(waits, [0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
    }
}
