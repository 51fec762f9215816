//! People who share a device, a television above all, and go from one to another without signing in each time.
//!
//! Who wants to be gone to there leaves their session on the device. Going to them is taking that session up again, by a new
//! token: whatever ends a session, ends this too, and what it was signed in by stays as it was. The device proves by a
//! secret of its own that it is the one.

use kernel::id::PersonId;
use kernel::{Error, Result, Viewer};

use crate::avatar::Avatar;
use crate::service::shortened;
use crate::session::Token;
use crate::{Accounts, Device, SignedInPerson, device, store};

/// The cookie by which a browser is known as shared.
pub const COOKIE: &str = "revenge_profiles";

/// The header by which an app is.
pub const HEADER: &str = "x-revenge-profiles";

/// People of one device.
const MAX_PEOPLE: i64 = 20;

/// Digits of a PIN.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// Somebody who may be gone to on a device.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Who.
    pub person_id: PersonId,
    /// What they are called.
    pub name: String,
    /// Which picture they gave themselves.
    pub avatar: Option<String>,
    /// Going to them asks for their PIN.
    pub has_pin: bool,
    /// As long as they have none, one goes to them without.
    pub opens_without_pin: bool,
}

/// Who shares a device, as one of them sees it.
#[derive(Clone, Debug)]
pub struct Profiles {
    /// One is among them.
    pub is_remembered: bool,
    /// One has a PIN oneself.
    pub has_pin: bool,
    /// As long as one has none, others come to one without.
    pub opens_without_pin: bool,
    /// From here one goes to those only who have a PIN.
    pub leaving_needs_pin: bool,
    /// All of them, by name.
    pub people: Vec<Profile>,
}

impl Profiles {
    /// Whether one may go from here to somebody.
    pub fn may_go_to(&self, profile: &Profile) -> bool {
        may_go(self.leaving_needs_pin, profile.has_pin, profile.opens_without_pin)
    }
}

/// Whether one may go to somebody, their PIN being shown where they have one.
fn may_go(leaving_needs_pin: bool, has_pin: bool, opens_without_pin: bool) -> bool {
    has_pin || opens_without_pin && !leaving_needs_pin
}

impl Accounts {
    /// Who shares the device, and what one said of that oneself.
    pub async fn list_profiles(&self, viewer: &Viewer, device: &Device) -> Result<Profiles> {
        let mut db = self.0.pool.acquire().await?;
        let own = store::profile::find_own(&mut db, viewer.person_id).await?;
        let own = own.ok_or(Error::Unauthenticated)?;
        let people = match device.profiles_hash() {
            Some(hash) => store::profile::list_profiles(&mut db, &hash, self.0.clock.now()).await?,
            None => Vec::new(),
        };
        Ok(Profiles {
            is_remembered: people.iter().any(|it| it.person_id == viewer.person_id),
            has_pin: own.has_pin,
            opens_without_pin: own.opens_without_pin,
            leaving_needs_pin: own.leaving_needs_pin,
            people,
        })
    }

    /// Has oneself gone to on this device from now on; gives what a device is to keep that was not shared before.
    pub async fn remember_profile(
        &self,
        viewer: &Viewer,
        device: &Device,
    ) -> Result<Option<String>> {
        let session = viewer.session_id.ok_or(Error::Unauthenticated)?;
        let (secret, hash) = if let Some(hash) = device.profiles_hash() {
            (None, hash)
        } else {
            let (secret, hash) = device::new_secret(&self.0.rng);
            (Some(secret), hash)
        };
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        if store::profile::count_profiles(&mut tx, &hash).await? >= MAX_PEOPLE {
            return Err(Error::conflict(
                "accounts.too_many_profiles",
                "twenty people share this device already; one of them must leave it first",
            ));
        }
        store::profile::write_profile(&mut tx, &hash, viewer.person_id, session, now).await?;
        self.note(&mut tx, viewer, "profile_remembered", &shortened(&device.name)).await?;
        tx.commit().await?;
        Ok(secret)
    }

