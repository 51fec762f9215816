//! Who a program with an API key acts for.

use chrono::{DateTime, Utc};
use kernel::id::{ApiKeyId, LibraryId, PersonId};
use kernel::{Guard, Hours, LibraryScope, Limits, Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use wire::Barred;

use super::{BELIEVED, api_key_cache_key};
use crate::role::permissions_of;
use crate::secret::Secret;
use crate::{Accounts, hours, key, store};

/// What is kept in the cache of a key.
#[derive(Serialize, Deserialize)]
struct RememberedKey {
    person_id: PersonId,
    key_hash: Vec<u8>,
    permissions: Vec<Permission>,
    all_libraries: bool,
    library_ids: Vec<LibraryId>,
    expires_at: Option<DateTime<Utc>>,
    limits: Limits,
    lacks_factor: bool,
    guard: Guard,
    hours: Hours,
}

impl Accounts {
    pub(super) async fn viewer_by_key(&self, secret: &Secret) -> Result<Option<Viewer>> {
        let id = ApiKeyId(secret.id);
        let Some(remembered) = self.remember_key(id, Some(secret)).await? else { return Ok(None) };
        // Both sides are hashes: how far they agree tells nothing about the key.
        if remembered.key_hash != secret.hash() {
            return Ok(None);
        }
        self.to_viewer_of_key(id, remembered).await
    }

    /// Who is behind a session or a key, as things stand now; `None` once it is over. For answers that outlive the moment
    /// they began.
    pub async fn viewer_now(&self, viewer: &Viewer) -> Result<Option<Viewer>> {
        match (viewer.session_id, viewer.api_key_id) {
            (Some(session), _) => self.viewer_by_session(session).await,
            (None, Some(key)) => match self.remember_key(key, None).await? {
                Some(remembered) => self.to_viewer_of_key(key, remembered).await,
                None => Ok(None),
            },
            (None, None) => Ok(None),
        }
    }

    async fn to_viewer_of_key(
        &self,
        id: ApiKeyId,
        remembered: RememberedKey,
    ) -> Result<Option<Viewer>> {
        if remembered.expires_at.is_some_and(|it| it <= self.0.clock.now()) {
            return Ok(None);
        }
        if remembered.lacks_factor {
            return Err(Barred::LacksFactor.error());
        }
        let hours_end = self.within_hours(&remembered.hours)?;
        let libraries = if remembered.all_libraries {
            (self.0.libraries)().await?
        } else {
            remembered.library_ids
        };
        Ok(Some(Viewer {
            person_id: remembered.person_id,
            session_id: None,
            api_key_id: Some(id),
            scope: LibraryScope::of(libraries).guarded(remembered.guard),
            permissions: remembered.permissions,
            limits: remembered.limits,
            hours_end,
            address: None,
            area: kernel::Area::Main,
        }))
    }

    /// What is known of a key, asked of the database once a minute, which is also how often its use is noted; nothing where
    /// it comes with a secret that is not its own.
    async fn remember_key(
        &self,
        id: ApiKeyId,
        secret: Option<&Secret>,
    ) -> Result<Option<RememberedKey>> {
        let cached = api_key_cache_key(id);
        // The cache being away costs a query, nothing else.
        if let Ok(Some(bytes)) = self.0.cache.get(&cached).await
            && let Ok(remembered) = serde_json::from_slice(&bytes)
        {
            return Ok(Some(remembered));
        }
        let now = self.0.clock.now();
        let mut db = self.0.pool.acquire().await?;
        let Some(row) = store::key::find_key(&mut db, id, now).await? else { return Ok(None) };
        let owner = permissions_of(row.built_in.as_deref(), &row.permissions);
        let Some(permissions) = key::allowed(&row.scopes, &owner) else { return Ok(None) };
        if secret.is_some_and(|it| row.key_hash != it.hash()) {
            return Ok(None);
        }
        store::key::note_use(&mut db, id, now).await?;
        let remembered = RememberedKey {
            person_id: row.person_id,
            key_hash: row.key_hash,
            permissions,
            all_libraries: row.all_libraries,
            library_ids: row.library_ids.into_iter().map(LibraryId).collect(),
            expires_at: row.expires_at,
            lacks_factor: row.lacks_factor,
            // The owner's, not what the key may: no key administers.
            hours: hours::binding(row.hours.0, &owner),
            limits: store::limits((
                row.max_streams,
                row.max_bitrate_bps,
                row.max_local_bitrate_bps,
            )),
            guard: store::parental::guard(
                row.max_age,
                row.hides_unrated,
                (&row.blocked_marks, &row.allowed_marks),
            ),
        };
        let bytes = serde_json::to_vec(&remembered).map_err(anyhow::Error::from)?;
        if let Err(error) = self.0.cache.set(&cached, bytes, BELIEVED).await {
            tracing::debug!(error = %error, "api_key.not_cached");
        }
        Ok(Some(remembered))
    }
}
