//! Where a request about signing in comes from.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use wire::{Origin, Refusal};

use crate::authenticate::cookie;
use crate::device::{self, DeviceKind};
use crate::passkey::Site;
use crate::{Accounts, Device, session};

/// The caller's device, and the name by which it knows this server.
pub(super) struct Asked {
    /// Address and encryption.
    pub origin: Origin,
    /// What passkeys are made for; `None` where the server was asked for by a number.
    pub site: Option<Site>,
    /// The token of its session, where it came as a cookie.
    pub cookie_token: Option<String>,
    agent: String,
    device_secret: Option<String>,
}

impl Asked {
    /// The device as what it says it is, or else by its user agent.
    pub fn device(&self, name: Option<String>, kind: Option<DeviceKind>) -> Device {
        let agent = self.agent.clone();
        Device {
            name: name.unwrap_or_else(|| agent.clone()),
            kind: kind.unwrap_or_else(|| DeviceKind::of(&agent)),
            address: self.origin.address.to_string(),
            agent,
            secret: self.device_secret.clone(),
        }
    }
}

impl FromRequestParts<Accounts> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &Accounts) -> Result<Self, Refusal> {
        let origin = Origin::from_request_parts(parts, state).await?;
        let text = |name| parts.headers.get(name).and_then(|it| it.to_str().ok());
        // HTTP/2 names the host in the address.
        let host = parts.uri.authority().map(Authority::as_str).or_else(|| text(header::HOST));
        let site = Site::of(state.0.public_url.as_deref(), host);
        let agent = text(header::USER_AGENT).unwrap_or_default().to_owned();
        let header = parts.headers.get(device::HEADER).and_then(|it| it.to_str().ok());
        let device_secret =
            header.map(str::to_owned).or_else(|| cookie(&parts.headers, device::COOKIE));
        let cookie_token = cookie(&parts.headers, session::COOKIE);
        Ok(Self { origin, site, cookie_token, agent, device_secret })
    }
}
