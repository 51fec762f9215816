//! What people learn of playlists.

use std::collections::{HashMap, HashSet};

use kernel::id::ItemId;
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use postgres::Reading;
use sqlx::PgConnection;

use super::store::{self, EntryPlace, EntryRow, PlaylistPlace, PlaylistRow};
use super::{EntryId, Order, PlaylistCard, PlaylistEntry, PlaylistId};
use crate::item::ImageRef;
use crate::{Catalog, cursor, item};

/// Pictures of a list's tile.
const PICTURES: usize = 4;

impl Catalog {
    /// The person's lists, and those of others that they see, by name.
    pub async fn list_playlists(
        &self,
        viewer: &Viewer,
        only_mine: bool,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<PlaylistCard>> {
        let after: Option<PlaylistPlace> = cursor.map(cursor::decode).transpose()?;
        let after = after.as_ref();
        let read = |mut db: Reading| async move {
            let (scope, person) = (&viewer.scope, viewer.person_id);
            let rows =
                store::list_playlists(&mut db, scope, person, only_mine, after, limit).await?;
            let page = Page::of(rows, limit, |it| PlaylistPlace {
                sort_name: it.sort_name.clone(),
                id: it.id,
            });
            let Page { items, next } = page;
            Ok(Page { items: cards(&mut db, viewer, items).await?, next })
        };
        self.reading(read).await
    }

    /// The person's own lists for them to take along; what is in them comes with [`crate::personal::export`].
    pub async fn export_playlists(&self, viewer: &Viewer) -> Result<Vec<PlaylistCard>> {
        let limit = Limit::new(Some(Limit::MAX));
        Ok(self.list_playlists(viewer, true, None, limit).await?.items)
    }

    /// One list.
    pub async fn find_playlist(&self, viewer: &Viewer, id: PlaylistId) -> Result<PlaylistCard> {
        self.reading(|mut db| async move {
            let row = find(&mut db, viewer, id).await?;
            cards(&mut db, viewer, vec![row]).await?.pop().ok_or(Error::NotFound("playlist"))
        })
        .await
    }

    /// What of a list exists for the viewer, in its order.
    pub async fn list_playlist_entries(
        &self,
        viewer: &Viewer,
        id: PlaylistId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<PlaylistEntry>> {
        let after: Option<EntryPlace> = cursor.map(cursor::decode).transpose()?;
        let after = after.as_ref();
        self.reading(|mut db| async move {
            check_exists(&mut db, viewer, id).await?;
            let rows = store::list_entries(&mut db, &viewer.scope, id, after, limit).await?;
            let page = Page::of(rows, limit, |it| EntryPlace { position: it.position, id: it.id });
            let Page { items, next } = page;
            Ok(Page { items: entries(&mut db, viewer, items).await?, next })
        })
        .await
    }

    /// The entry that comes after one in this order, or the first.
    pub async fn find_next_entry(
        &self,
        viewer: &Viewer,
        id: PlaylistId,
        after: Option<EntryId>,
        order: Order,
    ) -> Result<Option<PlaylistEntry>> {
        self.reading(|mut db| async move {
            check_exists(&mut db, viewer, id).await?;
            let row = match order {
                Order::Own => store::find_next(&mut db, &viewer.scope, id, after).await?,
                Order::Shuffled(seed) => {
                    store::find_next_shuffled(&mut db, &viewer.scope, id, after, seed).await?
                }
            };
            let row: Vec<EntryRow> = row.into_iter().collect();
            Ok(entries(&mut db, viewer, row).await?.pop())
        })
        .await
    }
}

async fn check_exists(db: &mut PgConnection, viewer: &Viewer, id: PlaylistId) -> Result<()> {
    let exists = store::exists(db, &viewer.scope, viewer.person_id, id).await?;
    exists.then_some(()).ok_or(Error::NotFound("playlist"))
}

/// The list, if it exists for the viewer.
async fn find(db: &mut PgConnection, viewer: &Viewer, id: PlaylistId) -> Result<PlaylistRow> {
    let row = store::find_playlist(db, &viewer.scope, viewer.person_id, id).await?;
    row.ok_or(Error::NotFound("playlist"))
}

/// Lists with their pictures: two statements more, whatever their number.
async fn cards(
    db: &mut PgConnection,
    viewer: &Viewer,
    rows: Vec<PlaylistRow>,
) -> Result<Vec<PlaylistCard>> {
    let posters = posters(db, viewer, &rows).await?;
    let may_edit_all = viewer.can(Permission::Administer);
    let card = |row: PlaylistRow| {
        let PlaylistRow {
            id,
            person_id,
            name,
            sort_name: _,
            overview,
            is_shared,
            item_count,
            runtime_ms,
            firsts,
            created_at,
            updated_at,
        } = row;
        let mut seen = HashSet::new();
        let pictures = firsts.iter().filter_map(|it| posters.get(&ItemId(*it)));
        let pictures = pictures.filter(|it| seen.insert(it.id)).take(PICTURES).cloned();
        let is_mine = person_id == viewer.person_id;
        PlaylistCard {
            id,
            name,
            overview,
            is_mine,
            is_shared,
            may_edit: (is_mine || may_edit_all) && viewer.can(Permission::Personalize),
            item_count,
            runtime_ms,
            pictures: pictures.collect(),
            created_at,
            updated_at,
        }
    };
    Ok(rows.into_iter().map(card).collect())
}

async fn posters(
    db: &mut PgConnection,
    viewer: &Viewer,
    rows: &[PlaylistRow],
) -> Result<HashMap<ItemId, ImageRef>> {
    let firsts: HashSet<ItemId> =
        rows.iter().flat_map(|it| &it.firsts).map(|it| ItemId(*it)).collect();
    let firsts: Vec<ItemId> = firsts.into_iter().collect();
    let cards = item::cards_of_ids(db, viewer, &firsts).await?;
    Ok(cards.into_iter().filter_map(|it| Some((it.id, it.poster.or(it.thumb)?))).collect())
}

/// Entries with their cards; of an item that is in the list twice the same one.
async fn entries(
    db: &mut PgConnection,
    viewer: &Viewer,
    rows: Vec<EntryRow>,
) -> Result<Vec<PlaylistEntry>> {
    let ids: HashSet<ItemId> = rows.iter().map(|it| it.item_id).collect();
    let ids: Vec<ItemId> = ids.into_iter().collect();
    let cards = item::cards_of_ids(db, viewer, &ids).await?;
    let cards: HashMap<ItemId, _> = cards.into_iter().map(|it| (it.id, it)).collect();
    let entry = |it: EntryRow| {
        let item = cards.get(&it.item_id)?.clone();
        Some(PlaylistEntry { id: it.id, item })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}
