//! A picture for somebody who may see it.

use bytes::Bytes;
use kernel::id::ImageId;
use kernel::{Error, Permission, Result, Viewer};

use super::Accept;
use super::size::{self, Format};
use super::store::{self, Original};
use crate::Catalog;
use crate::artwork::hex;

/// What a client wants of a picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImageWish {
    /// About so many pixels wide; the original where none is named.
    pub width: Option<u32>,
    /// The formats it takes.
    pub accept: Accept,
}

/// A picture found, not yet read: its tag says whether it needs to be.
#[derive(Debug)]
pub struct Delivery {
    hash: String,
    mime: String,
    /// None for the original.
    variant: Option<Sized>,
}

#[derive(Clone, Copy, Debug)]
struct Sized {
    width: u32,
    format: Format,
    /// Something better is to be made for the next who asks.
    next: Option<Format>,
}

impl Delivery {
    /// Changes when the bytes do: the content of the original and what was made of it.
    pub fn etag(&self) -> String {
        match self.variant {
            None => format!("\"{}\"", self.hash),
            Some(Sized { width, format, .. }) => {
                format!("\"{}-{width}{}\"", self.hash, format.ending())
            }
        }
    }
}

impl Catalog {
    /// Finds a picture that exists for `viewer`. One of a provider that is not here yet is fetched for those who choose pictures and
    /// see them when they choose.
    pub async fn find_image(
        &self,
        viewer: &Viewer,
        id: ImageId,
        wish: ImageWish,
    ) -> Result<Delivery> {
        let find = async || {
            let mut db = self.connection().await?;
            store::find_original(&mut db, &viewer.scope, id).await
        };
        let mut original = find().await?.ok_or(Error::NotFound("image"))?;
        if original.content_hash.is_none() && viewer.can(Permission::EditImages) {
            self.fetch_image(id).await?;
            original = find().await?.ok_or(Error::NotFound("image"))?;
        }
        self.deliver(original, wish).await.ok_or(Error::NotFound("image"))
    }

    /// Reads a picture, or makes it at the size asked for, and says what type it is.
    pub async fn read_image(&self, delivery: &Delivery) -> Result<(Bytes, String)> {
        let Delivery { hash, mime, variant } = delivery;
        let original = self.gallery.path(hash);
        let Some(Sized { width, format, next }) = *variant else {
            return match tokio::fs::read(&original).await {
                Ok(bytes) => Ok((bytes.into(), mime.clone())),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    Err(Error::NotFound("image"))
                }
                Err(error) => Err(anyhow::Error::from(error).into()),
            };
        };
        if !tokio::fs::try_exists(&original).await.map_err(anyhow::Error::from)? {
            return Err(Error::NotFound("image"));
        }
        let variant = self.variants.get(hash, &original, width, format).await?;
        if let Some(next) = next {
            self.variants.make_later(hash, original, width, next);
        }
        Ok((variant.bytes, variant.format.mime().to_owned()))
    }

    /// The original where it is what was asked for already: not wider, and of the format that the client gets.
    pub(crate) async fn deliver(&self, original: Original, wish: ImageWish) -> Option<Delivery> {
        let hash = hex(&original.content_hash?);
        let mime = original.mime.unwrap_or_else(|| "application/octet-stream".to_owned());
        let Some(wished) = wish.width.map(size::snapped) else {
            return Some(Delivery { hash, mime, variant: None });
        };
        let own = original.width.and_then(|it| u32::try_from(it).ok()).unwrap_or(u32::MAX);
        let width = wished.min(size::snapped(own));
        let is_avif_worth = wish.accept.would_take_avif() && width <= size::MAX_AVIF_LATER;
        let has_avif = is_avif_worth && self.variants.has(&hash, width, Format::Avif).await;
        let format = wish.accept.format(has_avif);
        let is_ready = own <= wished && format.answers().iter().any(|it| it.mime() == mime);
        let next = (is_avif_worth && format != Format::Avif).then_some(Format::Avif);
        let variant = (!is_ready).then_some(Sized { width, format, next });
        Some(Delivery { hash, mime, variant })
    }
}
