//! Passkeys (Web Authentication, level 3): a key pair in a telephone, a computer or a stick, unlocked by finger, face or
//! PIN, which signs only for the name of this server. `webauthn-rs` checks what they sign.

use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Error, Result, Viewer, typed_id};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::challenge::{Answered, Challenge, Purpose};
use crate::store::passkey::PasskeyRow;
use crate::{Accounts, Device, SignedInPerson, store};

/// Passkeys a person may have.
const MAX_PASSKEYS: usize = 20;

typed_id!(
    /// One passkey of a person.
    PasskeyId
);

/// A person's passkey.
#[derive(Clone, Debug)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// What the person calls it.
    pub name: String,
    /// The name of the server it is for.
    pub rp_id: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last signed in.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// The name and the origin that browsers know this server by: passkeys are for exactly one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    rp_id: String,
    origins: Vec<Url>,
}

impl Site {
    /// The site of the configured address, or else of the `Host` that was asked for; `None` where that is no name:
    /// browsers make no passkeys for numeric addresses.
    ///
    /// That anybody can make up a `Host` helps nobody: what a passkey signed holds the name and the origin that the
    /// browser saw, and a passkey of ours signs for no other.
    pub fn of(public_url: Option<&str>, host: Option<&str>) -> Option<Self> {
        let urls = match (public_url, host) {
            (Some(url), _) => vec![Url::parse(url).ok()?],
            (None, Some(host)) => {
                let secure = Url::parse(&format!("https://{host}")).ok()?;
                // Only on the machine itself do browsers trust an unencrypted page.
                let plain = (secure.host_str() == Some("localhost"))
                    .then(|| Url::parse(&format!("http://{host}")).ok())
                    .flatten();
                [plain, Some(secure)].into_iter().flatten().collect()
            }
            (None, None) => return None,
        };
        let Host::Domain(rp_id) = urls.first()?.host()? else { return None };
        Some(Self { rp_id: rp_id.to_owned(), origins: urls })
    }

    fn checker(&self) -> Result<Webauthn> {
        let first = self.origins.first().ok_or_else(no_site)?;
        let builder = WebauthnBuilder::new(&self.rp_id, first).map_err(|_| no_site())?;
        let builder =
            self.origins[1..].iter().fold(builder, WebauthnBuilder::append_allowed_origin);
        builder.rp_name("Revenge").build().map_err(|_| no_site())
    }
}

impl Accounts {
    /// A person's own passkeys.
    pub async fn list_passkeys(&self, viewer: &Viewer) -> Result<Vec<Passkey>> {
        let mut db = self.0.pool.acquire().await?;
        store::passkey::list_passkeys(&mut db, viewer.person_id).await
    }

    /// Begins a new passkey: what the browser's `navigator.credentials.create` is given.
    pub async fn begin_passkey(
        &self,
        viewer: &Viewer,
        site: Option<&Site>,
        device: &Device,
    ) -> Result<(Challenge, Value)> {
        let site = site.ok_or_else(no_site)?;
        let person = self.me(viewer).await?;
        let mut db = self.0.pool.acquire().await?;
        self.require_confirmed(&mut db, viewer).await?;
        if store::passkey::list_passkeys(&mut db, person.id).await?.len() >= MAX_PASSKEYS {
            return Err(Error::conflict(
                "accounts.too_many_passkeys",
                format!("nobody has more than {MAX_PASSKEYS} passkeys; remove one first"),
            ));
        }
        let known = self.credentials(&mut db, person.id, site).await?;
        let known = known.iter().map(|it| it.cred_id().clone()).collect();
        let (options, state) = site
            .checker()?
            .start_passkey_registration(person.id.0, &person.name, &person.name, Some(known))
            .map_err(internal)?;
        let mut options = to_json(&options.public_key)?;
        // So that it signs in without a name, where the authenticator can keep that.
        if let Some(wanted) = options["authenticatorSelection"].as_object_mut() {
            wanted.insert("residentKey".to_owned(), "preferred".into());
        }
        let purpose = Purpose::PasskeyRegistration;
        let state = to_json(&state)?;
        let challenge =
            self.begin_challenge(&mut db, purpose, Some(person.id), device, &state).await?;
        Ok((challenge, options))
    }

