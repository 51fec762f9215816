//! What people learn of collections.

use std::collections::HashMap;

use kernel::id::ItemId;
use kernel::{Error, Limit, Page, Result, Viewer};
use postgres::Reading;

use super::store::{self, CollectionPlace};
use super::{CollectionCard, CollectionDetail, CollectionId};
use crate::{Catalog, cursor, item};

/// Items of one set: the longest row of films has a fraction of it.
const MAX_ITEMS: i64 = 500;

impl Catalog {
    /// The sets of films that `viewer` may see something of, by name.
    pub async fn list_collections(
        &self,
        viewer: &Viewer,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<CollectionCard>> {
        let after: Option<CollectionPlace> = cursor.map(cursor::decode).transpose()?;
        let after = after.as_ref();
        let read = |mut db: Reading| async move {
            let rows = store::list_collections(&mut db, &viewer.scope, after, limit).await?;
            let page = Page::of(rows, limit, |it| CollectionPlace {
                sort_name: it.sort_name.clone(),
                id: it.id,
            });
            let firsts: Vec<ItemId> = page.items.iter().filter_map(|it| it.first_item).collect();
            Ok((page, item::cards_of_ids(&mut db, viewer, &firsts).await?))
        };
        let (page, cards) = self.reading(read).await?;
        let posters: HashMap<ItemId, _> = cards.into_iter().map(|it| (it.id, it.poster)).collect();
        Ok(page.map(|row| CollectionCard {
            id: row.id,
            name: row.name,
            item_count: row.item_count,
            poster: row.first_item.and_then(|it| posters.get(&it).cloned().flatten()),
        }))
    }

    /// One set with its items.
    pub async fn find_collection(
        &self,
        viewer: &Viewer,
        id: CollectionId,
    ) -> Result<CollectionDetail> {
        self.reading(|mut db| async move {
            let found = store::find_collection(&mut db, &viewer.scope, id).await?;
            let (name, overview) = found.ok_or(Error::NotFound("collection"))?;
            let ids = store::list_items(&mut db, &viewer.scope, id, MAX_ITEMS).await?;
            let items = item::cards_of_ids(&mut db, viewer, &ids).await?;
            Ok(CollectionDetail { id, name, overview, items })
        })
        .await
    }
}
