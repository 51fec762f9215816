//! A link that signs somebody in once, made on the machine itself: the way in when a provider of identity fails.

use std::net::Ipv4Addr;

use kernel::id::PersonId;
use kernel::{Error, Result};
use serde_json::Value;

use crate::challenge::Purpose;
use crate::device::DeviceKind;
use crate::passkey::Site;
use crate::sign_in::{CameBy, SignIn};
use crate::{Accounts, Device, person, store};

pub use crate::challenge::LINK_PATIENCE;

impl Accounts {
    /// What a link carries that signs the person of this name in, once and soon, on the owner's word at the command line.
    /// A second factor is asked for all the same.
    pub async fn create_sign_in_link_unscoped(&self, name: &str) -> Result<String> {
        let mut tx = self.0.pool.begin().await?;
        let id = store::person::find_person_id(&mut tx, &person::name_key(name))
            .await?
            .ok_or(Error::NotFound("person"))?;
        let challenge = self
            .begin_challenge(&mut tx, Purpose::SignInLink, Some(id), &anywhere(), &Value::Null)
            .await?;
        let now = self.0.clock.now();
        store::audit::insert_audit(&mut tx, now, Some(id), "sign_in_link_made", "", "").await?;
        tx.commit().await?;
        Ok(challenge.ticket)
    }

    /// Signs in whoever holds what a link carries.
    pub async fn sign_in_by_link(
        &self,
        token: &str,
        device: &Device,
        site: Option<&Site>,
    ) -> Result<SignIn> {
        self.limit_by_address("sign-in-link", device).await?;
        let answered = self.answer_challenge(Purpose::SignInLink, token, &anywhere()).await?;
        let person: PersonId = answered.person_id.ok_or(Error::Unauthenticated)?;
        let mut tx = self.0.pool.begin().await?;
        self.end_challenge(&mut tx, &answered).await?;
        let outcome = self.go_on(&mut tx, person, device, site, CameBy::way("link")).await?;
        tx.commit().await?;
        if let SignIn::Done(signed_in) = &outcome {
            self.announce(signed_in, device).await;
        }
        Ok(outcome)
    }
}

/// A link is not bound to a device: it is made on one and opened on another.
fn anywhere() -> Device {
    Device {
        name: String::new(),
        kind: DeviceKind::App,
        address: Ipv4Addr::UNSPECIFIED.to_string(),
        agent: String::new(),
        secret: None,
        profiles: None,
    }
}