    /// Keeps a new passkey, as the browser made it. Gives recovery codes to those who have none.
    pub async fn finish_passkey(
        &self,
        viewer: &Viewer,
        site: Option<&Site>,
        device: &Device,
        ticket: &str,
        name: &str,
        credential: Value,
    ) -> Result<(Passkey, Option<Vec<String>>)> {
        let site = site.ok_or_else(no_site)?;
        let name = crate::person::checked_name(name)?;
        let answered = self.answer_challenge(Purpose::PasskeyRegistration, ticket, device).await?;
        if answered.person_id != Some(viewer.person_id) {
            return Err(Error::NotFound("passkey that was begun"));
        }
        let state: PasskeyRegistration = from_state(&answered)?;
        let made: RegisterPublicKeyCredential = from_client(credential)?;
        let key = site
            .checker()?
            .finish_passkey_registration(&made, &state)
            .map_err(|it| refused(&it))?;
        let passkey = Passkey {
            id: self.ids().next(),
            name,
            rp_id: site.rp_id.clone(),
            created_at: self.0.clock.now(),
            last_used_at: None,
        };
        let row = PasskeyRow {
            passkey: &passkey,
            person_id: viewer.person_id,
            credential_id: key.cred_id(),
            rp_id: &site.rp_id,
            credential: &to_json(&key)?,
        };
        let mut tx = self.0.pool.begin().await?;
        self.require_confirmed(&mut tx, viewer).await?;
        self.end_challenge(&mut tx, &answered).await?;
        store::passkey::insert_passkey(&mut tx, &row).await?;
        let codes = self.first_recovery_codes(&mut tx, viewer.person_id).await?;
        self.note(&mut tx, viewer, "passkey_added", &passkey.name).await?;
        tx.commit().await?;
        self.forget_factors(viewer.person_id).await?;
        Ok((passkey, codes))
    }

    /// Gives a passkey of one's own another name.
    pub async fn rename_passkey(&self, viewer: &Viewer, id: PasskeyId, name: &str) -> Result<()> {
        let name = crate::person::checked_name(name)?;
        let mut db = self.0.pool.acquire().await?;
        if store::passkey::rename_passkey(&mut db, viewer.person_id, id, &name).await? {
            Ok(())
        } else {
            Err(Error::NotFound("passkey"))
        }
    }

    /// Parts with a passkey.
    pub async fn remove_passkey(&self, viewer: &Viewer, id: PasskeyId) -> Result<()> {
        let mut tx = self.0.pool.begin().await?;
        self.require_confirmed(&mut tx, viewer).await?;
        let name = store::passkey::delete_passkey(&mut tx, viewer.person_id, id)
            .await?
            .ok_or(Error::NotFound("passkey"))?;
        self.note(&mut tx, viewer, "passkey_removed", &name).await?;
        self.drop_idle_recovery_codes(&mut tx, viewer.person_id).await?;
        tx.commit().await?;
        self.forget_factors(viewer.person_id).await?;
        Ok(())
    }

    /// Begins a sign-in by passkey alone: what the browser's `navigator.credentials.get` is given.
    pub async fn begin_passkey_sign_in(
        &self,
        site: Option<&Site>,
        device: &Device,
    ) -> Result<(Challenge, Value)> {
        self.require_passkeys()?;
        let site = site.ok_or_else(no_site)?;
        self.limit_by_address("passkey-begin", device).await?;
        let (options, state) =
            site.checker()?.start_discoverable_authentication().map_err(internal)?;
        let mut db = self.0.pool.acquire().await?;
        let purpose = Purpose::PasskeySignIn;
        let challenge =
            self.begin_challenge(&mut db, purpose, None, device, &to_json(&state)?).await?;
        Ok((challenge, to_json(&options.public_key)?))
    }

    /// Signs in by passkey alone: it was unlocked by what its person knows or is, so it is two factors in one.
    pub async fn finish_passkey_sign_in(
        &self,
        site: Option<&Site>,
        device: &Device,
        ticket: &str,
        credential: Value,
    ) -> Result<SignedInPerson> {
        self.require_passkeys()?;
        let site = site.ok_or_else(no_site)?;
        self.limit_by_address("passkey-finish", device).await?;
        let answered = self.answer_challenge(Purpose::PasskeySignIn, ticket, device).await?;
        let state: DiscoverableAuthentication = from_state(&answered)?;
        let shown: PublicKeyCredential = from_client(credential)?;
        let checker = site.checker()?;
        let (person, credential_id) =
            checker.identify_discoverable_authentication(&shown).map_err(|it| refused(&it))?;
        let person = PersonId(person);
        let mut tx = self.0.pool.begin().await?;
        let known = store::passkey::find_credential(&mut tx, person, credential_id).await?;
        let checked = known.and_then(|(id, credential)| {
            let key: webauthn_rs::prelude::Passkey = serde_json::from_value(credential).ok()?;
            let keys = DiscoverableKey::from(key.clone());
            let result =
                checker.finish_discoverable_authentication_v2(&shown, state, &keys).ok()?;
            Some((id, key, result))
        });
        let Some((id, mut key, result)) = checked else {
            let now = self.0.clock.now();
            store::audit::insert_audit(
                &mut tx,
                now,
                None,
                "sign_in_failed",
                "passkey",
                &device.address,
            )
            .await?;
            tx.commit().await?;
            return Err(wrong_passkey());
        };
        key.update_credential(&result);
        store::passkey::use_passkey(&mut tx, id, &to_json(&key)?, self.0.clock.now()).await?;
        self.end_challenge(&mut tx, &answered).await?;
        let signed_in = self.let_in(&mut tx, person, device, "passkey").await?;
        tx.commit().await?;
        self.announce(&signed_in, device).await;
        Ok(signed_in)
    }

