//! The devices people sign in with: what they are, and which of them are known.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::event::{Audience, Event};
use kernel::id::PersonId;
use kernel::{Result, Rng};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::{Accounts, SignedInPerson};

/// The cookie by which a browser is known again, long after its session is over.
pub const COOKIE: &str = "revenge_device";

/// The header by which an app is known again.
pub const HEADER: &str = "x-revenge-device";

/// How long a device is known that nobody signs in with.
pub const KNOWN_DAYS: i64 = 400;

/// What a device is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DeviceKind {
    /// A desk or laptop computer's browser.
    Computer,
    /// A telephone.
    Phone,
    /// A tablet.
    Tablet,
    /// A television, or a box beside one.
    Tv,
    /// A program that is no browser, or says nothing.
    #[default]
    App,
}

impl DeviceKind {
    /// What a user agent looks like. Televisions say Android or Linux too, so they are looked for first.
    pub fn of(agent: &str) -> Self {
        const TVS: [&str; 10] = [
            "smart-tv",
            "smarttv",
            "tizen",
            "web0s",
            "webos",
            "appletv",
            "googletv",
            "bravia",
            "android tv",
            "hbbtv",
        ];
        let agent = agent.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|it| agent.contains(it));
        if has(&TVS) {
            Self::Tv
        } else if has(&["ipad", "tablet"]) || (has(&["android"]) && !has(&["mobile"])) {
            Self::Tablet
        } else if has(&["iphone", "mobile"]) {
            Self::Phone
        } else if agent.starts_with("mozilla/") {
            Self::Computer
        } else {
            Self::App
        }
    }
}

/// The device that asks to be signed in.
#[derive(Clone, Debug)]
pub struct Device {
    /// What it calls itself, or its user agent.
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Where it is.
    pub address: String,
    /// Its user agent; empty where it sends none.
    pub agent: String,
    /// What it was given when somebody last signed in with it.
    pub secret: Option<String>,
    /// What it was given when somebody began to share it.
    pub profiles: Option<String>,
}

impl Device {
    /// What the server keeps of its secret; `None` where it has none, or one that never was.
    pub(crate) fn secret_hash(&self) -> Option<[u8; 32]> {
        hash_of(self.secret.as_deref()?)
    }

    /// The same of what makes it a shared one.
    pub(crate) fn profiles_hash(&self) -> Option<[u8; 32]> {
        hash_of(self.profiles.as_deref()?)
    }
}

fn hash_of(secret: &str) -> Option<[u8; 32]> {
    let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
    (secret.len() == 32).then(|| Sha256::digest(secret).into())
}

/// A secret for a device that was not known, and what the server keeps of it.
pub(crate) fn new_secret(rng: &Rng) -> (String, [u8; 32]) {
    let secret = rng.bytes::<32>();
    (URL_SAFE_NO_PAD.encode(secret), Sha256::digest(secret).into())
}

impl Accounts {
    /// Tells a person's other devices where a new one was signed in.
    pub(crate) async fn announce(&self, signed_in: &SignedInPerson, device: &Device) {
        if signed_in.device_secret.is_none() {
            return;
        }
        let name = crate::service::shortened(&device.name);
        let session = signed_in.session_id;
        let event = Event {
            name: "session.started".to_owned(),
            audience: Audience::Person(signed_in.person.id),
            data: json!({ "session_id": session, "device": name, "kind": device.kind }),
        };
        if let Err(error) = self.0.cache.publish(Event::CHANNEL, event.to_bytes()).await {
            tracing::debug!(%error, "session.not_announced");
        }
    }

    /// Whether somebody signed in as `person` with this device before; notes that it was used.
    pub(crate) async fn is_known(
        &self,
        db: &mut sqlx::PgConnection,
        person: PersonId,
        device: &Device,
    ) -> Result<bool> {
        match device.secret_hash() {
            Some(hash) => {
                crate::store::device::use_device(db, person, &hash, self.0.clock.now()).await
            }
            None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_what_its_user_agent_says() {
        for (agent, kind) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                DeviceKind::Computer,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
                DeviceKind::Phone,
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0 Mobile Safari/537.36",
                DeviceKind::Phone,
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/140.0 Safari/537.36",
                DeviceKind::Tablet,
            ),
            ("Mozilla/5.0 (SMART-TV; LINUX; Tizen 8.0) AppleWebKit/537.36", DeviceKind::Tv),
            ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36", DeviceKind::Tv),
            ("Mozilla/5.0 (Linux; Android 12; BRAVIA 4K) Mobile", DeviceKind::Tv),
            ("curl/8.9", DeviceKind::App),
            ("", DeviceKind::App),
        ] {
            assert_eq!(DeviceKind::of(agent), kind, "{agent}");
        }
    }
}
