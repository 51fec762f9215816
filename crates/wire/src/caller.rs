//! Who is calling, as part of a handler's signature.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kernel::{Error, Permission, Viewer};

use crate::Refusal;

/// Somebody who is signed in. The sign-in middleware of `accounts` finds out who.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Viewer);

/// Somebody who may administer the server.
#[derive(Clone, Debug)]
pub struct Administrator(pub Viewer);

/// Where a request comes from, as the program's outermost middleware found out, trusted proxies taken off.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// The browser runs on this very machine and speaks to us directly, by a name only this machine has.
    pub is_local: bool,
    /// The client reached us over HTTPS.
    pub is_secure: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let missing = || {
            Error::Internal(anyhow::anyhow!("no middleware told where the request comes from"))
                .into()
        };
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match parts.extensions.get::<Viewer>() {
            Some(viewer) => Ok(Self(viewer.clone())),
            None => Err(Error::Unauthenticated.into()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Administrator {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let SignedIn(viewer) = SignedIn::from_request_parts(parts, state).await?;
        if viewer.can(Permission::Administer) {
            Ok(Self(viewer))
        } else {
            Err(Error::Forbidden("administer this server").into())
        }
    }
}
