//! Signing in by a provider of identity (OpenID Connect, the code flow with PKCE): the way there, the way back, and what its
//! word means here.

mod account;
pub mod provider;
pub(crate) mod refusal;
pub mod rules;
pub mod settings;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::id::PersonId;
use kernel::{Clock, Error, Result, Rng, Viewer};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::identity::Identity;
use crate::passkey::Site;
use crate::sign_in::{CameBy, SignIn};
use crate::{Accounts, Device, store};

use provider::{Claimed, Provider, Secrets};
use settings::Settings;

/// How long somebody may stay at the provider.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// The cookie that binds the way back to the browser that went.
pub const COOKIE: &str = "revenge_oidc";

/// How people sign in, as configured.
pub struct Ways {
    /// What the owner configured.
    pub settings: Settings,
    /// The providers, ready to be asked.
    pub providers: Vec<Provider>,
}

impl Ways {
    /// The ways that `settings` name. Nothing is asked of a provider yet.
    pub fn open(settings: &Settings, clock: &Clock, rng: &Rng) -> anyhow::Result<Self> {
        let mut providers: Vec<Provider> = Vec::new();
        for one in &settings.oidc {
            anyhow::ensure!(
                providers.iter().all(|it| it.settings.id != one.id),
                "sign_in.oidc: two providers have the id {}",
                one.id
            );
            providers.push(Provider::new(one.clone(), clock.clone(), rng.clone())?);
        }
        let header = settings.trusted_header.header.as_deref();
        anyhow::ensure!(
            header.is_none_or(|it| axum::http::HeaderName::from_bytes(it.as_bytes()).is_ok()),
            "sign_in.trusted_header.header is no name of a header"
        );
        Ok(Self { settings: settings.clone(), providers })
    }
}

/// What is kept while somebody is at the provider.
#[derive(Serialize, Deserialize)]
struct Journey {
    provider: String,
    secrets: Secrets,
    /// SHA-256 of what the browser has in its cookie.
    browser: [u8; 32],
    /// Where they come back to.
    back: Url,
    /// Whose account is to be connected; nobody's where somebody signs in.
    person: Option<PersonId>,
    /// What somebody came by who has no account yet.
    invited: Option<Invited>,
}

/// The invitation of somebody who comes by a provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct Invited {
    /// What the link carries.
    pub token: String,
    /// Of their interface, BCP 47.
    pub language: String,
}

/// The way to a provider.
pub struct Departure {
    /// Where the browser goes.
    pub address: Url,
    /// What it keeps in [`COOKIE`] until it is back.
    pub browser: String,
}

/// What somebody brought back from a provider.
#[derive(Clone, Debug)]
pub struct Return {
    /// What this server gave them to take along.
    pub state: String,
    /// What the provider gave them.
    pub code: Option<String>,
    /// Why it gave them nothing.
    pub error: Option<String>,
    /// Who the provider says it is (RFC 9207).
    pub issuer: Option<String>,
    /// The browser's [`COOKIE`].
    pub browser: Option<String>,
}

impl Accounts {
    /// Begins a sign-in by a provider. `base` is this server's address as the browser has it.
    pub async fn begin_provider_sign_in(
        &self,
        provider: &str,
        base: &str,
        device: &Device,
    ) -> Result<Departure> {
        self.limit_by_address("provider-begin", device).await?;
        self.depart(self.provider(provider)?, base, None, None).await
    }

    /// The same for who comes by an invitation's link: who has no account gets one by it.
    pub async fn begin_invited_sign_in(
        &self,
        provider: &str,
        token: &str,
        language: &str,
        base: &str,
        device: &Device,
    ) -> Result<Departure> {
        let provider = self.provider(provider)?;
        self.find_invitation_by_token(token, device).await?;
        let language = crate::person::checked_language(language)?;
        let invited = Invited { token: token.to_owned(), language };
        self.depart(provider, base, None, Some(invited)).await
    }

