//! Quick connect: a television shows a short code, and whoever is signed in elsewhere lets it in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cache::Rate;
use chrono::{DateTime, Utc};
use kernel::{Error, Result, Viewer};
use sha2::{Digest as _, Sha256};

use crate::device::DeviceKind;
use crate::service::shortened;
use crate::sign_in::CameBy;
use crate::store::quick_connect::LetIn;
use crate::{Accounts, Device, SignedInPerson, store};

/// How long a code is shown before it is worth nothing.
const PATIENCE: Duration = Duration::from_mins(10);

/// Signs of a code that nobody mistakes for others.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// How many of them: a billion codes, of which a person may try ten a minute.
const LENGTH: usize = 6;

/// Times a code that is taken is made anew.
const MAX_DRAWS: usize = 5;

/// Times an address may ask whether it was let in; a device asks every three seconds.
const ASKED_BY_ADDRESS: Rate = Rate { limit: 120, per: Duration::from_mins(1) };

/// What a device shows, and what it keeps to itself.
pub struct QuickConnect {
    /// What its person types on another device.
    pub code: String,
    /// With it the device asks whether it was let in, and nobody else can.
    pub secret: String,
    /// When both are worth nothing.
    pub expires_at: DateTime<Utc>,
}

/// A device that waits to be let in, as whoever lets it in sees it.
#[derive(Clone, Debug)]
pub struct WaitingDevice {
    /// What it calls itself.
    pub device: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Where it is.
    pub address: String,
    /// Until when it waits.
    pub expires_at: DateTime<Utc>,
}

/// A waiting device to be kept.
pub(crate) struct WaitingRow<'a> {
    pub secret_hash: &'a [u8],
    pub code: &'a str,
    pub device: &'a str,
    pub kind: DeviceKind,
    pub address: &'a str,
    pub expires_at: DateTime<Utc>,
}

impl Accounts {
    /// Begins to wait until somebody lets `device` in.
    pub async fn begin_quick_connect(&self, device: &Device) -> Result<QuickConnect> {
        self.limit_by_address("quick-connect", device).await?;
        let secret = self.0.rng.bytes::<32>();
        let expires_at = self.0.clock.now() + PATIENCE;
        let mut db = self.0.pool.acquire().await?;
        for _ in 0..MAX_DRAWS {
            let signs = self.0.rng.bytes::<LENGTH>();
            let code: String =
                signs.iter().map(|it| char::from(ALPHABET[usize::from(*it) % 32])).collect();
            let row = WaitingRow {
                secret_hash: &hash(&secret),
                code: &code,
                device: &shortened(&device.name),
                kind: device.kind,
                address: &device.address,
                expires_at,
            };
            if store::quick_connect::insert_waiting(&mut db, &row).await? {
                return Ok(QuickConnect {
                    code,
                    secret: URL_SAFE_NO_PAD.encode(secret),
                    expires_at,
                });
            }
        }
        Err(Error::Busy { retry_after: Duration::from_secs(10) })
    }

    /// Whether the device that has `secret` was let in: then it is signed in, once. `None` while it waits.
    pub async fn finish_quick_connect(
        &self,
        secret: &str,
        device: &Device,
    ) -> Result<Option<SignedInPerson>> {
        self.limit(&format!("quick-connect-asked:{}", device.address), ASKED_BY_ADDRESS).await?;
        let secret = URL_SAFE_NO_PAD.decode(secret).map_err(|_| over())?;
        let hash = hash(&secret);
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        let Some(let_in) = store::quick_connect::take_let_in(&mut tx, &hash, now).await? else {
            return if store::quick_connect::is_waiting(&mut tx, &hash, now).await? {
                Ok(None)
            } else {
                Err(over())
            };
        };
        let LetIn { person_id, device: name, kind, has_second_factor } = let_in;
        let device = Device { name, kind, ..device.clone() };
        let came_by = CameBy { has_second_factor, ..CameBy::way("quick connect") };
        let signed_in = self.let_in_by(&mut tx, person_id, &device, came_by).await?;
        // It was not at this device that somebody proved who they are.
        store::second_factor::unconfirm_session(&mut tx, signed_in.session_id).await?;
        tx.commit().await?;
        self.announce(&signed_in, &device).await;
        Ok(Some(signed_in))
    }

    /// The device that shows `code`.
    pub async fn find_waiting_device(&self, viewer: &Viewer, code: &str) -> Result<WaitingDevice> {
        let code = normal(code)?;
        self.limit_by_person("quick-connect", viewer.person_id).await?;
        let now = self.0.clock.now();
        let mut db = self.0.pool.acquire().await?;
        store::quick_connect::find_waiting(&mut db, &code, now)
            .await?
            .ok_or(Error::NotFound("code"))
    }

    /// Lets the device that shows `code` in as oneself.
    pub async fn confirm_quick_connect(&self, viewer: &Viewer, code: &str) -> Result<()> {
        let code = normal(code)?;
        self.limit_by_person("quick-connect", viewer.person_id).await?;
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        let person = viewer.person_id;
        let device = store::quick_connect::let_in(&mut tx, &code, person, viewer.session_id, now)
            .await?
            .ok_or(Error::NotFound("code"))?;
        self.note(&mut tx, viewer, "quick_connect_confirmed", &device).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A code as typed: blanks, dashes and case do not count. What never was a code is no guess.
fn normal(code: &str) -> Result<String> {
    let signs = code.chars().filter(char::is_ascii_alphanumeric).take(LENGTH + 1);
    let code: String = signs.map(|it| it.to_ascii_uppercase()).collect();
    if code.len() == LENGTH { Ok(code) } else { Err(Error::NotFound("code")) }
}

fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

fn over() -> Error {
    Error::conflict("accounts.code_over", "the code is over or was used; ask for a new one")
}