    /// Goes on only where people sign in with a passkey alone.
    fn require_passkeys(&self) -> Result<()> {
        if self.0.ways.settings.passkey {
            return Ok(());
        }
        Err(Error::conflict(
            "accounts.passkey_off",
            "nobody signs in with a passkey alone here; use another way of the sign-in page",
        ))
    }

    /// The question that one of the person's passkeys is to answer after the password; `None` where they have none for
    /// this site. The second part is what must be kept until then.
    pub(crate) async fn ask_passkey(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
        site: Option<&Site>,
    ) -> Result<Option<(Value, Value)>> {
        let Some(site) = site else { return Ok(None) };
        let keys = self.credentials(db, person, site).await?;
        if keys.is_empty() {
            return Ok(None);
        }
        let (options, state) =
            site.checker()?.start_passkey_authentication(&keys).map_err(internal)?;
        Ok(Some((to_json(&options.public_key)?, to_json(&state)?)))
    }

    /// Whether a passkey answered the question that [`Accounts::ask_passkey`] asked.
    pub(crate) async fn check_passkey(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
        site: Option<&Site>,
        answered: &Answered,
        credential: Value,
    ) -> Result<bool> {
        let site = site.ok_or_else(no_site)?;
        if answered.state.is_null() {
            return Ok(false);
        }
        let state: PasskeyAuthentication = from_state(answered)?;
        let shown: PublicKeyCredential = from_client(credential)?;
        let Ok(result) = site.checker()?.finish_passkey_authentication(&shown, &state) else {
            return Ok(false);
        };
        let known = store::passkey::find_credential(db, person, result.cred_id()).await?;
        let Some((id, known)) = known else { return Ok(false) };
        let mut key: webauthn_rs::prelude::Passkey =
            serde_json::from_value(known).map_err(anyhow::Error::from)?;
        key.update_credential(&result);
        store::passkey::use_passkey(db, id, &to_json(&key)?, self.0.clock.now()).await?;
        Ok(true)
    }

    async fn credentials(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
        site: &Site,
    ) -> Result<Vec<webauthn_rs::prelude::Passkey>> {
        let credentials = store::passkey::list_credentials(db, person, &site.rp_id).await?;
        let keys = credentials.into_iter().map(serde_json::from_value).collect::<Result<_, _>>();
        Ok(keys.map_err(anyhow::Error::from)?)
    }
}

fn to_json(value: &impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(value).map_err(anyhow::Error::from)?)
}

fn from_state<T: DeserializeOwned>(answered: &Answered) -> Result<T> {
    Ok(serde_json::from_value(answered.state.clone()).map_err(anyhow::Error::from)?)
}

fn from_client<T: DeserializeOwned>(credential: Value) -> Result<T> {
    serde_json::from_value(credential)
        .map_err(|error| Error::invalid("credential", error.to_string()))
}

fn internal(error: WebauthnError) -> Error {
    Error::Internal(error.into())
}

fn refused(error: &WebauthnError) -> Error {
    tracing::debug!(%error, "passkey.refused");
    wrong_passkey()
}

fn wrong_passkey() -> Error {
    Error::invalid("credential", "the passkey is not known here, or did not sign what was asked")
}

fn no_site() -> Error {
    Error::conflict(
        "accounts.no_passkeys_here",
        "passkeys need a name for the server: set server.public_url, or open it by name",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(public_url: Option<&str>, host: Option<&str>, expect: Option<(&str, &[&str])>) {
        let site = Site::of(public_url, host);
        let found = site.as_ref().map(|it| {
            (it.rp_id.as_str(), it.origins.iter().map(|it| it.origin().ascii_serialization()))
        });
        let found = found.map(|(id, origins)| (id.to_owned(), origins.collect::<Vec<_>>()));
        let expect =
            expect.map(|(id, it)| (id.to_owned(), it.iter().map(|it| (*it).to_owned()).collect()));
        assert_eq!(found, expect, "{public_url:?} {host:?}");
        if let Some(site) = site {
            site.checker().expect("what checks it");
        }
    }

    #[test]
    fn passkeys_are_for_the_name_that_browsers_know() {
        let public = Some("https://media.example.org");
        check(public, Some("other"), Some(("media.example.org", &["https://media.example.org"])));
        check(None, Some("films.lan:8096"), Some(("films.lan", &["https://films.lan:8096"])));
        let local: &[&str] = &["http://localhost:8096", "https://localhost:8096"];
        check(None, Some("localhost:8096"), Some(("localhost", local)));
        for host in ["192.168.1.2:8096", "[::1]:8096", "", "a b", "@"] {
            check(None, Some(host), None);
        }
        check(None, None, None);
    }
}
