//! Pictures of people, which they give themselves.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use kernel::id::PersonId;
use kernel::{Error, Permission, Result, Viewer};
use sha2::{Digest as _, Sha256};

use crate::{Accounts, store};

/// The largest file that is taken.
pub const MAX_BYTES: usize = 8 << 20;

/// A picture as it is kept.
#[derive(Clone, Debug)]
pub struct Avatar {
    /// Another one for every picture.
    pub version: String,
    /// WebP.
    pub picture: Vec<u8>,
}

impl Accounts {
    /// Gives oneself a picture: a JPEG, PNG or WebP file, of which a small square is made.
    pub async fn write_avatar(&self, viewer: &Viewer, file: Bytes) -> Result<String> {
        self.limit_by_person("avatar", viewer.person_id).await?;
        let picture = (self.0.portraits)(file).await?;
        let version = HEXLOWER.encode(&Sha256::digest(&picture)[..8]);
        let avatar = Avatar { version, picture };
        let mut db = self.0.pool.acquire().await?;
        store::avatar::write_avatar(&mut db, viewer.person_id, &avatar).await?;
        Ok(avatar.version)
    }

    /// Parts with one's picture.
    pub async fn delete_avatar(&self, viewer: &Viewer) -> Result<()> {
        let mut db = self.0.pool.acquire().await?;
        if store::avatar::delete_avatar(&mut db, viewer.person_id).await? {
            Ok(())
        } else {
            Err(Error::NotFound("picture"))
        }
    }

    /// The picture of a person: one's own, or for who looks after people anybody's.
    pub async fn find_avatar(&self, viewer: &Viewer, id: PersonId) -> Result<Avatar> {
        if id != viewer.person_id {
            viewer.require(Permission::ManagePeople)?;
        }
        let mut db = self.0.pool.acquire().await?;
        store::avatar::find_avatar(&mut db, id).await?.ok_or(Error::NotFound("picture"))
    }
}
