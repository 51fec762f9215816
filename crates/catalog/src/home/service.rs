//! The first page put together.

use std::collections::HashMap;

use kernel::id::{ItemId, LibraryId};
use kernel::{Result, Viewer};

use super::{Home, HomeRow, HomeRowId, LibraryRef, store};
use crate::Catalog;
use crate::item::ItemCard;

/// Items of a row: more than any screen shows at once.
const ROW_ITEMS: i64 = 24;

impl Catalog {
    /// The first page of `viewer`.
    pub async fn home(&self, viewer: &Viewer) -> Result<Home> {
        let (scope, person) = (&viewer.scope, viewer.person_id);
        let (begun, next_up) = self
            .reading(|mut db| async move {
                let begun = store::list_begun(&mut db, scope, person, ROW_ITEMS).await?;
                Ok((begun, store::list_next_up(&mut db, scope, person, ROW_ITEMS).await?))
            })
            .await?;
        let (latest, libraries): (Vec<(LibraryId, ItemId)>, Vec<LibraryRef>) = self
            .kept(scope, &"latest", || {
                self.reading(|mut db| async move {
                    let latest = store::list_latest(&mut db, scope, ROW_ITEMS).await?;
                    Ok((latest, store::list_library_names(&mut db, scope).await?))
                })
            })
            .await?;

        // One item may stand in several rows: each is fetched once.
        let mut ids: Vec<ItemId> =
            begun.iter().chain(&next_up).copied().chain(latest.iter().map(|it| it.1)).collect();
        ids.sort_unstable();
        ids.dedup();
        let cards = self.list_cards(viewer, &ids).await?;
        let cards: HashMap<ItemId, ItemCard> = cards.into_iter().map(|it| (it.id, it)).collect();
        let row = |id: HomeRowId, library: Option<LibraryRef>, ids: &[ItemId]| HomeRow {
            id,
            library,
            items: ids.iter().filter_map(|it| cards.get(it).cloned()).collect(),
        };

        let mut rows =
            vec![row(HomeRowId::Continue, None, &begun), row(HomeRowId::NextUp, None, &next_up)];
        for library in libraries {
            let ids: Vec<ItemId> =
                latest.iter().filter(|it| it.0 == library.id).map(|it| it.1).collect();
            rows.push(row(HomeRowId::Latest, Some(library), &ids));
        }
        rows.retain(|it| !it.items.is_empty());
        Ok(Home { rows })
    }
}
