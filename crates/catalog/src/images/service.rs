//! A picture for somebody who may see it.

use std::fmt::Write as _;

use bytes::Bytes;
use kernel::id::ImageId;
use kernel::{Error, Result, Viewer};

use super::size::{self, Format};
use super::store::{self, OriginalRow};
use crate::Catalog;

/// What a client wants of a picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImageWish {
    /// About so many pixels wide; the original where none is named.
    pub width: Option<u32>,
    /// Whether it takes WebP.
    pub takes_webp: bool,
}

/// A picture found, not yet read: its tag says whether it needs to be.
#[derive(Debug)]
pub struct Delivery {
    hash: String,
    mime: String,
    /// None for the original.
    width: Option<u32>,
    takes_webp: bool,
}

impl Delivery {
    /// Changes when the bytes do: the content of the original and what was made of it.
    pub fn etag(&self) -> String {
        match self.width {
            None => format!("\"{}\"", self.hash),
            Some(width) => {
                format!("\"{}-{width}{}\"", self.hash, if self.takes_webp { "w" } else { "" })
            }
        }
    }
}

impl Catalog {
    /// Finds a picture that exists for `viewer`.
    pub async fn find_image(
        &self,
        viewer: &Viewer,
        id: ImageId,
        wish: ImageWish,
    ) -> Result<Delivery> {
        let mut db = self.connection().await?;
        let original = store::find_original(&mut db, &viewer.scope, id)
            .await?
            .ok_or(Error::NotFound("image"))?;
        Ok(delivery(&original, wish))
    }

    /// Reads a picture, or makes it at the size asked for, and says what type it is.
    pub async fn read_image(&self, delivery: &Delivery) -> Result<(Bytes, String)> {
        let Delivery { hash, mime, width, takes_webp } = delivery;
        let original = self.artwork.join(hash.get(..2).unwrap_or(hash)).join(hash);
        let Some(width) = *width else {
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
        let variant = self.variants.get(hash, &original, width, *takes_webp).await?;
        Ok((variant.bytes, variant.format.mime().to_owned()))
    }
}

/// The original where it is what was asked for already: not wider, and of a type that every client shows.
fn delivery(original: &OriginalRow, wish: ImageWish) -> Delivery {
    let hash = original.content_hash.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let mime = original.mime.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
    let is_shown = Format::of_mime(&mime).is_some_and(|it| wish.takes_webp || it != Format::WebP);
    let width = wish.width.map(size::snapped).filter(|width| {
        let fits = original.width.is_some_and(|it| i64::from(it) <= i64::from(*width));
        !(fits && is_shown)
    });
    Delivery { hash, mime, width, takes_webp: wish.takes_webp }
}
