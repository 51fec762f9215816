//! Pictures of what an item may be: fetched by the server when somebody looks at them, so that no browser tells a provider
//! who looks at what. Only addresses that a provider gave are asked for, and only for as long as they are remembered.

use std::time::Duration;

use futures::future::join_all;
use kernel::{Area, Error, Permission, Result, Viewer};
use metadata::Hit;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Catalog;
use crate::artwork::hex;
use crate::images::{Delivery, ImageWish, Original};

/// How long an address is remembered after it was last shown.
const REMEMBERED: Duration = Duration::from_hours(24);
/// How long a picture that could not be fetched is not asked for again.
const PAUSE: Duration = Duration::from_mins(10);
/// Pictures fetched at a time.
const AT_ONCE: u8 = 4;
/// Bytes of the hash that stands for an address.
const KEY_BYTES: usize = 16;

/// What came of fetching a picture.
#[derive(Debug, Serialize, Deserialize)]
struct Fetched {
    /// `None` where it was in vain.
    original: Option<Original>,
}

/// What stands for an address in ours.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key(String);

impl Key {
    fn of(url: &str) -> Self {
        Self(hex(&Sha256::digest(url)[..KEY_BYTES]))
    }

    fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 2 * KEY_BYTES
            && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        is_hex.then(|| Self(text.to_owned()))
    }

    fn of_url(&self) -> String {
        format!("catalog.candidate_poster:{}", self.0)
    }

    /// Apart from what administrators are shown: what they look at is nobody else's to see.
    fn of_offered(&self) -> String {
        format!("catalog.offered_poster:{}", self.0)
    }

    fn of_fetched(&self) -> String {
        format!("catalog.candidate_poster_fetched:{}", self.0)
    }

    /// One of a few turns, so that only so many are fetched at a time.
    fn turn(&self) -> String {
        let first = u8::from_str_radix(&self.0[..2], 16).unwrap_or_default();
        format!("candidate poster {}", first % AT_ONCE)
    }
}

/// Where the picture of a candidate is on this server.
pub(super) fn path_of(area: Area, hit: &Hit) -> Option<String> {
    let url = hit.poster.as_ref()?;
    Some(format!("{}/candidate-posters/{}", area.address(), Key::of(url.as_str()).0))
}

impl Catalog {
    /// Remembers the addresses of what is about to be shown to an administrator.
    pub(super) async fn remember_posters(&self, hits: impl Iterator<Item = &Hit>) {
        let urls = hits.filter_map(|it| it.poster.as_ref());
        // Without a cache there is no picture, and everything else as ever.
        join_all(urls.map(|url| async move {
            let url = url.as_str().to_owned();
            self.cache.set(&Key::of(&url).of_url(), url, REMEMBERED).await
        }))
        .await;
    }

    /// Remembers these addresses of posters, which a provider gave, and says what stands for each in
    /// [`Catalog::find_offered_poster`].
    pub async fn offer_posters(&self, addresses: &[String]) -> Vec<String> {
        join_all(addresses.iter().map(|url| async move {
            let key = Key::of(url);
            // Without a cache there is no picture, and everything else as ever.
            let _ = self.cache.set(&key.of_offered(), url.clone(), REMEMBERED).await;
            key.0
        }))
        .await
    }

    /// Finds the picture of something that was offered to an administrator lately; fetches it where nobody saw it yet.
    pub async fn find_candidate_poster(
        &self,
        viewer: &Viewer,
        key: &str,
        wish: ImageWish,
    ) -> Result<Delivery> {
        viewer.require(Permission::EditMetadata)?;
        let key = Key::parse(key).ok_or(Error::NotFound("image"))?;
        self.poster(&key, &key.of_url(), wish).await
    }

    /// The same of something that was offered to those who may ask for it. Nobody who is kept from something is shown what
    /// they might be kept from.
    pub async fn find_offered_poster(
        &self,
        viewer: &Viewer,
        key: &str,
        wish: ImageWish,
    ) -> Result<Delivery> {
        viewer.require(Permission::Request)?;
        let key = Key::parse(key).filter(|_| !viewer.scope.is_guarded());
        let key = key.ok_or(Error::NotFound("image"))?;
        self.poster(&key, &key.of_offered(), wish).await
    }

    /// The picture of the address that is remembered as `remembered`.
    async fn poster(&self, key: &Key, remembered: &str, wish: ImageWish) -> Result<Delivery> {
        let url = self.cache.get(remembered).await.ok().flatten();
        let url = url.and_then(|it| String::from_utf8(it.into()).ok());
        let url = url.ok_or(Error::NotFound("image"))?;
        let original = match self.fetched_poster(key).await? {
            Some(fetched) => fetched.original,
            None => self.fetch_poster(key, &url).await?,
        };
        let original = original.ok_or(Error::NotFound("image"))?;
        self.deliver(original, wish).await.ok_or(Error::NotFound("image"))
    }

    /// What came of fetching it before; nothing where that is not known or its file is gone.
    async fn fetched_poster(&self, key: &Key) -> Result<Option<Fetched>> {
        let kept = self.cache.get(&key.of_fetched()).await.ok().flatten();
        let Some(fetched) = kept.and_then(|it| serde_json::from_slice::<Fetched>(&it).ok()) else {
            return Ok(None);
        };
        if let Some(hash) = fetched.original.as_ref().and_then(|it| it.content_hash.as_ref()) {
            let is_there = tokio::fs::try_exists(self.gallery.path(&hex(hash))).await;
            if !is_there.map_err(anyhow::Error::from)? {
                return Ok(None);
            }
        }
        Ok(Some(fetched))
    }

    async fn fetch_poster(&self, key: &Key, url: &str) -> Result<Option<Original>> {
        let _turn = self.gallery.turn(&key.turn()).await;
        if let Some(fetched) = self.fetched_poster(key).await? {
            return Ok(fetched.original);
        }
        let original = match self.gallery.fetch(url).await? {
            Ok(kept) => Some(Original::from(kept)),
            Err(failure) => {
                tracing::debug!(%failure, "candidate_poster.not_fetched");
                None
            }
        };
        let ttl = if original.is_some() { REMEMBERED } else { PAUSE };
        let fetched = Fetched { original };
        let value = serde_json::to_vec(&fetched).map_err(anyhow::Error::from)?;
        let _ = self.cache.set(&key.of_fetched(), value, ttl).await;
        Ok(fetched.original)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_made_of_an_address_stands_for_one() {
        let key = Key::of("https://images.example/a.jpg");
        assert_eq!(Key::parse(&key.0), Some(key.clone()));
        assert_ne!(key, Key::of("https://images.example/b.jpg"));
        for wrong in ["", "..", "../../etc/passwd", &key.0[1..], &key.0.to_uppercase(), "é"] {
            assert_eq!(Key::parse(wrong), None, "{wrong}");
        }
    }
}
