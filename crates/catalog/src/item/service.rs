//! What people do with items: list, look at one, go on.

use kernel::id::ItemId;
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::cards::Pictures;
use super::list::{Direction, ItemFilter, ItemSort, Listing, Place};
use super::store::{self, ChildPlace, ImageRow, ItemRow, Wanted};
use super::{Form, ItemCard, ItemDetail, cards, detail};
use crate::{Catalog, cursor};

impl Catalog {
    /// Items that libraries show on top, or the children of one item, filtered and in order.
    pub async fn list_items(
        &self,
        viewer: &Viewer,
        listing: &Listing,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<ItemCard>> {
        let Listing { library_id, ref filter, sort, direction } = *listing;
        refuse_nul(filter)?;
        let direction = direction.unwrap_or_else(|| sort.usual_direction());
        let after = cursor.map(|it| place(it, sort, direction)).transpose()?;
        let scope = library_id.map_or_else(|| viewer.scope.clone(), |it| viewer.scope.narrowed(it));
        let wanted = Wanted { filter, sort, direction, after: after.as_ref() };
        let (scope, wanted) = (&scope, &wanted);
        let find = || {
            self.reading(|mut db| async move {
                let rows =
                    store::list_items(&mut db, scope, viewer.person_id, wanted, limit).await?;
                let page = Page::of(rows, limit, |(place, _)| place.clone());
                Leaf::of(&mut db, viewer, page.map(|it| it.1)).await
            })
        };
        let leaf = if filter.is_personal() || sort == ItemSort::LastPlayedAt {
            find().await?
        } else {
            let question = ("items", filter, sort, direction, cursor, limit.get());
            self.kept(scope, &question, find).await?
        };
        leaf.for_viewer(self, viewer).await
    }

    /// Everything about one item.
    pub async fn find_item(&self, viewer: &Viewer, id: ItemId) -> Result<ItemDetail> {
        let find = || {
            self.reading(|mut db| async move {
                let row = find_row(&mut db, viewer, id).await?;
                let pictures = Pictures::of(&mut db, viewer, std::slice::from_ref(&row)).await?;
                let (card, backdrop) =
                    (cards::bare(row.clone(), &pictures), pictures.backdrop(&row));
                let detail = detail::of_card(&mut db, self, viewer, card, backdrop).await?;
                let detail = detail.ok_or(Error::NotFound("item"))?;
                Ok((row, pictures.into_images(), detail))
            })
        };
        let question = ("item", id, viewer.can(Permission::EditMetadata));
        let (row, images, mut detail): (ItemRow, Vec<ImageRow>, ItemDetail) =
            self.kept(&viewer.scope, &question, find).await?;
        let pictures = Pictures::of_images(viewer.area, images);
        let card = cards::for_viewer(self, viewer, vec![row], &pictures).await?.pop();
        detail.card = card.ok_or(Error::NotFound("item"))?;
        Ok(detail)
    }

    /// One item as lists show it.
    pub async fn find_card(&self, viewer: &Viewer, id: ItemId) -> Result<ItemCard> {
        self.list_cards(viewer, &[id]).await?.pop().ok_or(Error::NotFound("item"))
    }

    /// Those of these items that exist for the viewer, as lists show them.
    pub async fn list_cards(&self, viewer: &Viewer, ids: &[ItemId]) -> Result<Vec<ItemCard>> {
        self.reading(|mut db| async move { cards::of_ids(&mut db, viewer, ids).await }).await
    }

    /// The seasons of a series, the episodes of a season: in order.
    pub async fn list_children(
        &self,
        viewer: &Viewer,
        parent: ItemId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<ItemCard>> {
        let after: Option<ChildPlace> = cursor.map(cursor::decode).transpose()?;
        let (scope, after) = (&viewer.scope, after.as_ref());
        let find = || {
            self.reading(|mut db| async move {
                find_row(&mut db, viewer, parent).await?;
                let rows = store::list_children(&mut db, scope, parent, after, limit).await?;
                let page = Page::of(rows, limit, |(place, _)| place.clone());
                Leaf::of(&mut db, viewer, page.map(|it| it.1)).await
            })
        };
        let question = ("children", parent, cursor, limit.get());
        self.kept(scope, &question, find).await?.for_viewer(self, viewer).await
    }

    /// The leaf after a leaf; of a group the one to watch now.
    pub async fn find_next(&self, viewer: &Viewer, id: ItemId) -> Result<Option<ItemCard>> {
        self.reading(|mut db| async move {
            let row = find_row(&mut db, viewer, id).await?;
            let next = if row.form == Form::Group {
                store::find_leaf_to_watch(&mut db, &viewer.scope, viewer.person_id, &row).await?
            } else {
                store::find_leaf_after(&mut db, &viewer.scope, &row).await?
            };
            let next: Vec<ItemId> = next.into_iter().collect();
            Ok(cards::of_ids(&mut db, viewer, &next).await?.pop())
        })
        .await
    }
}

/// A page of a list without what anybody made of its items.
#[derive(Serialize, Deserialize)]
struct Leaf {
    page: Page<ItemRow>,
    images: Vec<ImageRow>,
}

impl Leaf {
    async fn of(db: &mut PgConnection, viewer: &Viewer, page: Page<ItemRow>) -> Result<Self> {
        let images = Pictures::of(db, viewer, &page.items).await?.into_images();
        Ok(Self { page, images })
    }

    async fn for_viewer(self, catalog: &Catalog, viewer: &Viewer) -> Result<Page<ItemCard>> {
        let Self { page: Page { items, next }, images } = self;
        let pictures = Pictures::of_images(viewer.area, images);
        Ok(Page { items: cards::for_viewer(catalog, viewer, items, &pictures).await?, next })
    }
}

/// The item's row, or that there is no such item for `viewer`.
async fn find_row(db: &mut PgConnection, viewer: &Viewer, id: ItemId) -> Result<ItemRow> {
    let ids: [Uuid; 1] = [id.0];
    store::list_items_by_id(db, &viewer.scope, &ids).await?.pop().ok_or(Error::NotFound("item"))
}

/// The place a cursor stands for, if it is one of this list.
fn place(cursor: &str, sort: ItemSort, direction: Direction) -> Result<Place> {
    let place: Place = cursor::decode(cursor)?;
    if place.sort == sort && place.direction == direction && place.key.fits(sort) {
        Ok(place)
    } else {
        Err(Error::invalid(
            "cursor",
            "it belongs to a list in another order; start again without one",
        ))
    }
}

/// PostgreSQL has no text with a NUL in it, so nothing is called so.
fn refuse_nul(filter: &ItemFilter) -> Result<()> {
    let words =
        [("kind", &filter.kind), ("genre", &filter.genre), ("starts_with", &filter.starts_with)];
    match words.iter().find(|(_, word)| word.as_ref().is_some_and(|it| it.contains('\0'))) {
        Some((field, _)) => Err(Error::invalid(*field, "there is no NUL in a name")),
        None => Ok(()),
    }
}
