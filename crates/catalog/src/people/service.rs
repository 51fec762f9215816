//! What people learn of cast and crew.

use std::collections::HashMap;

use kernel::id::ItemId;
use kernel::{Error, Limit, Page, Result, Viewer};
use postgres::Reading;
use uuid::Uuid;

use super::store::{self, CastPlace};
use super::{CastId, CastItem, CastMember, CastPart};
use crate::describe::run::raw;
use crate::item::ImageRef;
use crate::{Catalog, cursor, item};

/// Of many parts in one series the first say enough.
const MAX_PARTS: usize = 8;

impl Catalog {
    /// Somebody who had a part in what `viewer` may see.
    pub async fn find_cast_member(&self, viewer: &Viewer, id: CastId) -> Result<CastMember> {
        self.reading(|mut db| async move {
            let name = store::find_name(&mut db, &viewer.scope, id).await?;
            let name = name.ok_or(Error::NotFound("person"))?;
            let portrait =
                store::list_portraits_unscoped(&mut db, viewer.area, &[id.0]).await?.remove(&id.0);
            let external_ids = store::list_ids_unscoped(&mut db, id).await?.into_iter().collect();
            Ok(CastMember { id, name, portrait, external_ids })
        })
        .await
    }

    /// The portraits of these people, who came from a query with a scope.
    pub async fn list_portraits(
        &self,
        viewer: &Viewer,
        people: &[Uuid],
    ) -> Result<HashMap<Uuid, ImageRef>> {
        self.reading(|mut db| async move {
            store::list_portraits_unscoped(&mut db, viewer.area, people).await
        })
        .await
    }

    /// The films and shows that somebody had a part in, the newest first.
    pub async fn list_cast_items(
        &self,
        viewer: &Viewer,
        id: CastId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<CastItem>> {
        let after: Option<CastPlace> = cursor.map(cursor::decode).transpose()?;
        let (scope, after) = (&viewer.scope, after.as_ref());
        let read = |mut db: Reading| async move {
            store::find_name(&mut db, scope, id).await?.ok_or(Error::NotFound("person"))?;
            let rows = store::list_items(&mut db, scope, id, after, limit).await?;
            let page =
                Page::of(rows, limit, |it| CastPlace { released_on: it.released_on, id: it.id });
            let ids: Vec<ItemId> = page.items.iter().map(|it| it.id).collect();
            let parts = store::list_parts(&mut db, scope, id, &raw(&ids)).await?;
            Ok((page.next, parts, item::cards_of_ids(&mut db, viewer, &ids).await?))
        };
        let (next, rows, cards) = self.reading(read).await?;
        let mut parts: HashMap<ItemId, Vec<CastPart>> = HashMap::new();
        for (item, role, character) in rows {
            let parts = parts.entry(item).or_default();
            if parts.len() < MAX_PARTS {
                parts.push(CastPart { role, character });
            }
        }
        let items = cards
            .into_iter()
            .map(|item| CastItem { parts: parts.remove(&item.id).unwrap_or_default(), item });
        Ok(Page { items: items.collect(), next })
    }
}
