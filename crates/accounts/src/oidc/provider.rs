//! One provider of identity: what it says of itself, and what it says of who comes from it. `openidconnect` checks its
//! tokens; what is asked of it goes through `outbound`, in bounded time and size.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::{Clock, Error, Result, Rng};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreGenderClaim,
};
use openidconnect::{
    AccessToken, AdditionalClaims, AsyncHttpClient, AuthType, AuthorizationCode, ClientId,
    ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, RequestTokenError, Scope, SubjectIdentifier, TokenResponse as _, UserInfoClaims,
};
use openidconnect::{LogoutRequest, http};
use outbound::{Failure, Outbound, Reason, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use url::Url;

use super::refusal;
use super::rules::groups_of;
use super::settings::ProviderSettings;

/// How long one request to a provider may take.
const ATTEMPT: Duration = Duration::from_secs(8);
/// How long all requests of one step may take together.
const STEP: Duration = Duration::from_secs(20);
/// The largest answer that is read.
const MAX_BYTES: usize = 1 << 20;
/// How long what a provider says of itself is believed.
const BELIEVED: Duration = Duration::from_hours(1);
/// How long a provider that failed is left alone: whoever comes meanwhile is told at once.
const REST: Duration = Duration::from_secs(5);
/// By how much the provider's clock may go before ours.
const LEEWAY: Duration = Duration::from_mins(1);

/// One provider of identity.
pub struct Provider {
    /// As configured.
    pub settings: ProviderSettings,
    issuer: IssuerUrl,
    http: Http,
    clock: Clock,
    known: Mutex<Known>,
}

/// What is known of a provider.
enum Known {
    Nothing,
    Found { at: DateTime<Utc>, metadata: Arc<ProviderMetadataWithLogout> },
    Failed { at: DateTime<Utc>, why: String },
}

/// What must fit between the way to a provider and the way back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Secrets {
    /// Comes back inside the token.
    pub nonce: String,
    /// Proves that who brings the code is who asked for it (RFC 7636).
    pub verifier: String,
}

/// Whom a provider signed in.
#[derive(Debug)]
pub struct Claimed {
    /// What the provider calls them, for ever.
    pub subject: String,
    /// What people call them there; empty where it does not say.
    pub name: String,
    /// Their groups.
    pub groups: Vec<String>,
    /// The token that says so, for signing out there too.
    pub id_token: String,
}

/// All claims that have no meaning to the standard.
#[derive(Debug, Serialize, Deserialize)]
struct Others {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Others {}

impl Provider {
    /// A provider as configured; nothing is asked of it yet.
    pub fn new(settings: ProviderSettings, clock: Clock, rng: Rng) -> anyhow::Result<Self> {
        let id = &settings.id;
        let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        anyhow::ensure!(
            (1..=32).contains(&id.len()) && id.chars().all(is_plain),
            "sign_in.oidc: the id {id:?} must be 1 to 32 small letters, digits and dashes"
        );
        let issuer = IssuerUrl::new(settings.issuer.clone())?;
        let url = issuer.url();
        anyhow::ensure!(
            matches!(url.scheme(), "http" | "https") && url.query().is_none(),
            "sign_in.oidc: {id}: the issuer must be an address with http or https and no query"
        );
        // The owner named it, so it may be in the house.
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let requests = outbound::Settings {
            allowed_hosts: [host].into(),
            attempt_time: ATTEMPT,
            max_body_bytes: MAX_BYTES,
            attempts: 1,
            spacing: Duration::ZERO,
            ..outbound::Settings::default()
        };
        let http = Http(Outbound::new(requests, clock.clone(), rng)?);
        Ok(Self { settings, issuer, http, clock, known: Mutex::new(Known::Nothing) })
    }

    /// The address at the provider that signs somebody in, who then comes back to `back`.
    pub async fn address(&self, back: &Url, state: &str, secrets: &Secrets) -> Result<Url> {
        let metadata = in_time(self.metadata()).await?;
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(secrets.nonce.clone()));
        let client = CoreClient::from_provider_metadata(
            (*metadata).clone(),
            ClientId::new(self.settings.client_id.clone()),
            None,
        )
        .set_redirect_uri(RedirectUrl::from_url(back.clone()));
        let (url, ..) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// Whom the provider signed in, by the code that they brought to `back`.
    pub async fn redeem(&self, back: &Url, code: &str, secrets: &Secrets) -> Result<Claimed> {
        in_time(self.redeem_now(back, code, secrets)).await
    }

