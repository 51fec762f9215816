//! The area's own lists.

use catalog::Catalog;
use catalog::cursor;
use catalog::item::{ImageRef, ItemCard};
use kernel::id::ItemId;
use kernel::{Error, Limit, Page, Result, Viewer};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::store::{self, SceneFilter, ScenePlace, SharedPlace, SharedRow};

/// A performer, studio or tag.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Shared {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Scenes that are there.
    pub scene_count: i64,
    /// Of a performer, where there is one.
    pub portrait: Option<ImageRef>,
}

/// What a scene leads on to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SceneLink {
    /// `studio`, `tag`, `genre` or `performer`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// What lists of labels are of.
#[derive(Clone, Copy, Debug)]
pub enum Labels {
    Studios,
    Tags,
}

impl Labels {
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Studios => &["studio"],
            // NFO files call them either.
            Self::Tags => &["tag", "genre"],
        }
    }
}

/// Scenes, the newest first.
pub async fn list_scenes(
    catalog: &Catalog,
    viewer: &Viewer,
    filter: SceneFilter,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<ItemCard>> {
    let after: Option<ScenePlace> = cursor.map(cursor::decode).transpose()?;
    let (scope, after) = (&viewer.scope, after.as_ref());
    let rows = catalog.reading(|mut db| async move {
        store::list_scenes(&mut db, scope, filter, after, limit).await
    });
    let rows = rows.await?;
    let page = Page::of(rows, limit, Clone::clone);
    let ids: Vec<ItemId> = page.items.iter().map(|it| it.id).collect();
    Ok(Page { items: catalog.list_cards(viewer, &ids).await?, next: page.next })
}

/// Performers by name.
pub async fn list_performers(
    catalog: &Catalog,
    viewer: &Viewer,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<Shared>> {
    let after: Option<SharedPlace> = cursor.map(cursor::decode).transpose()?;
    let (scope, after) = (&viewer.scope, after.as_ref());
    let rows = catalog.reading(|mut db| async move {
        store::list_performers(&mut db, scope, after, limit).await
    });
    let rows = rows.await?;
    let ids: Vec<Uuid> = rows.iter().map(|it| it.id).collect();
    let mut portraits = catalog.list_portraits(viewer, &ids).await?;
    Ok(page(rows, limit, |id| portraits.remove(&id)))
}

/// Studios or tags by name.
pub async fn list_labels(
    catalog: &Catalog,
    viewer: &Viewer,
    labels: Labels,
    cursor: Option<&str>,
    limit: Limit,
) -> Result<Page<Shared>> {
    let after: Option<SharedPlace> = cursor.map(cursor::decode).transpose()?;
    let (scope, kinds, after) = (&viewer.scope, labels.kinds(), after.as_ref());
    let rows = catalog.reading(|mut db| async move {
        store::list_labels(&mut db, scope, kinds, after, limit).await
    });
    let rows = rows.await?;
    Ok(page(rows, limit, |_| None))
}

fn page(
    rows: Vec<SharedRow>,
    limit: Limit,
    mut portrait: impl FnMut(Uuid) -> Option<ImageRef>,
) -> Page<Shared> {
    let place = |it: &SharedRow| SharedPlace { sort_name: it.sort_name.clone(), id: it.id };
    Page::of(rows, limit, place).map(|it| {
        let SharedRow { id, name, sort_name: _, scene_count } = it;
        Shared { id, name, scene_count, portrait: portrait(id) }
    })
}

/// The studio or tag `id`.
pub async fn find_label(catalog: &Catalog, viewer: &Viewer, id: Uuid) -> Result<SceneLink> {
    let found = catalog
        .reading(|mut db| async move { store::find_label(&mut db, &viewer.scope, id).await });
    let found = found.await?;
    let (kind, name) = found.ok_or(Error::NotFound("label"))?;
    Ok(SceneLink { kind, id, name })
}

/// What the scene leads on to.
pub async fn list_links(
    catalog: &Catalog,
    viewer: &Viewer,
    scene: ItemId,
) -> Result<Vec<SceneLink>> {
    // A scene that does not exist has no links, and is no scene.
    catalog.find_card(viewer, scene).await?;
    let rows = catalog
        .reading(|mut db| async move { store::list_shared(&mut db, &viewer.scope, scene).await });
    let rows = rows.await?;
    Ok(rows.into_iter().map(|(kind, id, name)| SceneLink { kind, id, name }).collect())
}
