//! Where a request about signing in comes from.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use wire::{Origin, Refusal};

use crate::passkey::Site;
use crate::{Accounts, Device};

/// The caller's device, and the name by which it knows this server.
pub(super) struct Asked {
    /// Address and encryption.
    pub origin: Origin,
    /// What passkeys are made for; `None` where the server was asked for by a number.
    pub site: Option<Site>,
    agent: String,
}

impl Asked {
    /// The device under the name it gives itself, or else by its user agent.
    pub fn device(&self, name: Option<String>) -> Device {
        let agent = self.agent.clone();
        Device {
            name: name.unwrap_or_else(|| agent.clone()),
            address: self.origin.address.to_string(),
            agent,
        }
    }
}

impl FromRequestParts<Accounts> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &Accounts) -> Result<Self, Refusal> {
        let origin = Origin::from_request_parts(parts, state).await?;
        let text = |name| parts.headers.get(name).and_then(|it| it.to_str().ok());
        // HTTP/2 names the host in the address.
        let host = parts.uri.authority().map(|it| it.as_str()).or_else(|| text(header::HOST));
        let site = Site::of(state.0.public_url.as_deref(), host);
        let agent = text(header::USER_AGENT).unwrap_or_default().to_owned();
        Ok(Self { origin, site, agent })
    }
}
