//! Who is calling, as part of a handler's signature.

use std::marker::PhantomData;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use kernel::{Error, Permission, Viewer};

use crate::Refusal;

/// Somebody who signed in on a device, for what concerns the account itself: no program with an API key. The sign-in
/// middleware of `accounts` finds out who.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Viewer);

/// Somebody who may do `P`, one of [`may`]: by their role, and where a program asks, by its key too. The one declaration of
/// what a handler needs; what the API's description says of it is held against it by a test.
#[derive(Clone, Debug)]
pub struct Allowed<P>(pub Viewer, pub PhantomData<P>);

/// What a handler may need, as a type.
pub trait Need: Send + Sync {
    /// The permission.
    const PERMISSION: Permission;
}

/// The permissions as types, for [`Allowed`].
pub mod may {
    use kernel::Permission;

    use super::Need;

    macro_rules! needs {
        ($($name:ident),* $(,)?) => {$(
            #[doc = concat!("See [`Permission::", stringify!($name), "`].")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Need for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )*};
    }

    needs!(
        Administer,
        Adult,
        Browse,
        Play,
        Transcode,
        WatchTogether,
        Personalize,
        Request,
        ChangePassword,
        UseApiKeys,
        Invite,
        ManagePeople,
        ScanLibraries,
        ManageLibraries,
        EditMetadata,
        EditImages,
        ManageProviders,
        ManageJobs,
        ManageRequests,
        SeeAudit,
        SeeSystem,
    );
}

/// In place of a [`Viewer`] in a request of somebody who is known, and may do nothing now.
#[derive(Clone, Copy, Debug)]
pub enum Barred {
    /// They must give themselves a second factor before anything else.
    LacksFactor,
    /// They are to come back when their hours begin again.
    OutsideHours {
        /// When that is.
        opens_at: DateTime<Utc>,
    },
}

impl Barred {
    /// What they are told.
    pub fn error(self) -> Error {
        match self {
            Self::LacksFactor => Error::conflict(
                "accounts.second_factor_needed",
                "your role demands a second factor; set up an authenticator app or a passkey first",
            ),
            Self::OutsideHours { opens_at } => Error::OutsideHours { opens_at },
        }
    }
}

/// Why nobody is there whom a handler could ask.
fn absence(parts: &Parts) -> Error {
    match parts.extensions.get::<Barred>() {
        Some(barred) => barred.error(),
        None => Error::Unauthenticated,
    }
}

/// Where a request comes from, as the program's outermost middleware found out, trusted proxies taken off.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// Who holds the connection: the client itself, or the proxy nearest to us.
    pub peer: IpAddr,
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
            Some(viewer) if viewer.api_key_id.is_some() => {
                Err(Error::Forbidden("do this with an API key; sign in on a device").into())
            }
            Some(viewer) => Ok(Self(viewer.clone())),
            None => Err(absence(parts).into()),
        }
    }
}

impl<S: Send + Sync, P: Need> FromRequestParts<S> for Allowed<P> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let viewer = parts.extensions.get::<Viewer>().ok_or_else(|| absence(parts))?;
        viewer.require(P::PERMISSION)?;
        Ok(Self(viewer.clone(), PhantomData))
    }
}
