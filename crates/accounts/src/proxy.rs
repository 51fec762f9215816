//! Signing in as who a proxy says one is, which signed them in itself.

use kernel::{Error, Result};

use crate::oidc::refusal;
use crate::passkey::Site;
use crate::person;
use crate::sign_in::{CameBy, SignIn};
use crate::{Accounts, Device, store};

impl Accounts {
    /// Signs in whom the proxy named, as the endpoint found out: only a proxy that the owner named is believed.
    pub async fn sign_in_by_proxy(
        &self,
        named: Option<&str>,
        device: &Device,
        site: Option<&Site>,
    ) -> Result<SignIn> {
        self.limit_by_address("proxy", device).await?;
        let settings = &self.0.ways.settings.trusted_header;
        let no_name = Error::conflict(
            "accounts.no_proxy_name",
            "no proxy that is believed said who you are; use another way of the sign-in page",
        );
        let name = person::checked_name(named.ok_or(no_name)?)?;
        let now = self.0.clock.now();
        let mut tx = self.0.pool.begin().await?;
        // The role cannot be deleted meanwhile.
        store::person::lock_people(&mut tx).await?;
        let known = store::person::find_person_id(&mut tx, &person::name_key(&name)).await?;
        let found = match known {
            Some(id) => store::person::find_person(&mut tx, id).await?.filter(|it| !it.is_disabled),
            None if settings.create && store::person::has_people(&mut tx).await? => {
                let role = self.role_named(&mut tx, &settings.role).await?.ok_or_else(|| {
                    let role = &settings.role;
                    Error::Internal(anyhow::anyhow!("sign_in.trusted_header: no role {role}"))
                })?;
                let id = self.make_without_password(&mut tx, &name, &role, device).await?;
                store::person::find_person(&mut tx, id).await?
            }
            None => None,
        };
        let Some(found) = found else {
            let (action, address) = ("sign_in_failed", &device.address);
            store::audit::insert_audit(&mut tx, now, known, action, "proxy", address).await?;
            tx.commit().await?;
            return Err(refusal::no_account());
        };
        let came_by = CameBy { has_second_factor: settings.second_factor, ..CameBy::way("proxy") };
        let outcome = self.go_on(&mut tx, found.id, device, site, came_by).await?;
        tx.commit().await?;
        if let SignIn::Done(signed_in) = &outcome {
            self.announce(signed_in, device).await;
        }
        Ok(outcome)
    }
}
