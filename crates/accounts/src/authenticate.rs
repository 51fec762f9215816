//! The middleware that finds out who is calling: by bearer token or API key, by the web app's
//! cookie, or by a signed URL.

mod by_key;
mod until;

use std::time::Duration;

use axum::extract::{OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use cookie::Cookie;
use kernel::id::{ApiKeyId, LibraryId, PersonId, SessionId};
use kernel::{Error, Guard, Hours, LibraryScope, Limits, Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use url::Url;
use wire::signed::{Claims, Signer};
use wire::{Barred, Origin, Refusal};

use crate::hours::{self, Door};
use crate::role::permissions_of;
use crate::session::{COOKIE, IDLE, OVERLAP, Token};
use crate::store::believed::Believed;
use crate::{Accounts, key, store};

/// How long a viewer is believed without asking the database. What changes a viewer drops it at once.
const BELIEVED: Duration = Duration::from_mins(1);

/// The header that a page of another origin cannot send without our consent: callers with a cookie must, to change things.
pub const INTENT_HEADER: &str = "x-revenge";

/// What the middleware needs.
#[derive(Clone)]
pub struct Authentication {
    /// Knows the sessions.
    pub accounts: Accounts,
    /// Knows the signed URLs.
    pub signer: Signer,
}

/// What is kept in the cache of a session.
#[derive(Serialize, Deserialize)]
struct Remembered {
    person_id: PersonId,
    token_hash: Vec<u8>,
    previous_token_hash: Option<Vec<u8>>,
    rotated_at: DateTime<Utc>,
    permissions: Vec<Permission>,
    all_libraries: bool,
    library_ids: Vec<LibraryId>,
    limits: Limits,
    guard: Guard,
    /// Those of who cannot give themselves others.
    hours: Hours,
    /// Their role demands a second factor, and they have none: until then they may only give themselves one.
    lacks_factor: bool,
}

/// Who is calling.
enum Caller {
    Nobody,
    Somebody(Box<Viewer>),
    /// Somebody who may do nothing now.
    Barred(Barred),
}

/// Puts the [`Viewer`] into the request where the caller proves to be somebody. A proof that does not hold is as good as
/// none: whether that matters is the handler's to say.
pub async fn authenticate(
    State(state): State<Authentication>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut hours_end = None;
    match state.viewer_of(&parts).await {
        Ok(Caller::Somebody(mut viewer)) => {
            hours_end = viewer.hours_end;
            viewer.address = parts.extensions.get::<Origin>().map(|it| it.address);
            parts.extensions.insert(*viewer);
        }
        Ok(Caller::Barred(barred)) => {
            parts.extensions.insert(barred);
        }
        Ok(Caller::Nobody) => {}
        Err(error) => return Refusal::from(error).into_response(),
    }
    let answer = next.run(Request::from_parts(parts, body)).await;
    match hours_end {
        Some(end) => until::end_at(answer, end, state.accounts.0.clock.clone()),
        None => answer,
    }
}

impl Authentication {
    async fn viewer_of(&self, request: &Parts) -> Result<Caller> {
        if let Some(token) = bearer(&request.headers) {
            if let Some(secret) = key::secret_of(&token) {
                let viewer = self.accounts.viewer_by_key(&secret).await?;
                return Ok(viewer.map_or(Caller::Nobody, |it| Caller::Somebody(Box::new(it))));
            }
            return self.accounts.caller_by_token(&token, request).await;
        }
        if let Some(claims) = Claims::of(&request.uri) {
            self.signer.check(path_of(request), &claims, self.accounts.0.clock.now())?;
            let Some(session) = claims.session else { return Ok(Caller::Nobody) };
            let viewer = match self.accounts.viewer_by_session(session).await {
                Ok(viewer) => viewer.filter(|it| it.person_id == claims.person),
                Err(Error::OutsideHours { opens_at }) => {
                    return Ok(Caller::Barred(Barred::OutsideHours { opens_at }));
                }
                Err(error) => return Err(error),
            };
            return Ok(viewer.map_or(Caller::Nobody, |it| Caller::Somebody(Box::new(it))));
        }
        let Some(token) = cookie(&request.headers, COOKIE) else { return Ok(Caller::Nobody) };
        let caller = self.accounts.caller_by_token(&token, request).await?;
        if matches!(caller, Caller::Somebody(_)) && changes(&request.method) {
            if !request.headers.contains_key(INTENT_HEADER) {
                let verb = "change anything by cookie without the header X-Revenge";
                return Err(Error::Forbidden(verb));
            }
            if is_of_another_site(request, self.accounts.0.public_url.as_deref()) {
                return Err(Error::Forbidden("change anything from a page of another site"));
            }
        }
        Ok(caller)
    }
}

impl Accounts {
    async fn caller_by_token(&self, token: &str, request: &Parts) -> Result<Caller> {
        let Some(token) = Token::parse(token) else { return Ok(Caller::Nobody) };
        let Some(remembered) = self.remember(token.session_id).await? else {
            return Ok(Caller::Nobody);
        };
        // Both sides are hashes: how far they agree tells nothing about the token.
        let hash = token.hash();
        if remembered.token_hash == hash {
            // Requests with the token before may still be under way.
            if remembered.previous_token_hash.is_some()
                && remembered.rotated_at + OVERLAP < self.0.clock.now()
            {
                let mut db = self.0.pool.acquire().await?;
                store::session::forget_previous_token(&mut db, token.session_id, &hash).await?;
                self.forget_viewers(&[token.session_id]).await;
            }
        } else if remembered.previous_token_hash.as_deref() != Some(&hash) {
            return Ok(Caller::Nobody);
        }
        let (method, path) = (&request.method, path_of(request));
        if remembered.lacks_factor && !is_for_factorless(method, path) {
            return Ok(Caller::Barred(Barred::LacksFactor));
        }
        let hours_end = match self.door(&remembered.hours)? {
            Door::Open { closes_at } => closes_at,
            Door::Closed { .. } if is_for_shut_out(method, path) => None,
            Door::Closed { opens_at } => {
                return Ok(Caller::Barred(Barred::OutsideHours { opens_at }));
            }
        };
        let viewer = self.to_viewer(token.session_id, remembered, hours_end).await?;
        Ok(Caller::Somebody(Box::new(viewer)))
    }

    /// Who a session is of, as things stand now; `None` once it is over, and for who must give themselves a second factor.
    /// Outside of their hours it is refused.
    pub(crate) async fn viewer_by_session(&self, id: SessionId) -> Result<Option<Viewer>> {
        match self.remember(id).await?.filter(|it| !it.lacks_factor) {
            Some(remembered) => {
                let hours_end = self.within_hours(&remembered.hours)?;
                self.to_viewer(id, remembered, hours_end).await.map(Some)
            }
            None => Ok(None),
        }
    }

    async fn remember(&self, id: SessionId) -> Result<Option<Remembered>> {
        let key = cache_key(id);
        // The cache being away costs a query, nothing else.
        if let Ok(Some(bytes)) = self.0.cache.get(&key).await
            && let Ok(remembered) = serde_json::from_slice(&bytes)
        {
            return Ok(Some(remembered));
        }
        let now = self.0.clock.now();
        let mut db = self.0.pool.acquire().await?;
        let Some(row) = store::session::use_session(&mut db, id, now, now + IDLE).await? else {
            return Ok(None);
        };
        let permissions = permissions_of(row.built_in.as_deref(), &row.permissions);
        let remembered = Remembered {
            person_id: row.person_id,
            token_hash: row.token_hash,
            previous_token_hash: row.previous_token_hash,
            rotated_at: row.rotated_at,
            hours: hours::binding(row.hours.0, &permissions),
            permissions,
            all_libraries: row.all_libraries,
            library_ids: row.library_ids.into_iter().map(LibraryId).collect(),
            limits: store::limits((
                row.max_streams,
                row.max_bitrate_bps,
                row.max_local_bitrate_bps,
            )),
            lacks_factor: row.lacks_factor,
            guard: store::parental::guard(
                row.max_age,
                row.hides_unrated,
                (&row.blocked_marks, &row.allowed_marks),
            ),
        };
        let bytes = serde_json::to_vec(&remembered).map_err(anyhow::Error::from)?;
        if let Err(error) = self.0.cache.set(&key, bytes, BELIEVED).await {
            tracing::debug!(error = %error, "session.not_cached");
        }
        Ok(Some(remembered))
    }

    async fn to_viewer(
        &self,
        id: SessionId,
        remembered: Remembered,
        hours_end: Option<DateTime<Utc>>,
    ) -> Result<Viewer> {
        let libraries = if remembered.all_libraries {
            (self.0.libraries)().await?
        } else {
            remembered.library_ids
        };
        Ok(Viewer {
            person_id: remembered.person_id,
            session_id: Some(id),
            api_key_id: None,
            scope: LibraryScope::of(libraries).guarded(remembered.guard),
            permissions: remembered.permissions,
            limits: remembered.limits,
            hours_end,
            address: None,
            area: kernel::Area::Main,
        })
    }

    /// Drops what is believed of these devices and keys, so that a change holds from now on.
    pub(crate) async fn forget(&self, believed: &Believed) {
        self.forget_viewers(&believed.sessions).await;
        for id in &believed.keys {
            if let Err(error) = self.0.cache.delete(&api_key_cache_key(*id)).await {
                tracing::warn!(error = %error, "api_key.not_forgotten");
            }
        }
    }

    /// The same of these devices alone.
    pub(crate) async fn forget_viewers(&self, sessions: &[SessionId]) {
        for id in sessions {
            if let Err(error) = self.0.cache.delete(&cache_key(*id)).await {
                tracing::warn!(error = %error, "session.not_forgotten");
            }
        }
    }
}

fn cache_key(id: SessionId) -> String {
    format!("session:{id}")
}

fn api_key_cache_key(id: ApiKeyId) -> String {
    format!("api_key:{id}")
}

/// The whole path, as it was asked for: routers take off what they matched.
fn path_of(request: &Parts) -> &str {
    request.extensions.get::<OriginalUri>().map_or(request.uri.path(), |it| it.path())
}

/// What somebody may do who must give themselves a second factor first: that, and to leave.
fn is_for_factorless(method: &Method, path: &str) -> bool {
    let Some(path) = path.strip_prefix("/api/v1") else { return false };
    let is_below = |folder: &str| {
        path.strip_prefix(folder).is_some_and(|it| it.is_empty() || it.starts_with('/'))
    };
    match *method {
        Method::GET if matches!(path, "/me" | "/me/identities") => true,
        Method::POST if path == "/me/confirmation" => true,
        Method::DELETE if path == "/sessions/current" => true,
        _ => is_below("/me/second-factor") || is_below("/me/passkeys"),
    }
}

/// What somebody may do outside of their hours: hear when to come back, leave, and make way for
/// somebody else who shares the device.
fn is_for_shut_out(method: &Method, path: &str) -> bool {
    let Some(path) = path.strip_prefix("/api/v1") else { return false };
    let is_of_picker = || {
        let of = path.strip_prefix("/me/profiles").unwrap_or("/");
        of.is_empty() || of.ends_with("/avatar")
    };
    match *method {
        Method::GET => matches!(path, "/me" | "/me/avatar") || is_of_picker(),
        Method::POST => path == "/me/profiles/switch",
        Method::DELETE => path == "/sessions/current",
        _ => false,
    }
}

/// Whether the page that asks is not ours: by what the browser says of it, or else by its origin.
fn is_of_another_site(request: &Parts, public_url: Option<&str>) -> bool {
    let text = |name: &str| request.headers.get(name).and_then(|it| it.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return false };
    let Ok(origin) = Url::parse(origin) else { return true };
    let is_public = public_url
        .and_then(|it| Url::parse(it).ok())
        .is_some_and(|it| it.origin() == origin.origin());
    // HTTP/2 names the host in the address.
    let host = request.uri.authority().map(Authority::as_str).or_else(|| text("host"));
    let is_asked = host
        .is_some_and(|host| origin[url::Position::BeforeHost..url::Position::AfterPort] == *host);
    !is_public && !is_asked
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(std::result::Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lacks_a_factor_gives_themselves_one_or_leaves() {
        let check = |method: Method, path: &str, expect: bool| {
            assert_eq!(is_for_factorless(&method, path), expect, "{method} {path}");
        };
        check(Method::GET, "/api/v1/me", true);
        check(Method::PATCH, "/api/v1/me", false);
        check(Method::PUT, "/api/v1/me/second-factor/totp", true);
        check(Method::POST, "/api/v1/me/passkeys", true);
        check(Method::POST, "/api/v1/me/passkeys-and-more", false);
        check(Method::DELETE, "/api/v1/sessions/current", true);
        check(Method::DELETE, "/api/v1/sessions", false);
        check(Method::GET, "/api/v1/items", false);
        check(Method::POST, "/api/v1/me/keys", false);
        check(Method::GET, "/me", false);
    }

    #[test]
    fn who_is_shut_out_hears_why_and_makes_way() {
        let check = |method: Method, path: &str, expect: bool| {
            assert_eq!(is_for_shut_out(&method, path), expect, "{method} {path}");
        };
        check(Method::GET, "/api/v1/me", true);
        check(Method::PATCH, "/api/v1/me", false);
        check(Method::GET, "/api/v1/me/profiles", true);
        check(Method::POST, "/api/v1/me/profiles", false);
        check(Method::GET, "/api/v1/me/profiles/1/avatar", true);
        check(Method::GET, "/api/v1/people/1/avatar", false);
        check(Method::POST, "/api/v1/me/profiles/switch", true);
        check(Method::GET, "/api/v1/items", false);
        check(Method::GET, "/me", false);
    }
}
