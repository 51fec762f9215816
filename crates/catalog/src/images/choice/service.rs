//! What administrators do with the pictures of an item.

use std::collections::HashSet;

use bytes::Bytes;
use kernel::id::{ImageId, ItemId, LibraryId};
use kernel::{Area, Error, Permission, Result, Viewer};
use sqlx::{Connection as _, PgConnection};
use url::Url;

use super::store::{self, ChoiceRow, NewChoice, Picked};
use super::{ImageChoice, ImageSource, ItemImages, RoleImages};
use crate::Catalog;
use crate::artwork::{FetchFailure, Kept, reconsider};
use crate::item::ImageRef;
use crate::kind::ImageRole;
use crate::library::bump_generation;

/// An address longer than this is none.
const MAX_URL_BYTES: usize = 2000;

impl Catalog {
    /// The pictures an item has or could have, by role.
    pub async fn list_item_images(&self, viewer: &Viewer, item: ItemId) -> Result<ItemImages> {
        viewer.require(Permission::EditImages)?;
        let mut db = self.connection().await?;
        find_library(&mut db, viewer, item).await?;
        list(&mut db, viewer, item).await
    }

    /// Shows one of the item's pictures in `role` from now on.
    pub async fn choose_item_image(
        &self,
        viewer: &Viewer,
        item: ItemId,
        role: ImageRole,
        image: ImageId,
    ) -> Result<ItemImages> {
        viewer.require(Permission::EditImages)?;
        let find = async || {
            let mut db = self.connection().await?;
            find_library(&mut db, viewer, item).await?;
            store::find_picked(&mut db, &viewer.scope, item, image).await
        };
        let mut picked = find().await?.ok_or(Error::NotFound("image"))?;
        if picked.kept.is_none() && picked.source == ImageSource::Remote {
            self.fetch_image(image).await?;
            picked = find().await?.ok_or(Error::NotFound("image"))?;
        }
        let Picked { kept: Some(kept), url, .. } = picked else {
            return Err(Error::conflict("images.unfetchable", "this picture cannot be shown"));
        };
        let choice = NewChoice { source: ImageSource::Found, kept, url };
        self.show(viewer, item, role, &choice).await
    }

    /// Keeps a picture that `viewer` gave, and shows it in `role`.
    pub async fn add_item_image(
        &self,
        viewer: &Viewer,
        item: ItemId,
        role: ImageRole,
        bytes: Bytes,
    ) -> Result<ItemImages> {
        viewer.require(Permission::EditImages)?;
        find_library(&mut *self.connection().await?, viewer, item).await?;
        let kept = self.gallery.keep(move || Ok(bytes.into())).await?;
        let kept = kept.map_err(|problem| Error::invalid("body", problem))?;
        let choice = NewChoice { source: ImageSource::Upload, kept: kept.into(), url: None };
        self.show(viewer, item, role, &choice).await
    }

    /// Fetches a picture from an address that `viewer` gave, and shows it in `role`.
    pub async fn add_item_image_by_link(
        &self,
        viewer: &Viewer,
        item: ItemId,
        role: ImageRole,
        url: String,
    ) -> Result<ItemImages> {
        viewer.require(Permission::EditImages)?;
        find_library(&mut *self.connection().await?, viewer, item).await?;
        let parsed = Url::parse(&url).ok().filter(|it| matches!(it.scheme(), "http" | "https"));
        if parsed.is_none() || url.len() > MAX_URL_BYTES || url.contains('\0') {
            return Err(Error::invalid("url", "expected an address that begins with https://"));
        }
        let kept: Kept = match self.gallery.fetch(&url).await? {
            Ok(kept) => kept,
            Err(FetchFailure::InVain(problem)) => return Err(Error::invalid("url", problem)),
            Err(later @ FetchFailure::Later { .. }) => {
                return Err(Error::conflict("images.unfetchable", later.to_string()));
            }
        };
        let choice = NewChoice { source: ImageSource::Link, kept: kept.into(), url: Some(url) };
        self.show(viewer, item, role, &choice).await
    }

