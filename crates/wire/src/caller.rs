//! Who is calling, as part of a handler's signature.

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
