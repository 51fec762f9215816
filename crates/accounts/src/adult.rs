//! The adult area's door: a person says once that they are old enough, may set a PIN, and opens the area for one device;
//! it closes by itself when nobody uses it.
//!
//! That it is open stands in the cache alone, so a cache that is away or was emptied is a door that is closed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::id::SessionId;
use kernel::{Error, Permission, Result, Viewer};

use crate::{Accounts, store};

/// After this long without use it is closed again.
pub const IDLE: Duration = Duration::from_mins(15);

/// How exactly use is noted: a page asks for dozens of pictures at once.
const NOTED_EVERY: Duration = Duration::from_secs(30);

/// Digits of a PIN.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

/// How a person stands before the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// They said that they are old enough.
    pub is_age_confirmed: bool,
    /// It asks for a PIN.
    pub has_pin: bool,
    /// It is open on this device.
    pub is_open: bool,
}

impl Accounts {
    /// How `viewer` stands before the door. Asking is no use of the area.
    pub async fn adult_entry(&self, viewer: &Viewer) -> Result<Entry> {
        let session = self.may_enter(viewer)?;
        let mut db = self.0.pool.acquire().await?;
        let row = store::adult::find_entry(&mut db, viewer.person_id).await?;
        Ok(Entry {
            is_age_confirmed: row.is_some(),
            has_pin: row.is_some_and(|it| it.pin_hash.is_some()),
            is_open: self.last_use(session).await.is_some(),
        })
    }

    /// `viewer` says that they are old enough.
    pub async fn confirm_age(&self, viewer: &Viewer) -> Result<()> {
        self.may_enter(viewer)?;
        let mut tx = self.0.pool.begin().await?;
        let now = self.0.clock.now();
        if store::adult::insert_entry(&mut tx, viewer.person_id, now).await? {
            self.note(&mut tx, viewer, "adult_age_confirmed", "").await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Sets the PIN, or takes it away, for whoever showed their password a moment ago. The area closes on all devices.
    pub async fn change_adult_pin(&self, viewer: &Viewer, pin: Option<&str>) -> Result<()> {
        self.may_enter(viewer)?;
        if let Some(pin) = pin {
            check_pin(pin)?;
        }
        self.require_confirmed(&mut *self.0.pool.acquire().await?, viewer).await?;
        let hash = match pin {
            Some(pin) => Some(self.hash_password(pin.to_owned()).await?),
            None => None,
        };
        let mut tx = self.0.pool.begin().await?;
        if !store::adult::update_pin(&mut tx, viewer.person_id, hash.as_deref()).await? {
            return Err(not_confirmed());
        }
        let action = if hash.is_some() { "adult_pin_set" } else { "adult_pin_removed" };
        self.note(&mut tx, viewer, action, "").await?;
        let believed = store::believed::of_person(&mut tx, viewer.person_id).await?;
        tx.commit().await?;
        for session in believed.sessions {
            self.0.cache.delete(&key(session)).await?;
        }
        Ok(())
    }

    /// Opens the area on this device. Each wrong PIN beyond a few makes the person wait longer.
    pub async fn open_adult(&self, viewer: &Viewer, pin: Option<&str>) -> Result<()> {
        let session = self.may_enter(viewer)?;
        self.limit_by_person("adult-pin", viewer.person_id).await?;
        let mut db = self.0.pool.acquire().await?;
        let row = store::adult::find_entry(&mut db, viewer.person_id).await?;
        let row = row.ok_or_else(not_confirmed)?;
        if let Some(hash) = row.pin_hash {
            let attempt = self.begin_pin_attempt(&mut db, viewer.person_id).await?;
            // Counted before it is tried: who asks many times at once guesses no more often.
            self.count_failure(&mut db, &attempt).await?;
            drop(db);
            let pin = pin.filter(|it| check_pin(it).is_ok()).unwrap_or_default();
            if pin.is_empty() || !self.verify_password(pin.to_owned(), Some(hash)).await? {
                return Err(Error::invalid("pin", "not your PIN"));
            }
            let mut db = self.0.pool.acquire().await?;
            self.forget_failures(&mut db, &attempt).await?;
        }
        self.note_use(session, self.0.clock.now()).await
    }

    /// Closes it on this device.
    pub async fn close_adult(&self, viewer: &Viewer) -> Result<()> {
        let session = self.may_enter(viewer)?;
        self.0.cache.delete(&key(session)).await?;
        Ok(())
    }

    /// Closes it on a device that goes to somebody else.
    pub(crate) async fn close_adult_door(&self, session: SessionId) -> Result<()> {
        if self.0.has_adult {
            self.0.cache.delete(&key(session)).await?;
        }
        Ok(())
    }

    /// Whether the area is open for `viewer`; `is_use` keeps it open. Whatever goes wrong, it is closed.
    pub async fn is_adult_open(&self, viewer: &Viewer, is_use: bool) -> bool {
        let Ok(session) = self.may_enter(viewer) else { return false };
        let Some(used_at) = self.last_use(session).await else { return false };
        let now = self.0.clock.now();
        if is_use && used_at + NOTED_EVERY <= now {
            // Not noted, it closes sooner than it would.
            let _ = self.note_use(session, now).await;
        }
        true
    }

    /// The device of somebody who may enter at all.
    fn may_enter(&self, viewer: &Viewer) -> Result<SessionId> {
        if !self.0.has_adult {
            return Err(Error::NotFound("endpoint"));
        }
        viewer.require(Permission::Adult)?;
        // From whom an age or a tag is kept, all of it is.
        if viewer.scope.is_guarded() {
            return Err(Error::Forbidden("enter the adult area with a limited account"));
        }
        viewer.session_id.ok_or(Error::Forbidden("do this with an API key; sign in on a device"))
    }

    async fn last_use(&self, session: SessionId) -> Option<DateTime<Utc>> {
        let kept = self.0.cache.get(&key(session)).await.ok()??;
        let used_at =
            DateTime::from_timestamp(i64::from_be_bytes(kept.as_ref().try_into().ok()?), 0)?;
        (used_at + IDLE > self.0.clock.now()).then_some(used_at)
    }

    async fn note_use(&self, session: SessionId, now: DateTime<Utc>) -> Result<()> {
        self.0.cache.set(&key(session), now.timestamp().to_be_bytes().to_vec(), IDLE).await
    }
}

fn key(session: SessionId) -> String {
    format!("adult_open:{session}")
}

fn check_pin(pin: &str) -> Result<()> {
    if PIN_DIGITS.contains(&pin.len()) && pin.bytes().all(|it| it.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::invalid("pin", "a PIN has 4 to 12 digits"))
}

fn not_confirmed() -> Error {
    Error::conflict("adult.age_not_confirmed", "say first that you are old enough")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_a_few_digits() {
        for (pin, is_one) in
            [("1234", true), ("123456789012", true), ("123", false), ("1234567890123", false)]
        {
            assert_eq!(check_pin(pin).is_ok(), is_one, "{pin}");
        }
        assert!(check_pin("12a4").is_err() && check_pin("١٢٣٤").is_err());
    }
}