    /// Has oneself gone to on this device no more. One stays signed in.
    pub async fn forget_profile(&self, viewer: &Viewer, device: &Device) -> Result<()> {
        let hash = device.profiles_hash().ok_or(Error::NotFound("profile"))?;
        let mut tx = self.0.pool.begin().await?;
        if !store::profile::delete_profile(&mut tx, &hash, viewer.person_id).await? {
            return Err(Error::NotFound("profile"));
        }
        self.note(&mut tx, viewer, "profile_forgotten", &shortened(&device.name)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The picture of somebody who shares the device.
    pub async fn find_profile_avatar(&self, device: &Device, id: PersonId) -> Result<Avatar> {
        let hash = device.profiles_hash().ok_or(Error::NotFound("picture"))?;
        let mut db = self.0.pool.acquire().await?;
        let now = self.0.clock.now();
        store::profile::find_profile(&mut db, &hash, id, now)
            .await?
            .ok_or(Error::NotFound("picture"))?;
        store::avatar::find_avatar(&mut db, id).await?.ok_or(Error::NotFound("picture"))
    }

    /// Goes from oneself to somebody else who shares the device; who is not known there oneself signs out by it. Each wrong PIN beyond a few makes all who try wait longer.
    pub async fn switch_profile(
        &self,
        viewer: &Viewer,
        device: &Device,
        to: PersonId,
        pin: Option<&str>,
    ) -> Result<SignedInPerson> {
        self.limit_by_person("profile", viewer.person_id).await?;
        let from = viewer.session_id.ok_or(Error::Unauthenticated)?;
        let hash = device.profiles_hash().ok_or(Error::NotFound("profile"))?;
        let mut db = self.0.pool.acquire().await?;
        let row = store::profile::find_profile(&mut db, &hash, to, self.0.clock.now()).await?;
        let row = row.filter(|it| it.session_id != from).ok_or(Error::NotFound("profile"))?;
        let own = store::profile::find_own(&mut db, viewer.person_id).await?;
        let own = own.ok_or(Error::Unauthenticated)?;
        let left =
            store::profile::find_profile(&mut db, &hash, viewer.person_id, self.0.clock.now());
        let stays = left.await?.is_some_and(|it| it.session_id == from);
        drop(db);
        if !may_go(own.leaving_needs_pin, row.pin_hash.is_some(), row.opens_without_pin) {
            return Err(Error::conflict(
                "accounts.profile_needs_pin",
                "they have no PIN that you could show; they must sign in with their password",
            ));
        }
        if let Some(hash) = row.pin_hash {
            self.require_pin(to, hash, pin, device).await?;
        }
        // Who comes to a device finds no door open that its person left open.
        for session in [from, row.session_id] {
            self.close_adult_door(session).await?;
        }
        let token = Token::new(row.session_id, &self.0.rng);
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        let person = store::person::find_person(&mut tx, to).await?;
        let person = person.filter(|it| !it.is_disabled).ok_or(Error::NotFound("profile"))?;
        if !store::profile::take_session(&mut tx, row.session_id, &token.hash(), now).await? {
            return Err(Error::NotFound("profile"));
        }
        let lacks_factor = store::second_factor::lacks_factor(&mut tx, row.session_id).await?;
        let names = store::person::find_names(&mut tx, viewer.person_id, None).await?;
        let (name, _) = names.unwrap_or_default();
        let action = "profile_switched";
        store::audit::insert_audit(&mut tx, now, Some(to), action, &name, &device.address).await?;
        // Nobody comes back to who is not known here.
        if !stays {
            store::session::delete_session(&mut tx, viewer.person_id, from).await?;
        }
        tx.commit().await?;
        self.forget_viewers(&[from, row.session_id]).await;
        Ok(SignedInPerson {
            person,
            token: token.to_text(),
            session_id: row.session_id,
            device_secret: None,
            lacks_factor,
        })
    }

    /// Goes on only with the PIN of `person`, whose hash this is.
    async fn require_pin(
        &self,
        person: PersonId,
        hash: String,
        pin: Option<&str>,
        device: &Device,
    ) -> Result<()> {
        let pin = pin.ok_or_else(|| Error::invalid("pin", "show their PIN"))?;
        check_pin(pin)?;
        let mut db = self.0.pool.acquire().await?;
        let attempt = self.begin_profile_attempt(&mut db, person).await?;
        // Counted before it is tried: who asks many times at once guesses no more often.
        self.count_failure(&mut db, &attempt).await?;
        drop(db);
        let is_right = self.verify_password(pin.to_owned(), Some(hash)).await?;
        let mut db = self.0.pool.acquire().await?;
        if is_right {
            return self.forget_failures(&mut db, &attempt).await;
        }
        let (now, action) = (self.0.clock.now(), "profile_pin_failed");
        store::audit::insert_audit(&mut db, now, Some(person), action, "", &device.address).await?;
        Err(Error::invalid("pin", "not their PIN"))
    }

    /// Sets one's PIN, or takes it away, for whoever showed their password a moment ago.
    pub async fn change_pin(&self, viewer: &Viewer, pin: Option<&str>) -> Result<()> {
        pin.map_or(Ok(()), check_pin)?;
        self.require_confirmed(&mut *self.0.pool.acquire().await?, viewer).await?;
        let hash = match pin {
            Some(pin) => Some(self.hash_password(pin.to_owned()).await?),
            None => None,
        };
        let mut tx = self.0.pool.begin().await?;
        store::profile::update_pin(&mut tx, viewer.person_id, hash.as_deref()).await?;
        let action = if hash.is_some() { "pin_set" } else { "pin_removed" };
        self.note(&mut tx, viewer, action, "").await?;
        tx.commit().await?;
        Ok(())
    }

    /// Says whether others come to one without a PIN as long as one has none, for whoever showed their password a moment ago.
    pub async fn change_opens_without_pin(&self, viewer: &Viewer, opens: bool) -> Result<()> {
        let mut tx = self.0.pool.begin().await?;
        self.require_confirmed(&mut tx, viewer).await?;
        store::profile::update_opens_without_pin(&mut tx, viewer.person_id, opens).await?;
        let action = if opens { "profile_opened" } else { "profile_closed" };
        self.note(&mut tx, viewer, action, "").await?;
        tx.commit().await?;
        Ok(())
    }
}

fn check_pin(pin: &str) -> Result<()> {
    if PIN_DIGITS.contains(&pin.len()) && pin.bytes().all(|it| it.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::invalid("pin", "a PIN has 4 to 8 digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_a_few_digits() {
        for (pin, is_one) in
            [("1234", true), ("12345678", true), ("123", false), ("123456789", false)]
        {
            assert_eq!(check_pin(pin).is_ok(), is_one, "{pin}");
        }
        assert!(check_pin("12a4").is_err() && check_pin("١٢٣٤").is_err());
    }

    #[test]
    fn nobody_is_gone_to_without_a_pin_who_did_not_say_so() {
        for (leaving_needs_pin, has_pin, opens_without_pin, may) in [
            (false, false, false, false),
            (false, false, true, true),
            (false, true, false, true),
            (true, false, true, false),
            (true, true, false, true),
        ] {
            assert_eq!(may_go(leaving_needs_pin, has_pin, opens_without_pin), may);
        }
    }
}