    /// Begins to connect one's account here with the one at a provider.
    pub async fn begin_linking(
        &self,
        viewer: &Viewer,
        provider: &str,
        base: &str,
    ) -> Result<Departure> {
        let provider = self.provider(provider)?;
        if !provider.settings.linking {
            return Err(Error::Forbidden("connect an account with this provider"));
        }
        self.limit_by_person("provider-link", viewer.person_id).await?;
        let mut db = self.0.pool.acquire().await?;
        self.require_confirmed(&mut db, viewer).await?;
        drop(db);
        self.depart(provider, base, Some(viewer.person_id), None).await
    }

    async fn depart(
        &self,
        provider: &Provider,
        base: &str,
        person: Option<PersonId>,
        invited: Option<Invited>,
    ) -> Result<Departure> {
        let id = &provider.settings.id;
        let back = format!("{}/sign-in/oidc/{id}", base.trim_end_matches('/'));
        let back = Url::parse(&back)
            .map_err(|_| Error::invalid("host", "this server does not know its own address"))?;
        let fresh = || URL_SAFE_NO_PAD.encode(self.0.rng.bytes::<32>());
        let (state, browser) = (fresh(), fresh());
        let secrets = Secrets { nonce: fresh(), verifier: fresh() };
        let address = provider.address(&back, &state, &secrets).await?;
        let (provider, browser_hash) = (id.clone(), hash(&browser));
        let journey = Journey { provider, secrets, browser: browser_hash, back, person, invited };
        let journey = serde_json::to_vec(&journey).map_err(anyhow::Error::from)?;
        self.0.cache.set(&key_of(&state), journey, PATIENCE).await?;
        Ok(Departure { address, browser })
    }

    /// Signs in whom a provider signed in.
    pub async fn finish_provider_sign_in(
        &self,
        back: &Return,
        device: &Device,
        site: Option<&Site>,
    ) -> Result<SignIn> {
        self.limit_by_address("provider-finish", device).await?;
        let (provider, claimed, invited) = match self.arrive(back, None).await {
            Ok(arrived) => arrived,
            Err(error) => {
                self.note_refusal(&error, device).await?;
                return Err(error);
            }
        };
        let seal = self.seal_of_tokens().await?;
        let mut tx = self.0.pool.begin().await?;
        // The role cannot be deleted meanwhile, and somebody can administer afterwards.
        store::person::lock_people(&mut tx).await?;
        let person = match self.find_or_make(&mut tx, provider, &claimed, invited, device).await {
            Ok(person) => person,
            Err(error) => {
                drop(tx);
                self.note_refusal(&error, device).await?;
                return Err(error);
            }
        };
        let changed = self.apply_rules(&mut tx, provider, person, &claimed.groups).await?;
        let sealed = seal.close(person.0, claimed.id_token.as_bytes(), &self.0.rng)?;
        let came_by = CameBy {
            how: format!("provider {}", provider.settings.id),
            provider: Some(provider.settings.id.clone()),
            sealed_id_token: Some(URL_SAFE_NO_PAD.encode(sealed)),
            has_second_factor: provider.settings.second_factor,
        };
        let outcome = self.go_on(&mut tx, person, device, site, came_by).await?;
        tx.commit().await?;
        if let Some(believed) = changed {
            self.forget(&believed).await;
        }
        if let SignIn::Done(signed_in) = &outcome {
            self.announce(signed_in, device).await;
        }
        Ok(outcome)
    }

    /// Connects one's account here with the one at a provider that one comes from.
    pub async fn finish_linking(&self, viewer: &Viewer, back: &Return) -> Result<Identity> {
        self.limit_by_person("provider-link", viewer.person_id).await?;
        let (provider, claimed, _) = self.arrive(back, Some(viewer.person_id)).await?;
        let issuer = &provider.settings.issuer;
        let mut tx = self.0.pool.begin().await?;
        let person = viewer.person_id;
        let known = store::identity::find_person(&mut tx, issuer, &claimed.subject).await?;
        if known.is_some_and(|it| it != person) {
            return Err(refusal::linked_elsewhere());
        }
        if known.is_none() {
            self.insert_identity(&mut tx, provider, person, &claimed).await?;
            self.note(&mut tx, viewer, "identity_linked", &provider.settings.name).await?;
        }
        let made = store::identity::find_identity(&mut tx, issuer, &claimed.subject).await?;
        let made = made.ok_or(Error::NotFound("identity"))?;
        tx.commit().await?;
        Ok(made)
    }

