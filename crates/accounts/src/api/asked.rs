//! Where a request about signing in comes from.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, header};
use wire::{Origin, Refusal};

use crate::authenticate::cookie;
use crate::device::{self, DeviceKind};
use crate::passkey::Site;
use crate::{Accounts, Device, oidc, profiles, session};

/// The caller's device, and the name by which it knows this server.
pub(super) struct Asked {
    /// Address and encryption.
    pub origin: Origin,
    /// What passkeys are made for; `None` where the server was asked for by a number.
    pub site: Option<Site>,
    /// The token of its session, where it came as a cookie.
    pub cookie_token: Option<String>,
    /// This server's address as the caller has it; empty where they do not say.
    pub base: String,
    /// What binds the way back from a provider to the browser that went.
    pub provider_cookie: Option<String>,
    /// Who a proxy that is believed says is asking.
    pub named_by_proxy: Option<String>,
    agent: String,
    device_secret: Option<String>,
    profiles_secret: Option<String>,
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
            profiles: self.profiles_secret.clone(),
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
        let scheme = if origin.is_secure { "https" } else { "http" };
        let base = match &state.0.public_url {
            Some(url) => url.clone(),
            None => host.map(|it| format!("{scheme}://{it}")).unwrap_or_default(),
        };
        let agent = text(header::USER_AGENT).unwrap_or_default().to_owned();
        let secret = |header, name| {
            let header = parts.headers.get(header).and_then(|it: &HeaderValue| it.to_str().ok());
            header.map(str::to_owned).or_else(|| cookie(&parts.headers, name))
        };
        let device_secret = secret(device::HEADER, device::COOKIE);
        let profiles_secret = secret(profiles::HEADER, profiles::COOKIE);
        let cookie_token = cookie(&parts.headers, session::COOKIE);
        let provider_cookie = cookie(&parts.headers, oidc::COOKIE);
        let named_by_proxy = named_by_proxy(state, &parts.headers, origin.peer);
        Ok(Self {
            origin,
            site,
            cookie_token,
            base,
            provider_cookie,
            named_by_proxy,
            agent,
            device_secret,
            profiles_secret,
        })
    }
}

/// What the one header of the configured name says, where it comes from a proxy that is believed over its own connection.
/// A header that comes twice says nothing: one of the two may be the client's.
fn named_by_proxy(accounts: &Accounts, headers: &HeaderMap, peer: IpAddr) -> Option<String> {
    let settings = &accounts.0.ways.settings.trusted_header;
    let name = settings.header.as_deref()?;
    if !settings.proxies.iter().any(|it| it.contains(peer)) {
        return None;
    }
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let value = std::str::from_utf8(value.as_bytes()).ok()?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}