    /// Lets scan and providers decide again what `role` shows.
    pub async fn unlock_item_image(
        &self,
        viewer: &Viewer,
        item: ItemId,
        role: ImageRole,
    ) -> Result<ItemImages> {
        viewer.require(Permission::EditImages)?;
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let library = find_library(&mut tx, viewer, item).await?;
        store::hide(&mut tx, item, role).await?;
        reconsider(&mut tx, &[item.0]).await?;
        bump_generation(&mut tx, library).await?;
        let images = list(&mut tx, viewer, item).await?;
        tx.commit().await?;
        drop(db);
        self.announce_library(library).await;
        Ok(images)
    }

    /// Deletes a picture that somebody gave.
    pub async fn delete_image(&self, viewer: &Viewer, image: ImageId) -> Result<()> {
        viewer.require(Permission::EditImages)?;
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let Some((item, library)) = store::delete_given(&mut tx, &viewer.scope, image).await?
        else {
            if !store::is_image(&mut tx, &viewer.scope, image).await? {
                return Err(Error::NotFound("image"));
            }
            return Err(Error::conflict(
                "images.not_given",
                "only pictures that somebody added can be deleted; choose another one instead",
            ));
        };
        reconsider(&mut tx, &[item.0]).await?;
        bump_generation(&mut tx, library).await?;
        tx.commit().await?;
        drop(db);
        self.announce_library(library).await;
        Ok(())
    }

    async fn show(
        &self,
        viewer: &Viewer,
        item: ItemId,
        role: ImageRole,
        choice: &NewChoice,
    ) -> Result<ItemImages> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let library = find_library(&mut tx, viewer, item).await?;
        store::hide(&mut tx, item, role).await?;
        store::show(&mut tx, self.ids.next(), item, role, choice, viewer.person_id).await?;
        bump_generation(&mut tx, library).await?;
        let images = list(&mut tx, viewer, item).await?;
        tx.commit().await?;
        drop(db);
        self.announce_library(library).await;
        Ok(images)
    }
}

/// The library of an item, or that there is no such item for `viewer`.
async fn find_library(db: &mut PgConnection, viewer: &Viewer, item: ItemId) -> Result<LibraryId> {
    store::find_library(db, &viewer.scope, item).await?.ok_or(Error::NotFound("item"))
}

async fn list(db: &mut PgConnection, viewer: &Viewer, item: ItemId) -> Result<ItemImages> {
    let rows = store::list_choices(db, &viewer.scope, item).await?;
    Ok(ItemImages { roles: ImageRole::ALL.map(|role| of_role(viewer.area, role, &rows)).into() })
}

/// What there is for one role. Of equal pictures only the best is told of, and a copy made by choosing one only when what it
/// was made of is gone.
fn of_role(area: Area, role: ImageRole, rows: &[ChoiceRow]) -> RoleImages {
    let own = || rows.iter().filter(|it| it.role == role.as_str());
    let chosen = own().find(|it| it.is_chosen);
    let shown = chosen.or_else(|| own().find(|it| it.content_hash.is_some()));
    let is_copy = |it: &&ChoiceRow| it.source == ImageSource::Found;
    let in_order = own().filter(|it| !is_copy(it)).chain(own().filter(is_copy));
    let mut seen = HashSet::new();
    let mut images: Vec<ImageChoice> = in_order
        .filter(|it| it.content_hash.as_ref().is_none_or(|hash| seen.insert(hash)))
        .map(|it| ImageChoice {
            image: ImageRef::of(
                area,
                it.id,
                (it.width, it.height),
                it.blurhash.clone(),
                it.color.clone(),
            ),
            source: it.source,
            is_shown: shown.is_some_and(|shown| {
                shown.id == it.id
                    || it.content_hash.is_some() && it.content_hash == shown.content_hash
            }),
            problem: it.problem.clone(),
        })
        .collect();
    images.sort_by_key(|it| !it.is_shown);
    RoleImages { role, is_locked: chosen.is_some(), images }
}