    /// The address at the provider that signs this session's person out there too, before the session ends; `None` where
    /// they did not come by a provider, or it knows no such thing. `base` is this server's address as the browser has it.
    pub async fn farewell(&self, viewer: &Viewer, base: &str) -> Result<Option<Url>> {
        let Some(session) = viewer.session_id else { return Ok(None) };
        let mut db = self.0.pool.acquire().await?;
        let came_by = store::identity::find_came_by(&mut db, session).await?;
        drop(db);
        let came_by: Option<CameBy> = came_by.and_then(|it| serde_json::from_value(it).ok());
        let Some(CameBy { provider: Some(id), sealed_id_token: Some(sealed), .. }) = came_by else {
            return Ok(None);
        };
        let (Ok(provider), Ok(sealed)) = (self.provider(&id), URL_SAFE_NO_PAD.decode(sealed))
        else {
            return Ok(None);
        };
        let token = self.seal_of_tokens().await?.open(viewer.person_id.0, &sealed)?;
        let Ok(back) = Url::parse(&format!("{}/sign-in", base.trim_end_matches('/'))) else {
            return Ok(None);
        };
        match provider.farewell(&String::from_utf8_lossy(&token), &back).await {
            Ok(address) => Ok(address),
            Err(error) => {
                // Whoever signs out here is not kept because the provider does not answer.
                tracing::info!(%error, provider = id, "oidc.no_farewell");
                Ok(None)
            }
        }
    }

    /// What somebody who comes back proves, of a way that `person` began.
    async fn arrive(
        &self,
        back: &Return,
        person: Option<PersonId>,
    ) -> Result<(&Provider, Claimed, Option<Invited>)> {
        let key = key_of(&back.state);
        let kept = self.0.cache.get(&key).await?.ok_or_else(refusal::begin_again)?;
        let journey: Journey = serde_json::from_slice(&kept).map_err(anyhow::Error::from)?;
        let is_same_browser = back.browser.as_deref().is_some_and(|it| hash(it) == journey.browser);
        // Of several who bring the same, one goes on.
        if !is_same_browser || journey.person != person || !self.0.cache.delete(&key).await? {
            return Err(refusal::begin_again());
        }
        let provider = self.provider(&journey.provider)?;
        if let Some(error) = &back.error {
            return Err(refusal::refused(error));
        }
        if back.issuer.as_ref().is_some_and(|it| *it != provider.settings.issuer) {
            return Err(refusal::not_believed("another provider sent them back"));
        }
        let code = back.code.as_deref().filter(|it| (1..=4096).contains(&it.len()));
        let code = code.ok_or_else(|| Error::invalid("code", "the provider sent no code along"))?;
        let claimed = provider.redeem(&journey.back, code, &journey.secrets).await?;
        Ok((provider, claimed, journey.invited))
    }

    async fn note_refusal(&self, error: &Error, device: &Device) -> Result<()> {
        if let Error::Conflict { code, .. } = error {
            let now = self.0.clock.now();
            let mut db = self.0.pool.acquire().await?;
            let (subject, address) = (format!("provider ({code})"), &device.address);
            store::audit::insert_audit(&mut db, now, None, "sign_in_failed", &subject, address)
                .await?;
        }
        Ok(())
    }

    /// The provider of this id.
    pub(crate) fn provider(&self, id: &str) -> Result<&Provider> {
        let known = self.0.ways.providers.iter().find(|it| it.settings.id == id);
        known.ok_or(Error::NotFound("provider of identity"))
    }

    async fn seal_of_tokens(&self) -> Result<crate::seal::Seal> {
        crate::seal::Seal::new(&self.signing_key().await?, "id_token")
    }
}

fn key_of(state: &str) -> String {
    format!("oidc:{}", URL_SAFE_NO_PAD.encode(hash(state)))
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
