//! What a person has beside the password, how they come to it, and how they part with it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::id::PersonId;
use kernel::{Error, Permission, Result, Viewer};

use crate::seal::Seal;
use crate::totp::{self, QrCode};
use crate::{Accounts, recovery, store};

/// For how long a proof of who holds the device lets them change how they sign in.
const CONFIRMED_FOR: Duration = Duration::from_mins(10);

/// What a person has beside the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Since when an authenticator app makes codes.
    pub totp_since: Option<DateTime<Utc>>,
    /// Passkeys, for whichever name of the server.
    pub passkeys: i64,
    /// Recovery codes that are left.
    pub recovery_codes: i64,
}

impl Factors {
    /// Whether a password alone no longer signs them in. Whatever asks for a second factor asks here.
    pub fn are_asked_for(&self) -> bool {
        self.totp_since.is_some() || self.passkeys > 0
    }
}

/// The secret of a new authenticator app, shown once.
#[derive(Debug)]
pub struct NewTotp {
    /// As people type it.
    pub secret: String,
    /// As apps read it.
    pub address: String,
    /// The address as a picture.
    pub qr: QrCode,
}

/// What a person shows beside the password.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A code of the authenticator app.
    Totp(String),
    /// A code from paper.
    RecoveryCode(String),
}

impl Accounts {
    /// What one has beside the password, and until when one may change it without showing the password again.
    pub async fn my_factors(&self, viewer: &Viewer) -> Result<(Factors, Option<DateTime<Utc>>)> {
        let mut db = self.0.pool.acquire().await?;
        let factors = store::second_factor::find_factors(&mut db, viewer.person_id).await?;
        let until = match viewer.session_id {
            Some(id) => store::second_factor::find_confirmed_at(&mut db, id).await?,
            None => None,
        };
        let until = until.map(|it| it + CONFIRMED_FOR).filter(|it| *it > self.0.clock.now());
        Ok((factors, until))
    }

    /// Shows the password once more, so that for some minutes one may change how one signs in.
    pub async fn confirm(&self, viewer: &Viewer, password: &str) -> Result<()> {
        self.limit_by_person("password", viewer.person_id).await?;
        let session = viewer.session_id.ok_or(Error::Unauthenticated)?;
        let mut db = self.0.pool.acquire().await?;
        let hash = store::person::find_password_by_id(&mut db, viewer.person_id).await?;
        drop(db);
        let is_right =
            password.len() <= 1024 && self.verify_password(password.to_owned(), hash).await?;
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        let action = if is_right { "confirmed" } else { "confirmation_failed" };
        self.note(&mut tx, viewer, action, "").await?;
        if is_right {
            store::second_factor::confirm_session(&mut tx, session, now).await?;
        }
        tx.commit().await?;
        if is_right { Ok(()) } else { Err(Error::invalid("password", "not your password")) }
    }

    /// Whether one's role demands a second factor that one does not have.
    pub async fn lacks_factor(&self, viewer: &Viewer) -> Result<bool> {
        let Some(session) = viewer.session_id else { return Ok(false) };
        let mut db = self.0.pool.acquire().await?;
        store::second_factor::lacks_factor(&mut db, session).await
    }

    /// Makes what a person has as a second factor count from now on.
    pub(crate) async fn forget_factors(&self, person: PersonId) -> Result<()> {
        let mut db = self.0.pool.acquire().await?;
        let believed = store::believed::of_person(&mut db, person).await?;
        drop(db);
        self.forget(&believed).await;
        Ok(())
    }

    /// Goes on only where the viewer proved who they are some minutes ago at the most.
    pub(crate) async fn require_confirmed(
        &self,
        db: &mut sqlx::PgConnection,
        viewer: &Viewer,
    ) -> Result<()> {
        let id = viewer.session_id.ok_or(Error::Unauthenticated)?;
        let at = store::second_factor::find_confirmed_at(db, id).await?;
        if at.is_some_and(|it| it + CONFIRMED_FOR > self.0.clock.now()) {
            return Ok(());
        }
        Err(Error::conflict("accounts.confirm_first", "show your password once more first"))
    }

    /// Makes a secret for an authenticator app. It is asked for only after [`Accounts::confirm_totp`].
    pub async fn begin_totp(&self, viewer: &Viewer) -> Result<NewTotp> {
        let person = self.me(viewer).await?;
        let secret = self.0.rng.bytes::<{ totp::SECRET_BYTES }>();
        let sealed = self.seal().await?.close(person.id.0, &secret, &self.0.rng)?;
        let mut db = self.0.pool.acquire().await?;
        self.require_confirmed(&mut db, viewer).await?;
        let now = self.0.clock.now();
        if !store::second_factor::insert_totp(&mut db, person.id, &sealed, now).await? {
            return Err(Error::conflict(
                "accounts.totp_in_use",
                "an authenticator app is in use; remove it first",
            ));
        }
        let address = totp::address(&secret, &person.name)?;
        Ok(NewTotp { secret: totp::to_text(&secret), qr: QrCode::of(&address)?, address })
    }