    async fn redeem_now(&self, back: &Url, code: &str, secrets: &Secrets) -> Result<Claimed> {
        let metadata = self.metadata().await?;
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let client = CoreClient::from_provider_metadata(
            (*metadata).clone(),
            ClientId::new(self.settings.client_id.clone()),
            secret,
        )
        .set_redirect_uri(RedirectUrl::from_url(back.clone()))
        .set_auth_type(auth_type(&metadata));
        let token = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| unavailable(anyhow::Error::new(error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(not_redeemed)?;
        let id_token = token
            .id_token()
            .ok_or_else(|| refusal::not_believed("it sent no token of identity"))?;
        let clock = self.clock.clone();
        let verifier = client.id_token_verifier().set_time_fn(move || clock.now() - LEEWAY);
        let claims = match id_token.claims(&verifier, &Nonce::new(secrets.nonce.clone())) {
            Ok(claims) => claims,
            Err(error) => {
                // The provider may have changed its keys: the next one who comes is measured by the new ones.
                self.forget().await;
                return Err(refusal::not_believed(error));
            }
        };
        let subject = claims.subject().clone();
        let text = id_token.to_string();
        let mut all = payload(&text).unwrap_or_default();
        if metadata.userinfo_endpoint().is_some() {
            all.extend(self.ask_more(&metadata, token.access_token().clone(), &subject).await?);
        }
        let name = ["preferred_username", "name", "nickname", "email"]
            .iter()
            .find_map(|it| all.get(*it).and_then(Value::as_str).filter(|it| !it.trim().is_empty()))
            .unwrap_or_default()
            .to_owned();
        let groups = groups_of(&Value::Object(all), &self.settings.groups_claim);
        Ok(Claimed { subject: subject.to_string(), name, groups, id_token: text })
    }

    /// What the provider says of somebody beside the token, of the same subject.
    async fn ask_more(
        &self,
        metadata: &ProviderMetadataWithLogout,
        access: AccessToken,
        subject: &SubjectIdentifier,
    ) -> Result<Map<String, Value>> {
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            None,
        );
        let request = client
            .user_info(access, Some(subject.clone()))
            .map_err(|error| unavailable(anyhow::Error::new(error)))?;
        let told: UserInfoClaims<Others, CoreGenderClaim> =
            request.request_async(&self.http).await.map_err(|error| match error {
                openidconnect::UserInfoError::ClaimsVerification(error) => {
                    refusal::not_believed(error)
                }
                error => unavailable(anyhow::Error::new(error)),
            })?;
        match serde_json::to_value(told).map_err(anyhow::Error::from)? {
            Value::Object(all) => Ok(all),
            _ => Ok(Map::new()),
        }
    }

    /// The address at the provider that signs somebody out there too, who then comes back to `back`; `None` where it has
    /// none.
    pub async fn farewell(&self, id_token: &str, back: &Url) -> Result<Option<Url>> {
        let metadata = in_time(self.metadata()).await?;
        let Some(end) = metadata.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        let mut url = LogoutRequest::from(end)
            .set_client_id(ClientId::new(self.settings.client_id.clone()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(back.clone()))
            .http_get_url();
        url.query_pairs_mut().append_pair("id_token_hint", id_token);
        Ok(Some(url))
    }

    /// What the provider says of itself; one asks at a time, and the others get the same.
    async fn metadata(&self) -> Result<Arc<ProviderMetadataWithLogout>> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        match &*known {
            Known::Found { at, metadata } if *at + BELIEVED > now => return Ok(metadata.clone()),
            Known::Failed { at, why } if *at + REST > now => {
                return Err(unavailable(anyhow::anyhow!("{why}")));
            }
            _ => {}
        }
        // Written before it is asked: whoever gives up waiting leaves the provider in peace too.
        *known = Known::Failed { at: now, why: "it gave no answer in time".to_owned() };
        let asked = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http);
        match asked.await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Known::Found { at: now, metadata: metadata.clone() };
                Ok(metadata)
            }
            Err(error) => {
                let error = anyhow::Error::new(error);
                *known = Known::Failed { at: now, why: format!("{error:#}") };
                Err(unavailable(error))
            }
        }
    }

    async fn forget(&self) {
        let mut known = self.known.lock().await;
        // Not at once again: a stranger's forgery must not make us ask the provider without end.
        if let Known::Found { at, .. } = &*known
            && *at + REST < self.clock.now()
        {
            *known = Known::Nothing;
        }
    }
}

/// How the provider wants this server's secret: in a header, as the standard's default says, or with the code.
fn auth_type(metadata: &ProviderMetadataWithLogout) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let knows = |method| methods.is_none_or(|it| it.contains(&method));
    if !knows(CoreClientAuthMethod::ClientSecretBasic)
        && knows(CoreClientAuthMethod::ClientSecretPost)
    {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

/// What a token that was checked says.
fn payload(token: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn not_redeemed<T>(error: RequestTokenError<Failure, T>) -> Error
where
    T: openidconnect::ErrorResponse + Send + Sync + 'static,
{
    match error {
        RequestTokenError::ServerResponse(answer) => {
            tracing::warn!(answer = ?answer, "oidc.code_refused");
            refusal::begin_again()
        }
        error => unavailable(anyhow::Error::new(error)),
    }
}

fn unavailable(source: anyhow::Error) -> Error {
    Error::Unavailable { service: "the provider of this sign-in", source }
}

async fn in_time<T>(step: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(STEP, step).await {
        Ok(done) => done,
        Err(_) => Err(unavailable(anyhow::anyhow!("it gave no answer in time"))),
    }
}

/// Our client, in the form that `openidconnect` asks for.
struct Http(Outbound);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let address = parts.uri.to_string();
            let url: Url = address.parse().map_err(|_| Failure {
                host: address,
                reason: Reason::Refused("it is no address".to_owned()),
                body: bytes::Bytes::new(),
            })?;
            let request = if parts.method == http::Method::POST {
                Request::post(url, body)
            } else {
                Request::get(url)
            };
            let mut response = HttpResponse::new(Vec::new());
            match self.0.send(request.headers(parts.headers)).await {
                Ok(answer) => {
                    *response.status_mut() = answer.status;
                    *response.headers_mut() = answer.headers;
                    *response.body_mut() = answer.body.to_vec();
                }
                Err(Failure { reason: Reason::Status { status, .. }, body, .. }) => {
                    *response.status_mut() =
                        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_GATEWAY);
                    *response.body_mut() = body.to_vec();
                }
                Err(failure) => return Err(failure),
            }
            Ok(response)
        })
    }
}
