//! API keys: with one a program acts in a person's name, within what the key allows and the person may do now.

use chrono::{DateTime, Utc};
use kernel::id::ApiKeyId;
use kernel::permission::completed;
use kernel::{Error, Limit, Page, Permission, Result, Viewer};

use crate::secret::Secret;
use crate::{Accounts, person, store};

/// What every key begins with, so that people and scanners for leaked secrets know one when they see it.
pub const PREFIX: &str = "revenge_";

/// Keys of one person at the most.
const MAX_KEYS: i64 = 50;

/// An API key, without what proves it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: String,
    /// What it allows, as far as its owner may do it.
    pub scopes: Vec<Permission>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When a program last used it, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it stops working; never where there is none.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What no key allows: what concerns the account itself, and being the owner of the server.
const NOT_FOR_KEYS: [Permission; 4] =
    [Permission::Administer, Permission::Adult, Permission::ChangePassword, Permission::UseApiKeys];

/// The secret of an API key as it came in a request; `None` for other tokens.
pub(crate) fn secret_of(token: &str) -> Option<Secret> {
    Secret::parse(token.strip_prefix(PREFIX)?)
}

/// What a key allows by its row and by what its owner may do now. A key whose owner may use none allows nothing.
pub(crate) fn allowed(scopes: &[String], owner: &[Permission]) -> Option<Vec<Permission>> {
    if !owner.contains(&Permission::UseApiKeys) {
        return None;
    }
    let scopes = completed(scopes.iter().filter_map(|it| Permission::parse(it)));
    let is_allowed = |it: &Permission| owner.contains(it) && !NOT_FOR_KEYS.contains(it);
    Some(scopes.into_iter().filter(is_allowed).collect())
}

impl Accounts {
    /// Makes a key; the text is the key itself, and is shown this once.
    pub async fn create_key(
        &self,
        viewer: &Viewer,
        name: &str,
        scopes: Vec<Permission>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<(ApiKey, String)> {
        viewer.require(Permission::UseApiKeys)?;
        let name = person::checked_name(name)?;
        if let Some(never) = scopes.iter().find(|it| NOT_FOR_KEYS.contains(it)) {
            let problem = format!("no key can have {}", never.name());
            return Err(Error::invalid("scopes", problem));
        }
        if !viewer.can_all(&scopes) {
            return Err(Error::invalid("scopes", "a key cannot do more than you may"));
        }
        let now = self.0.clock.now();
        if expires_at.is_some_and(|it| it <= now) {
            return Err(Error::invalid("expires_at", "must be in the future"));
        }
        let scopes = completed(scopes);
        let id: ApiKeyId = self.ids().next();
        let secret = Secret::new(id.0, &self.0.rng);
        let key = ApiKey { id, name, scopes, created_at: now, last_used_at: None, expires_at };
        let mut tx = self.0.pool.begin().await?;
        if store::key::count_keys(&mut tx, viewer.person_id).await? >= MAX_KEYS {
            return Err(Error::conflict(
                "accounts.too_many_keys",
                "you have as many API keys as one person can have; delete one first",
            ));
        }
        store::key::insert_key(&mut tx, viewer.person_id, &key, &secret.hash()).await?;
        self.note(&mut tx, viewer, "api_key_created", &key.name).await?;
        tx.commit().await?;
        Ok((key, format!("{PREFIX}{}", secret.to_text())))
    }

    /// One's own keys.
    pub async fn list_keys(
        &self,
        viewer: &Viewer,
        after: Option<ApiKeyId>,
        limit: Limit,
    ) -> Result<Page<ApiKey>> {
        viewer.require(Permission::UseApiKeys)?;
        let mut db = self.0.pool.acquire().await?;
        let keys = store::key::list_keys(&mut db, viewer.person_id, after, limit).await?;
        Ok(Page::of(keys, limit, |it| it.id))
    }

    /// Deletes one of one's own keys; programs with it are refused from now on.
    pub async fn delete_key(&self, viewer: &Viewer, id: ApiKeyId) -> Result<()> {
        viewer.require(Permission::UseApiKeys)?;
        let mut tx = self.0.pool.begin().await?;
        let name = store::key::delete_key(&mut tx, viewer.person_id, id).await?;
        let name = name.ok_or(Error::NotFound("api_key"))?;
        self.note(&mut tx, viewer, "api_key_deleted", &name).await?;
        tx.commit().await?;
        let gone = store::believed::Believed { sessions: Vec::new(), keys: vec![id] };
        self.forget(&gone).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_allows_more_than_its_owner_may_now() {
        let scopes = ["play".to_owned(), "edit_metadata".to_owned(), "fly".to_owned()];
        let owner = completed([Permission::UseApiKeys, Permission::EditMetadata]);
        let now = allowed(&scopes, &owner).expect("a working key");
        assert_eq!(now, [Permission::Browse, Permission::EditMetadata]);
        assert_eq!(allowed(&scopes, &[Permission::Browse, Permission::Play]), None);
        let everything = ["administer".to_owned()];
        let all = allowed(&everything, &completed(Permission::ALL)).expect("a working key");
        assert!(NOT_FOR_KEYS.iter().all(|it| !all.contains(it)), "whatever its row says");
    }
}