    /// Asks for codes of the app from now on, as `code` proves that it makes the right ones. Gives recovery codes to those
    /// who have none.
    pub async fn confirm_totp(&self, viewer: &Viewer, code: &str) -> Result<Option<Vec<String>>> {
        self.limit_by_person("second-factor", viewer.person_id).await?;
        let seal = self.seal().await?;
        let mut tx = self.0.pool.begin().await?;
        self.require_confirmed(&mut tx, viewer).await?;
        let row = store::second_factor::find_totp(&mut tx, viewer.person_id)
            .await?
            .filter(|it| it.confirmed_at.is_none())
            .ok_or(Error::NotFound("authenticator app that waits for its first code"))?;
        if !self.use_totp(&mut tx, &seal, viewer.person_id, &row, code).await? {
            return Err(Error::invalid("code", "not the code of this moment"));
        }
        let codes = self.first_recovery_codes(&mut tx, viewer.person_id).await?;
        self.note(&mut tx, viewer, "totp_added", "").await?;
        tx.commit().await?;
        self.forget_factors(viewer.person_id).await?;
        Ok(codes)
    }

    /// Parts with the authenticator app.
    pub async fn remove_totp(&self, viewer: &Viewer) -> Result<()> {
        let mut tx = self.0.pool.begin().await?;
        self.require_confirmed(&mut tx, viewer).await?;
        if !store::second_factor::delete_totp(&mut tx, viewer.person_id).await? {
            return Err(Error::NotFound("authenticator app"));
        }
        self.note(&mut tx, viewer, "totp_removed", "").await?;
        self.drop_idle_recovery_codes(&mut tx, viewer.person_id).await?;
        tx.commit().await?;
        self.forget_factors(viewer.person_id).await?;
        Ok(())
    }

    /// Makes new recovery codes; the old ones are worth nothing from now on.
    pub async fn renew_recovery_codes(&self, viewer: &Viewer) -> Result<Vec<String>> {
        let mut tx = self.0.pool.begin().await?;
        self.require_confirmed(&mut tx, viewer).await?;
        let factors = store::second_factor::find_factors(&mut tx, viewer.person_id).await?;
        if !factors.are_asked_for() {
            return Err(Error::NotFound("second factor to recover from"));
        }
        let codes = self.write_recovery_codes(&mut tx, viewer.person_id).await?;
        self.note(&mut tx, viewer, "recovery_codes_made", "").await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Takes a person's second factors away, who lost them all: the password alone signs them in again.
    pub async fn remove_factors(&self, viewer: &Viewer, id: PersonId) -> Result<()> {
        viewer.require(Permission::ManagePeople)?;
        let mut tx = self.0.pool.begin().await?;
        let person =
            store::person::find_person(&mut tx, id).await?.ok_or(Error::NotFound("person"))?;
        self.require_cover_of(&mut tx, viewer, &person).await?;
        store::second_factor::delete_factors(&mut tx, id).await?;
        self.note(&mut tx, viewer, "second_factor_taken", &person.name).await?;
        tx.commit().await?;
        self.forget_factors(id).await?;
        Ok(())
    }

    /// The same for the person of this name, on the owner's word at the command line.
    pub async fn remove_factors_unscoped(&self, name: &str) -> Result<()> {
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        let id = store::person::find_person_id(&mut tx, &crate::person::name_key(name))
            .await?
            .ok_or(Error::NotFound("person"))?;
        store::second_factor::delete_factors(&mut tx, id).await?;
        store::audit::insert_audit(&mut tx, now, None, "second_factor_taken", name, "").await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether a proof holds; a code that does is used up.
    pub(crate) async fn check_proof(
        &self,
        db: &mut sqlx::PgConnection,
        seal: &Seal,
        person: PersonId,
        proof: &Proof,
    ) -> Result<bool> {
        match proof {
            Proof::Totp(code) => {
                let row = store::second_factor::find_totp(db, person).await?;
                match row.filter(|it| it.confirmed_at.is_some()) {
                    Some(row) => self.use_totp(db, seal, person, &row, code).await,
                    None => Ok(false),
                }
            }
            Proof::RecoveryCode(code) => {
                let Some(hash) = recovery::hash(person, code) else { return Ok(false) };
                let now = self.0.clock.now();
                store::second_factor::use_recovery_code(db, person, &hash, now).await
            }
        }
    }

    async fn use_totp(
        &self,
        db: &mut sqlx::PgConnection,
        seal: &Seal,
        person: PersonId,
        row: &store::second_factor::TotpRow,
        code: &str,
    ) -> Result<bool> {
        let secret = seal.open(person.0, &row.sealed_secret)?;
        let now = self.0.clock.now();
        match totp::fitting_step(&secret, code, now, row.last_step)? {
            Some(step) => store::second_factor::use_totp_step(db, person, step, now).await,
            None => Ok(false),
        }
    }

    /// Recovery codes for those who have none left; they go with the first factor.
    pub(crate) async fn first_recovery_codes(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
    ) -> Result<Option<Vec<String>>> {
        if store::second_factor::find_factors(db, person).await?.recovery_codes > 0 {
            return Ok(None);
        }
        self.write_recovery_codes(db, person).await.map(Some)
    }

    /// Without a second factor there is nothing to recover from.
    pub(crate) async fn drop_idle_recovery_codes(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
    ) -> Result<()> {
        let factors = store::second_factor::find_factors(db, person).await?;
        if !factors.are_asked_for() {
            store::second_factor::replace_recovery_codes(db, person, &[]).await?;
        }
        Ok(())
    }

    async fn write_recovery_codes(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
    ) -> Result<Vec<String>> {
        let codes = recovery::make(&self.0.rng);
        let hashes = codes.iter().filter_map(|it| recovery::hash(person, it));
        let hashes: Vec<Vec<u8>> = hashes.map(Vec::from).collect();
        store::second_factor::replace_recovery_codes(db, person, &hashes).await?;
        Ok(codes)
    }

    pub(crate) async fn seal(&self) -> Result<Seal> {
        Seal::new(&self.signing_key().await?, "totp")
    }
}
